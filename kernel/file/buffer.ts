// A Source and a Sink over kernel buffers: for copies between files that never touch a guest's memory.
// copy_file_range and sendfile read into one and write from it.
import type { Sink, Source } from './file-descriptor.ts';

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

  put(bytes: Uint8Array): number {
    const fitting = bytes.subarray(0, this.remaining);
    this.#bytes.set(fitting, this.#used);
    this.#used += fitting.length;
    return fitting.length;
  }
}
