// What a test run looks like: lines for people, TAP version 14 (testanything.org), or a JUnit XML document.
// test.ts feeds results one by one; whatever programs print is escaped so that it cannot break the format.
import type { TestResult } from './runner.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly recorded: number;
  readonly seconds: number;
}

/** Adds up results. */
export function countResults(results: readonly TestResult[], seconds: number): Counts {
  const count = (outcome: TestResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    recorded: count('recorded'),
    seconds,
  };
}

/** What goes to standard output: before, with each result, and after. */
export interface Report {
  head(tests: number): string;
  line(result: TestResult, number: number): string;
  tail(counts: Counts): string;
}

const WORDS = { passed: 'ok', failed: 'FAIL', skipped: 'skip', recorded: 'recorded' } as const;

export const PLAIN: Report = {
  head: () => '',
  line: ({ name, outcome, seconds, message, difference, stderr }) => {
    const said = message === '' ? '' : `: ${printable(message)}`;
    const first = `${WORDS[outcome].padEnd(4)} ${printable(name)} (${seconds.toFixed(2)} s)${said}\n`;
    return outcome === 'failed' ? first + indent(details(difference, stderr), '     ') : first;
  },
  tail: ({ passed, failed, skipped, recorded, seconds }) => {
    const parts = [`${passed} passed`, `${failed} failed`];
    if (skipped > 0) parts.push(`${skipped} skipped`);
    if (recorded > 0) parts.push(`${recorded} written down`);
    return `${parts.join(', ')} (${seconds.toFixed(1)} s)\n`;
  },
};

export const TAP: Report = {
  head: (tests) => `TAP version 14\n1..${tests}\n`,
  line: ({ name, outcome, seconds, message, difference, stderr }, number) => {
    const good = outcome === 'failed' ? 'not ok' : 'ok';
    const directive = outcome === 'skipped' ? ` # SKIP ${tapText(message)}` : '';
    const first = `${good} ${number} - ${tapText(name)}${directive}\n`;
    if (outcome === 'skipped') return first;
    const block = [`duration_ms: ${(seconds * 1000).toFixed(0)}`];
    if (message !== '') block.push(`message: ${JSON.stringify(printable(message))}`);
    if (difference !== '') block.push('difference: |', indent(printable(difference), '  ').trimEnd());
    if (outcome === 'failed' && stderr !== '')
      block.push('stderr: |', indent(printable(lastLines(stderr)), '  ').trimEnd());
    return `${first}${indent(['---', ...block, '...'].join('\n'), '  ')}`;
  },
  tail: ({ passed, failed, skipped }) => `# ${passed} passed, ${failed} failed, ${skipped} skipped\n`,
};

/** The whole document, as CI services read it. `suite` names the run. */
export function formatJunit(suite: string, results: readonly TestResult[], counts: Counts): string {
  const totals =
    `tests="${results.length}" failures="${counts.failed}" errors="0" skipped="${counts.skipped}" ` +
    `time="${counts.seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `  <testsuite name="${xml(suite)}" ${totals}>`,
    ...results.map(junitCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function junitCase({ name, outcome, seconds, message, difference, stderr }: TestResult): string {
  const slash = name.lastIndexOf('/');
  const folder = slash < 0 ? '.' : name.slice(0, slash);
  const open = `    <testcase classname="${xml(folder)}" name="${xml(name.slice(slash + 1))}" time="${seconds.toFixed(3)}"`;
  const inside: string[] = [];
  if (outcome === 'failed') inside.push(`<failure message="${xml(message)}">${xml(difference)}</failure>`);
  if (outcome === 'skipped') inside.push(`<skipped message="${xml(message)}"/>`);
  if (outcome === 'failed' && stderr !== '')
    inside.push(`<system-err>${xml(lastLines(stderr))}</system-err>`);
  return inside.length === 0 ? `${open}/>` : `${open}>${inside.join('')}</testcase>`;
}

function details(difference: string, stderr: string): string {
  const said = stderr === '' ? '' : `standard error:\n${lastLines(stderr)}`;
  return printable([difference, said].filter(Boolean).join('\n'));
}

const MOST_STDERR_LINES = 20;

function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n');
  const left = lines.length - MOST_STDERR_LINES;
  return left > 0 ? `… ${left} lines before\n${lines.slice(left).join('\n')}` : lines.join('\n');
}

function indent(text: string, by: string): string {
  return text === '' ? '' : `${text.replace(/^/gm, by)}\n`;
}

/** Control characters as \xNN, so that a terminal stays as it is; bytes that are UTF-8 are shown as that. */
function printable(text: string): string {
  return asUtf8(text).replace(/\p{Cc}/gu, (c) =>
    c === '\n' || c === '\t' ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Text that came as one character a byte. */
function asUtf8(text: string): string {
  const isBytes = [...text].every((c) => c.charCodeAt(0) <= 0xff);
  if (!isBytes || !/[\x80-\xff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}

/** TAP 14, "Escaping": a # begins a directive. */
function tapText(text: string): string {
  return printable(text).replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML 1.0 cannot hold in any form are written as \xNN. */
function xml(text: string): string {
  return printable(text)
    .replace(/[&<>"]/g, (c) => ENTITIES[c] as string)
    .replace(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g,
      '\ufffd',
    );
}
