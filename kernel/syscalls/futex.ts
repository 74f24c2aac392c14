// futex(2): decoding of operations and timeouts, and the operations that wait.
// Rows for table.ts; the queues are kernel/task/futex.ts.
// A waiter that was woken says so by having left its queue; one that a signal interrupts leaves and looks again.

import { Ptr } from '../abi/kinds/basic.ts';
import { FutexOp, FutexSecond, FutexThird, FutexTimeout, FutexValue } from '../abi/kinds/futex-kinds.ts';
import { isValidTimespec, Timespec, timespecToNs } from '../abi/time.ts';
import { EAGAIN, EDEADLK, EFAULT, EINVAL, ENOSYS, EPERM, ESRCH, ETIMEDOUT, fail } from '../errno.ts';
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_OWNER_DIED,
  FUTEX_TID_MASK,
  FUTEX_WAITERS,
  type FutexQueue,
  FutexWaiter,
  handOver,
  joinFutex,
  leaveFutex,
  tidyFutex,
  wakeQueue,
} from '../task/futex.ts';
import type { Call, Thread } from '../task/thread.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { wait } from '../wait.ts';
import { changeWord } from './futex-wake-op.ts';
import { type Answer, syscall } from './syscall.ts';

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_REQUEUE = 3;
const FUTEX_CMP_REQUEUE = 4;
const FUTEX_WAKE_OP = 5;
const FUTEX_LOCK_PI = 6;
const FUTEX_UNLOCK_PI = 7;
const FUTEX_TRYLOCK_PI = 8;
const FUTEX_WAIT_BITSET = 9;
const FUTEX_WAKE_BITSET = 10;
const FUTEX_WAIT_REQUEUE_PI = 11;
const FUTEX_LOCK_PI2 = 13;
const FUTEX_PRIVATE_FLAG = 128;
const FUTEX_CLOCK_REALTIME = 256;

export interface FutexArguments {
  readonly uaddr: number;
  readonly op: number;
  readonly val: number;
  readonly timeout: number;
  readonly uaddr2: number;
  readonly val3: number;
}

function futex(thread: Thread, args: FutexArguments): Answer {
  const { op } = args;
  const command = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  const isRealtime = (op & FUTEX_CLOCK_REALTIME) !== 0;
  if (isRealtime && ![FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2].includes(command)) {
    fail(ENOSYS, 'the operation has no CLOCK_REALTIME variant');
  }
  switch (command) {
    case FUTEX_WAIT:
      return futexWait(thread, args, FUTEX_BITSET_MATCH_ANY, deadline(thread, args.timeout, 'relative'));
    case FUTEX_WAIT_BITSET:
      return futexWait(
        thread,
        args,
        args.val3,
        deadline(thread, args.timeout, isRealtime ? 'realtime' : 'absolute'),
      );
    case FUTEX_WAKE:
      return wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr, op), args.val);
    case FUTEX_WAKE_BITSET:
      if (args.val3 === 0) fail(EINVAL, 'an empty bitset');
      return wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr, op), args.val, args.val3);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
      return requeue(thread, args, command === FUTEX_CMP_REQUEUE);
    case FUTEX_WAKE_OP: {
      checkWord(thread, args.uaddr, op);
      checkWord(thread, args.uaddr2, op);
      const isMet = changeWord(thread, args.uaddr2, args.val3);
      const woken = wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr, op), args.val | 0);
      if (!isMet) return woken;
      return woken + wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr2, op), args.timeout | 0);
    }
    case FUTEX_LOCK_PI:
      return lockPi(thread, args, deadline(thread, args.timeout, 'realtime'));
    case FUTEX_LOCK_PI2:
      return lockPi(thread, args, deadline(thread, args.timeout, isRealtime ? 'realtime' : 'absolute'));
    case FUTEX_TRYLOCK_PI:
      return lockPi(thread, args, undefined, true);
    case FUTEX_UNLOCK_PI:
      return unlockPi(thread, args);
    default:
      return fail(ENOSYS, 'no such futex operation');
  }
}

function currentCall(thread: Thread): Call {
  if (thread.call === undefined) throw new Error('futex outside a call');
  return thread.call;
}

/** The deadline on the monotonic clock, fixed at the first try. EFAULT, EINVAL. */
function deadline(
  thread: Thread,
  timeout: number,
  kind: 'relative' | 'absolute' | 'realtime',
): number | undefined {
  const call = currentCall(thread);
  if (timeout === 0 || call.deadlineNs !== undefined) return call.deadlineNs;
  const { clock } = thread.kernel;
  const value = thread.user.readStruct(timeout, Timespec);
  if (!isValidTimespec(value)) fail(EINVAL, 'not a valid timespec');
  if (kind === 'relative') call.deadlineNs = timespecToNs(value) + clock.monotonicNs();
  else call.deadlineNs = absoluteDeadline(clock, value, kind === 'realtime');
  call.timedOut = call.deadlineNs <= clock.monotonicNs();
  return call.deadlineNs;
}

/** EINVAL when misaligned, EFAULT when out of range or a shared one is not mapped. */
export function checkWord(thread: Thread, address: number, op: number): void {
  if (address % 4 !== 0) fail(EINVAL, 'a futex is four-byte aligned');
  if (!(address < 2 ** 47)) fail(EFAULT, 'not a user address');
  const isPrivate = (op & FUTEX_PRIVATE_FLAG) !== 0;
  if (!isPrivate && thread.user.accessible(address, 4, false) < 4) fail(EFAULT, 'the futex is not mapped');
}

/**
 * The queue of the word; errors as checkWord. Callers let nothing fail between this and waiting or tidying, since an
 * empty queue left behind is memory lost.
 */
