// The registered files of an io_uring (io_uring/rsrc.c, filetable.c): slots that entries name in place of descriptors.
import { EBADF, EINVAL, EMFILE, ENFILE, ENXIO, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import type { Request } from './request.ts';

/** A slot is chosen, in the entry's file_index and in updates. */
export const IORING_FILE_INDEX_ALLOC = 0xffff_ffff;
const IORING_REGISTER_FILES_SKIP = -2;

export class FileSlots {
  #files: (OpenFile | undefined)[] = [];
  /** Slots are chosen from `start` up to `end`; the search begins behind the last that was filled, or at the last that was freed. */
  #start = 0;
  #end = 0;
  #hint = 0;

  get length(): number {
    return this.#files.length;
  }

  get(slot: number): OpenFile | undefined {
    return this.#files[slot];
  }

  /** As the table has room for: RLIMIT_NOFILE. EMFILE. */
  make(count: number, limit: number): void {
    if (count > limit) fail(EMFILE, 'more than RLIMIT_NOFILE');
    this.#files = new Array(count).fill(undefined);
    this.choose(0, count);
  }

  /** IORING_REGISTER_FILE_ALLOC_RANGE. */
  choose(start: number, end: number): void {
    this.#start = start;
    this.#end = end;
    this.#hint = start;
  }

  clear(): void {
    for (const file of this.#files) file?.release();
    this.#files = [];
    this.choose(0, 0);
  }

  /** The slot that comes next when one is chosen; undefined: all are taken (io_file_bitmap_get). */
  get free(): number | undefined {
    for (let slot = this.#hint; slot < this.#end; slot++) if (this.#files[slot] === undefined) return slot;
    for (let slot = this.#start; slot < Math.min(this.#hint, this.#end); slot++)
      if (this.#files[slot] === undefined) return slot;
    return undefined;
  }

  /** Takes over the reference. */
  set(slot: number, file: OpenFile | undefined): void {
    const old = this.#files[slot];
    this.#files[slot] = file;
    if (file !== undefined) this.#hint = slot + 1;
    else if (old !== undefined) this.#hint = slot;
    old?.release();
  }

  /** Before a file is made for a slot: ENXIO, EINVAL, ENFILE when there is none for it. `index` is the entry's. */
  demand(index: number): void {
    const isChosen = index === IORING_FILE_INDEX_ALLOC;
    if (this.length === 0) fail(isChosen ? ENFILE : ENXIO, 'no registered files');
    if (isChosen && this.free === undefined) fail(ENFILE, 'all slots are taken');
    if (!isChosen && (index === 0 || index > this.length)) fail(EINVAL, 'no such slot');
  }

  /** Puts the file, whose reference it takes over, where `index` says; the result is 0, or the slot that was chosen. */
  install(index: number, file: OpenFile): number {
    const isChosen = index === IORING_FILE_INDEX_ALLOC;
    const slot = isChosen ? (this.free ?? fail(ENFILE, 'all slots are taken')) : index - 1;
    this.set(slot, file);
    return isChosen ? slot : 0;
  }

  /** ENXIO, EINVAL, EBADF. */
  close(slot: number): number {
    if (this.length === 0) fail(ENXIO, 'no registered files');
    if (slot >= this.length) fail(EINVAL, 'no such slot');
    if (this.#files[slot] === undefined) fail(EBADF, 'the slot is empty');
    this.set(slot, undefined);
    return 0;
  }

  /** Puts descriptors (-1 for none, -2 to leave it) into slots from `first` on; how many. EBADF, EINVAL, ENXIO. */
  update(thread: Thread, first: number, address: number, count: number): number {
    if (this.length === 0) fail(ENXIO, 'no registered files');
    if (first + count > this.length) fail(EINVAL, 'no such slots');
    for (let done = 0; done < count; done++) {
      const fd = thread.user.readI32(address + done * 4);
      if (fd === IORING_REGISTER_FILES_SKIP) continue;
      const file = fd === -1 ? undefined : thread.files.lookup(fd);
      if (fd !== -1 && (file === undefined || file.descriptor.kind === 'io_uring'))
        return done > 0 ? done : fail(EBADF, 'no such descriptor');
      this.set(first + done, file?.retain());
    }
    return count;
  }

  /** The same with slots that are free; their numbers are written back. EBADF, ENFILE. */
  fill(thread: Thread, address: number, count: number): number {
    for (let done = 0; done < count; done++) {
      const file = thread.files.lookup(thread.user.readI32(address + done * 4));
      const slot = this.free;
      if (file === undefined || slot === undefined)
        return done > 0 ? done : fail(file === undefined ? EBADF : ENFILE, 'no descriptor, or no slot');
      thread.user.writeU32(address + done * 4, slot);
      this.set(slot, file.retain());
    }
    return count;
  }
}

/** Before a file is made, for an entry that names a slot for it. ENXIO, EINVAL, ENFILE. */
export function demandSlot({ sqe, ring }: Request): void {
  if (sqe.file_index !== 0) ring.files.demand(sqe.file_index);
}

/** The new descriptor, or the result of moving its file to the slot that the entry names. */
export function intoSlot({ sqe, ring, thread }: Request, fd: number): number {
  if (sqe.file_index === 0) return fd;
  const file = thread.files.any(fd).retain();
  thread.files.close(thread, fd);
  try {
    ring.files.demand(sqe.file_index);
  } catch (failure) {
    file.release();
    throw failure;
  }
  return ring.files.install(sqe.file_index, file);
}
