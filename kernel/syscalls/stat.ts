// Asking about files: stat and its forms, statx, statfs, access, readlink.
// Rows for table.ts; the structs are in kernel/abi/stat.ts.

import { majorOf, minorOf } from '../abi/device-number.ts';
import { AT_EACCESS, AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW } from '../abi/fcntl.ts';
import { firstBytes } from '../abi/first-bytes.ts';
import { BufferOut, DirFd, Fd, Path as PathKind, U32 } from '../abi/kinds/basic.ts';
import { AccessFlags, AccessMode, AtFlags } from '../abi/kinds/file-kinds.ts';
import { StatfsOut, StatOut, StatxFlags, StatxMask, StatxOut } from '../abi/kinds/stat-kinds.ts';
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RELATIME,
} from '../abi/mount-flags.ts';
import { splitTime } from '../abi/split-time.ts';
import {
  S_IFLNK,
  S_IFREG,
  STATX_ATTR_MOUNT_ROOT,
  STATX_BASIC_STATS,
  STATX_BTIME,
  STATX_CTIME,
  STATX_MNT_ID,
  STATX_MNT_ID_UNIQUE,
  STATX_MTIME,
  STATX_RESERVED,
  Stat,
  Statfs,
  Statx,
} from '../abi/stat.ts';
import { EACCES, EINVAL, ENOENT, EROFS, fail } from '../errno.ts';
import { AnonymousInode, pathOfFile } from '../fs/anonymous.ts';
import type { Inode } from '../fs/inode.ts';
import type { Path } from '../fs/path.ts';
import { demandAccess, MAY_EXEC, MAY_WRITE, writesReachMount } from '../fs/permission.ts';
import { resolve, resolveAt } from '../fs/resolve.ts';
import { touchAccess } from '../fs/times.ts';
import { late } from '../late.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { type Credentials, rootOf, shownGid, shownUid } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const AT_STATX_SYNC_TYPE = 0x6000;
const NO_WORDS = [0, 0];
/** What fs/stat.c says for every file (vfs_getattr_nosec, vfs_statx_path): MOUNT_ROOT, AUTOMOUNT, DAX. */
const STATX_ATTR_KNOWN = STATX_ATTR_MOUNT_ROOT | 0x1000 | 0x20_0000;
/** IMMUTABLE, APPEND, NODUMP, with the numbers of FS_*_FL (mm/shmem.c, shmem_getattr). */
const TMPFS_ATTRIBUTES = 0x70;

function knownAttributes({ fs }: Inode): number {
  return fs.type === 'tmpfs' || fs.type === 'devtmpfs'
    ? STATX_ATTR_KNOWN | TMPFS_ATTRIBUTES
    : STATX_ATTR_KNOWN;
}

function writeStat(thread: Thread, address: number, inode: Inode): number {
  inode.refresh();
  const atime = splitTime(inode.atimeNs);
  const mtime = splitTime(inode.mtimeNs);
  const ctime = splitTime(inode.ctimeNs);
  thread.user.writeStruct(address, Stat, {
    st_dev: inode.fs.dev,
    st_ino: inode.ino,
    st_mode: inode.mode,
    st_nlink: inode.nlink,
    st_uid: shownUid(thread.credentials, inode.uid),
    st_gid: shownGid(thread.credentials, inode.gid),
    st_rdev: inode.rdev,
    __pad1: 0,
    st_size: inode.size,
    st_blksize: inode.blockSize,
    __pad2: 0,
    st_blocks: inode.blocks,
    st_atime: atime.sec,
    st_atime_nsec: atime.nsec,
    st_mtime: mtime.sec,
    st_mtime_nsec: mtime.nsec,
    st_ctime: ctime.sec,
    st_ctime_nsec: ctime.nsec,
    __unused: NO_WORDS,
  });
  return 0;
}

function newfstatat(thread: Thread, dirfd: number, path: number, statbuf: number, flags: number): number {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
  return writeStat(thread, statbuf, resolveAt(thread, dirfd, path, flags).inode);
}

function stamp(ns: bigint): { tv_sec: number; tv_nsec: number; __reserved: number } {
  const { sec, nsec } = splitTime(ns);
  return { tv_sec: sec, tv_nsec: nsec, __reserved: 0 };
}

/** The mount's number is always given, the unique one in its place when that is asked for. */
function mountIdBit(wanted: number): number {
  return (wanted & STATX_MNT_ID_UNIQUE) === 0 ? STATX_MNT_ID : STATX_MNT_ID_UNIQUE;
}

