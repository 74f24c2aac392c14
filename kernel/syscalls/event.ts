// eventfd2, signalfd4 and the timerfd family (eventfd(2), signalfd(2), timerfd_create(2)).
// The files themselves are kernel/event/.

import { O_RDWR } from '../abi/fcntl.ts';
import { Fd, Size, U32 } from '../abi/kinds/basic.ts';
import { EventfdFlags } from '../abi/kinds/poll-kinds.ts';
import { SignalfdFlags, SigsetIn } from '../abi/kinds/signal-kinds.ts';
import {
  ClockId,
  ItimerspecIn,
  ItimerspecOut,
  TimerfdCreateFlags,
  TimerfdFlags,
} from '../abi/kinds/time-kinds.ts';
import { UNBLOCKABLE } from '../abi/signal.ts';
import { Itimerspec, isValidTimespec, nsToTimespec, type TimespecValue, timespecToNs } from '../abi/time.ts';
import { EINVAL, EPERM, fail } from '../errno.ts';
import { EventFd } from '../event/eventfd.ts';
import { installNew } from '../event/install.ts';
import { SignalFd } from '../event/signalfd.ts';
import { TimerFd } from '../event/timerfd.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { CAP_WAKE_ALARM, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  isAlarmClock,
} from '../time/clocks.ts';
import { machineTime } from '../time/time-offsets.ts';
import { syscall } from './syscall.ts';

const NONBLOCK = 0o4000;
const CLOEXEC = 0o2000000;
const EFD_SEMAPHORE = 1;
const TFD_TIMER_ABSTIME = 1;
const TFD_TIMER_CANCEL_ON_SET = 2;

function eventfd2(thread: Thread, { count, flags }: { count: number; flags: number }): number {
  if ((flags & ~(CLOEXEC | NONBLOCK | EFD_SEMAPHORE)) !== 0) fail(EINVAL, 'unknown flags');
  const { kernel } = thread;
  const inode = anonymousInode(kernel, '[eventfd]', 0o600);
  const eventfd = new EventFd(inode, kernel.eventfdCount++, count, (flags & EFD_SEMAPHORE) !== 0);
  return installNew(thread, eventfd, O_RDWR | (flags & NONBLOCK), (flags & CLOEXEC) !== 0);
}

interface SignalfdArguments {
  readonly fd: number;
  readonly mask: number;
  readonly size: number;
  readonly flags: number;
}

/** With `fd` -1 makes one, else changes the mask of an existing one. */
function signalfd4(thread: Thread, { fd, mask, size, flags }: SignalfdArguments): number {
  if (size !== 8) fail(EINVAL, 'a signal set has 8 bytes');
  const set = thread.user.readB64(mask) & ~UNBLOCKABLE;
  if ((flags & ~(CLOEXEC | NONBLOCK)) !== 0) fail(EINVAL, 'unknown flags');
  if (fd === -1) {
    const inode = anonymousInode(thread.kernel, '[signalfd]', 0o600);
    const signalfd = new SignalFd(thread.kernel, inode, set);
    return installNew(thread, signalfd, O_RDWR | (flags & NONBLOCK), (flags & CLOEXEC) !== 0);
  }
  const { descriptor } = thread.files.get(fd);
  if (!(descriptor instanceof SignalFd)) fail(EINVAL, 'the descriptor is no signalfd');
  descriptor.mask = set;
  thread.process.signals.arrived.wake();
  return fd;
}

const CLOCKS = {
  CLOCK_REALTIME,
  CLOCK_MONOTONIC,
  CLOCK_BOOTTIME,
  CLOCK_REALTIME_ALARM,
  CLOCK_BOOTTIME_ALARM,
};
const REALTIME_CLOCKS: readonly number[] = [CLOCK_REALTIME, CLOCK_REALTIME_ALARM];

