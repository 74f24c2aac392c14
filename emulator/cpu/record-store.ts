// Decoded records of programs that are over, found by the bytes of their page: the next process decodes them no more.
// cpu/decode-cache.ts fills it when an address space ends, and asks it for each page that gets a slot.
// Kept is what depends on the page's own bytes alone, so that it holds wherever they lie.
import { PAGE_SIZE } from '../memory/layout.ts';

/** Bytes of pages and records; what was used longest ago goes first. */
const LIMIT = 32 << 20;
/** Words of an item: which record of the page, and all of it but its count of visits. */
export const ITEM_WORDS = 4;
const BYTES_PER_WORD = 4;

interface StoredPage {
  readonly code: Int32Array;
  readonly items: Int32Array;
}

export class RecordStore {
  /** By hash, in order of use. */
  readonly #pages = new Map<number, StoredPage>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#pages.size === 0;
  }

  /** Items of a page with these words, by ascending record; undefined when there are none. */
  find(code: Int32Array): Int32Array | undefined {
    const hash = hashOf(code);
    const known = this.#pages.get(hash);
    if (known === undefined || !isSame(known.code, code)) return undefined;
    this.#pages.delete(hash);
    this.#pages.set(hash, known);
    return known.items;
  }

  /** Copies both, unless it knows more of such a page already. */
  keep(code: Int32Array, items: Int32Array): void {
    const hash = hashOf(code);
    const known = this.#pages.get(hash);
    if (known !== undefined) {
      if (known.items.length >= items.length && isSame(known.code, code)) return;
      this.#remove(hash, known);
    }
    this.#size += sizeOf(items);
    this.#pages.set(hash, { code: code.slice(), items: items.slice() });
    for (const [oldest, page] of this.#pages) {
      if (this.#size <= LIMIT) break;
      this.#remove(oldest, page);
    }
  }

  #remove(hash: number, { items }: StoredPage): void {
    this.#size -= sizeOf(items);
    this.#pages.delete(hash);
  }
}

function sizeOf(items: Int32Array): number {
  return PAGE_SIZE + items.length * BYTES_PER_WORD;
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Of every eighth word, which tells pages of programs from each other; who finds one compares all its words. */
function hashOf(words: Int32Array): number {
  let hash = 0;
  for (let i = 0; i < words.length; i += 8) {
    hash = Math.imul(hash ^ (words[i] as number), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
