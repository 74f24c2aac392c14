// The options of `run`, which all commands that run a guest share: declared once, read into MachineOptions.
// main.ts adds them to its commander commands, plain-run.ts reads them alone; run-guest.ts gets what comes out.
import type { Command } from 'commander';
import { parseSchedule, type Schedule } from '../debugger/explore/schedule.ts';
import { RESOURCES, type Resource } from '../kernel/abi/limits.ts';
import { isFailure } from '../kernel/errno.ts';
import { type LimitValue, type ResourceChanges, ResourceLimits } from '../kernel/task/rlimits.ts';
import type { MountOptions } from '../machine/machine.ts';
import { UsageError } from './failure.ts';
import { absoluteHost, byteString, splitMount } from './host-paths.ts';

/** What the options say, checked. */
export interface RunSettings {
  /** --root as an absolute host path. */
  readonly root: string | undefined;
  readonly mounts: readonly MountOptions[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly uid: number;
  readonly gid: number;
  readonly limits: ResourceChanges;
  readonly argv0: string | undefined;
  readonly memory: number | undefined;
  readonly maxProcesses: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly seed: number | undefined;
  readonly virtualTime: boolean;
  /** Where threads give way; with one, time is virtual and there is a seed. */
  readonly schedule: Schedule | undefined;
  readonly strace: boolean;
  readonly stats: boolean;
  readonly leaks: boolean;
  readonly warn: boolean;
  /** false with --no-jit. */
  readonly jit: boolean;
}

/** What commander hands over. */
export interface RawOptions {
  root?: string;
  mount?: string[];
  env?: string[];
  cwd?: string;
  uid?: string;
  gid?: string;
  ulimit?: string[];
  argv0?: string;
  memory?: string;
  maxProcesses?: string;
  timeout?: string;
  seed?: string;
  virtualTime?: boolean;
  schedule?: string;
  strace?: boolean;
  stats?: boolean;
  leaks?: boolean;
  warn?: boolean;
  jit?: boolean;
}

/** One option: its flags as commander has them, what it does, and whether it may be given several times. */
type OptionRow = readonly [flags: string, description: string, isRepeated?: true];

export const RUN_OPTIONS: readonly OptionRow[] = [
  ['--root <dir>', 'host directory as root, copied on write; PROG is then looked up inside it'],
  [
    '--mount <host:guest[:rw]>',
    'also show a host directory or file; changes stay in memory without :rw',
    true,
  ],
  ['--env <key=value>', 'set a variable (KEY alone takes it from here); may be repeated', true],
  ['--cwd <dir>', 'working directory in the guest'],
  ['--uid <n>', 'user id (0)'],
  ['--gid <n>', 'group id (0)'],
  [
    '--ulimit <name=soft[:hard]>',
    'resource limit of the program, as in core=unlimited or nofile=64:256',
    true,
  ],
  ['--argv0 <name>', 'what the program sees as its own name'],
  ['--memory <size>', 'limit over all processes, as in 512M (2G)'],
  ['--max-processes <n>', 'limit on processes and threads (1024)'],
  ['--timeout <seconds>', 'kill everything after this much time'],
  ['--seed <n>', 'make every random number of the guest a function of this one'],
  ['--virtual-time', 'clocks advance with the work done, and jump while all sleep'],
  ['--schedule <moments>', 'repeat a schedule that explore found; seed 0 and virtual time with it'],
  ['--no-jit', 'interpret everything; only slower'],
  ['--strace', 'show system calls on stderr, as `rivulet trace` does'],
  ['--leaks', 'list what is left behind at exit: descriptors, in flight too, and names of sockets'],
  ['--stats', 'print what the run took when it ends'],
  ['--warn', 'say once what a guest asks for and the kernel does not have'],
];

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

/** Declares the options on `command`. */
export function addRunOptions(command: Command): Command {
  for (const [flags, description, isRepeated] of RUN_OPTIONS) {
    if (isRepeated) command.option(flags, description, collect);
    else command.option(flags, description);
  }
  return command;
}

/** Reads what commander parsed. Throws UsageError. */
export function readRunOptions(raw: RawOptions): RunSettings {
  const schedule = raw.schedule === undefined ? undefined : readSchedule(raw.schedule);
  const uid = numberOption('--uid', raw.uid, 0, 0xffff_fffe) ?? 0;
  return {
    root: raw.root === undefined ? undefined : absoluteHost(raw.root),
    mounts: (raw.mount ?? []).map(parseMount),
    env: environment(raw.env ?? []),
    cwd: raw.cwd === undefined ? undefined : guestPath('--cwd', raw.cwd),
    uid,
    gid: numberOption('--gid', raw.gid, 0, 0xffff_fffe) ?? uid,
    limits: resourceChanges(raw.ulimit ?? []),
    argv0: raw.argv0 === undefined ? undefined : byteString(raw.argv0),
    memory: raw.memory === undefined ? undefined : parseSize(raw.memory),
    maxProcesses: numberOption('--max-processes', raw.maxProcesses, 1, 1_000_000),
    timeoutMs: raw.timeout === undefined ? undefined : parseSeconds(raw.timeout),
    seed: numberOption('--seed', raw.seed, 0, 0xffff_ffff) ?? (schedule === undefined ? undefined : 0),
    virtualTime: raw.virtualTime === true || schedule !== undefined,
    schedule,
    strace: raw.strace === true,
    stats: raw.stats === true,
    leaks: raw.leaks === true,
    warn: raw.warn === true,
    jit: raw.jit !== false,
  };
}

/** The options that decide what a run does, as words of a command line again; --seed 0 goes without saying. */
export function runOptionWords(raw: RawOptions): string[] {
  const one = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [name, value];
  return [
    ...one('--root', raw.root),
    ...(raw.mount ?? []).flatMap((value) => ['--mount', value]),
    ...(raw.env ?? []).flatMap((value) => ['--env', value]),
    ...one('--cwd', raw.cwd),
    ...one('--uid', raw.uid),
    ...one('--gid', raw.gid),
    ...(raw.ulimit ?? []).flatMap((value) => ['--ulimit', value]),
    ...one('--argv0', raw.argv0),
    ...one('--memory', raw.memory),
    ...one('--max-processes', raw.maxProcesses),
    ...one('--seed', raw.seed),
  ];
}

function guestPath(option: string, path: string): string {
  if (!path.startsWith('/')) throw new UsageError(`${option} ${path}: a guest path begins with /`);
  return byteString(path);
}

function parseMount(text: string): MountOptions {
  const mount = splitMount(text);
  if (mount === undefined)
    throw new UsageError(`--mount ${text}: must be HOST:GUEST or HOST:GUEST:rw, GUEST beginning with /`);
  const { host, guest, isWritable } = mount;
  return { host: absoluteHost(host), guest: guestPath('--mount', guest), writable: isWritable };
}

function environment(assignments: readonly string[]): Record<string, string> {
  const { TERM } = process.env;
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    ...(TERM === undefined ? {} : { TERM }),
  };
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=');
    const name = equals < 0 ? assignment : assignment.slice(0, equals);
    if (name === '') throw new UsageError(`--env ${assignment}: there is no name before the =`);
    const value = equals < 0 ? process.env[name] : assignment.slice(equals + 1);
    if (value === undefined) delete env[name];
    else env[byteString(name)] = byteString(value);
  }
  return env;
}

