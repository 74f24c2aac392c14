// What access the flags of open(2) ask for.
// The open path, fcntl and descriptors use them; the flags themselves are in abi/fcntl.ts.
import {
  O_ACCMODE,
  O_APPEND,
  O_ASYNC,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_SYNC,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
} from '../abi/fcntl.ts';

/** All that openat2 accepts (include/linux/fcntl.h, VALID_OPEN_FLAGS). */
export const VALID_OPEN_FLAGS =
  O_ACCMODE |
  O_CREAT |
  O_EXCL |
  O_NOCTTY |
  O_TRUNC |
  O_APPEND |
  O_NONBLOCK |
  O_SYNC |
  O_ASYNC |
  O_DIRECT |
  O_LARGEFILE |
  O_DIRECTORY |
  O_NOFOLLOW |
  O_NOATIME |
  O_CLOEXEC |
  O_PATH |
  O_TMPFILE;

/** May a description opened with `flags` be read? Access mode 3 is neither (open(2), "ioctl only"). */
export function opensForReading(flags: number): boolean {
  const access = flags & O_ACCMODE;
  return (access === O_RDONLY || access === O_RDWR) && (flags & O_PATH) === 0;
}

export function opensForWriting(flags: number): boolean {
  const access = flags & O_ACCMODE;
  return (access === O_WRONLY || access === O_RDWR) && (flags & O_PATH) === 0;
}
