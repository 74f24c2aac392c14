// One turn of a thread on the processor: what happens at its start, between runs of guest code, and at its end.
// Kernel.run goes through slices as fast as it can, Stepper (stepper.ts) one event at a time: both with these parts.
// What is counted against the slice is the same in both, or stepping would change the schedule.

import { LEAVE_WITH_ECALL } from '../emulator/cpu/cpu.ts';
import type { TrapCause } from '../emulator/cpu/trap.ts';
import { completeCall } from './call-end.ts';
import { answerAtOnce, beginCall, requestedSyscall, tryCall } from './dispatch.ts';
import { EINTR } from './errno.ts';
import type { Kernel } from './kernel.ts';
import { late } from './late.ts';
import { handleTrap } from './task/fault-signals.ts';
import { TICKS_PER_MS, turnTicks } from './task/rank.ts';
import { abortSequence } from './task/rseq.ts';
import { deliverSignals, killWaits, needsAttention } from './task/signal-delivery.ts';
import type { Thread } from './task/thread.ts';
import { checkCpuTimers } from './time/cpu-timers.ts';

/** A slice ends after this many ticks (taken backward transfers and jalr). */
const DEFAULT_QUANTUM = TICKS_PER_MS;
/** What a system call counts against the slice, so that a loop of calls is preempted too. */
const SYSCALL_TICKS = 50;
/** What an exception counts, so that an instruction that traps for ever is preempted and can be killed. */
const FAULT_TICKS = 20;

export interface Slice {
  readonly thread: Thread;
  readonly startNs: number;
  /** `workOf` the thread then. */
  readonly startWork: number;
  /** Ticks left. */
  budget: number;
  /** The hart's tick count at which a plan of turns wants the thread to give way; Infinity without one. */
  codeEnd: number;
}

/** The scheduler chose `thread`; it is `startNs` now. */
export function openSlice(kernel: Kernel, thread: Thread, startNs: number): Slice {
  kernel.running = thread;
  thread.sliceStartNs = startNs;
  thread.hart.clearReservation();
  if (thread.rseq !== undefined) abortSequence(thread);
  const quantum = quantumOf(kernel);
  const slice = {
    thread,
    startNs,
    startWork: workOf(thread),
    budget: Math.min(quantum, turnTicks(thread, quantum)),
    codeEnd: Number.POSITIVE_INFINITY,
  };
  kernel.scheduler.slice = slice;
  const { turns } = kernel.scheduler;
  if (turns !== undefined) {
    turns.opened(thread);
    slice.codeEnd = turns.codeEnd(thread);
  }
  return slice;
}

function quantumOf(kernel: Kernel): number {
  return kernel.options.quantum ?? DEFAULT_QUANTUM;
}

/** In ticks. */
function workOf({ hart, syscallCount }: Thread): number {
  return hart.ticks + SYSCALL_TICKS * syscallCount;
}

/** The thread may go on in this slice. */
export function isOpen(slice: Slice): boolean {
  return slice.thread.state === 'runnable' && slice.budget > 0 && slice.thread.hart.ticks < slice.codeEnd;
}

/** How many ticks guest code may run on, if the slice is open. */
export function codeBudget(slice: Slice): number {
  return Math.min(slice.budget, slice.codeEnd - slice.thread.hart.ticks);
}

/** What the kernel has to do before guest code runs: signals, or another try of a call. False when there is nothing. */
export function takeKernelTurn(kernel: Kernel, slice: Slice): boolean {
  const { thread } = slice;
  if (needsAttention(thread)) {
    attend(kernel, thread);
    return true;
  }
  if (thread.call === undefined) return false;
  tryCall(kernel, thread);
  slice.budget -= SYSCALL_TICKS;
  planCode(kernel, slice);
  return true;
}

