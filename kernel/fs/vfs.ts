// The virtual file system of one machine: the mount table, device numbers, and what storage files may use.
// The machine builds the tree through it at start; mount and umount2 change it (mounting.ts); the path walker reads the mounts.
// Each mount namespace has a tree of its own (mount-namespace.ts); the first one is here.

import { MISC_MAJOR, majorOf, PTM_MAJOR, PTS_MAJOR } from '../abi/device-number.ts';
import { MS_RELATIME } from '../abi/mount-flags.ts';
import { EIO, ENODEV, ENXIO, EPERM, fail } from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import type { NamespaceSet } from '../namespaces/set.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { ANON_INODE_FS_MAGIC, PseudoFileSystem } from './anonymous.ts';
import { Changes } from './changes.ts';
import { CleanCache } from './clean-cache.ts';
import type { FileSystem, Inode } from './inode.ts';
import type { LockWait } from './locks/lock-calls.ts';
import { Mount } from './mount.ts';
import { MountTree } from './mount-tree.ts';
import type { Mounting } from './mounting.ts';
import { Dentry, type Path } from './path.ts';
import { Storage } from './storage.ts';

/** Opens a device node; see Inode.open. */
export type DeviceOpener = (thread: Thread, path: Path, flags: number) => FileDescriptor | Wait;

const HOST_CACHE_SIZE = 64 * 1024 * 1024;

const NSFS_MAGIC = 0x6e73_6673;
const SECRETMEM_MAGIC = 0x5345_434d;
const PID_FS_MAGIC = 0x5049_4446;

/** Makes a file system for mount(2), which `thread` calls, from its options text (`size=1m,mode=755`). EINVAL. */
export type FileSystemMaker = (thread: Thread, options: string) => FileSystem & { readonly root: Inode };

export interface FileSystemType {
  readonly make: FileSystemMaker;
  /** Is there such an option? Absent: it has none. EINVAL: the value is none for it. */
  readonly accepts?: (thread: Thread, key: string, value: string) => boolean;
  /** All mounts in a namespace are of one file system. */
  readonly isShared?: boolean;
  /** The namespace that it is about: mounting it needs CAP_SYS_ADMIN there. */
  readonly shows?: (namespaces: NamespaceSet) => Namespace;
}

