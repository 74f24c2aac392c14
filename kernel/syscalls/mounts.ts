// Changing the caller's tree of mounts: mount, umount2 and pivot_root.
// Rows for table.ts; the mount tables are kernel/fs/vfs.ts.

import { AT_FDCWD } from '../abi/fcntl.ts';
import { CString, Path as PathKind } from '../abi/kinds/basic.ts';
import { MountFlags, UmountFlags } from '../abi/kinds/mount-kinds.ts';
import * as abi from '../abi/mount-flags.ts';
import { EAGAIN, EBUSY, EINVAL, ENOENT, ENOTDIR, EPERM, fail } from '../errno.ts';
import { Mount } from '../fs/mount.ts';
import { MountNamespace } from '../fs/mount-namespace.ts';
import type { Path } from '../fs/path.ts';
import type { Propagation } from '../fs/peers.ts';
import { AS_PEER } from '../fs/propagation.ts';
import { resolve, startWalk } from '../fs/resolve.ts';
import { MemoryFileSystem } from '../fs/tmpfs/memory-fs.ts';
import { TMPFS } from '../fs/tmpfs/mount-options.ts';
import { PATH_HOOKS } from '../landlock/paths.ts';
import { bytesToText } from '../mm/user-memory.ts';
import { NamespaceInode } from '../namespaces/namespace-file.ts';
import type { Thread } from '../task/thread.ts';
import {
  demandAdmin,
  demandChangeable,
  demandNoWriters,
  demandOwn,
  demandOwner,
  demandUsable,
  hasLockedChildren,
  isReachable,
  mountPoint,
  rootOfMount,
  setReadOnly,
  topmost,
} from './mount-checks.ts';
import { move } from './mount-moves.ts';
import { syscall } from './syscall.ts';

const KEPT_FLAGS =
  abi.MS_RDONLY |
  abi.MS_NOSUID |
  abi.MS_NODEV |
  abi.MS_NOEXEC |
  abi.MS_NOATIME |
  abi.MS_NODIRATIME |
  abi.MS_RELATIME |
  abi.MS_NOSYMFOLLOW;
export const PROPAGATIONS: ReadonlyMap<number, Propagation> = new Map([
  [abi.MS_SHARED, 'shared'],
  [abi.MS_PRIVATE, 'private'],
  [abi.MS_SLAVE, 'slave'],
  [abi.MS_UNBINDABLE, 'unbindable'],
]);
const PROPAGATION = abi.MS_SHARED | abi.MS_PRIVATE | abi.MS_SLAVE | abi.MS_UNBINDABLE;

/** Mount flags as kept: relatime is the default (fs/namespace.c, path_mount). */
function keptFlags(flags: number): number {
  const kept = flags & KEPT_FLAGS & ~abi.MS_RELATIME;
  if ((flags & abi.MS_STRICTATIME) !== 0) return kept & ~abi.MS_NOATIME;
  return (flags & abi.MS_NOATIME) !== 0 ? kept : kept | abi.MS_RELATIME;
}

/** When nothing is said about times of access, it stays as it is. */
function changedFlags(flags: number, { flags: before }: Mount): number {
  const said = flags & (Mount.ATIME | abi.MS_STRICTATIME);
  return said === 0 ? (flags & KEPT_FLAGS) | (before & Mount.ATIME) : keptFlags(flags);
}

interface MountRequest {
  readonly source: number;
  readonly target: number;
  readonly type: number;
  readonly flags: number;
  readonly data: number;
}

/** EPERM, ENOENT, ENODEV, ENOTDIR, EINVAL; which of mount's many actions it is follows from the flags (mount(2)). */
function mount(thread: Thread, request: MountRequest): number {
  const { user } = thread;
  const type = request.type === 0 ? '' : bytesToText(user.readCString(request.type, 4096));
  const source = request.source === 0 ? '' : user.readPath(request.source);
  const options = request.data === 0 ? '' : readOptions(thread, request.data);
  const at = resolve(thread, AT_FDCWD, user.readPath(request.target));
  const isMarked = (request.flags & abi.MS_MGC_MSK) === abi.MS_MGC_VAL; // as programs of long ago do
  const flags = request.flags & ~(isMarked ? abi.MS_MGC_MSK | abi.MS_SILENT : abi.MS_SILENT);
  if ((flags & abi.MS_NOUSER) !== 0) fail(EINVAL, 'a flag of the kernel');
  PATH_HOOKS.demandMounting(thread);
  demandAdmin(thread);
  if ((flags & abi.MS_REMOUNT) !== 0) return remount(thread, at, flags, options);
  if ((flags & abi.MS_BIND) !== 0)
    return bind(thread, at, sourcePath(thread, source), (flags & abi.MS_REC) !== 0);
  if ((flags & PROPAGATION) !== 0) return changePropagation(thread, at, flags);
  if ((flags & abi.MS_MOVE) !== 0) return move(thread, at, sourcePath(thread, source));
  if (request.type === 0) fail(EINVAL, 'no file system type');
  const fs = thread.kernel.vfs.makeFileSystem(thread, type, options);
  if ((flags & abi.MS_RDONLY) !== 0 && fs instanceof MemoryFileSystem) fs.readOnly = true;
  const { vfs } = thread.kernel;
  const made = vfs.mountFor(thread, fs, keptFlags(flags), source || undefined);
  const place = mountPoint(at);
  demandOwn(thread, place.mount);
  if (place.mount.fs === fs && place.dentry === made.root) fail(EBUSY, 'the same file system is there');
  graft(thread, made, place);
  return 0;
}

