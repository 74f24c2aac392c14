// One address space as the hardware sees it: bytes, and for each page what the program may do with it.
// Called by the kernel (grants, raw accessors after its own checks) and by Cpu (code, faults).
// The fast map always says no more than the granted map; W is withheld from pages that hold code.
import {
  BIAS,
  FAST_MAP,
  GRANTED_MAP,
  GUEST_LIMIT,
  NOTE_MAP,
  PAGE_COUNT,
  PAGE_SHIFT,
  PAGE_SIZE,
  READ_PAIR_MAP,
  WRITE_PAIR_MAP,
} from './layout.ts';
import { StateWindow } from './state-window.ts';

export const Perm = { R: 1, W: 2, X: 4 } as const;

/** Bits of the fast map. */
export const FastBit = { R: 1, W: 2, X: 4 } as const;

/** What the emulator keeps about a page. */
export const PageNote = {
  /** Records were built from it. */
  DECODED: 1,
  /** A compiled region covers part of it. */
  TRANSLATED: 2,
  /** Something was granted here since the memory was new: it may hold bytes other than zero. */
  TOUCHED: 4,
} as const;

const HAS_CODE = PageNote.DECODED | PageNote.TRANSLATED;
/** Memories that are larger, or have more pages in use, are left to the collector. */
const REUSE_LIMIT = BIAS + (512 << 20);
const REUSE_PAGES = (64 << 20) >> PAGE_SHIFT;
/** Bytes more than asked for, since each growth recreates the views. */
const ROOM_TO_GROW = 0x4_0000;
const WASM_PAGE = 0x1_0000;
const FEW = 64;
const TWO_32 = 0x1_0000_0000;

/** Told when a page's code is no longer valid, so that records and regions made from it go. */
export interface CodeListener {
  codeInvalidated(memory: GuestMemory, firstPage: number, pageCount: number): void;
}

export class GuestMemory {
  readonly memory: WebAssembly.Memory;
  /** The registers of the hart that is resident here. */
  readonly window: StateWindow;
  /** First guest address that is not backed. */
  limit = 0;
  /** Set by Cpu, which owns the decode cache and the regions. */
  listener: CodeListener | null = null;
  #bytes!: Uint8Array;
  #view!: DataView;
  #fast!: Uint8Array;
  #readPairs!: Uint8Array;
  #writePairs!: Uint8Array;
  #granted!: Uint8Array;
  #notes!: Uint8Array;
  #noteWords!: Int32Array;
  /** Cpu's: told at release. */
  onRelease: (() => void) | null = null;
  /** One past the highest page ever granted. */
  #touchedEnd = 0;

  /** Around a Memory that was wiped, or a new one with the addresses below `limit` backed from the start. */
  constructor(memory?: WebAssembly.Memory, limit = 0) {
    this.memory = memory ?? newMemory(limit);
    this.window = new StateWindow(this.memory.buffer);
    this.#refresh();
  }

