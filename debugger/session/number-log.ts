// A long list of numbers that grows at its end: for logs of many millions, which would fill V8's heap as an array.
// call-log.ts keeps one for each thing it knows of calls.
// Bytes lie outside the heap, in pieces, so that growing copies nothing.
import { countUpTo } from '../sorted.ts';

const PIECE_BITS = 14;
const PIECE = 1 << PIECE_BITS;

export class NumberLog {
  readonly #pieces: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number | undefined {
    return index < 0 || index >= this.#length
      ? undefined
      : this.#pieces[index >>> PIECE_BITS]?.[index & (PIECE - 1)];
  }

  push(value: number): void {
    const index = this.#length++;
    let piece = this.#pieces[index >>> PIECE_BITS];
    if (piece === undefined) {
      piece = new Float64Array(PIECE);
      this.#pieces.push(piece);
    }
    piece[index & (PIECE - 1)] = value;
  }

  /** Forgets all but the first `length`. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    this.#length = length;
    this.#pieces.length = Math.ceil(length / PIECE);
  }

  /** How many are not above `limit`, if they ascend. */
  countUpTo(limit: number): number {
    return countUpTo(this.#length, (index) => this.at(index) as number, limit);
  }
}
