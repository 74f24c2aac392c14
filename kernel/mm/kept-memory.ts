// A process's memory as a request of an io_uring sees it: what its entry points to stays as it was when it was submitted
// (IORING_FEAT_SUBMIT_STABLE), although the program has changed it since. kernel/uring/request.ts puts it in the place of
// the process's own UserMemory while the request is tried. Bytes that are read or written through vectors are the real ones.
import type { Codec } from '../abi/struct.ts';
import { bytesToText, type Iovec, type PageSource, UserMemory } from './user-memory.ts';

/** Above all that a program can map: where the kernel's own variables lie for handlers that want an address. */
const OWN_MEMORY = 2 ** 50;
const IOVEC_SIZE = 16;

interface KeptRange {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export class KeptMemory extends UserMemory {
  readonly #ranges: KeptRange[] = [];
  #ownEnd = OWN_MEMORY;

  constructor(pages: PageSource) {
    super(pages);
  }

  /** Copies what lies there now; what is changed in the copy is what handlers read. EFAULT. */
  keep(address: number, length: number): Uint8Array {
    const bytes = length > 0 ? super.read(address, length) : new Uint8Array(0);
    if (length > 0) this.#ranges.push({ address, bytes });
    return bytes;
  }

  /** The same for a string. EFAULT, ENAMETOOLONG. */
  keepString(address: number, limit: number): void {
    const text = super.readCString(address, limit);
    const bytes = new Uint8Array(text.length + 1);
    bytes.set(text);
    this.#ranges.push({ address, bytes });
  }

  /** An address for bytes of the kernel's own, which handlers read and write as if they were the program's. */
  reserve(bytes: Uint8Array): number {
    const address = this.#ownEnd;
    this.#ranges.push({ address, bytes });
    this.#ownEnd += (bytes.length + 7) & ~7;
    return address;
  }

  /** The kept bytes of a range that was kept whole. */
  #kept(address: number, length: number): Uint8Array | undefined {
    for (const { address: start, bytes } of this.#ranges) {
      const at = address - start;
      if (at >= 0 && at + length <= bytes.length) return bytes.subarray(at, at + length);
    }
    return undefined;
  }

  #view(address: number, length: number): DataView | undefined {
    const bytes = this.#kept(address, length);
    return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  override read(address: number, length: number): Uint8Array {
    return this.#kept(address, length)?.slice() ?? super.read(address, length);
  }

  override readU32(address: number): number {
    return this.#view(address, 4)?.getUint32(0, true) ?? super.readU32(address);
  }

  override readB64(address: number): bigint {
    return this.#view(address, 8)?.getBigUint64(0, true) ?? super.readB64(address);
  }

  override readU64(address: number): number {
    const view = this.#view(address, 8);
    return view === undefined ? super.readU64(address) : Number(view.getBigUint64(0, true));
  }

  override readStruct<T>(address: number, codec: Codec<T>): T {
    const bytes = this.#kept(address, codec.size);
    return bytes === undefined
      ? super.readStruct(address, codec)
      : codec.read(new DataView(bytes.buffer, bytes.byteOffset, codec.size), 0);
  }

  override readIovecs(address: number, count: number): Iovec[] {
    const view = this.#view(address, count * IOVEC_SIZE);
    if (view === undefined) return super.readIovecs(address, count);
    return Array.from({ length: count }, (_, i) => ({
      base: Number(view.getBigUint64(i * IOVEC_SIZE, true)),
      length: Number(view.getBigUint64(i * IOVEC_SIZE + 8, true)),
    }));
  }

  override readCString(address: number, limit: number, tooLong?: number): Uint8Array {
    for (const { address: start, bytes } of this.#ranges)
      if (start === address && bytes.at(-1) === 0) return bytes.slice(0, -1);
    return super.readCString(address, limit, tooLong);
  }

  override readPath(address: number): string {
    return bytesToText(this.readCString(address, 4096));
  }

  /** The program's memory changes, and of what is kept only the kernel's own. */
  override write(address: number, bytes: Uint8Array): void {
    const own = address >= OWN_MEMORY ? this.#kept(address, bytes.length) : undefined;
    if (own === undefined) super.write(address, bytes);
    else own.set(bytes);
  }

  override writeU32(address: number, value: number): void {
    const own = address >= OWN_MEMORY ? this.#view(address, 4) : undefined;
    if (own === undefined) super.writeU32(address, value);
    else own.setUint32(0, value, true);
  }

  override writeU64(address: number, value: number): void {
    const own = address >= OWN_MEMORY ? this.#view(address, 8) : undefined;
    if (own === undefined) super.writeU64(address, value);
    else own.setBigUint64(0, BigInt(value), true);
  }
}
