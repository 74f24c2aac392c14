// `rivulet explore`: the same program under many schedules, and what became of it.
// main.ts imports it when asked. Results go to stdout, progress to a terminal's stderr.
import path from 'node:path';
import { type EndGroup, Explorer, isGood, type OutputComparison } from '../debugger/explore/explore.ts';
import { WakeWatch } from '../debugger/explore/lost-wakeups.ts';
import { scheduleText } from '../debugger/explore/schedule.ts';
import { waitGraph } from '../debugger/inspect/wait-graph.ts';
import type { Symbols } from '../debugger/symbols.ts';
import { signalName } from '../kernel/abi/signal.ts';
import { exploreFaults } from './explore-faults.ts';
import { exploreJson, exploreText } from './explore-report.ts';
import {
  commandLine,
  isStandstill,
  ProgressLine,
  type RawExploreOptions,
  symbolsOf,
  trialOptions,
  wholeNumber,
} from './explore-support.ts';
import { UsageError } from './failure.ts';
import { repeatableTarget } from './guest.ts';
import { writeAll } from './node-host.ts';
import { recordScheduled } from './record.ts';
import { makeDirectory, writeRecording } from './recording-file.ts';
import type { RunSettings } from './run-options.ts';

const DEFAULT_SEEDS = 1000;
const DEFAULT_SHORTEN = 500;
/** Groups whose schedules are shortened and shown; a program that prints times has as many as there are runs. */
const MOST_GROUPS = 12;

/** Explores and returns the status: 0 when all ends are the same and good, else 1. */
export async function exploreCommand(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  raw: RawExploreOptions,
): Promise<number> {
  if (raw.fault === undefined && raw.schedule !== undefined)
    throw new UsageError('--schedule: explore looks for schedules; run, trace and debug repeat one');
  if (raw.fault !== undefined) return exploreFaults(program, args, settings, raw, raw.fault);
  const seeds = wholeNumber('--seeds', raw.seeds, DEFAULT_SEEDS);
  const firstSeed = wholeNumber('--first-seed', raw.firstSeed, 1);
  if (raw.record !== undefined) makeDirectory(raw.record);
  const make = repeatableTarget(program, args, settings);
  const symbols = symbolsOf(make);
  const trial = trialOptions(raw, symbols, settings.leaks);
  const started = performance.now();
  const withTimers = raw.timers === true;
  const explorer = new Explorer(make, {
    trial,
    output: outputComparison(raw.output),
    withTimers,
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
  const recordings =
    raw.record === undefined
      ? undefined
      : keepRecordings(raw.record, explorer, shown, program, args, settings);
  progress.clear();
  process.off('SIGINT', stop);
  const report = {
    explorer,
    shown,
    seeds: done,
    seconds: (performance.now() - started) / 1000,
    withTimers,
    recordings,
    commandLine: (group: EndGroup) =>
      commandLine(raw, ['--schedule', scheduleText(group.schedule), program, ...args]),
  };
  writeAll(1, Buffer.from(raw.json === true ? exploreJson(report) : exploreText(report)));
  const isFine = explorer.groups.length === 1 && isGood(explorer.usual.end);
  return isFine && explorer.unrepeatable === undefined ? 0 : 1;
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

/** Writes a recording of each end that somebody will want to look at. Returns their paths. Throws CommandError. */
function keepRecordings(
  directory: string,
  explorer: Explorer,
  shown: readonly EndGroup[],
  program: string,
  args: readonly string[],
  settings: RunSettings,
): ReadonlyMap<EndGroup, string> {
  const paths = new Map<EndGroup, string>();
  for (const [index, group] of shown.entries()) {
    if (group === explorer.usual && isGood(group.end)) continue;
    const own = { ...settings, schedule: group.schedule };
    const recording = recordScheduled(program, args, own, explorer.limits);
    const file = path.join(directory, `${index + 1}-${kindWord(group)}.rec`);
    writeRecording(file, recording);
    paths.set(group, file);
  }
  return paths;
}

/** Part of a file name: `lost-wakeup`, `deadlock`, `SIGSEGV`, `exit-3`. */
function kindWord({ end, explanation }: EndGroup): string {
  if (explanation.some((line) => line.startsWith('lost wake-up'))) return 'lost-wakeup';
  if (end.kind !== 'finished') return end.kind.replace(' ', '-');
  const signal = end.exits.map(({ waitStatus }) => waitStatus & 0x7f).find((number) => number !== 0);
  return signal === undefined ? `exit-${(end.exits[0]?.waitStatus ?? 0) >> 8}` : signalName(signal);
}

/** The usual end first, then the others by how often they came; not more than a person reads. */
function chosenGroups(explorer: Explorer): EndGroup[] {
  const others = explorer.groups.filter((group) => group !== explorer.usual);
  const isWorse = (group: EndGroup): number => (group.end.kind === 'finished' ? 1 : 0);
  others.sort((a, b) => isWorse(a) - isWorse(b) || b.count - a.count);
  return [explorer.usual, ...others.slice(0, MOST_GROUPS)];
}

function outputComparison(text = 'exact'): OutputComparison {
  if (text === 'exact' || text === 'lines' || text === 'none') return text;
  throw new UsageError(`--output ${text}: must be exact, lines or none`);
}
