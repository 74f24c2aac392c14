// A file system in memory: tmpfs, devtmpfs, memfd's, and the upper layer of overlays.
// The Vfs mounts it; its directories ask it for new inodes; page stores charge it.
// It pays the machine's storage for pages and inodes alike, within its own limit.
import { PAGE_SIZE } from '../../../emulator/memory/layout.ts';
import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { ENOSPC, fail } from '../../errno.ts';
import type { Kernel } from '../../kernel.ts';
import { late } from '../../late.ts';
import type { UserNamespace } from '../../namespaces/user-namespace.ts';
import type { FileSystem, Inode, NewInode } from '../inode.ts';
import type { Account } from '../page-store.ts';
import type { Dentry } from '../path.ts';
import type { Storage } from '../storage.ts';
import { MemoryDirectory } from './memory-directory.ts';
import { MemoryFile } from './memory-file.ts';
import { INODE_COST } from './memory-inode.ts';
import { DeviceNode, Fifo, SocketNode, Symlink } from './special-nodes.ts';

const TMPFS_MAGIC = 0x01021994;

export interface MemoryFsOptions {
  /** As in /proc/mounts; 'tmpfs' when absent. */
  readonly type?: string;
  readonly magic?: number;
  /** Bytes; half of the machine's storage when absent, as Linux's half of RAM; 0: as much as there is. */
  readonly limit?: number | undefined;
  /** nr_inodes; absent: what the limit is enough for, 0: as many as there can be. */
  readonly inodeLimit?: number | undefined;
  readonly rootMode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** The user namespace of who mounted it, whose capabilities it takes to remount it (s_user_ns); absent: the machine's first. */
  readonly owner?: UserNamespace | undefined;
  /** No path leads here: memfds. */
  readonly isPseudo?: boolean;
}

/** What a file handle leads to. */
export interface Handle {
  readonly dentry: Dentry;
  /** Tells handles of an inode from those of one before it with the same number. */
  readonly generation: number;
}

export class MemoryFileSystem implements FileSystem, Account {
  readonly type: string;
  readonly dev: number;
  readonly magic: number;
  readonly kernel: Kernel;
  readonly isPseudo: boolean;
  readOnly = false;
  /** What it was mounted with, and remounted. */
  options: MemoryFsOptions;
  readonly owner: UserNamespace | undefined;
  readonly #storage: Storage;
  /** Bytes of files. */
  #used = 0;
  #inodeCount = 0;
  #nextIno = 1;
  readonly root: MemoryDirectory;
  /** Inodes that somebody has a handle of, by number (name_to_handle_at). */
  readonly handles = new Map<number, Handle>();

  constructor(kernel: Kernel, options: MemoryFsOptions = {}) {
    this.kernel = kernel;
    this.options = options;
    this.owner = options.owner;
    this.#storage = kernel.vfs.storage;
    this.type = options.type ?? 'tmpfs';
    this.magic = options.magic ?? TMPFS_MAGIC;
    this.isPseudo = options.isPseudo === true;
    this.dev = kernel.vfs.allocateDev();
    this.root = this.makeRoot({
      mode: S_IFDIR | (options.rootMode ?? 0o1777),
      uid: options.uid ?? 0,
      gid: options.gid ?? 0,
    });
    this.root.nlink = 2;
  }

  /** Bytes that it may hold. */
  get limit(): number {
    const { limit = Math.floor(this.#storage.limit / 2) } = this.options;
    return limit === 0 ? this.#storage.limit : limit;
  }

  shownOptions(): readonly string[] {
    return late.tmpfs.shown(this.options);
  }

  /** Overlays have none: what they read from the host has no lasting number. */
  get hasHandles(): boolean {
    return this.type !== 'overlay';
  }

  protected makeRoot(what: NewInode): MemoryDirectory {
    return this.make(what) as MemoryDirectory;
  }

  now(): bigint {
    return this.kernel.clock.realtimeNs();
  }

  allocateIno(): number {
    return this.#nextIno++;
  }

  /** The limit counts pages; the machine's storage pays for what the host holds, which may be more. */
  charge(bytes: number, pages = 0): boolean {
    const used = this.#used + pages * PAGE_SIZE;
    if (used > this.limit || !this.#storage.charge(bytes)) return false;
    this.#used = used;
    return true;
  }

  release(bytes: number, pages = 0): void {
    this.#used -= pages * PAGE_SIZE;
    this.#storage.release(bytes);
  }

  /** Half of what the machine's storage is enough for, if nothing was said; 0: as many as there can be. */
  get inodeLimit(): number {
    return this.options.inodeLimit ?? Math.floor(this.#storage.limit / 2 / INODE_COST);
  }

  /** For an inode, or a further name of one (mm/shmem.c, shmem_link); false when there is no room. */
  takeInode(): boolean {
    const limit = this.inodeLimit;
    if ((limit !== 0 && this.#inodeCount >= limit) || !this.#storage.charge(INODE_COST)) return false;
    this.#inodeCount++;
    return true;
  }

  returnInode(): void {
    this.#inodeCount--;
    this.#storage.release(INODE_COST);
  }

  /** Bytes that can still be charged. */
  get room(): number {
    return Math.min(this.limit - this.#used, this.#storage.free);
  }

  /** A new inode that no directory names yet (nlink 1, or 2 for a directory). ENOSPC. */
  make(what: NewInode, target = ''): Inode {
    if (!this.takeInode()) fail(ENOSPC, 'no room for another inode');
    const inode = this.#construct(what, target);
    inode.rdev = what.rdev ?? 0;
    if (inode.isDirectory || inode.type === S_IFREG) inode.attributeFlags = what.attributeFlags ?? 0;
    const now = this.now();
    inode.atimeNs = now;
    inode.mtimeNs = now;
    inode.ctimeNs = now;
    inode.btimeNs = now;
    return inode;
  }

  #construct(what: NewInode, target: string): Inode {
    switch (what.mode & S_IFMT) {
      case S_IFREG:
        return new MemoryFile(this, what);
      case S_IFDIR:
        return this.makeDirectory(what);
      case S_IFLNK:
        return new Symlink(this, what, target);
      case S_IFIFO:
        return new Fifo(this, what);
      case S_IFSOCK:
        return new SocketNode(this, what);
      default:
        return new DeviceNode(this, what);
    }
  }

  protected makeDirectory(what: NewInode): MemoryDirectory {
    return new MemoryDirectory(this, what);
  }

  /** An inode is gone for good: no name, no open description. */
  dropped({ ino }: Inode): void {
    this.handles.delete(ino);
    this.returnInode();
  }

  get used(): number {
    return this.#used;
  }

  get inodeCount(): number {
    return this.#inodeCount;
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    return late.tmpfs.statfs(this);
  }
}
