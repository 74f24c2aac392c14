// file_getattr and file_setattr: a file's flags by path (fs/file_attr.c). Rows for table.ts; kernel/fs/inode-flags.ts sets them.
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from '../abi/fcntl.ts';
import { FileAttr, FS_XFLAGS } from '../abi/file-attr.ts';
import { DirFd, Path as PathKind, Size } from '../abi/kinds/basic.ts';
import { AtFlags } from '../abi/kinds/file-kinds.ts';
import { FileAttrIn, FileAttrOut } from '../abi/kinds/system-kinds.ts';
import { EINVAL, EOPNOTSUPP, fail } from '../errno.ts';
import { pathOfFile } from '../fs/anonymous.ts';
import { hasFlags, setExtendedFlags, xflagsOf } from '../fs/inode-flags.ts';
import type { Path } from '../fs/path.ts';
import { demandWritableMount } from '../fs/permission.ts';
import { resolveAt } from '../fs/resolve.ts';
import type { Thread } from '../task/thread.ts';
import { demandSize, readExtensible } from './extensible-struct.ts';
import { syscall } from './syscall.ts';

const KNOWN_XFLAGS = BigInt(Object.values(FS_XFLAGS).reduce((all, xflag) => (all | xflag) >>> 0, 0));

interface Arguments {
  readonly dfd: number;
  readonly filename: number;
  readonly ufattr: number;
  readonly usize: number;
  readonly at_flags: number;
}

function demandFlags(flags: number): void {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
}

/** EBADF, also for O_PATH; what resolveAt fails with. */
function found(thread: Thread, { dfd, filename, at_flags }: Arguments): Path {
  const isOwn =
    (at_flags & AT_EMPTY_PATH) !== 0 && dfd >= 0 && (filename === 0 || thread.user.readPath(filename) === '');
  return isOwn
    ? pathOfFile(thread.kernel, thread.files.get(dfd))
    : resolveAt(thread, dfd, filename, at_flags);
}

/** EINVAL, E2BIG, EFAULT, EOPNOTSUPP. What the caller knows more than we do is filled with zeroes. */
function fileGetattr(thread: Thread, args: Arguments): number {
  demandFlags(args.at_flags);
  demandSize(args.usize, FileAttr);
  const { inode } = found(thread, args);
  if (!hasFlags(inode)) fail(EOPNOTSUPP, 'this kind of file has no flags');
  const bytes = new Uint8Array(args.usize);
  const none = { fa_extsize: 0, fa_nextents: 0, fa_projid: 0, fa_cowextsize: 0 };
  bytes.set(FileAttr.encode({ fa_xflags: BigInt(xflagsOf(inode)), ...none }));
  thread.user.write(args.ufattr, bytes);
  return 0;
}

/** As fileGetattr; EPERM, EROFS. */
function fileSetattr(thread: Thread, args: Arguments): number {
  demandFlags(args.at_flags);
  const given = readExtensible(thread, args.ufattr, args.usize, FileAttr);
  if ((given.fa_xflags & ~KNOWN_XFLAGS) !== 0n) fail(EINVAL, 'unknown FS_XFLAG_ flags');
  const path = found(thread, args);
  demandWritableMount(path);
  if (!hasFlags(path.inode)) fail(EOPNOTSUPP, 'this kind of file has no flags');
  setExtendedFlags(thread, path.inode, {
    xflags: Number(given.fa_xflags),
    extentSize: given.fa_extsize,
    project: given.fa_projid,
    copyExtentSize: given.fa_cowextsize,
  });
  return 0;
}

const PLACE = { dfd: DirFd, filename: PathKind };

export const FILE_ATTR_CALLS = {
  468: syscall(
    'file_getattr',
    { ...PLACE, ufattr: FileAttrOut, usize: Size, at_flags: AtFlags },
    fileGetattr,
  ),
  469: syscall('file_setattr', { ...PLACE, ufattr: FileAttrIn, usize: Size, at_flags: AtFlags }, fileSetattr),
};
