// When an inode in memory ends: with its last name and its last open description (tmpfs has no other owner).
// Directories and open descriptions report both; the file system gets its room back.
import type { Inode } from '../inode.ts';
import { notifyGone } from '../notify.ts';
import type { MemoryFileSystem } from './memory-fs.ts';

/** What an inode, its names and the host's objects for it cost. */
export const INODE_COST = 1024;

/** Counts what keeps an unlinked inode alive; calls `free` once when nothing does. */
export class Lifetime {
  readonly #inode: Inode;
  readonly #fs: MemoryFileSystem;
  readonly #free: () => void;
  /** False for what an overlay loaded from the host: it has cost nothing. */
  isCharged = true;
  /** Bytes paid for besides the inode: a link's target, attributes. */
  extraCharge = 0;
  /** Names paid for besides the first. */
  chargedNames = 0;
  #openCount = 0;
  #isGone = false;

  constructor(inode: Inode, fs: MemoryFileSystem, free: () => void = () => {}) {
    this.#inode = inode;
    this.#fs = fs;
    this.#free = free;
  }

  opened(): void {
    this.#openCount++;
  }

  closed(): void {
    this.#openCount--;
    this.check();
  }

  /** Pays for what the inode keeps besides itself, or gives it back; false when there is no room. */
  charge(bytes: number): boolean {
    if (bytes > 0 && !this.#fs.charge(bytes)) return false;
    if (bytes < 0) this.#fs.release(-bytes);
    this.extraCharge += bytes;
    return true;
  }

  /** A name was removed, or a description closed. */
  check(): void {
    if (this.#isGone || this.#openCount > 0 || this.#inode.nlink > 0) return;
    this.#isGone = true;
    notifyGone(this.#inode);
    this.#free();
    if (this.extraCharge > 0) this.#fs.release(this.extraCharge);
    if (this.isCharged) this.#fs.dropped(this.#inode);
  }
}