function queueAt(thread: Thread, address: number, op: number): FutexQueue {
  checkWord(thread, address, op);
  return thread.kernel.futexes.queue(thread.mm, address, (op & FUTEX_PRIVATE_FLAG) !== 0);
}

function futexWait(
  thread: Thread,
  args: FutexArguments,
  bitset: number,
  deadlineNs: number | undefined,
): Answer {
  const call = currentCall(thread);
  const policy = deadlineNs === undefined ? 'restart' : 'restart-block';
  const earlier = call.data;
  if (earlier instanceof FutexWaiter) {
    if (earlier.queue === undefined) return 0; // woken
    if (call.timedOut) {
      leaveFutex(earlier);
      fail(ETIMEDOUT);
    }
    if (!call.interrupted) return wait(earlier.woken, policy, deadlineNs);
    leaveFutex(earlier);
    call.data = undefined; // should the call go on, it compares the word again
    return wait([], policy, deadlineNs);
  }
  if (bitset === 0) fail(EINVAL, 'an empty bitset');
  checkWord(thread, args.uaddr, args.op);
  if (call.interrupted) return wait([], policy, deadlineNs);
  if (thread.user.readU32(args.uaddr) !== args.val) fail(EAGAIN);
  if (call.timedOut) fail(ETIMEDOUT);
  const waiter = new FutexWaiter(thread, bitset);
  joinFutex(waiter, queueAt(thread, args.uaddr, args.op));
  call.data = waiter;
  return wait(waiter.woken, policy, deadlineNs);
}

/** Wakes `val` waiters and moves up to `timeout` (an integer here) others to the second futex. */
function requeue(thread: Thread, args: FutexArguments, compares: boolean): number {
  const { futexes } = thread.kernel;
  const wakeCount = args.val | 0;
  const moveCount = args.timeout >= 2 ** 63 ? -1 : args.timeout | 0;
  if (wakeCount < 0 || moveCount < 0) fail(EINVAL, 'negative counts');
  checkWord(thread, args.uaddr, args.op);
  checkWord(thread, args.uaddr2, args.op);
  if (compares && thread.user.readU32(args.uaddr) !== args.val3) fail(EAGAIN);
  const from = queueAt(thread, args.uaddr, args.op);
  const to = queueAt(thread, args.uaddr2, args.op);
  let done = 0;
  for (const waiter of [...from.waiters]) {
    if (done >= wakeCount + moveCount) break;
    leaveFutex(waiter);
    if (++done <= wakeCount) waiter.woken.wake();
    else joinFutex(waiter, to);
  }
  tidyFutex(futexes, from);
  tidyFutex(futexes, to);
  return done;
}

/** futex_lock_pi: the word holds the owner's tid; the kernel hands the lock over at unlock. */
function lockPi(thread: Thread, args: FutexArguments, deadlineNs: number | undefined, tries = false): Answer {
  const call = currentCall(thread);
  const { user, kernel, tid } = thread;
  const earlier = call.data;
  if (earlier instanceof FutexWaiter) {
    if (earlier.queue === undefined) return 0;
    if (!call.timedOut) return wait(earlier.woken, 'always', deadlineNs);
    leaveFutex(earlier);
    fail(ETIMEDOUT);
  }
  checkWord(thread, args.uaddr, args.op);
  if (user.accessible(args.uaddr, 4, true) < 4) fail(EFAULT, 'the futex cannot be written');
  const word = user.readU32(args.uaddr);
  const owner = word & FUTEX_TID_MASK;
  const queue = queueAt(thread, args.uaddr, args.op);
  if (owner === 0) {
    const kept = (word & FUTEX_OWNER_DIED) | (queue.waiters.size > 0 ? FUTEX_WAITERS : 0);
    user.writeU32(args.uaddr, (tid | kept) >>> 0);
    tidyFutex(kernel.futexes, queue);
    return 0;
  }
  const holder = kernel.pids.thread(owner);
  if (owner === tid || tries || holder === undefined || call.timedOut) {
    tidyFutex(kernel.futexes, queue);
    if (owner === tid) fail(EDEADLK, 'the caller holds the lock');
    if (holder === undefined) fail(ESRCH, 'the owner does not exist');
    fail(tries ? EAGAIN : ETIMEDOUT);
  }
  user.writeU32(args.uaddr, (word | FUTEX_WAITERS) >>> 0);
  const waiter = new FutexWaiter(thread, FUTEX_BITSET_MATCH_ANY);
  joinFutex(waiter, queue);
  kernel.futexes.inherited.set(queue, { owner: holder, mm: thread.mm, address: args.uaddr });
  call.data = waiter;
  return wait(waiter.woken, 'always', deadlineNs);
}

function unlockPi(thread: Thread, args: FutexArguments): number {
  const { user, tid, kernel } = thread;
  const word = user.readU32(args.uaddr);
  if (user.accessible(args.uaddr, 4, true) < 4) fail(EFAULT, 'the futex cannot be written');
  if ((word & FUTEX_TID_MASK) !== tid) fail(EPERM, 'the caller does not hold the lock');
  const queue = queueAt(thread, args.uaddr, args.op);
  if (!handOver(thread, queue, args.uaddr, 0)) {
    user.writeU32(args.uaddr, 0);
    tidyFutex(kernel.futexes, queue);
  }
  return 0;
}

export const FUTEX_SYSCALLS = {
  98: syscall(
    'futex',
    {
      uaddr: Ptr,
      op: FutexOp,
      val: FutexValue,
      timeout: FutexTimeout,
      uaddr2: FutexSecond,
      val3: FutexThird,
    },
    futex,
    {
      partial: 'FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: ENOSYS; no priority is inherited',
    },
  ),
};
