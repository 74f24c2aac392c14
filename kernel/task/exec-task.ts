// What execve does to threads, signals and ids once it cannot fail any more (execve(2), begin_new_exec).
// kernel/exec/exec.ts calls it right before and after it replaces the memory.
// Pending signals and the mask survive; handlers, the alternate stack, POSIX timers and other threads do not.
import { SIGCHLD } from '../abi/signal.ts';
import { late } from '../late.ts';
import type { Mm } from '../mm/mm.ts';
import { cancelPosixTimers } from '../time/cancel-timers.ts';
import { resetHandlers } from './clone.ts';
import { completeVfork, releaseMemoryClaims } from './exit.ts';
import type { Thread } from './thread.ts';
import { NO_ALT_STACK } from './thread-signals.ts';

/**
 * The other threads have ended: lets go of the old memory, which `mm` replaces.
 * Descriptors marked close-on-exec are closed, a shared table is copied first.
 */
export function replaceImage(thread: Thread, mm: Mm): void {
  const { process, kernel } = thread;
  if (kernel.rings.open.size > 0) kernel.rings.threadEnded(thread);
  releaseMemoryClaims(thread);
  completeVfork(process);
  thread.hart.moveOut();
  const old = process.mm;
  process.pastMaxRssKib = process.maxRssKib;
  process.mm = mm;
  old.release();
  thread.rseq = undefined;
  thread.signals.altStack = NO_ALT_STACK;
  cancelPosixTimers(kernel, process);
  const { signals } = process;
  if (signals.actions.users > 1) {
    signals.actions.users--;
    signals.actions = signals.actions.copy();
  }
  resetHandlers(signals.actions);
  if (thread.ownNamespaces !== undefined) thread.ownNamespaces = late.inTimeForChildren(thread.ownNamespaces);
  if (thread.files.users > 1) {
    thread.files.users--;
    thread.files = thread.files.clone(true); // too late for an error
  }
  thread.files.closeMarked(thread);
  kernel.madeKeys?.programReplaced(thread, process);
  process.exitSignal = SIGCHLD;
  process.hasExecuted = true;
  process.dumpable = 1;
  thread.keepCapabilities = false;
}
