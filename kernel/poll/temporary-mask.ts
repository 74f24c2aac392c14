// The signal mask that ppoll, pselect6 and epoll_pwait put in force while they wait.
// Its pointer is read at every try; the dispatcher takes the mask away when the call ends.
import { SIGSET_SIZE } from '../abi/signal.ts';
import { EINVAL, fail } from '../errno.ts';
import { setTemporaryMask } from '../task/saved-mask.ts';
import type { Thread } from '../task/thread.ts';

/** Puts the sigset_t at `address` in force, or nothing when it is null. EINVAL: wrong size. EFAULT. */
export function waitWithMask(thread: Thread, address: number, size: number): void {
  if (address === 0) return;
  if (size !== SIGSET_SIZE) fail(EINVAL, 'a signal set has 8 bytes');
  setTemporaryMask(thread, thread.user.readB64(address));
}
