// copyin and copyout: the only door between the kernel and a process's memory.
// Syscall handlers call it with guest addresses as numbers; every page is checked and faulted in as the CPU would.
// A bad address is EFAULT; bytes before it may already have been copied, as with copy_to_user.
import type { GuestMemory } from '../../emulator/memory/guest-memory.ts';
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Codec } from '../abi/struct.ts';
import { EFAULT, ENAMETOOLONG, fail } from '../errno.ts';
import { UserTransfer } from './user-transfer.ts';

/** What copyin and copyout need of an address space; kernel/mm/mm.ts implements it. */
export interface PageSource {
  readonly memory: GuestMemory;
  /** Makes `page` readable or writable, as a fault would; false when the process may not access it. */
  makeAccessible(page: number, write: boolean): boolean;
  /** A userfaultfd watches some of it, or did. */
  readonly isWatched?: boolean;
  /** Waits for pages of a buffer of the running call that a userfaultfd answers for. */
  awaitBuffer?(address: number, length: number): void;
}

/** limits.h: with the NUL. */
const PATH_MAX = 4096;
/** Of one call. */
const MOST_ARGUMENTS = 4096;
const FAST_R = 1;
const FAST_W = 2;

export interface Iovec {
  readonly base: number;
  readonly length: number;
}

const NO_IOVECS: readonly Iovec[] = [];

export class UserMemory {
  readonly #pages: PageSource;

  constructor(pages: PageSource) {
    this.#pages = pages;
  }

  /**
   * How many bytes from `address` on, at most `length`, can be accessed at once; 0 when not even one. Faults pages in.
   * Fewer than `length` is a bad address behind them, bytes that do not lie together in the Memory, or a page that is mapped
   * twice in the range, of which only one instance can be writable at a time: asking again behind the run tells.
   */
  accessible(address: number, length: number, write: boolean): number {
    const run = this.#granted(address, length, write);
    return this.#pages.memory.hasWindows && run > 0 ? this.#pages.memory.together(address, run) : run;
  }

  /** The same, wherever the bytes lie. */
  #granted(address: number, length: number, write: boolean): number {
    if (length <= 0) return 0;
    if (!(address >= 0) || address + length > Number.MAX_SAFE_INTEGER) return 0;
    const bit = write ? FAST_W : FAST_R;
    const first = Math.floor(address / PAGE_SIZE);
    const last = Math.floor((address + length - 1) / PAGE_SIZE);
    let faults = 0;
    for (let page = first; page <= last; page++) {
      if (this.#holds(page, bit)) continue;
      faults++;
      if (!this.#pages.makeAccessible(page, write)) return Math.max(0, page * PAGE_SIZE - address);
    }
    if (faults === 0 || last === first) return length;
    for (let page = first; page <= last; page++) {
      if (this.#holds(page, bit)) continue;
      if (page > first) return page * PAGE_SIZE - address;
      this.#pages.makeAccessible(first, write);
      return (first + 1) * PAGE_SIZE - address;
    }
    return length;
  }

  #holds(page: number, bit: number): boolean {
    return (this.#pages.memory.fast(page) & bit) !== 0;
  }

  /** EFAULT unless all is accessible. */
  #demand(address: number, length: number, write: boolean): void {
    for (let done = 0; done < length; ) done += this.#run(address + done, length - done, write);
  }

  /** As `accessible`, but a bad address is EFAULT. */
  #run(address: number, length: number, write: boolean): number {
    const run = this.accessible(address, length, write);
    if (run === 0) fail(EFAULT, 'address not accessible');
    return run;
  }

