// The virtual file system of one machine: the mount table, device numbers, and what storage files may use.
// The machine builds the tree through it at start; mount and umount2 change it; the path walker reads the mounts.
// Each mount namespace has a tree of its own (mount-namespace.ts); the first one is here.

import { EBUSY, EINVAL, ELOOP, ENODEV, ENOSPC, ENXIO, EPERM, fail } from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import type { Kernel } from '../kernel.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import type { NamespaceSet } from '../namespaces/set.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { PseudoFileSystem } from './anonymous.ts';
import { Changes } from './changes.ts';
import { CleanCache } from './clean-cache.ts';
import type { FileSystem, Inode } from './inode.ts';
import type { LockWait } from './locks/lock-calls.ts';
import { Mount, MS_RELATIME } from './mount.ts';
import { MountTree } from './mount-tree.ts';
import { Dentry, Path } from './path.ts';
import { PeerGroups } from './peers.ts';
import {
  type CopyKind,
  copiesElsewhere,
  goneElsewhere,
  isWithin,
  listenersOf,
  type Placement,
} from './propagation.ts';
import { Storage } from './storage.ts';

/** Opens a device node; see Inode.open. */
export type DeviceOpener = (thread: Thread, path: Path, flags: number) => FileDescriptor | Wait;

/** As /proc/sys/fs/mount-max, smaller: a recursive bind can double the number. */
const MOUNT_LIMIT = 4096;
const HOST_CACHE_SIZE = 64 * 1024 * 1024;

const NSFS_MAGIC = 0x6e73_6673;

/** Makes a file system for mount(2), which `thread` calls, from its options text (`size=1m,mode=755`). EINVAL. */
export type FileSystemMaker = (thread: Thread, options: string) => FileSystem & { readonly root: Inode };

interface FileSystemType {
  readonly make: FileSystemMaker;
  /** The namespace that it is about: mounting it needs CAP_SYS_ADMIN there. */
  readonly shows: ((namespaces: NamespaceSet) => Namespace) | undefined;
}

export class Vfs {
  readonly kernel: Kernel;
  /** What all in-memory files together may hold. */
  readonly storage: Storage;
  /** Bytes read from host files. */
  readonly hostCache = new CleanCache(HOST_CACHE_SIZE);
  /** Threads that wait in F_SETLKW, for deadlock detection. */
  readonly lockWaits = new Map<Thread, LockWait>();
  readonly peerGroups = new PeerGroups();
  /** The first mount namespace's. */
  readonly tree = new MountTree();
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
  #hidden: Mount | undefined;
  #namespaces: Mount | undefined;
  /** What mount(2) can make, by type. */
  readonly #types = new Map<string, FileSystemType>();

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
    return new Mount(this.#nextMountId++, fs, new Dentry('', undefined, root), undefined, 0, source);
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
    const mount = new Mount(
      this.#nextMountId++,
      fs,
      new Dentry('', undefined, root),
      undefined,
      flags,
      source,
    );
    this.tree.root = mount;
    this.tree.mounts.push(mount);
    mount.tree = this.tree;
    return mount;
  }

