// The mask that a call puts in force for its own time (ppoll, sigsuspend …), and its end.
// Those calls set it, call-end.ts and signal delivery put the old one back (set_user_sigmask, restore_saved_sigmask).
import { UNBLOCKABLE } from '../abi/signal.ts';
import { setBlocked } from './send-signal.ts';
import type { Thread } from './thread.ts';

/**
 * Puts `mask` in force until the call ends or a handler has run (sigsuspend, ppoll, pselect6, epoll_pwait).
 * May be called again by every retry of the call.
 */
export function setTemporaryMask(thread: Thread, mask: bigint): void {
  const { signals } = thread;
  if (signals.saved === undefined) signals.saved = signals.blocked;
  setBlocked(thread, mask & ~UNBLOCKABLE);
}

/** The call is over and no handler took the temporary mask along. */
export function restoreSavedMask(thread: Thread): void {
  const { saved } = thread.signals;
  if (saved === undefined) return;
  thread.signals.saved = undefined;
  setBlocked(thread, saved);
}
