// A Source and a Sink over kernel buffers: for copies between files that never touch a guest's memory.
// copy_file_range and sendfile read into one and write from it.
import type { Sink, Source } from './file-descriptor.ts';

/** A Source's copyTo by its `take`. */
export function copyTaken(source: Source, target: Uint8Array, offset: number, max: number): number {
  const taken = source.take(max);
  target.set(taken, offset);
  return taken.length;
}

export class BufferSource implements Source {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  take(max: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + max);
    this.#at += taken.length;
    return taken;
  }

  copyTo(target: Uint8Array, offset: number, max: number): number {
    return copyTaken(this, target, offset, max);
  }

  giveBack(count: number): void {
    this.#at -= count;
  }
}

export class BufferSink implements Sink {
  readonly #bytes: Uint8Array;
  #used = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#used;
  }

  /** What was put so far. */
  get filled(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  put(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const fitting = bytes.subarray(start, Math.min(end, start + this.remaining));
    this.#bytes.set(fitting, this.#used);
    this.#used += fitting.length;
    return fitting.length;
  }
}
