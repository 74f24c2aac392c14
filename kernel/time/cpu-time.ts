// CPU time of threads and processes, for clocks, rusage, times, /proc and CPU timers.
// Read anywhere; the kernel's loop adds each slice to its thread.
// Time inside the kernel is not measured but reckoned: a fixed amount for each system call, the rest is the program's.
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';

/** What one system call is taken to cost. */
const SYSCALL_NS = 200;

export interface CpuTime {
  readonly userNs: number;
  readonly systemNs: number;
}

/** All CPU time of `thread` so far, the running slice included. */
export function threadCpuNs(thread: Thread): number {
  const { sliceStartNs } = thread;
  const running = sliceStartNs === undefined ? 0 : thread.kernel.clock.monotonicNs() - sliceStartNs;
  return thread.userNs + thread.systemNs + running;
}

export function threadCpuTime(thread: Thread): CpuTime {
  const total = threadCpuNs(thread);
  const systemNs = Math.min(total, thread.syscallCount * SYSCALL_NS);
  return { userNs: total - systemNs, systemNs };
}

/** All threads, the ended ones too. */
export function processCpuTime(process: Process): CpuTime {
  let userNs = process.endedUserNs;
  let systemNs = process.endedSystemNs;
  for (const thread of process.threads.values()) {
    const time = threadCpuTime(thread);
    userNs += time.userNs;
    systemNs += time.systemNs;
  }
  return { userNs, systemNs };
}

export function processCpuNs(process: Process): number {
  const { userNs, systemNs } = processCpuTime(process);
  return userNs + systemNs;
}

/** times(2), SIGCHLD and /proc/PID/stat count in hundredths of a second (USER_HZ). */
export function clockTicks(ns: number): number {
  return Math.floor(ns / 10_000_000);
}
