// madvise(2) (mm/madvise.c): what changes contents or inheritance is done, hints about speed are accepted.
// syscalls/memory.ts calls it. A hole in the range does not stop the rest; it is reported at the end.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EACCES, EFAULT, EINVAL, ENOMEM, EPERM, fail } from '../errno.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { AnonymousPages } from './anonymous-pages.ts';
import { GuardPages } from './guard-pages.ts';
import { pageCeil } from './layout.ts';
import type { Mm } from './mm.ts';
import { PROT_WRITE, type Vma, VmaFlag } from './vma.ts';

const MADV_NORMAL = 0;
const MADV_RANDOM = 1;
const MADV_SEQUENTIAL = 2;
const MADV_WILLNEED = 3;
export const MADV_DONTNEED = 4;
const MADV_FREE = 8;
const MADV_REMOVE = 9;
const MADV_DONTFORK = 10;
const MADV_DOFORK = 11;
const MADV_MERGEABLE = 12;
const MADV_UNMERGEABLE = 13;
const MADV_HUGEPAGE = 14;
const MADV_NOHUGEPAGE = 15;
const MADV_DONTDUMP = 16;
const MADV_DODUMP = 17;
export const MADV_WIPEONFORK = 18;
const MADV_KEEPONFORK = 19;
const MADV_COLD = 20;
const MADV_PAGEOUT = 21;
export const MADV_POPULATE_READ = 22;
export const MADV_POPULATE_WRITE = 23;
const MADV_DONTNEED_LOCKED = 24;
export const MADV_HWPOISON = 100;
const MADV_GUARD_INSTALL = 102;
const MADV_GUARD_REMOVE = 103;
export const MADV_SOFT_OFFLINE = 101;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

type Advice = (mm: Mm, vma: Vma, start: number, end: number) => void;

const ignore: Advice = () => {};

/** Sets or clears a flag of the areas in the range. */
function flag(set: number, clear: number, check: (vma: Vma) => void = () => {}): Advice {
  return (mm, vma, start, end) => {
    check(vma);
    if (((vma.flags | set) & ~clear) === vma.flags) return;
    for (const part of mm.vmas.isolate(start, end)) part.flags = (part.flags | set) & ~clear;
    mm.vmas.join(start, end);
  };
}

const discard: Advice = (mm, vma, start, end) => {
  if (vma.has(VmaFlag.Locked)) fail(EINVAL, 'locked pages stay');
  mm.zap(vma, start / PAGE_SIZE, end / PAGE_SIZE);
};

const ADVICE: Readonly<Record<number, Advice>> = {
  [MADV_NORMAL]: flag(0, VmaFlag.RandomRead | VmaFlag.SequentialRead),
  [MADV_RANDOM]: flag(VmaFlag.RandomRead, VmaFlag.SequentialRead),
  [MADV_SEQUENTIAL]: flag(VmaFlag.SequentialRead, VmaFlag.RandomRead),
  [MADV_WILLNEED]: ignore,
  [MADV_DONTNEED]: discard,
  [MADV_DONTNEED_LOCKED]: (mm, vma, start, end) => mm.zap(vma, start / PAGE_SIZE, end / PAGE_SIZE),
  [MADV_FREE]: (mm, vma, start, end) => {
    if (vma.has(VmaFlag.Locked)) fail(EINVAL, 'the memory is locked');
    // Linux may keep the bytes until memory is short; here it always does.
    if (vma.backing !== undefined) fail(EINVAL, 'only private anonymous memory can be freed');
    mm.poison?.remove(start / PAGE_SIZE, end / PAGE_SIZE);
  },
  [MADV_REMOVE]: punch,
  [MADV_DONTFORK]: flag(VmaFlag.DontFork, 0),
  [MADV_DOFORK]: flag(0, VmaFlag.DontFork),
  [MADV_MERGEABLE]: (mm, vma, start, end) => {
    if (!vma.isShared) flag(VmaFlag.Mergeable, 0)(mm, vma, start, end); // mm/ksm.c, vma_ksm_compatible
  },
  [MADV_UNMERGEABLE]: flag(0, VmaFlag.Mergeable),
  [MADV_HUGEPAGE]: flag(VmaFlag.HugePage, VmaFlag.NoHugePage),
  [MADV_NOHUGEPAGE]: flag(VmaFlag.NoHugePage, VmaFlag.HugePage),
  [MADV_DONTDUMP]: flag(VmaFlag.DontDump, 0),
  [MADV_DODUMP]: flag(0, VmaFlag.DontDump),
  [MADV_WIPEONFORK]: flag(VmaFlag.WipeOnFork, 0, (vma) => {
    if (vma.backing !== undefined) fail(EINVAL, 'only private anonymous memory can be wiped');
  }),
  [MADV_KEEPONFORK]: flag(0, VmaFlag.WipeOnFork),
  [MADV_COLD]: (_mm, vma) => {
    if (vma.has(VmaFlag.Locked)) fail(EINVAL, 'locked pages stay');
  },
  [MADV_GUARD_INSTALL]: (mm, vma, start, end) => {
    if (vma.has(VmaFlag.Locked)) fail(EINVAL, 'locked pages stay');
    mm.guards ??= new GuardPages();
    mm.zap(vma, start / PAGE_SIZE, end / PAGE_SIZE);
    mm.guards.add(start / PAGE_SIZE, end / PAGE_SIZE);
  },
  [MADV_GUARD_REMOVE]: (mm, _vma, start, end) => mm.guards?.remove(start / PAGE_SIZE, end / PAGE_SIZE),
  [MADV_PAGEOUT]: (_mm, vma) => {
    if (vma.has(VmaFlag.Locked)) fail(EINVAL, 'locked pages stay');
  },
};

