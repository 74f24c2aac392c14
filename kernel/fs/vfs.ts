// The virtual file system of one machine: the mount table, device numbers, and what storage files may use.
// The machine builds the tree through it at start; mount and umount2 change it; the path walker reads the mounts.
// There is one mount namespace: every process sees the same tree from its own root.

import { EBUSY, EINVAL, ENODEV, ENOSPC, ENXIO, fail } from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { PseudoFileSystem } from './anonymous.ts';
import { Changes } from './changes.ts';
import { CleanCache } from './clean-cache.ts';
import type { FileSystem, Inode } from './inode.ts';
import type { LockWait } from './locks/lock-calls.ts';
import { Mount, MS_RELATIME } from './mount.ts';
import { Dentry, type Path } from './path.ts';
import { Storage } from './storage.ts';

/** Opens a device node; see Inode.open. */
export type DeviceOpener = (thread: Thread, path: Path, flags: number) => FileDescriptor | Wait;

/** As /proc/sys/fs/mount-max, smaller: a recursive bind can double the number. */
const MOUNT_LIMIT = 4096;
const HOST_CACHE_SIZE = 64 * 1024 * 1024;

const NSFS_MAGIC = 0x6e73_6673;

/** Makes a file system for mount(2), which `thread` calls, from its options text (`size=1m,mode=755`). EINVAL. */
export type FileSystemMaker = (thread: Thread, options: string) => FileSystem & { readonly root: Inode };

