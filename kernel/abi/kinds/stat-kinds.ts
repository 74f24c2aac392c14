// Out-parameters of the stat family: struct stat, statx and statfs, and directory entries.
// Rows of stat, statx, statfs and getdents64 name them; the structs are declared in abi/stat.ts.
// Without -v only the fields that tell most are shown, as in strace.
import type { Kind, PrintContext } from '../kind.ts';
import { S_IFBLK, S_IFCHR, Stat, Statfs, Statx } from '../stat.ts';
import { flags, kind, outKind } from './basic.ts';
import { deviceText, modeText } from './file-kinds.ts';
import { flagText, hex, type NameTable, nameOf, names, pointer } from './format.ts';
import { braces, peekBytes, structText } from './peek.ts';

function isDevice(mode: number): boolean {
  const type = mode & 0o170000;
  return type === S_IFBLK || type === S_IFCHR;
}

/** `st_atime=… /* ISO *\/` and its nanoseconds. */
function stamp(name: string, sec: number, nsec: number): string[] {
  return [`${name}=${sec}${isoComment(sec, nsec)}`, `${name}_nsec=${nsec}`];
}

/** ` /* 2026-11-21T03:53:00.000000001+0000 *\/`, or nothing for time 0. */
export function isoComment(sec: number, nsec: number): string {
  if (sec === 0 && nsec === 0) return '';
  const days = Math.floor(sec / 86400);
  const [year, month, day] = civil(days);
  const rest = sec - days * 86400;
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60]
    .map((n) => pad(n, 2))
    .join(':');
  const fraction = nsec === 0 ? '' : `.${pad(nsec, 9)}`;
  return ` /* ${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}${fraction}+0000 */`;
}

