// Making and ending threads and processes: clone, clone3, exit and the words in memory that announce an end.
// Rows for table.ts; the work is in kernel/task/clone.ts and exit.ts.
// riscv64 has neither fork nor vfork of its own: libc uses clone.

import { AddressOut, I32, Pid, Ptr, Size, U64Out } from '../abi/kinds/basic.ts';
import {
  Clone3Args,
  CloneChildTid,
  CloneFlags,
  CloneParentTid,
  CloneStack,
  CloneTls,
} from '../abi/kinds/process-kinds.ts';
import { CloneArgs, CloneArgsVer0 } from '../abi/process.ts';
import { NSIG } from '../abi/signal.ts';
import { CONTEXT_REPLACED } from '../context-replaced.ts';
import { EINVAL, EPERM, ESRCH, fail } from '../errno.ts';
import { late } from '../late.ts';
import { type CloneArguments, cloneThread } from '../task/clone.ts';
import {
  CLONE_DETACHED,
  CLONE_NEWTIME,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
} from '../task/clone-flags.ts';
import { exitProcess, exitThread } from '../task/exit.ts';
import { mayInspect } from '../task/permission.ts';
import { Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { readExtensible } from './extensible-struct.ts';
import { type Answer, syscall } from './syscall.ts';

const CSIGNAL = 0xff;

const CLONE_CLEAR_SIGHAND = 1n << 32n;
const CLONE_INTO_CGROUP = 1n << 33n;

/** Pages. Copying as many takes about as long as the rest of a time slice. */
const LARGE_COPY = 1024;

/**
 * Makes the child at the first try. A vfork parent then waits until the child has its own memory; one whose memory took
 * long to copy gives way, or a burst of forks would fill the machine before the first child could end.
 */
function cloneOrWait(thread: Thread, decode: () => CloneArguments): Answer {
  const call = thread.call;
  if (call === undefined) throw new Error('clone outside a call');
  let child = call.data;
  if (!(child instanceof Thread)) {
    const wanted = decode();
    child = cloneThread(thread, wanted);
    call.progress = thread.process.shownPid((child as Thread).tid);
    if ((wanted.flags & CLONE_VFORK) !== 0) call.data = child;
    if (thread.tracee !== undefined && late.tracing.stopsAfterClone(thread, child as Thread, wanted)) {
      call.data = child;
      return wait([], 'always');
    }
    if ((wanted.flags & (CLONE_VFORK | CLONE_VM)) === 0 && thread.process.mm.rss >= LARGE_COPY) {
      call.data = child;
      return wait([], 'killable', thread.kernel.clock.monotonicNs());
    }
  }
  const { process } = child as Thread;
  const isOther = call.data !== undefined && process !== thread.process;
  if (isOther && process.vforkDone !== undefined) return wait(process.vforkDone, 'killable');
  if (thread.tracee !== undefined && late.tracing.stopsAfterVfork(thread)) return wait([], 'always');
  return call.progress;
}

function clone(
  thread: Thread,
  args: { flags: number; newsp: number; parent_tid: number; tls: number; child_tid: number },
): Answer {
  return cloneOrWait(thread, () => {
    const { flags } = args;
    if ((flags & CLONE_PIDFD) !== 0 && (flags & CLONE_PARENT_SETTID) !== 0) {
      fail(EINVAL, 'CLONE_PIDFD and CLONE_PARENT_SETTID use the same pointer');
    }
    return {
      flags: flags & ~CSIGNAL,
      exitSignal: flags & CSIGNAL,
      stackPointer: args.newsp,
      tls: args.tls,
      parentTid: args.parent_tid,
      childTid: args.child_tid,
      pidfd: args.parent_tid,
    };
  });
}

function clone3(thread: Thread, { cl_args, size }: { cl_args: number; size: number }): Answer {
  return cloneOrWait(thread, () => readCloneArgs(thread, cl_args, size));
}

/** copy_clone_args_from_user and clone3_args_valid. E2BIG, EINVAL, EFAULT, EPERM. */
function readCloneArgs(thread: Thread, address: number, size: number): CloneArguments {
  const args = readExtensible(thread, address, size, CloneArgs, CloneArgsVer0.size);
  const { flags, exit_signal: exitSignal, stack, stack_size: stackSize } = args;
  if (args.set_tid_size > 32n) fail(EINVAL, 'more ids than namespaces can nest');
  if ((args.set_tid === 0n) !== (args.set_tid_size === 0n)) fail(EINVAL, 'set_tid and set_tid_size disagree');
  if (exitSignal > BigInt(NSIG)) fail(EINVAL, 'no such exit signal');
  if ((flags & CLONE_INTO_CGROUP) !== 0n && (args.cgroup > 0x7fff_ffffn || size < CloneArgs.size)) {
    fail(EINVAL, 'no cgroup descriptor');
  }
  if ((flags & ~(0xffff_ffffn | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP)) !== 0n)
    fail(EINVAL, 'unknown flags');
  const low = Number(flags & 0xffff_ffffn);
  if ((low & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME))) !== 0)
    fail(EINVAL, 'flags that clone3 does not take');
  const clearHandlers = (flags & CLONE_CLEAR_SIGHAND) !== 0n;
  if (clearHandlers && (low & CLONE_SIGHAND) !== 0) fail(EINVAL, 'handlers cannot be shared and cleared');
  if ((low & (CLONE_THREAD | CLONE_PARENT)) !== 0 && exitSignal !== 0n) {
    fail(EINVAL, 'threads and siblings have no exit signal of their own');
  }
  if ((stack === 0n) !== (stackSize === 0n)) fail(EINVAL, 'stack and stack_size disagree');
  const setTidSize = Number(args.set_tid_size);
  return {
    flags: low,
    clearHandlers,
    exitSignal: Number(exitSignal),
    stackPointer: Number(stack + stackSize),
    tls: Number(args.tls),
    parentTid: Number(args.parent_tid),
    childTid: Number(args.child_tid),
    pidfd: Number(args.pidfd),
    ...((flags & CLONE_INTO_CGROUP) === 0n ? {} : { cgroupFd: Number(args.cgroup) }),
    ...(setTidSize > 0 ? { wantedTids: readSetTid(thread, Number(args.set_tid), setTidSize) } : {}),
  };
}

