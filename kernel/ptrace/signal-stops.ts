// Signals of traced threads (kernel/signal.c, ptrace_signal, do_jobctl_trap): the tracer sees each before it acts.
// Signal delivery asks here, in the order of Linux's get_signal: what the tracer chose, job control, the next signal.
// The tracer may take a signal away, or put another in its place.
import { CLD_STOPPED, SI_USER, SIGKILL, signalBit } from '../abi/signal.ts';
import type { Process } from '../task/process.ts';
import { notifyParent, recalculateAttention, sendToThread } from '../task/send-signal.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import { stopThread } from '../task/stop.ts';
import type { Thread } from '../task/thread.ts';
import { stopForJobControl, stopForSignal } from './stops.ts';
import type { Tracee } from './tracee.ts';

/** The signal that a tracer lets through and that has not acted yet. */
export function passedOn({ process }: Thread, tracee: Tracee): SignalInfo | undefined {
  const { left } = tracee;
  if (left?.stop.kind !== 'signal' || left.signo === 0) return undefined;
  const { info } = left.stop;
  return info?.signo === left.signo ? info : replacement(left.signo, tracee, process);
}

/** The thread has left a stop: the signal that is to act now. */
export function chosenSignal(thread: Thread, tracee: Tracee): SignalInfo | undefined {
  const chosen = passedOn(thread, tracee);
  tracee.left = undefined;
  if (chosen === undefined) return undefined;
  if ((thread.signals.blocked & signalBit(chosen.signo)) === 0n) return chosen;
  sendToThread(thread, chosen); // blocked by now: for later
  return undefined;
}

/** Another signal than the one that came: as if the tracer had sent it. */
function replacement(signo: number, { tracer }: Tracee, viewer: Process): SignalInfo {
  const pid = viewer.shownPid(tracer?.process.pid ?? 0);
  return { signo, code: SI_USER, pid, uid: tracer?.credentials.ruid ?? 0 };
}

/** The thread stops for its tracer, or with its process, before any signal acts. */
export function trapsForJobControl(thread: Thread, tracee: Tracee): boolean {
  if (tracee.tracer === undefined) {
    if (!tracee.stopPending) return false;
    tracee.stopPending = false;
    stopThread(thread);
    recalculateAttention(thread);
    const { process } = thread;
    if (process.signals.takePart()) notifyParent(process, CLD_STOPPED, process.signals.stopSignal);
    return true;
  }
  if (!tracee.stopPending && !tracee.trapStop && !tracee.trapNotify) return false;
  return stopForJobControl(thread, tracee);
}

/** The signal is the tracer's to see first: the thread has stopped. */
export function hidesSignal(thread: Thread, tracee: Tracee, info: SignalInfo): boolean {
  return info.signo !== SIGKILL && info.isFinal !== true && stopForSignal(thread, tracee, info);
}
