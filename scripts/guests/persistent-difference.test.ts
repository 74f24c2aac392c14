import { expect, it } from 'vitest';
import { MOST_RUNS, persistentDifference } from './persistent-difference.ts';

/** The difference that these runs have, and how many of them were needed. */
async function differenceOf(golden: string, runs: string[]): Promise<[string[], number]> {
  let count = 0;
  const difference = await persistentDifference(
    golden,
    async () => runs[Math.min(count++, runs.length - 1)] ?? '',
  );
  return [difference, count];
}

it('runs once what agrees at once', async () => {
  expect(await differenceOf('a\nb', ['a\nb'])).toEqual([[], 1]);
});

it('forgives lines that differ in one run only', async () => {
  expect(await differenceOf('a\nb\nc', ['x\nb\nc', 'a\nb\ny\nmore'])).toEqual([[], 2]);
});

it('keeps what differs in every run', async () => {
  expect(await differenceOf('a\nb\nc', ['x\nb\nC', 'a\nB\nC', 'a\nb\nC\nd'])).toEqual([
    ['removed at line 3: c', 'added at line 4: C'],
    MOST_RUNS,
  ]);
});

it('keeps another order', async () => {
  const [difference] = await differenceOf('a\nb\nc', ['b\na\nc']);
  expect(difference).not.toEqual([]);
});

it('keeps a line that is missing or too much', async () => {
  expect((await differenceOf('a\nb', ['a']))[0]).toEqual(['removed at line 2: b']);
  expect((await differenceOf('a', ['a\nb']))[0]).toEqual(['added at line 2: b']);
});
