// What a trace shows and how: strace's options as data.
// cli/trace-options.ts makes it from the command line; Tracer and its helpers read it.
import type { HexStrings } from './hex-strings.ts';
import type { Injection } from './injection.ts';

/** Time of day, or seconds since 1970. */
export type Stamp = 'none' | 'time' | 'unix';

/** Behind the point of a number of seconds. */
export type Digits = 0 | 3 | 6 | 9;

/** How a call ended, as strace tells it apart; `unfinished` never did. */
export type Status = 'successful' | 'failed' | 'unfinished';

export interface TraceOptions {
  /** -f: all processes and threads; false = the first process's first thread only. */
  readonly followForks: boolean;
  /** -e trace=: is this call shown? */
  isTraced(syscallName: string): boolean;
  /** -e signal=: is this signal shown? */
  isSignalShown(signo: number): boolean;
  /** -P: only calls that touch one of these paths; undefined = all. */
  readonly paths: readonly string[] | undefined;
  /** -e trace-fds=: calls about these descriptors, beside those that `paths` names; undefined = all. */
  readonly tracesFd: ((fd: number) => boolean) | undefined;
  /** -s. */
  readonly stringLimit: number;
  /** -v and -e abbrev=: are structures of this call shown whole? */
  isVerbose(syscallName: string): boolean;
  /** -e verbose=: are structures of this call shown by their addresses only? */
  isAddressOnly(syscallName: string): boolean;
  /** -y = 1, -yy = 2. */
  readonly decodeFds: 0 | 1 | 2;
  /** -Y: names of commands behind pids. */
  readonly namesPids: boolean;
  /** -k, and how many frames at most. */
  readonly showsStack: boolean;
  readonly stackLimit: number;
  /** -t, -tt, -ttt. */
  readonly stamp: Stamp;
  readonly stampDigits: Digits;
  /** -r: time since the line before. */
  readonly isRelative: boolean;
  readonly relativeDigits: Digits;
  /** -T: time spent in the call. */
  readonly showsDuration: boolean;
  readonly durationDigits: Digits;
  /** -o: lines go to a file, so each begins with its pid. */
  readonly isToFile: boolean;
  /** The pid stands before lines even while there is one thread. */
  readonly alwaysShowsPid: boolean;
  /** -b: threads that make this call are not traced any more. */
  detachesOn(syscallName: string): boolean;
  /** After so many calls nothing is traced any more. */
  readonly callLimit: number;
  /** -a: the column of the results. */
  readonly column: number;
  /** -e status=, -Z and -z: only calls that ended like that; undefined = all, shown as they come. */
  readonly statuses: ReadonlySet<Status> | undefined;
  /** --why: the rule that made a call fail, on a line of its own. */
  readonly explainsFailures: boolean;
  /** -e raw=: arguments of these calls as numbers. */
  isRaw(syscallName: string): boolean;
  /** -x and -xx. */
  readonly hexStrings: HexStrings;
  /** -n: numbers of calls. */
  readonly showsNumber: boolean;
  /** -i: where the program is. */
  readonly showsPc: boolean;
  /** -e read= and -e write=: are the bytes moved through this descriptor to be shown? */
  dumpsReads(fd: number): boolean;
  dumpsWrites(fd: number): boolean;
  /** -ff: each thread has a file of its own. */
  readonly isSeparate: boolean;
  /** -q: no lines about processes attached; -qq: nor about their ends. */
  readonly quiet: ReadonlySet<'attach' | 'exit'>;
  /** -e inject= and -e fault=. */
  readonly injections: readonly Injection[];
}

export const DEFAULT_TRACE_OPTIONS: TraceOptions = {
  followForks: true,
  isTraced: () => true,
  isSignalShown: () => true,
  paths: undefined,
  tracesFd: undefined,
  stringLimit: 32,
  isVerbose: () => false,
  isAddressOnly: () => false,
  decodeFds: 0,
  namesPids: false,
  showsStack: false,
  stackLimit: Number.POSITIVE_INFINITY,
  stamp: 'none',
  stampDigits: 0,
  isRelative: false,
  relativeDigits: 6,
  showsDuration: false,
  durationDigits: 6,
  isToFile: false,
  alwaysShowsPid: false,
  detachesOn: () => false,
  callLimit: Number.POSITIVE_INFINITY,
  column: 40,
  statuses: undefined,
  explainsFailures: false,
  isRaw: () => false,
  hexStrings: 'never',
  showsNumber: false,
  showsPc: false,
  dumpsReads: () => false,
  dumpsWrites: () => false,
  isSeparate: false,
  quiet: new Set(),
  injections: [],
};
