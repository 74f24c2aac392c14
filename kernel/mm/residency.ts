// msync(2) and mincore(2): which pages are here, and are they in their file.
// syscalls/memory.ts calls it. Files keep nothing outside the machine, so writing back needs no waiting.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EBUSY, EINVAL, ENOMEM, fail } from '../errno.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import type { Thread } from '../task/thread.ts';
import { pageCeil, TASK_SIZE } from './layout.ts';
import { PageState } from './page-states.ts';
import { VmaFlag } from './vma.ts';

export const MS_ASYNC = 1;
export const MS_INVALIDATE = 2;
export const MS_SYNC = 4;

/** EINVAL, ENOMEM for holes (the rest is done), EBUSY for MS_INVALIDATE on locked areas. */
export function msync(thread: Thread, address: number, length: number, flags: number): void {
  const { mm } = thread;
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0) fail(EINVAL, 'unknown flags');
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0)
    fail(EINVAL, 'MS_ASYNC and MS_SYNC exclude each other');
  const rounded = pageCeil(length);
  if (rounded >= 2 ** 64) return; // wraps to nothing
  const end = address + rounded;
  if (!(end < 2 ** 64)) fail(ENOMEM, 'the range wraps around');
  let at = address;
  let hasHole = false;
  for (const vma of mm.vmas.overlapping(address, end)) {
    const start = Math.max(vma.start, address);
    if (start > at) hasHole = true;
    at = Math.min(vma.end, end);
    if ((flags & MS_INVALIDATE) !== 0 && vma.has(VmaFlag.Locked)) fail(EBUSY, 'a locked area');
    const { backing } = vma;
    if ((flags & MS_SYNC) === 0 || backing === undefined || !vma.isShared) continue;
    const offset = vma.offset + (start - vma.start);
    backing.cache.beforeRead(offset, offset + (at - start));
    if (backing.cache.store instanceof RegularInode) backing.cache.store.flush();
    else if (backing.file !== undefined) fail(EINVAL, 'this kind of file cannot be synchronized');
  }
  if (hasHole || at < end) fail(ENOMEM, 'part of the range is not mapped');
}

/** One byte a page to `vector`, bit 0: resident. EINVAL, EFAULT (vector), ENOMEM (holes, nothing past them is stored). */
export function mincore(thread: Thread, address: number, length: number, vector: number): void {
  const { mm } = thread;
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  if (!(address + length <= TASK_SIZE)) fail(ENOMEM, 'past the end of the address space');
  const pages = Math.ceil(length / PAGE_SIZE);
  // An area, or a page of answers, at a time, so that the vector is checked as Linux checks it.
  for (let done = 0; done < pages; ) {
    const first = address / PAGE_SIZE + done;
    const vma = mm.vmas.find(first * PAGE_SIZE) ?? fail(ENOMEM, 'part of the range is not mapped');
    const count = Math.min(PAGE_SIZE, pages - done, vma.endPage - first);
    const answers = new Uint8Array(count);
    for (let known = 0; known < count; known++) {
      const page = first + known;
      // A file's pages count when they are in the page cache, which is always.
      const isFilePage = vma.backing !== undefined && vma.objectPage(page) < vma.backing.cache.pageCount;
      const isResident = mm.states.get(page) >= PageState.Private || isFilePage;
      answers[known] = isResident ? 1 : 0;
    }
    thread.user.write(vector + done, answers);
    done += count;
  }
}
