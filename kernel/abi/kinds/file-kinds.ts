// Kinds of the file calls: open flags, modes, *at flags, seeks, device numbers, rename and fallocate flags.
// Rows of the file families name them. Tables are in the order strace prints them.
// Registers are as the handlers expect them; a kind changes only how a value is shown.

import { Cachestat, CachestatRange } from '../cachestat.ts';
import { majorOf, minorOf } from '../device-number.ts';
import { O_CLOEXEC, O_CREAT, O_DIRECT, O_EXCL, O_NONBLOCK, O_TMPFILE_BIT } from '../fcntl.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { XattrArgs } from '../xattr.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { flagText, hex, type NameTable, nameOf, names, octal, pointer } from './format.ts';
import { braces, structText } from './peek.ts';

const ACCESS_MODES = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'];
const OPEN_FLAGS: NameTable = names({
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_SYNC: 0o4010000,
  O_DSYNC: 0o10000,
  O_DIRECT: 0o40000,
  O_LARGEFILE: 0o100000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
  O_TMPFILE: 0o20200000,
  O_DIRECTORY: 0o200000,
  FASYNC: 0o20000,
});

/** `O_RDWR|O_CREAT|…`: the access mode first. `high`: bits above the 32nd, which have no names. */
export function openFlagsText(value: number, high = 0n): string {
  const access = ACCESS_MODES[value & 3] as string;
  const rest = (value & ~3) >>> 0;
  const unnamed = high === 0n ? [] : [hex(high)];
  if (rest === 0) return [access, ...unnamed].join('|');
  const words = flagText(rest, OPEN_FLAGS, 'O_???');
  return [access, words.replace(/ \/\*.*/, ''), ...unnamed].join('|');
}

export const OpenFlags: Kind = kind('open flags', 'u32', (value) => openFlagsText(value));
/** The mode of openat or mq_open, shown when the flags can create a file. */
export const OpenMode: Kind = kind('mode', 'u32', (value, { args }) => {
  const given = args.flags ?? args.oflag ?? 0;
  return (given & (O_CREAT | O_TMPFILE_BIT)) === 0 ? undefined : octal(value & 0xffff);
});

export const AccessMode: Kind = kind('access mode', 'u32', (value) =>
  value === 0 ? 'F_OK' : flagText(value, names({ R_OK: 4, W_OK: 2, X_OK: 1 }), '?_OK'),
);

