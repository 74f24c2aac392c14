// procfs and sysfs: inodes for the nodes of root.ts and sys-root.ts. Names come and go, so nothing is remembered.
// mountProc puts them at /proc and /sys; mount(2) may mount more of them.
// An inode number is a function of the path, so that the same file has the same number each time.
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RELATIME } from '../../abi/mount-flags.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/stat.ts';
import { EACCES, EINVAL, EIO, ENOENT, fail } from '../../errno.ts';
import type { FileDescriptor } from '../../file/file-descriptor.ts';
import type { Kernel } from '../../kernel.ts';
import { late } from '../../late.ts';
import { textToBytes } from '../../mm/user-memory.ts';
import type { Namespace } from '../../namespaces/namespace.ts';
import type { PidNamespace } from '../../namespaces/pid-namespace.ts';
import type { NamespaceSet } from '../../namespaces/set.ts';
import type { Credentials } from '../../task/credentials.ts';
import type { Process } from '../../task/process.ts';
import type { Thread } from '../../task/thread.ts';
import { DirectoryFile } from '../directory-file.ts';
import { type DirectoryEntry, type FileSystem, Inode } from '../inode.ts';
import { opensForWriting } from '../open-flags.ts';
import type { Path } from '../path.ts';
import type { Tree } from '../tree.ts';
import { type DirectoryNode, type LinkNode, madeLater, type ProcNode } from './nodes.ts';
import { rootNode } from './root.ts';
import { TextFile } from './text-file.ts';

const PROC_SUPER_MAGIC = 0x9fa0;
const SYSFS_MAGIC = 0x6265_6572;
const NOBODY_IN_PARTICULAR = { uid: 0, gid: 0 };
const MODES = { text: 0o444, file: 0o400, link: 0o777, directory: 0o555 } as const;
const TYPES = { text: S_IFREG, file: S_IFREG, link: S_IFLNK, directory: S_IFDIR } as const;

export class ProcFileSystem implements FileSystem {
  readonly type: 'proc' | 'sysfs';
  readonly readOnly = false;
  readonly isVolatile = true;
  readonly hasNoXattrs = true;
  readonly magic: number;
  readonly dev: number;
  readonly root: Inode;
  readonly kernel: Kernel;

  /** `pids` is whose processes a procfs shows, unless it is the machine's first pid namespace. */
  constructor(kernel: Kernel, type: 'proc' | 'sysfs', pids?: PidNamespace) {
    this.kernel = kernel;
    this.type = type;
    this.magic = type === 'proc' ? PROC_SUPER_MAGIC : SYSFS_MAGIC;
    this.dev = kernel.vfs.allocateDev();
    this.root = new ProcDirectory(
      this,
      '',
      type === 'proc' ? rootNode(kernel, pids) : madeLater(() => late.sysRootNode(kernel)),
    );
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    return { blocks: 0, blocksFree: 0, files: 0, filesFree: 0, blockSize: 4096, nameMax: 255 };
  }
}

/** Known, and of no effect here (proc(5)). */
const PROC_OPTIONS = ['hidepid', 'gid', 'subset'];

/** Mounts a procfs at /proc and a sysfs at /sys of a tree that is being built, and lets mount(2) make others. */
export function mountProc(kernel: Kernel, tree: Tree): void {
  const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;
  for (const [path, type] of [
    ['/proc', 'proc'],
    ['/sys', 'sysfs'],
  ] as const) {
    const fs = new ProcFileSystem(kernel, type);
    kernel.vfs.mount(tree.directory(path, 0o555), fs, fs.root, type, flags);
    const shows = ({ net, pidForChildren }: NamespaceSet): Namespace =>
      type === 'proc' ? pidForChildren : net;
    const make = ({ ownNamespaces }: Thread): ProcFileSystem => {
      const pids = ownNamespaces?.pidForChildren;
      return new ProcFileSystem(kernel, type, pids?.level === 0 ? undefined : pids);
    };
    kernel.vfs.registerFileSystem(type, {
      make,
      shows,
      isShared: type === 'sysfs',
      accepts: (_, key) => type === 'proc' && PROC_OPTIONS.includes(key),
    });
  }
  kernel.vfs.registerFileSystem('cgroup2', {
    make: (thread, options) => late.cgroup2.make(thread, options),
    accepts: (thread, key) => late.cgroup2.accepts(thread, key),
    isShared: true,
    shows: ({ cgroup }) => cgroup,
  });
}

function inodeOf(fs: ProcFileSystem, place: string, node: ProcNode): Inode {
  return node.kind === 'directory' ? new ProcDirectory(fs, place, node) : new ProcFile(fs, place, node);
}

