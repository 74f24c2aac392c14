// How a system call ends: its result in a0 and pc behind the ecall, or interrupted by a handler.
// dispatch.ts and the debugger end calls here, signal delivery interrupts them.
// Until a call has ended pc stays on the ecall and a0 untouched, so restarting it is doing nothing.
import { EINTR } from './errno.ts';
import { letGoOfFiles } from './held-files.ts';
import type { Kernel } from './kernel.ts';
import { restoreSavedMask } from './task/saved-mask.ts';
import type { Call, Thread } from './task/thread.ts';

const A0 = 10;
/** The kernel's own number for "start again", as strace shows it (include/linux/errno.h). */
const ERESTARTSYS = 512;

/** Writes the result and moves past the ecall. */
export function completeCall(kernel: Kernel, thread: Thread, result: number): void {
  const call = thread.call as Call;
  let value = result;
  const { observer } = kernel;
  if (observer === undefined) call.syscall.arguments.giveBack(call.args);
  else if (observer.syscallExit !== undefined) value = observer.syscallExit(thread, call, result) ?? result;
  thread.call = undefined;
  if (thread.heldFiles !== undefined) letGoOfFiles(thread);
  if (thread.signals.saved !== undefined) {
    // a temporary mask outlives the call only for the handler that interrupted it (restore_saved_sigmask_unless)
    if (value === -EINTR) thread.signals.attention = true;
    else restoreSavedMask(thread);
  }
  thread.hart.setXNumber(A0, value);
  thread.hart.advancePc(4);
}

/**
 * Signal delivery is about to run a handler while the thread is in a call that wants to go on waiting:
 * EINTR, or leave pc on the ecall so that it starts again after the handler (signal(7)).
 */
export function interruptCall(kernel: Kernel, thread: Thread, handlerRestarts: boolean): void {
  const call = thread.call;
  if (call === undefined) return;
  const policy = thread.parkPolicy;
  if (policy === 'always' || (policy === 'restart' && handlerRestarts)) {
    kernel.observer?.syscallExit?.(thread, call, -ERESTARTSYS);
    thread.call = undefined;
    letGoOfFiles(thread);
    return;
  }
  completeCall(kernel, thread, -EINTR);
}
