// Kinds of prctl and of capabilities: options by name, each further argument as its option means it.
// Rows of prctl and capabilities name them.
// What an option does not take is left out, as strace does.
import type { Kind, PrintContext } from '../kind.ts';
import { array, i32, struct, u32 } from '../struct.ts';
import { kind, outKind } from './basic.ts';
import { programText } from './bpf-text.ts';
import { flagText, hex, type NameTable, nameOf, names, pointer } from './format.ts';
import { braces, numberAt, peekNumber, stringText, structText } from './peek.ts';
import { seccompResultText } from './seccomp-kinds.ts';
import { signalName } from './signal-text.ts';

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
  PR_TASK_PERF_EVENTS_DISABLE: 31,
  PR_TASK_PERF_EVENTS_ENABLE: 32,
  PR_MCE_KILL: 33,
  PR_MCE_KILL_GET: 34,
  PR_SET_MM: 35,
  PR_SET_CHILD_SUBREAPER: 36,
  PR_GET_CHILD_SUBREAPER: 37,
  PR_SET_NO_NEW_PRIVS: 38,
  PR_GET_NO_NEW_PRIVS: 39,
  PR_GET_TID_ADDRESS: 40,
  PR_SET_THP_DISABLE: 41,
  PR_GET_THP_DISABLE: 42,
  PR_CAP_AMBIENT: 47,
  PR_SET_IO_FLUSHER: 57,
  PR_GET_IO_FLUSHER: 58,
  PR_SET_VMA: 0x53564d41,
  PR_SET_PTRACER: 0x59616d61,
});

function option(context: PrintContext): string {
  const { option: number } = context.args;
  return OPTIONS.find(([, value]) => value === number)?.[0] ?? '';
}

export const PrctlOption: Kind = kind('prctl option', 'u32', (value) => nameOf(value, OPTIONS, 'PR_???'));

const DUMPABLE = ['SUID_DUMP_DISABLE', 'SUID_DUMP_USER', 'SUID_DUMP_ROOT'];
const SECURE_BITS = names({
  SECBIT_NOROOT: 1,
  SECBIT_NOROOT_LOCKED: 2,
  SECBIT_NO_SETUID_FIXUP: 4,
  SECBIT_NO_SETUID_FIXUP_LOCKED: 8,
  SECBIT_KEEP_CAPS: 16,
  SECBIT_KEEP_CAPS_LOCKED: 32,
  SECBIT_NO_CAP_AMBIENT_RAISE: 64,
  SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED: 128,
});
const AMBIENT = ['', 'IS_SET', 'RAISE', 'LOWER', 'CLEAR_ALL'].map((word) =>
  word === '' ? undefined : `PR_CAP_AMBIENT_${word}`,
);
const ALONE = /^PR_GET_(DUMPABLE|KEEPCAPS|SECCOMP|TIMERSLACK|SECUREBITS)$|^PR_TASK_PERF_EVENTS/;
/** These show all five, as they must be zero. */
const ALL = /NO_NEW_PRIVS|THP_DISABLE|IO_FLUSHER|PR_CAP_AMBIENT|PR_SET_VMA|^$/;

/** prctl's second argument, by option; on exit for the options that fill it in. */
export const PrctlArgument: Kind = {
  ...outKind('prctl argument', 'u64', (value, context) => {
    const name = option(context);
    if (ALONE.test(name)) return undefined;
    switch (name) {
      case 'PR_SET_NAME':
        return stringText({ ...context, stringLimit: NAME_LENGTH }, value);
      case 'PR_SET_SECCOMP':
        return nameOf(value, SECCOMP_MODES, 'SECCOMP_MODE_???');
      case 'PR_GET_NAME':
        return context.result < 0 ? pointer(value) : stringText(context, value);
      case 'PR_SET_PDEATHSIG':
        return value === 0 ? '0' : signalName(value);
      case 'PR_GET_PDEATHSIG': {
        const signal = context.result < 0 ? undefined : peekNumber(context, value, 'i32');
        return signal === undefined || signal === 0n
          ? numberAt(context, value, 'i32', context.result >= 0)
          : `[${signalName(Number(signal))}]`;
      }
      case 'PR_GET_CHILD_SUBREAPER':
        return numberAt(context, value, 'i32', context.result >= 0);
      case 'PR_SET_DUMPABLE':
        return DUMPABLE[value] ?? hex(value);
      case 'PR_CAPBSET_READ':
      case 'PR_CAPBSET_DROP':
        return capabilityName(value);
      case 'PR_SET_SECUREBITS':
        return flagText(value, SECURE_BITS, 'SECBIT_???');
      case 'PR_CAP_AMBIENT':
        return AMBIENT[value] ?? `${hex(context.raw)} /* PR_CAP_AMBIENT_??? */`;
      case 'PR_SET_VMA':
        return value === 0 ? 'PR_SET_VMA_ANON_NAME' : hex(value);
      case '':
      case 'PR_SET_MM':
        return hex(context.raw);
      default:
        return /^PR_GET_|THP_DISABLE/.test(name) ? hex(context.raw) : String(value);
    }
  }),
  isOptional: true,
};

/** Bytes of a thread's name without its NUL. */
const NAME_LENGTH = 15;
const SECCOMP_MODE_STRICT = 1;
const SECCOMP_MODE_FILTER = 2;
const SECCOMP_MODES = names({ SECCOMP_MODE_DISABLED: 0, SECCOMP_MODE_STRICT, SECCOMP_MODE_FILTER });

/** What stands behind PR_SET_SECCOMP's mode: a program, nothing, or for other modes all there is. */
function seccompMore(context: PrintContext, value: number, isThird: boolean): string | undefined {
  const { arg2: mode } = context.args;
  if (mode === SECCOMP_MODE_FILTER)
    return isThird ? programText(context, value, seccompResultText) : undefined;
  return mode === SECCOMP_MODE_STRICT ? undefined : hex(context.raw);
}

const CLEAR_ALL = 4;
/** The third: PR_CAP_AMBIENT's capability, else as the others. */
export const PrctlThird: Kind = {
  ...outKind('prctl argument', 'u64', (value, context) => {
    const name = option(context);
    if (name === 'PR_SET_SECCOMP') return seccompMore(context, value, true);
    return name === 'PR_CAP_AMBIENT' && context.args.arg2 !== CLEAR_ALL && value < CAPABILITIES.length
      ? capabilityName(value)
      : PrctlMore.print(value, context);
  }),
  isOptional: true,
};

/** The third to fifth, where the option takes or demands them. */
export const PrctlMore: Kind = {
  ...outKind('prctl argument', 'u64', (value, context) => {
    const name = option(context);
    if (name === 'PR_SET_SECCOMP') return seccompMore(context, value, false);
    if (!ALL.test(name)) return undefined;
    return hex(context.raw);
  }),
  isOptional: true,
};

export const PrctlResult: Kind = kind('prctl result', 'i64', (value, context) => {
  const name = option(context);
  if (name === 'PR_GET_DUMPABLE') return `${value} (${DUMPABLE[value] ?? 'SUID_DUMP_???'})`;
  if (name === 'PR_GET_SECUREBITS' && value !== 0)
    return `${hex(value)} (${flagText(value, SECURE_BITS, 'SECBIT_???')})`;
  return String(value);
});

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
