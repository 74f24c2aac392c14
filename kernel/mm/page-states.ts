// What is at each page of an address space: nothing, the process's own bytes, or a copy of an object's page.
// The fault path, fork and unmap keep it; it is sparse, since programs use a few islands of a big space.
// The bytes themselves are in the Memory; permissions are in its maps.
import { ADDRESS_LIMIT, PAGE_COUNT, PAGE_SIZE } from '../../emulator/memory/layout.ts';

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
  /** As Private, but forked processes borrow it: not written in place (loans.ts). */
  Lent: 5,
  /** The process's own as far as it can see, but the bytes are with a lender. This state and all above, one for each lender. */
  Borrowed: 6,
} as const;

/** Is it the process's own, as anonymous pages of Linux are, whether or not the bytes are shared until somebody writes? */
export function isAnonymous(state: number): boolean {
  return state === PageState.Private || state >= PageState.Lent;
}

/** Does the page belong to an object? */
function isObjectPage(state: number): boolean {
  return state === PageState.Copy || state === PageState.Owned;
}

const CHUNK_SHIFT = 10;
const CHUNK_SIZE = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_SIZE - 1;
/** Chunks of the lowest 4 GiB, where most programs have all their pages. */
const LOW_CHUNKS = PAGE_COUNT / CHUNK_SIZE;

/** A run of present pages in one state. */
export interface PageRun {
  readonly first: number;
  readonly count: number;
  readonly state: number;
}

export class PageStates {
  #chunks: (Uint8Array | undefined)[] = [];
  readonly #highChunks = new Map<number, Uint8Array>();
  /** Their numbers in order; undefined when one has come since. */
  #highOrder: number[] | undefined;
  /** Present pages: the resident set. */
  present = 0;
  /** Present pages that belong to an object (Copy or Owned). */
  shared = 0;

  #chunk(index: number): Uint8Array | undefined {
    return index < LOW_CHUNKS ? this.#chunks[index] : this.#highChunks.get(index);
  }

  get(page: number): number {
    return this.#chunk(page >>> CHUNK_SHIFT)?.[page & CHUNK_MASK] ?? PageState.Absent;
  }

  set(page: number, state: number): void {
    const chunk = this.#chunk(page >>> CHUNK_SHIFT) ?? this.#addChunk(page);
    const old = chunk[page & CHUNK_MASK] as number;
    this.present += Number(state >= PageState.Private) - Number(old >= PageState.Private);
    this.shared += Number(isObjectPage(state)) - Number(isObjectPage(old));
    chunk[page & CHUNK_MASK] = state;
  }

  /** Sets pages that are all in one state, as those of a run are. */
  setRun(first: number, count: number, state: number): void {
    const old = this.get(first);
    // a count that was reckoned from large addresses would make doubles of these, for good (docs/decisions/0025)
    const pages = count | 0;
    this.present += pages * (Number(state >= PageState.Private) - Number(old >= PageState.Private));
    this.shared += pages * (Number(isObjectPage(state)) - Number(isObjectPage(old)));
    for (let page = first; page < first + count; ) {
      const chunk = this.#chunk(page >>> CHUNK_SHIFT) ?? this.#addChunk(page);
      const end = Math.min(first + count, (page & ~CHUNK_MASK) + CHUNK_SIZE);
      chunk.fill(state, page & CHUNK_MASK, (page & CHUNK_MASK) + end - page);
      page = end;
    }
  }

  #addChunk(page: number): Uint8Array {
    if (page >= ADDRESS_LIMIT / PAGE_SIZE) throw new Error(`page ${page} is outside every address space`);
    const index = page >>> CHUNK_SHIFT;
    const chunk = new Uint8Array(CHUNK_SIZE);
    if (index < LOW_CHUNKS) this.#chunks[index] = chunk;
    else {
      this.#highChunks.set(index, chunk);
      this.#highOrder = undefined;
    }
    return chunk;
  }

  /** The first page from `page` on in a chunk that is kept, before `end`; `page` itself is in none. */
  #nextKept(page: number, end: number): number {
    const index = (page >>> CHUNK_SHIFT) + 1;
    if (index < LOW_CHUNKS) return index << CHUNK_SHIFT;
    this.#highOrder ??= [...this.#highChunks.keys()].sort((a, b) => a - b);
    let low = 0;
    for (let high = this.#highOrder.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((this.#highOrder[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    const next = this.#highOrder[low];
    return next === undefined ? end : next << CHUNK_SHIFT;
  }

  /** Forgets everything: the Memory is gone. */
  clear(): void {
    this.#chunks = [];
    this.#highChunks.clear();
    this.#highOrder = undefined;
    this.present = 0;
    this.shared = 0;
  }

  /** Makes present pages of [first, end) stale and returns how many there were. */
  drop(first: number, end: number): number {
    const before = this.present;
    for (const run of this.runs(first, end)) this.setRun(run.first, run.count, PageState.Stale);
    return before - this.present;
  }

  /** Runs of present pages in [first, end), in order. Changing states inside a run already yielded is allowed. */
  *runs(first: number, end: number): Generator<PageRun> {
    let page = first;
    while (page < end) {
      const chunk = this.#chunk(page >>> CHUNK_SHIFT);
      if (chunk === undefined) {
        page = this.#nextKept(page, end);
        continue;
      }
      const chunkEnd = Math.min(end, (page & ~CHUNK_MASK) + CHUNK_SIZE);
      const state = chunk[page & CHUNK_MASK] as number;
      const start = page;
      do page++;
      while (page < chunkEnd && chunk[page & CHUNK_MASK] === state);
      if (state >= PageState.Private) yield { first: start, count: page - start, state };
    }
  }

  /** First pages of the aligned spans that reach into [first, end) in which none is present. A span is a part of a chunk. */
  *emptied(first: number, end: number, span: number): Generator<number> {
    for (let page = first - (first % span); page < end; ) {
      if (this.#chunk(page >>> CHUNK_SHIFT) === undefined) {
        page = this.#nextKept(page, end);
        continue;
      }
      if (this.runs(page, page + span).next().done === true) yield page;
      page += span;
    }
  }
}
