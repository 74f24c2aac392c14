import { describe, expect, it } from 'vitest';
import { Scheduler } from './scheduler.ts';
import type { Slice } from './slice.ts';
import type { Thread } from './task/thread.ts';
import { Timers } from './time/timers.ts';

function thread(rank: number): Thread {
  const usage = { voluntarySwitches: 0, involuntarySwitches: 0 };
  return { state: 'runnable', isQueued: false, isHeld: false, rank, usage } as Thread;
}

function filled(...threads: Thread[]): Scheduler {
  const scheduler = new Scheduler(new Timers());
  for (const one of threads) scheduler.enqueue(one);
  return scheduler;
}

function run(scheduler: Scheduler, running: Thread): Slice {
  const slice: Slice = {
    thread: running,
    startNs: 0,
    startWork: 0,
    budget: 1000,
    codeEnd: Number.POSITIVE_INFINITY,
  };
  scheduler.slice = slice;
  return slice;
}

/** One slice of whoever is next. */
function turn(scheduler: Scheduler, ticks: number, keepsPlace: boolean): Thread {
  const next = scheduler.next();
  if (next === undefined) throw new Error('nobody can run');
  scheduler.charge(next, ticks);
  scheduler.requeue(next, keepsPlace);
  return next;
}

describe('the scheduler', () => {
  it('lets threads with a rank go first, of equals who came first, and then the others', () => {
    const [other, low, high, later] = [thread(0), thread(1), thread(50), thread(50)];
    const scheduler = filled(other, low, high, later);
    expect(scheduler.runnableCount).toBe(4);
    expect([scheduler.next(), scheduler.next(), scheduler.next(), scheduler.next()]).toEqual([
      high,
      later,
      low,
      other,
    ]);
    expect(scheduler.next()).toBeUndefined();
  });

  it.each([5, 0])('leaves threads their place or puts them behind their equals, at rank %i', (rank) => {
    const [a, b] = [thread(rank), thread(rank)];
    const scheduler = filled(a, b);
    expect([true, false, true, true, false].map((keeps) => turn(scheduler, 1, keeps))).toEqual([
      a,
      a,
      b,
      b,
      b,
    ]);
    expect(scheduler.waiting).toEqual([a, b]);
    expect([a, b].map(({ usage }) => usage.involuntarySwitches)).toEqual([1, 1]);
  });

  it('ends the slice of who is outranked', () => {
    const scheduler = filled();
    const slice = run(scheduler, thread(5));
    scheduler.enqueue(thread(0));
    scheduler.enqueue(thread(5));
    expect(slice.budget).toBe(1000);
    scheduler.enqueue(thread(6));
    expect(slice.budget).toBe(0);
  });

  it('ends the slice of who lowers itself under another', () => {
    const running = thread(9);
    const scheduler = filled(thread(8));
    const slice = run(scheduler, running);
    scheduler.setRank(running, 8);
    expect(slice.budget).toBe(1000);
    scheduler.setRank(running, 7);
    expect(slice.budget).toBe(0);
  });

  it('moves who waits: to the end when it is raised, to the front when it is lowered', () => {
    const [a, b, c, d] = [thread(3), thread(3), thread(0), thread(9)];
    const scheduler = filled(a, b, c, d);
    scheduler.setRank(c, 3);
    scheduler.setRank(d, 3);
    expect(scheduler.waiting).toEqual([d, a, b, c]);
    scheduler.setRank(a, 0);
    expect([1, 2, 3, 4].map(() => scheduler.next())).toEqual([d, b, c, a]);
    expect(scheduler.runnableCount).toBe(0);
  });

  it('leaves the others a twentieth of the time', () => {
    const [urgent, other] = [thread(99), thread(0)];
    const scheduler = filled(urgent, other);
    const slices = Array.from({ length: 400 }, () => turn(scheduler, 500_000, false));
    expect(slices.filter((one) => one === other)).toHaveLength(20);
    expect(slices.indexOf(other)).toBe(190);
  });

  it('passes over those that died, and those that a debugger holds', () => {
    const [dead, held, free] = [thread(7), thread(6), thread(0)];
    const scheduler = filled(dead, held, free);
    dead.state = 'dead';
    held.isHeld = true;
    expect(scheduler.next()).toBe(free);
    expect(scheduler.next()).toBeUndefined();
    held.isHeld = false;
    expect(scheduler.next()).toBe(held);
  });
});
