// The guest's memory over all processes, in pages, against the machine's limit (--memory).
// Mms charge present pages, shared memory its contents; sysinfo and /proc/meminfo read it.
// At the limit mmap and fork fail with ENOMEM, and touching one page more kills the process that does.

export class MemoryAccount {
  readonly limitPages: number;
  usedPages = 0;
  #objects = 0;

  constructor(limitBytes: number) {
    this.limitPages = Math.floor(limitBytes / 4096);
  }

  get freePages(): number {
    return Math.max(0, this.limitPages - this.usedPages);
  }

  /** Takes `pages`, or returns false and takes nothing. */
  charge(pages: number): boolean {
    if (this.usedPages + pages > this.limitPages) return false;
    this.usedPages += pages;
    return true;
  }

  /** Takes `pages` even past the limit: for bytes that already exist. */
  chargeAlways(pages: number): void {
    this.usedPages += pages;
  }

  release(pages: number): void {
    this.usedPages -= pages;
  }

  /** A number for a new shared object: its inode number in /proc/PID/maps, its identity for futexes. */
  nextObject(): number {
    return ++this.#objects;
  }
}
