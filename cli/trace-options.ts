// strace's options as commander parsed them (trace-flags.ts), read into TraceOptions.
// trace.ts uses it. Option letters and expressions are strace's, so habits and scripts carry over.
import { classMembers, knownNames } from '../debugger/trace/classes.ts';
import type { HexStrings } from '../debugger/trace/hex-strings.ts';
import { type Injection, parseDelay, parseWhen } from '../debugger/trace/injection.ts';
import {
  DEFAULT_TRACE_OPTIONS,
  type Stamp,
  type Status,
  type TraceOptions,
} from '../debugger/trace/options.ts';
import type { ColumnName, SortBy } from '../debugger/trace/summary.ts';
import { signalNumber } from '../kernel/abi/kinds/signal-text.ts';
import { errnoNumber } from '../kernel/errno.ts';
import { UsageError } from './failure.ts';
import { absoluteHost, byteString, guestPlace } from './host-paths.ts';
import type { RawTraceOptions, RepeatedLetters } from './trace-flags.ts';

export interface TraceSettings {
  readonly trace: TraceOptions;
  readonly outputFile: string | undefined;
  readonly appends: boolean;
  readonly sortBy: SortBy;
  readonly columns: readonly ColumnName[] | undefined;
  readonly isJson: boolean;
  /** -c alone, -C beside the lines. */
  readonly summary: 'none' | 'only' | 'also';
}

/** Reads what commander parsed. Throws UsageError. */
export function readTraceOptions(raw: RawTraceOptions, counts: RepeatedLetters): TraceSettings {
  if (raw.p !== undefined)
    throw new UsageError(`-p ${raw.p}: there is nothing to attach to, the machine begins with the program`);
  refuse(raw);
  const said = readExpressions(raw);
  const outputFile = raw.o ?? raw.output;
  const isSeparate = (counts.f > 1 || raw.outputSeparately === true) && outputFile !== undefined;
  const stamps: Stamp[] = ['none', 'seconds', 'microseconds', 'epoch'];
  const paths = [...(raw.P ?? []), ...(raw.tracePath ?? [])];
  const is = (letter: boolean | undefined, long: boolean | undefined): boolean =>
    letter === true || long === true;
  return {
    trace: {
      ...said,
      followForks: raw.follow !== false,
      paths:
        paths.length === 0
          ? undefined
          : paths.map((path) => (path.startsWith('/') ? byteString(path) : guestPlace(absoluteHost(path)))),
      stringLimit: count('-s', raw.s ?? raw.stringLimit, 32),
      isVerbose: raw.v === true || raw.abbrev === false || said.isVerbose,
      decodeFds: Math.max(Math.min(counts.y, 2), decodedFds(raw.decodeFds), said.decodeFds) as 0 | 1 | 2,
      hexStrings: hexStrings(counts.x, raw.stringsInHex),
      showsStack: is(raw.k, raw.stackTraces),
      showsNumber: is(raw.n, raw.syscallNumber),
      showsPc: is(raw.i, raw.instructionPointer),
      stamp: stamps[Math.min(Math.max(counts.t, stampCount(raw.absoluteTimestamps)), 3)] as Stamp,
      isRelative: raw.r === true || raw.relativeTimestamps !== undefined,
      relativeDigits: digitsOf(raw.relativeTimestamps),
      showsDuration: raw.T === true || raw.syscallTimes !== undefined,
      durationDigits: digitsOf(raw.syscallTimes),
      alwaysShowsPid: outputFile !== undefined,
      isSeparate,
      column: count('-a', raw.a ?? raw.columns, 40),
      statuses: statusesOf(raw, said.statuses),
      explainsFailures: raw.why === true,
      quiet: new Set([...said.quiet, ...quietOf(counts.q, raw.quiet)]),
    },
    outputFile,
    appends: is(raw.A, raw.outputAppendMode),
    isJson: raw.json === true,
    summary: is(raw.c, raw.summaryOnly) ? 'only' : is(raw.C, raw.summary) ? 'also' : 'none',
    sortBy: sortKey(raw.S ?? raw.summarySortBy),
    columns: columnNames(raw.U ?? raw.summaryColumns),
  };
}