/** The guest executed ecall: the call begins, unless a plan of turns lets others go first. */
export function enterCall(kernel: Kernel, slice: Slice): void {
  const { turns, runnableCount } = kernel.scheduler;
  if (turns?.holdsCall(slice.thread, runnableCount, kernel.timers.nextNs !== undefined) === true) {
    slice.budget = 0;
    return;
  }
  kernel.clock.advance(0, 1);
  slice.budget -= SYSCALL_TICKS;
  if (slice.thread.isGated && late.tracing.stopsBeforeCall(slice.thread)) return;
  beginCall(kernel, slice.thread);
  planCode(kernel, slice);
}

/** A call was tried: code that follows it has moments of its own. */
function planCode(kernel: Kernel, slice: Slice): void {
  const { turns } = kernel.scheduler;
  if (turns !== undefined && slice.thread.state === 'runnable') slice.codeEnd = turns.codeEnd(slice.thread);
}

/**
 * The guest executed ecall in compiled code, which waits: as enterCall, and the budget to go on with. 0 when the thread
 * does not simply go on; LEAVE_WITH_ECALL when the call may put another program in the place of this one.
 */
export function serveCall(kernel: Kernel, slice: Slice, ticks: number): number {
  const { thread } = slice;
  const syscall = requestedSyscall(kernel, thread);
  if (syscall.replacesContext) {
    slice.budget -= ticks;
    kernel.clock.advance(ticks, 0);
    return LEAVE_WITH_ECALL;
  }
  slice.budget -= ticks + SYSCALL_TICKS;
  kernel.clock.advance(ticks, 1);
  if (answerAtOnce(kernel, thread, syscall)) return slice.budget;
  beginCall(kernel, thread, syscall);
  const goesOn = thread.call === undefined && thread.state === 'runnable' && !needsAttention(thread);
  return goesOn ? slice.budget : 0; // or less
}

/** Guest code stopped with an exception. */
export function takeTrap(slice: Slice, cause: TrapCause): void {
  slice.budget -= FAULT_TICKS;
  handleTrap(slice.thread, cause);
}

/** The slice is over: times are charged, and a thread that wants to go on queues up again. Returns the time. */
export function closeSlice(kernel: Kernel, slice: Slice): number {
  const { thread } = slice;
  const now = kernel.clock.monotonicNs();
  thread.userNs += now - slice.startNs;
  thread.sliceStartNs = undefined;
  kernel.running = undefined;
  const { scheduler } = kernel;
  scheduler.slice = undefined;
  const ticks = workOf(thread) - slice.startWork;
  scheduler.charge(thread, ticks);
  if (thread.state !== 'dead') kernel.callHash?.addState(thread);
  if (thread.process.timers.cpu !== undefined) checkCpuTimers(thread.process);
  if (thread.state !== 'runnable') return now;
  // where the time slice ends anyway, the plan has no part in it: a schedule counts only what it brings about
  const isPlanned = slice.budget > 0 && thread.hart.ticks >= slice.codeEnd && thread.call === undefined;
  scheduler.turns?.closed(thread, isPlanned);
  scheduler.requeue(thread, keepsPlace(kernel, thread, ticks));
  return now;
}

/** After `ticks` more its turn is not over; a plan of turns alone says when the usual threads give way. */
function keepsPlace(kernel: Kernel, thread: Thread, ticks: number): boolean {
  const quantum = quantumOf(kernel);
  const length = turnTicks(thread, quantum);
  thread.turnTicks += ticks;
  if (thread.turnTicks >= length) {
    thread.turnTicks = 0;
    return false;
  }
  return thread.rank > 0 || (length > quantum && kernel.scheduler.turns === undefined);
}

/** Signals wait: the call the thread is in gets a last try, then they are delivered. */
function attend(kernel: Kernel, thread: Thread): void {
  if (thread.tracee !== undefined || thread.interruption !== undefined) {
    late.tracing.takeTracedTurn(kernel, thread);
    return;
  }
  const { call } = thread;
  if (call !== undefined && !killWaits(thread)) {
    call.interrupted = true;
    tryCall(kernel, thread);
    call.interrupted = false;
    if (thread.state !== 'runnable') return;
    if (thread.call === call && thread.parkPolicy === 'interrupt') completeCall(kernel, thread, -EINTR);
  }
  deliverSignals(thread);
}
