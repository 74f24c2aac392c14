// The inode: what every file system implements, and what stat, permissions and opening need.
// tmpfs, devfs, procfs, host mounts and the anonymous files (pipes, sockets) are subclasses.
// Directory operations get names, never paths; permission checks are the callers' (fs/permission.ts).
import { FS_APPEND_FL, FS_IMMUTABLE_FL } from '../abi/file-attr.ts';
import { S_IFDIR, S_IFMT } from '../abi/stat.ts';
import { EINVAL, ENOTDIR, EPERM, fail } from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import type { Fifo } from '../pipe/fifo.ts';
import type { Credentials } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import type { FileLocks } from './locks/file-locks.ts';
import type { InodeWatch, Marks } from './notify.ts';
import type { Dentry, Path } from './path.ts';

/** One mounted file system (super block): device number, flags, statfs facts. */
export interface FileSystem {
  /** As in /proc/mounts: tmpfs, proc, devtmpfs, overlay. */
  readonly type: string;
  /** st_dev. */
  readonly dev: number;
  readonly readOnly: boolean;
  /** The user namespace that it was made in (s_user_ns); absent: the first. */
  readonly owner?: UserNamespace | undefined;
  /** statfs(2) f_type. */
  readonly magic: number;
  /** Names come and go by themselves (procfs): looked-up names are not remembered between walks. */
  readonly isVolatile?: boolean;
  /** Has no place in the tree: pipes, sockets, anonymous inodes. */
  readonly isPseudo?: boolean;
  /** Has extended attributes although its inodes are nothing that is paid for; 'trusted': no others than those. */
  readonly hasXattrs?: boolean | 'trusted' | undefined;
  /** fanotify's marks; undefined while there is none. */
  marks?: Marks | undefined;
  /** What a new mount of it shows `thread`; absent: its root. */
  topFor?(thread: Thread): Dentry;
  /** How `thread` sees the root of a mount in mountinfo; absent: by its path from the root. */
  rootText?(thread: Thread, root: Dentry): string | undefined;
  /** How it was mounted, as /proc/PID/mounts tells behind ro or rw; absent: nothing more (super_operations.show_options). */
  shownOptions?(): readonly string[];
  statfs(): {
    blocks: number;
    blocksFree: number;
    files: number;
    filesFree: number;
    blockSize: number;
    nameMax: number;
  };
}

export interface DirectoryEntry {
  readonly name: string;
  readonly ino: number;
  /** S_IFMT bits. */
  readonly type: number;
}

/** What a new inode is made with. */
export interface NewInode {
  /** Type and permission bits, umask already applied. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev?: number;
  /** FS_*_FL of a regular file or directory. */
  readonly attributeFlags?: number;
}

/** What chmod, chown and utimensat change; absent fields stay. Permission was checked. */
export interface AttributeChange {
  /** Permission bits only; the type stays. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly atimeNs?: bigint;
  readonly mtimeNs?: bigint;
  readonly ctimeNs: bigint;
}

/**
 * Its fields are assigned by the constructor and only declared above it: to define the fields of a class with so many
 * subclasses, V8 takes 0.3 µs for each.
 */
export abstract class Inode {
  declare readonly fs: FileSystem;
  declare readonly ino: number;
  /** Type and permission bits. */
  declare mode: number;
  declare uid: number;
  declare gid: number;
  declare nlink: number;
  declare rdev: number;
  declare atimeNs: bigint;
  declare mtimeNs: bigint;
  declare ctimeNs: bigint;
  declare btimeNs: bigint;
  /** The socket bound here (kernel/net/unix.ts); identity of path names is the inode, not the name. */
  declare boundSocket: object | undefined;
  /** The pipe of a FIFO that somebody has open (kernel/pipe/fifo.ts). */
  declare fifo: Fifo | undefined;
  /** inotify watches (fs/notify.ts); undefined while there is none. */
  declare watches: Set<InodeWatch> | undefined;
  /** fanotify's marks. */
  declare marks: Marks | undefined;
  /** POSIX, OFD and flock locks and leases (fs/locks/); undefined while there is none. */
  declare locks: FileLocks | undefined;
  /** FS_*_FL flags that were set (fs/inode-flags.ts). */
  declare attributeFlags: number;
  /** Extended attributes by full name; undefined while there is none. */
  declare xattrs: Map<string, Uint8Array> | undefined;

