// POSIX timers (timer_create(2), kernel/time/posix-timers.c): on any clock, with a signal to the process or a thread.
// syscalls/timers.ts makes and sets them; expiry queues one signal and the timer rests until that signal is taken.
// Taking the signal counts what was missed as the overrun and arms the next period, so no timer can flood the machine.
import { SI_TIMER, SIGEV_NONE } from '../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import { sendToProcess, sendToThread } from '../task/send-signal.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import type { Waiter } from '../wait.ts';
import type { CpuClock } from './clocks.ts';
import { type CpuTimer, checkCpuTimers } from './cpu-timers.ts';
import type { Timer } from './timers.ts';

/** Overruns are reported up to this (DELAYTIMER_MAX). */
const OVERRUN_MAX = 0x7fff_ffff;
/** A timer whose signal is ignored is not looked at more often than this (TICK_NSEC). */
const TICK_NS = 4_000_000;

export interface PosixTimer {
  readonly id: number;
  readonly process: Process;
  readonly clockId: number;
  /** Set for CPU clocks; the machine's monotonic clock otherwise. */
  readonly cpu: CpuClock | undefined;
  readonly notify: number;
  readonly signo: number;
  readonly value: bigint;
  /** SIGEV_THREAD_ID's receiver. */
  readonly tid: number | undefined;
  /** Gives its place in the signal queue back (RLIMIT_SIGPENDING). */
  readonly uncharge: () => void;
  intervalNs: number;
  /** On the timer's clock; undefined = disarmed. */
  deadlineNs: number | undefined;
  timer: Timer | undefined;
  /** Set while the deadline is a real time: it moves when the clock is set. */
  follower: Waiter | undefined;
  cpuTimer: CpuTimer | undefined;
  /** timer_getoverrun(2). */
  overrun: number;
  /** Settings are numbered: a signal of an older one is not delivered (it_signal_seq). */
  generation: number;
  /** The setting whose expiry the queued signal tells of; undefined while none is queued. */
  queuedGeneration: number | undefined;
}

/** The reading of the timer's clock; real-time clocks are kept in monotonic time. */
export function timerNow(kernel: Kernel, timer: PosixTimer): number {
  return timer.cpu === undefined ? kernel.clock.monotonicNs() : timer.cpu.now();
}

/** Stops the timer, which forgets its interval and what it missed (posix_timer_set_common). */
export function disarmPosix(kernel: Kernel, timer: PosixTimer): void {
  timer.generation++;
  timer.intervalNs = 0;
  timer.overrun = 0;
  timer.deadlineNs = undefined;
  if (timer.follower !== undefined) kernel.clock.realtimeSet.remove(timer.follower);
  timer.follower = undefined;
  unschedule(kernel, timer);
}

/** The timer is gone. */
export function dropPosix(kernel: Kernel, timer: PosixTimer): void {
  disarmPosix(kernel, timer);
  timer.uncharge();
  timer.process.timers.posix.delete(timer.id);
}

/**
 * Sets the timer to expire at `deadlineNs` of its clock, at once if that is past, then every `intervalNs` if not 0.
 * With `isRealTime` the deadline was given as a real time, and stays that when the clock is set.
 */
export function armPosix(
  kernel: Kernel,
  timer: PosixTimer,
  deadlineNs: number,
  intervalNs: number,
  isRealTime = false,
): void {
  disarmPosix(kernel, timer);
  timer.intervalNs = intervalNs;
  timer.deadlineNs = deadlineNs;
  if (isRealTime) followClock(kernel, timer);
  if (timer.notify === SIGEV_NONE) return;
  schedule(kernel, timer, deadlineNs);
  if (timer.cpu !== undefined) checkCpuTimers(timer.process);
  else kernel.timers.fireDue(kernel.clock.monotonicNs());
}

function followClock(kernel: Kernel, timer: PosixTimer): void {
  const { clock, timers } = kernel;
  let offsetNs = clock.realtimeOffsetNs;
  timer.follower = {
    wake: () => {
      const shiftNs = Number(clock.realtimeOffsetNs - offsetNs);
      offsetNs = clock.realtimeOffsetNs;
      if (timer.deadlineNs === undefined) return;
      timer.deadlineNs -= shiftNs;
      if (timer.timer === undefined) return; // its signal waits to be taken
      unschedule(kernel, timer);
      schedule(kernel, timer, timer.deadlineNs);
      timers.fireDue(clock.monotonicNs());
    },
  };
  clock.realtimeSet.add(timer.follower);
}

/** What timer_gettime(2) reports: ns to the next expiry, 0 when disarmed. */
export function remainingNs(kernel: Kernel, timer: PosixTimer): number {
  const { deadlineNs, intervalNs } = timer;
  if (deadlineNs === undefined) return 0;
  const left = deadlineNs - timerNow(kernel, timer);
  if (left > 0) return left;
  if (intervalNs > 0) return intervalNs - (-left % intervalNs);
  return timer.notify === SIGEV_NONE ? 0 : 1;
}

function schedule(kernel: Kernel, timer: PosixTimer, deadlineNs: number): void {
  const fire = (): void => expire(kernel, timer);
  if (timer.cpu === undefined) {
    timer.timer = kernel.timers.at(deadlineNs, fire);
    return;
  }
  timer.cpuTimer = { now: timer.cpu.now, deadlineNs, fire };
  timer.process.timers.addCpu(timer.cpuTimer);
}

function unschedule(kernel: Kernel, timer: PosixTimer): void {
  if (timer.timer !== undefined) kernel.timers.cancel(timer.timer);
  if (timer.cpuTimer !== undefined) timer.process.timers.cpu?.delete(timer.cpuTimer);
  timer.timer = undefined;
  timer.cpuTimer = undefined;
}

function expire(kernel: Kernel, timer: PosixTimer): void {
  unschedule(kernel, timer);
  if (timer.intervalNs === 0) timer.deadlineNs = undefined;
  const { generation, signo, value } = timer;
  if (timer.queuedGeneration !== undefined) {
    timer.queuedGeneration = generation; // one signal a timer: the old one counts again
    return;
  }
  const info: SignalInfo = { signo, code: SI_TIMER, timerId: timer.id, overrun: 0, value };
  const dropped = (): void => {
    timer.queuedGeneration = undefined;
  };
  const taken = (queued: SignalInfo): SignalInfo | undefined => {
    const counts = timer.queuedGeneration === timer.generation;
    dropped();
    if (!counts) return undefined;
    timer.overrun = forward(kernel, timer);
    return { ...queued, overrun: timer.overrun };
  };
  const queued = (): void => {
    timer.queuedGeneration = generation;
  };
  const watch = { taken, queued, dropped };
  const thread = timer.tid === undefined ? undefined : kernel.pids.thread(timer.tid);
  if (timer.tid === undefined) sendToProcess(timer.process, info, watch);
  else if (thread !== undefined) sendToThread(thread, info, watch);
  if (timer.queuedGeneration === undefined) forward(kernel, timer, TICK_NS); // ignored: look again later
}

/** Arms the next period after now, if there is one; returns how many were missed. */
function forward(kernel: Kernel, timer: PosixTimer, atLeastNs = 0): number {
  const { intervalNs, deadlineNs = 0 } = timer;
  if (intervalNs === 0) return 0;
  const late = timerNow(kernel, timer) + atLeastNs - deadlineNs;
  const missed = Math.max(0, Math.floor(late / intervalNs));
  timer.deadlineNs = deadlineNs + (missed + 1) * intervalNs;
  schedule(kernel, timer, timer.deadlineNs);
  return Math.min(missed, OVERRUN_MAX);
}