export class Vfs {
  readonly kernel: Kernel;
  /** What all in-memory files together may hold. */
  readonly storage: Storage;
  /** Bytes read from host files. */
  readonly hostCache = new CleanCache(HOST_CACHE_SIZE);
  /** Threads that wait in F_SETLKW, for deadlock detection. */
  readonly lockWaits = new Map<Thread, LockWait>();
  /** The first mount namespace's. */
  readonly tree = new MountTree();
  /** How long a lease's holder has to give way (fs.lease-break-time); not above 0 = for ever. */
  leaseBreakSeconds = 45;
  /** Mounts came, went, moved or got other options. */
  readonly mountChanges = new Changes('a change of mounts');
  readonly #characterDevices = new Map<number, DeviceOpener>();
  #nextMountId = 20;
  #nextDev = 20;
  #renameCookie = 0;
  /** Mount of pipes, sockets and other files without a name. */
  readonly pseudoMount: Mount;
  #hidden: Mount | undefined;
  #mounting: Mounting | undefined;
  #namespaces: Mount | undefined;
  #secrets: Mount | undefined;
  #pids: Mount | undefined;
  /** What mount(2) can make, by type. */
  readonly #types = new Map<string, FileSystemType>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.storage = new Storage(kernel.options.memoryLimit);
    this.pseudoMount = this.#madePseudoMount('anon_inodefs', ANON_INODE_FS_MAGIC);
  }

  #pseudoMountOf(fs: PseudoFileSystem): Mount {
    return this.internalMount(fs, fs.root, 'none');
  }

  #madePseudoMount(type: string, magic: number, hasXattrs?: 'trusted'): Mount {
    const now = () => this.kernel.clock.realtimeNs();
    return this.#pseudoMountOf(new PseudoFileSystem(this.allocateDev(), now, type, magic, hasXattrs));
  }

  /** The mount of namespaces, whose device tells them from other files without a name (nsfs); made when first needed. */
  get namespaceMount(): Mount {
    this.#namespaces ??= this.#madePseudoMount('nsfs', NSFS_MAGIC);
    return this.#namespaces;
  }

  /** The mount of memfd_secret's files; made when first needed. */
  get secretMount(): Mount {
    this.#secrets ??= this.#madePseudoMount('secretmem', SECRETMEM_MAGIC);
    return this.#secrets;
  }

  /** The mount of pidfds; made when first needed. */
  get pidMount(): Mount {
    this.#pids ??= this.#madePseudoMount('pidfs', PID_FS_MAGIC, 'trusted');
    return this.#pids;
  }

  /** What changes mounts while programs run; made when first needed. */
  get mounting(): Mounting {
    this.#mounting ??= new late.Mounting(this);
    return this.#mounting;
  }

  /** The root of the first tree; `mountRoot` has set it. */
  get root(): Path {
    return this.rootMount.rootPath;
  }

  get rootMount(): Mount {
    return this.tree.root;
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
    return this.newMount(fs, new Dentry('', undefined, root), 0, source);
  }

  /** A number that joins the two inotify events of one rename. */
  nextRenameCookie(): number {
    this.#renameCookie = (this.#renameCookie + 1) >>> 0;
    return this.#renameCookie;
  }

  /** A st_dev for a new file system: major 0, as all file systems without a device have. */
  allocateDev(): number {
    return this.#nextDev++;
  }

  mountRoot(fs: FileSystem, root: Inode, source: string, flags = MS_RELATIME): Mount {
    const mount = this.newMount(fs, new Dentry('', undefined, root), flags, source);
    this.tree.root = mount;
    this.tree.add(mount);
    return mount;
  }

  /** While the machine is made: covers what is at `at`, a place that nobody else shows, with the tree whose root is `root`. */
  mount(at: Path, fs: FileSystem, root: Inode, source: string, flags = MS_RELATIME): Mount {
    const mount = this.newMount(fs, new Dentry('', undefined, root), flags, source);
    const { tree } = at.mount;
    mount.attach(at);
    tree?.add(mount);
    return mount;
  }

  /** A mount that has no place yet. */
  newMount(fs: FileSystem, root: Dentry, flags: number, source: string): Mount {
    return new Mount(this.#nextMountId++, fs, root, undefined, flags, source);
  }

  /** Lets mount(2) make file systems of this type. */
  registerFileSystem(name: string, type: FileSystemType): void {
    this.#types.set(name, type);
  }

  /** ENODEV. */
  fileSystemType(name: string): FileSystemType {
    return this.#types.get(name) ?? fail(ENODEV, 'unknown file system type');
  }

  /** The names that mount(2) knows, for /proc/filesystems. */
  get fileSystemTypes(): Iterable<string> {
    return this.#types.keys();
  }

  /** A new file system for mount(2). ENODEV for an unknown type, EPERM (mount_capable), EINVAL for bad options. */
  makeFileSystem(thread: Thread, type: string, options: string): FileSystem & { readonly root: Inode } {
    const { make, shows } = this.fileSystemType(type);
    const shown = shows?.(thread.namespaces);
    if (shown !== undefined && !capableIn(thread.credentials, CAP_SYS_ADMIN, shown.owner))
      fail(EPERM, 'what it shows belongs to another user namespace');
    return make(thread, options);
  }

  /** A mount for mount(2), which `thread` calls, without a place. */
  mountFor(
    thread: Thread,
    fs: FileSystem & { readonly root: Inode },
    flags: number,
    source: string | undefined,
  ): Mount {
    const top = fs.topFor?.(thread) ?? new Dentry('', undefined, fs.root);
    return this.newMount(fs, top, flags, source ?? 'none');
  }

  /** Says how the character device `rdev` is opened. */
  registerDevice(rdev: number, open: DeviceOpener): void {
    this.#characterDevices.set(rdev, open);
  }

  /** Opens a character device node. ENXIO, ENODEV, EIO: there is no such device. */
  openDevice(thread: Thread, path: Path, flags: number): FileDescriptor | Wait {
    const open = this.#characterDevices.get(path.inode.rdev) ?? failWithoutDevice(path.inode.rdev);
    return open(thread, path, flags);
  }
}

/** No device has this number: what the driver of its major says then. ENXIO: there is no driver either. */
function failWithoutDevice(rdev: number): never {
  switch (majorOf(rdev)) {
    case MISC_MAJOR: // drivers/char/misc.c, misc_open
      return fail(ENODEV, 'no miscellaneous device has this minor');
    case PTM_MAJOR: // drivers/tty/pty.c, ptm_unix98_lookup and pts_unix98_lookup: what is not in a devpts has no terminal
    case PTS_MAJOR:
      return fail(EIO, 'a pseudoterminal is opened in a devpts');
    default:
      return fail(ENXIO, 'no device with this number');
  }
}
