// Delivery: takes pending signals and acts on them - handler, death, stop - before a thread runs guest code again.
// The kernel's loop calls it when a thread has `attention`; it is Linux's get_signal and handle_signal.
// One handler's frame per call: further signals stack theirs on top before the first handler runs.

import {
  CORE_SIGNALS,
  IGNORED_SIGNALS,
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  SIG_DFL,
  SIG_IGN,
  SIGALRM,
  SIGKILL,
  SIGSEGV,
  SIGSTOP,
  STOP_SIGNALS,
  signalBit,
  UNBLOCKABLE,
} from '../abi/signal.ts';
import { interruptCall, settleCall } from '../call-end.ts';
import { late } from '../late.ts';
import { exitProcess } from './exit.ts';
import { nextSignal } from './pending-signals.ts';
import type { Process } from './process.ts';
import type { SignalAction } from './process-signals.ts';
import { RLIMIT_CORE } from './rlimits.ts';
import { abortSequence } from './rseq.ts';
import { restoreSavedMask } from './saved-mask.ts';
import {
  deliverable,
  flushEverywhere,
  forceFatal,
  forceSignal,
  recalculateAttention,
  setBlocked,
} from './send-signal.ts';
import { pushSignalFrame } from './signal-frame.ts';
import { kernelSignal, type SignalInfo } from './signal-info.ts';
import { stopProcess } from './stop.ts';
import type { Thread } from './thread.ts';

/** Cheap: is there anything for deliverSignals to do? */
export function needsAttention(thread: Thread): boolean {
  return thread.signals.attention;
}

/** A signal that ends the process waits: its calls need no last try. */
export function isDoomed(thread: Thread): boolean {
  return thread.process.signals.fatal !== undefined;
}

/** Acts on pending signals. Afterwards the thread has a handler's frame, is stopped or dead, or goes on as before. */
export function deliverSignals(thread: Thread): void {
  const { process, kernel } = thread;
  for (;;) {
    const { fatal } = process.signals;
    if (fatal !== undefined) {
      kernel.observer?.signalDelivered?.(thread, fatal);
      exitProcess(process, fatal.signo);
      return;
    }
    if (process.coreDump !== undefined) {
      endWith(process, late.coreDumps.continueDump(thread));
      return;
    }
    if (thread.isFreezing) {
      late.cgroupMembers.enterFreezer(thread);
      return;
    }
    const { tracee } = thread;
    let info: SignalInfo | undefined;
    if (tracee?.left !== undefined) {
      info = late.tracing.chosenSignal(thread, tracee);
      recalculateAttention(thread);
      if (info === undefined) continue;
    } else {
      if (tracee !== undefined && late.tracing.trapsForJobControl(thread, tracee)) return;
      info = takeDeliverable(thread);
      recalculateAttention(thread);
      if (info === undefined) break;
      if (tracee !== undefined && late.tracing.hidesSignal(thread, tracee, info)) return;
    }
    const action = process.signals.actions.get(info.signo);
    if (action.handler === SIG_IGN) continue;
    if (action.handler !== SIG_DFL) {
      runHandler(thread, info, action);
      return;
    }
    const bit = signalBit(info.signo);
    if ((IGNORED_SIGNALS & bit) !== 0n) continue;
    if (process.isUnkillable && (UNBLOCKABLE & bit) === 0n) continue;
    if ((STOP_SIGNALS & bit) !== 0n) {
      // tty stops are pointless where no shell could continue the group (POSIX, 2.4.3)
      if (info.signo !== SIGSTOP && process.group.isOrphaned()) continue;
      if (tracee?.stopDequeued === false) continue; // SIGCONT came while its tracer had it
      kernel.observer?.signalDelivered?.(thread, info);
      stopProcess(process, info.signo);
      if (tracee !== undefined) continue; // it stops for its tracer
      return;
    }
    kernel.observer?.signalDelivered?.(thread, info);
    const isCore = (CORE_SIGNALS & bit) !== 0n && leavesCore(thread);
    endWith(process, isCore ? late.coreDumps.dumpCore(thread, info) : info.signo);
    return;
  }
  if (thread.interruption !== undefined) settleCall(thread, undefined);
  if (thread.call === undefined) restoreSavedMask(thread);
}

/** undefined: its core is still being read. */
function endWith(process: Process, status: number | undefined): void {
  if (status !== undefined) exitProcess(process, status);
}

/** May there be a core (core(5))? Programs and sockets that read cores are served whatever the limit. */
function leavesCore({ process, kernel }: Thread): boolean {
  if (process.dumpable === 0) return false;
  return process.limits.get(RLIMIT_CORE).soft > 0 || /^[|@]/.test(kernel.cores.pattern);
}

