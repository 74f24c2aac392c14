// The calls of a run in order, with a running hash of the registers at each: the index of time travel.
// Every run over the same ground adds to it or compares: runs that are the same have the same positions and hashes.
// A position in the log is that of a run with the same changes by the person; `cut` forgets what a change made untrue.
import { mix } from '../../emulator/cpu/hart.ts';
import { AT_CALL, comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { NumberLog } from './number-log.ts';

const START = 0x811c_9dc5 | 0;

/** The hash after one more call: with the thread's number and ticks, its pc, ra, sp, and a0 to a7. */
function hashCall(before: number, { hart, tid }: Thread): number {
  return mix(mix(mix(before, tid), hart.ticks | 0), hart.mixCall());
}

/** A run went another way than before. */
export interface Difference {
  /** Counted from 1. */
  readonly call: number;
  readonly position: Position;
}

export class CallLog {
  /** Of the entries, in order. */
  readonly #ticks = new NumberLog();
  readonly #hashes = new NumberLog();
  /** Positions just after calls ended. */
  readonly #endTicks = new NumberLog();
  readonly #endPlaces = new NumberLog();
  #lastEndTick = -1;

  /** The call of number `index`, counted from 0, is entered. Says if an earlier run was elsewhere at it. */
  enter(index: number, tick: number, hash: number): boolean {
    if (index >= this.#ticks.length) {
      this.#ticks.push(tick);
      this.#hashes.push(hash);
      return false;
    }
    return this.#ticks.at(index) !== tick || this.#hashes.at(index) !== hash;
  }

  /** No run has come to this tick yet at the end of a call. */
  isNewEnd(tick: number): boolean {
    return tick > this.#lastEndTick;
  }

  /** A call has ended, at a tick where none did before. */
  exit({ tick, instruction }: Position): void {
    this.#endTicks.push(tick);
    this.#endPlaces.push(instruction);
    this.#lastEndTick = tick;
  }

  /** The person changes something at `position`: what was known of later no longer holds. */
  cut(position: Position): void {
    const calls = this.#ticks.countUpTo(position.tick);
    const isBeforeLast = calls > 0 && comparePositions(this.#entry(calls - 1), position) > 0;
    const kept = isBeforeLast ? calls - 1 : calls;
    this.#ticks.truncate(kept);
    this.#hashes.truncate(kept);
    const ends = this.#endTicks.countUpTo(position.tick);
    this.#endTicks.truncate(ends);
    this.#endPlaces.truncate(ends);
    this.#lastEndTick = this.#endTicks.at(ends - 1) ?? -1;
  }

  /** The last entry or end of a call before `position`. */
  before(position: Position): Position | undefined {
    return latest(
      lastBefore(position, this.#ticks.countUpTo(position.tick), (index) => this.#entry(index)),
      lastBefore(position, this.#endTicks.countUpTo(position.tick), (index) => this.#end(index)),
    );
  }

  isEnd(position: Position): boolean {
    return comparePositions(this.#end(this.#endTicks.countUpTo(position.tick) - 1), position) === 0;
  }

  /** The tick of the entry that has `count` entries behind it before `position`; 0 when there are not so many. */
  tickBefore(position: Position, count: number): number {
    return this.#ticks.at(this.#ticks.countUpTo(position.tick) - 1 - count) ?? 0;
  }

  #entry(index: number): Position {
    return { tick: this.#ticks.at(index) ?? 0, instruction: AT_CALL };
  }

  #end(index: number): Position {
    return { tick: this.#endTicks.at(index) ?? 0, instruction: this.#endPlaces.at(index) ?? 0 };
  }
}

/** How far one run has come in the log. */
export class CallTrail {
  readonly #log: CallLog;
  #count = 0;
  #hash = START;
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
  enter(thread: Thread, { tick }: { readonly tick: number }): void {
    this.#hash = hashCall(this.#hash, thread);
    if (this.#log.enter(this.#count++, tick, this.#hash))
      this.difference ??= { call: this.#count, position: { tick, instruction: AT_CALL } };
  }

  /** A call has ended. */
  exit(moment: { readonly tick: number; readonly position: Position }): void {
    if (this.#log.isNewEnd(moment.tick)) this.#log.exit(moment.position);
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
