// Job control: stopping all threads of a process and telling the parent (kernel/signal.c).
// Delivery of a stop signal comes here, SIGCONT to send-signal.ts; wait-child.ts reports what they leave behind.
// A stopped thread keeps its call: after SIGCONT the call is tried once more as after a signal, then goes on waiting.
// Threads that are traced stop by themselves at their next turn, and the stop is complete when the last of them has.
import { CLD_STOPPED } from '../abi/signal.ts';
import { isTraced, notifyTrap, wakeForTrap } from '../ptrace/tracee.ts';
import type { Process } from './process.ts';
import { notifyParent } from './send-signal.ts';
import type { Thread } from './thread.ts';

/** Stops every thread (do_signal_stop). */
export function stopProcess(process: Process, signo: number): void {
  const { signals } = process;
  signals.stopsDue = 0;
  for (const thread of process.threads.values()) {
    const { tracee } = thread;
    if (thread.state === 'dead') continue;
    if (tracee !== undefined && isTraced(thread)) {
      tracee.stopPending = true;
      tracee.stopSigno = signo;
      signals.stopsDue++;
      if (tracee.isSeized) notifyTrap(thread, tracee);
      else wakeForTrap(thread, tracee);
    } else if (thread.state !== 'stopped') stopThread(thread);
  }
  signals.dueSignal = signo;
  if (signals.stopsDue > 0) return;
  signals.stopSignal = signo;
  signals.unreported = 'stopped';
  notifyParent(process, CLD_STOPPED, signo);
}

/** Stops one thread for its process's group stop. */
export function stopThread(thread: Thread): void {
  if (thread.state === 'blocked') {
    thread.kernel.scheduler.leaveQueues(thread);
    thread.signals.attention = true;
  }
  thread.state = 'stopped';
}
