// Kinds of the calls about the system: uname, sysinfo, getrandom, prctl, capabilities, System V shared memory, openat2.
// Rows of system, prctl, capabilities, shm and open-close name them.
import type { Kind, PrintContext } from '../kind.ts';
import { array, b64, bytes, i32, struct, u16, u32, u64 } from '../struct.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { openFlagsText } from './file-kinds.ts';
import { flagText, hex, type NameTable, nameOf, names, octal, pointer, quoteBytes } from './format.ts';
import { braces, bufferText, numberAt, peekStruct, stringText, structText } from './peek.ts';
import { signalName } from './signal-text.ts';

const FIELD = 65;
const Utsname = struct('utsname', {
  sysname: bytes(FIELD),
  nodename: bytes(FIELD),
  release: bytes(FIELD),
  version: bytes(FIELD),
  machine: bytes(FIELD),
  domainname: bytes(FIELD),
});

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

const Sysinfo = struct('sysinfo', {
  uptime: u64,
  loads: array(u64, 3),
  totalram: u64,
  freeram: u64,
  sharedram: u64,
  bufferram: u64,
  totalswap: u64,
  freeswap: u64,
  procs: u16,
  totalhigh: u64,
  freehigh: u64,
  mem_unit: u32,
});
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
export const PersonalityResult: Kind = kind('personality', 'u32', (value) =>
  `${hex(value)} (PER_LINUX)`.replace(/^0x0/, '0'),
);

const OPTIONS: NameTable = names({
  PR_SET_PDEATHSIG: 1,
  PR_GET_PDEATHSIG: 2,
  PR_GET_DUMPABLE: 3,
  PR_SET_DUMPABLE: 4,
  PR_GET_KEEPCAPS: 7,
  PR_SET_KEEPCAPS: 8,
  PR_SET_NAME: 15,
  PR_GET_NAME: 16,
  PR_GET_SECCOMP: 21,
  PR_SET_SECCOMP: 22,
  PR_CAPBSET_READ: 23,
  PR_CAPBSET_DROP: 24,
  PR_GET_TSC: 25,
  PR_SET_TSC: 26,
  PR_GET_SECUREBITS: 27,
  PR_SET_SECUREBITS: 28,
  PR_SET_TIMERSLACK: 29,
  PR_GET_TIMERSLACK: 30,
  PR_SET_MM: 35,
  PR_SET_CHILD_SUBREAPER: 36,
  PR_GET_CHILD_SUBREAPER: 37,
  PR_SET_NO_NEW_PRIVS: 38,
  PR_GET_NO_NEW_PRIVS: 39,
  PR_GET_TID_ADDRESS: 40,
  PR_SET_THP_DISABLE: 41,
  PR_GET_THP_DISABLE: 42,
  PR_CAP_AMBIENT: 47,
  PR_SET_VMA: 0x53564d41,
  PR_SET_PTRACER: 0x59616d61,
});

function option(context: PrintContext): string {
  const { option: number } = context.args;
  return OPTIONS.find(([, value]) => value === number)?.[0] ?? '';
}

export const PrctlOption: Kind = kind('prctl option', 'u32', (value) => nameOf(value, OPTIONS, 'PR_???'));

const DUMPABLE = ['SUID_DUMP_DISABLE', 'SUID_DUMP_USER', 'SUID_DUMP_ROOT'];
const ALONE = /^PR_GET_(DUMPABLE|KEEPCAPS|SECCOMP|TIMERSLACK|SECUREBITS)$/;
/** These show all five, as they must be zero. */
const ALL = /NO_NEW_PRIVS|THP_DISABLE|PR_CAP_AMBIENT|PR_SET_VMA|^$/;

/** prctl's second argument, by option; on exit for the options that fill it in. */
export const PrctlArgument: Kind = {
  ...outKind('prctl argument', 'u64', (value, context) => {
    const name = option(context);
    if (ALONE.test(name)) return undefined;
    switch (name) {
      case 'PR_SET_NAME':
        return stringText(context, value);
      case 'PR_GET_NAME':
        return context.result < 0 ? pointer(value) : stringText(context, value);
      case 'PR_SET_PDEATHSIG':
        return value === 0 ? '0' : signalName(value);
      case 'PR_GET_PDEATHSIG':
      case 'PR_GET_CHILD_SUBREAPER':
        return numberAt(context, value, 'i32', context.result >= 0);
      case 'PR_SET_DUMPABLE':
        return DUMPABLE[value] ?? hex(value);
      case 'PR_CAPBSET_READ':
      case 'PR_CAPBSET_DROP':
        return capabilityName(value);
      case 'PR_SET_VMA':
        return value === 0 ? 'PR_SET_VMA_ANON_NAME' : hex(value);
      case '':
      case 'PR_SET_MM':
        return hex(context.raw);
      default:
        return String(value);
    }
  }),
  isOptional: true,
};