function timerfdCreate(thread: Thread, { clockid, flags }: { clockid: number; flags: number }): number {
  const isKnown = Object.values(CLOCKS).some((clock) => clock === clockid);
  if ((flags & ~(CLOEXEC | NONBLOCK)) !== 0 || !isKnown)
    fail(EINVAL, 'unknown flags, or no clock for timerfds');
  if (isAlarmClock(clockid) && !capable(thread.credentials, CAP_WAKE_ALARM))
    fail(EPERM, 'alarm clocks need CAP_WAKE_ALARM');
  const timer = new TimerFd(thread.kernel, anonymousInode(thread.kernel, '[timerfd]', 0o600), clockid);
  return installNew(thread, timer, O_RDWR | (flags & NONBLOCK), (flags & CLOEXEC) !== 0);
}

interface SettimeArguments {
  readonly fd: number;
  readonly flags: number;
  readonly new_value: number;
  readonly old_value: number;
}

function timerfdSettime(thread: Thread, args: SettimeArguments): number {
  const { user, kernel } = thread;
  const { value, interval } = user.readStruct(args.new_value, Itimerspec);
  const isKnown = (args.flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) === 0;
  if (!isKnown || !isValidTimespec(value) || !isValidTimespec(interval))
    fail(EINVAL, 'unknown flags, or no valid time');
  const timer = timerfd(thread, args.fd);
  if (isAlarmClock(timer.clockId) && !capable(thread.credentials, CAP_WAKE_ALARM))
    fail(EPERM, 'alarm clocks need CAP_WAKE_ALARM');
  const old = setting(timer);
  const isRealtime = REALTIME_CLOCKS.includes(timer.clockId);
  const isAbsolute = (args.flags & TFD_TIMER_ABSTIME) !== 0;
  const followsClock = isRealtime && isAbsolute;
  const realtimeNs = BigInt(value.sec) * 1_000_000_000n + BigInt(value.nsec);
  let deadlineNs: number | undefined;
  if (value.sec !== 0 || value.nsec !== 0) {
    if (followsClock) deadlineNs = Number(realtimeNs - kernel.clock.realtimeOffsetNs);
    else if (isAbsolute) deadlineNs = timespecToNs(machineTime(thread, timer.clockId, value));
    else deadlineNs = timespecToNs(value) + kernel.clock.monotonicNs();
  }
  timer.set({
    deadlineNs,
    intervalNs: timespecToNs(interval),
    realtimeNs: followsClock ? realtimeNs : undefined,
    cancelOnSet: followsClock && (args.flags & TFD_TIMER_CANCEL_ON_SET) !== 0,
    flags: args.flags,
  });
  if (args.old_value !== 0) user.writeStruct(args.old_value, Itimerspec, old);
  return 0;
}

function timerfdGettime(thread: Thread, args: { fd: number; curr_value: number }): number {
  thread.user.writeStruct(args.curr_value, Itimerspec, setting(timerfd(thread, args.fd)));
  return 0;
}

function timerfd(thread: Thread, fd: number): TimerFd {
  const { descriptor } = thread.files.get(fd);
  if (!(descriptor instanceof TimerFd)) fail(EINVAL, 'the descriptor is no timerfd');
  return descriptor;
}

function setting(timer: TimerFd): { interval: TimespecValue; value: TimespecValue } {
  const value = nsToTimespec(timer.remainingNs());
  return { interval: nsToTimespec(timer.intervalNs), value };
}

export const EVENT_CALLS = {
  19: syscall('eventfd2', { count: U32, flags: EventfdFlags }, eventfd2, { returns: Fd }),
  74: syscall('signalfd4', { fd: Fd, mask: SigsetIn, size: Size, flags: SignalfdFlags }, signalfd4, {
    returns: Fd,
  }),
  85: syscall('timerfd_create', { clockid: ClockId, flags: TimerfdCreateFlags }, timerfdCreate, {
    returns: Fd,
  }),
  86: syscall(
    'timerfd_settime',
    { fd: Fd, flags: TimerfdFlags, new_value: ItimerspecIn, old_value: ItimerspecOut },
    timerfdSettime,
  ),
  87: syscall('timerfd_gettime', { fd: Fd, curr_value: ItimerspecOut }, timerfdGettime),
};
