// The timers a process owns: three interval timers, POSIX timers, and deadlines on CPU time.
// setitimer, timer_create and clock_nanosleep add them; the kernel's loop checks CPU deadlines after each slice.
// They end with the process; fork starts without any.
import type { CpuTimer } from './cpu-timers.ts';
import type { IntervalTimer } from './interval-timers.ts';
import type { PosixTimer } from './posix-timers.ts';

export class ProcessTimers {
  /** ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. */
  readonly intervals: (IntervalTimer | undefined)[] = [undefined, undefined, undefined];
  readonly posix = new Map<number, PosixTimer>();
  nextPosixId = 0;
  /** Deadlines on the CPU time of the process or one of its threads; most have none. */
  cpu: Set<CpuTimer> | undefined;

  addCpu(timer: CpuTimer): void {
    this.cpu ??= new Set();
    this.cpu.add(timer);
  }
}
