// Sources and sinks over pipes, for splice, tee, vmsplice and sendfile.
// A PipeSource does not take anything out of its pipe: the caller consumes what was really written.
import { BufferSource, copyTaken } from '../file/buffer.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import { addByPages, type PageRun } from '../file/page-run.ts';
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

  putRun(bytes: Uint8Array, run: PageRun): boolean {
    if (this.#pipe.isFull) return false;
    this.#pipe.appendRun(bytes, run);
    this.#left -= bytes.length;
    return true;
  }
}

/** A socket gets that many buffers of a pipe at once (fs/splice.c, splice_to_socket). */
const AT_ONCE = 16;

/** How many bytes that are. */
export function bytesAtOnce({ slots }: Pipe): number {
  let sum = 0;
  for (const { length } of slots.slice(0, AT_ONCE)) sum += length;
  return sum;
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
  layout(most: number): readonly PageRun[] {
    const runs: PageRun[] = [];
    let left = this.#left;
    for (let i = this.#slot; left > 0; i++) {
      const slot = this.#pipe.slots[i];
      if (slot === undefined) break;
      const taken = i === this.#slot ? this.#taken : 0;
      const length = Math.min(left, slot.length - taken);
      const at = (slot.at ?? 0) + slot.offset + taken;
      if (addByPages(runs, { length, block: slot.block ?? slot.page, at }, most) < length) break;
      left -= length;
    }
    return runs;
  }
}

/** Bytes of a file on their way to another, in the pages that they lie in: `phase` is where in the first one. */
export class PagedSource extends BufferSource {
  readonly #phase: number;
  readonly #length: number;

  constructor(bytes: Uint8Array, phase: number) {
    super(bytes);
    this.#phase = phase;
    this.#length = bytes.length;
  }

  layout(most: number): readonly PageRun[] {
    const runs: PageRun[] = [];
    const at = this.#phase + this.#length - this.remaining;
    addByPages(runs, { length: this.remaining, block: this, at }, most);
    return runs;
  }
}
