// From `ecall` to a0: reads the registers by the row's kinds, calls the handler, writes the answer or parks the thread.
// kernel.ts calls it for every ecall and again for every retry; no one else calls handlers.
// Until a call completes, pc stays on the ecall and a0 is untouched, so restarting a call is doing nothing.

import { completeCall, returnToCaller } from './call-end.ts';
import { CONTEXT_REPLACED, CONTEXT_RETURNED } from './context-replaced.ts';
import { ENOSYS, isFailure } from './errno.ts';
import { holdFiles, letGoOfFiles } from './held-files.ts';
import type { Kernel } from './kernel.ts';
import { late } from './late.ts';
import { PageWait } from './mm/fault-watch.ts';
import { ArgumentReader } from './syscalls/argument-reader.ts';
import type { Answer, Syscall } from './syscalls/syscall.ts';
import { syscallRow } from './syscalls/table.ts';
import { killWaits } from './task/signal-delivery.ts';
import { type Call, callOf, type Thread } from './task/thread.ts';
import { ended, isWait, WOULD_BLOCK } from './wait.ts';

const NO_ARGUMENTS = new ArgumentReader([]);
const A7 = 17;

/** The row that a thread standing on an ecall asks for. */
export function requestedSyscall(kernel: Kernel, thread: Thread): Syscall {
  const { hart } = thread;
  const number = hart.xHi(A7) === 0 ? hart.xLo(A7) : -1;
  const called = syscallRow(number) ?? unknownSyscall(kernel, number);
  return thread.isGated ? late.tracing.gatedSyscall(thread, called) : called;
}

/** The call that a thread standing on an ecall is about to make, for debuggers: nothing begins. */
export function upcomingCall(kernel: Kernel, thread: Thread): Call {
  return newCall(thread, requestedSyscall(kernel, thread));
}

/** Starts the system call that the thread's registers ask for. */
export function beginCall(kernel: Kernel, thread: Thread, syscall = requestedSyscall(kernel, thread)): void {
  thread.syscallCount++;
  kernel.callHash?.add(thread);
  const { observer } = kernel;
  if (observer?.syscallEnter === undefined) {
    thread.call = freshCall(thread, syscall);
    tryCall(kernel, thread);
    return;
  }
  thread.why = undefined;
  const call = newCall(thread, syscall);
  thread.call = call;
  const override = observer.syscallEnter(thread, call);
  if (override === undefined) tryCall(kernel, thread);
  else {
    call.isInjected = true;
    completeCall(kernel, thread, override);
  }
}

/** A call that only tells is over at once, without a Call, when nobody looks on. False when it has to begin as others do. */
export function answerAtOnce(kernel: Kernel, thread: Thread, syscall: Syscall): boolean {
  if (!syscall.onlyTells || kernel.observer !== undefined) return false;
  thread.syscallCount++;
  kernel.callHash?.add(thread);
  returnToCaller(thread, syscall.handler(thread, {}) as number);
  return true;
}

function newCall(thread: Thread, syscall: Syscall): Call {
  return callOf(syscall, syscall.arguments.read(thread.hart));
}

/** As newCall, in the object of the thread's last call, which is over. Garbage is what a call would cost most. */
function freshCall(thread: Thread, syscall: Syscall): Call {
  const spare = thread.spareCall;
  if (spare === undefined) {
    thread.spareCall = newCall(thread, syscall);
    return thread.spareCall;
  }
  spare.syscall = syscall;
  spare.args = syscall.arguments.read(thread.hart);
  spare.progress = 0;
  spare.deadlineNs = undefined;
  spare.timedOut = false;
  spare.interrupted = false;
  spare.hasWaited = false;
  spare.data = undefined;
  spare.isQuiet = false;
  return spare;
}

/** One try of the call the thread is in. Afterwards it is complete, parked, or the thread is gone. */
export function tryCall(kernel: Kernel, thread: Thread): void {
  const call = thread.call as Call;
  if (call.deadlineNs !== undefined && !call.timedOut && call.deadlineNs <= kernel.clock.monotonicNs()) {
    call.timedOut = true;
  }
  if (thread.heldFiles !== undefined) thread.files.held = thread.heldFiles.named;
  thread.wokenAlone = undefined;
  let answer: Answer;
  try {
    if (thread.mm.isWatched && !call.hasWaited) late.pageWaits.awaitOutputs(thread, call);
    answer = call.syscall.handler(thread, call.args);
  } catch (thrown) {
    if (thrown === CONTEXT_REPLACED) {
      endReplaced(kernel, thread, call);
      return;
    }
    if (thrown instanceof PageWait) answer = thrown.wait;
    else {
      if (!isFailure(thrown)) throw thrown;
      thread.why = thrown.why;
      answer = -thrown.errno;
    }
  } finally {
    if (thread.heldFiles !== undefined) thread.files.held = undefined;
  }
  if (answer === CONTEXT_RETURNED) {
    endReplaced(kernel, thread, call);
    return;
  }
  if (answer === WOULD_BLOCK) {
    thread.why = 'not ready, and the call does not wait';
    answer = ended(answer);
  }
  if (!isWait(answer)) {
    completeCall(kernel, thread, answer);
    return;
  }
  thread.parkPolicy = answer.signal;
  if (thread.signals.attention && (answer.signal !== 'killable' || killWaits(thread))) return; // attended to first
  if (thread.files.users > 1 && thread.heldFiles === undefined) holdFiles(thread, call);
  kernel.observer?.syscallBlocked?.(thread, call, answer);
  call.hasWaited = true;
  kernel.scheduler.park(thread, answer);
}

/** The registers are no longer those of the call. */
function endReplaced(kernel: Kernel, thread: Thread, call: Call): void {
  letGoOfFiles(thread);
  kernel.observer?.syscallExit?.(thread, call, 0);
  if (thread.call === call) thread.call = undefined;
}

function unknownSyscall(kernel: Kernel, number: number): Syscall {
  return {
    name: `syscall_0x${(number >>> 0).toString(16)}`,
    kinds: [],
    arguments: NO_ARGUMENTS,
    returns: undefined,
    partial: 'not implemented',
    replacesContext: false,
    letsSignalsIn: false,
    onlyTells: false,
    waitsForPages: false,
    handler: () => {
      kernel.reportGap(`system call ${number} is not implemented (ENOSYS)`);
      return -ENOSYS;
    },
  };
}
