// Kinds of the process calls: clone flags, wait status and options, futex operations, limits, usage, execve's lists.
// Rows of process, wait, futex, limits and exec name them.
// futex and prctl arguments depend on the operation; what an operation does not take is left out.

import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from '../fcntl.ts';
import type { Kind, PrintContext } from '../kind.ts';
import { RESOURCES } from '../limits.ts';
import { CloneArgs, CloneArgsVer0, Rlimit } from '../process.ts';
import { Rusage, Tms } from '../rusage.ts';
import { i32, struct } from '../struct.ts';
import { flags, kind, oneOf, outKind, pidText } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, type NameTable, nameOf, names, pointer } from './format.ts';
import { arrayText, braces, peekNumber, peekStruct, stringText, structText, trailingText } from './peek.ts';
import { signalName } from './signal-text.ts';
import { timevalText } from './time-kinds.ts';

const CLONE_FLAGS: NameTable = names({
  CLONE_VM: 0x100,
  CLONE_FS: 0x200,
  CLONE_FILES: 0x400,
  CLONE_SIGHAND: 0x800,
  CLONE_PIDFD: 0x1000,
  CLONE_PTRACE: 0x2000,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_THREAD: 0x10000,
  CLONE_NEWNS: 0x20000,
  CLONE_SYSVSEM: 0x40000,
  CLONE_SETTLS: 0x80000,
  CLONE_PARENT_SETTID: 0x100000,
  CLONE_CHILD_CLEARTID: 0x200000,
  CLONE_DETACHED: 0x400000,
  CLONE_UNTRACED: 0x800000,
  CLONE_CHILD_SETTID: 0x1000000,
  CLONE_NEWCGROUP: 0x2000000,
  CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
  CLONE_IO: 0x80000000,
});
const CLONE_SETTLS = 0x80000;
const CLONE_PARENT_SETTID = 0x100000;
const CLONE_PIDFD = 0x1000;
const CLONE_CHILD_TIDS = 0x1200000;

/** Namespace and sharing flags (unshare). */
export const CloneFlagsOnly: Kind = flags('CLONE_???', [['CLONE_NEWTIME', 0x80], ...CLONE_FLAGS]);

/** clone's a0, shown with the stack before it as strace does: `child_stack=NULL, flags=…|SIGCHLD`. */
export const CloneFlags: Kind = kind('clone flags', 'u32', (value, { args }) => {
  const signal = value & 0xff;
  const bits = (value & ~0xff) >>> 0;
  const words = bits === 0 ? [] : [flagText(bits, CLONE_FLAGS, 'CLONE_???')];
  if (signal !== 0) words.push(signalName(signal));
  const stack = pointer(args.newsp ?? 0);
  return `child_stack=${stack}, flags=${words.length === 0 ? '0' : words.join('|')}`;
});
/** Shown by CloneFlags. */
export const CloneStack: Kind = kind('clone stack', 'u64', () => undefined);
const optional = (plain: Kind): Kind => ({ ...plain, isOptional: true });
export const CloneParentTid: Kind = optional(
  outKind('clone parent_tid', 'u64', (value, context) => {
    const given = context.args.flags ?? 0;
    if ((given & (CLONE_PARENT_SETTID | CLONE_PIDFD)) === 0) return undefined;
    const tid = context.result < 0 ? undefined : peekNumber(context, value, 'i32');
    return `parent_tid=${tid === undefined ? hex(value) : `[${tid}]`}`;
  }),
);
export const CloneTls: Kind = outKind('clone tls', 'u64', (value, { args }) =>
  ((args.flags ?? 0) & CLONE_SETTLS) === 0 ? undefined : `tls=${hex(value)}`,
);
export const CloneChildTid: Kind = outKind('clone child_tid', 'u64', (value, { args }) =>
  ((args.flags ?? 0) & CLONE_CHILD_TIDS) === 0 ? undefined : `child_tidptr=${hex(value)}`,
);

const NAMESPACES: NameTable = names({
  CLONE_NEWTIME: 0x80,
  ...Object.fromEntries(CLONE_FLAGS.filter(([name]) => name.startsWith('CLONE_NEW'))),
});
/** setns: which sorts of namespaces. */
export const NamespaceTypes: Kind = kind('namespace types', 'u32', namespaceText);

