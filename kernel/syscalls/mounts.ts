// Changing the caller's tree of mounts: mount, umount2 and pivot_root.
// Rows for table.ts; the mount tables are kernel/fs/vfs.ts.

import { AT_FDCWD } from '../abi/fcntl.ts';
import { CString, Path as PathKind } from '../abi/kinds/basic.ts';
import { MountFlags, UmountFlags } from '../abi/kinds/mount-kinds.ts';
import * as abi from '../abi/mount-flags.ts';
import { EBUSY, EINVAL, ENOTDIR, EPERM, fail } from '../errno.ts';
import type { FileSystem } from '../fs/inode.ts';
import { type Mount, treeOf } from '../fs/mount.ts';
import { MountNamespace } from '../fs/mount-namespace.ts';
import { opensForWriting } from '../fs/open-flags.ts';
import type { Path } from '../fs/path.ts';
import type { Propagation } from '../fs/peers.ts';
import { AS_PEER, counterparts, hasMountsOn, isWithin } from '../fs/propagation.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { resolve } from '../fs/resolve.ts';
import { MemoryFileSystem } from '../fs/tmpfs/memory-fs.ts';
import { TMPFS } from '../fs/tmpfs/mount-options.ts';
import { PATH_HOOKS } from '../landlock/paths.ts';
import { bytesToText } from '../mm/user-memory.ts';
import { NamespaceInode } from '../namespaces/namespace-file.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
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

export function demandAdmin(thread: Thread): void {
  if (!capableIn(thread.credentials, CAP_SYS_ADMIN, thread.namespaces.mnt.owner))
    fail(EPERM, 'mounting needs CAP_SYS_ADMIN');
}

/** EINVAL: a mount of another namespace, or one that was taken away (check_mnt). */
export function demandOwn(thread: Thread, { tree }: Mount): void {
  if (tree !== treeOf(thread)) fail(EINVAL, 'not a mount of this namespace');
}

/** Mount flags as kept: relatime is the default (fs/namespace.c, path_mount). */
function keptFlags(flags: number): number {
  const kept = flags & KEPT_FLAGS;
  if ((flags & abi.MS_NOATIME) !== 0) return kept & ~abi.MS_RELATIME;
  return (flags & abi.MS_STRICTATIME) !== 0 ? kept & ~abi.MS_RELATIME : kept | abi.MS_RELATIME;
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
  PATH_HOOKS.demandMounting(thread);
  demandAdmin(thread);
  const flags = request.flags & ~abi.MS_SILENT;
  if ((flags & abi.MS_REMOUNT) !== 0) return remount(thread, at, flags, options);
  if ((flags & abi.MS_BIND) !== 0)
    return bind(thread, at, resolve(thread, AT_FDCWD, source), (flags & abi.MS_REC) !== 0);
  if ((flags & PROPAGATION) !== 0) return changePropagation(thread, at, flags);
  if ((flags & abi.MS_MOVE) !== 0) return move(thread, at, resolve(thread, AT_FDCWD, source));
  const fs = thread.kernel.vfs.makeFileSystem(thread, type, options);
  if (!at.inode.isDirectory) fail(ENOTDIR, 'the mount point is no directory');
  demandOwn(thread, at.mount);
  const { vfs } = thread.kernel;
  vfs.mounting.graft(vfs.mountFor(thread, fs, keptFlags(flags), source || undefined), at);
  return 0;
}

/** At most a page, as copy_mount_options; shorter where memory ends. */
function readOptions(thread: Thread, address: number): string {
  const length = thread.user.accessible(address, 4096, false);
  const bytes = thread.user.read(address, length);
  const end = bytes.indexOf(0);
  return bytesToText(end < 0 ? bytes : bytes.subarray(0, end));
}

/** EINVAL unless `path` is the root of a mount. */
export function rootOfMount(path: Path): Mount {
  if (path.dentry !== path.mount.root) fail(EINVAL, 'not a mount point');
  return path.mount;
}

/** EINVAL: several kinds at once, or with other flags; EPERM (do_change_type). */
function changePropagation(thread: Thread, at: Path, flags: number): number {
  const changed = rootOfMount(at);
  const type =
    PROPAGATIONS.get(flags & ~abi.MS_REC) ?? fail(EINVAL, 'one kind of propagation and nothing else');
  const { tree } = changed;
  if (tree === undefined) return fail(EINVAL, 'the mount was taken away');
  const { kernel, credentials } = thread;
  if (!capableIn(credentials, CAP_SYS_ADMIN, tree.owner ?? kernel.namespaces.user))
    fail(EPERM, "the mount is of another user namespace's");
  const mounts = (flags & abi.MS_REC) === 0 ? [changed] : changed.family();
  for (const mount of mounts) kernel.vfs.mounting.peerGroups.change(mount, type);
  kernel.vfs.mountChanges.happened();
  return 0;
}

