import { describe, expect, it } from 'vitest';
import { type Waiter, WaitQueue } from './wait.ts';

class Named implements Waiter {
  readonly name: string;
  readonly log: string[];

  constructor(name: string, log: string[]) {
    this.name = name;
    this.log = log;
  }

  wake(queue: WaitQueue): void {
    this.log.push(this.name);
    queue.remove(this);
  }
}

describe('wait queue', () => {
  it('wakes all in arrival order, also when they leave while it wakes', () => {
    const log: string[] = [];
    const queue = new WaitQueue();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => new Named(name, log)) as [
      Named,
      Named,
      Named,
      Named,
    ];
    for (const waiter of [a, b, c, a, b]) queue.add(waiter);
    queue.remove(a);
    queue.add(d);
    queue.add(a);
    expect(queue.waiters).toEqual([b, c, d, a]);
    queue.wake();
    expect(log).toEqual(['b', 'c', 'd', 'a']);
    expect(queue.isEmpty).toBe(true);
    queue.wake();
    expect(log.length).toBe(4);
  });

  it('wakes one alone: the first, or the newest', () => {
    const log: string[] = [];
    const queue = new WaitQueue();
    queue.wakeOne();
    queue.wakeNewest();
    for (const name of ['a', 'b', 'c', 'd']) queue.add(new Named(name, log));
    queue.wakeOne();
    queue.wakeNewest();
    expect(log).toEqual(['a', 'd']);
    queue.wakeOne();
    queue.wakeOne();
    queue.wakeOne();
    expect(log).toEqual(['a', 'd', 'b', 'c']);
  });

  it('tells those who may claim an event only until one does, and the others always', () => {
    const log: string[] = [];
    const queue = new WaitQueue();
    const claimant = (name: string, claims: boolean): Waiter => ({
      wake: () => log.push(name),
      claim: () => {
        log.push(`${name}?`);
        return claims;
      },
    });
    for (const waiter of [
      claimant('a', false),
      claimant('b', true),
      claimant('c', true),
      new Named('d', log),
    ])
      queue.add(waiter);
    expect(queue.wake(1)).toBe(true);
    expect(log.splice(0)).toEqual(['a?', 'b?', 'd']);
    expect(queue.wake(0)).toBe(false);
    expect(log).toEqual(['a', 'b', 'c']);
  });
});
