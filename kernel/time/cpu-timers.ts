// Deadlines on CPU time: ITIMER_VIRTUAL and ITIMER_PROF, POSIX timers and sleeps on CPU clocks, RLIMIT_CPU.
// CPU time passes only while threads run, so the kernel's loop checks them after each slice (about a millisecond).
// A timer is in `process.timers.cpu` while armed; it fires once and is then re-armed by its owner.
import type { Process } from '../task/process.ts';

export interface CpuTimer {
  /** The clock's reading now, ns. */
  readonly now: () => number;
  readonly deadlineNs: number;
  readonly fire: () => void;
  /** It watches RLIMIT_CPU. */
  readonly isLimit?: boolean;
}

/** Fires what is due. */
export function checkCpuTimers(process: Process): void {
  for (const timer of [...(process.timers.cpu ?? [])]) {
    if (timer.now() < timer.deadlineNs) continue;
    if (process.timers.cpu?.delete(timer)) timer.fire();
  }
}