/** What strace can do and has no meaning here, or is not done: a trace that looks otherwise would mislead. */
function refuse(raw: RawTraceOptions): void {
  if (raw.u !== undefined)
    throw new UsageError(`-u ${raw.u}: the guest has users of its own: --uid and --gid`);
  if (raw.b !== undefined)
    throw new UsageError(`-b ${raw.b}: the trace goes on in programs that are executed`);
  const style = raw.X ?? raw.constPrintStyle;
  if (style !== undefined && style !== 'abbrev')
    throw new UsageError(`-X ${style}: constants are shown by name; -e raw=LIST shows arguments as numbers`);
  const pids = raw.Y === true ? 'comm' : raw.decodePids;
  if (pids !== undefined && pids !== 'none')
    throw new UsageError(
      `--decode-pids=${pids}: pids are shown as numbers; rivulet debug's info processes names them`,
    );
  const file = raw.o ?? raw.output;
  if (file !== undefined && /^[|!]/.test(file))
    throw new UsageError(
      `-o ${file}: no command is run; lines without -o go to stderr: 2> >(${file.slice(1)})`,
    );
}

type Said = Pick<
  TraceOptions,
  | 'isTraced'
  | 'isSignalShown'
  | 'isRaw'
  | 'isVerbose'
  | 'dumpsReads'
  | 'dumpsWrites'
  | 'statuses'
  | 'quiet'
  | 'injections'
  | 'decodeFds'
>;

/** What -e says, and the long forms of it. */
function readExpressions(raw: RawTraceOptions): Said {
  const said = {
    isTraced: DEFAULT_TRACE_OPTIONS.isTraced,
    isSignalShown: DEFAULT_TRACE_OPTIONS.isSignalShown,
    isRaw: DEFAULT_TRACE_OPTIONS.isRaw,
    dumpsReads: DEFAULT_TRACE_OPTIONS.dumpsReads,
    dumpsWrites: DEFAULT_TRACE_OPTIONS.dumpsWrites,
    statuses: DEFAULT_TRACE_OPTIONS.statuses,
    quiet: DEFAULT_TRACE_OPTIONS.quiet,
    isVerbose: false,
    decodeFds: 0 as 0 | 1 | 2,
  };
  const injections: Injection[] = [];
  const long = (['trace', 'signal', 'status', 'inject', 'fault', 'raw', 'read', 'write'] as const).flatMap(
    (name) => (raw[name] ?? []).map((list) => `${name}=${list}`),
  );
  for (const expression of [...(raw.e ?? []), ...long]) {
    const match = /^([\w-]+)=(.*)$/s.exec(expression);
    const qualifier = match?.[1] ?? 'trace';
    const value = match?.[2] ?? expression;
    switch (qualifier) {
      case 'trace':
      case 't':
        said.isTraced = callFilter(value);
        break;
      case 'signal':
      case 'signals':
      case 's':
        said.isSignalShown = signalFilter(value);
        break;
      case 'status':
        said.statuses = statusSet(value);
        break;
      case 'raw':
      case 'x':
        said.isRaw = callFilter(value);
        break;
      case 'read':
      case 'reads':
      case 'r':
        said.dumpsReads = fdFilter(value);
        break;
      case 'write':
      case 'writes':
      case 'w':
        said.dumpsWrites = fdFilter(value);
        break;
      case 'quiet':
      case 'silent':
      case 'silence':
      case 'q':
        said.quiet = quietSet(value);
        break;
      case 'abbrev':
      case 'a':
        said.isVerbose = value === 'none' || value === '!all';
        break;
      case 'verbose':
      case 'v':
        break; // structures are always looked at
      case 'inject':
        injections.push(parseInjection(value));
        break;
      case 'decode-fds':
      case 'decode-fd':
        said.decodeFds = decodedFds(value);
        break;
      case 'kvm':
        break; // there are no virtual machines in the guest
      case 'fault':
        injections.push(parseInjection(value.includes(':error=') ? value : `${value}:error=ENOSYS`));
        break;
      default:
        throw new UsageError(
          `-e ${expression}: trace=, signal=, status=, raw=, read=, write=, quiet=, abbrev=, decode-fds=, inject= and fault= are known`,
        );
    }
  }
  return { ...said, injections };
}

const STATUSES: Readonly<Record<string, Status | undefined>> = {
  successful: 'successful',
  failed: 'failed',
  unfinished: 'unfinished',
  unavailable: 'unfinished',
  detached: undefined,
};

/** With ! before it for the opposite. */
function statusSet(list: string): ReadonlySet<Status> | undefined {
  if (list === 'all' || list === '!none') return undefined;
  if (list === 'none' || list === '!all') return new Set();
  const isInverse = list.startsWith('!');
  const named = list
    .slice(isInverse ? 1 : 0)
    .split(',')
    .map((word) => (Object.hasOwn(STATUSES, word) ? STATUSES[word] : unknown(`invalid status '${word}'`)));
  const all: Status[] = ['successful', 'failed', 'unfinished'];
  return new Set(all.filter((status) => named.includes(status) !== isInverse));
}

