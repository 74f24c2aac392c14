// The page cache of host files: chunks read from the host, which can be read again, up to a fixed size.
// Page stores over a host file report what they loaded; the oldest clean chunks go first.
import type { PageStore } from './page-store.ts';

interface Loaded {
  readonly store: PageStore;
  readonly index: number;
  readonly size: number;
}

export class CleanCache {
  readonly #limit: number;
  #queue: Loaded[] = [];
  #head = 0;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `store` has read chunk `index` from its backing. */
  loaded(store: PageStore, index: number, size: number): void {
    this.#queue.push({ store, index, size });
    this.#size += size;
    while (this.#size > this.#limit && this.#queue.length - this.#head > 1) {
      const oldest = this.#queue[this.#head++] as Loaded;
      this.#size -= oldest.size;
      oldest.store.evict(oldest.index);
    }
    if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
