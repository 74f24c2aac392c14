// shmget, shmat, shmdt, shmctl: System V shared memory (shmop(2), shmctl(2), ipc/shm.c).
// Segments are in kernel/ipc/shared-memory.ts; attaching one is a shared mapping like any other.

import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { I32, Ptr, Size } from '../abi/kinds/basic.ts';
import { ShmAtFlags, ShmBuffer, ShmCommand, ShmGetFlags, ShmKey } from '../abi/kinds/ipc-kinds.ts';
import { Address } from '../abi/kinds/memory-kinds.ts';
import { ShmInfo, ShmidDs, Shminfo } from '../abi/shm.ts';
import { EINVAL, ENOMEM, EPERM, fail } from '../errno.ts';
import {
  demandUse,
  IPC_INFO,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  MAY_ALTER,
  MAY_EXECUTE,
  MAY_READ,
  setOwner,
} from '../ipc/ipc-table.ts';
import { SHM_LOCKED, SHMMNI, type ShmSegment } from '../ipc/shared-memory.ts';
import { MMAP_MIN_ADDRESS, pageCeil, TASK_SIZE } from '../mm/layout.ts';
import { placeArea, unmapRange } from '../mm/mapping.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, VmaFlag } from '../mm/vma.ts';
import { CAP_IPC_LOCK, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Syscall, syscall } from './syscall.ts';

const SHM_RDONLY = 0o10000;
const SHM_RND = 0o20000;
const SHM_REMAP = 0o40000;
const SHM_EXEC = 0o100000;
const SHM_LOCK = 11;
const SHM_UNLOCK = 12;
const SHM_STAT = 13;
const SHM_INFO = 14;
const SHM_STAT_ANY = 15;
const STAT_WAYS = { [IPC_STAT]: 'id', [SHM_STAT]: 'index', [SHM_STAT_ANY]: 'any index' } as const;

function shmat(thread: Thread, shmid: number, shmaddr: number, flags: number): number {
  const { mm } = thread;
  if (shmid < 0) fail(EINVAL, 'a negative id');
  let address = shmaddr;
  if (address !== 0 && address % PAGE_SIZE !== 0) {
    if ((flags & SHM_RND) === 0) fail(EINVAL, 'the address is not a multiple of SHMLBA');
    address -= address % PAGE_SIZE;
  }
  if (address === 0 && (flags & SHM_REMAP) !== 0) fail(EINVAL, 'SHM_REMAP needs an address');
  const isReadOnly = (flags & SHM_RDONLY) !== 0;
  const isExecutable = (flags & SHM_EXEC) !== 0;
  const segment = thread.namespaces.ipc.shm.get(shmid);
  demandUse(thread, segment, MAY_READ | (isReadOnly ? 0 : MAY_ALTER) | (isExecutable ? MAY_EXECUTE : 0));
  const length = pageCeil(segment.size);
  // rounded down to 0 it is an address still
  const start = chooseAddress(thread, shmaddr === 0 ? undefined : address, length, (flags & SHM_REMAP) !== 0);
  placeArea(mm, {
    start,
    end: start + length,
    prot: PROT_READ | (isReadOnly ? 0 : PROT_WRITE) | (isExecutable ? PROT_EXEC : 0),
    maxProt: isReadOnly ? PROT_READ | PROT_EXEC : PROT_READ | PROT_WRITE | PROT_EXEC,
    flags: VmaFlag.Shared | mm.futureFlags,
    backing: segment.backing,
    offset: 0,
  });
  return start;
}

function chooseAddress(
  thread: Thread,
  address: number | undefined,
  length: number,
  replaces: boolean,
): number {
  const { mm } = thread;
  if (address === undefined) {
    return mm.vmas.freeRoom(length, mm.layout.mmapBase) ?? fail(ENOMEM, 'no room of that length is left');
  }
  if (!(address + length <= TASK_SIZE)) fail(EINVAL, 'past the end of the address space');
  if (!replaces && mm.vmas.intersects(address, address + length)) fail(EINVAL, 'something is mapped there');
  if (address < MMAP_MIN_ADDRESS) fail(EPERM, 'below mmap_min_addr');
  return address;
}

