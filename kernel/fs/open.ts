// Opening by name: from flags and a path to an open file description (fs/namei.c, path_openat, do_open).
// openat, openat2, creat-like opens and the machine's own set-up come here; execve opens through it too.
// Checks run in Linux's order: flags, walk, existence, kind, permission; truncation comes last.
import {
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_DSYNC,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_SYNC,
  O_TMPFILE,
  O_TMPFILE_BIT,
  O_TRUNC,
  O_WRONLY,
} from '../abi/fcntl.ts';
import { MS_NODEV } from '../abi/mount-flags.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG } from '../abi/stat.ts';
import {
  EACCES,
  EAGAIN,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  fail,
  isFailure,
} from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { PathOnlyFile } from '../file/path-only-file.ts';
import { late } from '../late.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { demandCreatable, entryPath, newInode } from './make-node.ts';
import {
  askWatchers,
  FS_OPEN_PERM,
  IN_CREATE,
  IN_MODIFY,
  IN_OPEN,
  notifyChange,
  notifyEntry,
  notifyPath,
} from './notify.ts';
import { Dentry, Path } from './path.ts';
import {
  demandAccess,
  demandWritableMount,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  ownsInode,
  writesReachMount,
} from './permission.ts';
import { dropPrivileges } from './regular-file.ts';
import { RegularInode } from './regular-inode.ts';
import { startWalk } from './resolve.ts';
import { RESOLVE_CACHED, type Walk } from './walk.ts';

export interface OpenHow {
  /** As normalizedFlags gives them. */
  readonly flags: number;
  /** Permission bits for a new file, before the umask. */
  readonly mode: number;
  /** RESOLVE_* of openat2. */
  readonly resolve: number;
}

const PATH_FLAGS = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;

/** Opens `text` from `dirfd`. A Wait when the file is not ready to be opened (FIFOs). */
export function openFile(thread: Thread, dirfd: number, text: string, how: OpenHow): OpenFile | Wait {
  const { flags } = how;
  const walk = startWalk(thread, dirfd, text, how.resolve & ~RESOLVE_CACHED);
  if ((flags & O_TMPFILE_BIT) !== 0) return openTemporary(thread, walk, flags, how.mode);
  if ((flags & O_CREAT) !== 0) return openOrCreate(thread, walk, flags, how.mode);
  const follow = (flags & O_NOFOLLOW) === 0;
  const path = (how.resolve & RESOLVE_CACHED) === 0 ? walk.finish(follow) : finishCached(walk, follow);
  if ((flags & O_PATH) !== 0) return openPathOnly(path, flags);
  return openPath(thread, path, flags);
}

/** RESOLVE_CACHED: everything that exists is in the cache, and what does not exist never is. EAGAIN. */
function finishCached(walk: Walk, follow: boolean): Path {
  try {
    return walk.finish(follow);
  } catch (thrown) {
    if (isFailure(thrown) && thrown.errno === ENOENT) fail(EAGAIN, 'RESOLVE_CACHED, and not in the cache');
    throw thrown;
  }
}

/** Opens what is at `path` already: a file handle led there. EEXIST with O_CREAT and O_EXCL. */
export function openFound(thread: Thread, path: Path, given: number): OpenFile | Wait {
  const flags = normalizedFlags(given);
  if ((flags & O_PATH) !== 0) return openPathOnly(path, flags);
  if ((flags & O_CREAT) !== 0) {
    if ((flags & O_EXCL) !== 0) fail(EEXIST, 'O_EXCL, and the file is there');
    return openExisting(thread, path, flags);
  }
  return openPath(thread, path, flags);
}

/** EINVAL for flags that exclude each other, before the path is read (fs/open.c, build_open_flags). */
export function normalizedFlags(given: number): number {
  let flags = given;
  if ((flags & O_PATH) !== 0) return flags & PATH_FLAGS;
  if ((flags & (O_CREAT | O_DIRECTORY)) === (O_CREAT | O_DIRECTORY)) fail(EINVAL, 'O_CREAT and O_DIRECTORY');
  if ((flags & O_TMPFILE_BIT) !== 0) {
    if ((flags & O_TMPFILE) !== O_TMPFILE) fail(EINVAL, 'O_TMPFILE without O_DIRECTORY');
    if ((flags & O_ACCMODE) === O_RDONLY) fail(EINVAL, 'O_TMPFILE needs write access');
  }
  if ((flags & O_SYNC) === O_SYNC) flags |= O_DSYNC;
  return flags;
}

