// strace's options as commander parsed them (trace-flags.ts), read into TraceOptions.
// trace.ts uses it. Option letters and expressions are strace's, so habits and scripts carry over.
import { classMembers, knownNames } from '../debugger/trace/classes.ts';
import { type Injection, parseDelay, parseWhen } from '../debugger/trace/injection.ts';
import { DEFAULT_TRACE_OPTIONS, type Stamp, type TraceOptions } from '../debugger/trace/options.ts';
import { signalNumber } from '../kernel/abi/kinds/signal-text.ts';
import { errnoNumber } from '../kernel/errno.ts';
import { UsageError } from './failure.ts';
import { absoluteHost, byteString, guestPlace } from './host-paths.ts';
import type { RawTraceOptions, RepeatedLetters } from './trace-flags.ts';

export interface TraceSettings {
  readonly trace: TraceOptions;
  readonly outputFile: string | undefined;
  readonly isJson: boolean;
  /** -c alone, -C beside the lines. */
  readonly summary: 'none' | 'only' | 'also';
}

/** Reads what commander parsed. Throws UsageError. */
export function readTraceOptions(raw: RawTraceOptions, counts: RepeatedLetters): TraceSettings {
  let isTraced = DEFAULT_TRACE_OPTIONS.isTraced;
  let isSignalShown = DEFAULT_TRACE_OPTIONS.isSignalShown;
  const injections: Injection[] = [];
  for (const expression of raw.e ?? []) {
    const match = /^(\w+)=(.*)$/s.exec(expression);
    const qualifier = match?.[1] ?? 'trace';
    const value = match?.[2] ?? expression;
    switch (qualifier) {
      case 'trace':
      case 't':
        isTraced = callFilter(value);
        break;
      case 'signal':
      case 'signals':
      case 's':
        isSignalShown = signalFilter(value);
        break;
      case 'inject':
        injections.push(parseInjection(value));
        break;
      case 'fault':
        injections.push(parseInjection(value.includes(':error=') ? value : `${value}:error=ENOSYS`));
        break;
      default:
        throw new UsageError(`-e ${expression}: only trace=, signal=, inject= and fault= are known`);
    }
  }
  const stamps: Stamp[] = ['none', 'seconds', 'microseconds', 'epoch'];
  return {
    trace: {
      followForks: raw.follow !== false,
      isTraced,
      isSignalShown,
      paths: raw.P?.map((path) => (path.startsWith('/') ? byteString(path) : guestPlace(absoluteHost(path)))),
      stringLimit: count('-s', raw.s, 32),
      isVerbose: raw.v === true,
      decodeFds: Math.min(counts.y, 2) as 0 | 1 | 2,
      showsStack: raw.k === true,
      stamp: stamps[Math.min(counts.t, 3)] as Stamp,
      isRelative: raw.r === true,
      showsDuration: raw.T === true,
      alwaysShowsPid: raw.o !== undefined,
      column: count('-a', raw.a, 40),
      only: raw.Z === true ? 'failed' : raw.z === true ? 'successful' : 'all',
      explainsFailures: raw.why === true,
      isQuiet: raw.q === true,
      injections,
    },
    outputFile: raw.o,
    isJson: raw.json === true,
    summary: raw.c === true ? 'only' : raw.C === true ? 'also' : 'none',
  };
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
