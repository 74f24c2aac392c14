// Job control: stopping all threads of a process and telling the parent (kernel/signal.c).
// Delivery of a stop signal comes here, SIGCONT to send-signal.ts; wait-child.ts reports what they leave behind.
// A stopped thread keeps its call: after SIGCONT the call is tried once more as after a signal, then goes on waiting.
import { CLD_STOPPED } from '../abi/signal.ts';
import type { Process } from './process.ts';
import { notifyParent } from './send-signal.ts';

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