function numberOption(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${option} ${text}: must be a whole number from ${least} to ${most}`);
  }
  return value;
}

function readSchedule(text: string): Schedule {
  const schedule = parseSchedule(text);
  if (schedule !== undefined) return schedule;
  throw new UsageError(
    `--schedule ${text.slice(0, 60)}: must be none, or a list of THREAD@CALL, THREAD@CALL+TICKS or THREAD@CALL.WAKE, as explore prints it`,
  );
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `64M`, `1.5G`, `100`; NaN for what is no size. */
function bytesOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text);
  return match === null
    ? Number.NaN
    : Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? Number.NaN);
}

/** `core=unlimited`, `stack=64M`, `nofile=64:256`. Throws UsageError. */
function resourceChanges(words: readonly string[]): ResourceChanges {
  const changes: Record<string, ResourceChanges[Resource]> = {};
  for (const word of words) {
    const [, name = '', first = '', second = first] = /^(\w+)=([^:]*)(?::(.*))?$/.exec(word) ?? [];
    const [soft, hard] = [limitValue(first), limitValue(second)];
    if (!(RESOURCES as readonly string[]).includes(name) || soft === undefined || hard === undefined)
      throw new UsageError(`--ulimit ${word}: must be NAME=SOFT or NAME=SOFT:HARD, ${WHAT_LIMITS_ARE}`);
    changes[name] = { soft, hard };
    try {
      new ResourceLimits().change({ [name]: changes[name] });
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      throw new UsageError(`--ulimit ${word}: ${thrown.why}`);
    }
  }
  return changes;
}

const WHAT_LIMITS_ARE = `in bytes (or 64M, 1G), seconds or pieces, or unlimited; NAME is one of ${[...RESOURCES].sort().join(', ')}`;

/** undefined for what is none. */
function limitValue(text: string): LimitValue | undefined {
  if (text === 'unlimited' || text === '-1') return 'unlimited';
  const value = bytesOf(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

const LEAST_MEMORY = 1024 * 1024;

/** Bytes; `option` is who wants to know. Throws UsageError. */
export function parseSize(text: string, option = '--memory'): number {
  const value = bytesOf(text);
  const most = process.getBuiltinModule('node:os').totalmem();
  if (!(value >= LEAST_MEMORY))
    throw new UsageError(`${option} ${text}: must be a size of at least 1M, as in 512M or 2G`);
  if (value > most)
    throw new UsageError(`${option} ${text}: this computer has ${Math.floor(most / 1024 ** 2)}M`);
  return Math.floor(value);
}

function parseSeconds(text: string): number {
  const seconds = Number(text.replace(/s$/, ''));
  if (!(seconds > 0 && seconds < 2_000_000))
    throw new UsageError(`--timeout ${text}: must be a number of seconds, as in 10 or 0.5`);
  return Math.ceil(seconds * 1000);
}