  /** Covers the directory (or, for a file, the file) at `at` with the tree whose root is `root`. ENOSPC at the limit. */
  mount(at: Path, fs: FileSystem, root: Inode, source: string, flags = MS_RELATIME): Mount {
    const top = new Dentry('', undefined, root);
    const mount = new Mount(this.#nextMountId++, fs, top, undefined, flags, source);
    this.graft(mount, at);
    return mount;
  }

  /** A mount of the same without a place, from `root` on. */
  cloneMount(original: Mount, root: Dentry, kind: CopyKind): Mount {
    const { fs, flags, source } = original;
    const copy = new Mount(this.#nextMountId++, fs, root, undefined, flags, source);
    copy.lockedFlags = original.lockedFlags;
    copy.isLocked = original.isLocked;
    this.peerGroups.inherit(copy, original, kind);
    return copy;
  }

  /** The same with what is mounted on it, but what cannot be bound. EPERM: that is locked, so it would show what it hides. */
  cloneTree(original: Mount, root: Dentry, kind: CopyKind): Mount {
    const copy = this.cloneMount(original, root, kind);
    for (const child of [...original.children]) {
      const { at, isUnbindable, isLocked } = child;
      if (at === undefined || !isWithin(at.dentry, root)) continue;
      if (isUnbindable && isLocked) fail(EPERM, 'a locked mount cannot be bound');
      if (!isUnbindable) this.cloneTree(child, child.root, kind).attach(new Path(copy, at.dentry));
    }
    return copy;
  }

  /** Puts a tree of mounts at `at`, and copies of it wherever that is propagated to (attach_recursive_mnt). EINVAL, ENOSPC. */
  graft(top: Mount, at: Path): void {
    const { tree = fail(EINVAL, 'no path reaches the mount'), peers } = at.mount;
    this.#demandRoom(top, at.mount);
    if (peers !== undefined) for (const mount of top.family()) this.peerGroups.share(mount);
    const copies = copiesElsewhere(top, at, (model, kind) => this.cloneTree(model, model.root, kind));
    this.#place({ top, at }, tree);
    for (const copy of copies) this.#place(copy, tree);
    this.mountChanges.happened();
  }

  #demandRoom(top: Mount, on: Mount): void {
    const size = [...top.family()].length;
    const counts = new Map<MountTree, number>();
    for (const { tree } of [on, ...listenersOf(on)]) {
      if (tree === undefined) continue;
      const count = (counts.get(tree) ?? tree.mounts.length) + size;
      if (count > MOUNT_LIMIT) fail(ENOSPC, 'too many mounts');
      counts.set(tree, count);
    }
  }

  /** In the tree of another user namespace than that of `home` all is locked (lock_mnt_tree). */
  #place({ top, at }: Placement, home: MountTree): void {
    const { tree } = at.mount;
    if (tree === undefined) return;
    top.attach(at);
    for (const mount of top.family()) {
      if (mount.tree === tree) continue;
      tree.mounts.push(mount);
      mount.tree = tree;
      if (tree.owner === home.owner) continue;
      mount.lockedFlags = mount.flags & Mount.LOCKABLE;
      mount.isLocked = mount !== top;
    }
  }

  /** Removes `mount`, and what is propagated to. EINVAL for the root, EBUSY when something is mounted below and `detach` is false. */
  unmount(mount: Mount, detach: boolean): void {
    if (mount.at === undefined || mount.tree === undefined) fail(EINVAL, 'the root cannot be unmounted');
    const gone = new Set(mount.family());
    if (gone.size > 1 && !detach) fail(EBUSY, 'something is mounted below');
    for (const elsewhere of goneElsewhere(gone)) gone.add(elsewhere);
    for (const each of [...gone].reverse()) this.#remove(each, gone);
    this.mountChanges.happened();
  }

  /** Who is still in it sees its root as the end of the world; what covers it whole, and stays, takes its place. */
  #remove(mount: Mount, gone: ReadonlySet<Mount>): void {
    const { at, tree } = mount;
    mount.detach();
    for (const child of [...mount.children]) {
      if (gone.has(child) || child.at?.dentry !== mount.root || at === undefined) continue;
      child.detach();
      child.attach(at);
    }
    this.peerGroups.change(mount, 'private');
    tree?.mounts.splice(tree.mounts.indexOf(mount), 1);
    mount.tree = undefined;
  }

  /** Moves `mount` to `at` (MS_MOVE). */
  move(mount: Mount, at: Path): void {
    if (mount.at === undefined) fail(EINVAL, 'the root cannot be moved');
    for (let above: Mount | undefined = at.mount; above !== undefined; above = above.at?.mount)
      if (above === mount) fail(ELOOP, 'the place is below what is to be moved');
    mount.detach();
    this.graft(mount, at);
  }

  /** `top` takes the place of `old`, which goes to `at` (pivot_root). The caller has checked everything. */
  pivot(old: Mount, top: Mount, at: Path): void {
    const { tree } = old;
    const place = old.at;
    top.detach();
    old.detach();
    if (place !== undefined) top.attach(place);
    else if (tree !== undefined) tree.root = top;
    old.attach(at);
    [top.isLocked, old.isLocked] = [top.isLocked || old.isLocked, false];
    this.mountChanges.happened();
  }

  /** Lets mount(2) make file systems of this type. */
  registerFileSystem(type: string, make: FileSystemMaker, shows?: FileSystemType['shows']): void {
    this.#types.set(type, { make, shows });
  }

  /** The names that mount(2) knows, for /proc/filesystems. */
  get fileSystemTypes(): Iterable<string> {
    return this.#types.keys();
  }

  /** A new file system for mount(2). ENODEV for an unknown type, EPERM (mount_capable), EINVAL for bad options. */
  makeFileSystem(thread: Thread, type: string, options: string): FileSystem & { readonly root: Inode } {
    const { make, shows } = this.#types.get(type) ?? fail(ENODEV, 'unknown file system type');
    const shown = shows?.(thread.namespaces);
    if (shown !== undefined && !capableIn(thread.credentials, CAP_SYS_ADMIN, shown.owner))
      fail(EPERM, 'what it shows belongs to another user namespace');
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
