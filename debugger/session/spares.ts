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
   * The nearest comes first; each is made of the next one further back.
   */
  tend(present: Run, changes: readonly Change[], work: number): boolean {
    const room = this.#room(present);
    const free = this.#runs
      .filter((run) => comparePositions(run.position, present.position) < 0)
      .sort((a, b) => b.stepper.work - a.stepper.work);
    const now = present.stepper.work;
    const { position } = present;
    if (this.#madeFor === undefined || comparePositions(this.#madeFor, position) !== 0) this.#made = 0;
    this.#madeFor = position;
    for (const distance of distances(now, room, this.#nearest)) {
      const at = free.findIndex((run) => now - run.stepper.work >= distance * LEAST);
      const run = at < 0 ? this.#fresh(present, free, room) : free.splice(at, 1)[0];
      if (run === undefined) return false;
      const missing = now - run.stepper.work - distance;
      if (missing <= distance * (MOST - 1)) continue;
      const before = run.stepper.work;
      run.forward(present.position, changes, { work: Math.min(work, missing) });
      return run.stepper.work > before;
    }
    return false;
  }

  /** Keeps one spare from falling too far behind while `present` runs. */
  follow(present: Run, changes: readonly Change[], work: number): void {
    const now = present.stepper.work;
    const allowed = Math.max(SHORT_WAY, now / 2);
    if (now < allowed || this.#room(present) === 0) return;
    let last = this.nearest(present.position);
    if (last === undefined) {
      if (this.#runs.length >= this.#room(present)) return;
      last = this.#make();
      this.#runs.push(last);
    }
    const missing = now - last.stepper.work - allowed;
    if (missing > 0) last.forward(present.position, changes, { work: Math.min(work, missing) });
  }

  /** One more at the start, in the place of one that is of no use when there is no room. */
  #fresh(present: Run, free: readonly Run[], room: number): Run | undefined {
    if (this.#runs.length >= room) {
      const ahead = this.#runs.find((run) => comparePositions(run.position, present.position) >= 0);
      const idle = ahead ?? free[0];
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

/** How far behind the present `room` spares are wanted, in order. */
function distances(now: number, room: number, nearest: number): number[] {
  const near: number[] = [];
  for (let distance = nearest; distance < now / 4; distance *= RATIO) near.push(distance);
  const far = near.length === 0 ? [] : [now / 2, now / 4, (now * 3) / 4];
  const again = near.length === 0 ? [] : [2 * nearest, 4 * nearest]; // for going back again and again
  const byUse = [...near.slice(0, 1), ...far.slice(0, 1), ...near.slice(1), ...far.slice(1), ...again];
  return byUse.slice(0, room).sort((a, b) => a - b);
}
