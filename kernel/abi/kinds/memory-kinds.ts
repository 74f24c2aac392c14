// Kinds of the memory calls: protections, mapping flags, advice, and offsets as strace shows them.
// Rows of kernel/syscalls/memory.ts name them.
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';
import type { Kind } from '../kind.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { flagText, hex, type NameTable, names, pointer } from './format.ts';
import { arrayText, peekBytes } from './peek.ts';

export const Prot: Kind = kind('prot', 'u32', (value) =>
  value === 0
    ? 'PROT_NONE'
    : flagText(
        value,
        names({
          PROT_READ: 1,
          PROT_WRITE: 2,
          PROT_EXEC: 4,
          PROT_SEM: 8,
          PROT_GROWSDOWN: 0x0100_0000,
          PROT_GROWSUP: 0x0200_0000,
        }),
        'PROT_???',
      ),
);

const MAP_TYPES = ['MAP_FILE', 'MAP_SHARED', 'MAP_PRIVATE', 'MAP_SHARED_VALIDATE'];
const MAP_FLAGS: NameTable = names({
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_NORESERVE: 0x4000,
  MAP_GROWSDOWN: 0x100,
  MAP_DENYWRITE: 0x800,
  MAP_EXECUTABLE: 0x1000,
  MAP_LOCKED: 0x2000,
  MAP_POPULATE: 0x8000,
  MAP_NONBLOCK: 0x10000,
  MAP_STACK: 0x20000,
  MAP_HUGETLB: 0x40000,
  MAP_SYNC: 0x80000,
  MAP_FIXED_NOREPLACE: 0x100000,
});

export const MapFlags: Kind = kind('map flags', 'u32', (value) => {
  const type = MAP_TYPES[value & 0xf] ?? hex(value & 0xf);
  const rest = (value & ~0xf) >>> 0;
  return rest === 0 ? type : `${type}|${flagText(rest, MAP_FLAGS, 'MAP_???').replace(/ \/\*.*/, '')}`;
});
/** mmap's offset: 0 or hex. */
export const MapOffset: Kind = kind('offset', 'u64', (_, context) => hex(context.raw));
/** An address that a call returns. */
export const Address: Kind = kind('address', 'u64', (_, context) => pointer(context.raw));
export const MremapFlags: Kind = flags('MREMAP_???', {
  MREMAP_MAYMOVE: 1,
  MREMAP_FIXED: 2,
  MREMAP_DONTUNMAP: 4,
});
/** mremap's fifth argument, which counts only with MREMAP_MAYMOVE and MREMAP_FIXED. */
export const MremapAddress: Kind = kind('address', 'u64', (value, { args }) =>
  ((args.flags ?? 0) & 3) !== 3 ? undefined : pointer(value),
);
export const MsyncFlags: Kind = flags('MS_???', { MS_SYNC: 4, MS_ASYNC: 1, MS_INVALIDATE: 2 });
export const Madvice: Kind = oneOf(
  'MADV_???',
  {
    MADV_NORMAL: 0,
    MADV_RANDOM: 1,
    MADV_SEQUENTIAL: 2,
    MADV_WILLNEED: 3,
    MADV_DONTNEED: 4,
    MADV_FREE: 8,
    MADV_REMOVE: 9,
    MADV_DONTFORK: 10,
    MADV_DOFORK: 11,
    MADV_MERGEABLE: 12,
    MADV_UNMERGEABLE: 13,
    MADV_HUGEPAGE: 14,
    MADV_NOHUGEPAGE: 15,
    MADV_DONTDUMP: 16,
    MADV_DODUMP: 17,
    MADV_WIPEONFORK: 18,
    MADV_KEEPONFORK: 19,
    MADV_COLD: 20,
    MADV_PAGEOUT: 21,
    MADV_POPULATE_READ: 22,
    MADV_POPULATE_WRITE: 23,
  },
  'i32',
);
export const Mlock2Flags: Kind = flags('MLOCK_???', { MLOCK_ONFAULT: 1 });
/** mincore's vector: a number for each page. */
export const ResidencyOut: Kind = outKind('residency', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  const pages = Math.ceil((context.args.length ?? 0) / PAGE_SIZE);
  return arrayText(context, value, pages, 1, (at) => peekBytes(context, at, 1)?.[0]?.toString());
});
export const MlockFlags: Kind = flags('MCL_???', { MCL_CURRENT: 1, MCL_FUTURE: 2, MCL_ONFAULT: 4 });
