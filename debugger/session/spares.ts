// Runs that stand behind the present moment, so that going back is a short way forward from one of them.
// The session takes the nearest when it goes back; `tend`, called while the person thinks, brings them to good places.
// They only save time: without any, every way back is the way from the start.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Change, Run } from './run.ts';

/** Distances are work as Stepper counts it: a million is about four milliseconds. */
const NEAREST = 500_000;
const RATIO = 8;
/** Not further apart than this, as long as the run is short. */
const SHORT_WAY = 150_000_000;
const MOST_SPARES = 8;
const FOLLOWERS = 2;
/** A spare at this part of a wanted distance, or this multiple, need not move. */
const LEAST = 0.7;
const MOST = 1.5;
/** What an address space takes beside its pages: maps, records, compiled code. */
const SPACE_BYTES = 8 << 20;
const DEFAULT_BYTES = 512 << 20;

export class Spares {
  readonly #make: () => Run;
  readonly #limitBytes: number;
  readonly #nearest: number;
  /** In no order. */
  #runs: Run[] = [];
  /** Made by `tend` for one and the same present: a spare that will not stay where it is wanted is not made for ever. */
  #made = 0;
  #madeFor: Position | undefined;

  /**
   * `make` gives a run at the start; the spares together may take `limitBytes` of memory, and the nearest is wanted
   * `nearest` behind the present.
   */
  constructor(make: () => Run, limitBytes = DEFAULT_BYTES, nearest = NEAREST) {
    this.#make = make;
    this.#limitBytes = limitBytes;
    this.#nearest = nearest;
  }

  get count(): number {
    return this.#runs.length;
  }

  /** The furthest that is not past `end`. */
  nearest(end: Position): Run | undefined {
    let found: Run | undefined;
    for (const run of this.#runs) {
      if (comparePositions(run.position, end) > 0) continue;
      if (found === undefined || comparePositions(run.position, found.position) > 0) found = run;
    }
    return found;
  }

  /** The nearest becomes the caller's, or a new one. */
  take(end: Position): Run {
    const run = this.nearest(end);
    if (run === undefined) return this.#make();
    this.#runs = this.#runs.filter((other) => other !== run);
    return run;
  }

  /** Keeps `run` if there is room. */
  give(run: Run): void {
    if (this.#runs.length < this.#room(run)) this.#runs.push(run);
    else run.discard();
  }

  /** Discards those that have come past the change of this number. */
  dropChanged(applied: number): void {
    this.#dropWhere((run) => run.applied > applied);
  }

  /** Discards those that are past `position`, where the run takes another way. */
  dropAhead(position: Position): void {
    this.#dropWhere((run) => comparePositions(run.position, position) > 0);
  }

  clear(): void {
    this.#dropWhere(() => true);
  }

  /**
   * Does about `work` for spares at good distances behind `present`. False when there is nothing left to do.
   * First those that are there go to where so few are of most use, then there is one more: each is made of the next one
   * further back, so that they are well spread at any time.
   */
  tend(present: Run, changes: readonly Change[], work: number): boolean {
    const room = this.#room(present);
    const behind = this.#runs.filter((run) => comparePositions(run.position, present.position) < 0);
    const now = present.stepper.work;
    const { position } = present;
    if (this.#madeFor === undefined || comparePositions(this.#madeFor, position) !== 0) this.#made = 0;
    this.#madeFor = position;
    const wanted = byUse(now, this.#nearest).slice(0, room);
    for (let count = Math.min(Math.max(behind.length, 1), wanted.length); count <= wanted.length; count++) {
      const lagging = firstLagging(behind, wanted.slice(0, count), now);
      if (lagging === undefined) continue;
      const run = lagging.run ?? this.#fresh(present, lagging.unused, room);
      if (run === undefined) return false;
      const before = run.stepper.work;
      const missing = now - before - lagging.distance;
      if (lagging.run === undefined && missing <= lagging.distance * (MOST - 1)) return true;
      run.forward(present.position, changes, { work: Math.min(work, missing) });
      return run.stepper.work > before;
    }
    return false;
  }

  /** Keeps two spares from falling too far behind while `present` runs: to search from one, and to go to what was found. */
  follow(present: Run, changes: readonly Change[], work: number): void {
    const now = present.stepper.work;
    const allowed = Math.max(SHORT_WAY, now / 2);
    if (now < allowed) return;
    const wanted = Math.min(FOLLOWERS, this.#room(present));
    const behind = this.#runs
      .filter((run) => comparePositions(run.position, present.position) <= 0)
      .sort((a, b) => b.stepper.work - a.stepper.work)
      .slice(0, wanted);
    if (behind.length < wanted && this.#runs.length < this.#room(present)) {
      const run = this.#make();
      this.#runs.push(run);
      behind.push(run);
    }
    for (const run of behind) {
      const missing = now - run.stepper.work - allowed;
      if (missing > 0) run.forward(present.position, changes, { work: Math.min(work, missing) });
    }
  }

  /** One more at the start, in the place of one that is of no use when there is no room. */
  #fresh(present: Run, unused: readonly Run[], room: number): Run | undefined {
    if (this.#runs.length >= room) {
      const ahead = this.#runs.find((run) => comparePositions(run.position, present.position) >= 0);
      const idle = ahead ?? unused[0];
      if (idle === undefined) return undefined;
      this.#dropWhere((run) => run === idle);
    }
    if (++this.#made > 2 * MOST_SPARES) return undefined;
    const run = this.#make();
    this.#runs.push(run);
    return run;
  }

  #room(run: Run): number {
    const { memory, processes } = run.kernel;
    const bytes = memory.usedPages * PAGE_SIZE + [...processes].length * SPACE_BYTES;
    return Math.min(MOST_SPARES, Math.floor(this.#limitBytes / bytes));
  }

  #dropWhere(isUseless: (run: Run) => boolean): void {
    const useless = this.#runs.filter(isUseless);
    this.#runs = this.#runs.filter((run) => !isUseless(run));
    for (const run of useless) run.discard();
  }
}

/**
 * The nearest of the distances at which there ought to be a run and is none, and the one to be brought there: undefined when
 * only a new one could be.
 */
function firstLagging(
  runs: readonly Run[],
  distances: readonly number[],
  now: number,
): { readonly distance: number; readonly run: Run | undefined; readonly unused: readonly Run[] } | undefined {
  const free = runs.toSorted((a, b) => b.stepper.work - a.stepper.work);
  for (const distance of distances.toSorted((a, b) => a - b)) {
    const at = free.findIndex((run) => now - run.stepper.work >= distance * LEAST);
    const run = free.splice(at, at < 0 ? 0 : 1)[0];
    if (run === undefined || now - run.stepper.work > distance * MOST) return { distance, run, unused: free };
  }
  return undefined;
}

/** How far behind the present spares are wanted: those of most use first. */
function byUse(now: number, nearest: number): number[] {
  const near: number[] = [];
  for (let distance = nearest; distance < now / 4; distance *= RATIO) near.push(distance);
  const [first, ...others] = near;
  if (first === undefined) return [];
  const far = others.reverse();
  // two more for going back again and again
  return [first, ...far.slice(0, 1), now / 2, now / 4, ...far.slice(1), 2 * first, 4 * first, (now * 3) / 4];
}
