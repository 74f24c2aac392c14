// A running hash over what threads do: two runs with the same hash went the same way, register by register.
// Recordings keep it and replays compare it; dispatch.ts adds each call as it begins, slice.ts each thread as it gives way.
// Ticks are in it, so that the hash also says that a run was the same to the tick, compiled or interpreted.
import { mix } from '../emulator/cpu/hart.ts';
import type { Thread } from './task/thread.ts';

const START = 0x811c_9dc5 | 0;

export class CallHash {
  #hash = START;
  #count = 0;
  readonly #checkpoints: number[] = [];
  readonly #interval: number;
  #untilCheckpoint: number;

  /** Keeps the hash after every `interval` calls. */
  constructor(interval: number) {
    this.#interval = interval;
    this.#untilCheckpoint = interval;
  }

  /** The thread makes a call: its ticks, pc, ra, sp, a0 to a7. Cheap, since a call takes 50 ns. */
  add(thread: Thread): void {
    const { hart } = thread;
    this.#hash = mix(mix(mix(this.#hash, thread.tid), hart.ticks | 0), hart.mixCall());
    this.#count++;
    if (--this.#untilCheckpoint === 0) {
      this.#untilCheckpoint = this.#interval;
      this.#checkpoints.push(this.#hash);
    }
  }

  /**
   * The thread gives way: all its registers, without those for floating point when it waits in a call, as it does in
   * most switches. What calls do not show of a difference is seen here.
   */
  addState(thread: Thread): void {
    const { hart } = thread;
    const state = thread.call === undefined ? hart.mixState() : hart.mixIntegers();
    this.#hash = mix(mix(mix(this.#hash, thread.tid), hart.ticks | 0), state);
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
