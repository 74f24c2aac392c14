// What stat, statx and statfs give back (asm-generic/stat.h, linux/stat.h, asm-generic/statfs.h).
// kernel/syscalls/stat.ts fills them in, traces print them.
import { array, i32, i64, struct, u16, u32, u64 } from './struct.ts';

/** st_mode: what kind of file, and bits beside the permissions. */
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_IXGRP = 0o010;

/** tv_nsec of utimensat(2). */
export const UTIME_NOW = 0x3fff_ffff;
export const UTIME_OMIT = 0x3fff_fffe;

export const Stat = struct('stat', {
  st_dev: u64,
  st_ino: u64,
  st_mode: u32,
  st_nlink: u32,
  st_uid: u32,
  st_gid: u32,
  st_rdev: u64,
  __pad1: u64,
  st_size: i64,
  st_blksize: i32,
  __pad2: i32,
  st_blocks: i64,
  st_atime: i64,
  st_atime_nsec: u64,
  st_mtime: i64,
  st_mtime_nsec: u64,
  st_ctime: i64,
  st_ctime_nsec: u64,
  __unused: array(u32, 2),
});

export const StatxTimestamp = struct('statx_timestamp', { tv_sec: i64, tv_nsec: u32, __reserved: i32 });

export const Statx = struct('statx', {
  stx_mask: u32,
  stx_blksize: u32,
  stx_attributes: u64,
  stx_nlink: u32,
  stx_uid: u32,
  stx_gid: u32,
  stx_mode: u16,
  __spare0: u16,
  stx_ino: u64,
  stx_size: u64,
  stx_blocks: u64,
  stx_attributes_mask: u64,
  stx_atime: StatxTimestamp,
  stx_btime: StatxTimestamp,
  stx_ctime: StatxTimestamp,
  stx_mtime: StatxTimestamp,
  stx_rdev_major: u32,
  stx_rdev_minor: u32,
  stx_dev_major: u32,
  stx_dev_minor: u32,
  stx_mnt_id: u64,
  stx_dio_mem_align: u32,
  stx_dio_offset_align: u32,
  __spare3: array(u64, 12),
});

export const STATX_BASIC_STATS = 0x7ff;
export const STATX_MTIME = 0x40;
export const STATX_CTIME = 0x80;
export const STATX_BTIME = 0x800;
export const STATX_MNT_ID = 0x1000;
export const STATX_MNT_ID_UNIQUE = 0x4000;
export const STATX_RESERVED = 0x8000_0000;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;

export const Statfs = struct('statfs', {
  f_type: i64,
  f_bsize: i64,
  f_blocks: u64,
  f_bfree: u64,
  f_bavail: u64,
  f_files: u64,
  f_ffree: u64,
  f_fsid: array(i32, 2),
  f_namelen: i64,
  f_frsize: i64,
  f_flags: i64,
  f_spare: array(i64, 4),
});
