// Kinds of the calls about the system: uname, sysinfo, getrandom, personality, reboot, kcmp, openat2, extended attributes.
// Rows of system, pidfd, xattr, groups and open-close name them.

import { OpenHow } from '../fcntl.ts';
import { FileAttr, FS_XFLAGS } from '../file-attr.ts';
import type { Kind, PrintContext } from '../kind.ts';
import {
  LINUX_REBOOT_CMD_HALT,
  LINUX_REBOOT_CMD_POWER_OFF,
  LINUX_REBOOT_CMD_RESTART,
  LINUX_REBOOT_CMD_RESTART2,
  LINUX_REBOOT_MAGIC1,
  LINUX_REBOOT_MAGICS2,
} from '../reboot.ts';
import { array, struct, u32 } from '../struct.ts';
import { Sysinfo, Utsname } from '../system.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { openFlagsText } from './file-kinds.ts';
import { flagText, hex, nameOf, names, octal, pointer, quoteBytes } from './format.ts';
import { braces, bufferText, peekNumber, peekStruct, structText, trailingText } from './peek.ts';

function fieldText(field: Uint8Array): string {
  const nul = field.indexOf(0);
  return quoteBytes(nul < 0 ? field : field.subarray(0, nul));
}

export const UtsnameOut: Kind = outKind('struct utsname', 'u64', (value, context) =>
  structText(
    context,
    value,
    Utsname,
    (name) => {
      const shown = Object.entries(name).map(([key, field]) => `${key}=${fieldText(field)}`);
      return braces(context.isVerbose ? shown : [...shown.slice(0, 2), '...']);
    },
    context.result >= 0,
  ),
);

export const SysinfoOut: Kind = outKind('struct sysinfo', 'u64', (value, context) =>
  structText(
    context,
    value,
    Sysinfo,
    (info) =>
      braces(
        Object.entries(info).map(([key, field]) =>
          Array.isArray(field) ? `${key}=[${field.join(', ')}]` : `${key}=${field}`,
        ),
      ),
    context.result >= 0,
  ),
);

export const RandomFlags: Kind = flags('GRND_???', { GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4 });
const PERSONALITIES = names({
  UNAME26: 0x20000,
  ADDR_NO_RANDOMIZE: 0x40000,
  FDPIC_FUNCPTRS: 0x80000,
  MMAP_PAGE_ZERO: 0x100000,
  ADDR_COMPAT_LAYOUT: 0x200000,
  READ_IMPLIES_EXEC: 0x400000,
  ADDR_LIMIT_32BIT: 0x800000,
  SHORT_INODE: 0x1000000,
  WHOLE_SECONDS: 0x2000000,
  STICKY_TIMEOUTS: 0x4000000,
  ADDR_LIMIT_3GB: 0x8000000,
});
const DOMAINS = names({ PER_LINUX: 0, PER_LINUX32: 8 });
const PERSONALITY_QUERY = 0xffff_ffff;

function personalityText(value: number): string {
  const domain = nameOf(value & 0xff, DOMAINS, 'PER_???');
  const bits = (value & ~0xff) >>> 0;
  return bits === 0 ? domain : `${domain}|${flagText(bits, PERSONALITIES, 'PER_???').replace(/ \/\*.*/, '')}`;
}

/** 0xffffffff only asks. */
export const Personality: Kind = kind('personality', 'u32', (value) =>
  value === PERSONALITY_QUERY ? hex(value) : personalityText(value),
);
export const SyslogAction: Kind = oneOf(
  'SYSLOG_ACTION_???',
  {
    SYSLOG_ACTION_CLOSE: 0,
    SYSLOG_ACTION_OPEN: 1,
    SYSLOG_ACTION_READ: 2,
    SYSLOG_ACTION_READ_ALL: 3,
    SYSLOG_ACTION_READ_CLEAR: 4,
    SYSLOG_ACTION_CLEAR: 5,
    SYSLOG_ACTION_CONSOLE_OFF: 6,
    SYSLOG_ACTION_CONSOLE_ON: 7,
    SYSLOG_ACTION_CONSOLE_LEVEL: 8,
    SYSLOG_ACTION_SIZE_UNREAD: 9,
    SYSLOG_ACTION_SIZE_BUFFER: 10,
  },
  'i32',
);
export const RebootFirstMagic: Kind = oneOf('LINUX_REBOOT_MAGIC_???', { LINUX_REBOOT_MAGIC1 });
export const RebootSecondMagic: Kind = oneOf('LINUX_REBOOT_MAGIC_???', LINUX_REBOOT_MAGICS2);
export const RebootCommand: Kind = oneOf('LINUX_REBOOT_CMD_???', {
  LINUX_REBOOT_CMD_CAD_OFF: 0,
  LINUX_REBOOT_CMD_RESTART,
  LINUX_REBOOT_CMD_POWER_OFF,
  LINUX_REBOOT_CMD_KEXEC: 0x45584543,
  LINUX_REBOOT_CMD_CAD_ON: 0x89abcdef,
  LINUX_REBOOT_CMD_RESTART2,
  LINUX_REBOOT_CMD_HALT,
  LINUX_REBOOT_CMD_SW_SUSPEND: 0xd000fce2,
});
export const RseqFlags: Kind = flags('RSEQ_FLAG_???', { RSEQ_FLAG_UNREGISTER: 1 }, 'i32');
export const KcmpType: Kind = oneOf(
  'KCMP_???',
  {
    KCMP_FILE: 0,
    KCMP_VM: 1,
    KCMP_FILES: 2,
    KCMP_FS: 3,
    KCMP_SIGHAND: 4,
    KCMP_IO: 5,
    KCMP_SYSVSEM: 6,
    KCMP_EPOLL_TFD: 7,
  },
  'i32',
);
export const PersonalityResult: Kind = kind(
  'personality',
  'u32',
  (value) => `${hex(value)} (${personalityText(value)})`,
);

