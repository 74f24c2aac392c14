// Flags of open(2) and the bits of st_mode that go with them (asm-generic/fcntl.h, riscv64).
// The open path, fcntl and descriptors use them; traces print them by these names.

export const O_ACCMODE = 0o3;
export const O_RDONLY = 0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DSYNC = 0o10000;
export const O_ASYNC = 0o20000;
export const O_DIRECT = 0o40000;
export const O_LARGEFILE = 0o100000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_NOATIME = 0o1000000;
export const O_CLOEXEC = 0o2000000;
export const O_SYNC = 0o4010000;
export const O_PATH = 0o10000000;
const O_TMPFILE_BIT = 0o20000000;
export const O_TMPFILE = O_TMPFILE_BIT | O_DIRECTORY;

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