function statusesOf(
  raw: RawTraceOptions,
  said: ReadonlySet<Status> | undefined,
): ReadonlySet<Status> | undefined {
  if (raw.Z === true || raw.failedOnly === true) return new Set(['failed']);
  if (raw.z === true || raw.successfulOnly === true) return new Set(['successful']);
  return said;
}

const QUIET: Readonly<Record<string, readonly ('attach' | 'exit')[]>> = {
  attach: ['attach'],
  attaching: ['attach'],
  exit: ['exit'],
  exits: ['exit'],
  'path-resolution': [],
  'path-resolve': [],
  personality: [],
  'thread-execve': [],
  'thread-exec': [],
  superseded: [],
  all: ['attach', 'exit'],
  none: [],
};

function quietSet(list: string): ReadonlySet<'attach' | 'exit'> {
  return new Set(list.split(',').flatMap((word) => QUIET[word] ?? unknown(`invalid quiet '${word}'`)));
}

function quietOf(letters: number, long: string | boolean | undefined): ReadonlySet<'attach' | 'exit'> {
  if (typeof long === 'string') return quietSet(long);
  if (letters > 1) return quietSet('all');
  return quietSet(letters === 1 || long === true ? 'attach' : 'none');
}

function fdFilter(list: string): (fd: number) => boolean {
  if (list.startsWith('!')) {
    const inverse = fdFilter(list.slice(1));
    return (fd) => !inverse(fd);
  }
  if (list === 'all') return () => true;
  if (list === 'none') return () => false;
  const chosen = new Set(
    list
      .split(',')
      .map((word) => (/^\d{1,7}$/.test(word) ? Number(word) : unknown(`invalid descriptor '${word}'`))),
  );
  return (fd) => chosen.has(fd);
}

function decodedFds(list: string | boolean | undefined): 0 | 1 | 2 {
  if (list === undefined || list === false || list === 'none') return 0;
  return list === true || list === 'path' ? 1 : 2;
}

function hexStrings(letters: number, long: string | boolean | undefined): HexStrings {
  if (letters > 1 || long === true || long === 'all') return 'all';
  return letters === 1 || long === 'non-ascii' ? 'non-ascii' : 'never';
}

/** As many -t as mean the same. */
function stampCount(format: string | boolean | undefined): number {
  if (format === undefined || format === false || format === 'none') return 0;
  if (format === true) return 1;
  if (/unix/.test(format)) return 3;
  return /us|ns|ms/.test(format) ? 2 : 1;
}

/** Digits behind the point: of s, ms, us, ns. */
function digitsOf(precision: string | boolean | undefined): 0 | 3 | 6 | 9 {
  if (typeof precision !== 'string') return 6;
  const digits = { s: 0, ms: 3, us: 6, ns: 9 } as const;
  return Object.hasOwn(digits, precision)
    ? digits[precision as keyof typeof digits]
    : unknown(`invalid precision '${precision}': one of s, ms, us, ns`);
}

const SORT_KEYS: Readonly<Record<string, SortBy>> = {
  time: 'time',
  'time-total': 'time',
  'total-time': 'time',
  time_total: 'time',
  total_time: 'time',
  calls: 'calls',
  count: 'calls',
  errors: 'errors',
  error: 'errors',
  name: 'name',
  syscall: 'name',
  'syscall-name': 'name',
  syscall_name: 'name',
  'avg-time': 'average',
  'time-avg': 'average',
  'min-time': 'shortest',
  'time-min': 'shortest',
  shortest: 'shortest',
  'max-time': 'longest',
  'time-max': 'longest',
  longest: 'longest',
  none: 'none',
  nothing: 'none',
};

function sortKey(key: string | undefined): SortBy {
  if (key === undefined) return 'time';
  return SORT_KEYS[key] ?? unknown(`-S ${key}: invalid sortby: '${key}'`);
}

function columnNames(list: string | undefined): readonly ColumnName[] | undefined {
  return list?.split(',').map((word): ColumnName => {
    const name = word.replaceAll('_', '-');
    if (name === 'time-percent' || name === 'time') return 'time';
    if (name === 'seconds') return 'seconds';
    const key = SORT_KEYS[name];
    if (key === undefined || key === 'none') return unknown(`-U ${list}: unknown column name: '${word}'`);
    return key === 'time' ? 'seconds' : key;
  });
}

