// Futexes: queues of threads that wait on a word of memory (futex(2), kernel/futex/).
// syscalls/futex.ts decodes the operations; exit wakes joiners and heirs of robust locks through here.
// One host thread runs everything, so comparing the word and queueing are one step by nature.
import { EINVAL, fail } from '../errno.ts';
import type { Mm } from '../mm/mm.ts';
import type { UserMemory } from '../mm/user-memory.ts';
import { WaitQueue } from '../wait.ts';
import { ownRank, rerank } from './rank.ts';
import type { Thread } from './thread.ts';

export const FUTEX_WAITERS = 0x8000_0000;
export const FUTEX_OWNER_DIED = 0x4000_0000;
export const FUTEX_TID_MASK = 0x3fff_ffff;
export const FUTEX_BITSET_MATCH_ANY = 0xffff_ffff;

/** A thread that waits on one futex, kept in `call.data`. */
export class FutexWaiter {
  readonly thread: Thread;
  readonly bitset: number;
  /** What the thread parks on; of its own, so that exactly the chosen waiters wake. */
  readonly woken = new WaitQueue('futex');
  /** The queue it is in; undefined once woken or given up. */
  queue: FutexQueue | undefined;
  /** It waits for a priority-inheriting lock, or to be moved to one: plain operations must leave it alone. */
  readonly isPi: boolean;
  readonly #ownRank: number;
  /** The lock that FUTEX_WAIT_REQUEUE_PI waits to be moved to. */
  target: { readonly address: number; readonly op: number } | undefined;

  constructor(
    thread: Thread,
    bitset: number,
    lock: { isPi: boolean; target?: { address: number; op: number } } = { isPi: false },
  ) {
    this.thread = thread;
    this.bitset = bitset;
    this.isPi = lock.isPi;
    this.target = lock.target;
    this.#ownRank = ownRank(thread);
  }

  /** Its place among those that wait: locks look at what the thread inherits too, and at changes (kernel/futex/core.c, __futex_queue). */
  get rank(): number {
    return this.isPi ? this.thread.rank : this.#ownRank;
  }
}

/** Who waits on one word, in arrival order. */
export interface FutexQueue {
  readonly waiters: Set<FutexWaiter>;
  /** Takes the empty queue out of its table. */
  readonly discard: () => void;
}

/** A priority-inheriting lock that somebody waits for. */
export interface PiLock {
  readonly owner: Thread;
  /** Where who waits has it: a shared one may lie elsewhere in the owner's memory. */
  readonly mm: Mm;
  readonly address: number;
}

/** All futexes of the machine: private ones by address space and address, shared ones by what backs the page. */
export class FutexTable {
  readonly #shared = new Map<string, FutexQueue>();
  readonly #private = new WeakMap<Mm, Map<number, FutexQueue>>();
  /** Queues of PI futexes with waiters, to hand over the locks of threads that die. */
  readonly inherited = new Map<FutexQueue, PiLock>();

