// brk(2): the end of the heap, which begins where exec left off (mm/mmap.c, brk).
// It never fails with an errno: what cannot be done leaves the old end, which is returned.
import { EAGAIN, isFailure } from '../errno.ts';
import { RLIMIT_DATA } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { pageCeil, TASK_SIZE } from './layout.ts';
import { demandLockable } from './lock.ts';
import { placeArea, populate, unmapRange } from './mapping.ts';
import type { Mm } from './mm.ts';
import { PROT_READ, PROT_WRITE, VmaFlag } from './vma.ts';

export function brk(thread: Thread, wanted: number): number {
  const { mm } = thread;
  if (wanted < mm.layout.brkStart || wanted > TASK_SIZE || exceedsData(mm, wanted)) return mm.brk;
  const oldEnd = pageCeil(mm.brk);
  const newEnd = pageCeil(wanted);
  try {
    if (newEnd < oldEnd) unmapRange(mm, newEnd, oldEnd);
    else if (newEnd > oldEnd && !grow(thread, oldEnd, newEnd)) return mm.brk;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return mm.brk;
  }
  mm.brk = wanted;
  return wanted;
}

/** Heap and the program's data together (check_data_rlimit). */
function exceedsData(mm: Mm, wanted: number): boolean {
  const { startData, endData } = mm.image;
  return wanted - mm.layout.brkStart + (endData - startData) > mm.limit(RLIMIT_DATA);
}

function grow(thread: Thread, start: number, end: number): boolean {
  const { mm } = thread;
  // A stack above keeps its guard gap, and one page stays free below anything else.
  if (!mm.vmas.isRoom(start, end + 4096)) return false;
  const flags = mm.futureFlags;
  const isLocked = (flags & VmaFlag.Locked) !== 0;
  if (isLocked) demandLockable(thread, end - start, EAGAIN);
  placeArea(mm, {
    start,
    end,
    prot: PROT_READ | PROT_WRITE,
    maxProt: 7,
    flags,
    backing: undefined,
    offset: 0,
  });
  if (isLocked && (flags & VmaFlag.LockOnFault) === 0) populate(mm, start, end);
  return true;
}
