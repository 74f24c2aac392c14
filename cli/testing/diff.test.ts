import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, formatDiff } from './diff.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });

describe('diffLines', () => {
  it('leads from one text to the other, whatever they are', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const edits = diffLines(before, after);
        expect(edits.filter(({ kind }) => kind !== 'added').map(({ line }) => line)).toEqual(before);
        expect(edits.filter(({ kind }) => kind !== 'removed').map(({ line }) => line)).toEqual(after);
      }),
    );
  });

  it('keeps what is common', () => {
    const kinds = diffLines(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd', 'e']).map(({ kind }) => kind);
    expect(kinds).toEqual(['same', 'removed', 'added', 'same', 'same', 'added']);
  });

  it('gives up on texts without anything in common instead of searching', () => {
    const before = Array.from({ length: 20_000 }, (_, i) => `old ${i}`);
    const after = Array.from({ length: 20_000 }, (_, i) => `new ${i}`);
    const started = Date.now();
    expect(diffLines(before, after)).toHaveLength(40_000);
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe('formatDiff', () => {
  const labels = { before: 'expected', after: 'seen' };

  it('shows changes with three lines of context', () => {
    const before = `${Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n')}\n`;
    expect(formatDiff(before, before.replace('line 9', 'LINE 9'), labels).split('\n')).toEqual([
      '--- expected',
      '+++ seen',
      '@@ line 7 @@',
      ' line 6',
      ' line 7',
      ' line 8',
      '-line 9',
      '+LINE 9',
      ' line 10',
      ' line 11',
      ' line 12',
    ]);
  });

  it('tells of a line feed that is missing', () => {
    expect(formatDiff('a\n', 'a', labels)).toContain('+\\ no line feed at the end');
    expect(formatDiff('a', 'a', labels)).toBe('');
  });
});
