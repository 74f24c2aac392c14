// Makes each system call of a program fail in turn, and says how the program takes it.
// cli/explore.ts drives it with --fault, one run at a time; the faults are those that `trace -e inject=` makes.
// The run without faults is the measure: a program should report an error, or go on as before.
import { errnoNumber } from '../../kernel/errno.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { callStack } from '../stack.ts';
import type { Symbols } from '../symbols.ts';
import { type Injection, Injector, injectInto } from '../trace/injection.ts';
import { plausibleErrors } from './fault-table.ts';
import { FixedTurns } from './schedule.ts';
import {
  type End,
  limitsAfter,
  type MakeTarget,
  runTrial,
  type TrialLimits,
  type TrialOptions,
} from './trial.ts';

/** One call that is to fail with one error. */
export interface Fault extends InjectedFault {
  /** Where the program makes it: `load+0x1c`. */
  readonly place: string;
}

/** What there is to do to have it again. */
export interface InjectedFault {
  readonly tid: number;
  readonly name: string;
  /** The how manieth call of this name the thread makes, from 1. */
  readonly occurrence: number;
  readonly error: string;
}

/** How a program takes a fault. */
export type Verdict =
  /** Killed by a signal like SIGSEGV or SIGABRT. */
  | 'crash'
  /** Sleeps for ever, leaves processes behind, or does not end in time. */
  | 'hang'
  /** Goes on with status 0, but leaves something open that it does not otherwise. */
  | 'leak'
  /** Status 0, but other output. */
  | 'other output'
  /** Ends with another status. */
  | 'noticed'
  /** The same end. */
  | 'no effect';

export interface FaultResult {
  readonly fault: Fault;
  readonly verdict: Verdict;
  readonly end: End;
  /** What is new in the notes of the end. */
  readonly notes: readonly string[];
}

/** Calls that do not return, or whose failure means nothing. */
const NEVER_FAIL = new Set(['exit', 'exit_group', 'rt_sigreturn']);

/** Signals that mean a program did what it must not: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS. */
const CRASHES = new Set([4, 5, 6, 7, 8, 11, 31]);

export class FaultFinder {
  readonly #make: MakeTarget;
  #trial: TrialOptions;
  readonly usual: End;
  /** All faults there are to try; each place's first calls come first. */
  readonly faults: readonly Fault[];

  /** Makes the run without faults. `isWanted` chooses calls by name. */
  constructor(
    make: MakeTarget,
    trial: TrialOptions,
    symbols: Symbols,
    isWanted: (syscallName: string) => boolean,
  ) {
    this.#make = make;
    this.#trial = trial;
    const census = new CallCensus(symbols, isWanted);
    this.usual = this.#run(census);
    this.#trial = { ...trial, limits: limitsAfter(trial.limits, this.usual) };
    this.faults = inOrder(census.calls).flatMap((call) =>
      plausibleErrors(call.name).map((error) => ({ ...call, error })),
    );
  }

  /** For one run with a fault. */
  get limits(): TrialLimits {
    return this.#trial.limits;
  }

  /** One run with one fault. */
  run(fault: Fault): FaultResult {
    const end = this.#run(faultObserver(fault));
    const notes = end.notes.filter((note) => !this.usual.notes.includes(note));
    return { fault, verdict: verdictOn(end, this.usual, notes), end, notes };
  }

  #run(observer: KernelObserver): End {
    const { observers } = this.#trial;
    return runTrial(this.#make, {
      ...this.#trial,
      plan: () => new FixedTurns([]),
      observers: (machine) => [observer, ...(observers?.(machine) ?? [])],
    });
  }
}

/** Counts the calls of a run by thread and name. */
class CallCensus implements KernelObserver {
  readonly calls: Omit<Fault, 'error'>[] = [];
  readonly #symbols: Symbols;
  readonly #isWanted: (syscallName: string) => boolean;
  readonly #counts = new Map<Thread, Map<string, number>>();

  constructor(symbols: Symbols, isWanted: (syscallName: string) => boolean) {
    this.#symbols = symbols;
    this.#isWanted = isWanted;
  }

  syscallEnter(thread: Thread, call: Call): undefined {
    const { name } = call.syscall;
    if (!this.#isWanted(name) || NEVER_FAIL.has(name)) return;
    const counts = this.#counts.get(thread) ?? new Map<string, number>();
    this.#counts.set(thread, counts);
    const occurrence = (counts.get(name) ?? 0) + 1;
    counts.set(name, occurrence);
    const [here = 0, caller = here] = callStack(thread, this.#symbols);
    const place = this.#symbols.place(thread, caller);
    const where =
      place === undefined
        ? `0x${caller.toString(16)}`
        : `${place.symbol ?? place.file}+0x${place.offset.toString(16)}`;
    this.calls.push({ tid: thread.tid, name, occurrence, place: where });
  }
}

/** Each place once, then each a second time, and so on: a loop does not hide what comes after it. */
function inOrder<C extends Omit<Fault, 'error'>>(calls: readonly C[]): C[] {
  const rounds = new Map<string, number>();
  const ranked = calls.map((call) => {
    const key = `${call.name} ${call.place}`;
    const round = rounds.get(key) ?? 0;
    rounds.set(key, round + 1);
    return { call, round };
  });
  return ranked.sort((a, b) => a.round - b.round).map(({ call }) => call);
}

/** Makes the call fail in one machine, which must not have run. */
export function faultObserver(fault: InjectedFault): KernelObserver {
  const injector = new Injector([injectionOf(fault)]);
  return {
    syscallEnter: (thread, call) => injectInto(thread, call, injector.strike(thread, call.syscall.name)),
  };
}

function injectionOf({ tid, name, occurrence, error }: InjectedFault): Injection {
  return {
    matches: (other) => other === name,
    result: -(errnoNumber(error) ?? 0),
    signal: undefined,
    when: { first: occurrence, last: occurrence, step: 1 },
    tid,
  };
}

/** As `trace` takes it. */
export function injectionText({ tid, name, occurrence, error }: InjectedFault): string {
  return `inject=${name}:error=${error}:when=${occurrence}:tid=${tid}`;
}

function verdictOn(end: End, usual: End, notes: readonly string[]): Verdict {
  if (end.kind !== 'finished') return end.kind === usual.kind ? 'no effect' : 'hang';
  const statuses = end.exits.map(({ waitStatus }) => waitStatus);
  const usualStatuses = usual.exits.map(({ waitStatus }) => waitStatus);
  const crashes = (all: readonly number[]): number =>
    all.filter((status) => CRASHES.has(status & 0x7f)).length;
  if (crashes(statuses) > crashes(usualStatuses)) return 'crash';
  if (statuses.join() !== usualStatuses.join()) return 'noticed';
  if (notes.length > 0) return 'leak';
  return end.output === usual.output ? 'no effect' : 'other output';
}