/** `CLONE_NEWUTS`. */
export function namespaceText(value: number): string {
  return flagText(value, NAMESPACES, 'CLONE_NEW???');
}

const CLONE_INTO_CGROUP = 2n << 32n;
/** CLONE_* of clone3 alone, above the low 32 bits. */
const CLONE_HIGH_FLAGS: NameTable = names({ CLONE_CLEAR_SIGHAND: 1, CLONE_INTO_CGROUP: 2 });

/** The 64 bits of clone3's flags. */
function clone3FlagsText(flags: bigint): string {
  const low = Number(flags & 0xffff_ffffn);
  const high = Number(flags >> 32n);
  if (high === 0) return flagText(low, CLONE_FLAGS, 'CLONE_???');
  const words = low === 0 ? [] : [flagText(low, CLONE_FLAGS, 'CLONE_???').replace(/ \/\*.*/, '')];
  const known = CLONE_HIGH_FLAGS.filter(([, bit]) => (high & bit) !== 0);
  const rest = known.reduce((left, [, bit]) => left & ~bit, high) >>> 0;
  words.push(...known.map(([name]) => name));
  if (rest !== 0) words.push(hex(BigInt(rest) << 32n));
  return words.length === 1 && rest !== 0 ? `${words[0]} /* CLONE_??? */` : words.join('|');
}

/** `[5, 7]`, ids outermost first; undefined when the struct ends before them. */
function setTidText(context: PrintContext, address: number): string | undefined {
  if ((context.args.size ?? 0) < CloneArgs.size) return undefined;
  const more = peekStruct(context, address, CloneArgs);
  if (more === undefined || (more.set_tid === 0n && more.set_tid_size === 0n)) return undefined;
  const ids =
    more.set_tid_size === 0n
      ? pointer(more.set_tid)
      : arrayText(context, Number(more.set_tid), Math.min(Number(more.set_tid_size), 64), 4, (at) =>
          peekNumber(context, at, 'i32')?.toString(),
        );
  return `set_tid=${ids}, set_tid_size=${more.set_tid_size}`;
}

/** clone3's struct, with the ids it wrote after `=>`. */
export const Clone3Args: Kind = {
  name: 'struct clone_args',
  register: 'u64',
  when: 'exit',
  isBegunOnEntry: true,
  print: (value, context) =>
    structText(
      context,
      value,
      CloneArgsVer0,
      ({ flags, ...args }) => {
        const low = Number(flags & 0xffff_ffffn);
        const entry = (name: string, condition: boolean, text: string) =>
          condition ? `${name}=${text}` : undefined;
        const before = braces([
          `flags=${clone3FlagsText(flags)}`,
          entry('pidfd', (low & CLONE_PIDFD) !== 0, hex(args.pidfd)),
          entry('child_tid', (low & CLONE_CHILD_TIDS) !== 0, hex(args.child_tid)),
          entry('parent_tid', (low & CLONE_PARENT_SETTID) !== 0, hex(args.parent_tid)),
          `exit_signal=${args.exit_signal === 0n ? '0' : signalName(Number(args.exit_signal))}`,
          `stack=${pointer(args.stack)}`,
          `stack_size=${hex(args.stack_size)}`,
          entry('tls', (low & CLONE_SETTLS) !== 0, hex(args.tls)),
          setTidText(context, value),
          (flags & CLONE_INTO_CGROUP) === 0n
            ? undefined
            : `cgroup=${peekNumber(context, value + CloneArgs.offsets.cgroup, 'u64') ?? '???'}`,
          trailingText(context, value, CloneArgs.size, context.args.size ?? 0),
        ]);
        const parent =
          (low & CLONE_PARENT_SETTID) === 0 ? undefined : peekNumber(context, Number(args.parent_tid), 'i32');
        const pidfd = (low & CLONE_PIDFD) === 0 ? undefined : peekNumber(context, Number(args.pidfd), 'i32');
        const written = [
          pidfd === undefined ? undefined : `pidfd=[${printFd(Number(pidfd), context)}]`,
          parent === undefined ? undefined : `parent_tid=[${pidText(Number(parent), context)}]`,
        ];
        return context.phase === 'enter' || context.result < 0 || written.every((text) => text === undefined)
          ? before
          : `${before} => ${braces(written)}`;
      },
      (context.args.size ?? 0) >= CloneArgsVer0.size,
    ),
};

