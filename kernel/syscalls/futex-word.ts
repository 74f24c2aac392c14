// What the calls on futexes share: their arguments, checks of the word, and the queue that belongs to it.
// futex.ts, futex-pi.ts, futex2.ts and futex-waitv.ts use it; the queues are kernel/task/futex.ts.
import { EFAULT, EINVAL, fail } from '../errno.ts';
import { lengthBeforeSecrets } from '../mm/secret-areas.ts';
import type { FutexQueue } from '../task/futex.ts';
import type { Call, Thread } from '../task/thread.ts';

export const FUTEX_PRIVATE_FLAG = 128;

export interface FutexArguments {
  readonly uaddr: number;
  readonly op: number;
  readonly val: number;
  readonly timeout: number;
  readonly uaddr2: number;
  readonly val3: number;
}

export function currentCall(thread: Thread): Call {
  if (thread.call === undefined) throw new Error('futex outside a call');
  return thread.call;
}

/** The second count of a requeue, which stands in place of a timeout. */
export function moveCountOf({ timeout }: FutexArguments): number {
  return timeout >= 2 ** 63 ? -1 : timeout | 0;
}

export function isPrivate(op: number): boolean {
  return (op & FUTEX_PRIVATE_FLAG) !== 0;
}

/** EINVAL when misaligned, EFAULT when out of range or a shared one is not mapped. */
export function checkWord(thread: Thread, address: number, op: number): void {
  if (address % 4 !== 0) fail(EINVAL, 'a futex is four-byte aligned');
  if (!(address < 2 ** 47)) fail(EFAULT, 'not a user address');
  if (isPrivate(op)) return;
  const isThere = thread.user.accessible(address, 4, false) === 4;
  if (!isThere || lengthBeforeSecrets(thread.mm, address, 4) < 4)
    fail(EFAULT, 'the futex is not mapped, or secret');
  const isWritable = thread.user.accessible(address, 4, true) === 4;
  if (!isWritable && thread.mm.vmas.find(address)?.backing === undefined)
    fail(EFAULT, 'memory of no file that cannot be written never changes (get_futex_key)');
}

/**
 * The queue of the word; errors as checkWord. Callers let nothing fail between this and waiting or tidying, since an
 * empty queue left behind is memory lost.
 */
export function queueAt(thread: Thread, address: number, op: number): FutexQueue {
  checkWord(thread, address, op);
  return thread.kernel.futexes.queue(thread.mm, address, isPrivate(op));
}
