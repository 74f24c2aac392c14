// Flags of files as the ioctls have them and as struct fsxattr and struct file_attr do (include/uapi/linux/fs.h).
// kernel/fs/inode-flags.ts and syscalls/file-attr.ts read and write them.
import { b64, struct, u32 } from './struct.ts';

export const FileAttr = struct('file_attr', {
  fa_xflags: b64,
  fa_extsize: u32,
  fa_nextents: u32,
  fa_projid: u32,
  fa_cowextsize: u32,
});
export const Fsxattr = struct('fsxattr', {
  fsx_xflags: u32,
  fsx_extsize: u32,
  fsx_nextents: u32,
  fsx_projid: u32,
  fsx_cowextsize: u32,
  fsx_pad: b64,
});

export const FS_SYNC_FL = 0x8;
export const FS_IMMUTABLE_FL = 0x10;
export const FS_APPEND_FL = 0x20;
export const FS_NODUMP_FL = 0x40;
export const FS_NOATIME_FL = 0x80;
export const FS_DAX_FL = 0x200_0000;
export const FS_PROJINHERIT_FL = 0x2000_0000;

/** What new files and directories have of their directory's (SHMEM_FL_INHERITED). */
export const INHERITED_FLAGS = FS_NODUMP_FL | FS_NOATIME_FL;

export const FS_XFLAGS = {
  FS_XFLAG_REALTIME: 0x1,
  FS_XFLAG_PREALLOC: 0x2,
  FS_XFLAG_IMMUTABLE: 0x8,
  FS_XFLAG_APPEND: 0x10,
  FS_XFLAG_SYNC: 0x20,
  FS_XFLAG_NOATIME: 0x40,
  FS_XFLAG_NODUMP: 0x80,
  FS_XFLAG_RTINHERIT: 0x100,
  FS_XFLAG_PROJINHERIT: 0x200,
  FS_XFLAG_NOSYMLINKS: 0x400,
  FS_XFLAG_EXTSIZE: 0x800,
  FS_XFLAG_EXTSZINHERIT: 0x1000,
  FS_XFLAG_NODEFRAG: 0x2000,
  FS_XFLAG_FILESTREAM: 0x4000,
  FS_XFLAG_DAX: 0x8000,
  FS_XFLAG_COWEXTSIZE: 0x1_0000,
  FS_XFLAG_HASATTR: 0x8000_0000,
} as const;