function openPathOnly(path: Path, flags: number): OpenFile {
  if ((flags & O_DIRECTORY) !== 0 && !path.inode.isDirectory) fail(ENOTDIR, 'O_DIRECTORY, and no directory');
  return new OpenFile(new PathOnlyFile(path.inode), flags & ~O_CLOEXEC, path);
}

/** The inode at `path` exists: checks and opens it. EISDIR, ENOTDIR, ELOOP, EACCES, EROFS, EPERM, ENXIO, ETXTBSY; a Wait for leases. */
export function openPath(thread: Thread, path: Path, flags: number): OpenFile | Wait {
  const { inode } = path;
  if ((flags & O_DIRECTORY) !== 0 && !inode.isDirectory) fail(ENOTDIR, 'O_DIRECTORY, and no directory');
  demandOpenable(thread, path, flags);
  const denied = deniedAccess(thread, path, flags);
  const asked = askWatchers(thread, path, FS_OPEN_PERM);
  if (asked !== undefined) return asked;
  const broken = inode.locks?.leases && late.breakLeases(thread, inode, flags);
  if (broken !== undefined) return broken;
  if ((flags & O_TRUNC) !== 0 && inode instanceof RegularInode) {
    // A program that runs from the file is in the way of the truncation as of the writing: ETXTBSY.
    inode.addWriter();
    inode.removeWriter();
    if (denied !== 0) late.landlock.demandResize(denied);
    truncateOnOpen(thread, inode);
  }
  const opened = described(thread, path, flags, denied);
  if ((flags & O_TRUNC) !== 0 && inode instanceof RegularInode) notifyChange(path, IN_MODIFY);
  return opened;
}

function truncateOnOpen(thread: Thread, inode: RegularInode): void {
  inode.truncate(0);
  if ((inode.mode & 0o6000) !== 0) dropPrivileges(thread, inode);
}

/** What the opener's domain does not let it do with the open file; EACCES when it may not be opened. */
function deniedAccess(thread: Thread, path: Path, flags: number): number {
  return thread.credentials.domain === undefined ? 0 : late.landlock.demandOpen(thread, path, flags);
}

function described(
  thread: Thread,
  path: Path,
  flags: number,
  denied = deniedAccess(thread, path, flags),
): OpenFile | Wait {
  const descriptor = path.inode.open(thread, path, flags);
  if (isWaiting(descriptor)) return descriptor;
  const kept = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
  const file = new OpenFile(descriptor, kept | O_LARGEFILE, path);
  if ((flags & O_DIRECT) !== 0 && path.inode.type !== S_IFREG) {
    file.release(); // whoever waited for the other end of a FIFO has seen it
    fail(EINVAL, 'no direct I/O on this kind of file');
  }
  file.deniedAccess = denied;
  notifyPath(path, IN_OPEN);
  return file;
}

function isWaiting(answer: FileDescriptor | Wait): answer is Wait {
  return answer.kind === 'wait';
}

