// Descriptors come and go: openat, openat2, close, close_range, dup, dup3, memfd_create.
// Rows for table.ts; names are resolved by kernel/fs/open.ts, slots kept by kernel/file/fd-table.ts.

import { O_CLOEXEC, O_CREAT, O_PATH, O_TMPFILE, O_TRUNC, OpenHow } from '../abi/fcntl.ts';
import { DirFd, Fd, Path, Size, U32 } from '../abi/kinds/basic.ts';
import { DupFlags, OpenFlags, OpenMode } from '../abi/kinds/file-kinds.ts';
import { CloseRangeFlags, OpenHowIn } from '../abi/kinds/system-kinds.ts';
import { EAGAIN, EBADF, EINVAL, EMFILE, fail } from '../errno.ts';
import { OpenFile } from '../file/open-file.ts';
import { normalizedFlags, openFile } from '../fs/open.ts';
import { VALID_OPEN_FLAGS } from '../fs/open-flags.ts';
import {
  RESOLVE_BENEATH,
  RESOLVE_CACHED,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../fs/walk.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { readExtensible } from './extensible-struct.ts';
import { type Answer, syscall } from './syscall.ts';

const ALL_RESOLVE =
  RESOLVE_NO_XDEV |
  RESOLVE_NO_MAGICLINKS |
  RESOLVE_NO_SYMLINKS |
  RESOLVE_BENEATH |
  RESOLVE_IN_ROOT |
  RESOLVE_CACHED;
const PATH_FLAGS = O_PATH | 0o2600000; // with O_CLOEXEC, O_NOFOLLOW, O_DIRECTORY

const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

export function fileLimit(thread: Thread): number {
  return thread.process.limits.get(RLIMIT_NOFILE).soft;
}

function open(
  thread: Thread,
  dirfd: number,
  path: number,
  flags: number,
  mode: number,
  resolve: number,
): Answer {
  const wanted = normalizedFlags(flags);
  const text = thread.user.readPath(path);
  if (!thread.files.hasRoom(fileLimit(thread))) fail(EMFILE, 'all descriptors of RLIMIT_NOFILE are in use');
  const answer = openFile(thread, dirfd, text, { flags: wanted, mode, resolve });
  if (!(answer instanceof OpenFile)) return answer;
  answer.opener = { process: thread.process, credentials: thread.credentials };
  return thread.files.install(answer, fileLimit(thread), (flags & O_CLOEXEC) !== 0);
}

/** openat2(2): unlike openat, what is unknown is refused. E2BIG when a newer struct has bits we do not know. */
function openat2(thread: Thread, dirfd: number, path: number, how: number, size: number): Answer {
  const given = readExtensible(thread, how, size, OpenHow);
  if ((given.flags & ~BigInt(VALID_OPEN_FLAGS)) !== 0n) fail(EINVAL, 'unknown flags');
  if ((given.resolve & ~BigInt(ALL_RESOLVE)) !== 0n) fail(EINVAL, 'unknown resolve flags');
  const flags = Number(given.flags);
  const resolve = Number(given.resolve);
  if ((resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) === (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) {
    fail(EINVAL, 'RESOLVE_BENEATH and RESOLVE_IN_ROOT');
  }
  const makes = (flags & O_CREAT) !== 0 || (flags & O_TMPFILE) === O_TMPFILE;
  if (makes ? (given.mode & ~0o7777n) !== 0n : given.mode !== 0n) fail(EINVAL, 'mode has no meaning here');
  if ((flags & O_PATH) !== 0 && (flags & ~PATH_FLAGS) !== 0) fail(EINVAL, 'flags that O_PATH does not allow');
  normalizedFlags(flags);
  if ((resolve & RESOLVE_CACHED) !== 0 && (flags & (O_CREAT | O_TRUNC | O_TMPFILE)) !== 0) {
    fail(EAGAIN, 'RESOLVE_CACHED cannot create or cut');
  }
  return open(thread, dirfd, path, flags, Number(given.mode), resolve);
}

function duplicate(thread: Thread, fd: number): number {
  const file = thread.files.any(fd);
  const copy = thread.files.install(file, fileLimit(thread));
  file.retain();
  return copy;
}

function dup3(thread: Thread, oldFd: number, newFd: number, flags: number): number {
  if ((flags & ~O_CLOEXEC) !== 0) fail(EINVAL, 'unknown flags');
  if (oldFd === newFd) fail(EINVAL, 'dup3 of a descriptor onto itself');
  if (newFd >>> 0 >= fileLimit(thread)) fail(EBADF, 'the new descriptor is past RLIMIT_NOFILE');
  const file = thread.files.any(oldFd).retain();
  thread.files.replace(thread, newFd, file, (flags & O_CLOEXEC) !== 0);
  return newFd;
}

function closeRange(thread: Thread, first: number, last: number, flags: number): number {
  if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0) fail(EINVAL, 'unknown flags');
  if (first > last) fail(EINVAL, 'first is after last');
  if ((flags & CLOSE_RANGE_UNSHARE) !== 0 && thread.files.users > 1) {
    const own = thread.files.clone();
    thread.files.users--;
    thread.files = own;
  }
  const { files } = thread;
  const numbers = files.openFrom(first, last);
  if ((flags & CLOSE_RANGE_CLOEXEC) === 0) files.closeEach(thread, numbers);
  else for (const fd of numbers) files.setCloseOnExec(fd, true);
  return 0;
}

export const OPEN_CLOSE_CALLS = {
  23: syscall('dup', { fildes: Fd }, (thread, { fildes }) => duplicate(thread, fildes), { returns: Fd }),
  24: syscall(
    'dup3',
    { oldfd: Fd, newfd: Fd, flags: DupFlags },
    (thread, { oldfd, newfd, flags }) => dup3(thread, oldfd, newfd, flags),
    { returns: Fd },
  ),
  56: syscall(
    'openat',
    { dfd: DirFd, filename: Path, flags: OpenFlags, mode: OpenMode },
    (thread, args) => open(thread, args.dfd, args.filename, args.flags & VALID_OPEN_FLAGS, args.mode, 0),
    { returns: Fd },
  ),
  57: syscall('close', { fd: Fd }, (thread, { fd }) => {
    thread.files.close(thread, fd);
    return 0;
  }),
  436: syscall(
    'close_range',
    { first: U32, last: U32, flags: CloseRangeFlags },
    (thread, { first, last, flags }) => closeRange(thread, first, last, flags),
  ),
  437: syscall(
    'openat2',
    { dfd: DirFd, filename: Path, how: OpenHowIn, size: Size },
    (thread, args) => openat2(thread, args.dfd, args.filename, args.how, args.size),
    { returns: Fd },
  ),
};
