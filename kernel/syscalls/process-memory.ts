// process_vm_readv, process_vm_writev, process_madvise: copies from and to another process's memory, and advice on it.
// Rows for table.ts. A bad remote address ends the copy; what was copied before counts (process_vm_readv(2)).
import { Fd, Hex32, Pid, U64 } from '../abi/kinds/basic.ts';
import { LocalIovecsIn, LocalIovecsOut, RemoteIovecs } from '../abi/kinds/io-kinds.ts';
import { Madvice } from '../abi/kinds/memory-kinds.ts';
import { MAX_RW_COUNT } from '../abi/uio.ts';
import { EACCES, EFAULT, EINVAL, EPERM, ESRCH, fail, isFailure } from '../errno.ts';
import { madvise } from '../mm/advise.ts';
import type { Mm } from '../mm/mm.ts';
import { lengthBeforeSecrets } from '../mm/secret-areas.ts';
import type { Iovec, UserMemory } from '../mm/user-memory.ts';
import { CAP_SYS_NICE, capable } from '../task/credentials.ts';
import { mayInspect } from '../task/permission.ts';
import { processBehind } from '../task/pid-fd.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const UIO_MAXIOV = 1024;
/** Bytes copied at a time, so that a length of the guest's choosing costs no memory of ours. */
const CHUNK = 65_536;

interface VmArguments {
  readonly pid: number;
  readonly local_iov: number;
  readonly liovcnt: number;
  readonly remote_iov: number;
  readonly riovcnt: number;
  readonly flags: number;
}

function demandCount(count: number): void {
  if (count > UIO_MAXIOV) fail(EINVAL, 'more than UIO_MAXIOV pieces');
}

function transfer(thread: Thread, args: VmArguments, writes: boolean): number {
  if (args.flags !== 0) fail(EINVAL, 'unknown flags');
  demandCount(args.liovcnt);
  const local = thread.user.readIovecs(args.local_iov, args.liovcnt);
  if (local.some(({ length }) => length >= 2 ** 63)) fail(EINVAL, 'a negative length');
  const total = local.reduce((sum, { length }) => sum + length, 0);
  if (total === 0) return 0;
  demandCount(args.riovcnt);
  const remote = thread.user.readIovecs(args.remote_iov, args.riovcnt);
  const target =
    thread.kernel.pids.thread(thread.process.kernelPid(args.pid)) ?? fail(ESRCH, 'no such process');
  if (!mayInspect(thread, target)) fail(EPERM, "not this user's process");
  const [from, to] = writes ? [thread.user, target.user] : [target.user, thread.user];
  const reached = beforeSecrets(target.mm, remote);
  const [sources, sinks] = writes ? [local, reached] : [reached, local];
  const done = copy(from, sources, to, sinks);
  if (done === 0 && remote.some(({ length }) => length > 0)) fail(EFAULT, 'the memory is not accessible');
  return done;
}

/** The pieces up to the first secret memory (mm/gup.c). */
function beforeSecrets(mm: Mm, pieces: readonly Iovec[]): Iovec[] {
  const reached: Iovec[] = [];
  for (const { base, length } of pieces) {
    const open = lengthBeforeSecrets(mm, base, length);
    reached.push({ base, length: open });
    if (open < length) break;
  }
  return reached;
}

/** Copies until one side ends or a page is not accessible; returns how many bytes. */
function copy(from: UserMemory, sources: readonly Iovec[], to: UserMemory, sinks: readonly Iovec[]): number {
  let done = 0;
  let sink = 0;
  let sinkOffset = 0;
  for (const source of sources) {
    for (let offset = 0; offset < source.length; ) {
      while (sink < sinks.length && sinkOffset === (sinks[sink] as Iovec).length) {
        sink++;
        sinkOffset = 0;
      }
      const target = sinks[sink];
      if (target === undefined || done >= MAX_RW_COUNT) return done;
      const wanted = Math.min(source.length - offset, target.length - sinkOffset, CHUNK, MAX_RW_COUNT - done);
      const readable = from.accessible(source.base + offset, wanted, false);
      const count = to.accessible(target.base + sinkOffset, readable, true);
      if (count > 0) to.write(target.base + sinkOffset, from.read(source.base + offset, count));
      done += count;
      offset += count;
      sinkOffset += count;
      if (count < wanted) return done;
    }
  }
  return done;
}

/** MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_COLLAPSE: what one may advise on memory of others. */
const REMOTE_ADVICE: readonly number[] = [20, 21, 3, 25];

interface AdviseArguments {
  readonly pidfd: number;
  readonly vec: number;
  readonly vlen: number;
  readonly advice: number;
  readonly flags: number;
}

/** process_madvise(2): how many bytes were advised on; an error when it was none. */
function processMadvise(thread: Thread, { pidfd, vec, vlen, advice, flags }: AdviseArguments): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  demandCount(vlen);
  const ranges = thread.user.readIovecs(vec, vlen);
  const process = processBehind(thread, pidfd);
  const target = process.leader ?? fail(ESRCH, 'the process is gone');
  if (!mayInspect(thread, target)) fail(EACCES, "not this user's process");
  if (target.mm !== thread.mm) {
    if (!REMOTE_ADVICE.includes(advice)) fail(EINVAL, 'not an advice for memory of others');
    if (!capable(thread.credentials, CAP_SYS_NICE)) fail(EPERM, 'needs CAP_SYS_NICE');
  }
  let done = 0;
  for (const { base, length } of ranges) {
    try {
      madvise(target, base, length, advice);
    } catch (thrown) {
      if (done === 0 || !isFailure(thrown)) throw thrown;
      return done;
    }
    done += length;
  }
  return done;
}

const REMOTE = { liovcnt: U64, remote_iov: RemoteIovecs, riovcnt: U64, flags: U64 };

export const PROCESS_MEMORY_SYSCALLS = {
  270: syscall('process_vm_readv', { pid: Pid, local_iov: LocalIovecsOut, ...REMOTE }, (thread, args) =>
    transfer(thread, args, false),
  ),
  271: syscall('process_vm_writev', { pid: Pid, local_iov: LocalIovecsIn, ...REMOTE }, (thread, args) =>
    transfer(thread, args, true),
  ),
  440: syscall(
    'process_madvise',
    { pidfd: Fd, vec: RemoteIovecs, vlen: U64, advice: Madvice, flags: Hex32 },
    processMadvise,
  ),
};
