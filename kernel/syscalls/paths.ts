// Making, removing and moving names: mkdirat, mknodat, symlinkat, linkat, unlinkat, renameat2.
// Rows for table.ts; the rules are in kernel/fs/make-node.ts and entries.ts.

import { AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW } from '../abi/fcntl.ts';
import { DirFd, Mode, Path } from '../abi/kinds/basic.ts';
import { AtFlags, NodeDevice, NodeMode, RenameFlags } from '../abi/kinds/file-kinds.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../abi/stat.ts';
import { EINVAL, ENAMETOOLONG, ENOENT, EPERM, fail } from '../errno.ts';
import { demandRenameFlags, link, rename, rmdir, unlink } from '../fs/entries.ts';
import { demandCreatable, makeNode, newInode } from '../fs/make-node.ts';
import { IN_CREATE, notifyEntry } from '../fs/notify.ts';
import { resolveParent } from '../fs/resolve.ts';
import { CAP_MKNOD, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

function mkdir(thread: Thread, dirfd: number, path: number, mode: number): number {
  const where = resolveParent(thread, dirfd, thread.user.readPath(path));
  demandCreatable(thread, where, S_IFDIR);
  const bits = mode & 0o1777 & ~thread.fs.umask;
  const made = where.parent.inode.create(where.name, newInode(thread, where.parent.inode, S_IFDIR | bits));
  notifyEntry(where.parent.dentry, where.name, made, IN_CREATE);
  return 0;
}

/** EPERM for directories and for devices without CAP_MKNOD, EINVAL for other kinds (mknod(2)). */
function mknod(thread: Thread, dirfd: number, path: number, mode: number, rdev: number): number {
  const kind = mode & S_IFMT;
  if (kind === S_IFDIR) fail(EPERM, 'mknod cannot make directories');
  if (![0, S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK].includes(kind))
    fail(EINVAL, 'mknod cannot make this kind');
  const text = thread.user.readPath(path);
  const isDevice = kind === S_IFCHR || kind === S_IFBLK;
  const isWhiteout = kind === S_IFCHR && rdev === 0; // what overlayfs leaves of a removed name: everybody may (vfs_mknod)
  if (isDevice && !isWhiteout && !capable(thread.credentials, CAP_MKNOD)) {
    demandCreatable(thread, resolveParent(thread, dirfd, text), kind);
    fail(EPERM, 'devices need CAP_MKNOD');
  }
  makeNode(thread, dirfd, text, (kind === 0 ? S_IFREG : kind) | (mode & 0o7777), isDevice ? rdev : 0);
  return 0;
}

function symlink(thread: Thread, target: number, dirfd: number, path: number): number {
  const text = thread.user.readPath(target);
  if (text === '') fail(ENOENT, 'an empty target');
  if (text.length > 4095) fail(ENAMETOOLONG, 'the target is too long');
  const where = resolveParent(thread, dirfd, thread.user.readPath(path));
  demandCreatable(thread, where, S_IFLNK);
  const what = newInode(thread, where.parent.inode, S_IFLNK | 0o777);
  notifyEntry(where.parent.dentry, where.name, where.parent.inode.symlink(where.name, text, what), IN_CREATE);
  return 0;
}

function unlinkat(thread: Thread, dirfd: number, path: number, flags: number): number {
  if ((flags & ~AT_REMOVEDIR) !== 0) fail(EINVAL, 'unknown flags');
  const text = thread.user.readPath(path);
  if ((flags & AT_REMOVEDIR) !== 0) rmdir(thread, dirfd, text);
  else unlink(thread, dirfd, text);
  return 0;
}

/** A name that is read when it is its turn: what is wrong with the other one comes first (fs/namei.c, do_linkat, do_renameat2). */
function placeOf(
  thread: Thread,
  dirfd: number,
  address: number,
): { readonly dirfd: number; readonly text: string } {
  return {
    dirfd,
    get text() {
      return thread.user.readPath(address);
    },
  };
}

export const PATH_CALLS = {
  33: syscall(
    'mknodat',
    { dfd: DirFd, filename: Path, mode: NodeMode, dev: NodeDevice },
    (thread, { dfd, filename, mode, dev }) => mknod(thread, dfd, filename, mode, dev),
  ),
  34: syscall('mkdirat', { dfd: DirFd, pathname: Path, mode: Mode }, (thread, { dfd, pathname, mode }) =>
    mkdir(thread, dfd, pathname, mode),
  ),
  35: syscall(
    'unlinkat',
    { dfd: DirFd, pathname: Path, flags: AtFlags },
    (thread, { dfd, pathname, flags }) => unlinkat(thread, dfd, pathname, flags),
  ),
  36: syscall(
    'symlinkat',
    { oldname: Path, newdfd: DirFd, newname: Path },
    (thread, { oldname, newdfd, newname }) => symlink(thread, oldname, newdfd, newname),
  ),
  37: syscall(
    'linkat',
    { olddfd: DirFd, oldname: Path, newdfd: DirFd, newname: Path, flags: AtFlags },
    (thread, { olddfd, oldname, newdfd, newname, flags }) => {
      if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
      const from = { dirfd: olddfd, text: thread.user.readPath(oldname) };
      link(thread, from, placeOf(thread, newdfd, newname), flags);
      return 0;
    },
  ),
  276: syscall(
    'renameat2',
    { olddfd: DirFd, oldname: Path, newdfd: DirFd, newname: Path, flags: RenameFlags },
    (thread, { olddfd, oldname, newdfd, newname, flags }) => {
      demandRenameFlags(flags);
      const from = { dirfd: olddfd, text: thread.user.readPath(oldname) };
      rename(thread, from, placeOf(thread, newdfd, newname), flags);
      return 0;
    },
  ),
};
