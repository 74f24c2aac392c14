// A regular file in memory, over a page store.
// tmpfs, memfd and overlays make it; an overlay's has a host file as backing, read on demand and never written.
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';
import { EOPNOTSUPP, EPERM, fail } from '../../errno.ts';
import type { Sink, Source } from '../../file/file-descriptor.ts';
import type { NewInode } from '../inode.ts';
import { PageStore } from '../page-store.ts';
import {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_WRITE,
  RegularInode,
} from '../regular-inode.ts';
import type { MemoryFileSystem } from './memory-fs.ts';
import { Lifetime } from './memory-inode.ts';

export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;
export const FALLOC_FL_ZERO_RANGE = 0x10;

export class MemoryFile extends RegularInode {
  readonly store: PageStore;
  readonly lifetime: Lifetime;
  readonly #memoryFs: MemoryFileSystem;

  constructor(fs: MemoryFileSystem, what: NewInode, ino = fs.allocateIno()) {
    super(fs, ino, what.mode, what.uid, what.gid);
    this.#memoryFs = fs;
    this.store = new PageStore(fs);
    this.lifetime = new Lifetime(this, fs, () => this.store.free());
    // Files of tmpfs cannot be sealed unless memfd_create said so (mm/shmem.c).
    this.seals = fs.type === 'tmpfs' ? F_SEAL_SEAL : undefined;
  }

  override get size(): number {
    return this.store.size;
  }

  override get blocks(): number {
    return this.store.allocatedBytes / 512;
  }

  override opened(): void {
    this.lifetime.opened();
  }

  override closed(): void {
    this.lifetime.closed();
  }

  protected override countPages(first: number, end: number): number {
    return this.store.countPages(first, end);
  }

  protected override readContent(sink: Sink, position: number): number {
    return this.store.read(sink, position);
  }

  protected override readBytes(position: number, into: Uint8Array): number {
    return this.store.readAt(position, into);
  }

  protected override writeBytes(position: number, bytes: Uint8Array): void {
    this.store.writeAt(position, bytes);
  }

  protected override writeContent(source: Source, position: number, limit: number): number {
    return this.store.write(source, position, limit);
  }

  protected override setSize(size: number): void {
    this.store.truncate(size);
    const now = this.#memoryFs.now();
    this.mtimeNs = now;
    this.ctimeNs = now;
  }

  override readPage(index: number): Uint8Array | undefined {
    const start = index * PAGE_SIZE;
    if (start >= this.size) return undefined;
    const bytes = this.store.view(start, PAGE_SIZE);
    if (bytes.length === PAGE_SIZE) return bytes;
    const page = new Uint8Array(PAGE_SIZE);
    this.store.readAt(start, page);
    return page;
  }

  holdsPage(index: number): boolean {
    return this.store.nextData(index * PAGE_SIZE) === index * PAGE_SIZE;
  }

  override writePage(index: number, bytes: Uint8Array): void {
    const length = Math.min(PAGE_SIZE, this.size - index * PAGE_SIZE);
    if (length > 0) this.store.writeAt(index * PAGE_SIZE, bytes.subarray(0, length));
  }

  override nextData(from: number): number | undefined {
    this.sharedPages?.beforeRead(from, Number.POSITIVE_INFINITY);
    return this.store.nextData(from);
  }

  override nextHole(from: number): number {
    this.sharedPages?.beforeRead(from, Number.POSITIVE_INFINITY);
    return this.store.nextHole(from);
  }

  override allocate(mode: number, from: number, to: number): void {
    const keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
    const kind = mode & ~FALLOC_FL_KEEP_SIZE;
    const isPunch = kind === FALLOC_FL_PUNCH_HOLE && keepsSize;
    const canZero = this.fs.type !== 'tmpfs' && kind === FALLOC_FL_ZERO_RANGE; // mm/shmem.c, shmem_fallocate
    if (kind !== 0 && !isPunch && !canZero) fail(EOPNOTSUPP, 'this file system cannot do that');
    const seals = this.seals ?? 0;
    if (kind !== 0 && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0)
      fail(EPERM, 'sealed against writing');
    // keeping the size is no excuse (mm/shmem.c, shmem_fallocate)
    if (!isPunch && to > this.size && (seals & F_SEAL_GROW) !== 0) fail(EPERM, 'sealed against growing');
    if (kind !== 0) {
      this.sharedPages?.beforeWrite(from, to);
      this.store.punch(from, to);
    }
    if (!isPunch) this.store.allocate(from, to, this.#memoryFs.room);
    if (!keepsSize && to > this.size) this.store.size = to;
    const now = this.#memoryFs.now();
    this.mtimeNs = now;
    this.ctimeNs = now;
  }
}