function readSetTid({ user }: Thread, address: number, count: number): number[] {
  return Array.from({ length: count }, (_, level) => user.readI32(address + 4 * level));
}

function exit(thread: Thread, { status }: { status: number }): never {
  exitThread(thread, (status & 0xff) << 8);
  throw CONTEXT_REPLACED;
}

function exitGroup(thread: Thread, { status }: { status: number }): never {
  exitProcess(thread.process, (status & 0xff) << 8);
  throw CONTEXT_REPLACED;
}

function setTidAddress(thread: Thread, { tidptr }: { tidptr: number }): number {
  thread.clearChildTid = tidptr;
  return thread.ownTid;
}

/** struct robust_list_head: list, futex_offset, list_op_pending. */
const ROBUST_LIST_HEAD_SIZE = 24;

function setRobustList(thread: Thread, { head, len }: { head: number; len: number }): number {
  if (len !== ROBUST_LIST_HEAD_SIZE) fail(EINVAL, 'not the size of robust_list_head');
  thread.robustList = head;
  return 0;
}

function getRobustList(
  thread: Thread,
  { pid, head_ptr, len_ptr }: { pid: number; head_ptr: number; len_ptr: number },
): number {
  const target = pid === 0 ? thread : thread.kernel.pids.task(thread.process.kernelPid(pid));
  if (target === undefined) fail(ESRCH, 'no such thread');
  if (!mayInspect(thread, target)) fail(EPERM, "not this user's process");
  thread.user.writeU64(len_ptr, ROBUST_LIST_HEAD_SIZE);
  thread.user.writeU64(head_ptr, target.robustList);
  return 0;
}

export const PROCESS_SYSCALLS = {
  93: syscall('exit', { status: I32 }, exit, { replacesContext: true }),
  94: syscall('exit_group', { status: I32 }, exitGroup, { replacesContext: true }),
  96: syscall('set_tid_address', { tidptr: Ptr }, setTidAddress, { returns: Pid }),
  99: syscall('set_robust_list', { head: Ptr, len: Size }, setRobustList),
  100: syscall('get_robust_list', { pid: Pid, head_ptr: AddressOut, len_ptr: U64Out }, getRobustList),
  220: syscall(
    'clone',
    {
      flags: CloneFlags,
      newsp: CloneStack,
      parent_tid: CloneParentTid,
      tls: CloneTls,
      child_tid: CloneChildTid,
    },
    clone,
    { returns: Pid },
  ),
  435: syscall('clone3', { cl_args: Clone3Args, size: Size }, clone3, {
    returns: Pid,
  }),
};