/** What is filled in: times only when asked for (fs/stat.c, fill_mg_cmtime; getattr of ext4 and tmpfs). */
function filledFields(wanted: number, inode: Inode): number {
  const changes = (wanted & (STATX_MTIME | STATX_CTIME)) !== 0 ? 0 : STATX_MTIME | STATX_CTIME;
  const birth = inode.btimeNs === 0n ? 0 : wanted & STATX_BTIME;
  return (STATX_BASIC_STATS & ~changes) | birth | mountIdBit(wanted);
}

function statx(
  thread: Thread,
  dirfd: number,
  path: number,
  flags: number,
  mask: number,
  buffer: number,
): number {
  if ((mask & STATX_RESERVED) !== 0) fail(EINVAL, 'the reserved mask bit');
  if ((flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) fail(EINVAL, 'both ways of synchronizing');
  const known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
  if ((flags & ~known) !== 0) fail(EINVAL, 'unknown flags');
  const found = resolveAt(thread, dirfd, path, flags);
  const { inode } = found;
  inode.refresh();
  const filled = filledFields(mask, inode);
  thread.user.writeStruct(buffer, Statx, {
    stx_mask: filled,
    stx_blksize: inode.blockSize,
    stx_attributes:
      (found.dentry === found.mount.root ? STATX_ATTR_MOUNT_ROOT : 0) |
      (inode.attributeFlags & TMPFS_ATTRIBUTES),
    stx_nlink: inode.nlink,
    stx_uid: shownUid(thread.credentials, inode.uid),
    stx_gid: shownGid(thread.credentials, inode.gid),
    stx_mode: inode.mode,
    __spare0: 0,
    stx_ino: inode.ino,
    stx_size: inode.size,
    stx_blocks: inode.blocks,
    stx_attributes_mask: knownAttributes(inode),
    stx_atime: stamp(inode.atimeNs),
    stx_btime: stamp((filled & STATX_BTIME) === 0 ? 0n : inode.btimeNs),
    stx_ctime: stamp((filled & STATX_CTIME) === 0 ? 0n : inode.ctimeNs),
    stx_mtime: stamp((filled & STATX_MTIME) === 0 ? 0n : inode.mtimeNs),
    stx_rdev_major: majorOf(inode.rdev),
    stx_rdev_minor: minorOf(inode.rdev),
    stx_dev_major: majorOf(inode.fs.dev),
    stx_dev_minor: minorOf(inode.fs.dev),
    stx_mnt_id: (mask & STATX_MNT_ID_UNIQUE) === 0 ? found.mount.id : found.mount.uniqueId,
    stx_dio_mem_align: 0,
    stx_dio_offset_align: 0,
    __spare3: [],
  });
  return 0;
}

const ST_RDONLY = 1;
const ST_VALID = 0x20;
/** Mount flags that statfs(2) shows as they are, and those it moves. */
const ST_SAME = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME;
const ST_RELATIME = 4096;
const ST_NOSYMFOLLOW = 0x2000;

function writeStatfs(thread: Thread, { mount, inode }: Path, buffer: number): number {
  const { fs } = mount;
  const facts = fs.statfs();
  let flags = ST_VALID | (mount.flags & ST_SAME);
  if (mount.isReadOnly) flags |= ST_RDONLY;
  if ((mount.flags & MS_RELATIME) !== 0) flags |= ST_RELATIME;
  if ((mount.flags & MS_NOSYMFOLLOW) !== 0) flags |= ST_NOSYMFOLLOW;
  thread.user.writeStruct(buffer, Statfs, {
    f_type: inode instanceof AnonymousInode ? inode.magic : fs.magic,
    f_bsize: facts.blockSize,
    f_blocks: facts.blocks,
    f_bfree: facts.blocksFree,
    f_bavail: facts.blocksFree,
    f_files: facts.files,
    f_ffree: facts.filesFree,
    f_fsid: [fs.dev, 0],
    f_namelen: facts.nameMax,
    f_frsize: facts.blockSize,
    f_flags: flags,
    f_spare: [],
  });
  return 0;
}

/** The ids access(2) checks with: the real ones, with the capabilities a real root would have. */
function realCredentials(credentials: Credentials): Credentials {
  const { ruid, rgid } = credentials;
  return {
    ...credentials,
    fsuid: ruid,
    fsgid: rgid,
    effective: ruid === rootOf(credentials) ? credentials.permitted : 0n,
  };
}

function faccessat(thread: Thread, dirfd: number, path: number, mode: number, flags: number): number {
  if ((mode & ~7) !== 0) fail(EINVAL, 'mode is more than R_OK, W_OK, X_OK');
  if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
  const own = thread.credentials;
  const real = realCredentials(own);
  const isSame = own.fsuid === real.fsuid && own.fsgid === real.fsgid && own.effective === real.effective;
  if (isSame || (flags & AT_EACCESS) !== 0)
    return checkAccess(thread, accessTarget(thread, dirfd, path, flags), mode);
  thread.credentials = real; // the walk itself is checked with them too
  try {
    return checkAccess(thread, accessTarget(thread, dirfd, path, flags), mode);
  } finally {
    thread.credentials = own;
  }
}

/** Unlike stat's, a null path is none. */
function accessTarget(thread: Thread, dirfd: number, path: number, flags: number): Path {
  const [follow, allowEmpty] = [(flags & AT_SYMLINK_NOFOLLOW) === 0, (flags & AT_EMPTY_PATH) !== 0];
  return resolve(thread, dirfd, thread.user.readPath(path), { follow, allowEmpty });
}

function checkAccess(thread: Thread, { inode, mount }: Path, mode: number): number {
  if ((mode & MAY_EXEC) !== 0 && inode.type === S_IFREG && (mount.flags & MS_NOEXEC) !== 0) {
    fail(EACCES, 'mounted with noexec');
  }
  demandAccess(thread.credentials, inode, mode, 'the mode bits do not allow it');
  if (thread.kernel.guardsDevices) late.cgroupMembers.demandDevice(thread, inode, mode);
  if ((mode & MAY_WRITE) !== 0 && writesReachMount(inode) && mount.isReadOnly)
    fail(EROFS, 'mounted read-only');
  return 0;
}

function readlinkat(thread: Thread, dirfd: number, path: number, buffer: number, size: number): number {
  if ((size | 0) <= 0) fail(EINVAL, 'the buffer size is not positive');
  const text = thread.user.readPath(path);
  const found = resolve(thread, dirfd, text, { follow: false, allowEmpty: true });
  const { inode } = found;
  if (inode.type !== S_IFLNK) fail(text === '' ? ENOENT : EINVAL, 'not a symbolic link');
  touchAccess(thread, found, 0);
  const link = firstBytes(textToBytes(inode.readlink(thread)), size);
  thread.user.write(buffer, link);
  return link.length;
}

export const STAT_CALLS = {
  43: syscall('statfs', { path: PathKind, buf: StatfsOut }, (thread, { path, buf }) =>
    writeStatfs(thread, resolve(thread, -100, thread.user.readPath(path)), buf),
  ),
  44: syscall('fstatfs', { fd: Fd, buf: StatfsOut }, (thread, { fd, buf }) =>
    writeStatfs(thread, pathOfFile(thread.kernel, thread.files.any(fd)), buf),
  ),
  48: syscall(
    'faccessat',
    { dfd: DirFd, filename: PathKind, mode: AccessMode },
    (thread, { dfd, filename, mode }) => faccessat(thread, dfd, filename, mode, 0),
  ),
  78: syscall('readlinkat', { dfd: DirFd, path: PathKind, buf: BufferOut, bufsiz: U32 }, (thread, args) =>
    readlinkat(thread, args.dfd, args.path, args.buf, args.bufsiz),
  ),
  79: syscall(
    'newfstatat',
    { dfd: DirFd, filename: PathKind, statbuf: StatOut, flags: AtFlags },
    (thread, args) => newfstatat(thread, args.dfd, args.filename, args.statbuf, args.flags),
  ),
  80: syscall('fstat', { fd: Fd, statbuf: StatOut }, (thread, { fd, statbuf }) =>
    writeStat(thread, statbuf, thread.files.any(fd).descriptor.inode),
  ),
  291: syscall(
    'statx',
    { dfd: DirFd, filename: PathKind, flags: StatxFlags, mask: StatxMask, buffer: StatxOut },
    (thread, { dfd, filename, flags, mask, buffer }) => statx(thread, dfd, filename, flags, mask, buffer),
  ),
  439: syscall(
    'faccessat2',
    { dfd: DirFd, filename: PathKind, mode: AccessMode, flags: AccessFlags },
    (thread, args) => faccessat(thread, args.dfd, args.filename, args.mode, args.flags),
  ),
};
