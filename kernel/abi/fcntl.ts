// Flags and structs of open, fcntl and the *at calls (asm-generic/fcntl.h, linux/fcntl.h, linux/openat2.h).
// System calls, descriptors and file locks use them, traces print them.
import { b64, i16, i32, i64, struct } from './struct.ts';

/** Access modes and flags of open(2). */
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
/** Not to be used alone. */
export const O_TMPFILE_BIT = 0o20000000;
export const O_TMPFILE = O_TMPFILE_BIT | O_DIRECTORY;

/** Where a path begins, and flags of the *at calls. */
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_EACCESS = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_RECURSIVE = 0x8000;
export const AT_EMPTY_PATH = 0x1000;

export const F_SETPIPE_SZ = 1031;
export const F_GETPIPE_SZ = 1032;

export const OpenHow = struct('open_how', { flags: b64, mode: b64, resolve: b64 });

export const Flock = struct('flock', { l_type: i16, l_whence: i16, l_start: i64, l_len: i64, l_pid: i32 });

export const OwnerEx = struct('f_owner_ex', { type: i32, pid: i32 });