abstract class ProcInode extends Inode {
  readonly proc: ProcFileSystem;
  readonly place: string;

  constructor(fs: ProcFileSystem, place: string, node: ProcNode) {
    const { uid, gid } = node.owner ?? NOBODY_IN_PARTICULAR;
    super(fs, inodeNumber(place), TYPES[node.kind] | (node.mode ?? MODES[node.kind]), uid, gid);
    this.proc = fs;
    this.place = place;
    this.atimeNs = this.mtimeNs = this.ctimeNs = fs.kernel.clock.realtimeNs();
  }
}

class ProcFile extends ProcInode {
  readonly #node: Exclude<ProcNode, DirectoryNode>;

  constructor(fs: ProcFileSystem, place: string, node: Exclude<ProcNode, DirectoryNode>) {
    super(fs, place, node);
    this.#node = node;
  }

  override get size(): number {
    return this.#node.kind === 'link' ? (this.#node.size ?? 0) : 0;
  }

  override get blockSize(): number {
    return 1024;
  }

  override get blocks(): number {
    return 0;
  }

  override open(thread: Thread, _path: Path, flags: number): FileDescriptor {
    const node = this.#node;
    if (node.kind === 'file') return node.open(thread, this);
    if (node.kind === 'link') return fail(EINVAL, 'a symbolic link');
    if (node.isStrict === true && opensForWriting(flags) && (this.mode & 0o222) === 0) {
      fail(EACCES, 'the value cannot be changed');
    }
    node.demand?.(thread);
    // files of processes have no write operation, the others have one that fails (proc_reg_write)
    return new TextFile(this, node, /^\/\d/.test(this.place) ? EINVAL : EIO);
  }

  override madeUp(reader: Thread): Uint8Array | undefined {
    const node = this.#node;
    if (node.kind !== 'text') return undefined;
    node.demand?.(reader);
    const content = node.text(reader);
    return typeof content === 'string' ? textToBytes(content) : content;
  }

  override readlink(thread: Thread): string {
    return this.#link.target(thread);
  }

  override followMagic(thread: Thread): Path | undefined {
    return this.#node.kind === 'link' ? this.#node.follow?.(thread) : undefined;
  }

  get #link(): LinkNode {
    return this.#node.kind === 'link' ? this.#node : fail(EINVAL, 'not a symbolic link');
  }

  /** O_TRUNC of a shell's `>`: nothing is kept that could be cut. */
  override truncate(): void {}
}

class ProcDirectory extends ProcInode {
  readonly #node: DirectoryNode;

  constructor(fs: ProcFileSystem, place: string, node: DirectoryNode) {
    super(fs, place, node);
    this.#node = node;
    this.nlink = node.links ?? 2;
  }

  override get size(): number {
    return this.#node.size ?? 0;
  }

  /** Of /proc/PID. */
  get process(): Process | undefined {
    return this.#node.process;
  }

  override isOpenTo(credentials: Credentials): boolean {
    return this.#node.isOpenTo?.(credentials) ?? false;
  }

  override get blockSize(): number {
    return 1024;
  }

  override get blocks(): number {
    return 0;
  }

  override open(thread: Thread, path: Path): FileDescriptor {
    this.#node.demand?.(thread);
    return new DirectoryFile(this, path);
  }

  override lookup(name: string): Inode | undefined {
    const node = this.#node.find(name);
    return node === undefined ? undefined : inodeOf(this.proc, `${this.place}/${name}`, node);
  }

  override hasEntry(name: string): boolean {
    return this.#node.find(name) !== undefined;
  }

  override readdir(): readonly DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const name of this.#node.names()) {
      const node = this.#node.find(name);
      if (node === undefined) continue;
      entries.push({ name, ino: inodeNumber(`${this.place}/${name}`), type: TYPES[node.kind] });
    }
    return entries;
  }

  override create(): never {
    fail(ENOENT, 'nothing can be made in /proc and /sys');
  }

  override symlink(): never {
    fail(ENOENT, 'nothing can be made in /proc and /sys');
  }
}

/** Whose /proc/PID it is. */
export function processOfDirectory(inode: Inode): Process | undefined {
  return inode instanceof ProcDirectory ? inode.process : undefined;
}

/** 1 for the root; else a hash (FNV-1a) above Linux's PROC_DYNAMIC_FIRST. */
function inodeNumber(place: string): number {
  if (place === '') return 1;
  let hash = 0x811c9dc5;
  for (let i = 0; i < place.length; i++) hash = Math.imul(hash ^ place.charCodeAt(i), 0x01000193);
  return 0x1_0000_0000 + (hash >>> 0);
}
