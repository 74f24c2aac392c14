// A directory in memory: names in the order they were made, each with its inode.
// The path walker and the file calls use it through Inode; an overlay's directory fills itself from the host first.
// Callers have checked permissions, kinds (EISDIR, ENOTDIR) and that both directories are of this file system.
import { S_IFLNK } from '../../abi/stat.ts';
import { EEXIST, ENOENT, ENOSPC, ENOTEMPTY, fail } from '../../errno.ts';
import type { FileDescriptor } from '../../file/file-descriptor.ts';
import type { Thread } from '../../task/thread.ts';
import { DirectoryFile } from '../directory-file.ts';
import { type DirectoryEntry, Inode, type NewInode } from '../inode.ts';
import type { Path } from '../path.ts';
import { RENAME_EXCHANGE } from '../rename-flags.ts';
import type { MemoryFileSystem } from './memory-fs.ts';
import { Lifetime } from './memory-inode.ts';

/** mm/shmem.c, BOGO_DIRENT_SIZE. */
const ENTRY_SIZE = 20;

export interface MemoryInode extends Inode {
  readonly lifetime: Lifetime;
}

export class MemoryDirectory extends Inode implements MemoryInode {
  readonly memoryFs: MemoryFileSystem;
  readonly lifetime: Lifetime;
  /** undefined: an entry that an overlay has not loaded yet. */
  protected readonly entries = new Map<string, MemoryInode | undefined>();

  constructor(fs: MemoryFileSystem, what: NewInode, ino = fs.allocateIno()) {
    super(fs, ino, what.mode, what.uid, what.gid);
    this.memoryFs = fs;
    this.nlink = 2;
    this.lifetime = new Lifetime(this, fs);
  }

  /** Called before `entries` is used; an overlay lists its host directory here, once. */
  protected populate(): void {}

  /** Makes the inode of an entry that `populate` only named. */
  protected load(_name: string): MemoryInode | undefined {
    return undefined;
  }

  override get size(): number {
    return (2 + this.entries.size) * ENTRY_SIZE;
  }

  override get blocks(): number {
    return 0;
  }

  override open(_thread: Thread, path: Path): FileDescriptor {
    return new DirectoryFile(this, path);
  }

  override lookup(name: string): MemoryInode | undefined {
    this.populate();
    const known = this.entries.get(name);
    if (known !== undefined || !this.entries.has(name)) return known;
    const loaded = this.load(name);
    if (loaded === undefined) this.entries.delete(name);
    else this.entries.set(name, loaded);
    return loaded;
  }

  override hasEntry(name: string): boolean {
    return this.entries.has(name);
  }

  /** Newest first, as tmpfs lists. */
  override readdir(): DirectoryEntry[] {
    this.populate();
    const list: DirectoryEntry[] = [];
    for (const name of [...this.entries.keys()].reverse()) {
      const inode = this.lookup(name);
      if (inode !== undefined) list.push({ name, ino: inode.ino, type: inode.type });
    }
    return list;
  }

  protected changed(): void {
    const now = this.memoryFs.now();
    this.mtimeNs = now;
    this.ctimeNs = now;
  }

  override create(name: string, what: NewInode): Inode {
    return this.#add(name, this.memoryFs.make(what) as MemoryInode);
  }

  override temporary(what: NewInode): Inode {
    return this.memoryFs.make(what);
  }

  override symlink(name: string, target: string, what: NewInode): Inode {
    const inode = this.memoryFs.make({ ...what, mode: S_IFLNK | 0o777 }, target) as MemoryInode;
    if (!inode.lifetime.charge(target.length)) {
      inode.nlink = 0;
      inode.lifetime.check();
      fail(ENOSPC, 'no room for the link target');
    }
    return this.#add(name, inode);
  }

  #add(name: string, inode: MemoryInode): Inode {
    this.populate();
    if (this.entries.has(name)) fail(EEXIST, 'the name is taken');
    this.entries.set(name, inode);
    if (inode.isDirectory) this.nlink++;
    this.changed();
    return inode;
  }

  override link(name: string, inode: Inode): void {
    const { lifetime } = inode as MemoryInode;
    if (inode.nlink > 0) {
      if (!this.memoryFs.takeInode()) fail(ENOSPC, 'no room for another name');
      lifetime.chargedNames++;
    }
    this.#add(name, inode as MemoryInode);
    inode.nlink++;
    inode.ctimeNs = this.memoryFs.now();
  }

  override unlink(name: string): void {
    const inode = this.lookup(name) ?? fail(ENOENT);
    this.entries.delete(name);
    this.changed();
    this.#dropName(inode);
  }

  #dropName(inode: MemoryInode): void {
    if (inode.isDirectory) {
      inode.nlink = 0;
      this.nlink--;
    } else {
      inode.nlink--;
      if (inode.lifetime.chargedNames > 0) {
        inode.lifetime.chargedNames--;
        this.memoryFs.returnInode();
      }
    }
    inode.ctimeNs = this.memoryFs.now();
    inode.lifetime.check();
  }

  get isEmpty(): boolean {
    this.populate();
    return this.entries.size === 0;
  }

  override rmdir(name: string): void {
    const inode = this.lookup(name) ?? fail(ENOENT);
    demandEmpty(inode);
    this.unlink(name);
  }

  /** ENOTEMPTY when a directory with entries would be replaced. */
  override rename(name: string, newParent: Inode, newName: string, flags: number): void {
    const target = newParent as MemoryDirectory;
    const inode = this.lookup(name) ?? fail(ENOENT);
    const replaced = target.lookup(newName);
    if ((flags & RENAME_EXCHANGE) !== 0) {
      this.#exchange(name, inode, target, newName, replaced ?? fail(ENOENT));
      return;
    }
    if (replaced === inode) return;
    if (replaced !== undefined) {
      demandEmpty(replaced);
      target.entries.delete(newName);
      target.#dropName(replaced);
    }
    this.entries.delete(name);
    target.entries.set(newName, inode);
    if (inode.isDirectory) {
      this.nlink--;
      target.nlink++;
    }
    this.changed();
    target.changed();
    inode.ctimeNs = this.memoryFs.now();
  }

  #exchange(
    name: string,
    inode: MemoryInode,
    target: MemoryDirectory,
    newName: string,
    other: MemoryInode,
  ): void {
    this.entries.set(name, other);
    target.entries.set(newName, inode);
    const moved = Number(inode.isDirectory) - Number(other.isDirectory);
    this.nlink -= moved;
    target.nlink += moved;
    this.changed();
    target.changed();
    inode.ctimeNs = this.memoryFs.now();
    other.ctimeNs = inode.ctimeNs;
  }
}

function demandEmpty(inode: Inode): void {
  if (inode instanceof MemoryDirectory && !inode.isEmpty) fail(ENOTEMPTY, 'the directory has entries');
}
