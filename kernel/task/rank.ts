// How urgent a thread is to the scheduler (sched(7)): 0, or its real-time priority, or the highest of those who wait for a
// priority-inheriting lock that it holds (futex(2), Documentation/locking/rt-mutex.rst). Locks pass it on along a chain.
import { SCHED_FIFO, SCHED_IDLE, SCHED_RR } from '../abi/scheduling.ts';
import type { Thread } from './thread.ts';

/** About a millisecond of guest code. */
export const TICKS_PER_MS = 100_000;
/** sched_rr_get_interval(2). */
export const RR_INTERVAL_MS = 100;
/** sched_prio_to_weight (kernel/sched/core.c): the share of the processor at nice -20 to 19; 1024 at 0. */
const WEIGHTS = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121,
  2501, 1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23,
  18, 15,
];
const IDLE_WEIGHT = 3;
const WEIGHT_OF_ZERO = 1024;

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
  const weight = policy === SCHED_IDLE ? IDLE_WEIGHT : (WEIGHTS[nice + 20] as number);
  return Math.ceil((quantum * weight) / WEIGHT_OF_ZERO);
}
