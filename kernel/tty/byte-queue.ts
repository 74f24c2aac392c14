// Bytes on their way through a terminal, in arrival order and without a copy per byte.
// Terminals and ptys keep what was written but not read yet here; the owner bounds how much.
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends a copy of `bytes`. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes.slice());
    this.#length += bytes.length;
  }

  /** The first bytes, at most `max`, as they lie in one piece; empty when there are none. */
  peek(max: number): Uint8Array {
    return this.#chunks[0]?.subarray(0, max) ?? new Uint8Array(0);
  }

  /** Removes the first `count` bytes, which must lie in the piece that `peek` showed. */
  drop(count: number): void {
    const first = this.#chunks[0];
    if (first === undefined || count === 0) return;
    if (count >= first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    this.#length -= Math.min(count, first.length);
  }

  /** Keeps only the first `count` bytes. */
  truncate(count: number): void {
    while (this.#length > count) {
      const last = this.#chunks.pop() as Uint8Array;
      this.#length -= last.length;
      if (this.#length < count) {
        const kept = last.subarray(0, count - this.#length);
        this.#chunks.push(kept);
        this.#length += kept.length;
      }
    }
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#length = 0;
  }
}
