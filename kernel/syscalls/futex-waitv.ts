// futex_waitv(2): waits on up to 128 futexes at once; the answer is the index of the last one that was woken (futex_unqueue_multiple).
// Rows for table.ts; the queues are kernel/task/futex.ts.

import { U32 } from '../abi/kinds/basic.ts';
import { FutexWaiters } from '../abi/kinds/futex-kinds.ts';
import { ClockId, TimespecIn } from '../abi/kinds/time-kinds.ts';
import { EAGAIN, EINVAL, ETIMEDOUT, fail } from '../errno.ts';
import { FUTEX_BITSET_MATCH_ANY, FutexWaiter, joinFutex, leaveFutex } from '../task/futex.ts';
import type { Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { checkWord, currentCall, queueAt } from './futex-word.ts';
import { futex2Deadline, readWaitv } from './futex2.ts';
import { type Answer, syscall } from './syscall.ts';

const FUTEX_WAITV_MAX = 128;

interface WaitvArguments {
  readonly waiters: number;
  readonly nr_futexes: number;
  readonly flags: number;
  readonly timeout: number;
  readonly clockid: number;
}

function futexWaitv(thread: Thread, args: WaitvArguments): Answer {
  const { user } = thread;
  const call = currentCall(thread);
  if (Array.isArray(call.data)) return continueWait(thread, call.data as FutexWaiter[]);
  if (args.flags !== 0) fail(EINVAL, 'unknown flags');
  if (args.nr_futexes < 1 || args.nr_futexes > FUTEX_WAITV_MAX || args.waiters === 0)
    fail(EINVAL, 'bad count');
  const deadlineNs = futex2Deadline(thread, args.timeout, args.clockid);
  const wanted = Array.from({ length: args.nr_futexes }, (_, i) => readWaitv(thread, args.waiters, i));
  for (const { uaddr, op } of wanted) checkWord(thread, uaddr, op);
  for (const { uaddr, val } of wanted) {
    if (user.readU32(uaddr) !== val) fail(EAGAIN, 'a futex has another value');
  }
  if (call.interrupted) return wait([], 'restart', deadlineNs);
  if (call.timedOut) fail(ETIMEDOUT);
  const waiters = wanted.map(({ uaddr, op }) => {
    const waiter = new FutexWaiter(thread, FUTEX_BITSET_MATCH_ANY);
    joinFutex(waiter, queueAt(thread, uaddr, op));
    return waiter;
  });
  call.data = waiters;
  return wait(
    waiters.map((waiter) => waiter.woken),
    'restart',
    deadlineNs,
  );
}

function continueWait(thread: Thread, waiters: FutexWaiter[]): Answer {
  const { call } = thread;
  const woken = waiters.findLastIndex((waiter) => waiter.queue === undefined);
  const isOver = woken >= 0 || call?.timedOut === true || call?.interrupted === true;
  if (isOver) for (const waiter of waiters) leaveFutex(waiter);
  if (woken >= 0) return woken;
  if (call?.timedOut === true) fail(ETIMEDOUT);
  if (isOver && call !== undefined) call.data = undefined;
  return wait(isOver ? [] : waiters.map((waiter) => waiter.woken), 'restart', call?.deadlineNs);
}

export const FUTEX_WAITV_SYSCALLS = {
  449: syscall(
    'futex_waitv',
    { waiters: FutexWaiters, nr_futexes: U32, flags: U32, timeout: TimespecIn, clockid: ClockId },
    futexWaitv,
  ),
};
