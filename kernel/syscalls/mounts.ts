// Changing the tree of mounts: mount and umount2.
// Rows for table.ts; the mount table is kernel/fs/vfs.ts.

import { AT_FDCWD } from '../abi/fcntl.ts';
import { CString, Path as PathKind } from '../abi/kinds/basic.ts';
import { MountFlags, UmountFlags } from '../abi/kinds/file-kinds.ts';
import { EBUSY, EINVAL, ENOTDIR, EPERM, fail } from '../errno.ts';
import {
  type Mount,
  MS_BIND,
  MS_MOVE,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SILENT,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
} from '../fs/mount.ts';
import { Path } from '../fs/path.ts';
import { resolve } from '../fs/resolve.ts';
import { bytesToText } from '../mm/user-memory.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const KEPT_FLAGS =
  MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_NOSYMFOLLOW;
const PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

const MNT_FORCE = 1;
const MNT_DETACH = 2;
const MNT_EXPIRE = 4;
const UMOUNT_NOFOLLOW = 8;

function demandAdmin(thread: Thread): void {
  if (!capable(thread.credentials, CAP_SYS_ADMIN)) fail(EPERM, 'mounting needs CAP_SYS_ADMIN');
}

/** Mount flags as kept: relatime is the default (fs/namespace.c, path_mount). */
function keptFlags(flags: number): number {
  const kept = flags & KEPT_FLAGS;
  if ((flags & MS_NOATIME) !== 0) return kept & ~MS_RELATIME;
  return (flags & MS_STRICTATIME) !== 0 ? kept & ~MS_RELATIME : kept | MS_RELATIME;
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
  demandAdmin(thread);
  const flags = request.flags & ~MS_SILENT;
  if ((flags & MS_REMOUNT) !== 0) return remount(thread, at, flags);
  if ((flags & MS_BIND) !== 0)
    return bind(thread, at, resolve(thread, AT_FDCWD, source), (flags & MS_REC) !== 0);
  // All mounts are private: there is one namespace, so nothing is ever propagated.
  if ((flags & PROPAGATION) !== 0) return propagate(at);
  if ((flags & MS_MOVE) !== 0) return move(thread, at, resolve(thread, AT_FDCWD, source));
  const fs = thread.kernel.vfs.makeFileSystem(thread, type, options);
  if (!at.inode.isDirectory) fail(ENOTDIR, 'the mount point is no directory');
  thread.kernel.vfs.mount(at, fs, fs.root, source === '' ? 'none' : source, keptFlags(flags));
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
function rootOfMount(path: Path): Mount {
  if (path.dentry !== path.mount.root) fail(EINVAL, 'not a mount point');
  return path.mount;
}

function propagate(at: Path): number {
  rootOfMount(at);
  return 0;
}

function remount({ kernel }: Thread, at: Path, flags: number): number {
  const changed = rootOfMount(at);
  if ((flags & MS_RDONLY) === 0 && changed.fs.readOnly) fail(EPERM, 'the file system itself is read-only');
  changed.flags = keptFlags(flags);
  kernel.vfs.mountChanges.happened();
  return 0;
}

function bind(thread: Thread, at: Path, source: Path, isRecursive: boolean): number {
  if (source.inode.isDirectory !== at.inode.isDirectory) fail(ENOTDIR, 'a directory and a file');
  const { vfs } = thread.kernel;
  const made = vfs.mount(at, source.mount.fs, source.dentry, source.mount.source, source.mount.flags);
  if (!isRecursive) return 0;
  const copies = new Map<Mount, Mount>([[source.mount, made]]);
  for (const inner of [...vfs.mounts]) {
    const parent = inner.at === undefined ? undefined : copies.get(inner.at.mount);
    if (inner.at === undefined || parent === undefined || inner === made) continue;
    if (!isBelow(inner.at, source)) continue;
    const place = new Path(parent, inner.at.dentry);
    copies.set(inner, vfs.mount(place, inner.fs, inner.root, inner.source, inner.flags));
  }
  return 0;
}

/** Is `path` at or below `top` within one mount? Mounts on other mounts count with their own place. */
function isBelow(path: Path, top: Path): boolean {
  if (path.mount !== top.mount) return true;
  for (let at: Path['dentry'] | undefined = path.dentry; at !== undefined; at = at.parent)
    if (at === top.dentry) return true;
  return false;
}

function move(thread: Thread, at: Path, source: Path): number {
  const moved = rootOfMount(source);
  if (!at.inode.isDirectory) fail(ENOTDIR, 'the mount point is no directory');
  thread.kernel.vfs.move(moved, at);
  return 0;
}

function umount(thread: Thread, target: number, flags: number): number {
  if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) !== 0) fail(EINVAL, 'unknown flags');
  const at = resolve(thread, AT_FDCWD, thread.user.readPath(target), {
    follow: (flags & UMOUNT_NOFOLLOW) === 0,
  });
  const gone = rootOfMount(at);
  demandAdmin(thread);
  if ((flags & MNT_EXPIRE) !== 0) fail(EINVAL, 'mounts do not expire');
  const detach = (flags & MNT_DETACH) !== 0;
  if (!detach && isBusy(thread, gone)) fail(EBUSY, 'files or directories of the mount are in use');
  thread.kernel.vfs.unmount(gone, detach);
  return 0;
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

export const MOUNT_CALLS = {
  39: syscall('umount2', { name: PathKind, flags: UmountFlags }, (thread, { name, flags }) =>
    umount(thread, name, flags),
  ),
  40: syscall(
    'mount',
    { dev_name: PathKind, dir_name: PathKind, type: PathKind, flags: MountFlags, data: CString },
    (thread, { dev_name, dir_name, type, flags, data }) =>
      mount(thread, { source: dev_name, target: dir_name, type, flags, data }),
    { partial: 'tmpfs, proc and bind mounts; one namespace, nothing is propagated' },
  ),
};
