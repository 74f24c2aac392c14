// ioctls that every file on a file system knows (fs/ioctl.c): bytes to read, inode flags.
// Regular files and directories come here; FIOCLEX and FIONBIO belong to the ioctl call itself.
import { FIONREAD } from '../abi/ioctl.ts';
import { ENOTTY, EOPNOTSUPP, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';

const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_IOC_FSGETXATTR = 0x801c581f;

/** EOPNOTSUPP where reflinks and inode flags are asked of a file system without them; ENOTTY for the rest. */
export function fileIoctl(thread: Thread, file: OpenFile, request: number, argument: number): number {
  const { inode } = file.descriptor;
  switch (request >>> 0) {
    case FIONREAD:
      if (inode.isDirectory) fail(ENOTTY, 'not a regular file');
      thread.user.writeU32(argument, (inode.size - file.position) >>> 0);
      return 0;
    case FS_IOC_GETFLAGS:
      if (inode.fs.type !== 'tmpfs') fail(ENOTTY, 'this file system has no inode flags');
      thread.user.writeU32(argument, 0);
      return 0;
    case FS_IOC_SETFLAGS:
    case FS_IOC_FSGETXATTR:
      return fail(ENOTTY, 'this file system has no inode flags');
    case FICLONE:
    case FICLONERANGE:
      return fail(EOPNOTSUPP, 'this file system cannot share extents');
    default:
      return fail(ENOTTY, 'no such ioctl for a file');
  }
}

const FICLONE = 0x40049409;
const FICLONERANGE = 0x4020940d;
