// The bytes of a file kept in memory: sparse chunks of up to 64 KiB that know which of their 4 KiB pages exist.
// tmpfs files, memfds and overlay files hold one; read, write and mmap work on views of its chunks.
// Absent pages read as zeros, or come from the backing (a host file) below its size; what the host holds is paid for.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EFBIG, ENOSPC, fail } from '../errno.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import type { CleanCache } from './clean-cache.ts';

const CHUNK = 65536;
const PAGES_PER_CHUNK = CHUNK / PAGE_SIZE;
const ZEROS = new Uint8Array(CHUNK);
/** Largest file: offsets are JavaScript numbers, exact to here. */
export const MAX_FILE_SIZE = Number.MAX_SAFE_INTEGER;

export interface Chunk {
  bytes: Uint8Array;
  /** Bit n: page n of the chunk holds data here. */
  present: number;
  /** Bit n: page n differs from the backing, or has none; set without `present` when only allocated. */
  dirty: number;
  /** Bytes paid for: all of `bytes` once a page is dirty, since that is what the host holds. */
  charged: number;
}

/** Where absent pages come from: the file below an overlay. */
export interface Backing {
  /** Fills `into` from `position`; what is past the end stays as it is. */
  read(into: Uint8Array, position: number): void;
}

/** Pays for pages, and the bytes that the host holds for them; false when there is no room. */
export interface Account {
  charge(bytes: number, pages: number): boolean;
  release(bytes: number, pages: number): void;
}

export class PageStore {
  size = 0;
  readonly #account: Account;
  readonly #chunks = new Map<number, Chunk>();
  #backing: Backing | undefined;
  /** Bytes below this come from the backing when absent here; truncation lowers it. */
  #backingLimit = 0;
  #cache: CleanCache | undefined;
  #dirtyPages = 0;
  #lastIndex = -1;
  #last: Chunk | undefined;

  constructor(account: Account) {
    this.#account = account;
  }

  /** Lays the store over `backing`, whose first `size` bytes count. */
  setBacking(backing: Backing, size: number, cache: CleanCache): void {
    this.#backing = backing;
    this.#backingLimit = size;
    this.#cache = cache;
    this.size = size;
  }

  /** Pages that live here alone. */
  get dirtyPages(): number {
    return this.#dirtyPages;
  }