/** The signal that `thread` would act upon next, for debuggers: nothing is taken. Ignored ones count, those that a tracer sees first do not. */
export function upcomingSignal(thread: Thread): SignalInfo | undefined {
  const { signals, process } = thread;
  const { blocked } = signals;
  if (thread.tracee !== undefined && process.signals.fatal === undefined)
    return late.tracing.passedOn(thread, thread.tracee);
  return process.signals.fatal ?? signals.pending.peek(blocked) ?? process.signals.pending.peek(blocked);
}

/** The signal that will end the thread's process next, for debuggers. SIGKILL, which nothing can keep away, does not count. */
export function upcomingDeath(thread: Thread): SignalInfo | undefined {
  if (!needsAttention(thread)) return undefined;
  const info = upcomingSignal(thread);
  if (info === undefined || info.signo === SIGKILL) return undefined;
  const { process } = thread;
  if (process.signals.fatal !== undefined) return info;
  const isKept = (signalBit(info.signo) & (IGNORED_SIGNALS | STOP_SIGNALS)) !== 0n;
  return isKept || process.signals.actions.get(info.signo).handler !== SIG_DFL ? undefined : info;
}

/** Throws away what upcomingSignal told of: a debugger keeps it from the program. */
export function discardUpcoming(thread: Thread): void {
  const { process, tracee } = thread;
  if (process.signals.fatal === undefined && tracee?.left !== undefined)
    tracee.left = { ...tracee.left, signo: 0 };
  else if (process.signals.fatal === undefined) takeDeliverable(thread);
  else {
    const { signo } = process.signals.fatal;
    process.signals.fatal = undefined;
    flushEverywhere(process, signalBit(signo));
  }
  for (const each of process.threads.values()) recalculateAttention(each);
}

function takeDeliverable(thread: Thread): SignalInfo | undefined {
  const { signals } = thread;
  return signals.pending.takeSynchronous(signals.blocked) ?? takeSignal(thread, signals.blocked);
}

/** Takes the first signal pending for the thread or its process that is not in `blocked` (dequeue_signal). */
export function takeSignal(thread: Thread, blocked: bigint): SignalInfo | undefined {
  for (const pending of [thread.signals.pending, thread.process.signals.pending]) {
    for (let set = pending.set & ~blocked; set !== 0n; set = pending.set & ~blocked) {
      const info = pending.take(nextSignal(set));
      if (info === undefined) continue; // of a timer that was set anew or deleted (posixtimer_deliver_signal)
      if (info.signo === SIGALRM && thread.process.timers.intervals.length > 0)
        late.timers.alarmTaken(thread.kernel, thread.process);
      return info;
    }
  }
  return undefined;
}

function runHandler(thread: Thread, info: SignalInfo, action: SignalAction): void {
  const { signals, process, kernel } = thread;
  kernel.observer?.signalDelivered?.(thread, info);
  if ((action.flags & SA_RESETHAND) !== 0)
    process.signals.actions.set(info.signo, { ...action, handler: SIG_DFL });
  const restarts = (action.flags & SA_RESTART) !== 0;
  interruptCall(kernel, thread, restarts);
  if (thread.interruption !== undefined) settleCall(thread, restarts);
  if (thread.rseq !== undefined) abortSequence(thread);
  if (!pushSignalFrame(thread, info, action, signals.saved ?? signals.blocked)) {
    // signal_setup_done: a frame that cannot be written is SIGSEGV, and death when SIGSEGV was the signal
    if (info.signo === SIGSEGV) forceFatal(thread, SIGSEGV);
    else forceSignal(thread, kernelSignal(SIGSEGV));
    return;
  }
  signals.saved = undefined;
  let mask = signals.blocked | action.mask;
  if ((action.flags & SA_NODEFER) === 0) mask |= signalBit(info.signo);
  setBlocked(thread, mask & ~UNBLOCKABLE);
}

/** Pending for this thread or its process, blocked ones too: sigpending(2) wants those that are blocked. */
export function pendingSet(thread: Thread): bigint {
  return thread.signals.pending.set | thread.process.signals.pending.set;
}

/** A kill is waiting for this thread, or its core is being read: nothing but its end matters. */
export function killWaits(thread: Thread): boolean {
  return (
    isDoomed(thread) ||
    thread.process.coreDump !== undefined ||
    (deliverable(thread) & signalBit(SIGKILL)) !== 0n
  );
}
