// The memory calls on what is mapped: mremap, madvise, msync, mincore, mlock, mseal and theirs.
// Rows for late-families.ts. Rules and errnos are in kernel/mm/; the rows only decode.

import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { Hex, I32, Ptr, Size, U64 } from '../abi/kinds/basic.ts';
import {
  Address,
  Madvice,
  MapFlags,
  Mlock2Flags,
  MlockFlags,
  MremapAddress,
  MremapFlags,
  MsyncFlags,
  Prot,
  ResidencyOut,
} from '../abi/kinds/memory-kinds.ts';
import { EINVAL, ENOMEM, ENOSPC, fail } from '../errno.ts';
import { madvise } from '../mm/advise.ts';
import { pageCeil } from '../mm/layout.ts';
import { lockAll, lockRange, MLOCK_ONFAULT, unlockAll, unlockRange } from '../mm/lock.ts';
import { protectRange } from '../mm/protect.ts';
import { mremap } from '../mm/remap.ts';
import { remapFilePages } from '../mm/remap-file-pages.ts';
import { mincore, msync } from '../mm/residency.ts';
import { VmaFlag } from '../mm/vma.ts';
import type { Thread } from '../task/thread.ts';
import { protectionRules } from './memory.ts';
import { type Syscall, syscall } from './syscall.ts';

function mlock2(thread: Thread, address: number, length: number, flags: number): number {
  if ((flags & ~MLOCK_ONFAULT) !== 0) fail(EINVAL, 'unknown flags');
  lockRange(thread, address, length, (flags & MLOCK_ONFAULT) !== 0);
  return 0;
}

/** mseal(2): the areas can no longer be unmapped, moved or changed. Cannot be undone. */
function mseal(thread: Thread, address: number, length: number, flags: number): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  const end = address + pageCeil(length);
  if (!(end < 2 ** 64)) fail(EINVAL, 'the range wraps around');
  if (length === 0) return 0;
  const { vmas } = thread.mm;
  if (vmas.mappedBytes(address, end) < end - address) fail(ENOMEM, 'part of the range is not mapped');
  for (const vma of vmas.isolate(address, end)) vma.flags |= VmaFlag.Sealed;
  vmas.join(address, end);
  return 0;
}

export const MEMORY_AREA_SYSCALLS: Readonly<Record<number, Syscall>> = {
  216: syscall(
    'mremap',
    { old_address: Ptr, old_size: Size, new_size: Size, flags: MremapFlags, new_address: MremapAddress },
    (thread, { old_address, old_size, new_size, flags, new_address }) =>
      mremap(thread, {
        address: old_address,
        oldLength: old_size,
        newLength: new_size,
        flags,
        newAddress: new_address,
      }),
    { returns: Address },
  ),
  227: syscall('msync', { addr: Ptr, length: Size, flags: MsyncFlags }, (thread, { addr, length, flags }) => {
    msync(thread, addr, length, flags);
    return 0;
  }),
  228: syscall('mlock', { addr: Ptr, length: Size }, (thread, { addr, length }) =>
    mlock2(thread, addr, length, 0),
  ),
  229: syscall('munlock', { addr: Ptr, length: Size }, (thread, { addr, length }) => {
    unlockRange(thread, addr, length);
    return 0;
  }),
  230: syscall('mlockall', { flags: MlockFlags }, (thread, { flags }) => {
    lockAll(thread, flags);
    return 0;
  }),
  231: syscall('munlockall', {}, (thread) => {
    unlockAll(thread);
    return 0;
  }),
  232: syscall('mincore', { addr: Ptr, length: Size, vec: ResidencyOut }, (thread, { addr, length, vec }) => {
    mincore(thread, addr, length, vec);
    return 0;
  }),
  233: syscall(
    'madvise',
    { addr: Ptr, length: Size, advice: Madvice },
    (thread, { addr, length, advice }) => {
      madvise(thread, addr, length, advice);
      return 0;
    },
    { partial: 'no memory errors: EINVAL' },
  ),
  234: syscall(
    'remap_file_pages',
    { start: Ptr, size: Size, prot: Prot, pgoff: U64, flags: MapFlags },
    (thread, { start, size, prot, pgoff, flags }) => {
      if (prot !== 0) fail(EINVAL, 'the protection cannot change');
      return remapFilePages(thread.mm, start, size, pgoff, flags);
    },
  ),
  284: syscall('mlock2', { addr: Ptr, length: Size, flags: Mlock2Flags }, (thread, { addr, length, flags }) =>
    mlock2(thread, addr, length, flags),
  ),
  288: syscall(
    'pkey_mprotect',
    { addr: Ptr, length: Size, prot: Prot, pkey: I32 },
    (thread, { addr, length, prot, pkey }) => {
      if (pkey !== -1) fail(EINVAL, 'riscv has no protection keys');
      protectRange(thread.mm, addr, length, prot, protectionRules(thread));
      return 0;
    },
  ),
  289: syscall('pkey_alloc', { flags: Hex, access_rights: Hex }, (_thread, { flags }) =>
    flags !== 0 ? fail(EINVAL, 'unknown flags') : fail(ENOSPC, 'riscv has no protection keys'),
  ),
  290: syscall('pkey_free', { pkey: I32 }, () => fail(EINVAL, 'riscv has no protection keys')),
  462: syscall('mseal', { addr: Ptr, length: Size, flags: U64 }, (thread, { addr, length, flags }) =>
    mseal(thread, addr, length, flags),
  ),
};
