// Timeouts of the poll family: computed once, kept on the call, and reported back where the call does so.
// poll.ts, select.ts and epoll-calls use it; times are ns on the monotonic clock.
import { nsToTimespec, readTimespecNs, Timespec } from '../abi/time.ts';
import { isFailure } from '../errno.ts';
import type { Call, Thread } from '../task/thread.ts';

/** A deadline that has passed already: no clock is asked. */
const NOW = 0;

/** Fixes the deadline at the first try. `timeoutNs` undefined waits for ever, 0 not at all. */
export function startDeadline(thread: Thread, timeoutNs: number | undefined): void {
  const call = thread.call as Call;
  if (timeoutNs === undefined || call.deadlineNs !== undefined) return;
  call.timedOut = timeoutNs === 0;
  call.deadlineNs = call.timedOut ? NOW : thread.kernel.clock.monotonicNs() + timeoutNs;
}

/** As `startDeadline`, with a `struct timespec *` that may be null. EFAULT, EINVAL. */
export function startTimespecDeadline(thread: Thread, address: number): void {
  const call = thread.call as Call;
  if (address === 0 || call.deadlineNs !== undefined) return;
  startDeadline(thread, readTimespecNs(thread.user, address));
}

/**
 * Writes what is left of the time into the caller's timespec, as ppoll and pselect6 do on every return, unless it was 0.
 * Memory that cannot be written is left alone (poll_select_finish).
 */
export function reportRemaining(thread: Thread, address: number): void {
  const { deadlineNs } = thread.call as Call;
  if (address === 0 || deadlineNs === undefined || deadlineNs === NOW) return;
  const left = Math.max(0, deadlineNs - thread.kernel.clock.monotonicNs());
  try {
    if (left !== Number.POSITIVE_INFINITY) thread.user.writeStruct(address, Timespec, nsToTimespec(left));
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
}
