// futex_waitv(2): waits on up to 128 futexes at once; the answer is the index of one that was woken.
// Rows for table.ts; the queues are kernel/task/futex.ts.

import { FutexWaitv } from '../abi/futex.ts';
import { U32 } from '../abi/kinds/basic.ts';
import { FutexWaiters } from '../abi/kinds/futex-kinds.ts';
import { ClockId, TimespecIn } from '../abi/kinds/time-kinds.ts';
import { isValidTimespec, Timespec } from '../abi/time.ts';
import { EAGAIN, EINVAL, ETIMEDOUT, fail } from '../errno.ts';
import { FUTEX_BITSET_MATCH_ANY, FutexWaiter, joinFutex, leaveFutex } from '../task/futex.ts';
import type { Thread } from '../task/thread.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../time/clocks.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { wait } from '../wait.ts';
import { checkWord } from './futex.ts';
import { type Answer, syscall } from './syscall.ts';

const FUTEX_WAITV_MAX = 128;
const FUTEX2_SIZE_U32 = 2;
const FUTEX2_PRIVATE = 128;

interface WaitvArguments {
  readonly waiters: number;
  readonly nr_futexes: number;
  readonly flags: number;
  readonly timeout: number;
  readonly clockid: number;
}

function futexWaitv(thread: Thread, args: WaitvArguments): Answer {
  const { call, kernel, user, mm } = thread;
  if (call === undefined) throw new Error('futex_waitv outside a call');
  if (Array.isArray(call.data)) return continueWait(thread, call.data as FutexWaiter[]);
  if (args.flags !== 0) fail(EINVAL, 'unknown flags');
  if (args.nr_futexes < 1 || args.nr_futexes > FUTEX_WAITV_MAX || args.waiters === 0)
    fail(EINVAL, 'bad count');
  if (args.timeout !== 0) {
    if (args.clockid !== CLOCK_MONOTONIC && args.clockid !== CLOCK_REALTIME)
      fail(EINVAL, 'no such clock here');
    const value = user.readStruct(args.timeout, Timespec);
    if (!isValidTimespec(value)) fail(EINVAL, 'not a valid timespec');
    call.deadlineNs = absoluteDeadline(kernel.clock, value, args.clockid === CLOCK_REALTIME);
  }
  const wanted = Array.from({ length: args.nr_futexes }, (_, i) => {
    const entry = user.readStruct(args.waiters + i * FutexWaitv.size, FutexWaitv);
    const flags = entry.flags & ~FUTEX2_PRIVATE;
    if (flags !== FUTEX2_SIZE_U32 || entry.reserved !== 0) fail(EINVAL, 'unknown flags of a futex');
    checkWord(thread, entry.uaddr, entry.flags & FUTEX2_PRIVATE);
    return entry;
  });
  for (const { uaddr, val } of wanted) {
    if (user.readU32(uaddr) !== Number(val & 0xffff_ffffn)) fail(EAGAIN, 'a futex has another value');
  }
  if (call.interrupted) return wait([], 'restart', call.deadlineNs);
  if (call.deadlineNs !== undefined && call.deadlineNs <= kernel.clock.monotonicNs()) fail(ETIMEDOUT);
  const waiters = wanted.map(({ uaddr, flags }) => {
    const waiter = new FutexWaiter(thread, FUTEX_BITSET_MATCH_ANY);
    joinFutex(waiter, kernel.futexes.queue(mm, uaddr, (flags & FUTEX2_PRIVATE) !== 0));
    return waiter;
  });
  call.data = waiters;
  return wait(
    waiters.map((waiter) => waiter.woken),
    'restart',
    call.deadlineNs,
  );
}

function continueWait(thread: Thread, waiters: FutexWaiter[]): Answer {
  const { call } = thread;
  const woken = waiters.findIndex((waiter) => waiter.queue === undefined);
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