  constructor(fs: FileSystem, ino: number, mode: number, uid: number, gid: number) {
    this.fs = fs;
    this.ino = ino;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.nlink = 1;
    this.rdev = 0;
    this.atimeNs = 0n;
    this.mtimeNs = 0n;
    this.ctimeNs = 0n;
    this.btimeNs = 0n;
    this.boundSocket = undefined;
    this.fifo = undefined;
    this.watches = undefined;
    this.marks = undefined;
    this.locks = undefined;
    this.attributeFlags = 0;
    this.xattrs = undefined;
  }

  get size(): number {
    return 0;
  }

  get type(): number {
    return this.mode & S_IFMT;
  }

  get isDirectory(): boolean {
    return this.type === S_IFDIR;
  }

  /** S_IMMUTABLE: nobody writes or changes it. */
  get isImmutable(): boolean {
    return (this.attributeFlags & FS_IMMUTABLE_FL) !== 0;
  }

  /** S_APPEND: nobody takes anything from it. */
  get isAppendOnly(): boolean {
    return (this.attributeFlags & FS_APPEND_FL) !== 0;
  }

  /** 512-byte blocks, as st_blocks. */
  get blocks(): number {
    return Math.ceil(this.size / 512);
  }

  /**
   * Opens a new description's content. `flags` are O_*; O_TRUNC and O_CREAT were dealt with.
   * A Wait is "not yet" (a FIFO without its other end); the call is tried again.
   */
  abstract open(thread: Thread, path: Path, flags: number): FileDescriptor | Wait;

  /** What stat fills in as st_blksize. */
  get blockSize(): number {
    return 4096;
  }

  /** Who may do anything here whatever the mode says: a process with its own /proc/PID/fd. */
  isOpenTo(_credentials: Credentials): boolean {
    return false;
  }

  /** chmod, chown, utimensat. */
  setAttributes(change: AttributeChange): void {
    if (change.mode !== undefined) this.mode = this.type | (change.mode & 0o7777);
    if (change.uid !== undefined) this.uid = change.uid;
    if (change.gid !== undefined) this.gid = change.gid;
    if (change.atimeNs !== undefined) this.atimeNs = change.atimeNs;
    if (change.mtimeNs !== undefined) this.mtimeNs = change.mtimeNs;
    this.ctimeNs = change.ctimeNs;
  }

  /** Reads fresh attributes where others change them behind our back (host mounts); called before stat. */
  refresh(): void {}

  /** The entry `name`, or undefined. Never '.' or '..'. */
  lookup(_name: string): Inode | undefined {
    fail(ENOTDIR);
  }

  create(_name: string, _what: NewInode): Inode {
    fail(EPERM, 'this file system cannot make files');
  }

  /** O_TMPFILE: a new inode of this directory's file system without a name; undefined where there are none. */
  temporary(_what: NewInode): Inode | undefined {
    return undefined;
  }

  symlink(_name: string, _target: string, _what: NewInode): Inode {
    fail(EPERM, 'this file system cannot make symbolic links');
  }

  link(_name: string, _inode: Inode): void {
    fail(EPERM, 'this file system cannot make links');
  }

  unlink(_name: string): void {
    fail(EPERM);
  }

  rmdir(_name: string): void {
    fail(EPERM);
  }

  /** Moves `name` to `newName` in `newParent` (same file system), replacing what is there. */
  rename(_name: string, _newParent: Inode, _newName: string, _flags: number): void {
    fail(EPERM);
  }

  /** As `lookup`, without making the inode: is `name` still there? For listings taken earlier. */
  hasEntry(_name: string): boolean {
    return true;
  }

  /** All entries but '.' and '..', in the order getdents64 shows them. */
  readdir(): readonly DirectoryEntry[] {
    fail(ENOTDIR);
  }

  /** A symbolic link's target where it does not depend on who asks. */
  get linkTarget(): string | undefined {
    return undefined;
  }

  /** A symbolic link's target. */
  readlink(_thread: Thread): string {
    return this.linkTarget ?? fail(EINVAL, 'not a symbolic link');
  }

  /** All of a file that is made up when it is read, as of /proc; undefined for others. EACCES and what its reads fail with. */
  madeUp(_reader: Thread): Uint8Array | undefined {
    return undefined;
  }

  /** For /proc/PID/fd/N and the like: where following leads, bypassing the name. */
  followMagic(_thread: Thread): Path | undefined {
    return undefined;
  }

  /** Sets the size of a regular file (truncate, O_TRUNC); times are the implementation's. */
  truncate(_size: number): void {
    fail(EINVAL);
  }
}
