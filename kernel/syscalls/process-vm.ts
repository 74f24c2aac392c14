// process_vm_readv and process_vm_writev: copying between two address spaces (process_vm_readv(2)).
// Both sides' iovecs are the caller's; a page that cannot be reached ends the transfer, with what was moved as result.
import { Pid, Ptr, Size, U64 } from '../abi/kinds/basic.ts';
import { EFAULT, EINVAL, EPERM, ESRCH, fail } from '../errno.ts';
import type { Iovec, UserMemory } from '../mm/user-memory.ts';
import { CAP_SYS_PTRACE, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Syscall, syscall } from './syscall.ts';

const IOV_MAX = 1024;
/** Copied at once. */
const CHUNK = 65_536;

interface Arguments {
  readonly pid: number;
  readonly local_iov: number;
  readonly liovcnt: number;
  readonly remote_iov: number;
  readonly riovcnt: number;
  readonly flags: number;
}

function transfer(thread: Thread, args: Arguments, isWrite: boolean): number {
  if (args.flags !== 0) fail(EINVAL, 'flags must be 0');
  const local = iovecs(thread, args.local_iov, args.liovcnt);
  const remote = iovecs(thread, args.remote_iov, args.riovcnt);
  if (local.length === 0 || remote.length === 0) return 0;
  const other = targetMemory(thread, args.pid);
  return isWrite ? copy(thread.user, local, other, remote) : copy(other, remote, thread.user, local);
}

function iovecs(thread: Thread, address: number, count: number): Iovec[] {
  if (count > IOV_MAX) fail(EINVAL, 'more than IOV_MAX parts');
  const list = thread.user.readIovecs(address, count);
  let total = 0;
  for (const { length } of list) {
    total += length;
    if (total >= 2 ** 63) fail(EINVAL, 'the parts exceed SSIZE_MAX');
  }
  return list.filter(({ length }) => length > 0);
}

/** ESRCH; EPERM unless the caller could ptrace the process (ptrace_may_access, PTRACE_MODE_ATTACH_REALCREDS). */
function targetMemory(thread: Thread, pid: number): UserMemory {
  const target = thread.kernel.pids.thread(pid) ?? fail(ESRCH, 'no such thread');
  if (target.process === thread.process) return target.user;
  const own = thread.credentials;
  const other = target.credentials;
  const sameUser = [other.euid, other.suid, other.ruid].every((uid) => uid === own.ruid);
  const sameGroup = [other.egid, other.sgid, other.rgid].every((gid) => gid === own.rgid);
  const isOpen = target.process.dumpable === 1 && (other.permitted & ~own.permitted) === 0n;
  if (!(sameUser && sameGroup && isOpen) && !capable(own, CAP_SYS_PTRACE))
    fail(EPERM, 'not allowed to trace it');
  return target.user;
}

/** Moves bytes until one list ends or a page cannot be reached. EFAULT when that is the very first. */
function copy(
  fromMemory: UserMemory,
  from: readonly Iovec[],
  toMemory: UserMemory,
  to: readonly Iovec[],
): number {
  let done = 0;
  let [fromIndex, fromOffset, toIndex, toOffset] = [0, 0, 0, 0];
  for (;;) {
    const source = from[fromIndex];
    const target = to[toIndex];
    if (source === undefined || target === undefined) return done;
    const wanted = Math.min(CHUNK, source.length - fromOffset, target.length - toOffset);
    const readable = fromMemory.accessible(source.base + fromOffset, wanted, false);
    const run = toMemory.accessible(target.base + toOffset, readable, true);
    if (run === 0) return done > 0 ? done : fail(EFAULT, 'a part cannot be reached');
    toMemory.write(target.base + toOffset, fromMemory.read(source.base + fromOffset, run));
    done += run;
    fromOffset += run;
    toOffset += run;
    if (fromOffset === source.length) [fromIndex, fromOffset] = [fromIndex + 1, 0];
    if (toOffset === target.length) [toIndex, toOffset] = [toIndex + 1, 0];
  }
}

const ARGUMENTS = { pid: Pid, local_iov: Ptr, liovcnt: Size, remote_iov: Ptr, riovcnt: Size, flags: U64 };

export const PROCESS_VM_SYSCALLS: Readonly<Record<number, Syscall>> = {
  270: syscall('process_vm_readv', ARGUMENTS, (thread, args) => transfer(thread, args, false)),
  271: syscall('process_vm_writev', ARGUMENTS, (thread, args) => transfer(thread, args, true)),
};
