// What every regular file can do, wherever its bytes are: memory, an overlay, the host.
// RegularFile (the open description), exec, sendfile and mmap work on this class alone.
// Bytes that a process has mapped shared and changed are recalled before anything here reads or writes them.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EPERM, ETXTBSY, fail } from '../errno.ts';
import { copyTaken } from '../file/buffer.ts';
import type { FileDescriptor, Sink, Source } from '../file/file-descriptor.ts';
import type { Thread } from '../task/thread.ts';
import { type AttributeChange, Inode } from './inode.ts';
import type { Path } from './path.ts';
import { RegularFile } from './regular-file.ts';

/** Where mmap keeps shared pages of this file (kernel/mm): asked before read(2), write(2) and truncate touch them. */
export interface SharedPages {
  /** Bytes [from, to) will be read: what processes changed must be in the file. */
  beforeRead(from: number, to: number): void;
  /** Bytes [from, to) will change or go: as beforeRead, and no process may keep a copy. */
  beforeWrite(from: number, to: number): void;
  readonly isMapped: boolean;
  /** A process has, or may get, the file mapped shared and writable. */
  readonly hasWritableMapping: boolean;
}

export const F_SEAL_SEAL = 1;
export const F_SEAL_SHRINK = 2;
export const F_SEAL_GROW = 4;
export const F_SEAL_WRITE = 8;
export const F_SEAL_FUTURE_WRITE = 16;
export const F_SEAL_EXEC = 32;

export abstract class RegularInode extends Inode {
  /** Set by mmap when a process first maps the file shared. */
  sharedPages: SharedPages | undefined;
  /** F_SEAL_* bits of files in memory (fcntl(2), File Sealing); undefined where sealing is not known: EINVAL. */
  seals: number | undefined;
  /** Has no name and may be given one (O_TMPFILE without O_EXCL). */
  isLinkable = false;
  /** Open for writing (positive) or being executed (negative): Linux's i_writecount. */
  #writers = 0;
  /** Open descriptions that only read: Linux's i_readcount. */
  readerCount = 0;

  get writerCount(): number {
    return this.#writers;
  }

