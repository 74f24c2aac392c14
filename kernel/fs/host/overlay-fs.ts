// A host directory, copy on write: everything is read from the host when first needed, and changed in memory only.
// `--root DIR` and mounts without `:rw` are such file systems; the host is never written.
// It is a file system in memory whose directories name their host's entries at first use and load them one by one;
// what was once seen stays as it was seen, whatever the host does later.
import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { EINVAL, ENOTDIR, fail } from '../../errno.ts';
import type { HostFile, HostFiles, HostStat } from '../../host.ts';
import type { Kernel } from '../../kernel.ts';
import type { NewInode } from '../inode.ts';
import type { Backing } from '../page-store.ts';
import { MemoryDirectory, type MemoryInode } from '../tmpfs/memory-directory.ts';
import { MemoryFile } from '../tmpfs/memory-file.ts';
import { MemoryFileSystem } from '../tmpfs/memory-fs.ts';
import { DeviceNode, Fifo, SocketNode, Symlink } from '../tmpfs/special-nodes.ts';
import { hostCall, hostTry } from './host-call.ts';

const OVERLAYFS_MAGIC = 0x794c7630;
/** Host descriptors kept open for reading. */
const OPEN_LIMIT = 64;

/** Host files open for reading, the longest unused closed first. */
class OpenHostFiles {
  readonly #host: HostFiles;
  readonly #open = new Map<string, HostFile>();

  constructor(host: HostFiles) {
    this.#host = host;
  }

  get(path: string): HostFile {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    const file = this.#host.open(path, false);
    this.#open.set(path, file);
    if (this.#open.size > OPEN_LIMIT) {
      const [oldest, handle] = this.#open.entries().next().value as [string, HostFile];
      this.#open.delete(oldest);
      handle.close();
    }
    return file;
  }
}

class HostBacking implements Backing {
  readonly #files: OpenHostFiles;
  readonly #path: string;

  constructor(files: OpenHostFiles, path: string) {
    this.#files = files;
    this.#path = path;
  }

  read(into: Uint8Array, position: number): void {
    hostCall(() => {
      const file = this.#files.get(this.#path);
      for (let done = 0; done < into.length; ) {
        const count = file.read(into.subarray(done), position + done);
        if (count === 0) return; // the host file became shorter: zeros
        done += count;
      }
    });
  }
}

export class OverlayFileSystem extends MemoryFileSystem {
  readonly #host: HostFiles;
  readonly #files: OpenHostFiles;
  /** Host files with several names, by device and inode number. */
  readonly #linked = new Map<string, MemoryInode>();
  override readonly root: MemoryDirectory;

  /** ENOENT, ENOTDIR … when `hostPath` is no directory; EINVAL where the host has no files. */
  constructor(kernel: Kernel, hostPath: string) {
    const host = kernel.host.files ?? fail(EINVAL, 'this host has no files to mount');
    const stat = hostCall(() => host.lstat(hostPath));
    if ((stat.mode & S_IFMT) !== S_IFDIR) fail(ENOTDIR, 'only a directory can be mounted');
    super(kernel, { type: 'overlay', magic: OVERLAYFS_MAGIC, limit: kernel.vfs.storage.limit });
    this.#host = host;
    this.#files = new OpenHostFiles(host);
    this.root = this.#adopt(stat, hostPath) as MemoryDirectory;
  }

  /** Names in a host directory. */
  names(hostPath: string): readonly string[] {
    return hostCall(() => this.#host.readdir(hostPath));
  }

  /** The inode for a host path; undefined when it has gone. */
  load(hostPath: string): MemoryInode | undefined {
    const stat = hostTry(() => this.#host.lstat(hostPath));
    if (stat === undefined) return undefined;
    const isLinked = stat.nlink > 1 && (stat.mode & S_IFMT) !== S_IFDIR;
    if (!isLinked) return this.#adopt(stat, hostPath);
    const key = `${stat.dev}:${stat.ino}`;
    const known = this.#linked.get(key);
    if (known !== undefined) return known;
    const inode = this.#adopt(stat, hostPath);
    this.#linked.set(key, inode);
    return inode;
  }

  #adopt(stat: HostStat, hostPath: string): MemoryInode {
    const inode = this.#construct(stat, hostPath);
    inode.lifetime.isCharged = false;
    inode.nlink = Math.max(stat.nlink, inode.isDirectory ? 2 : 1);
    inode.rdev = stat.rdev;
    inode.atimeNs = stat.atimeNs;
    inode.mtimeNs = stat.mtimeNs;
    inode.ctimeNs = stat.ctimeNs;
    inode.btimeNs = stat.mtimeNs;
    return inode;
  }

  #construct(stat: HostStat, hostPath: string): MemoryInode {
    const what: NewInode = { mode: stat.mode, uid: stat.uid, gid: stat.gid };
    switch (stat.mode & S_IFMT) {
      case S_IFREG: {
        const file = new MemoryFile(this, what);
        file.store.setBacking(new HostBacking(this.#files, hostPath), stat.size, this.kernel.vfs.hostCache);
        return file;
      }
      case S_IFDIR:
        return new OverlayDirectory(this, what, { path: hostPath, size: stat.size });
      case S_IFLNK:
        return new Symlink(
          this,
          what,
          hostCall(() => this.#host.readlink(hostPath)),
        );
      case S_IFIFO:
        return new Fifo(this, what);
      case S_IFSOCK:
        return new SocketNode(this, what);
      default:
        return new DeviceNode(this, what);
    }
  }
}

/** A directory of the overlay that came from the host; those made later are plain MemoryDirectories. */
class OverlayDirectory extends MemoryDirectory {
  readonly #overlay: OverlayFileSystem;
  readonly #host: { readonly path: string; readonly size: number };
  #isListed = false;

  constructor(fs: OverlayFileSystem, what: NewInode, host: { readonly path: string; readonly size: number }) {
    super(fs, what);
    this.#overlay = fs;
    this.#host = host;
  }

  override get size(): number {
    return this.#host.size;
  }

  protected override populate(): void {
    if (this.#isListed) return;
    for (const name of this.#overlay.names(this.#host.path)) this.entries.set(name, undefined);
    this.#isListed = true;
  }

  protected override load(name: string): MemoryInode | undefined {
    return this.#overlay.load(`${this.#host.path === '/' ? '' : this.#host.path}/${name}`);
  }
}
