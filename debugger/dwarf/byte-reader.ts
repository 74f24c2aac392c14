// Little-endian numbers, LEB128 and strings out of DWARF sections.
// The parsers of this folder read with it. Reading beyond the end throws a RangeError, which they turn into "no information".
// Offsets and addresses stay below 2^53; for constants that may not, there are the methods that give a bigint.

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  i64(): number {
    return Number(this.#view.getBigInt64(this.#take(8), true));
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  unsigned(size: number): number {
    switch (size) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw new RangeError(`numbers of ${size} bytes are not known`);
    }
  }

  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      return (byte & 0x40) === 0 ? value : value - scale * 128;
    }
  }

  u64Big(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  ulebBig(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  slebBig(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - (1n << (shift + 7n));
    }
  }

  /** A NUL-terminated string. */
  text(): string {
    const nul = this.bytes.indexOf(0, this.at);
    if (nul < 0) throw new RangeError('a string has no end');
    const text = textAt(this.bytes, this.at);
    this.at = nul + 1;
    return text;
  }

  skip(count: number): void {
    this.#take(count);
  }

  skipText(): void {
    const nul = this.bytes.indexOf(0, this.at);
    if (nul < 0) throw new RangeError('a string has no end');
    this.at = nul + 1;
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** The next `length` bytes, in place. */
  take(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  #take(count: number): number {
    const { at } = this;
    if (at + count > this.end) throw new RangeError('beyond the end of a section');
    this.at = at + count;
    return at;
  }
}

/** The string at `offset` of a string section; empty when it is not there. */
export function textAt(section: Uint8Array | undefined, offset: number): string {
  if (section === undefined || offset >= section.length) return '';
  // most are short and of ASCII: put together here they are there before a decoder has begun
  let text = '';
  for (let at = offset; at < section.length; at++) {
    const byte = section[at] as number;
    if (byte === 0) return text;
    if (byte >= 0x80) break;
    text += String.fromCharCode(byte);
  }
  const nul = section.indexOf(0, offset);
  return new TextDecoder().decode(section.subarray(offset, nul < 0 ? section.length : nul));
}
