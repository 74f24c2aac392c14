// Clock ids (clock_gettime(2), time(7)): which clock an id names, for reading, sleeping and timers.
// The time family of system calls and the futexes use it.
// No clock can wake the machine up (it has no RTC, so no alarm clocks): alarmtimer_get_rtcdev in kernel/time/alarmtimer.c.
// CLOCK_REALTIME may be set; everything that sleeps until a real time is converted to monotonic time when it starts.
import { EINVAL, fail } from '../errno.ts';
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';
import { processCpuNs, threadCpuNs } from './cpu-time.ts';

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const CLOCK_THREAD_CPUTIME_ID = 3;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_REALTIME_COARSE = 5;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;
export const CLOCK_TAI = 11;

const CPUCLOCK_PERTHREAD = 4;
const CPUCLOCK_CLOCK_MASK = 3;
const CPUCLOCK_MAX = 3;
const CLOCKFD_MASK = CPUCLOCK_PERTHREAD | CPUCLOCK_CLOCK_MASK;
const CLOCKFD = 3;

/** A clock of CPU time: whose, and its reading. */
export interface CpuClock {
  readonly process: Process;
  readonly now: () => number;
}

/** Counts wall-clock seconds since 1970 (settable, or TAI). */
export function isRealtime(id: number): boolean {
  return id === CLOCK_REALTIME || id === CLOCK_REALTIME_COARSE || id === CLOCK_TAI;
}

/** Would wake the machine from sleep: reading it is EINVAL, a timer on it EOPNOTSUPP. */
export function isAlarmClock(id: number): boolean {
  return id === CLOCK_REALTIME_ALARM || id === CLOCK_BOOTTIME_ALARM;
}

/** Named by a descriptor, which is none of a clock device. */
export function isDynamicClock(id: number): boolean {
  return id < 0 && (id & CLOCKFD_MASK) === CLOCKFD;
}

/** Counts from boot. */
export function isMonotonic(id: number): boolean {
  return (
    id === CLOCK_MONOTONIC ||
    id === CLOCK_BOOTTIME ||
    id === CLOCK_MONOTONIC_RAW ||
    id === CLOCK_MONOTONIC_COARSE
  );
}

/**
 * The CPU clock that `id` names: the caller's own, or pid- and tid-specific ones (clock_getcpuclockid(3):
 * ~pid << 3 | per-thread bit | kind). EINVAL for anything else.
 */
export function cpuClock(thread: Thread, id: number): CpuClock {
  if (id === CLOCK_THREAD_CPUTIME_ID) return ofThread(thread);
  if (id === CLOCK_PROCESS_CPUTIME_ID) return ofProcess(thread.process);
  if (id >= 0 || (id & CPUCLOCK_CLOCK_MASK) === CPUCLOCK_MAX) fail(EINVAL, 'no such clock');
  const pid = thread.process.kernelPid(~(id >> 3));
  const { pids } = thread.kernel;
  if ((id & CPUCLOCK_PERTHREAD) !== 0) {
    if (pid === 0) return ofThread(thread);
    const other = pids.thread(pid);
    if (other === undefined || other.process !== thread.process)
      fail(EINVAL, 'no such thread in this process');
    return ofThread(other);
  }
  if (pid === 0) return ofProcess(thread.process);
  const process = pids.process(pid);
  if (process === undefined) fail(EINVAL, 'no such process');
  return ofProcess(process);
}

function ofThread(thread: Thread): CpuClock {
  return { process: thread.process, now: () => threadCpuNs(thread) };
}

function ofProcess(process: Process): CpuClock {
  return { process, now: () => processCpuNs(process) };
}
