// remap_file_pages(2): another part of what is mapped shared is shown in a window (mm/mmap.c), which is as mapping it there.
// syscalls/memory.ts calls it.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EINVAL, EPERM, fail } from '../errno.ts';
import { pageFloor } from './layout.ts';
import { placeArea, populate } from './mapping.ts';
import type { Mm } from './mm.ts';
import { MAP_NONBLOCK } from './mmap.ts';
import { Vma, VmaFlag } from './vma.ts';

/** EINVAL: not one shared mapping of a file; EPERM: it is sealed. */
export function remapFilePages(mm: Mm, address: number, size: number, pgoff: number, flags: number): number {
  const start = pageFloor(address);
  const length = pageFloor(size);
  const end = start + length;
  if (!(end > start && end < 2 ** 64)) fail(EINVAL, 'no pages');
  if (!(pgoff + length / PAGE_SIZE < 2 ** 52)) fail(EINVAL, 'past the end of any file');
  const vma = mm.vmas.find(start);
  const backing = vma?.backing;
  if (vma === undefined || backing === undefined || !vma.isShared)
    fail(EINVAL, 'nothing is mapped shared there');
  const areas = mm.vmas.overlapping(start, end);
  if (mm.vmas.mappedBytes(start, end) < length) fail(EINVAL, 'part of the range is not mapped');
  for (const area of areas) {
    const isSame =
      area.backing?.cache === backing.cache && area.flags === vma.flags && area.prot === vma.prot;
    if (!isSame) fail(EINVAL, 'the range is not one mapping');
    if (area.has(VmaFlag.Sealed)) fail(EPERM, 'the area is sealed');
  }
  const shape = { prot: vma.prot, maxProt: vma.maxProt, flags: vma.flags, backing };
  // the old window goes before the new one is there: somebody has to hold on to the object meanwhile
  const keeper = new Vma(mm, { ...shape, start: 0, end: 0, offset: 0 });
  backing.cache.attach(keeper);
  backing.file?.retain();
  try {
    placeArea(mm, { ...shape, start, end, offset: pgoff * PAGE_SIZE });
  } catch (thrown) {
    backing.file?.release();
    throw thrown;
  } finally {
    backing.cache.detach(keeper);
  }
  if ((flags & MAP_NONBLOCK) === 0) populate(mm, start, end);
  return 0;
}
