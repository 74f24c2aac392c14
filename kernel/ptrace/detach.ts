// How tracing ends: PTRACE_DETACH, the end of the tracer, the end of the tracee (kernel/ptrace.c, __ptrace_detach, exit_ptrace).
// requests.ts, exit.ts and wait-child.ts come here.
// A tracee that has ended stays its tracer's until it was waited for; then it is its parent's, if that is another.
import { PTRACE_O_EXITKILL } from '../abi/ptrace.ts';
import { NSIG, SI_KERNEL, SIGKILL } from '../abi/signal.ts';
import { exitFacts, notifyDeath, reapProcess } from '../task/reap.ts';
import { sendToThread } from '../task/send-signal.ts';
import type { Thread } from '../task/thread.ts';
import { tellTracer } from './stops.ts';
import { leaveStop, type Tracee, wakeForTrap } from './tracee.ts';

/** `signo` is what a stopped tracee goes on with when it is detached; when its tracer ends, it is what nobody has waited for. */
export function endTracing(thread: Thread, why: 'detached' | 'tracer-ended' | 'seen', signo = 0): void {
  const { tracee, process, kernel } = thread;
  const tracer = tracee?.tracer;
  if (tracee === undefined || tracer === undefined) return;
  if (why === 'tracer-ended' && (tracee.options & PTRACE_O_EXITKILL) !== 0)
    sendToThread(thread, { signo: SIGKILL, code: SI_KERNEL });
  tracer.tracees?.delete(thread);
  tracee.tracer = undefined;
  if (thread.state !== 'dead') {
    const untold = tracee.stop?.code ?? 0;
    letGo(thread, tracee, why === 'tracer-ended' && untold <= NSIG ? untold : signo);
    return;
  }
  if (process.endedLeader !== thread) {
    kernel.pids.unholdUnseen(thread.tid);
    process.unseenThreads?.delete(thread);
    process.othersGone?.wake();
    return;
  }
  process.endedLeader = undefined;
  const isStranger = tracer.process !== process.parent;
  if (process.state === 'zombie' && isStranger && notifyDeath(process)) reapProcess(kernel, process);
}

/** The thread goes on untraced, or stops with the others of its process. */
function letGo(thread: Thread, tracee: Tracee, signo: number): void {
  const { stopSignal, stopsDue } = thread.process.signals;
  tracee.options = 0;
  tracee.isSeized = false;
  tracee.reportsCalls = false;
  tracee.trapStop = false;
  tracee.trapNotify = false;
  tracee.stopPending = stopSignal !== 0 || stopsDue > 0;
  leaveStop(thread, tracee, signo);
  wakeForTrap(thread, tracee);
  thread.regate();
}

/** A traced thread has ended: it waits for its tracer (exit_notify). */
export function tellTracerOfEnd(thread: Thread, tracee: Tracee, status: number): void {
  const { process } = thread;
  const { tracer } = tracee;
  tracee.stop = undefined;
  tracee.exitStatus = status;
  if (tracer === undefined) return;
  if (thread.tid === process.pid) process.endedLeader = thread;
  else {
    thread.kernel.pids.holdUnseen(thread.tid);
    process.unseenThreads ??= new Set();
    process.unseenThreads.add(thread);
  }
  if (process.threads.size === 0 && process.endedLeader === thread) return; // the process's end tells of it
  const facts = exitFacts(status);
  tellTracer(thread, tracer, facts.code, facts.status);
}