const AT_FLAGS = names({
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_REMOVEDIR: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
  AT_RECURSIVE: 0x8000,
});
export const AtFlags: Kind = flags('AT_???', AT_FLAGS);
export const HandleFlags: Kind = flags('AT_???', {
  AT_HANDLE_MNT_ID_UNIQUE: 1,
  AT_HANDLE_CONNECTABLE: 2,
  AT_HANDLE_FID: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_EMPTY_PATH: 0x1000,
});
/** Bit 0x200 means AT_EACCESS in faccessat2. */
export const AccessFlags: Kind = flags(
  'AT_???',
  AT_FLAGS.map(([name, bits]) => [bits === 0x200 ? 'AT_EACCESS' : name, bits] as const),
);
export const Whence: Kind = oneOf(
  'SEEK_???',
  { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2, SEEK_DATA: 3, SEEK_HOLE: 4 },
  'u32',
);
export const RenameFlags: Kind = flags('RENAME_??', {
  RENAME_NOREPLACE: 1,
  RENAME_EXCHANGE: 2,
  RENAME_WHITEOUT: 4,
});
export const FallocateMode: Kind = flags(
  'FALLOC_FL_???',
  {
    FALLOC_FL_KEEP_SIZE: 1,
    FALLOC_FL_PUNCH_HOLE: 2,
    FALLOC_FL_NO_HIDE_STALE: 4,
    FALLOC_FL_COLLAPSE_RANGE: 8,
    FALLOC_FL_ZERO_RANGE: 16,
    FALLOC_FL_INSERT_RANGE: 32,
    FALLOC_FL_UNSHARE_RANGE: 64,
  },
  'i32',
);
const FLOCK_OPERATIONS = names({
  LOCK_SH: 1,
  LOCK_EX: 2,
  LOCK_NB: 4,
  LOCK_UN: 8,
  LOCK_MAND: 32,
  LOCK_RW: 192,
  LOCK_READ: 64,
  LOCK_WRITE: 128,
});
export const FlockOperation: Kind = kind('flock', 'i32', (value) => {
  return flagText(value, FLOCK_OPERATIONS, 'LOCK_???');
});
export const DupFlags: Kind = flags('O_???', OPEN_FLAGS);
export const PipeFlags: Kind = flags('O_???', {
  O_NOTIFICATION_PIPE: O_EXCL,
  O_NONBLOCK,
  O_DIRECT,
  O_CLOEXEC,
});
export const SpliceFlags: Kind = flags('SPLICE_F_???', {
  SPLICE_F_MOVE: 1,
  SPLICE_F_NONBLOCK: 2,
  SPLICE_F_MORE: 4,
  SPLICE_F_GIFT: 8,
});
export const Advice: Kind = oneOf(
  'POSIX_FADV_???',
  {
    POSIX_FADV_NORMAL: 0,
    POSIX_FADV_RANDOM: 1,
    POSIX_FADV_SEQUENTIAL: 2,
    POSIX_FADV_WILLNEED: 3,
    POSIX_FADV_DONTNEED: 4,
    POSIX_FADV_NOREUSE: 5,
  },
  'i32',
);
const XATTR_FLAGS = { XATTR_CREATE: 1, XATTR_REPLACE: 2 };
export const XattrFlags: Kind = flags('XATTR_???', XATTR_FLAGS);
export const XattrArgsIn: Kind = kind('xattr_args', 'u64', (address, context) =>
  structText(context, address, XattrArgs, ({ value, size, flags: bits }) =>
    braces([
      `value=${pointer(value)}`,
      `size=${size}`,
      `flags=${flagText(bits, names(XATTR_FLAGS), 'XATTR_???')}`,
    ]),
  ),
);
export const MemfdFlags: Kind = flags('MFD_???', {
  MFD_CLOEXEC: 1,
  MFD_ALLOW_SEALING: 2,
  MFD_HUGETLB: 4,
  MFD_NOEXEC_SEAL: 8,
  MFD_EXEC: 16,
});
/** As strace has them. */
export const UserfaultFlags: Kind = flags('UFFD_???', {
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
  UFFD_USER_MODE_ONLY: 1,
});
export const MemfdSecretFlags: Kind = flags('O_???', { O_CLOEXEC: 0o2000000 });
const FILE_TYPES = names({
  S_IFREG: 0o100000,
  S_IFDIR: 0o040000,
  S_IFSOCK: 0o140000,
  S_IFLNK: 0o120000,
  S_IFBLK: 0o060000,
  S_IFCHR: 0o020000,
  S_IFIFO: 0o010000,
});

/** `S_IFREG|0644`. */
export function modeText(mode: number): string {
  const type = mode & 0o170000;
  const words: string[] = [];
  if (type !== 0) words.push(nameOf(type, FILE_TYPES, 'S_IF???').replace(/ \/\*.*/, ''));
  if ((mode & 0o4000) !== 0) words.push('S_ISUID');
  if ((mode & 0o2000) !== 0) words.push('S_ISGID');
  if ((mode & 0o1000) !== 0) words.push('S_ISVTX');
  words.push(octal(mode & 0o777));
  return words.join('|');
}

/** `makedev(0x1, 0x3)`. */
export function deviceText(dev: number): string {
  const part = (value: number) => (value === 0 ? '0' : `0x${value.toString(16)}`);
  return `makedev(${part(majorOf(dev))}, ${part(minorOf(dev))})`;
}

export const NodeMode: Kind = kind('node mode', 'u32', (value) => modeText(value & 0xffff));
/** mknodat's device, shown for device nodes only. */
export const NodeDevice: Kind = kind('device', 'u32', (value, { args }: PrintContext) => {
  const type = (args.mode ?? 0) & 0o170000;
  return type === 0o020000 || type === 0o060000 ? deviceText(value) : undefined;
});
/** umask's argument and result. */
export const UmaskMode: Kind = kind('umask', 'u32', octal);

export const CacheRangeIn: Kind = kind('struct cachestat_range', 'u64', (value, context) =>
  structText(context, value, CachestatRange, ({ off, len }) => `{off=${off}, len=${len}}`),
);
export const CachestatOut: Kind = outKind('struct cachestat', 'u64', (value, context) =>
  structText(
    context,
    value,
    Cachestat,
    (facts) => braces(Object.entries(facts).map(([name, count]) => `${name}=${count}`)),
    context.result >= 0,
  ),
);
