// A descriptor table: small numbers to open file descriptions, with the close-on-exec flag of each slot.
// Threads share one (CLONE_FILES) or have their own; syscall handlers look descriptors up here.
// The lowest free number is always given (POSIX); RLIMIT_NOFILE bounds it.
import { O_PATH } from '../abi/fcntl.ts';
import { EBADF, EMFILE, ENOMEM, fail } from '../errno.ts';
import { descriptorClosed } from '../fs/locks/file-locks.ts';
import type { MemoryAccount } from '../mm/account.ts';
import type { Thread } from '../task/thread.ts';
import type { OpenFile } from './open-file.ts';

/** What a descriptor, with what it may refer to, costs of the guest's memory; what programs usually have is free. */
const SLOT_BYTES = 512;
const FREE_SLOTS = 64;
/** What a number below the highest one costs, open or not. */
const NUMBER_BYTES = 8;
const FREE_NUMBERS = 1024;
/** Pages are taken so many at a time, and given back when the table goes. */
const PAGES_AT_A_TIME = 8;

interface Slot {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** A description that a call goes on with whatever its number means by now. */
export interface HeldFile {
  readonly fd: number;
  readonly file: OpenFile;
}

export class FdTable {
  readonly #slots: (Slot | undefined)[] = [];
  #lowestFree = 0;
  #openCount = 0;
  #paidPages = 0;
  readonly #memory: MemoryAccount;
  /** Threads that share this table. */
  users: number;
  /** While a call that waited is tried again: what its numbers mean to it (kernel/held-files.ts). */
  held: readonly HeldFile[] | undefined;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
    this.users = 1; // here: docs/decisions/0025
  }

  /** The description behind `fd`, O_PATH ones too; undefined when closed. */
  lookup(fd: number): OpenFile | undefined {
    return this.held === undefined ? this.#slots[fd]?.file : this.#lookupHeld(fd, this.held);
  }

  #lookupHeld(fd: number, held: readonly HeldFile[]): OpenFile | undefined {
    return (held.find((one) => one.fd === fd) ?? this.#slots[fd])?.file;
  }

  /** The description behind `fd`. EBADF when closed. */
  any(fd: number): OpenFile {
    return this.lookup(fd) ?? fail(EBADF, 'no such open descriptor');
  }

  /** As `any`, but O_PATH descriptors are EBADF too (open(2), O_PATH). */
  get(fd: number): OpenFile {
    const file = this.any(fd);
    if ((file.flags & O_PATH) !== 0) fail(EBADF, 'descriptor was opened with O_PATH');
    return file;
  }

  closeOnExec(fd: number): boolean {
    return this.#slots[fd]?.closeOnExec ?? fail(EBADF, 'no such open descriptor');
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    const slot = this.#slots[fd] ?? fail(EBADF, 'no such open descriptor');
    slot.closeOnExec = closeOnExec;
  }

