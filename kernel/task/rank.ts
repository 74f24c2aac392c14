// How urgent a thread is to the scheduler (sched(7)): 0, or its real-time priority, or the highest of those who wait for a
// priority-inheriting lock that it holds (futex(2), Documentation/locking/rt-mutex.rst). Locks pass it on along a chain.
import { SCHED_FIFO, SCHED_IDLE, SCHED_RR } from '../abi/scheduling.ts';
import type { Thread } from './thread.ts';

/** About a millisecond of guest code. */
export const TICKS_PER_MS = 100_000;
/** sched_rr_get_interval(2). */
export const RR_INTERVAL_MS = 100;
/** A step of the nice value is worth a quarter, SCHED_IDLE next to nothing (kernel/sched/core.c, sched_prio_to_weight). */
const NICE_STEP = 1.25;
const IDLE_WEIGHT = 3 / 1024;

export function isRealtime(policy: number): boolean {
  return policy === SCHED_FIFO || policy === SCHED_RR;
}

/** Without what it inherits. */
export function ownRank({ policy, realtimePriority }: Thread): number {
  return isRealtime(policy) ? realtimePriority : 0;
}

/** After its policy or those who wait for its locks have changed. */
export function rerank(thread: Thread): void {
  const { futexes, scheduler } = thread.kernel;
  let rank = ownRank(thread);
  for (const [{ waiters }, { owner }] of futexes.inherited)
    if (owner === thread) for (const waiter of waiters) rank = Math.max(rank, waiter.thread.rank);
  if (rank === thread.rank) return;
  scheduler.setRank(thread, rank);
  for (const [{ waiters }, { owner }] of [...futexes.inherited])
    for (const waiter of waiters) if (waiter.thread === thread) rerank(owner);
}

/**
 * How many ticks it may run before others of its rank do, in one slice or several: without end by SCHED_FIFO; for the usual
 * policies one slice, `quantum`, if its nice value is 0, and so many more or less that each gets the share it has on Linux.
 */
export function turnTicks({ nice, policy, rank }: Thread, quantum: number): number {
  if (rank > 0) return policy === SCHED_RR ? RR_INTERVAL_MS * TICKS_PER_MS : Number.POSITIVE_INFINITY;
  if (nice === 0 && policy !== SCHED_IDLE) return quantum;
  return Math.ceil(quantum * (policy === SCHED_IDLE ? IDLE_WEIGHT : NICE_STEP ** -nice));
}
