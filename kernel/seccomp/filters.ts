// Secure computing (seccomp(2), kernel/seccomp.c): what a thread may still call, in strict mode or by its filters.
// dispatch.ts asks for the row that a confined thread gets in place of the one it called; syscalls/seccomp.ts confines.
// Filters are only ever added, and children have those of their parents, so a chain is shared and never changed.
import { AUDIT_ARCH_RISCV64 } from '../abi/ptrace.ts';
import { SIGKILL, SIGSYS, SYS_SECCOMP } from '../abi/signal.ts';
import { type BpfInstruction, runProgram } from '../bpf/classic-bpf.ts';
import { CONTEXT_REPLACED } from '../context-replaced.ts';
import { ENOSYS } from '../errno.ts';
import type { Handler, Syscall } from '../syscalls/syscall.ts';
import { exitThread } from '../task/exit.ts';
import { forceFatal, forceSignal } from '../task/send-signal.ts';
import type { Thread } from '../task/thread.ts';
import { CallData } from './call-program.ts';
import { askedHandler, type Notifier } from './notifier.ts';

export const SECCOMP_MODE_STRICT = 1;
export const SECCOMP_MODE_FILTER = 2;

export const SECCOMP_RET_KILL_PROCESS = 0x8000_0000;
export const SECCOMP_RET_KILL_THREAD = 0;
export const SECCOMP_RET_TRAP = 0x0003_0000;
export const SECCOMP_RET_ERRNO = 0x0005_0000;
export const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;
export const SECCOMP_RET_TRACE = 0x7ff0_0000;
export const SECCOMP_RET_LOG = 0x7ffc_0000;
export const SECCOMP_RET_ALLOW = 0x7fff_0000;
const SECCOMP_RET_ACTION_FULL = 0xffff_0000;
const SECCOMP_RET_DATA = 0xffff;
const MAX_ERRNO = 4095;

const A0 = 10;
const A7 = 17;
const ECALL_SIZE = 4;

/** mode1_syscalls, by number: rt_sigreturn, exit, read, write. */
const STRICT_CALLS: readonly number[] = [139, 93, 63, 64];

/** A filter and those that were installed before it. */
export interface Filter {
  readonly program: readonly BpfInstruction[];
  /** SECCOMP_FILTER_FLAG_LOG or 0, for PTRACE_SECCOMP_GET_METADATA. */
  readonly flags: number;
  readonly earlier: Filter | undefined;
  /** Answers SECCOMP_RET_USER_NOTIF; undefined when it was installed without a listener. */
  readonly notifier: Notifier | undefined;
}

/** What confines a thread; undefined on it while nothing does. */
export type Confinement = { readonly mode: typeof SECCOMP_MODE_STRICT } | FilterConfinement;

export interface FilterConfinement {
  readonly mode: typeof SECCOMP_MODE_FILTER;
  readonly last: Filter;
}

/** The row that a confined thread gets which stands on an ecall for `called`: that one, or one that refuses it. */
export function permittedSyscall(thread: Thread, confinement: Confinement, called: Syscall): Syscall {
  if (confinement.mode === SECCOMP_MODE_STRICT)
    return STRICT_CALLS.includes(thread.hart.xLo(A7)) ? called : refusal(called, endStrict);
  const { verdict, filter } = judge(thread, confinement.last);
  const data = verdict & SECCOMP_RET_DATA;
  switch (actionOf(verdict)) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG: // the kernel log is empty
      return called;
    case SECCOMP_RET_ERRNO:
      return refusal(called, () => -Math.min(data, MAX_ERRNO));
    case SECCOMP_RET_USER_NOTIF:
      return refusal(
        called,
        askedHandler(filter?.notifier, called, () => new Uint8Array(callData(thread).words.buffer)),
      );
    case SECCOMP_RET_TRACE: // the tracer was asked and let it pass, or there is none
      return thread.tracee?.isJudged === true ? called : refusal(called, () => -ENOSYS);
    case SECCOMP_RET_TRAP:
      return refusal(called, () => trap(thread, data));
    case SECCOMP_RET_KILL_THREAD:
      return refusal(called, () => end(thread, thread.process.threads.size > 1));
    default:
      return refusal(called, () => end(thread, false));
  }
}

/** What a filter gives the tracer to see of the call that the thread stands on; undefined when it asks for none. */
export function traceVerdict(thread: Thread): number | undefined {
  const { confinement } = thread;
  if (confinement?.mode !== SECCOMP_MODE_FILTER) return undefined;
  const { verdict } = judge(thread, confinement.last);
  return actionOf(verdict) === SECCOMP_RET_TRACE ? verdict & SECCOMP_RET_DATA : undefined;
}

/** How many filters hold (Seccomp_filters of /proc/PID/status). */
export function filterCount(confinement: Confinement | undefined): number {
  let count = 0;
  let filter = confinement?.mode === SECCOMP_MODE_FILTER ? confinement.last : undefined;
  for (; filter !== undefined; filter = filter.earlier) count++;
  return count;
}

function refusal(
  { name, kinds, arguments: reader }: Syscall,
  handler: Handler<Record<string, never>>,
): Syscall {
  return {
    name,
    kinds,
    arguments: reader,
    handler,
    returns: undefined,
    partial: undefined,
    replacesContext: true,
    letsSignalsIn: false,
    onlyTells: false,
    waitsForPages: false,
  };
}

function actionOf(verdict: number): number {
  return (verdict & SECCOMP_RET_ACTION_FULL) >>> 0;
}

/** All filters look; the action that is least as a signed number holds, of equal ones the last filter's. */
function judge(
  thread: Thread,
  last: Filter,
): { readonly verdict: number; readonly filter: Filter | undefined } {
  const data = callData(thread);
  let verdict = SECCOMP_RET_ALLOW;
  let decisive: Filter | undefined;
  for (let filter: Filter | undefined = last; filter !== undefined; filter = filter.earlier) {
    const own = runProgram(filter.program, data);
    if ((actionOf(own) | 0) >= (actionOf(verdict) | 0)) continue;
    verdict = own;
    decisive = filter;
  }
  return { verdict, filter: decisive };
}

function callData({ hart }: Thread): CallData {
  const call = new CallData();
  const data = call.words;
  const pc = hart.pc + ECALL_SIZE;
  data[0] = hart.xLo(A7);
  data[1] = AUDIT_ARCH_RISCV64;
  data[2] = pc;
  data[3] = Math.floor(pc / 2 ** 32);
  for (let i = 0; i < 6; i++) {
    data[4 + 2 * i] = hart.xLo(A0 + i);
    data[5 + 2 * i] = hart.xHi(A0 + i);
  }
  return call;
}

/** Linux ends the one thread, silently to the others. */
function endStrict(thread: Thread): never {
  exitThread(thread, SIGKILL);
  throw CONTEXT_REPLACED;
}

/** The call did not happen: a0 stays, and a SIGSYS says which it was. */
function trap(thread: Thread, errno: number): never {
  const { hart } = thread;
  const syscall = hart.xLo(A7) | 0;
  hart.advancePc(ECALL_SIZE);
  forceSignal(thread, {
    signo: SIGSYS,
    code: SYS_SECCOMP,
    errno,
    addr: hart.pc,
    syscall,
    arch: AUDIT_ARCH_RISCV64,
  });
  throw CONTEXT_REPLACED;
}

function end(thread: Thread, onlyThread: boolean): never {
  if (onlyThread) exitThread(thread, SIGSYS);
  else {
    thread.hart.advancePc(ECALL_SIZE);
    forceFatal(thread, SIGSYS);
  }
  throw CONTEXT_REPLACED;
}
