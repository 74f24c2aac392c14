// Growth of MAP_GROWSDOWN areas, the main stack first of all (mm/vma.c, expand_downwards).
// The fault path asks when an address lies below such an area.
// The guard gap to the mapping below stays free, and RLIMIT_STACK bounds the size.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { RLIMIT_AS, RLIMIT_STACK } from '../task/rlimits.ts';
import { MMAP_MIN_ADDRESS, pageFloor, STACK_GUARD_GAP } from './layout.ts';
import type { Mm } from './mm.ts';
import { type Vma, VmaFlag } from './vma.ts';

/** Extends the area above `address` down to it, or returns undefined: SEGV_MAPERR. */
export function growStack(mm: Mm, address: number): Vma | undefined {
  const vma = mm.vmas.findFrom(address);
  if (vma === undefined || !vma.has(VmaFlag.GrowsDown)) return undefined;
  const start = pageFloor(address);
  if (start < MMAP_MIN_ADDRESS) return undefined;
  const below = mm.vmas.before(start);
  if (below !== undefined && !below.has(VmaFlag.GrowsDown) && below.prot !== 0) {
    if (start - below.end < STACK_GUARD_GAP) return undefined;
  }
  if (vma.end - start > mm.limit(RLIMIT_STACK)) return undefined;
  const added = (vma.start - start) / PAGE_SIZE;
  if ((mm.vmas.totalPages + added) * PAGE_SIZE > mm.limit(RLIMIT_AS)) return undefined;
  mm.vmas.resize(vma, start, vma.end);
  return vma;
}