/** Events of ptrace(2), which a stop has above its signal. */
const PTRACE_EVENTS: NameTable = names({
  PTRACE_EVENT_FORK: 1,
  PTRACE_EVENT_VFORK: 2,
  PTRACE_EVENT_CLONE: 3,
  PTRACE_EVENT_EXEC: 4,
  PTRACE_EVENT_VFORK_DONE: 5,
  PTRACE_EVENT_EXIT: 6,
  PTRACE_EVENT_SECCOMP: 7,
  PTRACE_EVENT_STOP: 128,
});

/** A stop's code: `{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}`, and the event behind it. */
function stoppedText(code: number): string {
  const signal = signalName(code & 0x7f);
  const event = code >>> 8;
  const text = `{WIFSTOPPED(s) && WSTOPSIG(s) == ${signal}${(code & 0x80) === 0 ? '' : ' | 0x80'}}`;
  return event === 0 ? text : `${text} | ${nameOf(event, PTRACE_EVENTS, 'PTRACE_EVENT_???')} << 16`;
}

/** `{WIFEXITED(s) && WEXITSTATUS(s) == 3}`. */
export function waitStatusText(status: number): string {
  const signal = status & 0x7f;
  if (status === 0xffff) return '{WIFCONTINUED(s)}';
  if (signal === 0) return `{WIFEXITED(s) && WEXITSTATUS(s) == ${(status >> 8) & 0xff}}`;
  if ((status & 0xff) === 0x7f) return stoppedText(status >>> 8);
  return `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}${(status & 0x80) === 0 ? '' : ' && WCOREDUMP(s)'}}`;
}

export const WaitStatusOut: Kind = outKind('wait status', 'u64', (value, context) => {
  if (value === 0) return 'NULL';
  const status = context.result > 0 ? peekNumber(context, value, 'i32') : undefined;
  return status === undefined ? hex(value) : `[${waitStatusText(Number(status))}]`;
});
export const WaitOptions: Kind = kind('wait options', 'u32', (value) =>
  flagText(
    value,
    names({
      WNOHANG: 1,
      WSTOPPED: 2,
      WEXITED: 4,
      WCONTINUED: 8,
      WNOWAIT: 0x0100_0000,
      __WNOTHREAD: 0x2000_0000,
      __WALL: 0x4000_0000,
      __WCLONE: 0x8000_0000,
    }),
    'W???',
  ),
);
export const PidfdFlags: Kind = flags('PIDFD_???', { PIDFD_NONBLOCK: 0o4000 });
export const WaitIdType: Kind = oneOf('P_???', { P_ALL: 0, P_PID: 1, P_PGID: 2, P_PIDFD: 3 }, 'i32');

function rusageText(context: PrintContext, usage: ReturnType<typeof Rusage.decode>): string {
  const times = [`ru_utime=${timevalText(usage.utime)}`, `ru_stime=${timevalText(usage.stime)}`];
  if (!context.isVerbose) return braces([...times, '...']);
  const rest = Object.entries(usage).filter(([name]) => name !== 'utime' && name !== 'stime');
  return braces([...times, ...rest.map(([name, count]) => `ru_${name}=${count}`)]);
}
export const RusageOut: Kind = outKind('struct rusage', 'u64', (value, context) =>
  structText(context, value, Rusage, (usage) => rusageText(context, usage), context.result >= 0),
);
/** wait4's usage, written only when a child was found. */
export const WaitRusageOut: Kind = outKind('struct rusage', 'u64', (value, context) =>
  structText(context, value, Rusage, (usage) => rusageText(context, usage), context.result > 0),
);
export const RusageWho: Kind = oneOf(
  'RUSAGE_???',
  { RUSAGE_SELF: 0, RUSAGE_CHILDREN: -1, RUSAGE_BOTH: -2, RUSAGE_THREAD: 1 },
  'i32',
);
export const TmsOut: Kind = outKind('struct tms', 'u64', (value, context) =>
  structText(
    context,
    value,
    Tms,
    (times) => braces(Object.entries(times).map(([name, count]) => `tms_${name}=${count}`)),
    context.result >= 0,
  ),
);