/** EINVAL (unknown advice, misaligned, not for this area), ENOMEM (holes), EACCES, EPERM, EBADF, EFAULT. */
export function madvise(thread: Thread, address: number, length: number, advice: number): void {
  const { mm } = thread;
  const isPoison = advice === MADV_HWPOISON || advice === MADV_SOFT_OFFLINE;
  const isPopulate = advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE;
  const act = ADVICE[advice];
  if (act === undefined && !isPoison && !isPopulate) fail(EINVAL, 'unknown advice');
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  const end = address + pageCeil(length);
  if (!(end < 2 ** 64)) fail(EINVAL, 'the range wraps around');
  if (isPoison)
    fail(capable(thread.credentials, CAP_SYS_ADMIN) ? EINVAL : EPERM, 'no memory errors are injected');
  if (length === 0) return;
  if (isPopulate) {
    populateRange(mm, address, end, advice === MADV_POPULATE_WRITE);
    return;
  }
  let at = address;
  let hasHole = false;
  for (const vma of mm.vmas.overlapping(address, end)) {
    const start = Math.max(vma.start, address);
    if (start > at) hasHole = true;
    at = Math.min(vma.end, end);
    act?.(mm, vma, start, at);
  }
  if (hasHole || at < end) fail(ENOMEM, 'part of the range is not mapped');
}

/** MADV_REMOVE: frees the object's pages; they read as zeroes in all processes. */
function punch(mm: Mm, vma: Vma, start: number, end: number): void {
  if (vma.has(VmaFlag.Locked)) fail(EINVAL, 'locked pages stay');
  const { backing } = vma;
  if (backing === undefined) fail(EINVAL, 'nothing lies behind private memory');
  if (!vma.isShared || !vma.mayWrite) fail(EACCES, 'not a shared writable mapping');
  const from = vma.offset + (start - vma.start);
  const to = from + (end - start);
  const { store } = backing.cache;
  backing.cache.beforeWrite(from, to);
  if (store instanceof AnonymousPages) store.punch(from / PAGE_SIZE, to / PAGE_SIZE);
  else if (store instanceof RegularInode)
    store.allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to);
  else fail(EINVAL, 'this object has no holes');
  mm.dropPages(start / PAGE_SIZE, end / PAGE_SIZE);
}

function populateRange(mm: Mm, start: number, end: number, write: boolean): void {
  let at = start;
  for (const vma of mm.vmas.overlapping(start, end)) {
    if (vma.start > at) break;
    const isAllowed = write ? (vma.prot & PROT_WRITE) !== 0 : vma.prot !== 0;
    if (!isAllowed || vma.has(VmaFlag.Secret)) fail(EINVAL, 'the area does not allow that access');
    at = Math.min(vma.end, end);
    for (let page = Math.max(vma.start, start) / PAGE_SIZE; page < at / PAGE_SIZE; page++) {
      if (mm.account.freePages === 0) fail(ENOMEM, 'the machine has no memory left');
      if (!mm.tryAccess(page, write)) fail(EFAULT, 'a page could not be brought in');
    }
  }
  if (at < end) fail(ENOMEM, 'part of the range is not mapped');
}
