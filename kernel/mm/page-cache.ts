// One mappable object (file, memfd, shared anonymous memory, SysV segment): who maps it, who owns modified pages.
// Faults fetch and own pages here; read, write and truncate of files call beforeRead and beforeWrite.
// A page is valid in one place when modified, or in several read-only: docs/decisions/0002-shared-pages-migrate.md.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { isFailure } from '../errno.ts';
import type { SharedPages } from '../fs/regular-inode.ts';
import type { ObjectPages } from './mappable.ts';
import type { Mm } from './mm.ts';
import { PageState } from './page-states.ts';
import type { Vma } from './vma.ts';

/** Told when mappings come and go (SysV attach counts). */
export interface MappingObserver {
  attached(mm: Mm): void;
  detached(mm: Mm): void;
}

interface Owner {
  readonly mm: Mm;
  readonly page: number;
}

export class PageCache implements SharedPages {
  readonly store: ObjectPages;
  /** The same for all processes and unlike any other object's: futexes in shared memory are keyed by it. */
  readonly identity: string;
  observer: MappingObserver | undefined;
  /** Nothing but mappings refers to the object: without them its bytes need not be kept. */
  readonly transient: boolean;
  readonly #vmas = new Set<Vma>();
  /** Object page to the one place where it is valid. */
  readonly #owners = new Map<number, Owner>();

  constructor(store: ObjectPages, identity: string, transient = false) {
    this.store = store;
    this.identity = identity;
    this.transient = transient;
  }

  get isMapped(): boolean {
    return this.#vmas.size > 0;
  }

  /** How many VMAs map it. */
  get mappingCount(): number {
    return this.#vmas.size;
  }

  /** Some shared mapping is or may become writable (F_SEAL_WRITE's EBUSY). */
  get hasWritableMapping(): boolean {
    for (const vma of this.#vmas) if (vma.isShared && vma.mayWrite) return true;
    return false;
  }

  attach(vma: Vma): void {
    this.#vmas.add(vma);
    this.observer?.attached(vma.mm);
  }

  /** The VMA goes or was replaced; its pages have been given back with `surrender`. */
  detach(vma: Vma): void {
    if (!this.#vmas.delete(vma)) return;
    this.observer?.detached(vma.mm);
  }

  /** Object pages that exist. */
  get pageCount(): number {
    return Math.ceil(this.store.size / PAGE_SIZE);
  }

  /** The current bytes of page `index`, valid until the next call; undefined past the end. Throws what the store throws. */
  fetch(index: number): Uint8Array | undefined {
    this.#recall(index);
    return this.store.readPage(index);
  }

  /** As fetch, but nothing changes hands: for debuggers. */
  peek(index: number): Uint8Array | undefined {
    const owner = this.#owners.get(index);
    if (owner === undefined) return this.store.readPage(index);
    return owner.mm.memory.bytes(owner.page * PAGE_SIZE, PAGE_SIZE);
  }

  /** The one valid instance of page `index`, for the kernel to change in place; undefined past the end. */
  direct(index: number): Uint8Array | undefined {
    const owner = this.#owners.get(index);
    if (owner !== undefined) return owner.mm.memory.bytes(owner.page * PAGE_SIZE, PAGE_SIZE);
    this.#dropCopies(index, index + 1);
    return this.store.readPage(index);
  }

  /** Page `index` is in memory. */
  holds(index: number): boolean {
    return this.#owners.has(index) || this.store.holdsPage?.(index) !== false;
  }

  /** A process holds the page modified. */
  isOwned(index: number): boolean {
    return this.#owners.has(index);
  }

  /** Makes `page` of `mm` the only valid instance; its bytes are already there. */
  own(index: number, mm: Mm, page: number): void {
    const owner = this.#owners.get(index);
    if (owner?.mm === mm && owner.page === page) return;
    this.#recall(index);
    this.#dropCopies(index, index + 1, mm, page);
    this.#owners.set(index, { mm, page });
  }

  /** `mm` gives up its owned page: the bytes go back to the store, unless the area goes too and no one can see them any more. */
  surrender(index: number, mm: Mm, page: number, isUnmapped: boolean): void {
    const owner = this.#owners.get(index);
    if (owner?.mm !== mm || owner.page !== page) return;
    this.#owners.delete(index);
    if (isUnmapped && this.transient && this.#vmas.size <= 1) return;
    this.#writeBack(index, owner);
  }

  /** Bytes [from, to) will be read (read(2), sendfile, msync): the store's become current. */
  beforeRead(from: number, to: number): void {
    if (this.#owners.size === 0) return;
    const first = Math.floor(from / PAGE_SIZE);
    const end = Math.ceil(to / PAGE_SIZE);
    if (end - first < this.#owners.size) {
      for (let index = first; index < end; index++) this.#recall(index);
      return;
    }
    for (const index of [...this.#owners.keys()]) if (index >= first && index < end) this.#recall(index);
  }

  /**
   * Bytes [from, to) will change: the store's become current, and processes fetch them again when they next touch
   * them. With an infinite `to` the file is cut (or grows) at `from`: pages wholly past it vanish, private copies
   * too, so that touching them is SIGBUS (unmap_mapping_range with even_cows).
   */
  beforeWrite(from: number, to: number): void {
    if (this.#vmas.size === 0) return;
    this.beforeRead(from, to);
    this.#dropCopies(Math.floor(from / PAGE_SIZE), Math.ceil(to / PAGE_SIZE));
    if (to !== Number.POSITIVE_INFINITY) return;
    const firstGone = Math.ceil(from / PAGE_SIZE);
    for (const vma of [...this.#vmas]) {
      const [first, end] = vma.pagesOf(firstGone, to);
      if (first < end) vma.mm.dropPages(first, end);
    }
  }

  /** The owner, if any, writes its page back and keeps a read-only copy. */
  #recall(index: number): void {
    const owner = this.#owners.get(index);
    if (owner === undefined) return;
    this.#owners.delete(index);
    this.#writeBack(index, owner);
    owner.mm.demote(owner.page);
  }

  #writeBack(index: number, owner: Owner): void {
    try {
      this.store.writePage(index, owner.mm.memory.bytes(owner.page * PAGE_SIZE, PAGE_SIZE));
    } catch (thrown) {
      // No room to store it: as on Linux the loss shows later, if at all; there is no one to tell.
      if (!isFailure(thrown)) throw thrown;
    }
  }

  /** Takes unmodified copies of object pages [first, end) away, except `keepPage` of `keep`. */
  #dropCopies(first: number, end: number, keep?: Mm, keepPage?: number): void {
    for (const vma of this.#vmas) {
      const { mm } = vma;
      const [from, to] = vma.pagesOf(first, end);
      if (from >= to) continue;
      for (const run of mm.states.runs(from, to)) {
        if (run.state !== PageState.Copy) continue;
        for (let page = run.first; page < run.first + run.count; page++) {
          if (mm !== keep || page !== keepPage) mm.dropPages(page, page + 1);
        }
      }
    }
  }
}