export const LimitName: Kind = kind('rlimit', 'u32', (value) => {
  const word = RESOURCES[value]?.toUpperCase();
  return word === undefined ? `${hex(value)} /* RLIMIT_??? */` : `RLIMIT_${word}`;
});
const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;
function limitText(value: bigint, infinity: string): string {
  if (value === RLIM_INFINITY) return infinity;
  return value > 1024n && value % 1024n === 0n ? `${value / 1024n}*1024` : String(value);
}
function rlimitText(infinity: string): (limit: { rlim_cur: bigint; rlim_max: bigint }) => string {
  return (limit) =>
    braces(Object.entries(limit).map(([field, value]) => `${field}=${limitText(value, infinity)}`));
}
export const Rlimit64In: Kind = kind('struct rlimit64', 'u64', (value, context) =>
  structText(context, value, Rlimit, rlimitText('RLIM64_INFINITY')),
);
export const Rlimit64Out: Kind = outKind('struct rlimit64', 'u64', (value, context) =>
  structText(context, value, Rlimit, rlimitText('RLIM64_INFINITY'), context.result >= 0),
);
export const RlimitIn: Kind = kind('struct rlimit', 'u64', (value, context) =>
  structText(context, value, Rlimit, rlimitText('RLIM_INFINITY')),
);
export const RlimitOut: Kind = outKind('struct rlimit', 'u64', (value, context) =>
  structText(context, value, Rlimit, rlimitText('RLIM_INFINITY'), context.result >= 0),
);
export const PriorityWhich: Kind = oneOf('PRIO_???', { PRIO_PROCESS: 0, PRIO_PGRP: 1, PRIO_USER: 2 }, 'i32');

/** execve's argv: `["a", "b"]`. */
export const StringsIn: Kind = kind('char *[]', 'u64', (value, context) => {
  const count = countStrings(context, value);
  if (count === undefined) return pointer(value);
  return arrayText(context, value, count, 8, (at) => {
    const address = peekNumber(context, at, 'u64');
    return address === undefined ? undefined : stringText(context, Number(address));
  });
});
/** execve's envp: its address and how many. With -v the strings. */
export const EnvironmentIn: Kind = kind('char *[]', 'u64', (value, context) => {
  if (context.isVerbose) return StringsIn.print(value, context);
  const count = countStrings(context, value);
  if (count === undefined) return pointer(value);
  return `${hex(value)} /* ${count} var${count === 1 ? '' : 's'} */`;
});
const MOST_STRINGS = 100_000;
function countStrings(context: PrintContext, address: number): number | undefined {
  if (address === 0) return undefined;
  for (let count = 0; count < MOST_STRINGS; count++) {
    const string = peekNumber(context, address + 8 * count, 'u64');
    if (string === undefined) return count === 0 ? undefined : count;
    if (string === 0n) return count;
  }
  return MOST_STRINGS;
}

/** sched_getaffinity's mask: `[0 1]`. */
export const CpuSetOut: Kind = outKind('cpu_set_t', 'u64', (value, context) =>
  context.result < 0 ? pointer(value) : cpuSetText(context, value, context.result),
);
export const CpuSetIn: Kind = kind('cpu_set_t', 'u64', (value, context) =>
  cpuSetText(context, value, Math.min(context.args.len ?? context.args.cpusetsize ?? 8, 1024)),
);
function cpuSetText(context: PrintContext, address: number, length: number): string {
  const cpus: number[] = [];
  for (let word = 0; word * 8 < length; word++) {
    const bits = peekNumber(context, address + word * 8, 'u64');
    if (bits === undefined) return pointer(address);
    for (let bit = 0; bit < 64; bit++) if ((bits >> BigInt(bit)) & 1n) cpus.push(word * 64 + bit);
  }
  return `[${cpus.join(' ')}]`;
}

const SchedParam = struct('sched_param', { priority: i32 });
export const SchedParamOut: Kind = outKind('struct sched_param', 'u64', (value, context) =>
  structText(context, value, SchedParam, ({ priority }) => `[${priority}]`, context.result >= 0),
);
export const SchedParamIn: Kind = kind('struct sched_param', 'u64', (value, context) =>
  structText(context, value, SchedParam, ({ priority }) => `[${priority}]`),
);

export const ExecFlags: Kind = flags('AT_???', { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW });
