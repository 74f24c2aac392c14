// mremap(2) (mm/mremap.c): shrinks, grows in place, or moves an area with its pages.
// syscalls/memory.ts calls it. Moving copies present pages inside the Memory; nothing is faulted in.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import { permissionOf } from './fault.ts';
import { MAX_MAP_COUNT, MMAP_MIN_ADDRESS, pageCeilWrapping, TASK_SIZE, wrapped } from './layout.ts';
import { demandLockable } from './lock.ts';
import { countsAsData, demandCommit, demandRoom, populate, unmapRange } from './mapping.ts';
import type { Mm } from './mm.ts';
import { PageState } from './page-states.ts';
import { Vma, VmaFlag } from './vma.ts';

export const MREMAP_MAYMOVE = 1;
export const MREMAP_FIXED = 2;
export const MREMAP_DONTUNMAP = 4;

export interface RemapArguments {
  readonly address: number;
  readonly oldLength: number;
  readonly newLength: number;
  readonly flags: number;
  readonly newAddress: number;
}

/** Returns the area's address. EINVAL, EFAULT (nothing mapped), ENOMEM, EAGAIN (RLIMIT_MEMLOCK). */
export function mremap(thread: Thread, request: RemapArguments): number {
  const { mm } = thread;
  const { address, flags, newAddress } = request;
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) fail(EINVAL, 'unknown flags');
  const mayMove = (flags & MREMAP_MAYMOVE) !== 0;
  const isFixed = (flags & MREMAP_FIXED) !== 0;
  const keepsOld = (flags & MREMAP_DONTUNMAP) !== 0;
  if ((isFixed || keepsOld) && !mayMove)
    fail(EINVAL, 'MREMAP_FIXED and MREMAP_DONTUNMAP need MREMAP_MAYMOVE');
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  const oldLength = pageCeilWrapping(request.oldLength);
  const newLength = pageCeilWrapping(request.newLength);
  if (keepsOld && oldLength !== newLength) fail(EINVAL, 'MREMAP_DONTUNMAP does not resize');
  if (newLength === 0) fail(EINVAL, 'a new length of 0');
  if (newLength > TASK_SIZE) fail(EINVAL, 'longer than the address space');
  if (isFixed || keepsOld) checkTarget(address, oldLength, newAddress, newLength);
  const vma = mm.vmas.find(address) ?? fail(EFAULT, 'nothing is mapped there');
  if (vma.has(VmaFlag.Sealed)) fail(EPERM, 'the area is sealed');
  if (isFixed && oldLength === newLength && address + oldLength > vma.end)
    return moveAll(thread, request, newLength);
  if (isFixed || keepsOld) return moveTo(thread, request, oldLength, newLength);

  if (oldLength >= newLength && oldLength > 0) {
    shrink(mm, address, oldLength, newLength);
    return address;
  }
  checkResize(thread, vma, address, oldLength, newLength, false);
  const growth = newLength - oldLength;
  if (oldLength > 0 && vma.end === address + oldLength && fitsBehind(mm, vma, growth)) {
    demandRoom(mm, growth / PAGE_SIZE, countsAsData(vma) ? growth / PAGE_SIZE : 0);
    if (countsAsData(vma)) demandCommit(mm, newLength / PAGE_SIZE);
    const { end } = vma;
    mm.vmas.resize(vma, vma.start, end + growth);
    mm.vmas.join(vma.start, end + growth);
    if (vma.has(VmaFlag.Locked)) populate(mm, end, end + growth);
    return address;
  }
  if (!mayMove) fail(ENOMEM, 'no room behind the area, and it may not move');
  const target =
    mm.vmas.freeRoom(newLength, mm.layout.mmapBase) ?? fail(ENOMEM, 'no room of that length is left');
  return move(mm, vma, address, oldLength, target, newLength, false);
}

/** Takes away what lies behind the new length. EINVAL past the end of the address space (shrink_vma). */
function shrink(mm: Mm, address: number, oldLength: number, newLength: number): void {
  if (oldLength <= newLength) return;
  if (!(address + oldLength <= TASK_SIZE)) fail(EINVAL, 'past the end of the address space');
  unmapRange(mm, address + newLength, address + oldLength);
}

/** MREMAP_FIXED: the place must exist and not overlap the old one. */
function checkTarget(address: number, oldLength: number, newAddress: number, newLength: number): void {
  if (newAddress % PAGE_SIZE !== 0) fail(EINVAL, 'the new address is not a multiple of the page size');
  if (!(newAddress <= TASK_SIZE - newLength)) fail(EINVAL, 'the new address is past the address space');
  if (wrapped(address + oldLength) > newAddress && newAddress + newLength > address)
    fail(EINVAL, 'old and new place overlap');
}

/** Several areas with the gaps between them go to one place, each by itself (remap_move). */
function moveAll(thread: Thread, request: RemapArguments, length: number): number {
  const { address, newAddress } = request;
  const { vmas } = thread.mm;
  if (newAddress < MMAP_MIN_ADDRESS) fail(EPERM, 'below mmap_min_addr');
  for (const area of [...vmas.overlapping(address, address + length)]) {
    const from = Math.max(area.start, address);
    const bytes = Math.min(area.end, address + length) - from;
    const part = { ...request, address: from, newAddress: newAddress + (from - address) };
    moveTo(thread, part, bytes, bytes);
  }
  return newAddress;
}

