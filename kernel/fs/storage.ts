// What all files kept in memory may hold together: file pages, and a fixed price for each inode.
// tmpfs, overlays and memfds charge it; a guest that fills its disk gets ENOSPC, the host stays well.

export class Storage {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return Math.max(0, this.limit - this.#used);
  }

  /** Takes `bytes`; false when they are not there. */
  charge(bytes: number): boolean {
    if (this.#used + bytes > this.limit) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }
}
