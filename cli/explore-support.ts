// What all kinds of exploring share: the runs' limits and what is looked at, numbers among options, the progress line.
// explore.ts and explore-faults.ts use it.
import { standstillLines } from '../debugger/explore/standstill.ts';
import { type End, type MakeTarget, type TrialOptions, threadsOf } from '../debugger/explore/trial.ts';
import { type Leak, LeakLedger, leakText } from '../debugger/leaks/leak-ledger.ts';
import { Symbols } from '../debugger/symbols.ts';
import { UsageError } from './failure.ts';
import { IS_WINDOWS } from './host-paths.ts';
import { writeAll } from './node-host.ts';
import { type RawOptions, runOptionWords } from './run-options.ts';

/** What commander hands over. */
export interface RawExploreOptions extends RawOptions {
  seeds?: string;
  firstSeed?: string;
  output?: string;
  limit?: string;
  shorten?: string;
  untilDifferent?: boolean;
  timers?: boolean;
  fault?: string;
  maxRuns?: string;
  record?: string;
  json?: boolean;
}

const OUTPUT_LIMIT = 1024 * 1024;
const PROGRESS_MS = 100;

/** Runs that end within --limit; who sleeps is noted of those that stand still, and with `leaks` what was left of others. */
export function trialOptions(raw: RawExploreOptions, symbols: Symbols, leaks: boolean): TrialOptions {
  let ledger: LeakLedger | undefined;
  return {
    limits: {
      timeNs: wholeNumber('--limit', raw.limit, 60) * 1e9,
      busyNs: wholeNumber('--limit', raw.limit, 10) * 1e9,
      outputBytes: OUTPUT_LIMIT,
    },
    ...(leaks
      ? {
          observers: ({ kernel }) => {
            ledger = new LeakLedger(kernel, symbols);
            return [ledger];
          },
        }
      : {}),
    inspect: (kernel, kind) =>
      isStandstill(kind) ? standstillLines(kernel, symbols) : leakNotes(ledger?.leaks() ?? []),
  };
}

export function isStandstill(kind: End['kind']): boolean {
  return kind === 'deadlock' || kind === 'left behind';
}

/** The program's symbols, read once for all runs. */
export function symbolsOf(make: MakeTarget): Symbols {
  const symbols = new Symbols();
  const { kernel } = make(() => undefined);
  for (const thread of threadsOf(kernel)) symbols.load(thread);
  return symbols;
}

/** Each leak once, with how often. */
function leakNotes(leaks: readonly Leak[]): string[] {
  const counts = new Map<string, number>();
  for (const leak of leaks) {
    const text = leakText(leak, true);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort().map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
}

/** A command line of ours with the options of `run` that this one was given. */
export function commandLine(raw: RawOptions, words: readonly string[]): string {
  return [...runOptionWords(raw), ...words].map((word) => quoted(word)).join(' ');
}

/** A word of a command line for the shell. */
export function quoted(word: string, isWindows = IS_WINDOWS): string {
  if (isWindows) return /^[\w@+=:,.\\/-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`;
  return /^[\w@%+=:,./*-]+$/.test(word) && !word.includes('*') ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function wholeNumber(option: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} ${text}: must be a whole number`);
  return Number(text);
}

/** One line on a terminal that is written over; nothing elsewhere. */
export class ProgressLine {
  readonly #isShown = process.stderr.isTTY === true;
  #lastMs = performance.now();

  isDue(): boolean {
    return performance.now() - this.#lastMs >= PROGRESS_MS;
  }

  show(text: string): void {
    this.#lastMs = performance.now();
    if (this.#isShown) writeAll(2, Buffer.from(`\r\x1b[K${text}`));
  }

  clear(): void {
    if (this.#isShown) writeAll(2, Buffer.from('\r\x1b[K'));
  }
}
