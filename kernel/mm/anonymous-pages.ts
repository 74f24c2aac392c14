// Memory that processes share without a file: MAP_SHARED | MAP_ANONYMOUS, SysV segments.
// A PageCache holds one as its store; pages exist from the first time one is given back.
// What it holds is charged to the guest's memory; past the limit too, since the bytes existed in a process before.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { MemoryAccount } from './account.ts';
import type { ObjectPages } from './mappable.ts';

const ZEROES = new Uint8Array(PAGE_SIZE);

export class AnonymousPages implements ObjectPages {
  size: number;
  readonly #account: MemoryAccount;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(size: number, account: MemoryAccount) {
    this.size = size;
    this.#account = account;
  }

  readPage(index: number): Uint8Array | undefined {
    if (index * PAGE_SIZE >= this.size) return undefined;
    return this.#pages.get(index) ?? ZEROES;
  }

  holdsPage(index: number): boolean {
    return this.#pages.has(index);
  }

  writePage(index: number, bytes: Uint8Array): void {
    const page = this.#pages.get(index);
    if (page !== undefined) {
      page.set(bytes);
      return;
    }
    this.#account.chargeAlways(1);
    this.#pages.set(index, bytes.slice());
  }

  /** Forgets the pages inside [first, end). */
  punch(first: number, end: number): void {
    for (const index of [...this.#pages.keys()]) {
      if (index < first || index >= end) continue;
      this.#pages.delete(index);
      this.#account.release(1);
    }
  }

  /** No one refers to the object any more. */
  free(): void {
    this.punch(0, Number.POSITIVE_INFINITY);
  }
}
