// What calls about mounts ask before they change anything (fs/namespace.c): whose a mount is, whether it is one, whether it is in use.
// mounts.ts, mount-moves.ts, mount-steps.ts and mount-attributes.ts call it.
import { EBUSY, EINVAL, ENOENT, EPERM, fail } from '../errno.ts';
import type { FileSystem } from '../fs/inode.ts';
import { type Mount, treeOf } from '../fs/mount.ts';
import { opensForWriting } from '../fs/open-flags.ts';
import type { Dentry, Path } from '../fs/path.ts';
import { isWithin } from '../fs/propagation.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { MemoryFileSystem } from '../fs/tmpfs/memory-fs.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';

/** EPERM (may_mount). */
export function demandAdmin(thread: Thread): void {
  if (!capableIn(thread.credentials, CAP_SYS_ADMIN, thread.namespaces.mnt.owner))
    fail(EPERM, 'mounting needs CAP_SYS_ADMIN');
}

/** EINVAL: a mount of another namespace, or one that was taken away (check_mnt). */
export function demandOwn(thread: Thread, { tree }: Mount): void {
  if (tree !== treeOf(thread)) fail(EINVAL, 'not a mount of this namespace');
}

/** EINVAL: as demandOwn, but what a descriptor leads to will do if it is a copy of what is here (may_use_mount). */
export function demandUsable(thread: Thread, mount: Mount): void {
  const { tree } = mount;
  if (tree?.isDetached !== true) demandOwn(thread, mount);
  else if (tree.origin !== undefined && tree.origin !== treeOf(thread))
    fail(EINVAL, 'a copy of mounts of another namespace');
}

/** Where a mount goes: over what was mounted there last. ENOENT: nobody can get there (do_lock_mount). */
export function mountPoint(path: Path): Path {
  const at = topmost(path);
  if (at.dentry.isDeleted || path.mount.tree === undefined) fail(ENOENT, 'removed, or taken away');
  return at;
}

/** EINVAL unless `path` is the root of a mount. */
export function rootOfMount(path: Path): Mount {
  if (path.dentry !== path.mount.root) fail(EINVAL, 'not a mount point');
  return path.mount;
}

/** EINVAL, EPERM (may_change_propagation). */
export function demandChangeable({ credentials, kernel }: Thread, { tree }: Mount): void {
  const { owner } = tree ?? fail(EINVAL, 'the mount was taken away');
  if (!capableIn(credentials, CAP_SYS_ADMIN, owner ?? kernel.namespaces.user))
    fail(EPERM, "the mount is of another user namespace's");
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

/** Is something of it removed and still in use (s_remove_count)? */
function hasRemoved(thread: Thread, fs: FileSystem): boolean {
  const isRemoved = ({ inode }: Path): boolean => inode.fs === fs && inode.nlink === 0;
  for (const { files, fs: own } of thread.kernel.pids.threads()) {
    if (isRemoved(own.cwd) || isRemoved(own.root)) return true;
    for (const [, { path }] of files.entries()) if (path !== undefined && isRemoved(path)) return true;
  }
  return treeOf(thread).mounts.some(({ rootPath }) => isRemoved(rootPath));
}

/** EBUSY; EPERM where only the host could change that. */
export function setReadOnly(thread: Thread, fs: FileSystem, isReadOnly: boolean): void {
  if (fs.readOnly === isReadOnly) return;
  if (isReadOnly) {
    demandNoWriters(thread, (mount) => mount.fs === fs);
    if (hasRemoved(thread, fs)) fail(EBUSY, 'a file is removed and in use');
  }
  if (!(fs instanceof MemoryFileSystem)) fail(EPERM, 'the file system itself is read-only');
  fs.readOnly = isReadOnly;
}

export function hasLockedChildren({ children }: Mount, top: Dentry): boolean {
  return [...children].some(({ at, isLocked }) => isLocked && at !== undefined && isWithin(at.dentry, top));
}

/** The root of what was mounted last on `path`: '.' does not lead there by itself (LOOKUP_MOUNTPOINT). */
export function topmost(path: Path): Path {
  const over = path.mount.over(path.dentry);
  return over === undefined ? path : topmost(over.rootPath);
}

/** EPERM: the file system was made in another user namespace. */
export function demandOwner({ kernel, credentials }: Thread, { fs }: Mount): void {
  if (!capableIn(credentials, CAP_SYS_ADMIN, fs.owner ?? kernel.namespaces.user))
    fail(EPERM, 'the file system is of another user namespace');
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

/** Is `path` at or below `top` within one mount? Mounts on other mounts count with their own place. */
function isBelow(path: Path, top: Path): boolean {
  return path.mount !== top.mount || isWithin(path.dentry, top.dentry);
}