/** EINVAL: none is given; and what a path walk fails with. */
function sourcePath(thread: Thread, source: string): Path {
  if (source === '') fail(EINVAL, 'no source');
  return resolve(thread, AT_FDCWD, source);
}

/** ENOTDIR (graft_tree). */
function graft({ kernel }: Thread, top: Mount, at: Path): void {
  if (top.root.inode.isDirectory !== at.inode.isDirectory) fail(ENOTDIR, 'a directory and a file');
  kernel.vfs.mounting.graft(top, at);
}

/** At most a page, as copy_mount_options; shorter where memory ends. */
function readOptions(thread: Thread, address: number): string {
  const length = thread.user.accessible(address, 4096, false);
  const bytes = thread.user.read(address, length);
  const end = bytes.indexOf(0);
  return bytesToText(end < 0 ? bytes : bytes.subarray(0, end));
}

/** EINVAL: several kinds at once, or with other flags; EPERM (do_change_type). */
function changePropagation(thread: Thread, at: Path, flags: number): number {
  const changed = rootOfMount(at);
  const type =
    PROPAGATIONS.get(flags & ~abi.MS_REC) ?? fail(EINVAL, 'one kind of propagation and nothing else');
  demandChangeable(thread, changed);
  const { kernel } = thread;
  const mounts = (flags & abi.MS_REC) === 0 ? [changed] : changed.family();
  for (const mount of mounts) kernel.vfs.mounting.peerGroups.change(mount, type);
  kernel.vfs.mountChanges.happened();
  return 0;
}

/** With MS_BIND what is said is of the mount alone (do_reconfigure_mnt), else also of the file system (do_remount). */
function remount(thread: Thread, at: Path, flags: number, options: string): number {
  const { kernel } = thread;
  demandOwn(thread, at.mount);
  const changed = rootOfMount(at);
  const wanted = changedFlags(flags, changed);
  if (!changed.mayChangeTo(wanted)) fail(EPERM, 'as it was where the mount was copied from, so it stays');
  const isReadOnly = (flags & abi.MS_RDONLY) !== 0;
  if ((flags & abi.MS_BIND) === 0) {
    const { fs } = changed;
    const parsed = TMPFS.parse(thread, fs, options);
    demandOwner(thread, changed);
    const wasReadOnly = fs.readOnly;
    if (!isReadOnly || fs instanceof MemoryFileSystem) setReadOnly(thread, fs, isReadOnly);
    try {
      TMPFS.reconfigure(fs, parsed);
    } catch (failure) {
      setReadOnly(thread, fs, wasReadOnly);
      throw failure;
    }
  }
  if ((wanted & ~changed.flags & abi.MS_RDONLY) !== 0 && (flags & abi.MS_BIND) !== 0)
    demandNoWriters(thread, (mount) => mount === changed);
  changed.flags = wanted;
  kernel.vfs.mountChanges.happened();
  return 0;
}

/** EINVAL: a mount namespace that is kept by a mount of itself or of a later one would never go (mnt_ns_loop). */
function demandNoLoop({ namespaces }: Thread, { inode }: Path): void {
  if (!(inode instanceof NamespaceInode) || !(inode.namespace instanceof MountNamespace)) return;
  if (inode.namespace.ino <= namespaces.mnt.ino) fail(EINVAL, 'a mount namespace within itself');
}

/** A copy of a mount, or of it and all below, without a place. EINVAL, EPERM (may_copy_tree, __do_loopback). */
export function copyOf(thread: Thread, source: Path, isRecursive: boolean): Mount {
  const { mounting, namespaceMount } = thread.kernel.vfs;
  const { mount, dentry } = source;
  if (mount.isUnbindable) fail(EINVAL, 'the mount is unbindable');
  if (mount !== namespaceMount) demandUsable(thread, mount);
  if (!isRecursive && hasLockedChildren(mount, dentry))
    fail(EINVAL, 'this would show what a locked mount hides');
  if (!isRecursive) return mounting.cloneMount(mount, dentry, AS_PEER);
  mounting.demandBindable(mount, dentry);
  return mounting.cloneTree(mount, dentry, AS_PEER);
}

function bind(thread: Thread, at: Path, source: Path, isRecursive: boolean): number {
  if (source.mount === thread.kernel.vfs.namespaceMount) demandNoLoop(thread, source);
  const place = mountPoint(at);
  demandOwn(thread, place.mount);
  const copy = copyOf(thread, source, isRecursive);
  try {
    graft(thread, copy, place);
  } catch (failure) {
    thread.kernel.vfs.mounting.drop(copy);
    throw failure;
  }
  return 0;
}

