// What was typed and not read yet: 4096 bytes, with marks at the ends of lines (drivers/tty/n_tty.c, read_buf).
// The line discipline puts characters in and edits the last line; reads take lines or bytes out.
// Positions only grow; a byte's place in the ring is its position modulo the size.

const SIZE = 4096;

export class LineBuffer {
  readonly #bytes = new Uint8Array(SIZE);
  readonly #ends = new Uint8Array(SIZE);
  /** Next position to fill. */
  head = 0;
  /** Next position to read. */
  tail = 0;
  /** End of the last complete line: what lies behind it can still be edited. */
  lineHead = 0;

  /** Bytes that can be added. Like Linux, one place stays free. */
  get room(): number {
    return SIZE - (this.head - this.tail) - 1;
  }

  get count(): number {
    return this.head - this.tail;
  }

  at(position: number): number {
    return this.#bytes[position % SIZE] as number;
  }

  put(c: number): void {
    this.#ends[this.head % SIZE] = 0;
    this.#bytes[this.head++ % SIZE] = c;
  }

  /** As many of `bytes` as fit, in one piece or two. */
  putAll(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.room);
    let done = 0;
    while (done < count) {
      const at = this.head % SIZE;
      const piece = Math.min(count - done, SIZE - at);
      this.#bytes.set(bytes.subarray(done, done + piece), at);
      this.#ends.fill(0, at, at + piece);
      this.head += piece;
      done += piece;
    }
    return count;
  }

  /** Ends the line with `c`; 0 stands for end of file and is not read. */
  endLine(c: number): void {
    this.put(c);
    this.#ends[(this.head - 1) % SIZE] = 1;
    this.lineHead = this.head;
  }

  isLineEnd(position: number): boolean {
    return this.#ends[position % SIZE] === 1;
  }

  /** Position of the first line end in [tail, limit), or `limit`. */
  findLineEnd(limit: number): number {
    for (let position = this.tail; position < limit; position++)
      if (this.isLineEnd(position)) return position;
    return limit;
  }

  /** The bytes from `tail` on, at most `max`, as they lie in one piece. */
  peek(max: number): Uint8Array {
    const at = this.tail % SIZE;
    return this.#bytes.subarray(at, Math.min(at + Math.min(max, this.count), SIZE));
  }

  clear(): void {
    this.head = this.tail = this.lineHead = 0;
  }

  /** ICANON changed: in canonical mode what lies there becomes a line of its own (n_tty_set_termios). */
  modeChanged(isCanonical: boolean): void {
    this.#ends.fill(0);
    if (!isCanonical || this.count === 0) this.lineHead = this.tail;
    else {
      this.#ends[(this.head - 1) % SIZE] = 1;
      this.lineHead = this.head;
    }
  }
}
