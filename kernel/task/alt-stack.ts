// The alternate signal stack (sigaltstack(2)): the rules of setting it and of being on it.
// sigaltstack and rt_sigreturn set it, the signal frame is placed by it.
// kernel/signal.c: do_sigaltstack, on_sig_stack, sas_ss_flags.
import { MINSIGSTKSZ, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from '../abi/signal.ts';
import { EINVAL, ENOMEM, EPERM } from '../errno.ts';
import type { Thread } from './thread.ts';
import { type AltStack, NO_ALT_STACK } from './thread-signals.ts';

/** Is `sp` on the alternate stack? Never with SS_AUTODISARM, which takes the stack away while in use. */
export function onAltStack(stack: AltStack, sp: number): boolean {
  return (stack.flags & SS_AUTODISARM) === 0 && sp > stack.sp && sp - stack.sp <= stack.size;
}

/** May a handler with SA_ONSTACK start at the top of the alternate stack? */
export function altStackFree(stack: AltStack, sp: number): boolean {
  return stack.size !== 0 && !onAltStack(stack, sp);
}

/** The stack_t that sigaltstack(2) and the frame report. */
export function describeAltStack(stack: AltStack, sp: number): AltStack {
  const state = stack.size === 0 ? SS_DISABLE : onAltStack(stack, sp) ? SS_ONSTACK : 0;
  return { sp: stack.sp, flags: state | (stack.flags & SS_AUTODISARM), size: stack.size };
}

/** Sets the stack of a thread whose stack pointer is `sp`. Returns 0, EPERM, EINVAL or ENOMEM. */
export function setAltStack(thread: Thread, stack: AltStack, sp: number): number {
  const { signals } = thread;
  if (onAltStack(signals.altStack, sp)) return EPERM;
  const mode = stack.flags & ~SS_AUTODISARM;
  if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return EINVAL;
  if (mode === SS_DISABLE) {
    signals.altStack = { ...NO_ALT_STACK, flags: stack.flags };
    return 0;
  }
  if (stack.size < MINSIGSTKSZ) return ENOMEM;
  signals.altStack = stack;
  return 0;
}
