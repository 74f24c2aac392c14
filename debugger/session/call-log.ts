// The calls of a run in order, with a running hash of the registers at each: the index of time travel.
// The session adds to it while it runs forward, and compares while it runs the same way again.
// A position in the log is that of a run with the same changes by the person; `cut` forgets what a change made untrue.
import { AT_CALL, comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';

const FNV_PRIME = 0x0100_0193;
const FNV_START = 0x811c_9dc5;
const REGISTERS = 32;

/** The hash after one more call: FNV-1a over the thread's number, its pc and all integer registers. */
export function hashCall(before: number, thread: Thread): number {
  const { hart, tid } = thread;
  let hash = mix(mix(before, tid), hart.pc | 0);
  for (let n = 1; n < REGISTERS; n++) hash = mix(mix(hash, hart.xLo(n)), hart.xHi(n));
  return hash >>> 0;
}

function mix(hash: number, word: number): number {
  return Math.imul(hash ^ word, FNV_PRIME);
}

interface LoggedCall {
  /** The tick of the entry; its instruction is AT_CALL. */
  readonly tick: number;
  readonly hash: number;
}

/** A run went another way than before. */
export interface Difference {
  /** Counted from 1. */
  readonly call: number;
  readonly position: Position;
}

export class CallLog {
  #calls: LoggedCall[] = [];
  /** Positions just after calls ended. */
  #ends: number[] = [];
  /** Calls passed in the present run. */
  #passed = 0;
  #hash = FNV_START;

  /** A new run from the start begins. */
  rewind(): void {
    this.#passed = 0;
    this.#hash = FNV_START;
  }

  /** Calls begun so far in this run, and the hash after them. */
  get count(): number {
    return this.#passed;
  }

  get hash(): number {
    return this.#hash;
  }

  /** `thread` stands before a call. Says if an earlier run was elsewhere at its call of this number. */
  enter(thread: Thread, position: Position): Difference | undefined {
    this.#hash = hashCall(this.#hash, thread);
    const known = this.#calls[this.#passed++];
    if (known === undefined) {
      this.#calls.push({ tick: position.tick, hash: this.#hash });
      return undefined;
    }
    if (known.tick === position.tick && known.hash === this.#hash) return undefined;
    return { call: this.#passed, position };
  }

  /** A call has ended. */
  exit(tick: number): void {
    const last = this.#ends[this.#ends.length - 1];
    if (last === undefined || tick > last) this.#ends.push(tick);
  }

  /** The person changes something at `position`: what was known of later no longer holds. */
  cut(position: Position): void {
    this.#calls = this.#calls.filter(({ tick }) => comparePositions(callAt(tick), position) <= 0);
    this.#ends = this.#ends.filter((tick) => tick <= position.tick);
  }

  /** The last entry or end of a call before `position`. */
  before(position: Position): Position | undefined {
    let found: Position | undefined;
    const consider = (candidate: Position): void => {
      if (comparePositions(candidate, position) >= 0) return;
      if (found === undefined || comparePositions(candidate, found) > 0) found = candidate;
    };
    for (const { tick } of this.#calls) consider(callAt(tick));
    for (const tick of this.#ends) consider({ tick, instruction: 0 });
    return found;
  }
}

function callAt(tick: number): Position {
  return { tick, instruction: AT_CALL };
}
