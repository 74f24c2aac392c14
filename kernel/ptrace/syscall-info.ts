// PTRACE_GET_SYSCALL_INFO and PTRACE_SET_SYSCALL_INFO (kernel/ptrace.c): the call that a tracee stands at, for any processor.
// requests.ts comes here. What kind of stop it is follows from the siginfo and the message, as on Linux:
// without PTRACE_O_TRACESYSGOOD a syscall-stop cannot be told from a SIGTRAP, and there is no information.
import {
  AUDIT_ARCH_RISCV64,
  PTRACE_EVENT_SECCOMP,
  PTRACE_EVENTMSG_SYSCALL_ENTRY,
  PTRACE_EVENTMSG_SYSCALL_EXIT,
  PTRACE_SYSCALL_INFO_ENTRY,
  PTRACE_SYSCALL_INFO_EXIT,
  PTRACE_SYSCALL_INFO_NONE,
  PTRACE_SYSCALL_INFO_SECCOMP,
  SyscallInfo,
} from '../abi/ptrace.ts';
import { SIGTRAP } from '../abi/signal.ts';
import { EINVAL, ERANGE, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import { readPc, readResult, writeResult } from './registers.ts';
import type { TraceStop } from './tracee.ts';

const SP = 2;
const A0 = 10;
const A7 = 17;
const MAX_ERRNO = 4095n;
const { offsets } = SyscallInfo;
/** Bytes that mean something, by kind of stop. */
const SIZES = [offsets.nr, offsets.ret_data, offsets.args + 1, offsets.reserved2];

function kindOf({ info, message }: TraceStop): number {
  if (info?.code === (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8))) return PTRACE_SYSCALL_INFO_SECCOMP;
  if (info?.code !== (SIGTRAP | 0x80)) return PTRACE_SYSCALL_INFO_NONE;
  if (message === PTRACE_EVENTMSG_SYSCALL_ENTRY) return PTRACE_SYSCALL_INFO_ENTRY;
  return message === PTRACE_EVENTMSG_SYSCALL_EXIT ? PTRACE_SYSCALL_INFO_EXIT : PTRACE_SYSCALL_INFO_NONE;
}

/** The struct's bytes that mean something. */
export function readSyscallInfo(thread: Thread, stop: TraceStop): Uint8Array {
  const { hart } = thread;
  const op = kindOf(stop);
  const common = {
    op,
    reserved: 0,
    flags: 0,
    arch: AUDIT_ARCH_RISCV64,
    instruction_pointer: readPc(thread),
    stack_pointer: hart.x(SP),
    ret_data: op === PTRACE_SYSCALL_INFO_SECCOMP ? stop.message : 0,
    reserved2: 0,
  };
  let nr = 0n;
  let args: bigint[] = [];
  if (op === PTRACE_SYSCALL_INFO_EXIT) {
    nr = readResult(thread);
    args = [nr < 0n && nr >= -MAX_ERRNO ? 1n : 0n];
  } else if (op !== PTRACE_SYSCALL_INFO_NONE) {
    nr = BigInt(hart.xLo(A7) | 0);
    args = Array.from({ length: 6 }, (_, n) => hart.x(A0 + n));
  }
  return SyscallInfo.encode({ ...common, nr, args }).subarray(0, SIZES[op]);
}

/** EINVAL for another kind of stop and reserved fields, ERANGE for numbers that are none. */
export function writeSyscallInfo(thread: Thread, stop: TraceStop, bytes: Uint8Array): void {
  const { hart } = thread;
  const info = SyscallInfo.decode(bytes);
  if (info.flags !== 0 || info.reserved !== 0) fail(EINVAL, 'reserved fields are set');
  if (info.op === PTRACE_SYSCALL_INFO_NONE || info.op !== kindOf(stop)) fail(EINVAL, 'another kind of stop');
  const nr = BigInt.asIntN(64, info.nr);
  if (info.op === PTRACE_SYSCALL_INFO_EXIT) {
    writeResult(thread, nr);
    return;
  }
  if (BigInt.asIntN(32, nr) !== nr) fail(ERANGE, 'not a number of 32 bits');
  hart.setX(A7, BigInt.asUintN(64, nr));
  if (nr === -1n) return;
  for (const [n, value] of info.args.entries()) hart.setX(A0 + n, value);
}