/** Permission to open (fs/namei.c, may_open). */
function demandOpenable(thread: Thread, path: Path, flags: number): void {
  const { inode, mount } = path;
  const mask = accessMask(flags);
  switch (inode.type) {
    case S_IFLNK:
      fail(ELOOP, 'a symbolic link, and O_NOFOLLOW');
      break;
    case S_IFDIR:
      if ((mask & MAY_WRITE) !== 0) fail(EISDIR, 'a directory cannot be opened for writing');
      break;
    case S_IFCHR:
    case S_IFBLK:
      if ((mount.flags & MS_NODEV) !== 0) fail(EACCES, 'mounted with nodev');
      break;
    default:
      break;
  }
  if ((mask & MAY_WRITE) !== 0 && writesReachMount(inode) && mount.isReadOnly) {
    fail(EROFS, 'the file system is mounted read-only');
  }
  demandAccess(thread.credentials, inode, mask, 'the file may not be opened this way');
  if (thread.kernel.guardsDevices) late.cgroupMembers.demandDevice(thread, inode, mask);
  if (inode.isAppendOnly && (mask & MAY_WRITE) !== 0 && (flags & (O_APPEND | O_TRUNC)) !== O_APPEND)
    fail(EPERM, 'the file is only appended to');
  if ((flags & O_NOATIME) !== 0 && !ownsInode(thread.credentials, inode))
    fail(EPERM, 'O_NOATIME, and not the owner');
}

function accessMask(flags: number): number {
  const access = flags & O_ACCMODE;
  let mask = access === O_RDONLY ? MAY_READ : access === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
  if ((flags & O_TRUNC) !== 0) mask |= MAY_WRITE;
  return mask;
}

function openOrCreate(thread: Thread, walk: Walk, flags: number, mode: number): OpenFile | Wait {
  const follow = (flags & (O_NOFOLLOW | O_EXCL)) === 0;
  for (;;) {
    walk.walkToParent();
    const { last } = walk;
    if (last !== '') walk.demandSearch();
    if (last === '..') walk.lookLast(); // EXDEV of openat2's rules
    if (last === '' || last === '.' || last === '..')
      fail((flags & O_EXCL) === 0 ? EISDIR : EEXIST, 'O_CREAT of a directory');
    if (walk.mustBeDirectory) fail(EISDIR, 'O_CREAT, and a slash at the end');
    const parent = walk.path;
    const found = walk.lookLast();
    walk.mount.isExpiring = false;
    if (found === undefined) {
      const where = { parent, name: last, mustBeDirectory: false };
      demandCreatable(thread, where, S_IFREG);
      const what = newInode(thread, parent.inode, S_IFREG | (mode & 0o7777 & ~thread.fs.umask));
      const path = entryPath(where, parent.inode.create(last, what));
      notifyEntry(parent.dentry, last, path.inode, IN_CREATE);
      const made = described(thread, path, flags & ~O_TRUNC); // a new file needs no permission of its own
      if (made instanceof OpenFile) made.isCreator = true;
      return made;
    }
    if ((flags & O_EXCL) !== 0) fail(EEXIST, 'O_EXCL, and the name is taken');
    if (found.inode.type === S_IFLNK && follow) {
      if (!walk.followLink(found)) continue;
      return openExisting(thread, walk.path, flags);
    }
    return openExisting(thread, found, flags);
  }
}

function openExisting(thread: Thread, path: Path, flags: number): OpenFile | Wait {
  if (path.inode.isDirectory) fail(EISDIR, 'O_CREAT of a directory');
  return openPath(thread, path, flags);
}

/** O_TMPFILE: a file of the directory's file system without a name. */
function openTemporary(thread: Thread, walk: Walk, flags: number, mode: number): OpenFile | Wait {
  const directory = walk.finish((flags & O_NOFOLLOW) === 0);
  if (!directory.inode.isDirectory) fail(ENOTDIR, 'O_TMPFILE, and no directory');
  demandWritableMount(directory);
  demandAccess(
    thread.credentials,
    directory.inode,
    MAY_WRITE | MAY_EXEC,
    'no write permission on the directory',
  );
  const what = newInode(thread, directory.inode, S_IFREG | (mode & 0o7777 & ~thread.fs.umask));
  const inode = directory.inode.temporary(what) ?? fail(EOPNOTSUPP, 'no files without a name here');
  inode.nlink = 0;
  if (inode instanceof RegularInode) inode.isLinkable = (flags & O_EXCL) === 0;
  const dentry = new Dentry(`#${inode.ino}`, directory.dentry, inode);
  dentry.isDeleted = true;
  return described(thread, new Path(directory.mount, dentry), flags & ~(O_TRUNC | O_EXCL));
}
