// strace's options as commander parsed them (trace-flags.ts), read into TraceOptions.
// trace.ts uses it. Option letters and expressions are strace's, so habits and scripts carry over.
import type { HexStrings } from '../debugger/trace/hex-strings.ts';
import type { Injection } from '../debugger/trace/injection.ts';
import {
  DEFAULT_TRACE_OPTIONS,
  type Digits,
  type Stamp,
  type Status,
  type TraceOptions,
} from '../debugger/trace/options.ts';
import type { ColumnName, SortBy } from '../debugger/trace/summary.ts';
import { UsageError } from './failure.ts';
import { absoluteHost, byteString, guestPlace } from './host-paths.ts';
import type { RawTraceOptions, RepeatedLetters } from './trace-flags.ts';
import { parseInjection } from './trace-injections.ts';
import { callFilter, fdFilter, quietSet, signalFilter, statusSet, unknown } from './trace-sets.ts';

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
  refuse(raw);
  const said = readExpressions(raw);
  const outputFile = raw.o ?? raw.output;
  const isSeparate = (counts.f > 1 || raw.outputSeparately === true) && outputFile !== undefined;
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
      isVerbose: raw.v === true || raw.abbrev === false ? () => true : abbreviated(raw, said),
      namesPids: namesPids(raw),
      decodeFds: Math.max(Math.min(counts.y, 2), decodedFds(raw.decodeFds), said.decodeFds) as 0 | 1 | 2,
      hexStrings: hexStrings(counts.x, raw.stringsInHex),
      showsStack: raw.k === true || stackWanted(raw),
      stackLimit: count('--stack-trace-frame-limit', raw.stackTraceFrameLimit, Number.POSITIVE_INFINITY),
      showsNumber: is(raw.n, raw.syscallNumber),
      showsPc: is(raw.i, raw.instructionPointer),
      ...(raw.absoluteTimestamps === undefined ? letterStamp(counts.t) : longStamp(raw.absoluteTimestamps)),
      isRelative: raw.r === true || raw.relativeTimestamps !== undefined,
      relativeDigits: digitsOf(raw.relativeTimestamps),
      showsDuration: raw.T === true || raw.syscallTimes !== undefined,
      durationDigits: digitsOf(raw.syscallTimes),
      isToFile: outputFile !== undefined,
      alwaysShowsPid: raw.alwaysShowPid === true,
      detachesOn: detaches(raw.b ?? raw.detachOn),
      callLimit: count('--syscall-limit', raw.syscallLimit, Number.POSITIVE_INFINITY),
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
  const user = raw.u ?? raw.user;
  if (user !== undefined) unknown(`-u ${user}: the guest has users of its own: --uid and --gid`);
  const style = raw.X ?? raw.constPrintStyle;
  if (style !== undefined && style !== 'abbrev')
    unknown(`-X ${style}: constants are shown by name; -e raw=LIST shows arguments as numbers`);
  if (raw.decodePids === 'pidns')
    unknown('--decode-pids=pidns: pids are shown as the program has them; -Y shows names');
  if (raw.stackTraces === 'source' || raw.stackTrace === 'source')
    unknown('--stack-trace=source: stacks have symbols; rivulet debug shows source lines');
  if (raw.secontext !== undefined) unknown('--secontext: the guest has no SELinux');
  if (raw.pidnsTranslation === true) unknown('--pidns-translation: pids are shown as the program has them');
  if (raw.V === true) unknown('-V: rivulet --version');
  if (raw.tips !== undefined) unknown('--tips: rivulet trace --help has examples');
}

/** -Y, --decode-pids=comm. */
function namesPids(raw: RawTraceOptions): boolean {
  const list = raw.decodePids?.split(',') ?? [];
  for (const word of list) if (!/^(?:comm|none|all)$/.test(word)) unknown(`invalid decode-pids '${word}'`);
  return raw.Y === true || list.some((word) => word !== 'none');
}

function stackWanted({ stackTraces, stackTrace }: RawTraceOptions): boolean {
  return (stackTraces ?? stackTrace ?? false) !== false;
}

/** -b: strace knows one call here. */
function detaches(list: string | undefined): (name: string) => boolean {
  if (list === undefined) return () => false;
  if (list !== 'execve') unknown(`-b ${list}: only execve is known`);
  return (name) => name === 'execve' || name === 'execveat';
}

type Said = Pick<
  TraceOptions,
  | 'isTraced'
  | 'isSignalShown'
  | 'isRaw'
  | 'isVerbose'
  | 'isAddressOnly'
  | 'dumpsReads'
  | 'dumpsWrites'
  | 'statuses'
  | 'quiet'
  | 'injections'
  | 'decodeFds'
  | 'tracesFd'
>;

const LONG_EXPRESSIONS = [
  ...(['trace', 'signal', 'status', 'inject', 'fault', 'raw', 'read', 'write', 'verbose', 'kvm'] as const),
];

