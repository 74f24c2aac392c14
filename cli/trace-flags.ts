// strace's options as commander declares them. Apart from trace-options.ts, so that `run` does not load what reads them.
// main.ts adds them to `trace`.
import { type Command, Option } from 'commander';
import { UsageError } from './failure.ts';

/** What commander hands over; counts of repeated letters are kept aside. */
export interface RawTraceOptions {
  e?: string[];
  P?: string[];
  o?: string;
  s?: string;
  a?: string;
  v?: boolean;
  k?: boolean;
  c?: boolean;
  C?: boolean;
  T?: boolean;
  r?: boolean;
  z?: boolean;
  Z?: boolean;
  follow?: boolean;
  json?: boolean;
  why?: boolean;
  A?: boolean;
  i?: boolean;
  n?: boolean;
  E?: string[];
  S?: string;
  U?: string;
  /** Long forms of what `e` and others say. */
  trace?: string[];
  signal?: string[];
  status?: string[];
  inject?: string[];
  fault?: string[];
  raw?: string[];
  read?: string[];
  write?: string[];
  quiet?: string | boolean;
  output?: string;
  stringLimit?: string;
  columns?: string;
  tracePath?: string[];
  traceFds?: string[];
  pidnsTranslation?: boolean;
  V?: boolean;
  summarySortBy?: string;
  summaryColumns?: string;
  decodeFds?: string | boolean;
  stringsInHex?: string | boolean;
  absoluteTimestamps?: string | boolean;
  outputSeparately?: boolean;
  outputAppendMode?: boolean;
  summaryOnly?: boolean;
  summary?: boolean;
  syscallTimes?: string | boolean;
  relativeTimestamps?: string | boolean;
  u?: string;
  b?: string;
  X?: string;
  constPrintStyle?: string;
  Y?: boolean;
  decodePids?: string;
  /** As a flag, or how: `symbol`, `source`. */
  stackTraces?: string | boolean;
  stackTrace?: string | boolean;
  stackTraceFrameLimit?: string;
  syscallLimit?: string;
  alwaysShowPid?: boolean;
  user?: string;
  detachOn?: string;
  verbose?: string[];
  kvm?: string[];
  secontext?: string | boolean;
  tips?: string | boolean;
  successfulOnly?: boolean;
  failedOnly?: boolean;
  instructionPointer?: boolean;
  syscallNumber?: boolean;
  /** false: `--no-abbrev`. */
  abbrev?: string | boolean;
}

/** How often the letters that may be repeated were given. */
export interface RepeatedLetters {
  y: number;
  t: number;
  f: number;
  q: number;
  x: number;
}

export function noLetters(): RepeatedLetters {
  return { y: 0, t: 0, f: 0, q: 0, x: 0 };
}

/** At once: without a program, which strace -p has none of, its absence would be all that is told. */
function refuseAttach(pid: string): never {
  throw new UsageError(
    `-p ${pid}: there is nothing to attach to, the machine begins with the program: rivulet trace ./program`,
  );
}

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

/** Declares the options on `command`; `counts` is filled in while it is parsed. */
export function addTraceOptions(command: Command, counts: RepeatedLetters): Command {
  command
    .option(
      '-e <expr>',
      'trace=, signal=, status=, raw=, verbose=, quiet=LIST, trace-fds=FDS, read=FDS, write=FDS (dumps), inject=LIST:error=E:when=N, fault=LIST; a bare LIST is trace=',
      collect,
    )
    .option('-P <path>', 'only calls that touch this path; may be repeated', collect)
    .option('-o <file>', "write to a file instead of stderr, or with '|command' to a command of the shell")
    .option('-A', 'append to that file')
    .option('-s <size>', 'show this much of strings (32)')
    .option('-a <column>', 'column of the results (40)')
    .option('-v', 'do not shorten structures')
    .option('-y', 'show what descriptors are; -yy with more detail')
    .option('-Y', 'show the names of commands behind pids')
    .option('-k', 'show the guest stack after each call')
    .option('-c', 'count time, calls and errors, and print a table only')
    .option('-C', 'as -c, and print the lines too')
    .option('-T', 'show the time spent in each call')
    .option('-r', 'show the time since the line before')
    .option('-t', 'show the time of day; -tt with microseconds, -ttt as seconds since 1970')
    .option('-q', 'no lines about processes attached; -qq nor about their ends')
    .option('-x', 'strings that are no text in hexadecimal; -xx all strings')
    .option('-i', 'show where the program is')
    .option('-n', 'show the numbers of calls')
    .option('-S <key>', 'sort the table of -c: time, calls, errors, name, avg-time, min-time, max-time, none')
    .option('-U <columns>', 'columns of the table: time-percent,total-time,avg-time,calls,errors,name')
    .option('-E <var=value>', 'set a variable of the program, or take VAR away; may be repeated', collect)
    .option('-z', 'only calls that succeed')
    .option('-Z', 'only calls that fail')
    .option('-f', 'follow forks (always on); -ff with -o: a file for each thread, FILE.PID')
    .option('--no-follow', 'trace the first process only')
    .option('--json', 'one object a line')
    .option('--why', 'say which rule made a call fail')
    .on('option:y', () => {
      counts.y++;
    })
    .on('option:t', () => {
      counts.t++;
    })
    .on('option:f', () => {
      counts.f++;
    })
    .on('option:p', refuseAttach)
    .on('option:attach', refuseAttach)
    .on('option:q', () => {
      counts.q++;
    })
    .on('option:x', () => {
      counts.x++;
    });
  for (const flags of LONG) command.addOption(new Option(flags).hideHelp());
  for (const flags of REPEATED) command.addOption(new Option(flags).hideHelp().argParser(collect));
  return command;
}

/** strace's long forms of single letters, and what has no meaning here but stands in scripts. */
const LONG: readonly string[] = [
  '--output <file>',
  '--string-limit <size>',
  '--columns <column>',
  '--quiet [list]',
  '--summary-sort-by <key>',
  '--summary-columns <columns>',
  '--decode-fds [list]',
  '--strings-in-hex [which]',
  '--absolute-timestamps [format]',
  '--output-separately',
  '--output-append-mode',
  '--summary-only',
  '--summary',
  '--syscall-times [precision]',
  '--relative-timestamps [precision]',
  '-u <user>',
  '--user <user>',
  '-b <call>',
  '--detach-on <call>',
  '-X <format>',
  '--const-print-style <format>',
  '--decode-pids <list>',
  '--stack-traces [how]',
  '--stack-trace [how]',
  '--stack-trace-frame-limit <count>',
  '--syscall-limit <count>',
  '--always-show-pid',
  '--successful-only',
  '--failed-only',
  '--instruction-pointer',
  '--syscall-number',
  '--no-abbrev',
  '--follow-forks',
  '--seccomp-bpf',
  '-D, --daemonize',
  '-I, --interruptible <when>',
  '-w, --summary-wall-clock',
  '-O, --summary-syscall-overhead <overhead>',
  '-p <pid>',
  '--attach <pid>',
  '--kill-on-exit',
  '-d, --debug',
  '--secontext [how]',
  '--tips [how]',
  '--pidns-translation',
  '-V',
  '--abbrev <list>',
];
const REPEATED: readonly string[] = [
  '--trace <list>',
  '--trace-path <path>',
  '--trace-fds <list>',
  '--signal <list>',
  '--status <list>',
  '--inject <list>',
  '--fault <list>',
  '--raw <list>',
  '--read <list>',
  '--write <list>',
  '--verbose <list>',
  '--kvm <what>',
];