export class Vfs {
  readonly kernel: Kernel;
  /** What all in-memory files together may hold. */
  readonly storage: Storage;
  /** Bytes read from host files. */
  readonly hostCache = new CleanCache(HOST_CACHE_SIZE);
  /** Threads that wait in F_SETLKW, for deadlock detection. */
  readonly lockWaits = new Map<Thread, LockWait>();
  readonly #mounts: Mount[] = [];
  /** How long a lease's holder has to give way (fs.lease-break-time); 0 = for ever. */
  leaseBreakSeconds = 45;
  /** Mounts came, went, moved or got other options. */
  readonly mountChanges = new Changes('a change of mounts');
  readonly #characterDevices = new Map<number, DeviceOpener>();
  #nextMountId = 20;
  #nextDev = 20;
  #renameCookie = 0;
  /** Mount of pipes, sockets and other files without a name. */
  readonly pseudoMount: Mount;
  #root: Mount | undefined;
  #hidden: Mount | undefined;
  #namespaces: Mount | undefined;
  /** What mount(2) can make, by type. */
  readonly #types = new Map<string, FileSystemMaker>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.storage = new Storage(kernel.options.memoryLimit);
    this.pseudoMount = this.#pseudoMountOf(
      new PseudoFileSystem(this.allocateDev(), () => kernel.clock.realtimeNs()),
    );
  }

  #pseudoMountOf(fs: PseudoFileSystem): Mount {
    return new Mount(this.#nextMountId++, fs, new Dentry('', undefined, fs.root), undefined, 0, 'none');
  }

  /** The mount of namespaces, whose device tells them from other files without a name (nsfs); made when first needed. */
  get namespaceMount(): Mount {
    this.#namespaces ??= this.#pseudoMountOf(
      new PseudoFileSystem(this.allocateDev(), () => this.kernel.clock.realtimeNs(), 'nsfs', NSFS_MAGIC),
    );
    return this.#namespaces;
  }

  /** The root of the tree; `mountRoot` has set it. */
  get root(): Path {
    return this.rootMount.rootPath;
  }

  get rootMount(): Mount {
    if (this.#root === undefined) throw new Error('no root file system is mounted');
    return this.#root;
  }

  /** The mount of files in memory that no path reaches (memfd); made when first needed. */
  hiddenMount(make: () => FileSystem & { readonly root: Inode }): Mount {
    if (this.#hidden === undefined) {
      const fs = make();
      this.#hidden = this.internalMount(fs, fs.root, 'tmpfs');
    }
    return this.#hidden;
  }

  /** A mount for the kernel's own use, without a place in the tree. */
  internalMount(fs: FileSystem, root: Inode, source: string): Mount {
    return new Mount(this.#nextMountId++, fs, new Dentry('', undefined, root), undefined, 0, source);
  }

  /** A number that joins the two inotify events of one rename. */
  nextRenameCookie(): number {
    this.#renameCookie = (this.#renameCookie + 1) >>> 0;
    return this.#renameCookie;
  }

  /** All mounts, parents before what is mounted on them. */
  get mounts(): readonly Mount[] {
    return this.#mounts;
  }

  /** A st_dev for a new file system: major 0, as all file systems without a device have. */
  allocateDev(): number {
    return this.#nextDev++;
  }

  mountRoot(fs: FileSystem, root: Inode, source: string, flags = MS_RELATIME): Mount {
    const mount = new Mount(
      this.#nextMountId++,
      fs,
      new Dentry('', undefined, root),
      undefined,
      flags,
      source,
    );
    this.#root = mount;
    this.#mounts.push(mount);
    return mount;
  }

  /** ENOSPC at the limit. Covers the directory (or, for a file, the file) at `at` with the tree whose root is `root`. */
  mount(at: Path, fs: FileSystem, root: Inode | Dentry, source: string, flags = MS_RELATIME): Mount {
    if (this.#mounts.length >= MOUNT_LIMIT) fail(ENOSPC, 'too many mounts');
    const top = root instanceof Dentry ? root : new Dentry('', undefined, root);
    const mount = new Mount(this.#nextMountId++, fs, top, at, flags, source);
    at.dentry.mounts ??= [];
    at.dentry.mounts.push(mount);
    this.#mounts.push(mount);
    this.mountChanges.happened();
    return mount;
  }

  /** Removes `mount`. EINVAL for the root, EBUSY when something is mounted below and `detach` is false. */
  unmount(mount: Mount, detach: boolean): void {
    const { at } = mount;
    if (at === undefined) fail(EINVAL, 'the root cannot be unmounted');
    const below = this.#mounts.filter((candidate) => candidate.at?.mount === mount);
    if (below.length > 0 && !detach) fail(EBUSY, 'something is mounted below');
    for (const inner of below) this.unmount(inner, true);
    const { dentry } = at;
    dentry.mounts = dentry.mounts?.filter((candidate) => candidate !== mount);
    if (dentry.mounts?.length === 0) dentry.mounts = undefined;
    this.#mounts.splice(this.#mounts.indexOf(mount), 1);
    mount.at = undefined; // who is still in it sees its root as the end of the world
    this.mountChanges.happened();
  }

  /** Moves `mount` to `at` (MS_MOVE). */
  move(mount: Mount, at: Path): void {
    const old = mount.at;
    if (old === undefined) fail(EINVAL, 'the root cannot be moved');
    old.dentry.mounts = old.dentry.mounts?.filter((candidate) => candidate !== mount);
    if (old.dentry.mounts?.length === 0) old.dentry.mounts = undefined;
    mount.at = at;
    at.dentry.mounts ??= [];
    at.dentry.mounts.push(mount);
    this.mountChanges.happened();
  }

  /** Lets mount(2) make file systems of this type. */
  registerFileSystem(type: string, make: FileSystemMaker): void {
    this.#types.set(type, make);
  }

  /** The names that mount(2) knows, for /proc/filesystems. */
  get fileSystemTypes(): Iterable<string> {
    return this.#types.keys();
  }

  /** A new file system for mount(2). ENODEV for an unknown type, EINVAL for bad options. */
  makeFileSystem(thread: Thread, type: string, options: string): FileSystem & { readonly root: Inode } {
    const make = this.#types.get(type) ?? fail(ENODEV, 'unknown file system type');
    return make(thread, options);
  }

  /** Says how the character device `rdev` is opened. */
  registerDevice(rdev: number, open: DeviceOpener): void {
    this.#characterDevices.set(rdev, open);
  }

  /** Opens a character device node. ENXIO when there is no such device. */
  openDevice(thread: Thread, path: Path, flags: number): FileDescriptor | Wait {
    const open = this.#characterDevices.get(path.inode.rdev) ?? fail(ENXIO, 'no device with this number');
    return open(thread, path, flags);
  }
}

/** Device number as st_rdev and dev_t have it (include/linux/kdev_t.h, new_encode_dev). */
export function makeDev(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}

export function majorOf(dev: number): number {
  return (dev >>> 8) & 0xfff;
}

export function minorOf(dev: number): number {
  return (dev & 0xff) | ((dev >>> 12) & 0xfff00);
}