/** The third to fifth, where the option takes or demands them. */
export const PrctlMore: Kind = {
  ...outKind('prctl argument', 'u64', (value, context) => {
    const name = option(context);
    if (!ALL.test(name)) return undefined;
    return name === '' || name === 'PR_SET_VMA' ? hex(context.raw) : String(value);
  }),
  isOptional: true,
};

export const PrctlResult: Kind = kind('prctl result', 'i64', (value, context) =>
  option(context) === 'PR_GET_DUMPABLE' ? `${value} (${DUMPABLE[value] ?? 'SUID_DUMP_???'})` : String(value),
);

const CAPABILITIES = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

function capabilityName(number: number): string {
  return CAPABILITIES[number] === undefined ? `${hex(number)} /* CAP_??? */` : `CAP_${CAPABILITIES[number]}`;
}

function capabilitySet(low: number, high: number): string {
  const words: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    const word = bit < 32 ? low >>> bit : high >>> (bit - 32);
    if ((word & 1) === 1) words.push(`1<<${capabilityName(bit)}`);
  }
  return words.length === 0 ? '0' : words.join('|');
}

const CapHeader = struct('cap_header', { version: u32, pid: i32 });
const VERSIONS = names({
  _LINUX_CAPABILITY_VERSION_1: 0x19980330,
  _LINUX_CAPABILITY_VERSION_2: 0x20071026,
  _LINUX_CAPABILITY_VERSION_3: 0x20080522,
});
export const CapHeaderIn: Kind = kind('cap_user_header', 'u64', (value, context) =>
  structText(context, value, CapHeader, ({ version, pid }) =>
    braces([`version=${nameOf(version, VERSIONS, '_LINUX_CAPABILITY_VERSION_???')}`, `pid=${pid}`]),
  ),
);
const CapData = struct('cap_data', { words: array(u32, 6) });
const capText = ({ words }: { words: number[] }): string =>
  braces(
    ['effective', 'permitted', 'inheritable'].map(
      (name, i) => `${name}=${capabilitySet(words[i] ?? 0, words[i + 3] ?? 0)}`,
    ),
  );
export const CapDataIn: Kind = kind('cap_user_data', 'u64', (value, context) =>
  structText(context, value, CapData, capText),
);
export const CapDataOut: Kind = outKind('cap_user_data', 'u64', (value, context) =>
  structText(context, value, CapData, capText, context.result >= 0),
);

export const ShmKey: Kind = kind('key', 'u32', (value) => (value === 0 ? 'IPC_PRIVATE' : hex(value)));
export const ShmGetFlags: Kind = kind('shm flags', 'u32', (value) => {
  const bits = flagText(
    value & ~0o777,
    names({ IPC_CREAT: 0o1000, IPC_EXCL: 0o2000, SHM_HUGETLB: 0o4000, SHM_NORESERVE: 0o10000 }),
    'SHM_???',
  );
  return bits === '0' ? octal(value & 0o777) : `${bits}|${octal(value & 0o777)}`;
});
export const ShmAtFlags: Kind = flags('SHM_???', {
  SHM_RDONLY: 0o10000,
  SHM_RND: 0o20000,
  SHM_REMAP: 0o40000,
  SHM_EXEC: 0o100000,
});
export const ShmCommand: Kind = oneOf(
  'SHM_???',
  {
    IPC_RMID: 0,
    IPC_SET: 1,
    IPC_STAT: 2,
    IPC_INFO: 3,
    SHM_LOCK: 11,
    SHM_UNLOCK: 12,
    SHM_STAT: 13,
    SHM_INFO: 14,
    SHM_STAT_ANY: 15,
  },
  'i32',
);

const OpenHow = struct('open_how', { flags: b64, mode: b64, resolve: b64 });
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
  const how = peekStruct(context, value, OpenHow);
  if (how === undefined) return hex(value);
  return braces([
    `flags=${openFlagsText(Number(how.flags & 0xffff_ffffn))}`,
    how.mode === 0n ? undefined : `mode=${octal(Number(how.mode & 0xffffn))}`,
    `resolve=${flagText(Number(how.resolve & 0xffff_ffffn), RESOLVE, 'RESOLVE_???')}`,
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
