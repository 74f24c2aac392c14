// What is at each page of an address space: nothing, the process's own bytes, or a copy of an object's page.
// The fault path, fork and unmap keep it; it is sparse, since programs use a few islands of a big space.
// The bytes themselves are in the Memory; permissions are in its maps.
import { PAGE_COUNT } from '../../emulator/memory/layout.ts';

export const PageState = {
  /** Not present, and the Memory's bytes there are zero. */
  Absent: 0,
  /** Not present, but the Memory holds bytes of an earlier mapping: to be overwritten at the next fault. */
  Stale: 1,
  /** Present and the process's own (anonymous, or copied on write). From here on pages are present. */
  Private: 2,
  /** A copy of an object's page, same bytes as in its store; others may have copies too. */
  Copy: 3,
  /** The only valid instance of a MAP_SHARED page; its store is out of date. */
  Owned: 4,
} as const;

const CHUNK_SHIFT = 10;
const CHUNK_SIZE = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_SIZE - 1;

/** A run of present pages in one state. */
export interface PageRun {
  readonly first: number;
  readonly count: number;
  readonly state: number;
}

export class PageStates {
  #chunks: (Uint8Array | undefined)[] = [];
  /** Present pages: the resident set. */
  present = 0;
  /** Present pages that belong to an object (Copy or Owned). */
  shared = 0;

  get(page: number): number {
    return this.#chunks[page >>> CHUNK_SHIFT]?.[page & CHUNK_MASK] ?? PageState.Absent;
  }

  set(page: number, state: number): void {
    let chunk = this.#chunks[page >>> CHUNK_SHIFT];
    if (chunk === undefined) {
      if (page >= PAGE_COUNT) throw new Error(`page ${page} is outside every address space`);
      chunk = new Uint8Array(CHUNK_SIZE);
      this.#chunks[page >>> CHUNK_SHIFT] = chunk;
    }
    const old = chunk[page & CHUNK_MASK] as number;
    this.present += Number(state >= PageState.Private) - Number(old >= PageState.Private);
    this.shared += Number(state >= PageState.Copy) - Number(old >= PageState.Copy);
    chunk[page & CHUNK_MASK] = state;
  }

  /** Forgets everything: the Memory is gone. */
  clear(): void {
    this.#chunks = [];
    this.present = 0;
    this.shared = 0;
  }

  /** Makes present pages of [first, end) stale and returns how many there were. */
  drop(first: number, end: number): number {
    const before = this.present;
    for (const run of this.runs(first, end)) {
      for (let page = run.first; page < run.first + run.count; page++) this.set(page, PageState.Stale);
    }
    return before - this.present;
  }

  /** Runs of present pages in [first, end), in order. Changing states inside a run already yielded is allowed. */
  *runs(first: number, end: number): Generator<PageRun> {
    let page = first;
    while (page < end) {
      const chunk = this.#chunks[page >>> CHUNK_SHIFT];
      const chunkEnd = Math.min(end, (page & ~CHUNK_MASK) + CHUNK_SIZE);
      if (chunk === undefined) {
        page = chunkEnd;
        continue;
      }
      const state = chunk[page & CHUNK_MASK] as number;
      const start = page;
      do page++;
      while (page < chunkEnd && chunk[page & CHUNK_MASK] === state);
      if (state >= PageState.Private) yield { first: start, count: page - start, state };
    }
  }
}
