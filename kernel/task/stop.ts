// Job control: stopping all threads of a process, continuing them, and telling the parent (kernel/signal.c).
// Delivery of a stop signal and the sending of SIGCONT come here; wait-child.ts reports what it leaves behind.
// A stopped thread keeps its call: after SIGCONT the call is tried once more as after a signal, then goes on waiting.
import { CLD_CONTINUED, CLD_STOPPED, SA_NOCLDSTOP, SIG_IGN, SIGCHLD, SIGCONT } from '../abi/signal.ts';
import { clockTicks, processCpuTime } from '../time/cpu-time.ts';
import type { Process } from './process.ts';
import { sendToProcess } from './send-signal.ts';

/** Stops every thread (do_signal_stop). */
export function stopProcess(process: Process, signo: number): void {
  process.signals.stopSignal = signo;
  process.signals.unreported = 'stopped';
  for (const thread of process.threads.values()) {
    if (thread.state === 'dead' || thread.state === 'stopped') continue;
    if (thread.state === 'blocked') {
      thread.kernel.scheduler.leaveQueues(thread);
      thread.signals.attention = true;
    }
    thread.state = 'stopped';
  }
  notifyParent(process, CLD_STOPPED, signo);
}

/** SIGCONT was sent: whatever becomes of the signal itself, the process runs again. */
export function continueProcess(process: Process): void {
  const { signals } = process;
  if (signals.stopSignal === 0) return;
  signals.stopSignal = 0;
  signals.unreported = 'continued';
  for (const thread of process.threads.values()) {
    if (thread.state === 'stopped') thread.kernel.scheduler.resume(thread);
  }
  notifyParent(process, CLD_CONTINUED, SIGCONT);
}

/** SIGCHLD for a stop or continuation, unless the parent does not want it (do_notify_parent_cldstop). */
function notifyParent(process: Process, code: number, status: number): void {
  const { parent } = process;
  if (parent === undefined) return;
  const action = parent.signals.actions.get(SIGCHLD);
  if (action.handler !== SIG_IGN && (action.flags & SA_NOCLDSTOP) === 0) {
    const { userNs, systemNs } = processCpuTime(process);
    sendToProcess(parent, {
      signo: SIGCHLD,
      code,
      pid: process.pid,
      uid: process.credentials.ruid,
      status,
      utime: clockTicks(userNs),
      stime: clockTicks(systemNs),
    });
  }
  parent.childChanged.wake();
}
