// `rivulet explore`: the same program under many schedules, and what became of it.
// main.ts imports it when asked. Results go to stdout, progress to a terminal's stderr.
import { type EndGroup, Explorer, isGood, type OutputComparison } from '../debugger/explore/explore.ts';
import { WakeWatch } from '../debugger/explore/lost-wakeups.ts';
import { scheduleText } from '../debugger/explore/schedule.ts';
import { standstillLines } from '../debugger/explore/standstill.ts';
import { type End, type MakeTarget, type TrialOptions, threadsOf } from '../debugger/explore/trial.ts';
import { waitGraph } from '../debugger/inspect/wait-graph.ts';
import { type Leak, LeakLedger, leakText } from '../debugger/leaks/leak-ledger.ts';
import { Symbols } from '../debugger/symbols.ts';
import { exploreJson, exploreText } from './explore-report.ts';
import { UsageError } from './failure.ts';
import { repeatableTarget } from './guest.ts';
import { writeAll } from './node-host.ts';
import { type RawOptions, type RunSettings, runOptionWords } from './run-options.ts';

/** What commander hands over. */
export interface RawExploreOptions extends RawOptions {
  seeds?: string;
  firstSeed?: string;
  output?: string;
  limit?: string;
  shorten?: string;
  untilDifferent?: boolean;
  json?: boolean;
}

const DEFAULT_SEEDS = 1000;
const DEFAULT_SHORTEN = 500;
/** Groups whose schedules are shortened and shown; a program that prints times has as many as there are runs. */
const MOST_GROUPS = 12;
const OUTPUT_LIMIT = 1024 * 1024;
const PROGRESS_MS = 100;

/** Explores and returns the status: 0 when all ends are the same and good, else 1. */
export async function exploreCommand(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  raw: RawExploreOptions,
): Promise<number> {
  const seeds = wholeNumber('--seeds', raw.seeds, DEFAULT_SEEDS);
  const firstSeed = wholeNumber('--first-seed', raw.firstSeed, 1);
  const make = repeatableTarget(program, args, settings);
  const symbols = await symbolsOf(make);
  let ledger: LeakLedger | undefined;
  const trial: TrialOptions = {
    limits: { timeNs: wholeNumber('--limit', raw.limit, 60) * 1e9, outputBytes: OUTPUT_LIMIT },
    ...(settings.leaks
      ? {
          observers: ({ kernel }) => {
            ledger = new LeakLedger(kernel, symbols);
            return [ledger];
          },
        }
      : {}),
    inspect: (kernel, kind) =>
      isStandstill(kind) ? standstillLines(kernel) : leakNotes(ledger?.leaks() ?? []),
  };
  const started = performance.now();
  const explorer = new Explorer(make, {
    trial,
    output: outputComparison(raw.output),
    shortenRuns: wholeNumber('--shorten', raw.shorten, DEFAULT_SHORTEN),
  });
  const progress = new ProgressLine();
  let done = 0;
  let isInterrupted = false;
  const stop = (): void => {
    isInterrupted = true;
  };
  process.once('SIGINT', stop);
  for (let seed = firstSeed; done < seeds && !isInterrupted; seed++) {
    const group = explorer.runSeed(seed);
    done++;
    if (raw.untilDifferent === true && group !== explorer.usual) break;
    if (!progress.isDue()) continue;
    progress.show(`${done} of ${seeds} seeds, ${explorer.groups.length} different ends`);
    await new Promise(setImmediate);
  }
  const shown = chosenGroups(explorer);
  for (const group of shown) {
    if (isInterrupted) break;
    progress.show(`shortening the schedule of seed ${group.firstSeed ?? 0}`);
    await new Promise(setImmediate);
    explorer.shorten(group);
    if (isStandstill(group.end.kind)) group.explanation = lostWakeUps(explorer, group, symbols);
  }
  progress.clear();
  process.off('SIGINT', stop);
  const report = {
    explorer,
    shown,
    seeds: done,
    seconds: (performance.now() - started) / 1000,
    commandLine: (group: EndGroup) => commandLine(runOptionWords(raw), program, args, group),
  };
  writeAll(1, Buffer.from(raw.json === true ? exploreJson(report) : exploreText(report)));
  const isFine = explorer.groups.length === 1 && isGood(explorer.usual.end);
  return isFine && explorer.unrepeatable === undefined ? 0 : 1;
}

function isStandstill(kind: End['kind']): boolean {
  return kind === 'deadlock' || kind === 'left behind';
}

/** The program's symbols, read once for all runs. */
async function symbolsOf(make: MakeTarget): Promise<Symbols> {
  const symbols = new Symbols();
  const { kernel } = make(() => undefined);
  await Promise.all(threadsOf(kernel).map((thread) => symbols.load(thread)));
  return symbols;
}

function lostWakeUps(explorer: Explorer, group: EndGroup, symbols: Symbols): readonly string[] {
  let watch: WakeWatch | undefined;
  return explorer.again(group, {
    observers: ({ kernel }) => {
      watch = new WakeWatch(kernel, symbols);
      return [watch];
    },
    inspect: (kernel) => watch?.explain(waitGraph(kernel)) ?? [],
  }).notes;
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

/** The usual end first, then the others by how often they came; not more than a person reads. */
function chosenGroups(explorer: Explorer): EndGroup[] {
  const others = explorer.groups.filter((group) => group !== explorer.usual);
  const isWorse = (group: EndGroup): number => (group.end.kind === 'finished' ? 1 : 0);
  others.sort((a, b) => isWorse(a) - isWorse(b) || b.count - a.count);
  return [explorer.usual, ...others.slice(0, MOST_GROUPS)];
}

/** What repeats an end, after `rivulet run` or another command: the options this process was given, and the schedule. */
function commandLine(
  options: readonly string[],
  program: string,
  args: readonly string[],
  group: EndGroup,
): string {
  const words = [...options, '--schedule', scheduleText(group.schedule), program, ...args];
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) && !word.includes('*') ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function outputComparison(text = 'exact'): OutputComparison {
  if (text === 'exact' || text === 'lines' || text === 'none') return text;
  throw new UsageError(`--output ${text}: must be exact, lines or none`);
}

function wholeNumber(option: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} ${text}: must be a whole number`);
  return Number(text);
}

/** One line on a terminal that is written over; nothing elsewhere. */
class ProgressLine {
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
