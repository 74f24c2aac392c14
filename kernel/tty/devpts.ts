// The file system of /dev/pts: one node for each pseudo terminal, and ptmx (devpts; fs/devpts/inode.c).
// Opening ptmx makes a pty; opening a node opens its terminal. terminals.ts mounts it.
// A number is given again only when both ends of its pty are closed.

import { makeDev, PTS_MAJOR } from '../abi/device-number.ts';
import { O_ACCMODE, O_CLOEXEC, O_NOCTTY, O_NONBLOCK } from '../abi/fcntl.ts';
import { S_IFCHR, S_IFDIR } from '../abi/stat.ts';
import { EIO, ENOSPC, fail } from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import { type DirectoryEntry, type FileSystem, Inode } from '../fs/inode.ts';
import type { Mount } from '../fs/mount.ts';
import { Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import type { Credentials } from '../task/credentials.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { takeAsControlling } from './controlling.ts';
import type { PtyMaster } from './pty.ts';
import { TtyFile } from './tty-file.ts';

export const PTMX_RDEV = makeDev(5, 2);
const DEVPTS_SUPER_MAGIC = 0x1cd1;
const TTY_GID = 5;
const SLAVE_MODE = 0o620;
/** Inode numbers: 1 the root, 2 ptmx, then number + 3. */
const FIRST_INO = 3;

export interface DevptsSettings {
  /** Permission bits of terminals and of ptmx. */
  readonly slaveMode: number;
  readonly ptmxMode: number;
  /** Whose ptmx is. */
  readonly owner: number;
  /** Whose terminals are; absent: of who opens them. */
  readonly slaveUid?: number;
  readonly slaveGid?: number;
}

const FIRST_INSTANCE: DevptsSettings = {
  slaveMode: SLAVE_MODE,
  ptmxMode: 0o666,
  owner: 0,
  slaveGid: TTY_GID,
};

export class Devpts implements FileSystem {
  readonly type = 'devpts';
  readonly readOnly = false;
  readonly isVolatile = true;
  readonly hasNoXattrs = true;
  readonly magic = DEVPTS_SUPER_MAGIC;
  readonly dev: number;
  readonly root: Inode;
  readonly kernel: Kernel;
  readonly settings: DevptsSettings;
  /** kernel.pty.max. */
  maximum = 4096;
  /** Set when mounted, so that TIOCGPTPEER can name what it opens. */
  mount: Mount | undefined;
  readonly ptmx: Inode;
  readonly #nodes = new Map<number, PtsNode>();
  readonly #taken = new Set<number>();

  constructor(kernel: Kernel, settings = FIRST_INSTANCE) {
    this.kernel = kernel;
    this.settings = settings;
    this.dev = kernel.vfs.allocateDev();
    this.root = new DevptsRoot(this);
    this.ptmx = new PtmxNode(this);
  }

  shownOptions(): readonly string[] {
    return late.devpts.shown(this);
  }

  get nodes(): ReadonlyMap<number, PtsNode> {
    return this.#nodes;
  }

  /** kernel.pty.nr. */
  get count(): number {
    return this.#taken.size;
  }

  /** Opens a new pty's master. ENOSPC when there are too many. */
  openMaster(thread: Thread, inode: Inode): PtyMaster {
    if (this.#taken.size >= this.maximum) fail(ENOSPC, 'kernel.pty.max pseudo terminals are in use');
    let number = 0;
    while (this.#taken.has(number)) number++;
    this.#taken.add(number);
    const rdev = makeDev(PTS_MAJOR + (number >> 8), number & 0xff);
    const master = new late.PtyMaster(this.kernel, this, inode, number, rdev);
    this.#nodes.set(number, new PtsNode(this, master, thread.credentials));
    return master;
  }

  /** TIOCGPTPEER: a descriptor of the terminal, whatever the mounts look like. */
  openPeer(thread: Thread, master: PtyMaster, flags: number): number {
    const node = this.#nodes.get(master.number) ?? fail(EIO, 'the pty is closed');
    const { mount } = this;
    const path = mount && new Path(mount, mount.root.child(`${master.number}`, node));
    const descriptor = node.openTerminal(thread, flags);
    const file = new OpenFile(descriptor, flags & (O_ACCMODE | O_NONBLOCK), path);
    const limit = thread.process.limits.get(RLIMIT_NOFILE).soft;
    try {
      return thread.files.install(file, limit, (flags & O_CLOEXEC) !== 0);
    } catch (failure) {
      file.release();
      throw failure;
    }
  }

  /** The master is closed: the name goes. */
  remove(master: PtyMaster): void {
    const node = this.#nodes.get(master.number);
    if (node !== undefined) node.nlink = 0;
    this.#nodes.delete(master.number);
  }

  /** Both ends are closed: the number is free. */
  free(master: PtyMaster): void {
    this.#taken.delete(master.number);
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    return { blocks: 0, blocksFree: 0, files: 0, filesFree: 0, blockSize: 4096, nameMax: 255 };
  }
}

function stamp(inode: Inode, kernel: Kernel): void {
  inode.atimeNs = inode.mtimeNs = inode.ctimeNs = inode.btimeNs = kernel.clock.realtimeNs();
}

class DevptsRoot extends Inode {
  readonly #devpts: Devpts;

  constructor(devpts: Devpts) {
    super(devpts, 1, S_IFDIR | 0o755, 0, 0);
    this.#devpts = devpts;
    this.nlink = 2;
    stamp(this, devpts.kernel);
  }

  override open(_thread: Thread, path: Path): FileDescriptor {
    return new DirectoryFile(this, path);
  }

  override lookup(name: string): Inode | undefined {
    if (name === 'ptmx') return this.#devpts.ptmx;
    return /^(0|[1-9]\d*)$/.test(name) ? this.#devpts.nodes.get(Number(name)) : undefined;
  }

  override hasEntry(name: string): boolean {
    return this.lookup(name) !== undefined;
  }

  override readdir(): readonly DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const [number, node] of this.#devpts.nodes)
      entries.unshift({ name: `${number}`, ino: node.ino, type: S_IFCHR });
    entries.push({ name: 'ptmx', ino: this.#devpts.ptmx.ino, type: S_IFCHR });
    return entries;
  }
}

class PtmxNode extends Inode {
  readonly #devpts: Devpts;

  constructor(devpts: Devpts) {
    super(devpts, 2, S_IFCHR | devpts.settings.ptmxMode, devpts.settings.owner, 0);
    this.#devpts = devpts;
    this.rdev = PTMX_RDEV;
    stamp(this, devpts.kernel);
  }

  override open(thread: Thread): FileDescriptor {
    return this.#devpts.openMaster(thread, this);
  }
}

class PtsNode extends Inode {
  readonly #master: PtyMaster;
  readonly #kernel: Kernel;

  constructor(devpts: Devpts, master: PtyMaster, { fsuid, fsgid }: Credentials) {
    const { slaveMode, slaveUid = fsuid, slaveGid = fsgid } = devpts.settings;
    super(devpts, FIRST_INO + master.number, S_IFCHR | slaveMode, slaveUid, slaveGid);
    this.#master = master;
    this.#kernel = devpts.kernel;
    this.rdev = master.tty.rdev;
    stamp(this, devpts.kernel);
  }

  override open(thread: Thread, _path: Path, flags: number): FileDescriptor {
    return this.openTerminal(thread, flags);
  }

  /** EBUSY, EIO as the terminal says. */
  openTerminal(thread: Thread, flags: number): FileDescriptor {
    const { tty } = this.#master;
    tty.demandOpen(thread);
    const file = new TtyFile(this.#kernel, tty, this);
    if ((flags & O_NOCTTY) === 0) takeAsControlling(thread, tty, flags);
    return file;
  }
}
