// Putting areas into an address space and taking them out (mm/mmap.c, mm/vma.c).
// mmap, munmap, mremap, shmat, brk and exec come here after their own checks of arguments.
// Limits are checked before anything changes: a call that fails with ENOMEM leaves all as it was.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { ENOMEM, EPERM, fail } from '../errno.ts';
import { RLIMIT_AS } from '../task/rlimits.ts';
import { MAX_MAP_COUNT } from './layout.ts';
import type { Mm } from './mm.ts';
import { PROT_WRITE, Vma, VmaFlag, type VmaShape } from './vma.ts';

/**
 * Makes an area and removes what was in its place. The caller holds a reference to the backing's file for it.
 * ENOMEM: RLIMIT_AS, RLIMIT_DATA, max_map_count, or more memory than the machine has.
 */
export function placeArea(mm: Mm, shape: VmaShape): Vma {
  const { vmas } = mm;
  const { start, end } = shape;
  const added = (end - start - vmas.mappedBytes(start, end)) / PAGE_SIZE;
  demandRoom(mm, added, countsAsData(shape) ? added : 0);
  if (vmas.count >= MAX_MAP_COUNT) fail(ENOMEM, 'max_map_count areas are mapped');
  if (isAccountable(shape)) demandCommit(mm, (end - start) / PAGE_SIZE);
  if (added * PAGE_SIZE < end - start) unmapRange(mm, start, end);
  const vma = new Vma(mm, shape);
  vmas.insert(vma);
  vmas.join(start, end);
  mm.peakTotal = Math.max(mm.peakTotal, vmas.totalPages);
  return vmas.find(start) as Vma;
}

/** Limits of the address space (may_expand_vm). */
export function demandRoom(mm: Mm, pages: number, dataPages: number): void {
  if (pages > 0 && (mm.vmas.totalPages + pages) * PAGE_SIZE > mm.limit(RLIMIT_AS)) fail(ENOMEM, 'RLIMIT_AS');
  if (dataPages > 0) {
    const limit = mm.dataLimit;
    if (limit !== Number.POSITIVE_INFINITY && (dataPagesOf(mm) + dataPages) * PAGE_SIZE > limit) {
      fail(ENOMEM, 'RLIMIT_DATA');
    }
  }
}

/** Heuristic overcommit: only what could never fit is refused (__vm_enough_memory, OVERCOMMIT_GUESS). */
export function demandCommit(mm: Mm, pages: number): void {
  if (pages > mm.account.limitPages) fail(ENOMEM, 'more memory than the machine has');
}

/** Private writable areas count as data, stacks do not (is_data_mapping). */
export function countsAsData(shape: Pick<VmaShape, 'prot' | 'flags'>): boolean {
  return (shape.prot & PROT_WRITE) !== 0 && (shape.flags & (VmaFlag.Shared | VmaFlag.GrowsDown)) === 0;
}

/** Private writable memory that has not asked to be left out (accountable_mapping). */
function isAccountable(shape: VmaShape): boolean {
  return (shape.prot & PROT_WRITE) !== 0 && (shape.flags & (VmaFlag.Shared | VmaFlag.NoReserve)) === 0;
}

/** VmData. */
export function dataPagesOf(mm: Mm): number {
  let pages = 0;
  for (const vma of mm.vmas) if (countsAsData(vma)) pages += vma.pageCount;
  return pages;
}

/**
 * Unmaps [start, end), page-aligned and below TASK_SIZE. Holes in it are fine.
 * ENOMEM when cutting an area in two would exceed max_map_count.
 */
export function unmapRange(mm: Mm, start: number, end: number): void {
  const { vmas } = mm;
  const first = vmas.find(start);
  if (first !== undefined && first.start < start && first.end > end && vmas.count >= MAX_MAP_COUNT) {
    fail(ENOMEM, 'max_map_count areas are mapped');
  }
  if (vmas.overlapping(start, end).some((vma) => vma.has(VmaFlag.Sealed))) fail(EPERM, 'an area is sealed');
  for (const vma of vmas.isolate(start, end)) {
    mm.zap(vma, vma.firstPage, vma.endPage, true);
    mm.guards?.remove(vma.firstPage, vma.endPage);
    vmas.remove(vma);
  }
}

/** Brings the pages of [start, end) in as if they were touched (mm_populate); stops silently where it cannot, and at what is secret. */
export function populate(mm: Mm, start: number, end: number): boolean {
  let isWhole = true;
  for (const vma of mm.vmas.overlapping(start, end)) {
    if ((vma.prot & 7) === 0 || vma.has(VmaFlag.Secret)) {
      isWhole = false;
      continue;
    }
    const write = (vma.prot & PROT_WRITE) !== 0 && !vma.isShared;
    const last = Math.min(end, vma.end) / PAGE_SIZE;
    for (let page = Math.max(start, vma.start) / PAGE_SIZE; page < last; page++) {
      if (mm.account.freePages === 0) return false;
      if (mm.tryAccess(page, write)) continue;
      isWhole = false;
      break;
    }
  }
  return isWhole;
}
