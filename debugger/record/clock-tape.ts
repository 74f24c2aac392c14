// Readings of a clock, one after the other, in few bytes: the kernel reads its clock at every slice's end.
// The recorder writes a tape, a replay's host reads it.
// A reading takes one to four bytes that hold the difference from the one before, seven bits each, low ones first;
// where that does not fit (a clock that went backwards, fractions), four bytes of ESCAPE and the reading itself.

const MORE = 0x80;
const BITS = 7;
const LARGEST_DIFFERENCE = 2 ** 28 - 1;
/** All four bytes say that more follow, which no difference does. */
const ESCAPE = 0xffff_ffff;
const LONGEST = 12;
const FIRST_SIZE = 4096;

export class ClockTape {
  #bytes = new Uint8Array(FIRST_SIZE);
  #length = 0;
  #last = 0;

  add(reading: number): void {
    if (this.#length + LONGEST > this.#bytes.length) this.#grow();
    const difference = reading - this.#last;
    this.#last = reading;
    if (difference < 0 || difference > LARGEST_DIFFERENCE || !Number.isInteger(difference)) {
      const view = new DataView(this.#bytes.buffer, this.#length, LONGEST);
      view.setUint32(0, ESCAPE);
      view.setFloat64(4, reading);
      this.#length += LONGEST;
      return;
    }
    let rest = difference;
    for (; rest >= MORE; rest >>= BITS) this.#bytes[this.#length++] = rest | MORE; // the low eight bits are stored
    this.#bytes[this.#length++] = rest;
  }

  /** What was written so far. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

export class ClockReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #last = 0;

  constructor(tape: Uint8Array) {
    this.#bytes = tape;
  }

  get isOver(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** The next reading; the last one again at the end of the tape. */
  next(): number {
    const bytes = this.#bytes;
    if (this.isOver) return this.#last;
    let difference = 0;
    for (let shift = 0; shift < 4 * BITS; shift += BITS) {
      const byte = bytes[this.#position++] ?? 0;
      difference |= (byte & (MORE - 1)) << shift;
      if (byte < MORE) {
        this.#last += difference;
        return this.#last;
      }
    }
    const at = this.#position;
    this.#position += LONGEST - 4;
    if (this.#position <= bytes.length)
      this.#last = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0);
    return this.#last;
  }
}
