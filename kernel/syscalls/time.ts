// Reading and setting clocks, and sleeping (time(7)).
// Rows for table.ts; kernel/time has the clocks. clock_gettime is the most frequent call of real programs: keep it lean.

import {
  ClockId,
  RemainingOut,
  TimerFlags,
  TimespecIn,
  TimespecOut,
  TimevalIn,
  TimevalOut,
  TimezoneIn,
  TimezoneOut,
} from '../abi/kinds/time-kinds.ts';
import {
  isValidTimespec,
  NS_PER_SEC,
  nsToTimespec,
  readTimespec,
  readTimespecNs,
  TIMER_ABSTIME,
  Timespec,
  Timeval,
  timespecToNs,
} from '../abi/time.ts';
import { EINVAL, EOPNOTSUPP, EPERM, fail } from '../errno.ts';
import { CAP_SYS_TIME, capable } from '../task/credentials.ts';
import type { Call, Thread } from '../task/thread.ts';
import {
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
  CLOCK_THREAD_CPUTIME_ID,
  cpuClock,
  isAlarmClock,
  isDynamicClock,
  isMonotonic,
  isRealtime,
} from '../time/clocks.ts';
import type { CpuTimer } from '../time/cpu-timers.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { clockOffset, machineTime } from '../time/time-offsets.ts';
import { WaitQueue, wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

/** The kind of CPU clock that counts exactly; the others count ticks (posix_cpu_clock_getres). */
const CPUCLOCK_SCHED = 2;
const CPUCLOCK_PERTHREAD = 4;
/** One tick of the coarse clocks: 250 Hz. */
const COARSE_NS = 4_000_000;

function clockGettime(thread: Thread, { clockid, tp }: { clockid: number; tp: number }): number {
  const { clock } = thread.kernel;
  let ns: number;
  let sec = 0;
  if (isMonotonic(clockid)) {
    ns = clock.monotonicNs();
    if (thread.ownNamespaces !== undefined) {
      const offset = clockOffset(thread, clockid);
      ns += offset.nsec;
      sec = offset.sec;
    }
  } else if (isRealtime(clockid)) {
    ns = clock.monotonicNs() + clock.realtimeFraction;
    sec = clock.realtimeSeconds;
  } else ns = cpuClock(thread, clockid).now();
  const whole = Math.floor(ns / NS_PER_SEC);
  thread.user.writeTwoU64(tp, sec + whole, ns - whole * NS_PER_SEC);
  return 0;
}

function clockGetres(thread: Thread, { clockid, res }: { clockid: number; res: number }): number {
  if (!isMonotonic(clockid) && !isRealtime(clockid)) cpuClock(thread, clockid);
  const isTicked = clockid < 0 && (clockid & 3) !== CPUCLOCK_SCHED;
  const isCoarse = isTicked || clockid === CLOCK_REALTIME_COARSE || clockid === CLOCK_MONOTONIC_COARSE;
  if (res !== 0) thread.user.writeStruct(res, Timespec, { sec: 0, nsec: isCoarse ? COARSE_NS : 1 });
  return 0;
}

function clockSettime(thread: Thread, { clockid, tp }: { clockid: number; tp: number }): number {
  if (clockid !== CLOCK_REALTIME) {
    if (clockid < 0) {
      cpuClock(thread, clockid);
      fail(EPERM, 'CPU clocks cannot be set');
    }
    fail(EINVAL, 'this clock cannot be set');
  }
  const value = thread.user.readStruct(tp, Timespec);
  setRealtime(thread, value.sec, value.nsec);
  return 0;
}

/** do_sys_settimeofday64: EINVAL, then EPERM. */
function setRealtime(thread: Thread, sec: number, nsec: number): void {
  if (!isValidTimespec({ sec, nsec })) fail(EINVAL, 'not a valid time');
  if (!capable(thread.credentials, CAP_SYS_TIME)) fail(EPERM, 'needs CAP_SYS_TIME');
  const { clock } = thread.kernel;
  // settimeofday(2): not before the time since boot
  if (sec * NS_PER_SEC + nsec < clock.monotonicNs() || sec > 8_277_292_036) fail(EINVAL, 'out of range');
  clock.setRealtime(BigInt(sec) * 1_000_000_000n + BigInt(nsec));
}

function gettimeofday(thread: Thread, { tv, tz }: { tv: number; tz: number }): number {
  const { clock } = thread.kernel;
  if (tv !== 0) {
    const ns = clock.monotonicNs() + clock.realtimeFraction;
    const whole = Math.floor(ns / NS_PER_SEC);
    const usec = Math.floor((ns - whole * NS_PER_SEC) / 1000);
    thread.user.writeTwoU64(tv, clock.realtimeSeconds + whole, usec);
  }
  if (tz !== 0) thread.user.writeU64(tz, 0);
  return 0;
}

function settimeofday(thread: Thread, { tv, tz }: { tv: number; tz: number }): number {
  const { user } = thread;
  const value = tv === 0 ? undefined : user.readStruct(tv, Timeval);
  if (value !== undefined && (value.usec < 0 || value.usec > 1_000_000)) fail(EINVAL, 'not a fraction');
  if (tz !== 0) {
    const minutesWest = user.readI32(tz);
    if (!capable(thread.credentials, CAP_SYS_TIME)) fail(EPERM, 'needs CAP_SYS_TIME');
    if (Math.abs(minutesWest) > 15 * 60) fail(EINVAL, 'no such time zone');
  }
  if (value === undefined && !capable(thread.credentials, CAP_SYS_TIME)) fail(EPERM, 'needs CAP_SYS_TIME');
  if (value !== undefined) setRealtime(thread, value.sec, value.usec * 1000);
  return 0;
}

function nanosleep(thread: Thread, { duration, rem }: { duration: number; rem: number }): Answer {
  return sleep(thread, { clockid: CLOCK_MONOTONIC, flags: 0, request: duration, remain: rem });
}

interface SleepArguments {
  readonly clockid: number;
  readonly flags: number;
  readonly request: number;
  readonly remain: number;
}

const SLEEPLESS = [
  CLOCK_THREAD_CPUTIME_ID,
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME_COARSE,
  CLOCK_MONOTONIC_COARSE,
];

/** clock_nanosleep: a clock that is none is EINVAL, one that cannot sleep EOPNOTSUPP. */
function clockNanosleep(thread: Thread, args: SleepArguments): Answer {
  const { clockid } = args;
  if (SLEEPLESS.includes(clockid) || isDynamicClock(clockid)) fail(EOPNOTSUPP, 'this clock has no timers');
  if (isMonotonic(clockid) || isRealtime(clockid)) return sleep(thread, args);
  if (isAlarmClock(clockid)) {
    readTimespecNs(thread.user, args.request);
    fail(EOPNOTSUPP, 'nothing could wake the machine');
  }
  return sleepOnCpuClock(thread, args);
}

function currentCall(thread: Thread): Call {
  if (thread.call === undefined) throw new Error('sleep outside a call');
  return thread.call;
}

function sleep(thread: Thread, { clockid, flags, request, remain }: SleepArguments): Answer {
  const { kernel, user } = thread;
  const { clock } = kernel;
  const call = currentCall(thread);
  const isAbsolute = (flags & TIMER_ABSTIME) !== 0;
  if (isAbsolute && isRealtime(clockid)) {
    // looked at anew at every try: setting the clock moves the deadline
    const wanted = readTimespec(user, request);
    const deadlineNs = absoluteDeadline(clock, wanted, true);
    if (deadlineNs <= clock.monotonicNs()) return 0;
    return wait(clock.realtimeSet, 'nohand', deadlineNs);
  }
  const nowNs = clock.monotonicNs(); // read once: however long the host takes, a relative sleep sleeps
  if (call.deadlineNs === undefined) {
    const wanted = readTimespec(user, request);
    call.deadlineNs = isAbsolute
      ? timespecToNs(machineTime(thread, clockid, wanted))
      : nowNs + timespecToNs(wanted);
  }
  const left = call.deadlineNs - nowNs;
  if (left <= 0) return 0;
  if (call.interrupted && !isAbsolute && remain !== 0) writeRemaining(thread, remain, left);
  return wait([], isAbsolute ? 'nohand' : 'restart-block', call.deadlineNs);
}

/** What is left for the caller, should a handler end the sleep. */
function writeRemaining(thread: Thread, address: number, ns: number): void {
  thread.user.writeStruct(address, Timespec, nsToTimespec(ns));
}

/** posix_cpu_nsleep: the caller's own per-thread clock stands still while it sleeps. */
function isOwnThreadClock({ ownTid }: Thread, clockid: number): boolean {
  const id = ~(clockid >> 3);
  return (clockid & CPUCLOCK_PERTHREAD) !== 0 && (id === 0 || id === ownTid);
}

/** A sleep until a CPU clock reaches its mark. */
interface CpuSleep {
  readonly timer: CpuTimer;
  readonly queue: WaitQueue;
}

function sleepOnCpuClock(thread: Thread, { clockid, flags, request, remain }: SleepArguments): Answer {
  const isKnown = clockid < 0 || clockid === CLOCK_PROCESS_CPUTIME_ID;
  const ns = isKnown ? readTimespecNs(thread.user, request) : 0;
  const clock = cpuClock(thread, clockid);
  if (clockid < 0 && isOwnThreadClock(thread, clockid)) fail(EINVAL, 'a thread cannot wait for its own time');
  const call = currentCall(thread);
  const isAbsolute = (flags & TIMER_ABSTIME) !== 0;
  let state = call.data as CpuSleep | undefined;
  if (state === undefined) {
    const queue = new WaitQueue('CPU clock');
    const deadlineNs = isAbsolute ? ns : clock.now() + ns;
    state = { timer: { now: clock.now, deadlineNs, fire: () => queue.wake() }, queue };
    call.data = state;
  }
  const { timer, queue } = state;
  const left = timer.deadlineNs - clock.now();
  const { timers } = clock.process;
  timers.cpu?.delete(timer);
  if (left <= 0) return 0;
  if (call.interrupted) {
    if (!isAbsolute && remain !== 0) writeRemaining(thread, remain, left);
  } else timers.addCpu(timer);
  return wait(queue, isAbsolute ? 'nohand' : 'restart-block');
}

export const TIME_SYSCALLS = {
  101: syscall('nanosleep', { duration: TimespecIn, rem: RemainingOut }, nanosleep),
  112: syscall('clock_settime', { clockid: ClockId, tp: TimespecIn }, clockSettime),
  113: syscall('clock_gettime', { clockid: ClockId, tp: TimespecOut }, clockGettime),
  114: syscall('clock_getres', { clockid: ClockId, res: TimespecOut }, clockGetres),
  115: syscall(
    'clock_nanosleep',
    { clockid: ClockId, flags: TimerFlags, request: TimespecIn, remain: RemainingOut },
    clockNanosleep,
  ),
  169: syscall('gettimeofday', { tv: TimevalOut, tz: TimezoneOut }, gettimeofday),
  170: syscall('settimeofday', { tv: TimevalIn, tz: TimezoneIn }, settimeofday),
};
