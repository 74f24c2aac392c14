// ioctls that every file on a file system knows (fs/ioctl.c): bytes to read, inode flags.
// Regular files and directories come here; FIOCLEX and FIONBIO belong to the ioctl call itself.
import { Fsxattr } from '../abi/file-attr.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import { ENOTTY, EOPNOTSUPP, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import type { Inode } from './inode.ts';
import { hasFlags, setExtendedFlags, setFlags, xflagsOf } from './inode-flags.ts';
import { demandWritableMount } from './permission.ts';

const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_IOC_FSGETXATTR = 0x801c581f;
const FS_IOC_FSSETXATTR = 0x401c5820;
const NO_EXTENTS = { fsx_extsize: 0, fsx_nextents: 0, fsx_projid: 0, fsx_cowextsize: 0, fsx_pad: 0n };

/** EOPNOTSUPP where reflinks and inode flags are asked of a file system without them; ENOTTY for the rest. */
export function fileIoctl(thread: Thread, file: OpenFile, request: number, argument: number): number {
  const { inode } = file.descriptor;
  switch (request >>> 0) {
    case FIONREAD:
      if (inode.isDirectory) fail(ENOTTY, 'not a regular file');
      thread.user.writeU32(argument, (inode.size - file.position) >>> 0);
      return 0;
    case FS_IOC_GETFLAGS:
      demandFlags(inode);
      thread.user.writeU32(argument, inode.attributeFlags);
      return 0;
    case FS_IOC_SETFLAGS:
      changeFlags(file, () => {
        const flags = thread.user.readU32(argument);
        return () => setFlags(thread, inode, flags);
      });
      return 0;
    case FS_IOC_FSGETXATTR:
      demandFlags(inode);
      thread.user.writeStruct(argument, Fsxattr, { ...NO_EXTENTS, fsx_xflags: xflagsOf(inode) });
      return 0;
    case FS_IOC_FSSETXATTR:
      changeFlags(file, () => {
        const given = thread.user.readStruct(argument, Fsxattr);
        return () =>
          setExtendedFlags(thread, inode, {
            xflags: given.fsx_xflags,
            extentSize: given.fsx_extsize,
            project: given.fsx_projid,
            copyExtentSize: given.fsx_cowextsize,
          });
      });
      return 0;
    case FICLONE:
    case FICLONERANGE:
      return fail(EOPNOTSUPP, 'this file system cannot share extents');
    default:
      return fail(ENOTTY, 'no such ioctl for a file');
  }
}

/** ENOTTY. */
function demandFlags(inode: Inode): void {
  if (!hasFlags(inode)) fail(ENOTTY, 'this file system has no inode flags');
}

/** Reads what is to be set, looks at the mount, and sets it. EFAULT, EROFS. */
function changeFlags({ descriptor, path }: OpenFile, read: () => () => void): void {
  demandFlags(descriptor.inode);
  const set = read();
  if (path !== undefined) demandWritableMount(path);
  set();
}

const FICLONE = 0x40049409;
const FICLONERANGE = 0x4020940d;