  /** Bytes in use, for st_blocks. */
  get allocatedBytes(): number {
    if (this.#backing === undefined) return this.#dirtyPages * PAGE_SIZE;
    return Math.max(this.#dirtyPages * PAGE_SIZE, Math.ceil(this.#backingLimit / PAGE_SIZE) * PAGE_SIZE);
  }

  #chunk(index: number): Chunk | undefined {
    if (index === this.#lastIndex) return this.#last;
    let chunk = this.#chunks.get(index);
    if (chunk === undefined && index * CHUNK < this.#backingLimit) chunk = this.#load(index);
    this.#lastIndex = index;
    this.#last = chunk;
    return chunk;
  }

  #load(index: number): Chunk {
    const start = index * CHUNK;
    const length = Math.min(CHUNK, this.#backingLimit - start);
    const pages = Math.ceil(length / PAGE_SIZE);
    const bytes = new Uint8Array(pages * PAGE_SIZE);
    this.#backing?.read(bytes.subarray(0, length), start);
    const chunk: Chunk = { bytes, present: 2 ** pages - 1, dirty: 0, charged: 0 };
    this.#chunks.set(index, chunk);
    this.#cache?.loaded(this, index, bytes.length);
    return chunk;
  }

  /** The clean cache is full: forgets a chunk that can be read again. */
  evict(index: number): void {
    if (this.#chunks.get(index)?.dirty !== 0) return;
    this.#chunks.delete(index);
    this.#forget(index);
  }

  #forget(index: number): void {
    if (this.#lastIndex === index) this.#lastIndex = -1;
  }

  /** Pages [first, end) that hold data here. */
  countPages(first: number, end: number): number {
    let count = 0;
    for (const [index, { present }] of this.#chunks) {
      const start = index * PAGES_PER_CHUNK;
      for (let page = Math.max(first, start); page < Math.min(end, start + PAGES_PER_CHUNK); page++)
        if ((present & (1 << (page - start))) !== 0) count++;
    }
    return count;
  }

  /** The bytes at `position`, at most `max`, up to the end of a chunk; not past the size. Valid until the next call. */
  view(position: number, max: number): Uint8Array {
    const length = Math.min(max, this.size - position);
    if (length <= 0) return ZEROS.subarray(0, 0);
    const offset = position % CHUNK;
    const run = Math.min(length, CHUNK - offset);
    const chunk = this.#chunk((position - offset) / CHUNK);
    if (chunk === undefined || offset >= chunk.bytes.length) return ZEROS.subarray(0, run);
    return chunk.bytes.subarray(offset, offset + run); // a short chunk gives a short run
  }

  /** Copies into a sink until it is full or the file ends; returns the bytes moved. */
  read(sink: Sink, position: number): number {
    let done = 0;
    while (sink.remaining > 0) {
      const bytes = this.view(position + done, sink.remaining);
      if (bytes.length === 0) break;
      const taken = sink.put(bytes);
      done += taken;
      if (taken < bytes.length) break;
    }
    return done;
  }

  /** Copies to `into`; returns the bytes moved, fewer at the end of the file. */
  readAt(position: number, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const bytes = this.view(position + done, into.length - done);
      if (bytes.length === 0) break;
      into.set(bytes, done);
      done += bytes.length;
    }
    return done;
  }

  /** Stores one run of bytes; ENOSPC. Returns how many were stored (up to a chunk's end). */
  #store(bytes: Uint8Array, position: number): number {
    const offset = position % CHUNK;
    const run = Math.min(bytes.length, CHUNK - offset);
    const chunk = this.#writable((position - offset) / CHUNK, offset, offset + run, true);
    chunk.bytes.set(run === bytes.length ? bytes : bytes.subarray(0, run), offset);
    if (position + run > this.size) this.size = position + run;
    return run;
  }

  writeAt(position: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += this.#store(bytes.subarray(done), position + done);
  }

  /**
   * Copies up to `limit` bytes from a source; returns the bytes moved.
   * ENOSPC and EFAULT only when nothing was moved.
   */
  write(source: Source, position: number, limit: number): number {
    if (position + limit > MAX_FILE_SIZE) fail(EFBIG, 'file offset too large');
    let done = 0;
    let largest = CHUNK;
    while (done < limit) {
      const at = position + done;
      const bytes = this.#takeFor(at, source, Math.min(limit - done, largest - (at % largest)), done);
      if (bytes === undefined || bytes.length === 0) break;
      try {
        this.#store(bytes, at);
      } catch (failure) {
        source.giveBack(bytes.length);
        if (largest === PAGE_SIZE && done === 0) throw failure;
        if (largest === PAGE_SIZE) break;
        largest = PAGE_SIZE; // what there is room for
        continue;
      }
      done += bytes.length;
    }
    return done;
  }

  /** The next bytes of a source. A fault leaves the page that they were for (mm/filemap.c, generic_perform_write). */
  #takeFor(position: number, source: Source, max: number, done: number): Uint8Array | undefined {
    const offset = position % CHUNK;
    try {
      return takeAfter(source, Math.min(max, CHUNK - offset), done);
    } catch (failure) {
      this.#writable((position - offset) / CHUNK, offset, offset + 1, true);
      if (position > this.size) this.size = position; // mm/shmem.c, shmem_write_end of no bytes
      throw failure;
    }
  }

  /** The chunk with bytes [from, to) of it charged and marked dirty; `isData`: they are about to be written. */
  #writable(index: number, from: number, to: number, isData: boolean): Chunk {
    let chunk = this.#chunk(index);
    const firstPage = Math.floor(from / PAGE_SIZE);
    const lastPage = Math.floor((to - 1) / PAGE_SIZE);
    const wanted = 2 ** (lastPage + 1) - 2 ** firstPage;
    const capacity = Math.max(
      chunk?.bytes.length ?? 0,
      to > PAGE_SIZE && index > 0 ? CHUNK : capacityFor(to),
    );
    const unpaid = capacity - (chunk?.charged ?? 0);
    const added = popcount(wanted & ~(chunk?.dirty ?? 0));
    if ((unpaid > 0 || added > 0) && !this.#account.charge(unpaid, added))
      fail(ENOSPC, 'no room left on this file system');
    if (chunk === undefined) {
      chunk = { bytes: new Uint8Array(capacity), present: 0, dirty: 0, charged: 0 };
      this.#chunks.set(index, chunk);
      this.#lastIndex = index;
      this.#last = chunk;
    } else if (chunk.bytes.length < capacity) {
      const grown = new Uint8Array(capacity);
      grown.set(chunk.bytes);
      chunk.bytes = grown;
    }
    chunk.charged = capacity;
    this.#dirtyPages += added;
    chunk.dirty |= wanted;
    if (isData) chunk.present |= wanted;
    return chunk;
  }

  /** Sets the size; what is cut off is freed, and reads as zeros when the file grows again. */
  truncate(size: number): void {
    if (size <= this.size) {
      // what fallocate set aside behind the end goes, too (mm/shmem.c, shmem_setattr)
      this.#drop(size, Number.POSITIVE_INFINITY);
      if (size < this.#backingLimit) this.#backingLimit = size;
    }
    this.size = size;
  }

  /** FALLOC_FL_PUNCH_HOLE: the range reads as zeros and its whole pages are freed. */
  punch(from: number, to: number): void {
    const end = Math.min(to, Math.ceil(this.size / PAGE_SIZE) * PAGE_SIZE);
    if (from >= end) return;
    if (from < this.#backingLimit) {
      // What lies below must not show through: zero pages of our own, unless all of the rest goes.
      const covered = Math.min(end, this.#backingLimit);
      for (let at = from; at < covered; )
        at += this.#store(ZEROS.subarray(0, Math.min(CHUNK, covered - at)), at);
      if (covered < end) this.#drop(Math.ceil(covered / PAGE_SIZE) * PAGE_SIZE, end);
      return;
    }
    this.#drop(from, end);
  }

  /** Frees the pages inside [from, to) and zeroes the parts of pages at its ends. */
  #drop(from: number, to: number): void {
    for (const [index, chunk] of this.#chunks) {
      const start = index * CHUNK;
      if (start + CHUNK <= from || start >= to) continue;
      const first = Math.max(0, from - start);
      const last = Math.min(chunk.bytes.length, to - start);
      if (first < last) chunk.bytes.fill(0, first, last);
      const firstPage = Math.ceil(first / PAGE_SIZE);
      const endPage = Math.floor(Math.min(CHUNK, to - start) / PAGE_SIZE);
      if (endPage <= firstPage) continue;
      const gone = 2 ** endPage - 2 ** firstPage;
      const freed = popcount(chunk.dirty & gone);
      this.#dirtyPages -= freed;
      this.#account.release(0, freed);
      chunk.present &= ~gone;
      chunk.dirty &= ~gone;
      if ((chunk.present | chunk.dirty) === 0) {
        this.#account.release(chunk.charged, 0);
        this.#chunks.delete(index);
        this.#forget(index);
      }
    }
  }

  /** fallocate: sets the pages of [from, to) aside; they stay holes for SEEK_DATA until written. ENOSPC, with nothing done when the whole cannot fit. */
  allocate(from: number, to: number, room: number): void {
    if (to - from - CHUNK > room) fail(ENOSPC, 'more than is free');
    for (let at = from; at < to; ) {
      const offset = at % CHUNK;
      const run = Math.min(to - at, CHUNK - offset);
      this.#writable((at - offset) / CHUNK, offset, offset + run, false);
      at += run;
    }
  }

  /** Everything goes: the last link and the last open description are gone. */
  free(): void {
    for (const chunk of this.#chunks.values()) this.#account.release(chunk.charged, popcount(chunk.dirty));
    this.#dirtyPages = 0;
    this.#chunks.clear();
    this.#lastIndex = -1;
    this.#backingLimit = 0;
    this.size = 0;
  }

  /** SEEK_DATA: the first offset at or after `from` that holds data; undefined past the last. */
  nextData(from: number): number | undefined {
    if (from >= this.size) return undefined;
    if (from < this.#backingLimit) return from;
    const indices = [...this.#chunks.keys()]
      .filter((index) => (index + 1) * CHUNK > from)
      .sort((a, b) => a - b);
    for (const index of indices) {
      const { present } = this.#chunks.get(index) as Chunk;
      for (let page = 0; page < PAGES_PER_CHUNK; page++) {
        const start = index * CHUNK + page * PAGE_SIZE;
        if (start + PAGE_SIZE > from && (present & (1 << page)) !== 0) {
          const at = Math.max(from, start);
          return at < this.size ? at : undefined;
        }
      }
    }
    return undefined;
  }

  /** SEEK_HOLE: the first offset at or after `from` in a hole; the size when there is none. */
  nextHole(from: number): number {
    let at = Math.max(from, Math.min(this.#backingLimit, this.size));
    while (at < this.size) {
      const offset = at % CHUNK;
      const present = this.#chunks.get((at - offset) / CHUNK)?.present ?? 0;
      if ((present & (1 << Math.floor(offset / PAGE_SIZE))) === 0) return at;
      at += PAGE_SIZE - (at % PAGE_SIZE);
    }
    return this.size;
  }
}

/** Small files get small chunks, growing by doubling. */
function capacityFor(end: number): number {
  let capacity = PAGE_SIZE;
  while (capacity < end) capacity *= 2;
  return capacity;
}

/** As `source.take`, but a fault after `done` bytes ends the transfer instead of failing it. */
export function takeAfter(source: Source, max: number, done: number): Uint8Array | undefined {
  if (done === 0) return source.take(max);
  try {
    return source.take(max);
  } catch {
    return undefined;
  }
}

function popcount(bits: number): number {
  let left = bits;
  let count = 0;
  while (left !== 0) {
    left &= left - 1;
    count++;
  }
  return count;
}
