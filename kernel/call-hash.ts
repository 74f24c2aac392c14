// A running hash over what threads ask the kernel for: two runs with the same hash went the same way.
// Recordings keep it and replays compare it; dispatch.ts adds each call as it begins.
// Ticks are in it, so that the hash also says that a run was the same to the tick, compiled or interpreted.
import type { Thread } from './task/thread.ts';

const FNV_PRIME = 0x0100_0193;
const FNV_START = 0x811c_9dc5 | 0;
const RA = 1;
const SP = 2;
const A0 = 10;
const A7 = 17;

export class CallHash {
  #hash = FNV_START;
  #count = 0;
  readonly #checkpoints: number[] = [];
  readonly #interval: number;

  /** Keeps the hash after every `interval` calls. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** FNV-1a over words: the thread, its ticks and pc, ra, sp, a0 to a7. */
  add(thread: Thread): void {
    const { hart } = thread;
    let hash = Math.imul(this.#hash ^ thread.tid, FNV_PRIME);
    hash = Math.imul(hash ^ (hart.ticks | 0), FNV_PRIME);
    hash = Math.imul(hash ^ (hart.pc | 0), FNV_PRIME);
    hash = Math.imul(hash ^ hart.xLo(RA), FNV_PRIME);
    hash = Math.imul(hash ^ hart.xLo(SP), FNV_PRIME);
    for (let register = A0; register <= A7; register++)
      hash = Math.imul(hash ^ hart.xLo(register), FNV_PRIME);
    this.#hash = hash;
    if (++this.#count % this.#interval === 0) this.#checkpoints.push(hash);
  }

  /** Calls so far. */
  get count(): number {
    return this.#count;
  }

  get value(): number {
    return this.#hash >>> 0;
  }

  /** The hash after each interval. */
  get checkpoints(): readonly number[] {
    return this.#checkpoints;
  }
}