function moveTo(thread: Thread, request: RemapArguments, oldLength: number, newLength: number): number {
  const { mm } = thread;
  const { address, flags } = request;
  const keepsOld = (flags & MREMAP_DONTUNMAP) !== 0;
  let target = request.newAddress;
  if (mm.vmas.count + 4 > MAX_MAP_COUNT) fail(ENOMEM, 'max_map_count');
  const before = mm.vmas.find(address) ?? fail(EFAULT, 'nothing is mapped there');
  checkResize(thread, before, address, Math.min(oldLength, newLength), newLength, keepsOld);
  const isFixed = (flags & MREMAP_FIXED) !== 0;
  if (isFixed) {
    unmapRange(mm, target, target + newLength);
    if (mm.vmas.find(address) === undefined) fail(EFAULT, 'making room took the area away');
  } else {
    const isHint = target >= MMAP_MIN_ADDRESS && mm.vmas.isRoom(target, target + newLength);
    if (!isHint) target = mm.vmas.freeRoom(newLength, mm.layout.mmapBase) ?? fail(ENOMEM, 'no room is left');
  }
  shrink(mm, address, oldLength, newLength);
  if (isFixed && target < MMAP_MIN_ADDRESS) fail(EPERM, 'below mmap_min_addr'); // is found last (vrm_set_new_addr)
  const length = Math.min(oldLength, newLength);
  // Making room may have cut the area in two.
  const vma = mm.vmas.find(address) ?? fail(EFAULT, 'nothing is mapped there');
  checkResize(thread, vma, address, length, newLength, keepsOld);
  return move(mm, vma, address, length, target, newLength, keepsOld);
}

/** What may not be resized or moved (check_prep_vma). */
function checkResize(
  thread: Thread,
  vma: Vma,
  address: number,
  oldLength: number,
  newLength: number,
  keepsOld: boolean,
): void {
  // A length of 0 makes a second mapping of shared pages; private ones cannot be duplicated.
  if (oldLength === 0 && !vma.isShared) fail(EINVAL, 'an old length of 0 for private memory');
  if (keepsOld && vma.isShared && vma.backing === undefined) fail(EINVAL, 'cannot be kept');
  if (oldLength > vma.end - address) fail(EFAULT, 'the old range leaves its area');
  if (vma.has(VmaFlag.Locked)) demandLockable(thread, newLength - oldLength, EAGAIN);
}

function fitsBehind(mm: Mm, vma: Vma, growth: number): boolean {
  const end = vma.end + growth;
  return end <= TASK_SIZE && mm.vmas.isRoom(vma.end, end);
}

/** Puts [address, address + oldLength) at `target` with `newLength`; the old place goes unless kept or empty. */
function move(
  mm: Mm,
  source: Vma,
  address: number,
  oldLength: number,
  target: number,
  newLength: number,
  keepsOld: boolean,
): number {
  if (mm.vmas.count + 3 > MAX_MAP_COUNT) fail(ENOMEM, 'max_map_count');
  const added = (newLength - (keepsOld ? 0 : oldLength)) / PAGE_SIZE;
  demandRoom(mm, added, countsAsData(source) ? added : 0);
  if (countsAsData(source)) demandCommit(mm, newLength / PAGE_SIZE);
  backTarget(mm, address, oldLength, target);
  const offset = source.offset + (address - source.start);
  const copy = new Vma(mm, { ...shapeOf(source), start: target, end: target + newLength, offset });
  copy.name = source.name;
  copy.policy = source.policy;
  copy.backing?.file?.retain();
  mm.vmas.insert(copy);
  movePages(mm, source, copy, address, oldLength);
  if (oldLength > 0 && !keepsOld) unmapRange(mm, address, address + oldLength);
  if (keepsOld) for (const vma of mm.vmas.isolate(address, address + oldLength)) vma.flags &= ~VmaFlag.Locked;
  mm.vmas.join(target, target + newLength);
  if (copy.has(VmaFlag.Locked)) populate(mm, target + oldLength, target + newLength);
  return target;
}

/** The Memory must reach as far as the pages that will be moved. ENOMEM. */
function backTarget(mm: Mm, address: number, length: number, target: number): void {
  const shift = (target - address) / PAGE_SIZE;
  for (const run of mm.states.runs(address / PAGE_SIZE, (address + length) / PAGE_SIZE)) {
    if (!mm.memory.back(run.first + shift, run.count)) fail(ENOMEM, 'the host has no memory left');
  }
}

/** Private pages move with their bytes; shared ones are given back and fetched again at the new place. */
function movePages(mm: Mm, source: Vma, copy: Vma, address: number, length: number): void {
  const first = address / PAGE_SIZE;
  const end = first + length / PAGE_SIZE;
  const shift = copy.firstPage - first;
  mm.loans.settle(source, first, end);
  for (const run of mm.states.runs(first, end)) {
    if (run.state !== PageState.Private) continue;
    const target = run.first + shift;
    mm.memory.copyPagesFrom(mm.memory, run.first, target, run.count);
    mm.states.setRun(target, run.count, PageState.Private);
    mm.states.setRun(run.first, run.count, PageState.Stale);
    mm.memory.setPermission(run.first, run.count, 0);
    mm.memory.setPermission(target, run.count, permissionOf(copy, PageState.Private));
  }
  mm.guards?.move(first, end, copy.firstPage);
  mm.poison?.move(first, end, copy.firstPage);
  if (source.backing !== undefined) mm.zap(source, first, end);
}

function shapeOf(vma: Vma) {
  const { prot, maxProt, flags, backing } = vma;
  return { prot, maxProt, flags, backing };
}