  /** The queue of the word at `address`; EFAULT when a shared one is not mapped. */
  queue(mm: Mm, address: number, isPrivate: boolean): FutexQueue {
    const key = isPrivate ? undefined : mm.futexKey(address);
    if (key !== undefined) return find(this.#shared, key);
    let queues = this.#private.get(mm);
    if (queues === undefined) {
      queues = new Map();
      this.#private.set(mm, queues);
    }
    return find(queues, address);
  }
}

function find<K>(table: Map<K, FutexQueue>, key: K): FutexQueue {
  let queue = table.get(key);
  if (queue === undefined) {
    queue = { waiters: new Set(), discard: () => table.delete(key) };
    table.set(key, queue);
  }
  return queue;
}

/** Puts the waiter at the end of the queue. */
export function joinFutex(waiter: FutexWaiter, queue: FutexQueue): void {
  waiter.queue = queue;
  queue.waiters.add(waiter);
}

/** The most urgent first, of equals who came first. */
export function inOrder({ waiters }: FutexQueue): readonly FutexWaiter[] {
  const all = [...waiters];
  return all.some(({ rank }) => rank > 0) ? all.sort((a, b) => b.rank - a.rank) : all;
}

/** `owner` holds the PI lock that the queue's threads wait for, and inherits from them. */
export function lendRank(queue: FutexQueue, lock: PiLock): void {
  const { owner } = lock;
  const { inherited } = owner.kernel.futexes;
  const former = inherited.get(queue)?.owner;
  inherited.set(queue, lock);
  if (former !== undefined && former !== owner) rerank(former);
  rerank(owner);
}

/** Takes the waiter out of its queue: woken, timed out, interrupted or dead. */
export function leaveFutex(waiter: FutexWaiter): void {
  const { queue } = waiter;
  if (queue === undefined) return;
  const { futexes } = waiter.thread.kernel;
  const owner = waiter.isPi ? futexes.inherited.get(queue)?.owner : undefined;
  waiter.queue = undefined;
  queue.waiters.delete(waiter);
  tidyFutex(futexes, queue);
  if (owner !== undefined) rerank(owner);
}

/** Forgets a queue that nobody waits in; guests choose the addresses, so empty ones must not pile up. */
export function tidyFutex(futexes: FutexTable, queue: FutexQueue): void {
  if (queue.waiters.size > 0) return;
  futexes.inherited.delete(queue);
  queue.discard();
}

/** Wakes one waiter. */
export function releaseWaiter(waiter: FutexWaiter): void {
  leaveFutex(waiter);
  waiter.woken.wake();
}

/** Wakes up to `count` waiters (at least one, as Linux does) whose bitset meets `bitset`; returns how many. EINVAL at a PI waiter. */
export function wakeQueue(
  futexes: FutexTable,
  queue: FutexQueue,
  count: number,
  bitset = FUTEX_BITSET_MATCH_ANY,
): number {
  let woken = 0;
  for (const waiter of inOrder(queue)) {
    if (waiter.isPi) fail(EINVAL, 'a priority-inheriting waiter is there');
    if ((waiter.bitset & bitset) === 0) continue;
    releaseWaiter(waiter);
    if (++woken >= count) break;
  }
  tidyFutex(futexes, queue);
  return woken;
}

/** FUTEX_WAKE on a shared futex by the kernel itself. EFAULT. */
export function wakeFutex(thread: Thread, address: number, count: number): number {
  const { futexes } = thread.kernel;
  return wakeQueue(futexes, futexes.queue(thread.mm, address, false), count);
}

/** Gives the PI lock to the most urgent waiter: the word becomes its tid, `kept` bits stay. */
export function handOver(user: UserMemory, queue: FutexQueue, address: number, kept: number): boolean {
  const [heir] = inOrder(queue);
  if (heir === undefined) return false;
  const others = queue.waiters.size > 1 ? FUTEX_WAITERS : 0;
  user.writeU32(address, (heir.thread.ownTid | others | kept) >>> 0);
  const lock = heir.thread.kernel.futexes.inherited.get(queue);
  releaseWaiter(heir);
  if (others !== 0 && lock !== undefined) lendRank(queue, { ...lock, owner: heir.thread });
  return true;
}

/** A robust PI lock's owner is dying. EFAULT. */
export function wakePiFutex(thread: Thread, address: number): void {
  const queue = thread.kernel.futexes.queue(thread.mm, address, false);
  if (!handOver(thread.user, queue, address, FUTEX_OWNER_DIED)) tidyFutex(thread.kernel.futexes, queue);
}

/** The thread dies: it waits for nothing any more, and the PI locks it holds go to their next waiters. */
export function forgetFutexWaits(thread: Thread): void {
  const data = thread.call?.data;
  for (const waiter of Array.isArray(data) ? data : [data])
    if (waiter instanceof FutexWaiter) leaveFutex(waiter);
  const { inherited } = thread.kernel.futexes;
  if (inherited.size === 0) return;
  for (const [queue, { owner, mm, address }] of [...inherited]) {
    if (owner !== thread) continue;
    // whoever waits writes the word, in memory of its own (kernel/futex/pi.c, fixup_pi_state_owner)
    if (mm.users > 0 && mm.user.accessible(address, 4, true) === 4)
      handOver(mm.user, queue, address, FUTEX_OWNER_DIED);
  }
}
