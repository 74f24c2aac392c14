import { describe, expect, test } from 'vitest';
import type { OpenFile } from '../../file/open-file.ts';
import { F_RDLCK, F_WRLCK, FileLocks, type RangeLock } from './file-locks.ts';

const ALICE = { name: 'alice' };
const BOB = { name: 'bob' };

function range(owner: object, type: number, start: number, end: number): RangeLock {
  return { owner, file: {} as OpenFile, pid: 1, type, start, end };
}

function held(locks: FileLocks): string[] {
  return locks.ranges.map(
    ({ owner, type, start, end }) => `${(owner as typeof ALICE).name} ${type} ${start}-${end}`,
  );
}

describe('range locks', () => {
  test('of one owner join, split and change type', () => {
    const locks = new FileLocks();
    locks.set(range(ALICE, F_RDLCK, 0, 10));
    locks.set(range(ALICE, F_RDLCK, 10, 20));
    expect(held(locks)).toEqual(['alice 0 0-20']);
    locks.set(range(ALICE, F_WRLCK, 5, 8));
    expect(held(locks)).toEqual(['alice 0 0-5', 'alice 1 5-8', 'alice 0 8-20']);
    locks.clear(ALICE, 0, 6);
    expect(held(locks)).toEqual(['alice 1 6-8', 'alice 0 8-20']);
  });

  test('conflict when they overlap and one of them writes', () => {
    const locks = new FileLocks();
    locks.set(range(ALICE, F_RDLCK, 0, Number.POSITIVE_INFINITY));
    expect(locks.conflict(range(BOB, F_RDLCK, 5, 6))).toBeUndefined();
    expect(locks.conflict(range(BOB, F_WRLCK, 5, 6))?.owner).toBe(ALICE);
    locks.clear(ALICE, 5, 6);
    expect(locks.conflict(range(BOB, F_WRLCK, 5, 6))).toBeUndefined();
  });

  test('are found in the order in which their owners came', () => {
    const locks = new FileLocks();
    locks.set(range(BOB, F_RDLCK, 20, 25));
    locks.set(range(ALICE, F_RDLCK, 10, 30));
    locks.set(range(BOB, F_RDLCK, 12, 14));
    expect(held(locks)).toEqual(['bob 0 12-14', 'bob 0 20-25', 'alice 0 10-30']);
    expect(locks.conflict(range({}, F_WRLCK, 15, 30))?.owner).toBe(BOB);
    locks.releaseOwner(BOB);
    locks.set(range(BOB, F_RDLCK, 0, 5));
    expect(held(locks)).toEqual(['alice 0 10-30', 'bob 0 0-5']);
  });

  test('go with their owner', () => {
    const locks = new FileLocks();
    locks.set(range(ALICE, F_WRLCK, 0, 1));
    locks.set(range(BOB, F_WRLCK, 1, 2));
    locks.releaseOwner(ALICE);
    expect(held(locks)).toEqual(['bob 1 1-2']);
  });
});

test('flock is shared or exclusive, and a conversion that fails has given up what it held', () => {
  const locks = new FileLocks();
  const [one, two] = [{}, {}] as [OpenFile, OpenFile];
  expect(locks.tryFlock(one, F_RDLCK, 7)).toBe(true);
  expect(locks.tryFlock(two, F_RDLCK, 7)).toBe(true);
  expect(locks.tryFlock(one, F_WRLCK, 7)).toBe(false);
  expect(locks.tryFlock(two, F_WRLCK, 7)).toBe(true);
});
