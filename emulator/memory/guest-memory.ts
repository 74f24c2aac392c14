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
  STAGING,
  WRITE_PAIR_MAP,
} from './layout.ts';
import { StateWindow } from './state-window.ts';
import { HIGHEST_PAGES, PLACE_COUNT, WINDOW_PAGES, Windows } from './windows.ts';

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
const REUSE_LIMIT = BIAS + (1536 << 20);
const REUSE_PAGES = (64 << 20) >> PAGE_SHIFT;
/** Bytes more than asked for, since each growth recreates the views. */
const ROOM_TO_GROW = 0x4_0000;
const WASM_PAGE = 0x1_0000;
const FEW = 64;
const LOW_PAGES = GUEST_LIMIT / PAGE_SIZE;
const TWO_32 = 0x1_0000_0000;

/** Told when a page's code is no longer valid, so that records and regions made from it go. */
export interface CodeListener {
  codeInvalidated(memory: GuestMemory, firstPage: number, pageCount: number): void;
}

export class GuestMemory {
  readonly memory: WebAssembly.Memory;
  /** The registers of the hart that is resident here. */
  readonly window: StateWindow;
  /** First address that the Memory does not reach. */
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
  /** Cpu's: told when windows are made. All code was invalidated then. */
  onWindows: (() => void) | null = null;
  /** One past the highest page of the Memory ever granted. */
  #touchedEnd = 0;
  /** Once an address above GUEST_LIMIT was backed. Then a page of the guest and its frame, the page of the Memory, are two things. */
  #windows: Windows | null = null;

  /** Around a Memory that was wiped, or a new one with the addresses below `limit` backed from the start. */
  constructor(memory?: WebAssembly.Memory, limit = 0) {
    this.memory = memory ?? newMemory(limit);
    this.window = new StateWindow(this.memory.buffer);
    this.#refresh();
  }

  #refresh(): void {
    const { buffer } = this.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#fast = new Uint8Array(buffer, FAST_MAP, PAGE_COUNT);
    this.#readPairs = new Uint8Array(buffer, READ_PAIR_MAP, PAGE_COUNT);
    this.#writePairs = new Uint8Array(buffer, WRITE_PAIR_MAP, PAGE_COUNT);
    this.#granted = new Uint8Array(buffer, GRANTED_MAP, PAGE_COUNT);
    this.#notes = new Uint8Array(buffer, NOTE_MAP, PAGE_COUNT);
    this.#noteWords = new Int32Array(buffer, NOTE_MAP, PAGE_COUNT / 4);
    this.window.refresh(buffer);
    this.#windows?.refresh(buffer);
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

  /** Do addresses lie where a table says? Code for such a space looks there. */
  get hasWindows(): boolean {
    return this.#windows !== null;
  }

  /** Makes room for the bytes of these pages. Returns false when the host has no memory left, or the Memory no place. */
  back(firstPage: number, pageCount: number): boolean {
    const end = firstPage + pageCount;
    if (this.#windows === null) {
      if (end <= LOW_PAGES) return this.grow(end * PAGE_SIZE);
      if (end > HIGHEST_PAGES) return false;
      this.#windows = new Windows(this.memory.buffer);
      this.invalidateCode(0, this.#touchedEnd);
      this.onWindows?.();
    }
    const last = Math.floor((end - 1) / WINDOW_PAGES);
    for (let window = Math.floor(firstPage / WINDOW_PAGES); window <= last; window++) {
      const first = Math.max(firstPage, window * WINDOW_PAGES);
      const isBacked =
        window < PLACE_COUNT
          ? this.#vacate(this.#windows, window) &&
            this.#backLow(first, Math.min(end, (window + 1) * WINDOW_PAGES))
          : this.#show(this.#windows, window);
      if (!isBacked) return false;
    }
    return true;
  }

  /** Low pages whose places no window has. They are noted, or one might take the place before their bytes are there. */
  #backLow(firstPage: number, end: number): boolean {
    if (!this.grow(end * PAGE_SIZE)) return false;
    for (let page = firstPage; page < end; page++) {
      this.#notes[page] = (this.#notes[page] ?? 0) | PageNote.TOUCHED;
    }
    this.#touchedEnd = Math.max(this.#touchedEnd, end);
    return true;
  }

