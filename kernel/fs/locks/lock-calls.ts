// The lock commands of fcntl and the flock call: decoding, waiting, deadlock detection (fs/locks.c).
// kernel/syscalls/fcntl.ts and locks.ts call it; the state is in FileLocks.
import { Flock } from '../../abi/fcntl.ts';
import { EAGAIN, EBADF, EDEADLK, EINVAL, ENOLCK, EOVERFLOW, fail } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { Kernel } from '../../kernel.ts';
import { isStillIn, type Thread } from '../../task/thread.ts';
import { type Wait, wait } from '../../wait.ts';
import { opensForReading, opensForWriting } from '../open-flags.ts';
import {
  F_RDLCK,
  F_UNLCK,
  F_WRLCK,
  type FileLocks,
  type LockOwner,
  locksOf,
  type RangeLock,
} from './file-locks.ts';

const MAX_OFFSET = 2 ** 63;
/** Ranges on one inode, so that looking for conflicts stays quick. */
const RANGE_LIMIT = 16_384;

/** l_pid of a lock that no process owns. */
export const OFD_PID = -1;

/** Which owner a command locks for: the process (its descriptor table) or the open file description. */
export type LockScope = 'posix' | 'ofd';

interface WantedLock extends RangeLock {
  readonly isUnlock: boolean;
  readonly hasPid: boolean;
}

/** The struct flock at `address` as a range. EINVAL, EOVERFLOW (fs/locks.c, flock64_to_posix_lock). */
function decode(thread: Thread, file: OpenFile, address: number, scope: LockScope): WantedLock {
  const given = thread.user.readStruct(address, Flock);
  const base =
    [0, file.position, file.descriptor.inode.size][given.l_whence] ?? fail(EINVAL, 'unknown l_whence');
  let start = base + given.l_start;
  if (start >= MAX_OFFSET) fail(EOVERFLOW, 'the range begins past the largest offset');
  if (start < 0) fail(EINVAL, 'the range begins before the file');
  let end = Number.POSITIVE_INFINITY;
  if (given.l_len > 0) {
    end = start + given.l_len;
    if (end > MAX_OFFSET) fail(EOVERFLOW, 'the range ends past the largest offset');
  } else if (given.l_len < 0) {
    end = start;
    start += given.l_len;
    if (start < 0) fail(EINVAL, 'the range begins before the file');
  }
  if (end >= MAX_OFFSET) end = Number.POSITIVE_INFINITY;
  if (given.l_type < F_RDLCK || given.l_type > F_UNLCK) fail(EINVAL, 'unknown l_type');
  const owner: LockOwner = scope === 'posix' ? thread.files : file;
  const pid = scope === 'posix' ? thread.process.pid : OFD_PID;
  return {
    owner,
    file,
    pid,
    type: given.l_type,
    start,
    end,
    isUnlock: given.l_type === F_UNLCK,
    hasPid: given.l_pid !== 0,
  };
}

function demandNoPid(wanted: WantedLock, scope: LockScope): void {
  if (scope === 'ofd' && wanted.hasPid) fail(EINVAL, 'l_pid must be 0 for OFD locks');
}

/** F_GETLK, F_OFD_GETLK: the first lock in the way, or l_type F_UNLCK. */
export function getLock(thread: Thread, file: OpenFile, address: number, scope: LockScope): number {
  const wanted = decode(thread, file, address, scope);
  if (wanted.isUnlock && scope === 'posix') fail(EINVAL, 'F_GETLK with F_UNLCK');
  demandNoPid(wanted, scope);
  const held = file.descriptor.inode.locks?.conflict(wanted);
  const { user } = thread;
  if (held === undefined) {
    user.write(address, Uint8Array.of(F_UNLCK, 0)); // the rest is left as it was
    return 0;
  }
  user.writeStruct(address, Flock, {
    l_type: held.type,
    l_whence: 0,
    l_start: held.start,
    l_len: held.end === Number.POSITIVE_INFINITY ? 0 : held.end - held.start,
    l_pid: held.pid === OFD_PID ? OFD_PID : thread.process.shownPid(held.pid),
  });
  return 0;
}

