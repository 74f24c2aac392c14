// Sources and sinks over pipes, for splice, tee, vmsplice and sendfile.
// A PipeSource does not take anything out of its pipe: the caller consumes what was really written.
import { BufferSource, copyTaken } from '../file/buffer.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import { PIPE_PAGE, type Pipe } from './pipe.ts';

/** Appends to a pipe in new buffers, up to `limit` bytes and while there are slots. */
export class PipeSink implements Sink {
  readonly #pipe: Pipe;
  #left: number;
  #phase: number;

  /** `phase`: where in its page the first byte lies. */
  constructor(pipe: Pipe, limit: number, phase = 0) {
    this.#pipe = pipe;
    this.#left = limit;
    this.#phase = phase;
  }

  get remaining(): number {
    const { slotLimit, slots } = this.#pipe;
    const room = Math.max(0, slotLimit - slots.length) * PIPE_PAGE - this.#phase;
    return Math.min(this.#left, Math.max(0, room));
  }

  put(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const source = new BufferSource(bytes.subarray(start, Math.min(end, start + this.remaining)));
    const count = this.#pipe.append(source, false, { phase: this.#phase });
    this.#left -= count;
    this.#phase = (this.#phase + count) % PIPE_PAGE;
    return count;
  }
}

/** The bytes at the front of a pipe, up to `limit`. */
export class PipeSource implements Source {
  readonly #pipe: Pipe;
  #left: number;
  #slot = 0;
  /** Bytes of the slot that were taken. */
  #taken = 0;

  constructor(pipe: Pipe, limit: number) {
    this.#pipe = pipe;
    this.#left = Math.min(limit, pipe.byteCount);
  }

  get remaining(): number {
    return this.#left;
  }

  take(max: number): Uint8Array {
    if (this.#left === 0) return new Uint8Array(0);
    let slot = this.#pipe.slots[this.#slot];
    if (slot !== undefined && this.#taken === slot.length) {
      this.#taken = 0;
      slot = this.#pipe.slots[++this.#slot];
    }
    if (slot === undefined) return new Uint8Array(0);
    const start = slot.offset + this.#taken;
    const count = Math.min(max, this.#left, slot.length - this.#taken);
    this.#taken += count;
    this.#left -= count;
    return slot.page.subarray(start, start + count);
  }

  copyTo(target: Uint8Array, offset: number, max: number): number {
    return copyTaken(this, target, offset, max);
  }

  giveBack(count: number): void {
    this.#left += count;
    let back = count;
    while (back > this.#taken) {
      back -= this.#taken;
      this.#taken = this.#pipe.slots[--this.#slot]?.length ?? 0;
    }
    this.#taken -= back;
  }
}
