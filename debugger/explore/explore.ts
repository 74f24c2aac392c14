// Runs a program under many schedules, sorts the ends that come, and shortens what leads to each.
// cli/explore.ts drives it one run at a time, so that it can show progress and be stopped.
// Ends are compared by what a user of the program would notice; schedules are functions of the seed.
import type { Kernel } from '../../kernel/kernel.ts';
import { CountingTurns, type RandomTurns, type RunSize, randomTurns } from './random-turns.ts';
import { asSchedule, FixedTurns, type Schedule } from './schedule.ts';
import { shorten, weight } from './shorten.ts';
import {
  type End,
  limitsAfter,
  type MakeTarget,
  runTrial,
  type TrialLimits,
  type TrialOptions,
} from './trial.ts';

/** How outputs are compared: byte for byte, as lines in any order, or not at all. */
export type OutputComparison = 'exact' | 'lines' | 'none';

export interface ExploreOptions {
  readonly trial: TrialOptions;
  readonly output: OutputComparison;
  /** Threads may also be held until a timer fires. */
  readonly withTimers: boolean;
  /** Runs that shortening one schedule may take. */
  readonly shortenRuns: number;
}

/** Runs that ended alike. */
export interface EndGroup {
  readonly key: string;
  readonly end: End;
  count: number;
  /** The first seed that led there; undefined = the run without delays. */
  readonly firstSeed: number | undefined;
  /** Shows the end; the shortest known. */
  schedule: Schedule;
  /** Other schedules that showed it, the shortest ones: one of them may be shortened further. */
  others: readonly Schedule[];
  isShortened: boolean;
  /** Why it came to this, as far as a second look says; filled in by whoever takes it. */
  explanation: readonly string[];
}

/** Schedules kept of a group, to shorten each. */
const KEPT_SCHEDULES = 4;

export class Explorer {
  readonly #make: MakeTarget;
  #options: ExploreOptions;
  readonly #groups = new Map<string, EndGroup>();
  readonly #size: RunSize;
  /** The run without delays, which all others are compared with. */
  readonly usual: EndGroup;
  runs = 0;
  /** Runs of these spent on shortening. */
  shorteningRuns = 0;
  /** A recorded schedule that did not lead to the same end again: a fault of ours. */
  unrepeatable: number | undefined;

  /** Makes the first run. */
  constructor(make: MakeTarget, options: ExploreOptions) {
    this.#make = make;
    this.#options = options;
    const counting = new CountingTurns();
    const end = this.#run(() => counting);
    this.#size = { moments: counting.asked, threads: end.threadCount };
    this.usual = this.#count(end, undefined, []);
    this.usual.isShortened = true;
    const { trial } = options;
    this.#options = { ...options, trial: { ...trial, limits: limitsAfter(trial.limits, end) } };
  }

  /** In order of appearance, the usual one first. */
  get groups(): readonly EndGroup[] {
    return [...this.#groups.values()];
  }

  /** Threads of the first run, and moments at which they could have given way. */
  get size(): RunSize {
    return this.#size;
  }

  /** What runs are held to, after the first. */
  get limits(): TrialLimits {
    return this.#options.trial.limits;
  }

  /** One run. The group it belongs to; `count` is 1 when it is new. */
  runSeed(seed: number): EndGroup {
    let turns: RandomTurns | undefined;
    const end = this.#run((kernel) => {
      turns = randomTurns(seed, this.#size, kernel.scheduler, this.#options.withTimers);
      return turns;
    });
    return this.#count(end, seed, asSchedule(turns?.moments ?? []));
  }

  /** Shortens what leads to a group's end. */
  shorten(group: EndGroup): void {
    if (group.isShortened) return;
    group.isShortened = true;
    const attempt = (schedule: Schedule): Schedule | undefined => {
      const turns = new FixedTurns(schedule);
      const end = this.#run(() => turns);
      return endKey(end, this.#options.output) === group.key ? asSchedule(turns.used) : undefined;
    };
    if (attempt(group.schedule) === undefined) {
      this.unrepeatable ??= group.firstSeed;
      return;
    }
    let left = this.#options.shortenRuns;
    for (const start of [group.schedule, ...group.others]) {
      if (left <= 0) break;
      const { schedule, runs } = shorten(start, attempt, left);
      left -= runs;
      this.shorteningRuns += runs;
      if (weight(schedule) < weight(group.schedule)) group.schedule = schedule;
    }
  }

  /** The run of a group's schedule once more, with others looking on. */
  again(group: EndGroup, options: Partial<TrialOptions>): End {
    this.runs++;
    return runTrial(this.#make, {
      ...this.#options.trial,
      plan: () => new FixedTurns(group.schedule),
      ...options,
    });
  }

  #run(plan: (kernel: Kernel) => RandomTurns | FixedTurns): End {
    this.runs++;
    return runTrial(this.#make, { ...this.#options.trial, plan });
  }

  #count(end: End, seed: number | undefined, schedule: Schedule): EndGroup {
    const key = endKey(end, this.#options.output);
    const known = this.#groups.get(key);
    if (known === undefined) {
      const group = {
        key,
        end,
        count: 1,
        firstSeed: seed,
        schedule,
        others: [],
        isShortened: false,
        explanation: [],
      };
      this.#groups.set(key, group);
      return group;
    }
    known.count++;
    if (known.isShortened) return known;
    const all = [known.schedule, ...known.others, schedule].sort((a, b) => weight(a) - weight(b));
    [known.schedule, ...known.others] = all.slice(0, KEPT_SCHEDULES) as [Schedule, ...Schedule[]];
    return known;
  }
}

/** Equal for ends that a user of the program could not tell apart. */
export function endKey(end: End, comparison: OutputComparison): string {
  const { kind, exits, notes } = end;
  if (kind !== 'finished') return [kind, ...notes].join('\n');
  const [first, ...others] = exits.map(({ waitStatus }) => waitStatus);
  const statuses = [first, ...others.sort((a, b) => a - b)].join();
  return [kind, statuses, ...notes, comparedOutput(end.output, comparison)].join('\n');
}

function comparedOutput(output: string, comparison: OutputComparison): string {
  if (comparison === 'none') return '';
  return comparison === 'exact' ? output : output.split('\n').sort().join('\n');
}

/** Is this how a program should end: by itself, with status 0, nothing left behind? */
export function isGood(end: End): boolean {
  return end.kind === 'finished' && end.exits[0]?.waitStatus === 0 && end.notes.length === 0;
}
