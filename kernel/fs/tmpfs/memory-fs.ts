// A file system in memory: tmpfs, devtmpfs, memfd's, and the upper layer of overlays.
// The Vfs mounts it; its directories ask it for new inodes; page stores charge it.
// It pays the machine's storage for pages and inodes alike, within its own limit.
import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { ENOSPC, fail } from '../../errno.ts';
import type { Kernel } from '../../kernel.ts';
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
  /** Bytes; half of the machine's storage when absent, as Linux's half of RAM. */
  readonly limit?: number;
  readonly rootMode?: number;
  readonly uid?: number;
  readonly gid?: number;
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
  readonly limit: number;
  readonly isPseudo: boolean;
  readOnly = false;
  readonly #storage: Storage;
  #used = 0;
  #inodeCount = 0;
  #nextIno = 1;
  readonly root: MemoryDirectory;
  /** Inodes that somebody has a handle of, by number (name_to_handle_at). */
  readonly handles = new Map<number, Handle>();

  constructor(kernel: Kernel, options: MemoryFsOptions = {}) {
    this.kernel = kernel;
    this.#storage = kernel.vfs.storage;
    this.type = options.type ?? 'tmpfs';
    this.magic = options.magic ?? TMPFS_MAGIC;
    this.isPseudo = options.isPseudo === true;
    this.dev = kernel.vfs.allocateDev();
    this.limit = options.limit ?? Math.floor(this.#storage.limit / 2);
    this.root = this.makeRoot({
      mode: S_IFDIR | (options.rootMode ?? 0o1777),
      uid: options.uid ?? 0,
      gid: options.gid ?? 0,
    });
    this.root.nlink = 2;
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

  charge(bytes: number): boolean {
    if (this.#used + bytes > this.limit || !this.#storage.charge(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
    this.#storage.release(bytes);
  }

  /** Bytes that can still be charged. */
  get room(): number {
    return Math.min(this.limit - this.#used, this.#storage.free);
  }

  /** A new inode that no directory names yet (nlink 1, or 2 for a directory). ENOSPC. */
  make(what: NewInode, target = ''): Inode {
    if (!this.charge(INODE_COST)) fail(ENOSPC, 'no room for another inode');
    this.#inodeCount++;
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
    this.#inodeCount--;
    this.release(INODE_COST);
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    const blocks = Math.floor(this.limit / 4096);
    const files = Math.floor(this.limit / INODE_COST);
    return {
      blockSize: 4096,
      blocks,
      blocksFree: Math.floor(Math.max(0, this.room) / 4096),
      files,
      filesFree: Math.max(0, files - this.#inodeCount),
      nameMax: 255,
    };
  }
}
