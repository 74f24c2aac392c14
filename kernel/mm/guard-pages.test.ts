import { expect, it } from 'vitest';
import { GuardPages } from './guard-pages.ts';

it('guard pages are what was added and not removed, as a set of pages is', () => {
  const guards = new GuardPages();
  const pages = new Set<number>();
  let state = 7;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * limit);
  };
  for (let round = 0; round < 500; round++) {
    const first = below(100);
    const end = first + 1 + below(12);
    const isAdded = below(2) === 0;
    if (isAdded) guards.add(first, end);
    else guards.remove(first, end);
    for (let page = first; page < end; page++) {
      if (isAdded) pages.add(page);
      else pages.delete(page);
    }
    const all = Array.from({ length: 120 }, (_, page) => page);
    expect(all.filter((page) => guards.has(page))).toEqual(all.filter((page) => pages.has(page)));
  }
});

it('guards move with their pages', () => {
  const guards = new GuardPages();
  guards.add(10, 12);
  guards.add(14, 20);
  guards.move(11, 16, 100);
  expect([10, 11, 14, 16, 100, 101, 103, 104, 105].map((page) => guards.has(page))).toEqual([
    true,
    false,
    false,
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
  expect(guards.firstFrom(101)).toBe(103);
  expect(guards.copy().firstFrom(105)).toBe(Number.POSITIVE_INFINITY);
});