  /** An open description may write from now on. ETXTBSY while a program runs from the file. */
  addWriter(): void {
    if (this.#writers < 0) fail(ETXTBSY, 'a process executes this file');
    this.#writers++;
  }

  removeWriter(): void {
    this.#writers--;
  }

  /** execve: no one may open the file for writing. ETXTBSY when someone has. */
  denyWrite(): void {
    if (this.#writers > 0) fail(ETXTBSY, 'the file is open for writing');
    this.#writers--;
  }

  allowWrite(): void {
    this.#writers++;
  }

  /** How many of its pages [first, end) are in memory. */
  cachedPages(first: number, end: number): number {
    this.sharedPages?.beforeRead(0, this.size);
    return this.countPages(first, Math.min(end, Math.ceil(this.size / PAGE_SIZE)));
  }

  /** Of bytes that are kept elsewhere none is. */
  protected countPages(_first: number, _end: number): number {
    return 0;
  }

  /** Reads into `sink` from `position`; 0 at the end. */
  read(sink: Sink, position: number): number {
    this.sharedPages?.beforeRead(position, position + sink.remaining);
    return this.readContent(sink, position);
  }

  /** Fills `into` from `position` for the kernel's own use (exec, sendfile); returns the bytes read. */
  readAt(position: number, into: Uint8Array): number {
    this.sharedPages?.beforeRead(position, position + into.length);
    return this.readBytes(position, into);
  }

  /** Writes up to `limit` bytes. ENOSPC, EFBIG, EPERM (sealed). */
  write(source: Source, position: number, limit: number): number {
    const allowed = this.seals === undefined ? limit : this.#unsealedLength(position, limit);
    const { sharedPages } = this;
    if (sharedPages?.isMapped !== true) return this.writeContent(source, position, allowed);
    const end = position + allowed;
    sharedPages.beforeWrite(position, end);
    const written = this.writeContent(new PagewiseSource(source, position, sharedPages), position, allowed);
    sharedPages.beforeWrite(position, end); // the last bytes were read after the pages were taken away
    return written;
  }

  /** How much a sealed file takes: all, nothing (EPERM), or the whole pages below its end (shmem_write_begin). */
  #unsealedLength(position: number, limit: number): number {
    const seals = this.seals ?? 0;
    if ((seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) fail(EPERM, 'sealed against writing');
    if ((seals & F_SEAL_GROW) === 0 || position + limit <= this.size) return limit;
    const end = this.size - (this.size % PAGE_SIZE);
    if (end <= position) fail(EPERM, 'sealed against growing');
    return end - position;
  }

  /** EPERM when F_SEAL_EXEC keeps the execute bits. */
  override setAttributes(change: AttributeChange): void {
    if (
      change.mode !== undefined &&
      ((this.seals ?? 0) & F_SEAL_EXEC) !== 0 &&
      ((change.mode ^ this.mode) & 0o111) !== 0
    ) {
      fail(EPERM, 'sealed against becoming executable');
    }
    super.setAttributes(change);
  }

  override truncate(size: number): void {
    const seals = this.seals ?? 0;
    if (size < this.size && (seals & F_SEAL_SHRINK) !== 0) fail(EPERM, 'sealed against shrinking');
    if (size > this.size && (seals & F_SEAL_GROW) !== 0) fail(EPERM, 'sealed against growing');
    this.sharedPages?.beforeWrite(Math.min(size, this.size), Number.POSITIVE_INFINITY);
    this.setSize(size);
  }

  /** Sets the whole content for the machine's own use; sealing and permissions do not count. */
  replaceContent(bytes: Uint8Array): void {
    this.sharedPages?.beforeWrite(0, Number.POSITIVE_INFINITY);
    this.setSize(0);
    this.writeBytes(0, bytes);
  }

  /** One page for mmap, zero-padded; undefined past the end of the file. A view or a copy: not to be changed. */
  abstract readPage(index: number): Uint8Array | undefined;

  /** A changed page comes back from mmap; what is past the end of the file is ignored. */
  abstract writePage(index: number, bytes: Uint8Array): void;

  /** SEEK_DATA; undefined when there is none. */
  nextData(from: number): number | undefined {
    return from < this.size ? from : undefined;
  }

  /** SEEK_HOLE. */
  nextHole(_from: number): number {
    return this.size;
  }

  /** fallocate(2) on [from, to). `mode` is FALLOC_FL_*; EOPNOTSUPP where unknown. */
  abstract allocate(mode: number, from: number, to: number): void;

  /** fsync, msync: changes of mappings reach the file, and the file its disk. */
  flush(): void {
    this.sharedPages?.beforeRead(0, this.size);
    this.sync();
  }

  /** What is below makes the bytes durable; nothing to do in memory. */
  protected sync(): void {}

  /** Another open description refers to the file, or one less: files without a name live as long. */
  opened(): void {}
  closed(): void {}

  protected abstract readContent(sink: Sink, position: number): number;
  protected abstract readBytes(position: number, into: Uint8Array): number;
  protected abstract writeBytes(position: number, bytes: Uint8Array): void;
  protected abstract writeContent(source: Source, position: number, limit: number): number;
  protected abstract setSize(size: number): void;

  override open(_thread: Thread, path: Path, flags: number): FileDescriptor {
    return new RegularFile(this, path, flags);
  }
}

/**
 * What is written to a file that is mapped: page by page, as Linux copies. The bytes may lie in a mapping of the file, and to
 * read them brings copies of its pages in, which are old when the next bytes are written.
 */
class PagewiseSource implements Source {
  readonly #source: Source;
  readonly #pages: SharedPages;
  /** Where the piece that was taken last goes, which is written before the next one is taken. */
  #last: number;
  #at: number;

  constructor(source: Source, position: number, pages: SharedPages) {
    this.#source = source;
    this.#pages = pages;
    this.#last = this.#at = position;
  }

  get remaining(): number {
    return this.#source.remaining;
  }

  take(max: number): Uint8Array {
    if (this.#at > this.#last) this.#pages.beforeWrite(this.#last, this.#at);
    this.#last = this.#at;
    const bytes = this.#source.take(Math.min(max, PAGE_SIZE - (this.#at % PAGE_SIZE)));
    this.#at += bytes.length;
    return bytes;
  }

  copyTo(target: Uint8Array, offset: number, max: number): number {
    return copyTaken(this, target, offset, max);
  }

  giveBack(count: number): void {
    this.#at -= count;
    this.#source.giveBack(count);
  }
}