  /** Finds a place for a window of high addresses. */
  #show(windows: Windows, window: number): boolean {
    if (windows.placeOf(window) >= 0) return true;
    const place = this.#freePlace(windows, window);
    if (place < 0) return false;
    windows.open(window, place);
    return true;
  }

  /** A place that nothing lies at, within the Memory; -1. */
  #freePlace(windows: Windows, window: number): number {
    const used = Math.ceil(this.#touchedEnd / WINDOW_PAGES);
    const place = windows.findPlace(window, used, (free) => {
      const end = (free + 1) * WINDOW_PAGES;
      return this.#notedPage(free * WINDOW_PAGES, end) === end;
    });
    return place >= 0 && this.grow((place + 1) * WINDOW_PAGES * PAGE_SIZE) ? place : -1;
  }

  /** Moves the window that has the place of low addresses elsewhere, if one does. */
  #vacate(windows: Windows, place: number): boolean {
    const window = windows.holderOf(place);
    if (window === undefined) return true;
    const target = this.#freePlace(windows, window);
    if (target < 0) return false;
    const [from, to] = [place * WINDOW_PAGES, target * WINDOW_PAGES];
    this.#eachNoted(from, from + WINDOW_PAGES, (frame, count) => {
      const start = BIAS + frame * PAGE_SIZE;
      this.#bytes.copyWithin(start + (to - from) * PAGE_SIZE, start, start + count * PAGE_SIZE);
    });
    for (const map of this.#maps) map.copyWithin(to, from, from + WINDOW_PAGES);
    this.#touchedEnd = Math.max(this.#touchedEnd, to + WINDOW_PAGES);
    this.#clearFrames(from, from + WINDOW_PAGES);
    windows.close(window);
    windows.open(window, target);
    this.#updatePair(window * WINDOW_PAGES - 1);
    this.#updatePair((window + 1) * WINDOW_PAGES - 1);
    return true;
  }

  /** Nothing the program has is at these pages, which are whole windows: their places are free, and zero. */
  unback(firstPage: number, pageCount: number): void {
    const windows = this.#windows;
    for (let page = firstPage; page < firstPage + pageCount; page += WINDOW_PAGES) {
      const place = page < LOW_PAGES ? -1 : (windows?.placeOf(page / WINDOW_PAGES) ?? -1);
      if (place < 0) continue;
      this.#clearFrames(place * WINDOW_PAGES, (place + 1) * WINDOW_PAGES);
      windows?.close(page / WINDOW_PAGES);
      this.#updatePair(page - 1);
    }
  }

  /** The page of the Memory where a page lies; its bytes in the maps are 0 when it is nowhere. */
  #frame(page: number): number {
    return this.#windows === null ? page : this.#windows.frame(page);
  }

  /** Sets what the program may do with these pages; their code is forgotten. They must be backed if not 0. */
  setPermission(firstPage: number, pageCount: number, permission: number): void {
    if (pageCount <= 0) return;
    const windows = this.#windows;
    const end = firstPage + pageCount;
    this.invalidateCode(firstPage, pageCount);
    for (let page = firstPage; page < end; ) {
      const count = windows === null ? pageCount : windows.run(page, end - page);
      if (windows === null || windows.isShown(page)) this.#permit(this.#frame(page), count, permission);
      this.#updatePair(page - 1);
      page += count;
    }
    this.#updatePair(end - 1);
  }

  /** The same for frames in a row, but for the last one's pairs. */
  #permit(frame: number, count: number, permission: number): void {
    const end = frame + count;
    this.#granted.fill(permission, frame, end);
    if (permission !== 0) this.#touch(frame, count);
    this.#fast.fill(permission, frame, end);
    if (count > 1) {
      this.#readPairs.fill(permission & Perm.R, frame, end - 1);
      this.#writePairs.fill((permission & Perm.W) >> 1, frame, end - 1);
    }
  }

  /** Notes that frames hold bytes, and no code. */
  #touch(frame: number, count: number): void {
    if (frame + count > this.#touchedEnd) this.#touchedEnd = frame + count;
    this.#notes.fill(PageNote.TOUCHED, frame, frame + count);
  }

  /** Recomputes what the pair maps say of `page` and the next: those that lie elsewhere are no pair. */
  #updatePair(page: number): void {
    if (page < 0) return;
    const frame = this.#frame(page);
    const isTogether = this.#frame(page + 1) === frame + 1;
    const both = isTogether ? (this.#fast[frame] ?? 0) & (this.#fast[frame + 1] ?? 0) : 0;
    this.#readPairs[frame] = both & Perm.R;
    this.#writePairs[frame] = (both & Perm.W) >> 1;
  }

  /** Perm bits that the kernel granted. */
  granted(page: number): number {
    return this.#granted[this.#frame(page)] ?? 0;
  }

  /** FastBit bits as generated code sees them. */
  fast(page: number): number {
    return this.#fast[this.#frame(page)] ?? 0;
  }

  hasCode(page: number): boolean {
    return ((this.#notes[this.#frame(page)] ?? 0) & HAS_CODE) !== 0;
  }

  /** Cpu's: notes that code was made from a page, which is a low one, and withholds W from it. */
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
    return (this.granted(page) & ~this.fast(page) & Perm.W) !== 0;
  }

  /** Runs of frames about which anything is noted. */
  #eachNoted(first: number, end: number, visit: (frame: number, count: number) => void): void {
    for (let frame = this.#notedPage(first, end); frame < end; frame = this.#notedPage(frame, end)) {
      const start = frame;
      while (frame < end && this.#notes[frame] !== 0) frame++;
      visit(start, frame - start);
    }
  }

  /** Frames as in a new Memory. */
  #clearFrames(first: number, end: number): void {
    this.#eachNoted(first, end, (frame, count) =>
      this.#bytes.fill(0, BIAS + frame * PAGE_SIZE, BIAS + (frame + count) * PAGE_SIZE),
    );
    for (const map of this.#maps) map.fill(0, first, end);
  }

  get #maps(): Uint8Array[] {
    return [this.#granted, this.#fast, this.#readPairs, this.#writePairs, this.#notes];
  }

  /** The first frame from `page` on, before `end`, about which anything is noted; `end` when there is none. */
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

  // Raw accessors. The caller has checked permissions and that the bytes are backed; any alignment.

  /**
   * Where in the Memory `length` bytes lie together: a copy of those that lie in two places, which `#settle` puts back when
   * it was changed.
   */
  #at(address: number, length: number): number {
    const windows = this.#windows;
    if (windows === null) return address + BIAS;
    if (windows.together(address, length) === length) return windows.offset(address);
    if (length > PAGE_SIZE) throw new Error('no value is longer than a page');
    for (let i = 0; i < length; i++) this.#bytes[STAGING + i] = this.u8(address + i);
    return STAGING;
  }

  #settle(address: number, length: number, at: number): void {
    if (at === STAGING) this.copyIn(address, this.#bytes.slice(STAGING, STAGING + length), 0, length);
  }

  /** Bytes from `address` on that lie together, at most `length`. */
  together(address: number, length: number): number {
    return this.#windows === null ? length : this.#windows.together(address, length);
  }

  u8(address: number): number {
    return this.#bytes[this.#at(address, 1)] ?? 0;
  }

  u16(address: number): number {
    return this.#view.getUint16(this.#at(address, 2), true);
  }

  u32(address: number): number {
    return this.#view.getUint32(this.#at(address, 4), true);
  }

  i32(address: number): number {
    return this.#view.getInt32(this.#at(address, 4), true);
  }

  setU8(address: number, value: number): void {
    this.#bytes[this.#at(address, 1)] = value;
  }

  setU16(address: number, value: number): void {
    const at = this.#at(address, 2);
    this.#view.setUint16(at, value, true);
    this.#settle(address, 2, at);
  }

  setU32(address: number, value: number): void {
    const at = this.#at(address, 4);
    this.#view.setUint32(at, value, true);
    this.#settle(address, 4, at);
  }

  setI32(address: number, value: number): void {
    this.setU32(address, value);
  }

  readU64(address: number): bigint {
    return this.#view.getBigUint64(this.#at(address, 8), true);
  }

  writeU64(address: number, value: bigint): void {
    const at = this.#at(address, 8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
    this.#settle(address, 8, at);
  }

  /** An unsigned 64-bit number; exact below 2^53. */
  readU64Number(address: number): number {
    const at = this.#at(address, 8);
    return this.#view.getUint32(at + 4, true) * TWO_32 + this.#view.getUint32(at, true);
  }

  /** A safe integer, sign-extended. */
  writeU64Number(address: number, value: number): void {
    const at = this.#at(address, 8);
    this.#view.setInt32(at, (value % TWO_32) | 0, true);
    this.#view.setInt32(at + 4, Math.floor(value / TWO_32), true);
    this.#settle(address, 8, at);
  }

  /** What a codec finds at `address`. */
  decode<T>(address: number, codec: { size: number; read(view: DataView, at: number): T }): T {
    return codec.read(this.#view, this.#at(address, codec.size));
  }

  encode<T>(
    address: number,
    codec: { size: number; write(view: DataView, at: number, value: T): void },
    value: T,
  ): void {
    const at = this.#at(address, codec.size);
    codec.write(this.#view, at, value);
    this.#settle(address, codec.size, at);
  }

  /** A view, valid until the next grow: use it at once. A copy of bytes that do not lie together. */
  bytes(address: number, length: number): Uint8Array {
    if (this.together(address, length) < length) {
      const copy = new Uint8Array(length);
      this.copyOut(address, length, copy, 0);
      return copy;
    }
    const at = this.#at(address, length);
    return this.#bytes.subarray(at, at + length);
  }

  /** How many of `limit` bytes, which lie together, come before the first NUL; `limit` when there is none. */
  lengthOfString(address: number, limit: number): number {
    const bytes = this.#bytes;
    const start = this.#at(address, limit);
    const end = start + limit;
    let at = start;
    while (at < end && bytes[at] !== 0) at++;
    return at - start;
  }

  /** Bytes that lie together, at most a page, as text of one character each. Without a view, which takes longer. */
  text(address: number, length: number): string {
    const bytes = this.#bytes;
    const at = this.#at(address, length);
    const codes: number[] = [];
    for (let i = 0; i < length; i++) codes.push(bytes[at + i] as number);
    return String.fromCharCode(...codes);
  }

  /** Copies bytes[start..end) to `address`. Few at a time go one by one: a view of them takes longer. */
  copyIn(address: number, bytes: Uint8Array, start: number, end: number): void {
    const memory = this.#bytes;
    for (let at = start; at < end; ) {
      const to = address + (at - start);
      const length = this.together(to, end - at);
      const offset = this.#at(to, length);
      if (length <= FEW) for (let i = 0; i < length; i++) memory[offset + i] = bytes[at + i] as number;
      else memory.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), offset);
      at += length;
    }
  }

  /** Copies `length` bytes from `address` to bytes[offset]. */
  copyOut(address: number, length: number, bytes: Uint8Array, offset: number): void {
    const memory = this.#bytes;
    for (let done = 0; done < length; ) {
      const count = this.together(address + done, length - done);
      const from = this.#at(address + done, count);
      const to = offset + done;
      if (count <= FEW) for (let i = 0; i < count; i++) bytes[to + i] = memory[from + i] as number;
      else bytes.set(memory.subarray(from, from + count), to);
      done += count;
    }
  }

  fill(address: number, length: number, byte: number): void {
    for (let done = 0; done < length; ) {
      const count = this.together(address + done, length - done);
      const at = this.#at(address + done, count);
      this.#bytes.fill(byte, at, at + count);
      done += count;
    }
  }

  /** Copies whole pages to `page` that lie in this address space or another one; the places do not overlap. */
  copyPagesFrom(other: GuestMemory, otherPage: number, page: number, pageCount: number): void {
    for (let done = 0; done < pageCount; ) {
      const left = (pageCount - done) << PAGE_SHIFT;
      const from = (otherPage + done) * PAGE_SIZE;
      const to = (page + done) * PAGE_SIZE;
      const length = Math.min(other.together(from, left), this.together(to, left));
      this.#bytes.set(other.bytes(from, length), this.#at(to, length));
      this.#touch(this.#frame(page + done), length >>> PAGE_SHIFT);
      done += length >>> PAGE_SHIFT;
    }
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
    this.#clearFrames(0, end);
    if (this.#windows !== null) {
      this.#windows.clear();
      this.#windows = null;
    }
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