/** Detaches the segment whose first byte is at `address`, whatever has been unmapped of it since. */
function shmdt(thread: Thread, address: number): number {
  const { mm } = thread;
  if (address % PAGE_SIZE !== 0) fail(EINVAL, 'the address is not a multiple of the page size');
  const isPart = (vma: { start: number; offset: number }): boolean => vma.start - vma.offset === address;
  const segments = new Set([...thread.namespaces.ipc.shm.objects].map((segment) => segment.backing.cache));
  const parts = mm.vmas
    .overlapping(address, TASK_SIZE)
    .filter((vma) => vma.backing !== undefined && segments.has(vma.backing.cache) && isPart(vma));
  const cache = parts[0]?.backing?.cache;
  if (cache === undefined) fail(EINVAL, 'no segment is attached there');
  for (const vma of parts) if (vma.backing?.cache === cache) unmapRange(mm, vma.start, vma.end);
  return 0;
}

function shmctl(thread: Thread, shmid: number, command: number, buffer: number): number {
  const { memory } = thread.kernel;
  const { shm } = thread.namespaces.ipc;
  if (command < 0 || shmid < 0) fail(EINVAL, 'a negative id or command');
  switch (command) {
    case IPC_INFO: {
      const limits = {
        shmmax: 2 ** 53 - 4096,
        shmmin: 1,
        shmmni: SHMMNI,
        shmseg: SHMMNI,
        shmall: memory.limitPages,
      };
      thread.user.writeStruct(buffer, Shminfo, { ...limits, unused1: 0, unused2: 0, unused3: 0, unused4: 0 });
      return shm.highestIndex;
    }
    case SHM_INFO:
      thread.user.writeStruct(buffer, ShmInfo, {
        used_ids: shm.count,
        shm_tot: shm.totalBytes / PAGE_SIZE,
        shm_rss: 0,
        shm_swp: 0,
        swap_attempts: 0,
        swap_successes: 0,
      });
      return shm.highestIndex;
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY: {
      const { object, result } = shm.described(thread, shmid, STAT_WAYS[command]);
      thread.user.writeStruct(buffer, ShmidDs, describe(thread, object));
      return result;
    }
    case IPC_SET: {
      const { perm } = thread.user.readStruct(buffer, ShmidDs);
      setOwner(thread, shm.owned(thread, shmid), perm);
      return 0;
    }
    case IPC_RMID:
      shm.condemn(shm.owned(thread, shmid));
      return 0;
    case SHM_LOCK:
    case SHM_UNLOCK: {
      const isPrivileged = capable(thread.credentials, CAP_IPC_LOCK);
      const segment = isPrivileged ? shm.get(shmid) : shm.owned(thread, shmid);
      segment.mode = command === SHM_LOCK ? segment.mode | SHM_LOCKED : segment.mode & ~SHM_LOCKED;
      return 0;
    }
    default:
      return fail(EINVAL, 'unknown command');
  }
}

function describe(thread: Thread, segment: ShmSegment) {
  return {
    perm: segment.permissionsFor(thread.credentials),
    segsz: segment.size,
    atime: segment.attachTime,
    dtime: segment.detachTime,
    ctime: segment.changeTime,
    cpid: thread.process.shownPid(segment.creatorPid),
    lpid: thread.process.shownPid(segment.lastPid),
    nattch: segment.attachCount,
    unused4: 0,
    unused5: 0,
  };
}

export const SHM_SYSCALLS: Readonly<Record<number, Syscall>> = {
  194: syscall('shmget', { key: ShmKey, size: Size, shmflg: ShmGetFlags }, (thread, { key, size, shmflg }) =>
    thread.namespaces.ipc.shm.findSegment(thread, key | 0, size, shmflg),
  ),
  195: syscall('shmctl', { shmid: I32, cmd: ShmCommand, buf: ShmBuffer }, (thread, { shmid, cmd, buf }) =>
    shmctl(thread, shmid, cmd & ~0x100, buf),
  ),
  196: syscall(
    'shmat',
    { shmid: I32, shmaddr: Ptr, shmflg: ShmAtFlags },
    (thread, { shmid, shmaddr, shmflg }) => shmat(thread, shmid, shmaddr, shmflg),
    { returns: Address },
  ),
  197: syscall('shmdt', { shmaddr: Ptr }, (thread, { shmaddr }) => shmdt(thread, shmaddr)),
};