/** With MS_BIND what is said is of the mount alone (do_reconfigure_mnt), else also of the file system (do_remount). */
function remount(thread: Thread, at: Path, flags: number, options: string): number {
  const { kernel } = thread;
  const changed = rootOfMount(at);
  demandOwn(thread, changed);
  if ((changed.lockedFlags & ~flags) !== 0) fail(EPERM, 'the flag was set where the mount was copied from');
  const isReadOnly = (flags & abi.MS_RDONLY) !== 0;
  if ((flags & abi.MS_BIND) === 0) {
    const { fs } = changed;
    if (
      fs instanceof MemoryFileSystem &&
      !capableIn(thread.credentials, CAP_SYS_ADMIN, fs.options.owner ?? kernel.namespaces.user)
    )
      fail(EPERM, 'the file system is of another user namespace');
    if (!isReadOnly || fs instanceof MemoryFileSystem) setReadOnly(thread, fs, isReadOnly);
    TMPFS.reconfigure(thread, fs, options);
  }
  if ((flags & ~changed.flags & abi.MS_RDONLY) !== 0) demandNoWriters(thread, (mount) => mount === changed);
  changed.flags = keptFlags(flags);
  kernel.vfs.mountChanges.happened();
  return 0;
}

/** EBUSY: something of it is open for writing (sb_prepare_remount_readonly, mnt_hold_writers). */
export function demandNoWriters({ kernel }: Thread, isAffected: (mount: Mount) => boolean): void {
  for (const { files } of kernel.pids.threads()) {
    for (const [, { path, flags, descriptor }] of files.entries()) {
      if (path === undefined || !opensForWriting(flags) || !isAffected(path.mount)) continue;
      if (descriptor.inode instanceof RegularInode) fail(EBUSY, 'a file is open for writing');
    }
  }
}

/** EBUSY; EPERM where only the host could change that. */
export function setReadOnly(thread: Thread, fs: FileSystem, isReadOnly: boolean): void {
  if (fs.readOnly === isReadOnly) return;
  if (isReadOnly) demandNoWriters(thread, (mount) => mount.fs === fs);
  if (!(fs instanceof MemoryFileSystem)) fail(EPERM, 'the file system itself is read-only');
  fs.readOnly = isReadOnly;
}

/** EINVAL: a mount namespace that is kept by a mount of itself or of a later one would never go (mnt_ns_loop). */
function demandNoLoop({ namespaces }: Thread, { inode }: Path): void {
  if (!(inode instanceof NamespaceInode) || !(inode.namespace instanceof MountNamespace)) return;
  if (inode.namespace.ino <= namespaces.mnt.ino) fail(EINVAL, 'a mount namespace within itself');
}

/** A copy of a mount, or of it and all below, without a place. EINVAL (may_copy_tree, __do_loopback). */
export function copyOf(thread: Thread, source: Path, isRecursive: boolean): Mount {
  const { mounting, namespaceMount } = thread.kernel.vfs;
  const { mount, dentry } = source;
  if (mount.isUnbindable) fail(EINVAL, 'the mount is unbindable');
  if (mount === namespaceMount) demandNoLoop(thread, source);
  else if (mount.tree?.isDetached !== true) demandOwn(thread, mount);
  const inside = [...mount.children].filter((inner) => inner.at && isWithin(inner.at.dentry, dentry));
  if (!isRecursive && inside.some(({ isLocked }) => isLocked))
    fail(EINVAL, 'this would show what a locked mount hides');
  const made = isRecursive
    ? mounting.cloneTree(mount, dentry, AS_PEER)
    : mounting.cloneMount(mount, dentry, AS_PEER);
  made.isLocked = false;
  return made;
}

function bind(thread: Thread, at: Path, source: Path, isRecursive: boolean): number {
  demandOwn(thread, at.mount);
  if (source.inode.isDirectory !== at.inode.isDirectory) fail(ENOTDIR, 'a directory and a file');
  thread.kernel.vfs.mounting.graft(copyOf(thread, source, isRecursive), at);
  return 0;
}

