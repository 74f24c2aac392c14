// How a socket call that cannot go on waits: not at all, until SO_RCVTIMEO or SO_SNDTIMEO, or for ever.
// Families call it where Linux would sleep; the queue named here is woken when a new try may succeed.
// With a timeout a signal always gives EINTR, without one the call is restarted (signal(7), sock_intr_errno).
import { EAGAIN, fail } from '../errno.ts';
import type { Call, Thread } from '../task/thread.ts';
import { type Wait, type WaitQueue, WOULD_BLOCK, wait } from '../wait.ts';

/** A Wait; WOULD_BLOCK when the caller does not wait. EAGAIN when it has waited long enough. */
export function notReady(
  thread: Thread,
  queue: WaitQueue,
  how: { readonly nonblock: boolean; readonly timeoutNs: number },
): Wait {
  if (how.nonblock) return WOULD_BLOCK;
  if (how.timeoutNs === Number.POSITIVE_INFINITY) return wait(queue);
  const call = thread.call as Call;
  if (call.timedOut) fail(EAGAIN, "the socket's timeout has passed");
  call.deadlineNs ??= thread.kernel.clock.monotonicNs() + how.timeoutNs;
  return wait(queue, 'interrupt', call.deadlineNs);
}

/** A timeout counts for each piece of a long send, so a new piece starts it anew (sock_alloc_send_pskb). */
export function restartTimeout(thread: Thread): void {
  const { call } = thread;
  if (call === undefined) return;
  call.deadlineNs = undefined;
  call.timedOut = false;
}
