// strace's options as commander declares them. Apart from trace-options.ts, so that `run` does not load what reads them.
// main.ts adds them to `trace`.
import type { Command } from 'commander';

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
  q?: boolean;
  z?: boolean;
  Z?: boolean;
  follow?: boolean;
  json?: boolean;
  why?: boolean;
}

/** How often the letters that may be repeated were given. */
export interface RepeatedLetters {
  y: number;
  t: number;
}

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

/** Declares the options on `command`; `counts` is filled in while it is parsed. */
export function addTraceOptions(command: Command, counts: RepeatedLetters): Command {
  return command
    .option(
      '-e <expr>',
      'trace=LIST, signal=LIST, inject=LIST:error=E:when=N, fault=LIST; a bare LIST is trace=',
      collect,
    )
    .option('-P <path>', 'only calls that touch this path; may be repeated', collect)
    .option('-o <file>', 'write to a file instead of stderr')
    .option('-s <size>', 'show this much of strings (32)')
    .option('-a <column>', 'column of the results (40)')
    .option('-v', 'do not shorten structures')
    .option('-y', 'show what descriptors are; -yy with more detail')
    .option('-k', 'show the guest stack after each call')
    .option('-c', 'count time, calls and errors, and print a table only')
    .option('-C', 'as -c, and print the lines too')
    .option('-T', 'show the time spent in each call')
    .option('-r', 'show the time since the line before')
    .option('-t', 'show the time of day; -tt with microseconds, -ttt as seconds since 1970')
    .option('-q', 'no lines about processes attached')
    .option('-z', 'only calls that succeed')
    .option('-Z', 'only calls that fail')
    .option('-f', 'follow forks (always on)')
    .option('--no-follow', 'trace the first process only')
    .option('--json', 'one object a line')
    .option('--why', 'say which rule made a call fail')
    .on('option:y', () => {
      counts.y++;
    })
    .on('option:t', () => {
      counts.t++;
    });
}