  /** A copy of `length` bytes. EFAULT. */
  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.readInto(address, bytes);
    return bytes;
  }

  /** Fills `bytes`. EFAULT. */
  readInto(address: number, bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > 0) this.#demand(address, length, false);
    this.#pages.memory.copyOut(address, length, bytes, 0);
  }

  /** All of `bytes` or EFAULT. */
  write(address: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#demand(address, bytes.length, true);
    for (let done = 0; done < bytes.length; ) {
      const run = this.#run(address + done, bytes.length - done, true);
      this.#pages.memory.copyIn(address + done, bytes, done, done + run);
      done += run;
    }
  }

  fill(address: number, length: number, byte: number): void {
    this.#demand(address, length, true);
    for (let done = 0; done < length; ) {
      const run = this.#run(address + done, length - done, true);
      this.#pages.memory.fill(address + done, run, byte);
      done += run;
    }
  }

  readU32(address: number): number {
    this.#demand(address, 4, false);
    return this.#pages.memory.u32(address);
  }

  readI32(address: number): number {
    return this.readU32(address) | 0;
  }

  writeU32(address: number, value: number): void {
    this.#demand(address, 4, true);
    this.#pages.memory.setU32(address, value >>> 0);
  }

  /** Exact to 2^53. */
  readU64(address: number): number {
    this.#demand(address, 8, false);
    return this.#pages.memory.readU64Number(address);
  }

  readB64(address: number): bigint {
    this.#demand(address, 8, false);
    return this.#pages.memory.readU64(address);
  }

  writeU64(address: number, value: number): void {
    this.#demand(address, 8, true);
    this.#pages.memory.writeU64Number(address, value);
  }

  /** Two neighbouring 64-bit words: timespec and timeval, on the path of clock_gettime. */
  writeTwoU64(address: number, first: number, second: number): void {
    this.#demand(address, 16, true);
    const { memory } = this.#pages;
    memory.writeU64Number(address, first);
    memory.writeU64Number(address + 8, second);
  }

  writeB64(address: number, value: bigint): void {
    this.#demand(address, 8, true);
    this.#pages.memory.writeU64(address, value);
  }

  /** One declared struct. EFAULT. */
  readStruct<T>(address: number, codec: Codec<T>): T {
    this.#demand(address, codec.size, false);
    return this.#pages.memory.decode(address, codec);
  }

  writeStruct<T>(address: number, codec: Codec<T>, value: T): void {
    this.#demand(address, codec.size, true);
    this.#pages.memory.encode(address, codec, value);
  }

  /** The bytes before the first NUL, at most `limit`; ENAMETOOLONG when there is none, EFAULT. */
  readCString(address: number, limit: number, tooLong = ENAMETOOLONG): Uint8Array {
    let length = 0;
    while (length < limit) {
      const run = this.#stringRun(address + length, limit - length);
      const found = this.#pages.memory.lengthOfString(address + length, run);
      length += found;
      if (found < run) {
        const bytes = new Uint8Array(length);
        this.#pages.memory.copyOut(address, length, bytes, 0);
        return bytes;
      }
    }
    fail(tooLong, `no NUL within ${limit} bytes`);
  }

  /** How many of at most `limit` bytes can be read at once: to the end of the page. EFAULT. */
  #stringRun(address: number, limit: number): number {
    const run = this.accessible(address, Math.min(PAGE_SIZE - (address % PAGE_SIZE), limit), false);
    if (run === 0) fail(EFAULT, 'string not accessible');
    return run;
  }

  /** A path or name; bytes are kept one to one (see bytesToText). EFAULT, ENAMETOOLONG. */
  readPath(address: number): string {
    const run = this.#stringRun(address, PATH_MAX);
    const length = this.#pages.memory.lengthOfString(address, run);
    if (length < run) return this.#pages.memory.text(address, length);
    return bytesToText(this.readCString(address, PATH_MAX));
  }

  /** Reads a `struct iovec[count]`; the caller has checked count against IOV_MAX. */
  readIovecs(address: number, count: number): Iovec[] {
    const list: Iovec[] = [];
    if (count === 0) return list;
    this.#demand(address, count * 16, false);
    for (let i = 0; i < count; i++) {
      const at = address + i * 16;
      list.push({
        base: this.#pages.memory.readU64Number(at),
        length: this.#pages.memory.readU64Number(at + 8),
      });
    }
    return list;
  }

  /** Guest memory as a Sink (for reads into iovecs) or a Source (for writes from them). */
  transfer(iovecs: readonly Iovec[]): UserTransfer {
    if (this.#pages.isWatched === true)
      for (const { base, length } of iovecs) this.#pages.awaitBuffer?.(base, length);
    return new UserTransfer(this, this.#pages.memory, iovecs);
  }

  /** The same for one buffer. */
  buffer(base: number, length: number): UserTransfer {
    if (this.#pages.isWatched === true) this.#pages.awaitBuffer?.(base, length);
    return new UserTransfer(this, this.#pages.memory, NO_IOVECS, base, length);
  }
}

/** Guest paths are bytes; the kernel holds them as strings of code units 0–255 (latin-1), one per byte: those of bytes[start..end). */
export function bytesToText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let at = start; at < end; ) {
    // an array of numbers: to spread bytes, or to put one character behind another, takes three times as long
    const codes: number[] = [];
    for (const stop = Math.min(at + MOST_ARGUMENTS, end); at < stop; at++) codes.push(bytes[at] as number);
    text += String.fromCharCode(...codes);
  }
  return text;
}

/** The inverse of bytesToText. */
export function textToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