/** Year, month and day of a day since 1970 (the proleptic Gregorian calendar in eras of 400 years). */
function civil(days: number): [number, number, number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

function statText(context: PrintContext, stat: ReturnType<typeof Stat.decode>): string {
  const size = isDevice(stat.st_mode) ? `st_rdev=${deviceText(stat.st_rdev)}` : `st_size=${stat.st_size}`;
  if (!context.isVerbose) return braces([`st_mode=${modeText(stat.st_mode)}`, size, '...']);
  return braces([
    `st_dev=${deviceText(stat.st_dev)}`,
    `st_ino=${stat.st_ino}`,
    `st_mode=${modeText(stat.st_mode)}`,
    `st_nlink=${stat.st_nlink}`,
    `st_uid=${stat.st_uid}`,
    `st_gid=${stat.st_gid}`,
    `st_blksize=${stat.st_blksize}`,
    `st_blocks=${stat.st_blocks}`,
    size,
    ...stamp('st_atime', stat.st_atime, stat.st_atime_nsec),
    ...stamp('st_mtime', stat.st_mtime, stat.st_mtime_nsec),
    ...stamp('st_ctime', stat.st_ctime, stat.st_ctime_nsec),
  ]);
}

export const StatOut: Kind = outKind('struct stat', 'u64', (value, context) =>
  structText(context, value, Stat, (stat) => statText(context, stat), context.result >= 0),
);

const STATX_MASK: NameTable = names({
  STATX_ALL: 0xfff,
  STATX_BASIC_STATS: 0x7ff,
  STATX_TYPE: 1,
  STATX_MODE: 2,
  STATX_NLINK: 4,
  STATX_UID: 8,
  STATX_GID: 16,
  STATX_ATIME: 32,
  STATX_MTIME: 64,
  STATX_CTIME: 128,
  STATX_INO: 256,
  STATX_SIZE: 512,
  STATX_BLOCKS: 1024,
  STATX_BTIME: 2048,
  STATX_MNT_ID: 4096,
  STATX_MNT_ID_UNIQUE: 16384,
});
const STATX_ATTRIBUTES = names({
  STATX_ATTR_COMPRESSED: 4,
  STATX_ATTR_IMMUTABLE: 0x10,
  STATX_ATTR_APPEND: 0x20,
  STATX_ATTR_NODUMP: 0x40,
  STATX_ATTR_ENCRYPTED: 0x800,
  STATX_ATTR_AUTOMOUNT: 0x1000,
  STATX_ATTR_MOUNT_ROOT: 0x2000,
});
export const StatxMask: Kind = flags('STATX_???', STATX_MASK);
const STATX_SYNC = ['AT_STATX_SYNC_AS_STAT', 'AT_STATX_FORCE_SYNC', 'AT_STATX_DONT_SYNC'];
const STATX_FLAGS = names({ AT_SYMLINK_NOFOLLOW: 0x100, AT_NO_AUTOMOUNT: 0x800, AT_EMPTY_PATH: 0x1000 });
export const StatxFlags: Kind = kind('statx flags', 'u32', (value) => {
  const sync = STATX_SYNC[(value >>> 13) & 3] ?? hex(value & 0x6000);
  const rest = (value & ~0x6000) >>> 0;
  return rest === 0 ? sync : `${sync}|${flagText(rest, STATX_FLAGS, 'AT_???')}`;
});

export const StatxOut: Kind = outKind('struct statx', 'u64', (value, context) =>
  structText(
    context,
    value,
    Statx,
    (stat) => {
      const stamps = (['atime', 'btime', 'ctime', 'mtime'] as const).map((name) => {
        const { tv_sec, tv_nsec } = stat[`stx_${name}`];
        return `stx_${name}={tv_sec=${tv_sec}, tv_nsec=${tv_nsec}}${isoComment(tv_sec, tv_nsec)}`;
      });
      const more = [
        `stx_blksize=${stat.stx_blksize}`,
        `stx_nlink=${stat.stx_nlink}`,
        `stx_uid=${stat.stx_uid}`,
        `stx_gid=${stat.stx_gid}`,
        `stx_ino=${stat.stx_ino}`,
        `stx_blocks=${stat.stx_blocks}`,
        ...stamps,
      ];
      return braces([
        `stx_mask=${flagText(stat.stx_mask, STATX_MASK, 'STATX_???')}`,
        `stx_attributes=${flagText(stat.stx_attributes, STATX_ATTRIBUTES, 'STATX_ATTR_???')}`,
        `stx_mode=${modeText(stat.stx_mode)}`,
        `stx_size=${stat.stx_size}`,
        ...(context.isVerbose ? more : ['...']),
      ]);
    },
    context.result >= 0,
  ),
);

const FILE_SYSTEMS = names({
  TMPFS_MAGIC: 0x01021994,
  PROC_SUPER_MAGIC: 0x9fa0,
  SYSFS_MAGIC: 0x62656572,
  EXT2_SUPER_MAGIC: 0xef53,
  OVERLAYFS_SUPER_MAGIC: 0x794c7630,
  DEVPTS_SUPER_MAGIC: 0x1cd1,
  PIPEFS_MAGIC: 0x50495045,
  SOCKFS_MAGIC: 0x534f434b,
  ANON_INODE_FS_MAGIC: 0x09041934,
  NSFS_MAGIC: 0x6e736673,
});
const STATFS_FLAGS = names({
  ST_VALID: 0x20,
  ST_RDONLY: 1,
  ST_NOSUID: 2,
  ST_NODEV: 4,
  ST_NOEXEC: 8,
  ST_SYNCHRONOUS: 16,
  ST_MANDLOCK: 64,
  ST_NOATIME: 1024,
  ST_NODIRATIME: 2048,
  ST_RELATIME: 4096,
  ST_NOSYMFOLLOW: 8192,
});

export const StatfsOut: Kind = outKind('struct statfs', 'u64', (value, context) =>
  structText(
    context,
    value,
    Statfs,
    (facts) =>
      braces([
        `f_type=${nameOf(facts.f_type, FILE_SYSTEMS, '???').replace(/ \/\*.*/, '')}`,
        `f_bsize=${facts.f_bsize}`,
        `f_blocks=${facts.f_blocks}`,
        `f_bfree=${facts.f_bfree}`,
        `f_bavail=${facts.f_bavail}`,
        `f_files=${facts.f_files}`,
        `f_ffree=${facts.f_ffree}`,
        `f_fsid={val=[${facts.f_fsid.map((word) => hex(word >>> 0)).join(', ')}]}`,
        `f_namelen=${facts.f_namelen}`,
        `f_frsize=${facts.f_frsize}`,
        `f_flags=${flagText(facts.f_flags, STATFS_FLAGS, 'ST_???')}`,
      ]),
    context.result >= 0,
  ),
);

/** getdents64: the address and how many entries were written. */
export const DirentsOut: Kind = outKind('struct linux_dirent64', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  const bytes = peekBytes(context, value, context.result);
  if (bytes === undefined) return hex(value);
  let entries = 0;
  for (let at = 0; at + 19 <= bytes.length; entries++) {
    const length = (bytes[at + 16] as number) | ((bytes[at + 17] as number) << 8);
    if (length === 0) break;
    at += length;
  }
  return `${hex(value)} /* ${entries} entr${entries === 1 ? 'y' : 'ies'} */`;
});
