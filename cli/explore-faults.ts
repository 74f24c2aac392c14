// `rivulet explore --fault LIST`: each system call fails in turn, and what the program makes of it.
// explore.ts hands over when the option is given. Every line comes with the `rivulet trace` that repeats it, and with
// --record with a recording for the debugger.
import path from 'node:path';
import {
  type Fault,
  FaultFinder,
  type FaultResult,
  injectionText,
  type Verdict,
} from '../debugger/explore/faults.ts';
import type { Recording } from '../debugger/record/recording.ts';
import { signalName } from '../kernel/abi/signal.ts';
import {
  commandLine,
  ProgressLine,
  quoted,
  type RawExploreOptions,
  symbolsOf,
  trialOptions,
  wholeNumber,
} from './explore-support.ts';
import { repeatableTarget } from './guest.ts';
import { writeAll } from './node-host.ts';
import { recordScheduled } from './record.ts';
import { makeDirectory, writeRecording } from './recording-file.ts';
import type { RunSettings } from './run-options.ts';
import { callFilter } from './trace-sets.ts';

const DEFAULT_RUNS = 2000;
/** Shown of each verdict: one a place and error, and no more than this. */
const MOST_SHOWN = 20;
/** In this order; the last two are only counted. */
const VERDICTS: readonly Verdict[] = ['crash', 'hang', 'leak', 'other output', 'noticed', 'no effect'];
const GOOD: ReadonlySet<Verdict> = new Set(['noticed', 'no effect']);
const BAD = VERDICTS.filter((verdict) => !GOOD.has(verdict));

/** Tries the faults and returns the status: 0 when all were noticed or without effect. */
export async function exploreFaults(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  raw: RawExploreOptions,
  list: string,
): Promise<number> {
  const isWanted = callFilter(list, `--fault ${list}`);
  const most = wholeNumber('--max-runs', raw.maxRuns, DEFAULT_RUNS);
  const make = repeatableTarget(program, args, settings);
  if (raw.record !== undefined) makeDirectory(raw.record);
  const symbols = symbolsOf(make);
  const started = performance.now();
  const finder = new FaultFinder(make, trialOptions(raw, symbols, true), symbols, isWanted);
  const progress = new ProgressLine();
  const results: FaultResult[] = [];
  let isInterrupted = false;
  const stop = (): void => {
    isInterrupted = true;
  };
  process.once('SIGINT', stop);
  for (const fault of finder.faults.slice(0, most)) {
    if (isInterrupted) break;
    results.push(finder.run(fault));
    if (!progress.isDue()) continue;
    progress.show(`${results.length} of ${finder.faults.length} faults`);
    await new Promise(setImmediate);
  }
  progress.clear();
  process.off('SIGINT', stop);
  const again = (result: FaultResult): string =>
    `rivulet trace ${commandLine(raw, ['-e', injectionText(result.fault), '--schedule', 'none', program, ...args])}`;
  const seconds = (performance.now() - started) / 1000;
  const record = (fault: Fault): Recording =>
    recordScheduled(program, args, { ...settings, schedule: [] }, finder.limits, fault);
  const recordings = raw.record === undefined ? undefined : keepRecordings(raw.record, results, record);
  const report = { results, recordings, again };
  const text = raw.json === true ? asJson(report) : asText(finder, report, seconds);
  writeAll(1, Buffer.from(text));
  return results.every(({ verdict }) => GOOD.has(verdict)) ? 0 : 1;
}

interface Report {
  readonly results: readonly FaultResult[];
  /** Where recordings were kept, when they were asked for. */
  readonly recordings: ReadonlyMap<FaultResult, string> | undefined;
  readonly again: (result: FaultResult) => string;
}

/** Writes a recording of each result that is shown. Returns their paths. Throws CommandError. */
function keepRecordings(
  directory: string,
  results: readonly FaultResult[],
  record: (fault: Fault) => Recording,
): ReadonlyMap<FaultResult, string> {
  const paths = new Map<FaultResult, string>();
  for (const verdict of BAD) {
    for (const { first } of byPlace(results, verdict).slice(0, MOST_SHOWN)) {
      const words = [paths.size + 1, verdict.replace(' ', '-'), first.fault.name, first.fault.error];
      const file = path.join(directory, `${words.join('-')}.rec`);
      writeRecording(file, record(first.fault));
      paths.set(first, file);
    }
  }
  return paths;
}

function asText(finder: FaultFinder, report: Report, seconds: number): string {
  const { results } = report;
  const places = new Set(results.map(({ fault }) => `${fault.name} ${fault.place}`)).size;
  const rate = Math.round((results.length / seconds) * 60);
  const lines = [
    `${results.length} of ${finder.faults.length} faults tried at ${places} places (${seconds.toFixed(1)} s, ${rate} a minute)`,
  ];
  for (const verdict of VERDICTS) {
    const own = results.filter((result) => result.verdict === verdict);
    if (own.length === 0) continue;
    lines.push(`${String(own.length).padStart(6)} ${EXPLAINED[verdict]}`);
  }
  for (const verdict of BAD) {
    const groups = byPlace(results, verdict);
    for (const group of groups.slice(0, MOST_SHOWN)) lines.push('', ...faultLines(group, report));
    if (groups.length > MOST_SHOWN) lines.push('', `… and ${groups.length - MOST_SHOWN} more of this kind`);
  }
  return `${lines.join('\n')}\n`;
}

const EXPLAINED: Readonly<Record<Verdict, string>> = {
  crash: 'crash: a signal killed the program',
  hang: 'hang: it does not end, or leaves processes behind',
  leak: 'leak: it goes on, but leaves more open at its end',
  'other output': 'other output, with the usual status',
  noticed: 'noticed: another status',
  'no effect': 'no effect: the same end',
};

/** Results of one place and error together. */
interface PlaceResults {
  readonly first: FaultResult;
  count: number;
}

function byPlace(results: readonly FaultResult[], verdict: Verdict): PlaceResults[] {
  const groups = new Map<string, PlaceResults>();
  for (const result of results) {
    if (result.verdict !== verdict) continue;
    const { name, place, error } = result.fault;
    const key = `${name} ${place} ${error}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: result, count: 1 });
    else group.count++;
  }
  return [...groups.values()];
}

function faultLines({ first, count }: PlaceResults, { recordings, again }: Report): string[] {
  const { fault, verdict, end, notes } = first;
  const which = count === 1 ? '' : `, and ${count - 1} times more there`;
  const lines = [
    `${verdict}: ${fault.name} at ${fault.place} fails with ${fault.error} (its call ${fault.occurrence} in thread ${fault.tid}${which})`,
  ];
  for (const { pid, name, waitStatus } of end.exits) {
    const signal = waitStatus & 0x7f;
    if (signal !== 0) lines.push(`  pid ${pid} (${name}) was killed by ${signalName(signal)}`);
  }
  if (end.kind === 'endless') lines.push('  it goes on without end');
  lines.push(...notes.map((note) => `  ${note}`), `  again: ${again(first)}`);
  const recording = recordings?.get(first);
  if (recording !== undefined) lines.push(`  in the debugger: rivulet replay --debug ${quoted(recording)}`);
  return lines;
}

function asJson({ results, recordings, again }: Report): string {
  const faults = results.map((result) => {
    const { fault, verdict, end, notes } = result;
    const recording = recordings?.get(result) ?? null;
    return { ...fault, verdict, kind: end.kind, exits: end.exits, notes, command: again(result), recording };
  });
  return `${JSON.stringify({ faults })}\n`;
}
