// Where a process is and what is there: getcwd, chdir, chroot, umask, getdents64.
// Rows for table.ts.

import { AT_FDCWD } from '../abi/fcntl.ts';
import { Fd, Path as PathKind, Size, U32 } from '../abi/kinds/basic.ts';
import { UmaskMode } from '../abi/kinds/file-kinds.ts';
import { TerminatedOut } from '../abi/kinds/io-kinds.ts';
import { OctalResult } from '../abi/kinds/result-kinds.ts';
import { DirentsOut } from '../abi/kinds/stat-kinds.ts';
import { u64 } from '../abi/struct.ts';
import { EACCES, EINVAL, ENOENT, ENOTDIR, EPERM, ERANGE, fail } from '../errno.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import type { DirectoryEntry } from '../fs/inode.ts';
import { askWatchers, FS_ACCESS_PERM, IN_ACCESS, notifyPath } from '../fs/notify.ts';
import type { Path } from '../fs/path.ts';
import { MAY_EXEC, mayAccess } from '../fs/permission.ts';
import { absolutePath, resolve } from '../fs/resolve.ts';
import { touchAccess } from '../fs/times.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { CAP_SYS_CHROOT, hasCapability } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Answer, syscall } from './syscall.ts';

/** The kernel's answer counts the NUL. ENOENT when the directory was removed, ERANGE when it does not fit. */
function getcwd(thread: Thread, buffer: number, size: number): number {
  const { cwd } = thread.fs;
  if (cwd.dentry.isDeleted) fail(ENOENT, 'the working directory was removed');
  const bytes = textToBytes(`${absolutePath(thread, cwd)}\0`);
  if (bytes.length > size) fail(ERANGE, 'the buffer is too small');
  thread.user.write(buffer, bytes);
  return bytes.length;
}

function directoryAt(thread: Thread, path: number): Path {
  const found = resolve(thread, AT_FDCWD, thread.user.readPath(path), { directory: true });
  demandEnter(thread, found);
  return found;
}

function demandEnter(thread: Thread, path: Path): void {
  if (!mayAccess(thread.credentials, path.inode, MAY_EXEC))
    fail(EACCES, 'no search permission on the directory');
}

function fchdir(thread: Thread, fd: number): number {
  const { path } = thread.files.any(fd);
  if (path === undefined || !path.inode.isDirectory) fail(ENOTDIR, 'the descriptor is no directory');
  demandEnter(thread, path);
  thread.fs.cwd = path;
  return 0;
}

function chroot(thread: Thread, path: number): number {
  const found = directoryAt(thread, path);
  if (!hasCapability(thread.credentials, CAP_SYS_CHROOT)) fail(EPERM, 'chroot needs CAP_SYS_CHROOT');
  thread.fs.root = found;
  return 0;
}

/** struct linux_dirent64: u64 ino, i64 off, u16 reclen, u8 type, name and NUL, padded to 8 (getdents(2)). */
const DIRENT_HEAD = 19;

/** EINVAL when not even one entry fits; 0 at the end. */
function getdents64(thread: Thread, fd: number, buffer: number, size: number): Answer {
  const file = thread.files.get(fd);
  const { descriptor } = file;
  if (!(descriptor instanceof DirectoryFile)) fail(ENOTDIR, 'not a directory');
  if (descriptor.inode.nlink === 0) fail(ENOENT, 'the directory was removed');
  const asked = file.isUnwatched ? undefined : askWatchers(thread, descriptor.path, FS_ACCESS_PERM);
  if (asked !== undefined) return asked;
  const entries: DirectoryEntry[] = [];
  const offsets: number[] = [];
  // Larger requests are answered in pieces, as any reader must expect.
  const room = Math.min(size, 0x1_0000);
  let used = 0;
  let { position } = file;
  for (;;) {
    const found = descriptor.entryAt(position);
    if (found === undefined) break;
    const length = recordLength(found.entry.name);
    if (used + length > room) {
      if (used === 0) fail(EINVAL, 'the buffer cannot hold one entry');
      break;
    }
    used += length;
    position = found.next;
    entries.push(found.entry);
    offsets.push(position);
  }
  thread.user.write(buffer, encodeEntries(entries, offsets, used));
  file.position = descriptor.entryAt(position) === undefined ? descriptor.endPosition(position) : position;
  touchAccess(thread, descriptor.path, file.flags);
  if (!file.isUnwatched) notifyPath(descriptor.path, IN_ACCESS);
  return used;
}

function recordLength(name: string): number {
  return (DIRENT_HEAD + name.length + 1 + 7) & ~7;
}

function encodeEntries(
  entries: readonly DirectoryEntry[],
  offsets: readonly number[],
  length: number,
): Uint8Array {
  const out = new Uint8Array(length);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [i, { name, ino, type }] of entries.entries()) {
    const size = recordLength(name);
    u64.write(view, at, ino);
    u64.write(view, at + 8, offsets[i] ?? 0);
    view.setUint16(at + 16, size, true);
    view.setUint8(at + 18, type >> 12);
    for (let k = 0; k < name.length; k++) out[at + DIRENT_HEAD + k] = name.charCodeAt(k);
    at += size;
  }
  return out;
}

export const DIRECTORY_CALLS = {
  17: syscall('getcwd', { buf: TerminatedOut, size: Size }, (thread, { buf, size }) =>
    getcwd(thread, buf, size),
  ),
  49: syscall('chdir', { filename: PathKind }, (thread, { filename }) => {
    thread.fs.cwd = directoryAt(thread, filename);
    return 0;
  }),
  50: syscall('fchdir', { fd: Fd }, (thread, { fd }) => fchdir(thread, fd)),
  51: syscall('chroot', { filename: PathKind }, (thread, { filename }) => chroot(thread, filename)),
  61: syscall('getdents64', { fd: Fd, dirent: DirentsOut, count: U32 }, (thread, { fd, dirent, count }) =>
    getdents64(thread, fd, dirent, count),
  ),
  166: syscall(
    'umask',
    { mask: UmaskMode },
    (thread, { mask }) => {
      const old = thread.fs.umask;
      thread.fs.umask = mask & 0o777;
      return old;
    },
    { returns: OctalResult },
  ),
};
