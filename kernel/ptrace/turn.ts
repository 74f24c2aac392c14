// The turn of a thread that is or was traced: what its last stop leaves to be done, one step at a time, then signals.
// slice.ts comes here instead of delivering signals at once. Each step may stop the thread again, and the next turn goes on.
// The order is Linux's: the call, its events, its end, its restart, then get_signal.

import { PTRACE_EVENT_EXEC } from '../abi/ptrace.ts';
import { SI_KERNEL } from '../abi/signal.ts';
import { completeCall, leaveCall, rewindCall } from '../call-end.ts';
import { beginCall, requestedSyscall, tryCall } from '../dispatch.ts';
import { EINTR } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { TABLE_SIZE } from '../syscalls/table.ts';
import { exitThread } from '../task/exit.ts';
import { recalculateAttention, sendToThread } from '../task/send-signal.ts';
import { deliverSignals, killWaits } from '../task/signal-delivery.ts';
import type { Thread } from '../task/thread.ts';
import { isSkipped, reported, stopsForFilter } from './call-gate.ts';
import { closeView, stopForCall, stopForEvent } from './stops.ts';
import type { Tracee } from './tracee.ts';

/** Signals wait for a thread with a tracee's state, or with a call that it left. */
export function takeTracedTurn(kernel: Kernel, thread: Thread): void {
  const { tracee } = thread;
  if (tracee?.dyingStatus !== undefined) {
    exitThread(thread, tracee.dyingStatus);
    return;
  }
  if (killWaits(thread)) {
    deliverSignals(thread);
    return;
  }
  if (tracee?.left !== undefined && tracee.left.stop.kind !== 'signal') {
    if (leavesStop(kernel, thread, tracee)) return;
  }
  if (thread.call !== undefined) {
    recalculateAttention(thread);
    if (thread.signals.attention) attendCall(kernel, thread);
    else tryCall(kernel, thread);
    return;
  }
  if (tracee !== undefined && reportsEnd(thread, tracee)) return;
  const { interruption } = thread;
  if (interruption?.isSettled === false) rewindCall(thread, interruption);
  deliverSignals(thread);
  if (tracee?.tracer === undefined && tracee?.isDue === false && thread.call === undefined) {
    thread.tracee = undefined;
    thread.regate();
  }
}

/** Acts on the stop that was left; true when that was this turn's work. */
function leavesStop(kernel: Kernel, thread: Thread, tracee: Tracee): boolean {
  const { left } = tracee;
  tracee.left = undefined;
  if (left === undefined) return false;
  const { kind } = left.stop;
  // strace goes on with a signal only where it was one that stopped (ptrace_report_syscall)
  if ((kind === 'entry' || kind === 'exit') && left.signo !== 0)
    sendToThread(thread, { signo: left.signo, code: SI_KERNEL });
  if (kind === 'call-event' && thread.call !== undefined) thread.call.syscall = reported(thread.call.syscall);
  if (kind !== 'entry' && kind !== 'seccomp') return false;
  if (kind === 'seccomp') tracee.isJudged = true;
  if (isSkipped(thread, tracee, TABLE_SIZE)) return true;
  if (stopsForFilter(thread, tracee)) return true;
  recalculateAttention(thread);
  const row = requestedSyscall(kernel, thread);
  beginCall(kernel, thread, thread.isGated ? row : reported(row));
  return true;
}

/** The call that the thread is in gets another try. One that goes on waiting is left. */
function attendCall(kernel: Kernel, thread: Thread): void {
  const { call } = thread;
  if (call === undefined) return;
  call.interrupted = true;
  tryCall(kernel, thread);
  call.interrupted = false;
  if (thread.state !== 'runnable' || thread.call !== call) return;
  if (thread.parkPolicy === 'interrupt') completeCall(kernel, thread, -EINTR);
  else leaveCall(kernel, thread);
  if (thread.tracee !== undefined) thread.tracee.exitDue = true;
}

/** PTRACE_EVENT_EXEC and syscall-exit-stops. */
function reportsEnd(thread: Thread, tracee: Tracee): boolean {
  const { execDue } = tracee;
  if (execDue !== undefined) {
    tracee.execDue = undefined;
    tracee.view = undefined;
    if (tracee.wants(PTRACE_EVENT_EXEC) && stopForEvent(thread, tracee, 'exec', PTRACE_EVENT_EXEC, execDue))
      return true;
  }
  if (!tracee.exitDue) return false;
  tracee.exitDue = false;
  closeView(thread, tracee);
  return tracee.reportsCalls && stopForCall(thread, tracee, 'exit');
}
