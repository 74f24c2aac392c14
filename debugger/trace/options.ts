// What a trace shows and how: strace's options as data.
// cli/trace-options.ts makes it from the command line; Tracer and its helpers read it.
import type { Injection } from './injection.ts';

export type Stamp = 'none' | 'seconds' | 'microseconds' | 'epoch';

export interface TraceOptions {
  /** -f: all processes and threads; false = the first process's first thread only. */
  readonly followForks: boolean;
  /** -e trace=: is this call shown? */
  isTraced(syscallName: string): boolean;
  /** -e signal=: is this signal shown? */
  isSignalShown(signo: number): boolean;
  /** -P: only calls that touch one of these paths; undefined = all. */
  readonly paths: readonly string[] | undefined;
  /** -s. */
  readonly stringLimit: number;
  /** -v. */
  readonly isVerbose: boolean;
  /** -y = 1, -yy = 2. */
  readonly decodeFds: 0 | 1 | 2;
  /** -k. */
  readonly showsStack: boolean;
  /** -t, -tt, -ttt. */
  readonly stamp: Stamp;
  /** -r: time since the line before. */
  readonly isRelative: boolean;
  /** -T: time spent in the call. */
  readonly showsDuration: boolean;
  /** -o: lines go to a file, so each begins with its pid. */
  readonly alwaysShowsPid: boolean;
  /** -a: the column of the results. */
  readonly column: number;
  /** -Z and -z: only calls that failed, or that succeeded. */
  readonly only: 'all' | 'failed' | 'successful';
  /** --why: the rule that made a call fail, on a line of its own. */
  readonly explainsFailures: boolean;
  /** -q: no lines about processes attached. */
  readonly isQuiet: boolean;
  /** -e inject= and -e fault=. */
  readonly injections: readonly Injection[];
}

export const DEFAULT_TRACE_OPTIONS: TraceOptions = {
  followForks: true,
  isTraced: () => true,
  isSignalShown: () => true,
  paths: undefined,
  stringLimit: 32,
  isVerbose: false,
  decodeFds: 0,
  showsStack: false,
  stamp: 'none',
  isRelative: false,
  showsDuration: false,
  alwaysShowsPid: false,
  column: 40,
  only: 'all',
  explainsFailures: false,
  isQuiet: false,
  injections: [],
};
