// The memory that a program and the kernel share for one io_uring: the two rings, and behind them the submission entries.
// Processes map it as other shared objects; the kernel reads and writes the one valid instance of a page in place, so that
// pages do not wander. Offsets are those of mmap: rings at 0, entries at IORING_OFF_SQES.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { IORING_OFF_CQ_RING, IORING_OFF_SQES } from '../abi/io-uring.ts';
import { ENOMEM, fail } from '../errno.ts';
import type { MemoryAccount } from '../mm/account.ts';
import type { ObjectPages } from '../mm/mappable.ts';
import { PageCache } from '../mm/page-cache.ts';

const SQES_PAGE = IORING_OFF_SQES / PAGE_SIZE;

export class RingMemory implements ObjectPages {
  readonly cache: PageCache;
  readonly #account: MemoryAccount;
  readonly #rings: Uint8Array;
  readonly #entries: Uint8Array;

  /** Sizes in bytes. ENOMEM. */
  constructor(account: MemoryAccount, ringSize: number, entriesSize: number) {
    const ringPages = Math.ceil(ringSize / PAGE_SIZE);
    const entryPages = Math.ceil(entriesSize / PAGE_SIZE);
    if (!account.charge(ringPages + entryPages)) fail(ENOMEM, 'no memory for the rings');
    this.#account = account;
    this.#rings = new Uint8Array(ringPages * PAGE_SIZE);
    this.#entries = new Uint8Array(entryPages * PAGE_SIZE);
    this.cache = new PageCache(this, `io_uring:${account.nextObject()}`);
  }

  get size(): number {
    return IORING_OFF_SQES + this.#entries.length;
  }

  readPage(index: number): Uint8Array | undefined {
    const part = index < SQES_PAGE ? this.#rings : this.#entries;
    const start = (index % SQES_PAGE) * PAGE_SIZE;
    return start < part.length ? part.subarray(start, start + PAGE_SIZE) : undefined;
  }

  writePage(index: number, bytes: Uint8Array): void {
    this.readPage(index)?.set(bytes);
  }

  /** Where a mapping from `offset` on begins; undefined when it is no part of the rings, or too long. */
  place(offset: number, length: number): number | undefined {
    if (offset === IORING_OFF_SQES) return length <= this.#entries.length ? offset : undefined;
    if (offset !== 0 && offset !== IORING_OFF_CQ_RING) return undefined;
    return length <= this.#rings.length ? 0 : undefined;
  }

  #page(at: number, writes: boolean): Uint8Array {
    const index = Math.floor(at / PAGE_SIZE);
    const page = writes ? this.cache.direct(index) : this.cache.peek(index);
    if (page === undefined) throw new Error('an offset outside of the rings');
    return page;
  }

  readU32(at: number): number {
    const page = this.#page(at, false);
    const start = at % PAGE_SIZE;
    return new DataView(page.buffer, page.byteOffset + start, 4).getUint32(0, true);
  }

  writeU32(at: number, value: number): void {
    const page = this.#page(at, true);
    new DataView(page.buffer, page.byteOffset + (at % PAGE_SIZE), 4).setUint32(0, value, true);
  }

  /** `length` bytes that lie in one page, until the next call. */
  read(at: number, length: number): Uint8Array {
    const start = at % PAGE_SIZE;
    return this.#page(at, false).subarray(start, start + length);
  }

  write(at: number, bytes: Uint8Array): void {
    this.#page(at, true).set(bytes, at % PAGE_SIZE);
  }

  free(): void {
    this.#account.release((this.#rings.length + this.#entries.length) / PAGE_SIZE);
  }
}
