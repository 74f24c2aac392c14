import { describe, expect, it } from 'vitest';
import { diffLines } from '../../cli/testing/diff.ts';
import { explain, readKnownDifferences } from './known-differences.ts';

const TABLE = `# Known differences

| program | Linux | Rivulet | reason |
|--|--|--|--|
| unix/u00 | \`size: 1 \\| 2\` | \`size: 3\` | because |
| unix/u00 | | \`extra: 1\` | because of that |
`;

describe('known differences', () => {
  const known = readKnownDifferences(TABLE);

  it('are read from the table', () => {
    expect(known).toEqual([
      { program: 'unix/u00', linux: 'size: 1 | 2', rivulet: 'size: 3', reason: 'because' },
      { program: 'unix/u00', linux: '', rivulet: 'extra: 1', reason: 'because of that' },
    ]);
    expect(readKnownDifferences()).toBeInstanceOf(Array);
    expect(() => readKnownDifferences('|a|\n|-|\n| unix/x | a | b | |')).toThrow('needs a program');
  });

  it('explain exactly what they name', () => {
    const linux = ['first: 0', 'size: 1 | 2', 'last: 0'];
    const both = explain(diffLines(linux, ['first: 0', 'size: 3', 'extra: 1', 'last: 0']), known);
    expect(both.unexplained).toEqual([]);
    expect(both.used.size).toBe(2);
    const other = explain(diffLines(linux, ['first: 0', 'size: 4', 'last: 0']), known);
    expect(other.unexplained.map(({ line }) => line)).toEqual(['size: 1 | 2', 'size: 4']);
    expect(other.used.size).toBe(0);
  });
});
