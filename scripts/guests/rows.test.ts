import { describe, expect, it } from 'vitest';
import { listGuestPrograms } from './catalogue.ts';
import { countObservations, ROWS, tableOfRows } from './rows.ts';

describe('countObservations', () => {
  it('counts each labelled value once under its heading, and nothing else', () => {
    expect(
      countObservations('exit 0\nfirst: 0\nfirst: 0\n\nsecond: "x"\n-- again: 1\nfirst: 0\nno value:\n'),
    ).toBe(3);
    expect(countObservations('stream\n  reads: 1\ndgram\n  reads: 1\n')).toBe(2);
  });
});

describe('the rows', () => {
  const programs = listGuestPrograms();

  it('have a program each that is named after it, with the behaviour in its first line', () => {
    const table = tableOfRows(programs, () => 1);
    expect(table.map(({ row }) => row)).toEqual(ROWS);
    expect(table.filter(({ behaviour }) => behaviour === '')).toEqual([]);
  });

  it('are named by every unix program', () => {
    const missing = programs.filter((one) => one.area === 'unix' && !one.isPart && one.rows.length === 0);
    expect(missing.map(({ name }) => name)).toEqual([]);
    expect(programs.flatMap(({ rows }) => rows).filter((row) => !ROWS.includes(row))).toEqual([]);
  });
});