function umount(thread: Thread, target: number, flags: number): number {
  if ((flags & ~(abi.MNT_FORCE | abi.MNT_DETACH | abi.MNT_EXPIRE | abi.UMOUNT_NOFOLLOW)) !== 0)
    fail(EINVAL, 'unknown flags');
  const walk = startWalk(thread, AT_FDCWD, thread.user.readPath(target));
  const at = topmost(walk.finishUnused((flags & abi.UMOUNT_NOFOLLOW) === 0));
  demandAdmin(thread);
  const gone = rootOfMount(at);
  demandOwn(thread, gone);
  if (gone.isLocked) fail(EINVAL, 'the mount is locked');
  if ((flags & abi.MNT_FORCE) !== 0) demandOwner(thread, gone);
  PATH_HOOKS.demandMounting(thread);
  if ((flags & abi.MNT_EXPIRE) !== 0) expire(thread, gone, flags);
  const isLazy = (flags & abi.MNT_DETACH) !== 0;
  const { fs, kernel } = thread;
  if (gone === fs.root.mount && !isLazy) return freezeRoot(thread, gone);
  if (!isLazy && (!gone.children.next().done || kernel.vfs.mounting.isBusySomewhere(gone)))
    fail(EBUSY, 'the mount is in use, here or where the umount is propagated to');
  kernel.vfs.mounting.unmount(gone, isLazy);
  return 0;
}

/** EINVAL; EBUSY: in use; EAGAIN: it is marked now, and goes when that is asked again before anybody uses it (do_umount). */
function expire(thread: Thread, mount: Mount, flags: number): void {
  if (mount === thread.fs.root.mount || (flags & (abi.MNT_FORCE | abi.MNT_DETACH)) !== 0)
    fail(EINVAL, 'the root, or by force');
  if (!mount.children.next().done || thread.kernel.vfs.mounting.isBusy(mount)) fail(EBUSY, 'in use');
  if (mount.isExpiring) return;
  mount.isExpiring = true;
  fail(EAGAIN, 'marked');
}

/** The root does not go: its file system becomes read-only (do_umount_root). EPERM, EBUSY. */
function freezeRoot(thread: Thread, root: Mount): number {
  demandOwner(thread, root);
  setReadOnly(thread, root.fs, true);
  thread.kernel.vfs.mountChanges.happened();
  return 0;
}

/**
 * pivot_root(2): another mount becomes the root, and the root goes to a place below it. Whoever had the old one as root or
 * working directory has the new one then. EPERM; EINVAL: no mount points, locked, out of reach; EBUSY: the root itself.
 */
function pivotRoot(thread: Thread, newRoot: number, putOld: number): number {
  const { kernel, user } = thread;
  const { vfs, pids } = kernel;
  demandAdmin(thread);
  const top = resolve(thread, AT_FDCWD, user.readPath(newRoot));
  if (!top.inode.isDirectory) fail(ENOTDIR, 'the new root is no directory');
  const old = resolve(thread, AT_FDCWD, user.readPath(putOld));
  if (!old.inode.isDirectory) fail(ENOTDIR, 'the place for the old root is no directory');
  PATH_HOOKS.demandMounting(thread);
  const { root } = thread.fs;
  const place = mountPoint(old);
  if ([place.mount, top.mount.at?.mount, root.mount.at?.mount].some((mount) => mount?.peers !== undefined))
    fail(EINVAL, 'on a shared mount');
  demandOwn(thread, root.mount);
  demandOwn(thread, top.mount);
  if (top.mount.isLocked) fail(EINVAL, 'the new root is locked');
  if (top.dentry.isDeleted) fail(ENOENT, 'the new root was removed');
  if (top.mount === root.mount || place.mount === root.mount) fail(EBUSY, 'on the same mount as the root');
  if (root.dentry !== root.mount.root || top.dentry !== top.mount.root) fail(EINVAL, 'not a mount point');
  if (!isReachable(place, top) || !isReachable(top, root))
    fail(EINVAL, 'not below the new root, or not below the root');
  vfs.mounting.pivot(root.mount, top.mount, place);
  for (const { fs } of pids.threads()) {
    if (fs.root.equals(root)) fs.root = top;
    if (fs.cwd.equals(root)) fs.cwd = top;
  }
  return 0;
}

export const MOUNT_CALLS = {
  39: syscall('umount2', { name: PathKind, flags: UmountFlags }, (thread, { name, flags }) =>
    umount(thread, name, flags),
  ),
  41: syscall('pivot_root', { new_root: PathKind, put_old: PathKind }, (thread, { new_root, put_old }) =>
    pivotRoot(thread, new_root, put_old),
  ),
  40: syscall(
    'mount',
    { dev_name: PathKind, dir_name: PathKind, type: PathKind, flags: MountFlags, data: CString },
    (thread, { dev_name, dir_name, type, flags, data }) =>
      mount(thread, { source: dev_name, target: dir_name, type, flags, data }),
    { partial: 'tmpfs, proc, sysfs, mqueue, devpts and bind mounts' },
  ),
};