  /**
   * Puts `file` into the lowest free slot at or above `from`; the table takes over the caller's reference.
   * EMFILE at `limit` (RLIMIT_NOFILE), ENOMEM; the caller then still holds the reference.
   */
  install(file: OpenFile, limit: number, closeOnExec = false, from = 0): number {
    let fd = Math.max(from, from <= this.#lowestFree ? this.#lowestFree : from);
    while (this.#slots[fd] !== undefined) fd++;
    if (fd >= limit) fail(EMFILE, `all ${limit} descriptors of RLIMIT_NOFILE are in use`);
    this.#pay(this.#openCount + 1, fd);
    this.#slots[fd] = { file, closeOnExec };
    this.#openCount++;
    if (from <= this.#lowestFree) this.#lowestFree = fd + 1;
    return fd;
  }

  /** The next `count` numbers that install would give. EMFILE when there are not so many below `limit`; ENOMEM. */
  freeNumbers(count: number, limit: number): number[] {
    const numbers: number[] = [];
    for (let fd = this.#lowestFree; numbers.length < count; fd++) {
      if (fd >= limit) fail(EMFILE, `all ${limit} descriptors of RLIMIT_NOFILE are in use`);
      if (this.#slots[fd] === undefined) numbers.push(fd);
    }
    this.#pay(this.#openCount + count, numbers.at(-1) ?? 0);
    return numbers;
  }

  /** Is there a slot for one more? ENOMEM. */
  hasRoom(limit: number): boolean {
    let fd = this.#lowestFree;
    while (this.#slots[fd] !== undefined) fd++;
    this.#lowestFree = fd;
    if (fd >= limit) return false;
    this.#pay(this.#openCount + 1, fd);
    return true;
  }

  /** Puts `file` at exactly `fd` (dup3) and closes what was there. The table takes over the caller's reference. ENOMEM. */
  replace(thread: Thread, fd: number, file: OpenFile, closeOnExec: boolean): void {
    const old = this.#slots[fd]?.file;
    this.#pay(this.#openCount + 1, fd);
    if (old === undefined) this.#openCount++;
    while (this.#slots.length < fd) this.#slots.push(undefined);
    this.#slots[fd] = { file, closeOnExec };
    if (old === undefined) return;
    this.#flush(thread, old);
    old.release();
  }

  /** Empties the slot and drops its reference. EBADF. */
  close(thread: Thread, fd: number): void {
    this.#empty(thread, fd).release();
  }

  /** The description that the number meant; the caller has its reference. EBADF. */
  #empty(thread: Thread, fd: number): OpenFile {
    const file = this.any(fd);
    this.#slots[fd] = undefined;
    this.#openCount--;
    if (fd < this.#lowestFree) this.#lowestFree = fd;
    this.#flush(thread, file);
    return file;
  }

  /** A descriptor of this table no longer refers to `file` (fs/open.c, filp_flush). */
  #flush(thread: Thread, file: OpenFile): void {
    file.descriptor.flush(thread, file);
    if ((file.flags & O_PATH) === 0) descriptorClosed(file.descriptor.inode, this);
  }

  /** Closes several in order, as one call: their last references go when it is through, the last one first (task_work_run). */
  closeEach(thread: Thread, numbers: Iterable<number>): void {
    const files = new Set<OpenFile>();
    for (const fd of numbers) {
      const file = this.#empty(thread, fd);
      if (files.delete(file)) file.release();
      files.add(file);
    }
    for (const file of [...files].reverse()) file.release();
  }

  /** execve: closes what is marked. */
  closeMarked(thread: Thread): void {
    this.closeEach(thread, this.#marked());
  }

  *#marked(): Generator<number> {
    for (const [fd] of this.entries()) if (this.closeOnExec(fd)) yield fd;
  }

  closeAll(thread: Thread): void {
    this.closeEach(thread, this.openFrom(0, Number.POSITIVE_INFINITY));
    this.#memory.release(this.#paidPages);
    this.#paidPages = 0;
  }

  /** Takes memory for `count` descriptors up to number `last`. ENOMEM when there is none. */
  #pay(count: number, last: number, mustBe = false): void {
    if (count <= FREE_SLOTS && last < FREE_NUMBERS) return;
    const missing = pagesFor(count, last) - this.#paidPages;
    if (missing <= 0) return;
    if (mustBe) this.#memory.chargeAlways(missing);
    else if (!this.#memory.charge(missing)) fail(ENOMEM, 'no memory for more descriptors');
    this.#paidPages += missing;
  }

  /**
   * How many descriptors Linux's table has room for (alloc_fdtable): select looks no further, /proc shows it.
   * At least 256, which is what programs started from a shell find.
   */
  get tableSize(): number {
    const { length } = this.#slots;
    return length <= 256 ? 256 : 2 ** Math.ceil(Math.log2(length));
  }

  /** Open numbers from `first` to `last`, which may be closed on the way. */
  *openFrom(first: number, last: number): Generator<number> {
    for (let fd = first; fd <= last && fd < this.#slots.length; fd++)
      if (this.#slots[fd] !== undefined) yield fd;
  }

  /** Open descriptors in order. */
  *entries(): Generator<readonly [number, OpenFile]> {
    for (let fd = 0; fd < this.#slots.length; fd++) {
      const file = this.#slots[fd]?.file;
      if (file !== undefined) yield [fd, file];
    }
  }

  /** A table of its own with the same descriptions (fork). ENOMEM, unless it `mustBe`. */
  clone(mustBe = false): FdTable {
    const copy = new FdTable(this.#memory);
    copy.#pay(this.#openCount, this.#slots.length, mustBe);
    copy.#openCount = this.#openCount;
    for (let fd = 0; fd < this.#slots.length; fd++) {
      const slot = this.#slots[fd];
      copy.#slots.push(slot && { file: slot.file.retain(), closeOnExec: slot.closeOnExec });
    }
    copy.#lowestFree = this.#lowestFree;
    return copy;
  }
}

function pagesFor(count: number, last: number): number {
  const bytes =
    Math.max(0, count - FREE_SLOTS) * SLOT_BYTES + Math.max(0, last - FREE_NUMBERS) * NUMBER_BYTES;
  return Math.ceil(bytes / 4096 / PAGES_AT_A_TIME) * PAGES_AT_A_TIME;
}
