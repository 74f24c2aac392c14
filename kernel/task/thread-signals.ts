// A thread's own part of signal state: its mask, what is pending for it alone, its alternate stack.
// send-signal.ts raises `attention`, signal-delivery.ts lowers it; the kernel's loop looks at nothing else.
// The mask never holds SIGKILL or SIGSTOP.
import { SS_DISABLE } from '../abi/signal.ts';
import { PendingSignals } from './pending-signals.ts';

export interface AltStack {
  readonly sp: number;
  /** SS_DISABLE, SS_AUTODISARM or 0; SS_ONSTACK is computed. */
  readonly flags: number;
  readonly size: number;
}

export const NO_ALT_STACK: AltStack = { sp: 0, flags: SS_DISABLE, size: 0 };

export class ThreadSignals {
  blocked = 0n;
  /** The mask to come back to: a temporary one is in force (sigsuspend, ppoll, pselect, epoll_pwait). */
  saved: bigint | undefined;
  readonly pending = new PendingSignals();
  altStack: AltStack = NO_ALT_STACK;
  /** Linux's TIF_SIGPENDING: something is to be delivered, or may be. */
  attention = false;
  /** rt_sigtimedwait: the blocked signals that end the wait. */
  awaited = 0n;
}
