// Changing what is known of a file: mode, owner, times, size, allocation.
// Rows for table.ts; inodes store the changes (Inode.setAttributes, RegularInode.allocate).

import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_WRONLY } from '../abi/fcntl.ts';
import { DirFd, Fd, Gid, I64, Mode, Path as PathKind, Uid } from '../abi/kinds/basic.ts';
import { AtFlags, FallocateMode } from '../abi/kinds/file-kinds.ts';
import { UtimesIn } from '../abi/kinds/time-kinds.ts';
import { S_IFIFO, S_IFLNK, S_IFREG, UTIME_NOW, UTIME_OMIT } from '../abi/stat.ts';
import { Timespec } from '../abi/time.ts';
import {
  EACCES,
  EBADF,
  EFAULT,
  EFBIG,
  EINVAL,
  EISDIR,
  ENODEV,
  EOPNOTSUPP,
  EPERM,
  ESPIPE,
  fail,
} from '../errno.ts';
import { AnonymousInode, pathOfFile } from '../fs/anonymous.ts';
import type { Inode } from '../fs/inode.ts';
import { breakLeases } from '../fs/locks/leases.ts';
import { IN_ACCESS, IN_ATTRIB, IN_MODIFY, notifyChange } from '../fs/notify.ts';
import { opensForWriting } from '../fs/open-flags.ts';
import { MAX_FILE_SIZE } from '../fs/page-store.ts';
import type { Path } from '../fs/path.ts';
import {
  demandAccess,
  demandFree,
  demandWritableMount,
  MAY_WRITE,
  mayAccess,
  ownsInode,
} from '../fs/permission.ts';
import { demandSizeAllowed, dropPrivileges, failWithSizeSignal } from '../fs/regular-file.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { resolve } from '../fs/resolve.ts';
import { late } from '../late.ts';
import { CAP_CHOWN, CAP_FSETID, capableOverFile, givenGid, givenUid, inGroup } from '../task/credentials.ts';
import { RLIMIT_FSIZE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { type Answer, syscall } from './syscall.ts';

const UNCHANGED = 0xffff_ffff;

function targetOf(thread: Thread, dirfd: number, path: number, flags: number): Path {
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0;
  const allowEmpty = (flags & AT_EMPTY_PATH) !== 0;
  return resolve(thread, dirfd, thread.user.readPath(path), { follow, allowEmpty });
}

/** The file of a descriptor that is not O_PATH. EBADF. */
function openPathOf(thread: Thread, fd: number): Path {
  return pathOfFile(thread.kernel, thread.files.get(fd));
}

/** EROFS; EOPNOTSUPP: epolls, eventfds and their like share one inode (anon_inode_setattr). */
function demandChangeable(path: Path): void {
  demandWritableMount(path);
  const { inode } = path;
  if (inode instanceof AnonymousInode && inode.type === 0) fail(EOPNOTSUPP, 'the inode is not its own');
}

/** chmod(2): EROFS, EPERM for others' files; set-group-id goes when the group is foreign. */
function chmod(thread: Thread, path: Path, mode: number): number {
  demandChangeable(path);
  const { inode } = path;
  demandFree(inode);
  if (inode.type === S_IFLNK) fail(EOPNOTSUPP, 'symbolic links have no mode'); // fs/attr.c, notify_change
  if (!ownsInode(thread.credentials, inode)) fail(EPERM, 'chmod of a file of someone else');
  let bits = mode & 0o7777;
  if (!inGroup(thread.credentials, inode.gid) && !capableOverFile(thread.credentials, CAP_FSETID, inode))
    bits &= ~0o2000;
  inode.setAttributes({ mode: bits, ctimeNs: thread.kernel.clock.realtimeNs() });
  notifyChange(path, IN_ATTRIB);
  return 0;
}

/** chown(2): the owner may give a file to one of its groups, CAP_CHOWN may do all. Set-id bits of programs go. */
function chown(thread: Thread, path: Path, user: number, group: number): number {
  demandChangeable(path);
  const { inode } = path;
  const { credentials } = thread;
  const [uid, gid] = [givenUid(credentials, user), givenGid(credentials, group)];
  if (uid !== UNCHANGED || gid !== UNCHANGED) demandFree(inode);
  if (!capableOverFile(credentials, CAP_CHOWN, inode)) {
    const isOwner = credentials.fsuid === inode.uid;
    if (uid !== UNCHANGED && !(isOwner && uid === inode.uid))
      fail(EPERM, 'changing the owner needs CAP_CHOWN');
    const mayGroup = isOwner && (gid === inode.gid || inGroup(credentials, gid));
    if (gid !== UNCHANGED && !mayGroup) fail(EPERM, 'not a group of yours');
  }
  let { mode } = inode;
  if (!inode.isDirectory) {
    mode &= ~0o4000;
    if ((mode & 0o010) !== 0) mode &= ~0o2000;
  }
  inode.setAttributes({
    ...(mode === inode.mode ? {} : { mode }),
    ...(uid === UNCHANGED ? {} : { uid }),
    ...(gid === UNCHANGED ? {} : { gid }),
    ctimeNs: thread.kernel.clock.realtimeNs(),
  });
  notifyChange(path, IN_ATTRIB);
  return 0;
}

/** utimensat(2), with a null path for futimens. */
function utimensat(thread: Thread, dirfd: number, path: number, times: number, flags: number): number {
  const now = thread.kernel.clock.realtimeNs();
  const given =
    times === 0
      ? undefined
      : [thread.user.readStruct(times, Timespec), thread.user.readStruct(times + Timespec.size, Timespec)];
  if (given?.every(({ nsec }) => nsec === UTIME_OMIT)) return 0; // nothing else is looked at
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
  if (path === 0 && dirfd === AT_FDCWD) fail(EFAULT, 'neither a path nor a descriptor');
  if (path === 0 && flags !== 0) fail(EINVAL, 'flags without a path');
  const found = path === 0 ? openPathOf(thread, dirfd) : targetOf(thread, dirfd, path, flags);
  demandWritableMount(found);
  // The numbers are looked at when the file is known (fs/utimes.c, vfs_utimes).
  const [atime, mtime] = given?.map(({ sec, nsec }) => chosenTime(sec, nsec, now)) ?? [now, now];
  demandChangeable(found);
  const { inode } = found;
  const isNow = given?.every(({ nsec }) => nsec === UTIME_NOW) ?? true;
  if (!isNow) demandFree(inode);
  else if (inode.isImmutable) fail(EPERM, 'the inode is immutable');
  if (!ownsInode(thread.credentials, inode)) {
    if (!isNow) fail(EPERM, "times of someone else's file");
    if (!mayAccess(thread.credentials, inode, MAY_WRITE)) fail(EACCES, 'no write permission');
  }
  inode.setAttributes({
    ...(atime === undefined ? {} : { atimeNs: atime }),
    ...(mtime === undefined ? {} : { mtimeNs: mtime }),
    ctimeNs: now,
  });
  const both = atime !== undefined && mtime !== undefined;
  notifyChange(found, both ? IN_ATTRIB : atime === undefined ? IN_MODIFY : IN_ACCESS);
  return 0;
}

/** undefined for UTIME_OMIT. EINVAL for an improper fraction. */
function chosenTime(sec: number, nsec: number, now: bigint): bigint | undefined {
  if (nsec === UTIME_OMIT) return undefined;
  if (nsec === UTIME_NOW) return now;
  if (nsec < 0 || nsec > 999_999_999) fail(EINVAL, 'nanoseconds out of range');
  return BigInt(sec) * 1_000_000_000n + BigInt(nsec);
}

function truncate(thread: Thread, path: number, length: number): Answer {
  if (length < 0) fail(EINVAL, 'a negative length');
  const found = resolve(thread, AT_FDCWD, thread.user.readPath(path));
  const { inode } = found;
  if (inode.isDirectory) fail(EISDIR, 'a directory');
  if (inode.type !== S_IFREG) fail(EINVAL, 'not a regular file');
  demandWritableMount(found);
  demandAccess(thread.credentials, inode, MAY_WRITE, 'no write permission');
  demandFree(inode);
  if (!(inode instanceof RegularInode)) return cutMadeUp(inode, length);
  inode.addWriter(); // ETXTBSY
  inode.removeWriter();
  const broken = breakLeases(thread, inode, O_WRONLY);
  if (broken !== undefined) return broken;
  if (thread.credentials.domain !== undefined) late.landlock.demandTruncate(thread, found);
  return setSize(thread, inode, found, length);
}

function ftruncate(thread: Thread, fd: number, length: number): number {
  if (length < 0) fail(EINVAL, 'a negative length');
  const file = thread.files.get(fd);
  const { inode } = file.descriptor;
  if (file.descriptor.kind === 'pidfd') fail(EOPNOTSUPP, 'a regular file without a size'); // pidfs_setattr
  if (inode.type !== S_IFREG || !opensForWriting(file.flags)) fail(EINVAL, 'not a file open for writing');
  if (!(inode instanceof RegularInode)) return cutMadeUp(inode, length);
  if (inode.isAppendOnly) fail(EPERM, 'the file is only appended to');
  if (file.deniedAccess !== 0) late.landlock.demandResize(file.deniedAccess);
  return setSize(thread, inode, file.path, length);
}

/** Files whose text is made up when they are read keep no size; others of their kind have none to change: EINVAL. */
function cutMadeUp(inode: Inode, length: number): number {
  inode.truncate(length);
  return 0;
}

function setSize(thread: Thread, inode: RegularInode, path: Path | undefined, length: number): number {
  demandSizeAllowed(thread, length, inode.size);
  inode.truncate(length);
  if ((inode.mode & 0o6000) !== 0) dropPrivileges(thread, inode);
  if (path !== undefined) notifyChange(path, IN_MODIFY);
  return 0;
}

const FALLOC_FL_KEEP_SIZE = 0x01;
const FALLOC_FL_PUNCH_HOLE = 0x02;
const FALLOC_KINDS = [0, 0x02, 0x08, 0x10, 0x20, 0x40, 0x80]; // allocate, punch, collapse, zero, insert, unshare, write zeros

const MOVING_KINDS = [0x08, 0x20, 0x80];

/** fallocate(2); errors in the order of fs/open.c, vfs_fallocate. */
function fallocate(thread: Thread, fd: number, mode: number, offset: number, length: number): number {
  const file = thread.files.get(fd);
  if (offset < 0 || length <= 0) fail(EINVAL, 'an empty or negative range');
  const kind = mode & ~FALLOC_FL_KEEP_SIZE;
  if (!FALLOC_KINDS.includes(kind)) fail(EOPNOTSUPP, 'unknown mode');
  if (kind === FALLOC_FL_PUNCH_HOLE && mode === kind)
    fail(EOPNOTSUPP, 'a hole is punched with KEEP_SIZE only');
  if (mode !== kind && MOVING_KINDS.includes(kind)) fail(EOPNOTSUPP, 'KEEP_SIZE has no meaning here');
  if (!opensForWriting(file.flags)) fail(EBADF, 'the descriptor is not open for writing');
  const { inode } = file.descriptor;
  if (inode.isImmutable || (inode.isAppendOnly && (mode & ~FALLOC_FL_KEEP_SIZE) !== 0))
    fail(EPERM, 'immutable, or only appended to');
  if (inode.type === S_IFIFO) fail(ESPIPE, 'a pipe');
  if (inode.isDirectory) fail(EISDIR, 'a directory');
  if (file.descriptor.kind === 'pidfd') fail(EOPNOTSUPP, 'a regular file without a size');
  if (!(inode instanceof RegularInode))
    fail(inode.type === S_IFREG ? EOPNOTSUPP : ENODEV, 'not a file with a size that can be set');
  const end = offset + length;
  if (end > MAX_FILE_SIZE) fail(EFBIG, 'past the largest file size');
  const grows = (mode & FALLOC_FL_KEEP_SIZE) === 0 && end > inode.size;
  if (grows && end > thread.process.limits.get(RLIMIT_FSIZE).soft) failWithSizeSignal(thread);
  inode.allocate(mode, offset, end);
  if ((inode.mode & 0o6000) !== 0) dropPrivileges(thread, inode);
  return 0;
}

function fchmodat(thread: Thread, dirfd: number, path: number, mode: number, flags: number): number {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
  return chmod(thread, targetOf(thread, dirfd, path, flags), mode);
}

function fchownat(
  thread: Thread,
  dirfd: number,
  path: number,
  owner: { uid: number; gid: number; flags: number },
): number {
  if ((owner.flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
  return chown(thread, targetOf(thread, dirfd, path, owner.flags), owner.uid, owner.gid);
}

export const ATTRIBUTE_CALLS = {
  45: syscall('truncate', { path: PathKind, length: I64 }, (thread, { path, length }) =>
    truncate(thread, path, length),
  ),
  46: syscall('ftruncate', { fd: Fd, length: I64 }, (thread, { fd, length }) =>
    ftruncate(thread, fd, length),
  ),
  47: syscall(
    'fallocate',
    { fd: Fd, mode: FallocateMode, offset: I64, len: I64 },
    (thread, { fd, mode, offset, len }) => fallocate(thread, fd, mode, offset, len),
  ),
  52: syscall('fchmod', { fd: Fd, mode: Mode }, (thread, { fd, mode }) =>
    chmod(thread, openPathOf(thread, fd), mode),
  ),
  53: syscall('fchmodat', { dfd: DirFd, filename: PathKind, mode: Mode }, (thread, { dfd, filename, mode }) =>
    fchmodat(thread, dfd, filename, mode, 0),
  ),
  54: syscall(
    'fchownat',
    { dfd: DirFd, filename: PathKind, user: Uid, group: Gid, flags: AtFlags },
    (thread, { dfd, filename, user, group, flags }) =>
      fchownat(thread, dfd, filename, { uid: user, gid: group, flags }),
  ),
  55: syscall('fchown', { fd: Fd, user: Uid, group: Gid }, (thread, { fd, user, group }) =>
    chown(thread, openPathOf(thread, fd), user, group),
  ),
  88: syscall(
    'utimensat',
    { dfd: DirFd, filename: PathKind, utimes: UtimesIn, flags: AtFlags },
    (thread, args) => utimensat(thread, args.dfd, args.filename, args.utimes, args.flags),
  ),
  452: syscall('fchmodat2', { dfd: DirFd, filename: PathKind, mode: Mode, flags: AtFlags }, (thread, args) =>
    fchmodat(thread, args.dfd, args.filename, args.mode, args.flags),
  ),
};
