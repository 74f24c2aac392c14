// The memory calls that programs start with: mmap, munmap, mprotect, brk.
// Rules and errnos are in kernel/mm/; the rows only decode. memory-areas.ts has the others.

import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { Fd, Ptr, Size } from '../abi/kinds/basic.ts';
import { Address, MapFlags, MapOffset, Prot } from '../abi/kinds/memory-kinds.ts';
import { EINVAL, fail } from '../errno.ts';
import { brk } from '../mm/brk.ts';
import { pageCeil, TASK_SIZE } from '../mm/layout.ts';
import { unmapRange } from '../mm/mapping.ts';
import { mmap, readImpliesExec } from '../mm/mmap.ts';
import { protectRange } from '../mm/protect.ts';
import type { Thread } from '../task/thread.ts';
import { type Syscall, syscall } from './syscall.ts';

function munmap(thread: Thread, address: number, length: number): number {
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  if (!(address <= TASK_SIZE && length <= TASK_SIZE - address))
    fail(EINVAL, 'past the end of the address space');
  if (length === 0) fail(EINVAL, 'a length of 0');
  unmapRange(thread.mm, address, address + pageCeil(length));
  return 0;
}

export function protectionRules(thread: Thread): Parameters<typeof protectRange>[4] {
  return { readImpliesExec: readImpliesExec(thread), refusesExec: thread.process.writeExecRules !== 0 };
}

export const MEMORY_SYSCALLS: Readonly<Record<number, Syscall>> = {
  214: syscall('brk', { addr: Ptr }, (thread, { addr }) => brk(thread, addr), { returns: Address }),
  215: syscall('munmap', { addr: Ptr, length: Size }, (thread, { addr, length }) =>
    munmap(thread, addr, length),
  ),
  222: syscall(
    'mmap',
    { addr: Ptr, length: Size, prot: Prot, flags: MapFlags, fd: Fd, offset: MapOffset },
    (thread, { addr, length, prot, flags, fd, offset }) =>
      mmap(thread, { address: addr, length, prot, flags, fd, offset }),
    { returns: Address },
  ),
  226: syscall('mprotect', { addr: Ptr, length: Size, prot: Prot }, (thread, { addr, length, prot }) => {
    protectRange(thread.mm, addr, length, prot, protectionRules(thread));
    return 0;
  }),
};