/** F_SETLK, F_SETLKW and their OFD forms. EAGAIN or a Wait when another owner is in the way; EDEADLK, EBADF. */
export function setLock(
  thread: Thread,
  file: OpenFile,
  address: number,
  how: { readonly scope: LockScope; readonly blocks: boolean },
): number | Wait {
  const { lockWaits } = thread.kernel.vfs;
  lockWaits.delete(thread);
  const wanted = decode(thread, file, address, how.scope);
  if (wanted.type === F_RDLCK && !opensForReading(file.flags)) fail(EBADF, 'a read lock needs read access');
  if (wanted.type === F_WRLCK && !opensForWriting(file.flags)) fail(EBADF, 'a write lock needs write access');
  demandNoPid(wanted, how.scope);
  const { inode } = file.descriptor;
  if (wanted.isUnlock) {
    inode.locks?.clear(wanted.owner, wanted.start, wanted.end);
    return 0;
  }
  const locks = locksOf(inode);
  const { owner, pid, type, start, end } = wanted;
  const held = locks.conflict(wanted);
  if (held === undefined) {
    if (locks.ranges.length >= RANGE_LIMIT) fail(ENOLCK, 'too many locks on one file');
    locks.set({ owner, file, pid, type, start, end });
    return 0;
  }
  if (!how.blocks) fail(EAGAIN, 'another process holds a lock in the range');
  if (how.scope === 'posix') {
    if (wouldDeadlock(thread.kernel, owner, held.owner)) fail(EDEADLK, 'the holder waits for a lock of ours');
    lockWaits.set(thread, { owner, blocker: held.owner, call: thread.syscallCount });
  }
  return wait(locks.changed);
}

/** What a thread waits for in F_SETLKW; valid while it is still blocked in that call. */
export interface LockWait {
  readonly owner: LockOwner;
  readonly blocker: LockOwner;
  /** The thread's syscallCount. */
  readonly call: number;
}

/** Follows who waits for whom, at most ten steps as Linux (fs/locks.c, posix_locks_deadlock). */
function wouldDeadlock(kernel: Kernel, owner: LockOwner, blocker: LockOwner): boolean {
  let at: LockOwner | undefined = blocker;
  for (let steps = 0; steps < 10 && at !== undefined; steps++) {
    if (at === owner) return true;
    at = blockerOf(kernel, at);
  }
  return false;
}

function blockerOf(kernel: Kernel, owner: LockOwner): LockOwner | undefined {
  for (const [thread, waiting] of kernel.vfs.lockWaits) {
    if (!isStillIn(thread, waiting.call)) kernel.vfs.lockWaits.delete(thread);
    else if (waiting.owner === owner) return waiting.blocker;
  }
  return undefined;
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
/** Mandatory locks of old; accepted and ignored. */
const LOCK_MAND = 32;

/** flock(2). EINVAL, EBADF, EAGAIN with LOCK_NB, else a Wait. */
export function flock(thread: Thread, fd: number, operation: number): number | Wait {
  if ((operation & LOCK_MAND) !== 0) return 0;
  const kind = operation & ~LOCK_NB;
  if (![LOCK_SH, LOCK_EX, LOCK_UN].includes(kind)) fail(EINVAL, 'unknown flock operation');
  const file = thread.files.get(fd);
  const { inode } = file.descriptor;
  if (kind !== LOCK_UN && !opensForReading(file.flags) && !opensForWriting(file.flags))
    fail(EBADF, 'open for neither reading nor writing');
  if (kind === LOCK_UN) {
    inode.locks?.releaseFlock(file);
    return 0;
  }
  const locks: FileLocks = locksOf(inode);
  if (locks.tryFlock(file, kind === LOCK_SH ? F_RDLCK : F_WRLCK, thread.process.pid)) return 0;
  if ((operation & LOCK_NB) !== 0) fail(EAGAIN, 'another description holds the lock');
  return wait(locks.changed);
}
