// mmap(2): argument rules in Linux's order (mm/mmap.c, do_mmap), then an area by placeArea.
// syscalls/memory.ts calls it; shmat places its areas itself.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { O_PATH } from '../abi/fcntl.ts';
import { MS_NOEXEC } from '../abi/mount-flags.ts';
import { S_IFCHR } from '../abi/stat.ts';
import {
  EACCES,
  EAGAIN,
  EBADF,
  EEXIST,
  EINVAL,
  ENODEV,
  ENOMEM,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  fail,
} from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { opensForReading, opensForWriting } from '../fs/open-flags.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_WRITE, RegularInode } from '../fs/regular-inode.ts';
import type { Thread } from '../task/thread.ts';
import { AnonymousPages } from './anonymous-pages.ts';
import { LOW_LIMIT, MAX_MAP_COUNT, MMAP_MIN_ADDRESS, pageCeil, pageFloor, TASK_SIZE } from './layout.ts';
import { demandLockable, mayLock } from './lock.ts';
import { pageCacheOf } from './mappable.ts';
import { placeArea, populate } from './mapping.ts';
import type { Mm } from './mm.ts';
import { PageCache } from './page-cache.ts';
import { type Backing, PROT_EXEC, PROT_READ, PROT_WRITE, VmaFlag } from './vma.ts';

export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_SHARED_VALIDATE = 0x03;
const MAP_TYPE = 0x0f;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_GROWSDOWN = 0x100;
export const MAP_DENYWRITE = 0x800;
export const MAP_EXECUTABLE = 0x1000;
export const MAP_LOCKED = 0x2000;
export const MAP_NORESERVE = 0x4000;
export const MAP_POPULATE = 0x8000;
export const MAP_NONBLOCK = 0x1_0000;
export const MAP_STACK = 0x2_0000;
export const MAP_HUGETLB = 0x4_0000;
export const MAP_FIXED_NOREPLACE = 0x10_0000;
/** Flags that MAP_SHARED_VALIDATE knows (LEGACY_MAP_MASK). */
const LEGACY_FLAGS =
  MAP_SHARED |
  MAP_PRIVATE |
  MAP_FIXED |
  MAP_ANONYMOUS |
  MAP_DENYWRITE |
  MAP_EXECUTABLE |
  MAP_GROWSDOWN |
  MAP_LOCKED |
  MAP_NORESERVE |
  MAP_POPULATE |
  MAP_NONBLOCK |
  MAP_STACK |
  MAP_HUGETLB;
const ALL_PROT = PROT_READ | PROT_WRITE | PROT_EXEC;
/**
 * High hints are hints that are not followed: JavaScript engines make them up, and what lies low is faster. But who gives
 * so much back so often and asks again needs what he asks for (rts/posix/OSMem.c of GHC).
 */
const LARGE = 64 << 20;
const MOST_REFUSALS = 3;
/**
 * Large libraries lie above the first GiB, as on Linux all do: code that OpenJDK 25 makes for calls into its own
 * (MacroAssembler::movptr2) has an instruction for bits 30 to 47 that does not exist when they are 0.
 */
const LARGE_CODE = 16 << 20;
const LARGE_CODE_BASE = 1 << 30;
/** makedev(1, 5). */
const DEV_ZERO = 0x105;

export interface MmapArguments {
  readonly address: number;
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
  readonly fd: number;
  readonly offset: number;
}

/** personality(2), READ_IMPLIES_EXEC. */
export function readImpliesExec({ personality }: Thread): boolean {
  return (personality & 0x040_0000) !== 0;
}

