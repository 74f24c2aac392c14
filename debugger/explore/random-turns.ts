// Schedules out of a seed: three ways to look for trouble, so that what one never finds another does.
// explore makes one for each seed; what it decided is kept, so that a fixed schedule can repeat it.
// A decision depends on the seed and the run only.
import type { Scheduler } from '../../kernel/scheduler.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Moment, TurnPlan } from '../../kernel/turns.ts';
import { Dice } from './dice.ts';

/** What the first run, without delays, says about the size of the program. */
export interface RunSize {
  /** Moments at which a thread could have given way. */
  readonly moments: number;
  readonly threads: number;
}

/** Makes and records decisions. */
export abstract class RandomTurns implements TurnPlan {
  /** Where threads gave way, in order. */
  readonly moments: Moment[] = [];
  /** Moments asked about. */
  asked = 0;

  givesWay(moment: Moment, thread: Thread, others: number): boolean {
    this.asked++;
    if (!this.decide(moment, thread, others)) return false;
    this.moments.push(moment);
    return true;
  }

  /** Set where threads may be held until a timer fires: how likely at each moment. */
  latenessOdds: (() => boolean) | undefined;

  waitsForTimer(moment: Moment): boolean {
    if (this.latenessOdds?.() !== true) return false;
    this.moments.push(moment);
    return true;
  }

  abstract codeTicks(thread: Thread, call: number, ticks: number): number;
  protected abstract decide(moment: Moment, thread: Thread, others: number): boolean;

  gaveWay(moment: Moment): void {
    this.moments.push(moment);
  }
}

const NEVER = Number.POSITIVE_INFINITY;

/** Gives way nowhere; counts the moments. */
export class CountingTurns extends RandomTurns {
  codeTicks(): number {
    return NEVER;
  }

  protected decide(): boolean {
    return false;
  }
}

/** A random walk: at every moment with the same probability, and at random points of the code. */
class Walk extends RandomTurns {
  readonly #dice: Dice;
  readonly #probability: number;
  /** Mean ticks between two points in code. */
  readonly #meanTicks: number;

  constructor(dice: Dice) {
    super();
    this.#dice = dice;
    this.#probability = 2 ** -(1 + dice.below(6));
    this.#meanTicks = 10 ** (1 + dice.below(4000) / 1000);
  }

  codeTicks(): number {
    return Math.ceil(-Math.log(1 - this.#dice.fraction()) * this.#meanTicks) + 1;
  }

  protected decide(): boolean {
    return this.#dice.fraction() < this.#probability;
  }
}

/**
 * Priorities by chance, lowered at a few moments (Burckhardt et al., "A randomized scheduler with probabilistic guarantees
 * of finding bugs", 2010): finds what needs few switches in the wrong order, however long the run is.
 */
class Priorities extends RandomTurns {
  readonly #dice: Dice;
  readonly #scheduler: Scheduler;
  readonly #priorities = new WeakMap<Thread, number>();
  /** Moments, as they are asked about, at which the running thread becomes the last. */
  readonly #changes: ReadonlySet<number>;
  #lowest = 0;

  constructor(dice: Dice, size: RunSize, scheduler: Scheduler) {
    super();
    this.#dice = dice;
    this.#scheduler = scheduler;
    const changes = new Set<number>();
    for (let left = dice.below(4); left > 0; left--) changes.add(1 + dice.below(Math.max(1, size.moments)));
    this.#changes = changes;
  }

  codeTicks(): number {
    return NEVER;
  }

  /** Who never sleeps must not stay first for ever: others may have to act before it goes on. */
  ranOut(thread: Thread): void {
    this.#priorities.set(thread, --this.#lowest);
  }

  protected decide(moment: Moment, thread: Thread): boolean {
    if (this.#changes.has(this.asked)) this.ranOut(thread);
    if (moment.kind === 'entry' && this.asked > 100_000) return false;
    const own = this.#priority(thread);
    return this.#scheduler.waiting.some(
      (other) => other !== thread && other.state === 'runnable' && this.#priority(other) > own,
    );
  }

  #priority(thread: Thread): number {
    let priority = this.#priorities.get(thread);
    if (priority === undefined) {
      priority = this.#dice.fraction();
      this.#priorities.set(thread, priority);
    }
    return priority;
  }
}

/** First come, first served but for one to four long delays: short schedules from the start. */
class FewDelays extends RandomTurns {
  readonly #dice: Dice;
  /** Moments, as they are asked about, and how often the thread gives way there. */
  readonly #delays = new Map<number, number>();
  #again: { thread: Thread; left: number } | undefined;
  #codeDelays: number;
  readonly #size: RunSize;

  constructor(dice: Dice, size: RunSize) {
    super();
    this.#dice = dice;
    this.#size = size;
    for (let left = 1 + dice.below(4); left > 0; left--) {
      this.#delays.set(1 + dice.below(Math.max(1, size.moments)), 1 + dice.below(2) * dice.below(8));
    }
    this.#codeDelays = dice.below(3);
  }

  codeTicks(): number {
    if (this.#codeDelays === 0 || this.#dice.below(Math.max(4, this.#size.moments / 2)) !== 0) return NEVER;
    this.#codeDelays--;
    return 1 + Math.floor(10 ** (this.#dice.fraction() * 4));
  }

  protected decide(_moment: Moment, thread: Thread): boolean {
    if (this.#again?.thread === thread) {
      if (--this.#again.left <= 0) this.#again = undefined;
      return true;
    }
    const times = this.#delays.get(this.asked);
    if (times === undefined) return false;
    this.#again = times > 1 ? { thread, left: times - 1 } : undefined;
    return true;
  }
}

/** The schedule that `seed` stands for; `withTimers`, threads are also held until timers fire. */
export function randomTurns(
  seed: number,
  size: RunSize,
  scheduler: Scheduler,
  withTimers = false,
): RandomTurns {
  const turns = turnsOf(seed, size, scheduler);
  if (withTimers) {
    const dice = new Dice(seed + 0x1000_0000);
    const odds = 2 ** -(1 + dice.below(7));
    turns.latenessOdds = () => dice.fraction() < odds;
  }
  return turns;
}

function turnsOf(seed: number, size: RunSize, scheduler: Scheduler): RandomTurns {
  const dice = new Dice(seed);
  switch (seed % 3) {
    case 0:
      return new Walk(dice);
    case 1:
      return new Priorities(dice, size, scheduler);
    default:
      return new FewDelays(dice, size);
  }
}
