// futex(2): decoding of operations and timeouts, and the operations that wait.
// Rows for table.ts; the queues are kernel/task/futex.ts.
// A waiter that was woken says so by having left its queue; one that a signal interrupts leaves and looks again.

import { Ptr } from '../abi/kinds/basic.ts';
import { FutexOp, FutexSecond, FutexThird, FutexTimeout, FutexValue } from '../abi/kinds/futex-kinds.ts';
import { isValidTimespec, readTimespecNs, Timespec, timespecToNs } from '../abi/time.ts';
import { EAGAIN, EINVAL, ENOSYS, ETIMEDOUT, fail } from '../errno.ts';
import { late } from '../late.ts';
import {
  FUTEX_BITSET_MATCH_ANY,
  FutexWaiter,
  inOrder,
  joinFutex,
  leaveFutex,
  tidyFutex,
  wakeQueue,
} from '../task/futex.ts';
import type { Thread } from '../task/thread.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../time/clocks.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { machineTime } from '../time/time-offsets.ts';
import { type SignalPolicy, WOULD_BLOCK, wait } from '../wait.ts';
import {
  checkWord,
  currentCall,
  FUTEX_PRIVATE_FLAG,
  type FutexArguments,
  moveCountOf,
  queueAt,
} from './futex-word.ts';
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
const FUTEX_CMP_REQUEUE_PI = 12;
const FUTEX_LOCK_PI2 = 13;
const FUTEX_CLOCK_REALTIME = 256;

function futex(thread: Thread, args: FutexArguments): Answer {
  const { op } = args;
  const command = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  const isRealtime = (op & FUTEX_CLOCK_REALTIME) !== 0;
  if (isRealtime && ![FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2].includes(command)) {
    const isTimed = command === FUTEX_WAIT || command === FUTEX_LOCK_PI;
    if (isTimed && args.timeout !== 0) readTimespecNs(thread.user, args.timeout);
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
      return wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr, op), args.val | 0);
    case FUTEX_WAKE_BITSET:
      if (args.val3 === 0) fail(EINVAL, 'an empty bitset');
      return wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr, op), args.val | 0, args.val3);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
      return requeue(thread, args, command === FUTEX_CMP_REQUEUE);
    case FUTEX_WAKE_OP: {
      checkWord(thread, args.uaddr, op);
      checkWord(thread, args.uaddr2, op);
      const isMet = late.changeWord(thread, args.uaddr2, args.val3);
      const woken = wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr, op), args.val | 0);
      if (!isMet) return woken;
      return woken + wakeQueue(thread.kernel.futexes, queueAt(thread, args.uaddr2, op), args.timeout | 0);
    }
    case FUTEX_LOCK_PI:
      return late.futexPi.lockPi(thread, args, deadline(thread, args.timeout, 'realtime'));
    case FUTEX_LOCK_PI2:
      return late.futexPi.lockPi(
        thread,
        args,
        deadline(thread, args.timeout, isRealtime ? 'realtime' : 'absolute'),
      );
    case FUTEX_TRYLOCK_PI:
      return late.futexPi.lockPi(thread, args, undefined, true);
    case FUTEX_UNLOCK_PI:
      return late.futexPi.unlockPi(thread, args);
    case FUTEX_WAIT_REQUEUE_PI:
      return late.futexPi.waitRequeuePi(
        thread,
        args,
        deadline(thread, args.timeout, isRealtime ? 'realtime' : 'absolute'),
      );
    case FUTEX_CMP_REQUEUE_PI:
      return late.futexPi.requeuePi(thread, args);
    default:
      return fail(ENOSYS, 'no such futex operation');
  }
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
  else {
    const isRealtime = kind === 'realtime';
    const clockId = isRealtime ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    call.deadlineNs = absoluteDeadline(clock, machineTime(thread, clockId, value), isRealtime);
  }
  call.timedOut = call.deadlineNs <= clock.monotonicNs();
  return call.deadlineNs;
}

export function futexWait(
  thread: Thread,
  args: Pick<FutexArguments, 'uaddr' | 'op' | 'val'>,
  bitset: number,
  deadlineNs: number | undefined,
  policy: SignalPolicy = deadlineNs === undefined ? 'restart' : 'restart-block',
): Answer {
  const call = currentCall(thread);
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
  if (thread.user.readU32(args.uaddr) !== args.val) return WOULD_BLOCK;
  if (call.timedOut) fail(ETIMEDOUT);
  const waiter = new FutexWaiter(thread, bitset);
  joinFutex(waiter, queueAt(thread, args.uaddr, args.op));
  call.data = waiter;
  return wait(waiter.woken, policy, deadlineNs);
}

/** Wakes `val` waiters and moves up to `timeout` (an integer here) others to the second futex. */
function requeue(thread: Thread, args: FutexArguments, compares: boolean): number {
  const from = { uaddr: args.uaddr, op: args.op };
  const to = { uaddr: args.uaddr2, op: args.op };
  return moveWaiters(thread, from, to, {
    wakeCount: args.val | 0,
    moveCount: moveCountOf(args),
    expected: compares ? args.val3 : undefined,
  });
}

/** A futex as calls name it: `op` may have FUTEX_PRIVATE_FLAG. */
interface FutexName {
  readonly uaddr: number;
  readonly op: number;
}

/** futex_requeue: how many were woken or moved. EINVAL, EFAULT; EAGAIN when the first word is not as expected. */
export function moveWaiters(
  thread: Thread,
  from: FutexName,
  to: FutexName,
  wanted: {
    readonly wakeCount: number;
    readonly moveCount: number;
    readonly expected: number | undefined;
  },
): number {
  const { futexes } = thread.kernel;
  const { wakeCount, moveCount, expected } = wanted;
  if (wakeCount < 0 || moveCount < 0) fail(EINVAL, 'negative counts');
  checkWord(thread, from.uaddr, from.op);
  checkWord(thread, to.uaddr, to.op);
  if (expected !== undefined && thread.user.readU32(from.uaddr) !== expected) fail(EAGAIN);
  const source = queueAt(thread, from.uaddr, from.op);
  const destination = queueAt(thread, to.uaddr, to.op);
  let done = 0;
  let isMixed = false;
  for (const waiter of inOrder(source)) {
    if (done >= wakeCount + moveCount) break;
    isMixed = waiter.isPi;
    if (isMixed) break;
    leaveFutex(waiter);
    if (++done <= wakeCount) waiter.woken.wake();
    else joinFutex(waiter, destination);
  }
  tidyFutex(futexes, source);
  tidyFutex(futexes, destination);
  return isMixed ? fail(EINVAL, 'priority-inheriting waiters are there') : done;
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
  ),
};