/** Is `path` at or below `top` within one mount? Mounts on other mounts count with their own place. */
function isBelow(path: Path, top: Path): boolean {
  return path.mount !== top.mount || isWithin(path.dentry, top.dentry);
}

/** EINVAL, ELOOP (do_move_mount). */
export function move(thread: Thread, at: Path, source: Path): number {
  const moved = rootOfMount(source);
  if (source.inode.isDirectory !== at.inode.isDirectory) fail(EINVAL, 'a directory and a file');
  const { tree } = moved;
  if (tree?.isDetached === true) {
    if (tree.root !== moved) fail(EINVAL, 'not the top of what is detached');
    if (tree === at.mount.tree) fail(EINVAL, 'within itself');
    if (at.mount.tree?.isDetached !== true) demandOwn(thread, at.mount);
  } else {
    demandOwn(thread, moved);
    demandOwn(thread, at.mount);
    if (moved.at === undefined || moved.isLocked) fail(EINVAL, 'the root, or locked');
    if (moved.at.mount.peers !== undefined) fail(EINVAL, 'the mount is on a shared one');
  }
  if (at.mount.peers !== undefined && [...moved.family()].some(({ isUnbindable }) => isUnbindable))
    fail(EINVAL, 'what is unbindable cannot be shared');
  thread.kernel.vfs.mounting.move(moved, at);
  return 0;
}

/** The root of what was mounted last on `path`: '.' does not lead there by itself (LOOKUP_MOUNTPOINT). */
function topmost(path: Path): Path {
  const over = path.mount.over(path.dentry);
  return over === undefined ? path : topmost(over.rootPath);
}

function umount(thread: Thread, target: number, flags: number): number {
  if ((flags & ~(abi.MNT_FORCE | abi.MNT_DETACH | abi.MNT_EXPIRE | abi.UMOUNT_NOFOLLOW)) !== 0)
    fail(EINVAL, 'unknown flags');
  const named = resolve(thread, AT_FDCWD, thread.user.readPath(target), {
    follow: (flags & abi.UMOUNT_NOFOLLOW) === 0,
  });
  const at = topmost(named);
  const gone = rootOfMount(at);
  demandAdmin(thread);
  demandOwn(thread, gone);
  if (gone.isLocked) fail(EINVAL, 'the mount is locked');
  PATH_HOOKS.demandMounting(thread);
  if ((flags & abi.MNT_EXPIRE) !== 0) fail(EINVAL, 'mounts do not expire');
  const detach = (flags & abi.MNT_DETACH) !== 0;
  if (!detach && isBusySomewhere(thread, gone))
    fail(EBUSY, 'files or directories of the mount are in use, here or where the umount is propagated to');
  thread.kernel.vfs.mounting.unmount(gone, detach);
  return 0;
}

/** propagate_mount_busy. */
function isBusySomewhere(thread: Thread, mount: Mount): boolean {
  if (isBusy(thread, mount)) return true;
  for (const there of counterparts(mount)) if (!hasMountsOn(there) && isBusy(thread, there)) return true;
  return false;
}

/** Does a process have its root, working directory, program or an open file there? */
function isBusy(thread: Thread, mount: Mount): boolean {
  for (const process of thread.kernel.processes) {
    if (process.executable?.path.mount === mount) return true;
    for (const { fs, files } of process.threads.values()) {
      if (fs.cwd.mount === mount || fs.root.mount === mount) return true;
      for (const [, file] of files.entries()) if (file.path?.mount === mount) return true;
    }
  }
  return false;
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
  const place = resolve(thread, AT_FDCWD, user.readPath(putOld));
  if (!place.inode.isDirectory) fail(ENOTDIR, 'the place for the old root is no directory');
  PATH_HOOKS.demandMounting(thread);
  const { root } = thread.fs;
  if ([place.mount, top.mount.at?.mount, root.mount.at?.mount].some((mount) => mount?.peers !== undefined))
    fail(EINVAL, 'on a shared mount');
  demandOwn(thread, root.mount);
  demandOwn(thread, top.mount);
  if (top.mount.isLocked) fail(EINVAL, 'the new root is locked');
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

/** Does one come to `top` by going up from `path` (is_path_reachable)? */
export function isReachable(path: Path, top: Path): boolean {
  let at = path;
  while (at.mount !== top.mount) {
    if (at.mount.at === undefined) return false;
    at = at.mount.at;
  }
  return isBelow(at, top);
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
