// Inodes of files without a name: pipes, sockets, epolls, eventfds (Linux: pipefs, sockfs, anon_inodefs).
// Whoever makes such a file asks for an inode here; fstat, fchmod and /proc/PID/fd show it.
// Their paths hang off the Vfs's pseudo mount, which no walk reaches.
import { S_IFDIR, S_IFIFO, S_IFSOCK } from '../abi/stat.ts';
import { ENXIO, fail } from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { type FileSystem, Inode } from './inode.ts';
import { Dentry, Path } from './path.ts';

export const ANON_INODE_FS_MAGIC = 0x09041934;
const SHARED_INO = 999;
const SOCKFS_MAGIC = 0x534f434b;
const PIPEFS_MAGIC = 0x50495045;

export class PseudoFileSystem implements FileSystem {
  readonly type: string;
  readonly readOnly = false;
  readonly isPseudo = true;
  readonly magic: number;
  readonly dev: number;
  readonly now: () => bigint;
  readonly root: Inode;
  readonly hasXattrs: 'trusted' | undefined;
  #nextIno = SHARED_INO + 1;

  constructor(dev: number, now: () => bigint, type: string, magic: number, hasXattrs?: 'trusted') {
    this.dev = dev;
    this.type = type;
    this.magic = magic;
    this.now = now;
    this.hasXattrs = hasXattrs;
    this.root = new AnonymousInode(this, 1, S_IFDIR | 0o555, 'root');
  }

  allocateIno(): number {
    return this.#nextIno++;
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    return { blocks: 0, blocksFree: 0, files: 0, filesFree: 0, blockSize: 4096, nameMax: 255 };
  }
}

export class AnonymousInode extends Inode {
  /** 'pipe', 'socket', '[eventpoll]' … as in /proc/PID/fd. */
  readonly kindName: string;
  /** How /proc/PID/fd/N opens it anew (pipes); the others cannot be opened: ENXIO. */
  opener: ((thread: Thread, path: Path, flags: number) => FileDescriptor | Wait) | undefined;

  constructor(fs: PseudoFileSystem, ino: number, mode: number, kindName: string) {
    super(fs, ino, mode, 0, 0);
    this.kindName = kindName;
    if (this.type === S_IFSOCK) return; // sockfs leaves the times at zero (net/socket.c, sock_alloc)
    this.atimeNs = fs.now();
    this.mtimeNs = this.atimeNs;
    this.ctimeNs = this.atimeNs;
  }

  override open(thread: Thread, path: Path, flags: number): FileDescriptor | Wait {
    if (this.opener === undefined) fail(ENXIO, 'this kind of file cannot be opened by name');
    return this.opener(thread, path, flags);
  }

  /** statfs(2) f_type: sockets and pipes have file systems of their own on Linux. */
  get magic(): number {
    if (this.type === S_IFSOCK) return SOCKFS_MAGIC;
    return this.type === S_IFIFO ? PIPEFS_MAGIC : ANON_INODE_FS_MAGIC;
  }

  /** As readlink of /proc/PID/fd/N shows it. */
  get label(): string {
    const named = this.type === S_IFIFO || this.type === S_IFSOCK;
    return named ? `${this.kindName}:[${this.ino}]` : `anon_inode:${this.kindName}`;
  }
}

/**
 * An inode for a file without a name. `mode` has the type: S_IFIFO | 0600, S_IFSOCK | 0777, or 0600 alone for epoll, eventfd
 * and the like, which show as one inode that is as old as the machine, unless `isOwn` (fs/anon_inodes.c). Owner and group
 * are root's until the maker sets them.
 */
export function anonymousInode(
  kernel: Kernel,
  kindName: string,
  mode: number,
  isOwn = mode > 0o7777,
): AnonymousInode {
  const fs = kernel.vfs.pseudoMount.fs as PseudoFileSystem;
  const inode = new AnonymousInode(fs, isOwn ? fs.allocateIno() : SHARED_INO, mode, kindName);
  if (!isOwn) inode.atimeNs = inode.mtimeNs = inode.ctimeNs = fs.root.ctimeNs;
  return inode;
}

/** The path of an open file: the one it was opened by, or a nameless one for pipes, sockets and the like. */
export function pathOfFile(kernel: Kernel, file: OpenFile): Path {
  if (file.path !== undefined) return file.path;
  const { inode } = file.descriptor;
  const name = inode instanceof AnonymousInode ? inode.label : `anon_inode:[${inode.ino}]`;
  return new Path(kernel.vfs.pseudoMount, new Dentry(name, undefined, inode));
}