  #refresh(): void {
    const { buffer } = this.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer, BIAS);
    this.#fast = new Uint8Array(buffer, FAST_MAP, PAGE_COUNT);
    this.#readPairs = new Uint8Array(buffer, READ_PAIR_MAP, PAGE_COUNT);
    this.#writePairs = new Uint8Array(buffer, WRITE_PAIR_MAP, PAGE_COUNT);
    this.#granted = new Uint8Array(buffer, GRANTED_MAP, PAGE_COUNT);
    this.#notes = new Uint8Array(buffer, NOTE_MAP, PAGE_COUNT);
    this.#noteWords = new Int32Array(buffer, NOTE_MAP, PAGE_COUNT / 4);
    this.window.refresh(buffer);
    this.limit = buffer.byteLength - BIAS;
  }

  /**
   * Backs all guest addresses below `limit`. Grows by an eighth more than asked, since each growth recreates
   * the views. Returns false when the host has no memory left or the address is past GUEST_LIMIT.
   */
  grow(limit: number): boolean {
    if (limit <= this.limit) return true;
    if (limit > GUEST_LIMIT) return false;
    const generous = Math.min(GUEST_LIMIT, limit + Math.max(ROOM_TO_GROW, limit >>> 3));
    for (const wanted of [generous, limit]) {
      const pages = Math.ceil((wanted - this.limit) / WASM_PAGE);
      try {
        this.memory.grow(pages);
      } catch {
        continue;
      }
      this.#refresh();
      return true;
    }
    return false;
  }

  /** Sets what the program may do with these pages; their code is forgotten. They must be backed if not 0. */
  setPermission(firstPage: number, pageCount: number, permission: number): void {
    if (pageCount <= 0) return;
    const end = firstPage + pageCount;
    this.invalidateCode(firstPage, pageCount);
    this.#granted.fill(permission, firstPage, end);
    if (permission !== 0) {
      if (end > this.#touchedEnd) this.#touchedEnd = end;
      this.#notes.fill(PageNote.TOUCHED, firstPage, end);
    }
    this.#fast.fill(permission, firstPage, end);
    if (pageCount > 1) {
      this.#readPairs.fill(permission & Perm.R, firstPage, end - 1);
      this.#writePairs.fill((permission & Perm.W) >> 1, firstPage, end - 1);
    }
    this.#updatePair(end - 1);
    this.#updatePair(firstPage - 1);
  }

  /** Recomputes what the pair maps say of `page` and the next. */
  #updatePair(page: number): void {
    if (page < 0) return;
    const both = (this.#fast[page] ?? 0) & (this.#fast[page + 1] ?? 0);
    this.#readPairs[page] = both & Perm.R;
    this.#writePairs[page] = (both & Perm.W) >> 1;
  }

  /** Perm bits that the kernel granted. */
  granted(page: number): number {
    return this.#granted[page] ?? 0;
  }

  /** FastBit bits as generated code sees them. */
  fast(page: number): number {
    return this.#fast[page] ?? 0;
  }

  hasCode(page: number): boolean {
    return ((this.#notes[page] ?? 0) & HAS_CODE) !== 0;
  }

  /** Cpu's: notes that code was made from a page, and withholds W from it. */
  noteCode(page: number, note: number): void {
    const notes = this.#notes[page] ?? 0;
    this.#notes[page] = notes | note;
    if ((notes & HAS_CODE) !== 0) return;
    this.#fast[page] = (this.#fast[page] ?? 0) & ~FastBit.W;
    this.#updatePair(page);
    this.#updatePair(page - 1);
  }

  /** Cpu's: lets one store through to pages that hold code; invalidateCode must follow. */
  allowWriteOnce(page: number): void {
    this.#fast[page] = (this.#fast[page] ?? 0) | ((this.#granted[page] ?? 0) & Perm.W);
    this.#updatePair(page);
    this.#updatePair(page - 1);
  }

  /** Granted, but withheld because the page holds code. */
  isWriteWithheld(page: number): boolean {
    return ((this.#granted[page] ?? 0) & ~(this.#fast[page] ?? 0) & Perm.W) !== 0;
  }

  /** The first page from `page` on, before `end`, about which anything is noted; `end` when there is none. */
  #notedPage(page: number, end: number): number {
    let at = page;
    while (at < end) {
      // most of a space was never touched: eight pages at a time there
      if ((at & 7) === 0 && this.#noteWords[at >> 2] === 0 && this.#noteWords[(at >> 2) + 1] === 0) at += 8;
      else if (this.#notes[at] !== 0) return at;
      else at++;
    }
    return end;
  }

  /** The bytes of these pages change, or their mapping does: nothing decoded or compiled from them may run. */
  invalidateCode(firstPage: number, pageCount: number): void {
    const end = Math.min(firstPage + pageCount, this.#touchedEnd);
    let any = false;
    for (let page = this.#notedPage(firstPage, end); page < end; page = this.#notedPage(page + 1, end)) {
      const notes = this.#notes[page] ?? 0;
      if ((notes & HAS_CODE) === 0) continue;
      any = true;
      this.#notes[page] = notes & ~HAS_CODE;
      this.allowWriteOnce(page);
    }
    if (any) this.listener?.codeInvalidated(this, firstPage, pageCount);
  }

  /** The kernel is about to write to a page through the raw accessors. */
  prepareKernelWrite(page: number): void {
    if (this.hasCode(page)) this.invalidateCode(page, 1);
  }

  // Raw accessors. The caller has checked permissions and that the bytes are below `limit`; any alignment.

  u8(address: number): number {
    return this.#bytes[address + BIAS] ?? 0;
  }

  u16(address: number): number {
    return this.#view.getUint16(address, true);
  }

  u32(address: number): number {
    return this.#view.getUint32(address, true);
  }

  i32(address: number): number {
    return this.#view.getInt32(address, true);
  }

  setU8(address: number, value: number): void {
    this.#bytes[address + BIAS] = value;
  }

  setU16(address: number, value: number): void {
    this.#view.setUint16(address, value, true);
  }

  setU32(address: number, value: number): void {
    this.#view.setUint32(address, value, true);
  }

  setI32(address: number, value: number): void {
    this.#view.setInt32(address, value, true);
  }

  readU64(address: number): bigint {
    return this.#view.getBigUint64(address, true);
  }

  writeU64(address: number, value: bigint): void {
    this.#view.setBigUint64(address, BigInt.asUintN(64, value), true);
  }

  /** An unsigned 64-bit number; exact below 2^53. */
  readU64Number(address: number): number {
    return this.#view.getUint32(address + 4, true) * TWO_32 + this.#view.getUint32(address, true);
  }

  /** A safe integer, sign-extended. */
  writeU64Number(address: number, value: number): void {
    this.#view.setInt32(address, (value % TWO_32) | 0, true);
    this.#view.setInt32(address + 4, Math.floor(value / TWO_32), true);
  }

  /** What a codec finds at `address`. */
  decode<T>(address: number, codec: { read(view: DataView, at: number): T }): T {
    return codec.read(this.#view, address);
  }

  encode<T>(address: number, codec: { write(view: DataView, at: number, value: T): void }, value: T): void {
    codec.write(this.#view, address, value);
  }

  /** A view, valid until the next grow: use it at once. */
  bytes(address: number, length: number): Uint8Array {
    return this.#bytes.subarray(address + BIAS, address + BIAS + length);
  }

  /** Copies bytes[start..end) to `address`. Few at a time go one by one: a view of them takes longer. */
  copyIn(address: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const to = address + BIAS;
    const memory = this.#bytes;
    if (length <= FEW) for (let i = 0; i < length; i++) memory[to + i] = bytes[start + i] as number;
    else memory.set(length === bytes.length ? bytes : bytes.subarray(start, end), to);
  }

  /** Copies `length` bytes from `address` to bytes[offset]. */
  copyOut(address: number, length: number, bytes: Uint8Array, offset: number): void {
    const from = address + BIAS;
    const memory = this.#bytes;
    if (length <= FEW) for (let i = 0; i < length; i++) bytes[offset + i] = memory[from + i] as number;
    else bytes.set(memory.subarray(from, from + length), offset);
  }

  fill(address: number, length: number, byte: number): void {
    this.#bytes.fill(byte, address + BIAS, address + BIAS + length);
  }

  copyWithin(target: number, source: number, length: number): void {
    this.#bytes.copyWithin(target + BIAS, source + BIAS, source + BIAS + length);
  }

  /** Copies whole pages from another address space, to `page` here. */
  copyPageFrom(other: GuestMemory, otherPage: number, page: number, pageCount = 1): void {
    const length = pageCount << PAGE_SHIFT;
    this.#bytes.set(other.bytes(otherPage * PAGE_SIZE, length), BIAS + page * PAGE_SIZE);
  }

  /** The address space is gone. Nothing but Cpu, which may give its memory to another one, may use this object afterwards. */
  release(): void {
    this.window.occupant?.moveOut();
    this.onRelease?.();
    this.onRelease = null;
  }

  /** Is this memory worth wiping for another address space? */
  get isReusable(): boolean {
    if (this.memory.buffer.byteLength > REUSE_LIMIT) return false;
    let pages = 0;
    const end = this.#touchedEnd;
    for (let page = this.#notedPage(0, end); page < end; page = this.#notedPage(page + 1, end)) {
      if (++pages > REUSE_PAGES) return false;
    }
    return true;
  }

  /** Makes the memory as new: forgets all code, zeroes every page that was ever granted, and the maps. */
  wipe(): void {
    const end = this.#touchedEnd;
    this.invalidateCode(0, end);
    for (let page = this.#notedPage(0, end); page < end; page = this.#notedPage(page, end)) {
      const first = page;
      while (page < end && this.#notes[page] !== 0) page++;
      this.fill(first * PAGE_SIZE, (page - first) * PAGE_SIZE, 0);
    }
    for (const map of [this.#granted, this.#fast, this.#readPairs, this.#writePairs, this.#notes])
      map.fill(0, 0, end);
    this.#touchedEnd = 0;
  }
}

/** Growing later costs as much as making it, since the host counts both: see `grow`. */
function newMemory(limit: number): WebAssembly.Memory {
  const wanted = limit === 0 ? 0 : limit + ROOM_TO_GROW;
  const initial = Math.ceil((BIAS + Math.min(wanted, GUEST_LIMIT)) / WASM_PAGE);
  try {
    return new WebAssembly.Memory({ initial, maximum: 65536 });
  } catch {
    return new WebAssembly.Memory({ initial: BIAS / WASM_PAGE, maximum: 65536 });
  }
}
