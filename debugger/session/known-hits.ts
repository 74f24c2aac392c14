// Where the present stop points are hit in one stretch of the run, as far as it was gone through.
// session.ts asks it before it searches for the hit before the present, and tells it what a search or a run found.
// It must be told when stop points change, and when the person changes the run.
import { comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Stop } from './stop.ts';

export interface Hit {
  readonly position: Position;
  readonly stop: Stop;
}

/** Hits kept of a stretch; of more, the last. */
const KEPT = 4096;

/** All hits between two positions; not those at the two themselves. */
export class Stretch {
  from: Position;
  to: Position;
  /** In order. */
  hits: Hit[] = [];

  constructor(from: Position) {
    this.from = this.to = from;
  }

  add(hit: Hit): void {
    this.hits.push(hit);
    if (this.hits.length <= 2 * KEPT) return;
    this.hits = this.hits.slice(-KEPT - 1);
    this.from = (this.hits.shift() as Hit).position;
  }
}

export class KnownHits {
  #stretch: Stretch | undefined;
  /** The run stopped here, or did not, when it came to the end of the stretch; undefined when that is not known. */
  #last: { readonly position: Position; readonly stop: Stop | undefined } | undefined;

  forget(): void {
    this.#stretch = this.#last = undefined;
  }

  /** The run changes at `position`: what was known from there on no longer holds. */
  cut(position: Position): void {
    const stretch = this.#stretch;
    if (stretch === undefined || comparePositions(stretch.to, position) <= 0) return;
    this.#last = undefined;
    if (comparePositions(stretch.from, position) >= 0) this.#stretch = undefined;
    else {
      stretch.to = position;
      stretch.hits = stretch.hits.filter((hit) => comparePositions(hit.position, position) < 0);
    }
  }

  /** The stretch that holds what happened just before `end`, and with `includesEnd` at it too. */
  around(end: Position, includesEnd: boolean): Stretch | undefined {
    const stretch = this.#stretch;
    if (stretch === undefined || comparePositions(stretch.from, end) >= 0) return undefined;
    const past = comparePositions(stretch.to, end);
    return past > 0 || (past === 0 && !includesEnd) ? stretch : undefined;
  }

  /** A search went through `stretch`, and with `includesEnd` looked at its end too. */
  learn(stretch: Stretch, includesEnd: boolean): void {
    const later = this.#stretch;
    const joins = later !== undefined && includesEnd && comparePositions(later.from, stretch.to) === 0;
    if (joins) {
      for (const hit of later.hits) stretch.add(hit);
      stretch.to = later.to;
    } else this.#last = undefined;
    this.#stretch = stretch;
  }

  /** The run went from one position to the other, and stopped there or not: there was no other stop in between. */
  pass(from: Position, to: Position, stop: Stop | undefined): void {
    const last = this.#last;
    if (this.#stretch === undefined || last === undefined || comparePositions(last.position, from) !== 0)
      this.#stretch = new Stretch(from);
    else if (last.stop !== undefined) this.#stretch.add({ position: from, stop: last.stop });
    this.#stretch.to = to;
    this.#last = { position: to, stop };
  }
}

/** The last of the stretch before `end`, or at it. */
export function hitBefore(stretch: Stretch, end: Position, includesEnd: boolean): Hit | undefined {
  return stretch.hits.findLast(({ position }) => {
    const past = comparePositions(position, end);
    return past < 0 || (past === 0 && includesEnd);
  });
}