function count(option: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`${option} ${text}: must be a whole number`);
  return Number(text);
}

/** A LIST: names, %classes, /regex, all, none, with ! before it for the opposite; ?name may be unknown. */
export function callFilter(list: string): (name: string) => boolean {
  if (list.startsWith('!')) {
    const inverse = callFilter(list.slice(1));
    return (name) => !inverse(name);
  }
  if (list === 'all') return () => true;
  if (list === 'none') return () => false;
  const chosen = new Set<string>();
  const patterns: RegExp[] = [];
  const names = knownNames();
  for (const word of list.split(',')) {
    const name = word.replace(/^\?/, '');
    if (name.startsWith('/')) patterns.push(pattern(name.slice(1)));
    else if (name.startsWith('%')) {
      const members = classMembers(name.slice(1));
      if (members === undefined) throw new UsageError(`-e trace=${list}: there is no class ${name}`);
      for (const member of members) chosen.add(member);
    } else if (names.has(name) || word.startsWith('?')) chosen.add(name);
    else {
      const members = classMembers(name);
      if (members === undefined)
        throw new UsageError(`-e trace=${list}: riscv64 Linux has no system call ${name} here`);
      for (const member of members) chosen.add(member);
    }
  }
  return (name) => chosen.has(name) || patterns.some((regex) => regex.test(name));
}

function pattern(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new UsageError(`-e trace=/${source}: not a regular expression`);
  }
}

function signalFilter(list: string): (signo: number) => boolean {
  if (list.startsWith('!')) {
    const inverse = signalFilter(list.slice(1));
    return (signo) => !inverse(signo);
  }
  if (list === 'all') return () => true;
  if (list === 'none') return () => false;
  const chosen = new Set(list.split(',').map((word) => demandSignal(word)));
  return (signo) => chosen.has(signo);
}

function demandSignal(word: string): number {
  return signalNumber(word) ?? unknown(`there is no signal ${word}`);
}

function unknown(message: string): never {
  throw new UsageError(message);
}

function parseInjection(text: string): Injection {
  const [list = '', ...settings] = text.split(':');
  let result: number | undefined;
  let signal: number | undefined;
  let delayEnterNs = 0;
  let delayExitNs = 0;
  let tid: number | undefined;
  let when = { first: 1, last: Number.POSITIVE_INFINITY, step: 1 };
  for (const setting of settings) {
    const [key = '', value = ''] = setting.split('=');
    switch (key) {
      case 'error': {
        const errno = /^\d+$/.test(value) ? Number(value) : errnoNumber(value);
        if (errno === undefined || errno < 1 || errno > 4095)
          throw new UsageError(`inject=${text}: there is no error ${value}`);
        result = -errno;
        break;
      }
      case 'retval':
        result = Number(value);
        if (!(result >= 0)) throw new UsageError(`inject=${text}: retval must be a number, not ${value}`);
        break;
      case 'signal':
        signal = demandSignal(value);
        break;
      case 'delay_enter':
        delayEnterNs = parseDelay(value) ?? unknown(`inject=${text}: ${value} is no delay`);
        break;
      case 'delay_exit':
        delayExitNs = parseDelay(value) ?? unknown(`inject=${text}: ${value} is no delay`);
        break;
      case 'tid':
        tid = /^\d{1,9}$/.test(value) ? Number(value) : unknown(`inject=${text}: ${value} is no thread`);
        break;
      case 'when':
        when =
          parseWhen(value) ??
          unknown(`inject=${text}: ${value} is not FIRST, FIRST+, FIRST+STEP or FIRST..LAST`);
        break;
      default:
        throw new UsageError(
          `inject=${text}: error=, retval=, signal=, delay_enter=, delay_exit=, when= and tid= are known, not ${key}`,
        );
    }
  }
  if (/(?:^|:)error=/.test(text) && /:retval=/.test(text))
    throw new UsageError(`inject=${text}: either error= or retval=`);
  if (result === undefined && signal === undefined && delayEnterNs === 0 && delayExitNs === 0) {
    throw new UsageError(`inject=${text}: needs error=, retval=, signal=, delay_enter= or delay_exit=`);
  }
  return {
    matches: callFilter(list),
    result,
    signal,
    when,
    delayEnterNs,
    delayExitNs,
    ...(tid === undefined ? {} : { tid }),
  };
}
