// mlock(2) and its kin: pages are never swapped here, so locking brings them in and counts against RLIMIT_MEMLOCK.
// syscalls/memory.ts calls it; mmap and mremap ask demandLockable.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EINVAL, ENOMEM, EPERM, fail } from '../errno.ts';
import { CAP_IPC_LOCK, capable } from '../task/credentials.ts';
import { RLIMIT_MEMLOCK } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { pageCeilWrapping, pageFloor, TASK_SIZE } from './layout.ts';
import { populate } from './mapping.ts';
import type { Mm } from './mm.ts';
import { VmaFlag } from './vma.ts';

export const MLOCK_ONFAULT = 1;
export const MCL_CURRENT = 1;
export const MCL_FUTURE = 2;
export const MCL_ONFAULT = 4;
const LOCK_FLAGS = VmaFlag.Locked | VmaFlag.LockOnFault;

export function mayLock(thread: Thread): boolean {
  return capable(thread.credentials, CAP_IPC_LOCK) || thread.process.limits.get(RLIMIT_MEMLOCK).soft > 0;
}

/** `errno` when `bytes` more would exceed RLIMIT_MEMLOCK. */
export function demandLockable(thread: Thread, bytes: number, errno: number): void {
  if (capable(thread.credentials, CAP_IPC_LOCK)) return;
  const limit = thread.process.limits.get(RLIMIT_MEMLOCK).soft;
  if (lockedBytes(thread.mm) + bytes > limit) fail(errno, 'RLIMIT_MEMLOCK');
}

/** VmLck. */
export function lockedBytes(mm: Mm): number {
  let bytes = 0;
  for (const vma of mm.vmas) if (vma.has(VmaFlag.Locked)) bytes += vma.end - vma.start;
  return bytes;
}

/** mlock, mlock2. */
export function lockRange(thread: Thread, address: number, length: number, onFault: boolean): void {
  if (!mayLock(thread)) fail(EPERM, 'RLIMIT_MEMLOCK is 0');
  const start = pageFloor(address);
  const bytes = pageCeilWrapping(length, address - start);
  const { mm } = thread;
  let added = bytes;
  for (const vma of mm.vmas.overlapping(start, start + bytes)) {
    if (vma.has(VmaFlag.Locked)) added -= Math.min(vma.end, start + bytes) - Math.max(vma.start, start);
  }
  demandLockable(thread, added, ENOMEM);
  if (bytes === 0) return;
  markRange(mm, start, bytes, onFault ? LOCK_FLAGS : VmaFlag.Locked);
  // mm/mlock.c, __mlock_posix_error_return
  if (!onFault && !populate(mm, start, start + bytes)) fail(ENOMEM, 'a page could not be brought in');
}

export function unlockRange(thread: Thread, address: number, length: number): void {
  const start = pageFloor(address);
  markRange(thread.mm, start, pageCeilWrapping(length, address - start), 0);
}

/** Sets the lock flags of areas up to the first hole, which is ENOMEM (apply_vma_lock_flags). */
function markRange(mm: Mm, start: number, bytes: number, flags: number): void {
  if (bytes === 0) return;
  const end = start + bytes;
  if (!(end <= TASK_SIZE)) fail(end >= 2 ** 64 ? EINVAL : ENOMEM, 'past the end of the address space');
  let at = start;
  const areas = mm.vmas.overlapping(start, end);
  for (const area of areas) {
    if (area.start > at) break;
    at = area.end;
  }
  const covered = Math.min(end, at);
  for (const vma of covered > start ? mm.vmas.isolate(start, covered) : []) {
    if (!vma.has(VmaFlag.Secret)) vma.flags = (vma.flags & ~LOCK_FLAGS) | flags;
  }
  mm.vmas.join(start, end);
  if (covered < end) fail(ENOMEM, 'part of the range is not mapped');
}

/** mlockall. */
export function lockAll(thread: Thread, flags: number): void {
  const known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
  if (flags === 0 || (flags & ~known) !== 0 || flags === MCL_ONFAULT)
    fail(EINVAL, 'unknown or contradictory flags');
  if (!mayLock(thread)) fail(EPERM, 'RLIMIT_MEMLOCK is 0');
  const { mm } = thread;
  const marks = (flags & MCL_ONFAULT) !== 0 ? LOCK_FLAGS : VmaFlag.Locked;
  if ((flags & MCL_CURRENT) !== 0 && !capable(thread.credentials, CAP_IPC_LOCK)) {
    const limit = thread.process.limits.get(RLIMIT_MEMLOCK).soft;
    if (mm.vmas.totalPages * PAGE_SIZE > limit) fail(ENOMEM, 'RLIMIT_MEMLOCK');
  }
  mm.futureFlags = (flags & MCL_FUTURE) !== 0 ? marks : 0;
  if ((flags & MCL_CURRENT) === 0) return;
  markAll(mm, marks);
  if (marks === VmaFlag.Locked) populate(mm, 0, TASK_SIZE);
}

/** munlockall. */
export function unlockAll(thread: Thread): void {
  const { mm } = thread;
  mm.futureFlags = 0;
  markAll(mm, 0);
  mm.vmas.join(0, TASK_SIZE);
}

/** Secret memory stays as it is (mlock_fixup). */
function markAll(mm: Mm, marks: number): void {
  for (const vma of mm.vmas) if (!vma.has(VmaFlag.Secret)) vma.flags = (vma.flags & ~LOCK_FLAGS) | marks;
}
