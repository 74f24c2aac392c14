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
});