/** What -e says, and the long forms of it. */
function readExpressions(raw: RawTraceOptions): Said {
  const said = {
    isTraced: DEFAULT_TRACE_OPTIONS.isTraced,
    tracesFd: DEFAULT_TRACE_OPTIONS.tracesFd,
    isSignalShown: DEFAULT_TRACE_OPTIONS.isSignalShown,
    isRaw: DEFAULT_TRACE_OPTIONS.isRaw,
    dumpsReads: DEFAULT_TRACE_OPTIONS.dumpsReads,
    dumpsWrites: DEFAULT_TRACE_OPTIONS.dumpsWrites,
    statuses: DEFAULT_TRACE_OPTIONS.statuses,
    quiet: DEFAULT_TRACE_OPTIONS.quiet,
    isVerbose: DEFAULT_TRACE_OPTIONS.isVerbose,
    isAddressOnly: DEFAULT_TRACE_OPTIONS.isAddressOnly,
    decodeFds: 0 as 0 | 1 | 2,
  };
  const injections: Injection[] = [];
  const long = LONG_EXPRESSIONS.flatMap((name) => (raw[name] ?? []).map((list) => `${name}=${list}`));
  for (const list of raw.traceFds ?? []) long.push(`trace-fds=${list}`);
  for (const expression of [...(raw.e ?? []), ...long]) {
    const match = /^([\w-]+)=(.*)$/s.exec(expression);
    const qualifier = match?.[1] ?? 'trace';
    const value = match?.[2] ?? expression;
    switch (qualifier) {
      case 'trace':
      case 't':
        said.isTraced = callFilter(value);
        break;
      case 'trace-fds':
      case 'trace-fd':
      case 'fds':
      case 'fd':
        said.tracesFd = fdFilter(value);
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
        said.isRaw = callFilter(value, `-e ${expression}`);
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
        said.isVerbose = not(callFilter(value, `-e ${expression}`));
        break;
      case 'verbose':
      case 'v':
        said.isAddressOnly = not(callFilter(value, `-e ${expression}`));
        break;
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
          `-e ${expression}: trace=, signal=, status=, raw=, read=, write=, quiet=, abbrev=, verbose=, trace-fds=, decode-fds=, inject= and fault= are known`,
        );
    }
  }
  return { ...said, injections };
}

function statusesOf(
  raw: RawTraceOptions,
  said: ReadonlySet<Status> | undefined,
): ReadonlySet<Status> | undefined {
  if (raw.Z === true || raw.failedOnly === true) return new Set(['failed']);
  if (raw.z === true || raw.successfulOnly === true) return new Set(['successful']);
  return said;
}

function quietOf(letters: number, long: string | boolean | undefined): ReadonlySet<'attach' | 'exit'> {
  if (typeof long === 'string') return quietSet(long);
  if (letters > 1) return quietSet('all');
  return quietSet(letters === 1 || long === true ? 'attach' : 'none');
}

function abbreviated({ abbrev }: RawTraceOptions, said: Said): (name: string) => boolean {
  return typeof abbrev === 'string' ? not(callFilter(abbrev, `--abbrev=${abbrev}`)) : said.isVerbose;
}

function not(filter: (name: string) => boolean): (name: string) => boolean {
  return (name) => !filter(name);
}

/** Paths alone, or with what else is known of a descriptor. */
function decodedFds(list: string | boolean | undefined): 0 | 1 | 2 {
  if (list === undefined || list === false || list === 'none') return 0;
  if (list === true || list === 'path') return 1;
  for (const word of list.replace(/^!/, '').split(',')) {
    if (!/^(?:all|none|dev|path|pidfd|socket|eventfd|signalfd)$/.test(word))
      unknown(`invalid decode-fds '${word}'`);
  }
  return 2;
}

function hexStrings(letters: number, long: string | boolean | undefined): HexStrings {
  if (letters > 1 || long === true || long === 'all') return 'all';
  return letters === 1 || long === 'non-ascii' ? 'non-ascii' : 'never';
}

type StampSettings = Pick<TraceOptions, 'stamp' | 'stampDigits'>;

/** -t, -tt, -ttt. */
function letterStamp(count: number): StampSettings {
  const stamp: Stamp = count === 0 ? 'none' : count < 3 ? 'time' : 'unix';
  return { stamp, stampDigits: count < 2 ? 0 : 6 };
}

/** `[[format:]FORMAT[,[precision:]PRECISION]]`, in either order. */
function longStamp(text: string | boolean): StampSettings {
  let stamp: Stamp = 'time';
  let stampDigits: Digits = 0;
  for (const word of typeof text === 'string' ? text.split(',') : []) {
    const value = word.replace(/^(?:format|precision):/, '');
    if (value === 'none' || value === 'time' || value === 'unix') stamp = value;
    else if (/^(?:s|ms|us|ns)$/.test(value)) stampDigits = digitsOf(value);
    else unknown(`invalid --absolute-timestamps argument: '${text}'`);
  }
  return { stamp, stampDigits };
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
