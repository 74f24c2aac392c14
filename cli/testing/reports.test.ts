import { describe, expect, it } from 'vitest';
import { countResults, formatJunit, PLAIN, TAP } from './reports.ts';
import type { TestResult } from './runner.ts';

const nothing = { seconds: 0.5, message: '', difference: '', stderr: '' };
const results: TestResult[] = [
  { ...nothing, name: 'good', outcome: 'passed' },
  {
    ...nothing,
    name: 'sub/b#d & <"odd">',
    outcome: 'failed',
    message: 'the output differs',
    difference: '--- expected\n+++ seen\n-a]]>\n+\x1b[31m\0\xc3\xa4\xff',
    stderr: 'oh\n',
  },
  { ...nothing, name: 'later', outcome: 'skipped', message: 'not # yet' },
];

describe('reports', () => {
  it('are lines for people, without control characters', () => {
    const text = results.map((result, index) => PLAIN.line(result, index + 1)).join('');
    expect(text).toContain('ok   good (0.50 s)\n');
    expect(text).toContain('     +\\x1b[31m\\x00Ã¤ÿ\n');
    expect(text).toContain('     standard error:\n     oh\n');
    expect(PLAIN.tail(countResults(results, 2))).toBe('1 passed, 1 failed, 1 skipped (2.0 s)\n');
  });

  it('are TAP', () => {
    const text = TAP.head(3) + results.map((result, index) => TAP.line(result, index + 1)).join('');
    const lines = text.split('\n');
    expect(lines.slice(0, 3)).toEqual(['TAP version 14', '1..3', 'ok 1 - good']);
    expect(lines).toContain('not ok 2 - sub/b\\#d & <"odd">');
    expect(lines).toContain('    -a]]>');
    expect(lines).toContain('ok 3 - later # SKIP not \\# yet');
    // every diagnostic block is closed, and nothing else begins in the first column
    expect(lines.filter((line) => line === '  ---')).toHaveLength(2);
    expect(lines.filter((line) => line === '  ...')).toHaveLength(2);
    expect(lines.filter((line) => !/^(TAP|1\.\.3|ok|not ok| {2}|$)/.test(line))).toEqual([]);
  });

  it('are XML that holds any output', () => {
    const text = formatJunit('tests & more', results, countResults(results, 2));
    expect(text).toContain(
      '<testsuite name="tests &amp; more" tests="3" failures="1" errors="0" skipped="1" time="2.000">',
    );
    expect(text).toContain(
      '<testcase classname="sub" name="b#d &amp; &lt;&quot;odd&quot;&gt;" time="0.500">',
    );
    expect(text).toContain('-a]]&gt;\n+\\x1b[31m\\x00');
    expect(text).toContain('<skipped message="not # yet"/>');
    expect(text).toContain('<system-err>oh</system-err>');
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
