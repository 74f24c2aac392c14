// `rivulet explore --fault LIST`: each system call fails in turn, and what the program makes of it.
// explore.ts hands over when the option is given. Every line comes with the `rivulet trace` that repeats it.
import { FaultFinder, type FaultResult, injectionText, type Verdict } from '../debugger/explore/faults.ts';
import { signalName } from '../kernel/abi/signal.ts';
import {
  commandLine,
  ProgressLine,
  type RawExploreOptions,
  symbolsOf,
  trialOptions,
  wholeNumber,
} from './explore-support.ts';
import { repeatableTarget } from './guest.ts';
import { writeAll } from './node-host.ts';
import type { RunSettings } from './run-options.ts';
import { callFilter } from './trace-options.ts';

const DEFAULT_RUNS = 2000;
/** Shown of each verdict: one a place and error, and no more than this. */
const MOST_SHOWN = 20;
/** In this order; the last two are only counted. */
const VERDICTS: readonly Verdict[] = ['crash', 'hang', 'leak', 'other output', 'noticed', 'no effect'];
const GOOD: ReadonlySet<Verdict> = new Set(['noticed', 'no effect']);

/** Tries the faults and returns the status: 0 when all were noticed or without effect. */
export async function exploreFaults(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  raw: RawExploreOptions,
  list: string,
): Promise<number> {
  const isWanted = callFilter(list);
  const most = wholeNumber('--max-runs', raw.maxRuns, DEFAULT_RUNS);
  const make = repeatableTarget(program, args, settings);
  const symbols = await symbolsOf(make);
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
  const text = raw.json === true ? asJson(results, again) : asText(finder, results, seconds, again);
  writeAll(1, Buffer.from(text));
  return results.every(({ verdict }) => GOOD.has(verdict)) ? 0 : 1;
}

function asText(
  finder: FaultFinder,
  results: readonly FaultResult[],
  seconds: number,
  again: (result: FaultResult) => string,
): string {
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
  for (const verdict of VERDICTS.filter((each) => !GOOD.has(each))) {
    const groups = byPlace(results.filter((result) => result.verdict === verdict));
    for (const group of groups.slice(0, MOST_SHOWN)) lines.push('', ...faultLines(group, again));
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
function byPlace(results: readonly FaultResult[]): FaultResult[][] {
  const groups = new Map<string, FaultResult[]>();
  for (const result of results) {
    const { name, place, error } = result.fault;
    const key = `${name} ${place} ${error}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.values()];
}

function faultLines(group: readonly FaultResult[], again: (result: FaultResult) => string): string[] {
  const [first] = group as [FaultResult];
  const { fault, verdict, end, notes } = first;
  const which = group.length === 1 ? '' : `, and ${group.length - 1} times more there`;
  const lines = [
    `${verdict}: ${fault.name} at ${fault.place} fails with ${fault.error} (its call ${fault.occurrence} in thread ${fault.tid}${which})`,
  ];
  for (const { pid, name, waitStatus } of end.exits) {
    const signal = waitStatus & 0x7f;
    if (signal !== 0) lines.push(`  pid ${pid} (${name}) was killed by ${signalName(signal)}`);
  }
  if (end.kind === 'endless') lines.push('  it goes on without end');
  return [...lines, ...notes.map((note) => `  ${note}`), `  again: ${again(first)}`];
}

function asJson(results: readonly FaultResult[], again: (result: FaultResult) => string): string {
  const faults = results.map((result) => {
    const { fault, verdict, end, notes } = result;
    return { ...fault, verdict, kind: end.kind, exits: end.exits, notes, command: again(result) };
  });
  return `${JSON.stringify({ faults })}\n`;
}
