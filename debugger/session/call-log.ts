// The calls of a run in order, with a running hash of the registers at each: the index of time travel.
// Every run over the same ground adds to it or compares: runs that are the same have the same positions and hashes.
// A position in the log is that of a run with the same changes by the person; `cut` forgets what a change made untrue.
import { AT_CALL, comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';

const FNV_PRIME = 0x0100_0193;
const FNV_START = 0x811c_9dc5;
const REGISTERS = 32;

/** The hash after one more call: FNV-1a over the thread's number, its pc and ticks, and all integer registers. */
export function hashCall(before: number, thread: Thread): number {
  const { hart, tid } = thread;
  let hash = Math.imul(Math.imul(before ^ tid, FNV_PRIME) ^ (hart.pc | 0), FNV_PRIME);
  hash = Math.imul(hash ^ (hart.ticks | 0), FNV_PRIME);
  // the high half seldom says anything: turned, so that it does not undo the low one
  for (let n = 1; n < REGISTERS; n++)
    hash = Math.imul(hash ^ hart.xLo(n) ^ ((hart.xHi(n) << 7) | (hart.xHi(n) >>> 25)), FNV_PRIME);
  return hash >>> 0;
}

/** A run went another way than before. */
export interface Difference {
  /** Counted from 1. */
  readonly call: number;
  readonly position: Position;
}

export class CallLog {
  /** Of the entries, in order. */
  readonly #ticks: number[] = [];
  readonly #hashes: number[] = [];
  /** Positions just after calls ended. */
  readonly #endTicks: number[] = [];
  readonly #endPlaces: number[] = [];

  /** The call of number `index`, counted from 0, is entered. Says if an earlier run was elsewhere at it. */
  enter(index: number, tick: number, hash: number): boolean {
    if (index >= this.#ticks.length) {
      this.#ticks.push(tick);
      this.#hashes.push(hash);
      return false;
    }
    return this.#ticks[index] !== tick || this.#hashes[index] !== hash;
  }

  /** A call has ended. */
  exit({ tick, instruction }: Position): void {
    const last = this.#endTicks[this.#endTicks.length - 1];
    if (last !== undefined && tick <= last) return;
    this.#endTicks.push(tick);
    this.#endPlaces.push(instruction);
  }

  /** The person changes something at `position`: what was known of later no longer holds. */
  cut(position: Position): void {
    const calls = countUpTo(this.#ticks, position.tick);
    const isBeforeLast = calls > 0 && comparePositions(this.#entry(calls - 1), position) > 0;
    this.#ticks.length = this.#hashes.length = isBeforeLast ? calls - 1 : calls;
    this.#endTicks.length = this.#endPlaces.length = countUpTo(this.#endTicks, position.tick);
  }

  /** The last entry or end of a call before `position`. */
  before(position: Position): Position | undefined {
    return latest(
      lastBefore(position, countUpTo(this.#ticks, position.tick), (index) => this.#entry(index)),
      lastBefore(position, countUpTo(this.#endTicks, position.tick), (index) => this.#end(index)),
    );
  }

  isEnd(position: Position): boolean {
    return comparePositions(this.#end(countUpTo(this.#endTicks, position.tick) - 1), position) === 0;
  }

  /** The tick of the entry that has `count` entries behind it before `position`; 0 when there are not so many. */
  tickBefore(position: Position, count: number): number {
    return this.#ticks[countUpTo(this.#ticks, position.tick) - 1 - count] ?? 0;
  }

  #entry(index: number): Position {
    return { tick: this.#ticks[index] ?? 0, instruction: AT_CALL };
  }

  #end(index: number): Position {
    return { tick: this.#endTicks[index] ?? 0, instruction: this.#endPlaces[index] ?? 0 };
  }
}

/** How far one run has come in the log. */
export class CallTrail {
  readonly #log: CallLog;
  #count = 0;
  #hash = FNV_START;
  /** Set when this run went another way than one before. */
  difference: Difference | undefined;

  constructor(log: CallLog) {
    this.#log = log;
  }

  /** Calls begun so far, and the one that a thread stands before. */
  get count(): number {
    return this.#count;
  }

  get hash(): number {
    return this.#hash;
  }

  /** `thread` stands before a call. */
  enter(thread: Thread, position: Position): void {
    this.#hash = hashCall(this.#hash, thread);
    if (this.#log.enter(this.#count++, position.tick, this.#hash))
      this.difference ??= { call: this.#count, position };
  }

  exit(position: Position): void {
    this.#log.exit(position);
  }

  before(position: Position): Position | undefined {
    return this.#log.before(position);
  }

  /** A call has just ended at `position`. */
  isEnd(position: Position): boolean {
    return this.#log.isEnd(position);
  }

  /** For going back a few steps. */
  save(): { readonly count: number; readonly hash: number } {
    return { count: this.#count, hash: this.#hash };
  }

  restore({ count, hash }: { readonly count: number; readonly hash: number }): void {
    this.#count = count;
    this.#hash = hash;
  }
}

/** How many of these ascending numbers are not above `limit`. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastBefore(
  position: Position,
  count: number,
  at: (index: number) => Position,
): Position | undefined {
  for (let index = count - 1; index >= 0; index--) {
    const candidate = at(index);
    if (comparePositions(candidate, position) < 0) return candidate;
  }
  return undefined;
}

function latest(a: Position | undefined, b: Position | undefined): Position | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return comparePositions(a, b) > 0 ? a : b;
}