const RESOLVE = names({
  RESOLVE_NO_XDEV: 1,
  RESOLVE_NO_MAGICLINKS: 2,
  RESOLVE_NO_SYMLINKS: 4,
  RESOLVE_BENEATH: 8,
  RESOLVE_IN_ROOT: 16,
  RESOLVE_CACHED: 32,
});
export const OpenHowIn: Kind = kind('struct open_how', 'u64', (value, context) => {
  if (value === 0) return 'NULL';
  const { size = 0 } = context.args;
  const how = size < OpenHow.size ? undefined : peekStruct(context, value, OpenHow);
  if (how === undefined) return hex(value);
  return braces([
    `flags=${openFlagsText(Number(how.flags & 0xffff_ffffn), how.flags & ~0xffff_ffffn)}`,
    how.mode === 0n ? undefined : `mode=${octal(Number(how.mode & 0xffffn))}`,
    `resolve=${flagText(Number(how.resolve & 0xffff_ffffn), RESOLVE, 'RESOLVE_???')}`,
    trailingText(context, value, OpenHow.size, size),
  ]);
});

export const CloseRangeFlags: Kind = flags('CLOSE_RANGE_???', {
  CLOSE_RANGE_UNSHARE: 2,
  CLOSE_RANGE_CLOEXEC: 4,
});
export const SyncRangeFlags: Kind = flags('SYNC_FILE_RANGE_???', {
  SYNC_FILE_RANGE_WAIT_BEFORE: 1,
  SYNC_FILE_RANGE_WRITE: 2,
  SYNC_FILE_RANGE_WAIT_AFTER: 4,
});
/** Bytes the call reads; their count is an argument of any register named size. */
export const XattrValueIn: Kind = kind('xattr value', 'u64', (value, context) =>
  bufferText(context, value, context.args.size ?? 0),
);
/** As many bytes as the result says, unless the size given was 0. */
export const XattrValueOut: Kind = outKind('xattr value', 'u64', (value, context) =>
  context.result < 0 || (context.args.size ?? 0) === 0
    ? pointer(value)
    : bufferText(context, value, context.result),
);
function fileAttrText(context: PrintContext, address: number, isReadable: boolean): string {
  const text = (attr: ReturnType<typeof FileAttr.decode>): string =>
    braces([
      `fa_xflags=${flagText(Number(attr.fa_xflags), names(FS_XFLAGS), 'FS_XFLAG_???')}`,
      `fa_extsize=${attr.fa_extsize}`,
      `fa_nextents=${attr.fa_nextents}`,
      `fa_projid=${attr.fa_projid}`,
      `fa_cowextsize=${attr.fa_cowextsize}`,
    ]);
  return structText(context, address, FileAttr, text, isReadable);
}
export const FileAttrIn: Kind = kind('struct file_attr', 'u64', (value, context) =>
  fileAttrText(context, value, true),
);
export const FileAttrOut: Kind = outKind('struct file_attr', 'u64', (value, context) =>
  fileAttrText(context, value, context.result >= 0),
);
/** A name list of the kernel's, `uid_t[]`. */
export const IdsOut: Kind = outKind('gid_t[]', 'u64', (value, context) =>
  idsText(context, value, context.result, context.args.size === 0),
);
export const IdsIn: Kind = kind('gid_t[]', 'u64', (value, context) =>
  idsText(context, value, context.args.size ?? 0, false),
);

function idsText(context: PrintContext, address: number, count: number, isQuery: boolean): string {
  if (address === 0) return 'NULL';
  if (count < 0 || isQuery) return pointer(address);
  const ids = peekStruct(context, address, struct('ids', { list: array(u32, Math.min(count, 65_536)) }));
  if (ids === undefined) return pointer(address);
  const shown = ids.list.slice(0, context.stringLimit).map(String);
  return `[${[...shown, ...(ids.list.length > shown.length ? ['...'] : [])].join(', ')}]`;
}

const SWAP_FLAGS = names({ SWAP_FLAG_PREFER: 0x8000, SWAP_FLAG_DISCARD: 0x1_0000 });
/** `SWAP_FLAG_PREFER|5`: the low bits are a priority. */
export const SwapFlags: Kind = kind('SWAP_FLAG_???', 'u32', (value) => {
  const priority = value & 0x7fff;
  const bits = value - priority;
  if (bits === 0) return String(priority);
  const text = flagText(bits, SWAP_FLAGS, 'SWAP_FLAG_???');
  return priority === 0 ? text : `${text}|${priority}`;
});

export const LsmAttribute = oneOf('LSM_ATTR_???', {
  LSM_ATTR_UNDEF: 0,
  LSM_ATTR_CURRENT: 100,
  LSM_ATTR_EXEC: 101,
  LSM_ATTR_FSCREATE: 102,
  LSM_ATTR_KEYCREATE: 103,
  LSM_ATTR_PREV: 104,
  LSM_ATTR_SOCKCREATE: 105,
});
export const LsmFlags = flags('LSM_FLAG_???', { LSM_FLAG_SINGLE: 1 });
const LSM_IDS = names({ LSM_ID_CAPABILITY: 100, LSM_ID_YAMA: 105 });
export const LsmIdsOut: Kind = outKind('lsm ids', 'u64', (value, context) => {
  if (context.result < 0) return pointer(value);
  const ids = Array.from({ length: context.result }, (_, i) => peekNumber(context, value + i * 8, 'u64'));
  return `[${ids.map((id) => (id === undefined ? '...' : nameOf(Number(id), LSM_IDS, 'LSM_ID_???'))).join(', ')}]`;
});