/** Maps and returns the address. All errnos of mmap(2). */
export function mmap(thread: Thread, request: MmapArguments): number {
  const { mm } = thread;
  const { flags } = request;
  if (request.offset % PAGE_SIZE !== 0) fail(EINVAL, 'the offset is not a multiple of the page size');
  const file = (flags & MAP_ANONYMOUS) === 0 ? mappedFile(thread, request.fd) : undefined;
  if ((flags & MAP_HUGETLB) !== 0) fail(file === undefined ? ENOMEM : EINVAL, 'there are no huge pages');
  if (request.length === 0) fail(EINVAL, 'a length of 0');
  const length = pageCeil(request.length);
  if (length > Number.MAX_SAFE_INTEGER) fail(ENOMEM, 'a length beyond the address space');
  if (mm.vmas.count >= MAX_MAP_COUNT) fail(ENOMEM, 'max_map_count areas are mapped');
  const isLargeCode = file !== undefined && (request.prot & PROT_EXEC) !== 0 && length >= LARGE_CODE;
  const start = chooseAddress(mm, request.address, length, flags, isLargeCode ? LARGE_CODE_BASE : 0);
  // PROT_WRITE implies PROT_READ on riscv (riscv_sys_mmap).
  let prot = request.prot & ALL_PROT;
  const isNoexec = ((file?.path?.mount.flags ?? 0) & MS_NOEXEC) !== 0;
  if ((prot & PROT_READ) !== 0 && !isNoexec && readImpliesExec(thread)) prot |= PROT_EXEC;
  if ((prot & PROT_WRITE) !== 0) prot |= PROT_READ;
  const isWriteExec = (prot & PROT_EXEC) !== 0 && (prot & PROT_WRITE) !== 0;
  if (isWriteExec && thread.process.writeExecRules !== 0) fail(EACCES, 'PR_SET_MDWE: writable code');
  let vmaFlags = mm.futureFlags;
  if ((flags & MAP_GROWSDOWN) !== 0) vmaFlags |= VmaFlag.GrowsDown;
  if ((flags & MAP_LOCKED) !== 0) {
    if (!mayLock(thread)) fail(EPERM, 'RLIMIT_MEMLOCK is 0');
    vmaFlags |= VmaFlag.Locked;
  }
  if ((vmaFlags & VmaFlag.Locked) !== 0) demandLockable(thread, length, EAGAIN);
  if ((flags & MAP_NORESERVE) !== 0) vmaFlags |= VmaFlag.NoReserve;
  if ((flags & MAP_STACK) !== 0) vmaFlags |= VmaFlag.NoHugePage; // include/linux/mman.h, calc_vm_flag_bits
  const source = file === undefined ? anonymousSource(mm, flags, length) : fileSource(mm, file, request);
  if (source.isShared) vmaFlags |= VmaFlag.Shared;
  const { areaFlags = 0 } = source;
  if ((areaFlags & VmaFlag.Locked) !== 0) demandLockable(thread, length, EAGAIN);
  vmaFlags |= areaFlags;
  source.backing?.file?.retain();
  try {
    const { backing, maxProt } = source;
    placeArea(mm, {
      start,
      end: start + length,
      prot,
      maxProt,
      flags: vmaFlags,
      backing,
      offset: file === undefined ? 0 : (source.offset ?? request.offset),
    });
  } catch (thrown) {
    source.backing?.file?.release();
    throw thrown;
  }
  const wantsPages = (flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE;
  const isLocked = (vmaFlags & (VmaFlag.Locked | VmaFlag.LockOnFault)) === VmaFlag.Locked;
  if (wantsPages || isLocked) populate(mm, start, start + length);
  return start;
}

function mappedFile(thread: Thread, fd: number): OpenFile {
  const file = thread.files.get(fd);
  if ((file.flags & O_PATH) !== 0) fail(EBADF, 'a descriptor opened with O_PATH');
  return file;
}

/** Where the area goes (get_unmapped_area), from `preferred` on if it can. ENOMEM, EINVAL, EEXIST, EPERM. */
function chooseAddress(mm: Mm, address: number, length: number, flags: number, preferred: number): number {
  if (length > TASK_SIZE) fail(ENOMEM, 'longer than the address space');
  const isFixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  if (isFixed) {
    if (address > TASK_SIZE - length) fail(ENOMEM, 'past the end of the address space');
    if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the fixed address is not a multiple of the page size');
    if (address < MMAP_MIN_ADDRESS) fail(EPERM, 'below mmap_min_addr');
    const keepsOld = (flags & MAP_FIXED_NOREPLACE) !== 0;
    if (keepsOld && mm.vmas.intersects(address, address + length)) fail(EEXIST, 'something is mapped there');
    mm.refusedHint = undefined;
    return address;
  }
  const hint = pageFloor(address); // mm/mmap.c, round_hint_to_min
  const isUsable =
    hint >= MMAP_MIN_ADDRESS && hint <= TASK_SIZE - length && mm.vmas.isRoom(hint, hint + length);
  const isHigh = hint > LOW_LIMIT - length;
  const refusals = isUsable && isHigh ? refusalsBefore(mm, length) : 0;
  if (isUsable && (!isHigh || refusals >= MOST_REFUSALS)) return hint;
  const start =
    (preferred === 0 ? undefined : mm.vmas.lowRoomFrom(length, preferred)) ??
    mm.vmas.freeRoom(length, mm.layout.mmapBase) ??
    fail(ENOMEM, 'no room of that length is left');
  mm.refusedHint = isUsable && isHigh ? { start, length, times: refusals + 1 } : undefined;
  return start;
}

/** How often in a row the program has given back as much room as it asks for now because it was not where the hint said. */
function refusalsBefore(mm: Mm, length: number): number {
  const { refusedHint } = mm;
  if (refusedHint === undefined || refusedHint.length !== length || length < LARGE) return 0;
  const { start, times } = refusedHint;
  return mm.vmas.intersects(start, start + length) ? 0 : times;
}

interface Source {
  readonly isShared: boolean;
  readonly maxProt: number;
  readonly backing: Backing | undefined;
  /** Where in the object; that of the request when absent. */
  readonly offset?: number;
  readonly areaFlags?: number | undefined;
}

function anonymousSource(mm: Mm, flags: number, length: number): Source {
  switch (flags & MAP_TYPE) {
    case MAP_SHARED:
      if ((flags & MAP_GROWSDOWN) !== 0) fail(EINVAL, 'shared memory does not grow down');
      return { isShared: true, maxProt: ALL_PROT, backing: sharedMemory(mm, length) };
    case MAP_PRIVATE:
      return { isShared: false, maxProt: ALL_PROT, backing: undefined };
    default:
      return fail(EINVAL, 'neither MAP_SHARED nor MAP_PRIVATE');
  }
}

/** What MAP_SHARED | MAP_ANONYMOUS maps: an object that lives as long as someone maps it. */
function sharedMemory(mm: Mm, length: number): Backing {
  if (length / PAGE_SIZE > mm.account.limitPages) fail(ENOMEM, 'more memory than the machine has');
  const ino = mm.account.nextObject();
  const pages = new AnonymousPages(length, mm.account);
  const cache = new PageCache(pages, `anonymous:${ino}`, true);
  cache.observer = {
    attached() {},
    detached() {
      if (!cache.isMapped) pages.free();
    },
  };
  return { cache, file: undefined, label: '/dev/zero (deleted)', ino };
}

function fileSource(mm: Mm, file: OpenFile, request: MmapArguments): Source {
  const { flags, prot } = request;
  const length = pageCeil(request.length);
  const { inode } = file.descriptor;
  if (request.offset + length > 2 ** 63) fail(EOVERFLOW, 'past the largest file'); // file_mmap_ok
  const type = flags & MAP_TYPE;
  const isShared = type === MAP_SHARED || type === MAP_SHARED_VALIDATE;
  let maxProt = ALL_PROT;
  if (isShared) {
    if (type === MAP_SHARED_VALIDATE && (flags & ~LEGACY_FLAGS) !== 0) fail(EOPNOTSUPP, 'unknown flags');
    const isWritable = opensForWriting(file.flags);
    if (!isWritable && (prot & PROT_WRITE) !== 0)
      fail(EACCES, 'a writable mapping of a file not open for writing');
    if (isWritable && inode.isAppendOnly) fail(EACCES, 'the file is only appended to');
    if (!isWritable) maxProt &= ~PROT_WRITE;
  } else if (type !== MAP_PRIVATE) {
    fail(EINVAL, 'neither MAP_SHARED nor MAP_PRIVATE');
  }
  if (!opensForReading(file.flags)) fail(EACCES, 'the file is not open for reading');
  if (((file.path?.mount.flags ?? 0) & MS_NOEXEC) !== 0) {
    if ((prot & PROT_EXEC) !== 0) fail(EPERM, 'the file system is mounted noexec');
    maxProt &= ~PROT_EXEC;
  }
  const isZero = inode.type === S_IFCHR && inode.rdev === DEV_ZERO;
  if (file.descriptor.kind === 'secret') {
    if ((prot & PROT_EXEC) !== 0) fail(EPERM, 'nothing runs from secret memory');
    if (!isShared) fail(EINVAL, 'secret memory is shared');
    maxProt &= ~PROT_EXEC;
  }
  const own = isShared ? file.descriptor.mapped(request.offset, length) : undefined;
  const cache = own?.cache ?? pageCacheOf(inode);
  if (cache === undefined && !isZero) fail(ENODEV, 'this kind of file cannot be mapped');
  if ((flags & MAP_GROWSDOWN) !== 0) fail(EINVAL, 'files do not grow down');
  // /dev/zero is anonymous memory, shared or not (drivers/char/mem.c, mmap_zero).
  if (cache === undefined)
    return { isShared, maxProt, backing: isShared ? sharedMemory(mm, length) : undefined };
  if (isShared && inode instanceof RegularInode) maxProt = afterSeals(inode, prot, maxProt);
  const backing = { cache, file, label: '', ino: inode.ino };
  return own === undefined
    ? { isShared, maxProt, backing }
    : { isShared, maxProt, backing, offset: own.offset, areaFlags: own.areaFlags };
}

/** A memfd sealed against writing is mapped shared for reading only (memfd_check_seals_mmap). EPERM. */
function afterSeals(inode: RegularInode, prot: number, maxProt: number): number {
  if (((inode.seals ?? 0) & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) === 0) return maxProt;
  if ((prot & PROT_WRITE) !== 0) fail(EPERM, 'sealed against writing');
  return maxProt & ~PROT_WRITE;
}
