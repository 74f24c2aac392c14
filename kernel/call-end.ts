// How a system call ends: its result in a0 and pc behind the ecall, or interrupted by a handler.
// dispatch.ts and the debugger end calls here, signal delivery interrupts them.
// Until a call has ended pc stays on the ecall and a0 untouched, so restarting it is doing nothing.
import { EINTR } from './errno.ts';
import { letGoOfFiles } from './held-files.ts';
import type { Kernel } from './kernel.ts';
import { restoreSavedMask } from './task/saved-mask.ts';
import type { Call, Interruption, Thread } from './task/thread.ts';
import type { SignalPolicy } from './wait.ts';

const A0 = 10;
const A7 = 17;
const ECALL_SIZE = 4n;
/** The kernel's own numbers for "start again", as strace shows them (include/linux/errno.h). */
export const ERESTARTSYS = 512;
const ERESTARTNOINTR = 513;
const ERESTARTNOHAND = 514;
const ERESTART_RESTARTBLOCK = 516;
const NR_RESTART_SYSCALL = 128;

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
    if (value === -EINTR || call.syscall.letsSignalsIn) thread.signals.attention = true;
    else restoreSavedMask(thread);
  }
  returnToCaller(thread, value);
}

/** The thread goes on behind its ecall, with `value` in a0. */
export function returnToCaller({ hart }: Thread, value: number): void {
  hart.setXNumber(A0, value);
  hart.advancePc(4);
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

/**
 * A traced thread has to leave the call that it waits in, since whoever traces it shall see it outside: with the number
 * that means "start again" as the result. `settleCall` puts pc back on the ecall, or makes it EINTR.
 */
export function leaveCall(kernel: Kernel, thread: Thread): void {
  const { call, hart, parkPolicy } = thread;
  if (call === undefined) return;
  const code = restartCode(parkPolicy);
  kernel.observer?.syscallExit?.(thread, call, -code);
  letGoOfFiles(thread);
  thread.call = undefined;
  const kept = code === ERESTART_RESTARTBLOCK ? { ...call, data: undefined } : undefined;
  thread.interruption = { a0: hart.x(A0), pc: hart.pcBig, code, isSettled: false, kept };
  hart.setXNumber(A0, -code);
  hart.pcBig += ECALL_SIZE;
}

function restartCode(policy: SignalPolicy): number {
  switch (policy) {
    case 'nohand':
      return ERESTARTNOHAND;
    case 'restart-block':
      return ERESTART_RESTARTBLOCK;
    case 'always':
      return ERESTARTNOINTR;
    default:
      return ERESTARTSYS;
  }
}

/** Before signals are looked at: the call that was left is to be made again, unless its result was changed. */
export function rewindCall(thread: Thread, interruption: Interruption): void {
  const { hart } = thread;
  const code = Number(-BigInt.asIntN(64, hart.x(A0)));
  interruption.isSettled = true;
  if (![ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK].includes(code)) {
    thread.interruption = undefined;
    return;
  }
  interruption.code = code;
  hart.setX(A0, interruption.a0);
  hart.pcBig -= ECALL_SIZE;
}

/**
 * The last word on a call that was left: a handler runs, which restarts calls or not, or none does (`undefined`). A
 * tracer may have moved pc: then nothing is made again (arch/riscv/kernel/signal.c, arch_do_signal_or_restart).
 */
export function settleCall(thread: Thread, handlerRestarts: boolean | undefined): void {
  const { interruption, hart } = thread;
  if (interruption === undefined) return;
  const { code, pc, kept } = interruption;
  const isThere = hart.pcBig === pc;
  if (handlerRestarts === undefined && isThere && code === ERESTART_RESTARTBLOCK && kept !== undefined) {
    hart.setXNumber(A7, NR_RESTART_SYSCALL);
    thread.regate();
    return;
  }
  thread.interruption = undefined;
  thread.regate();
  const isEnded =
    code === ERESTARTNOHAND ||
    code === ERESTART_RESTARTBLOCK ||
    (code === ERESTARTSYS && handlerRestarts === false);
  if (handlerRestarts === undefined || !isThere || !isEnded) return;
  hart.setXNumber(A0, -EINTR);
  hart.pcBig += ECALL_SIZE;
}
