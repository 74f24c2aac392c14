// The guest programs: what lies under guest-programs/, with the directives of each program's leading comment.
// Read by the compile, golden and system-test code. guest-programs/README.md documents the directives.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Command {
  /** Area and name, as in `unix/stream-server`. */
  program: string;
  args: string[];
}

export interface GuestProgram {
  name: string;
  area: string;
  source: string;
  /** The first line of the leading comment. */
  summary: string;
  /** AF_UNIX rows (U01 …) it observes; what it prints counts for the first. */
  rows: string[];
  /** Where the kernel contradicts what is often written about a row. */
  contrary: string[];
  args: string[];
  stdin: string;
  env: Record<string, string>;
  /** The exit status, 128 + n for signal n. */
  exit: number;
  /** A program to run at the same time; its output is compared as well. */
  partner: Command | undefined;
  /** Run by another program only (its partner, or through exec). */
  isPart: boolean;
  /** Why it cannot run on the host's own kernel. */
  skipNative: string | undefined;
  /** Why it cannot run under Rivulet yet. */
  skipGuest: string | undefined;
  needsRoot: boolean;
  /** What it prints depends on how punctual the machine is; under Rivulet a virtual clock always is. */
  isPunctual: boolean;
  /** Compiler options beyond the usual. */
  flags: string[];
  /** Links the small runtime of lib/mini-libc.c on riscv64 and is kept prebuilt. */
  isPrebuilt: boolean;
}

const ROOT = 'guest-programs';
const NOT_AREAS = new Set(['lib', 'prebuilt']);

export function listGuestPrograms(): GuestProgram[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_AREAS.has(entry.name))
    .flatMap((area) =>
      readdirSync(join(ROOT, area.name))
        .filter((file) => file.endsWith('.c'))
        .map((file) => describe(area.name, file.slice(0, -2))),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(area: string, base: string): GuestProgram {
  const source = `${ROOT}/${area}/${base}.c`;
  const comment = leadingComment(readFileSync(source, 'utf8'));
  const directive = (key: string): string | undefined => {
    const found = comment.find((line) => line.startsWith(`${key}:`));
    return found?.slice(key.length + 1).trim();
  };
  const words = (text: string | undefined) => text?.split(/\s+/).filter(Boolean) ?? [];
  const directives = (key: string): string[] =>
    comment.filter((line) => line.startsWith(`${key}:`)).map((line) => line.slice(key.length + 1).trim());
  const summary = comment[0] ?? '';
  const [partner, ...partnerArgs] = words(directive('partner'));
  const needs = words(directive('needs'));
  return {
    name: `${area}/${base}`,
    area,
    source,
    summary,
    rows: [...summary.matchAll(/^U\d\d(?=:)/g)].map(([row]) => row).concat(words(directive('rows'))),
    contrary: directives('contrary'),
    args: words(directive('args')),
    stdin: (directive('stdin') ?? '').replaceAll('\\n', '\n'),
    env: Object.fromEntries(words(directive('env')).map((pair) => pair.split('=', 2) as [string, string])),
    exit: Number(directive('exit') ?? 0),
    partner: partner ? { program: partner, args: partnerArgs } : undefined,
    isPart: comment.some((line) => line === 'part'),
    skipNative: directive('skip-native'),
    skipGuest: directive('skip-guest'),
    needsRoot: needs.includes('root'),
    isPunctual: needs.includes('punctuality'),
    flags: words(directive('flags')),
    isPrebuilt: area === 'demo',
  };
}

function leadingComment(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('//')) break;
    lines.push(line.slice(2).trim());
  }
  return lines;
}
