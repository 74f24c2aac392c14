// The three interval timers of a process (setitimer(2)): real time, its own CPU time, and CPU time with the kernel's.
// setitimer, alarm-like programs and /proc use them; expiry sends SIGALRM, SIGVTALRM or SIGPROF to the process.
// A timer that is overtaken by time skips what it missed: standard signals do not queue.
import { SIGALRM, SIGPROF, SIGVTALRM } from '../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import { sendToProcess } from '../task/send-signal.ts';
import { kernelSignal } from '../task/signal-info.ts';
import { processCpuNs, processCpuTime } from './cpu-time.ts';
import type { CpuTimer } from './cpu-timers.ts';
import type { Timer } from './timers.ts';

export const ITIMER_REAL = 0;
export const ITIMER_VIRTUAL = 1;

const SIGNALS = [SIGALRM, SIGVTALRM, SIGPROF];

export interface IntervalTimer {
  readonly process: Process;
  readonly which: number;
  intervalNs: number;
  /** On the timer's own clock; undefined = disarmed, or at rest until SIGALRM is taken. */
  deadlineNs: number | undefined;
  /** When the real timer expired last; its periods are counted from there. */
  expiredNs: number;
  timer: Timer | undefined;
  cpuTimer: CpuTimer | undefined;
}

/** The clock a timer runs on, ns. */
function now(kernel: Kernel, process: Process, which: number): number {
  if (which === ITIMER_REAL) return kernel.clock.monotonicNs();
  if (which === ITIMER_VIRTUAL) return processCpuTime(process).userNs;
  return processCpuNs(process);
}

/** What getitimer(2) reports: interval, and time to the next expiry (0 = disarmed; at least 1 µs while armed). */
export function readInterval(
  kernel: Kernel,
  process: Process,
  which: number,
): { intervalNs: number; valueNs: number } {
  const interval = process.timers.intervals[which];
  if (interval?.deadlineNs === undefined) return { intervalNs: interval?.intervalNs ?? 0, valueNs: 0 };
  const left = interval.deadlineNs - now(kernel, process, which);
  return { intervalNs: interval.intervalNs, valueNs: Math.max(1000, left) };
}

/**
 * Arms the timer for `valueNs` from now and then every `intervalNs`; 0 disarms it, and the real one forgets its interval
 * then (do_setitimer).
 */
export function setInterval(
  kernel: Kernel,
  process: Process,
  which: number,
  valueNs: number,
  intervalNs: number,
): void {
  let interval = process.timers.intervals[which];
  if (interval === undefined) {
    interval = {
      process,
      which,
      intervalNs: 0,
      deadlineNs: undefined,
      expiredNs: 0,
      timer: undefined,
      cpuTimer: undefined,
    };
    process.timers.intervals[which] = interval;
  }
  disarmInterval(kernel, interval);
  interval.intervalNs = which === ITIMER_REAL && valueNs === 0 ? 0 : intervalNs;
  if (valueNs > 0) arm(kernel, interval, now(kernel, process, which) + valueNs);
}

export function disarmInterval(kernel: Kernel, interval: IntervalTimer): void {
  interval.deadlineNs = undefined;
  if (interval.timer !== undefined) kernel.timers.cancel(interval.timer);
  if (interval.cpuTimer !== undefined) interval.process.timers.cpu?.delete(interval.cpuTimer);
  interval.timer = undefined;
  interval.cpuTimer = undefined;
}

function arm(kernel: Kernel, interval: IntervalTimer, deadlineNs: number): void {
  const { process, which } = interval;
  interval.deadlineNs = deadlineNs;
  const fire = (): void => expire(kernel, interval);
  if (which === ITIMER_REAL) {
    interval.timer = kernel.timers.at(deadlineNs, fire);
  } else {
    interval.cpuTimer = { now: () => now(kernel, process, which), deadlineNs, fire };
    process.timers.addCpu(interval.cpuTimer);
  }
}

function expire(kernel: Kernel, interval: IntervalTimer): void {
  const { process, which, intervalNs, deadlineNs = 0 } = interval;
  disarmInterval(kernel, interval);
  interval.expiredNs = deadlineNs;
  if (which !== ITIMER_REAL && intervalNs > 0) forward(kernel, interval, deadlineNs);
  sendToProcess(process, kernelSignal(SIGNALS[which] as number));
}

/** Arms the next period after now. */
function forward(kernel: Kernel, interval: IntervalTimer, lastNs: number): void {
  const { process, which, intervalNs } = interval;
  const missed = Math.max(0, Math.floor((now(kernel, process, which) - lastNs) / intervalNs));
  arm(kernel, interval, lastNs + (missed + 1) * intervalNs);
}

/**
 * A SIGALRM was taken from the process: the real timer runs again. Until then it rests, so that an ignored or blocked
 * signal costs nothing (kernel/signal.c, dequeue_signal).
 */
export function alarmTaken(kernel: Kernel, process: Process): void {
  const interval = process.timers.intervals[ITIMER_REAL];
  if (interval === undefined || interval.intervalNs === 0 || interval.deadlineNs !== undefined) return;
  forward(kernel, interval, interval.expiredNs);
}
