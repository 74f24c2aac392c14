// Flags of regular files and directories on tmpfs: immutable, append-only, not dumped, no access times (FS_IOC_SETFLAGS(2const),
// fs/file_attr.c, mm/shmem.c). The ioctls and file_setattr come here; what a flag forbids is asked of the inode.
import {
  FS_APPEND_FL,
  FS_DAX_FL,
  FS_IMMUTABLE_FL,
  FS_NOATIME_FL,
  FS_NODUMP_FL,
  FS_PROJINHERIT_FL,
  FS_SYNC_FL,
  FS_XFLAGS,
} from '../abi/file-attr.ts';
import { S_IFREG } from '../abi/stat.ts';
import { EINVAL, EOPNOTSUPP, EPERM, fail } from '../errno.ts';
import { CAP_LINUX_IMMUTABLE, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Inode } from './inode.ts';
import { ownsInode } from './permission.ts';

/** SHMEM_FL_USER_MODIFIABLE; names without regard to case are missing from tmpfs here. */
const SETTABLE = FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL;

/** FS_XFLAG_COMMON: what both forms can say. */
const COMMON: readonly (readonly [xflag: number, flag: number])[] = [
  [FS_XFLAGS.FS_XFLAG_SYNC, FS_SYNC_FL],
  [FS_XFLAGS.FS_XFLAG_IMMUTABLE, FS_IMMUTABLE_FL],
  [FS_XFLAGS.FS_XFLAG_APPEND, FS_APPEND_FL],
  [FS_XFLAGS.FS_XFLAG_NODUMP, FS_NODUMP_FL],
  [FS_XFLAGS.FS_XFLAG_NOATIME, FS_NOATIME_FL],
  [FS_XFLAGS.FS_XFLAG_DAX, FS_DAX_FL],
  [FS_XFLAGS.FS_XFLAG_PROJINHERIT, FS_PROJINHERIT_FL],
];
const COMMON_XFLAGS = COMMON.reduce((all, [xflag]) => all | xflag, 0);

/** What fsxattr and file_attr set. */
export interface ExtendedFlags {
  readonly xflags: number;
  readonly extentSize: number;
  readonly project: number;
  readonly copyExtentSize: number;
}

/** Only regular files and directories on tmpfs have flags. */
export function hasFlags(inode: Inode): boolean {
  return inode.fs.type === 'tmpfs' && (inode.isDirectory || inode.type === S_IFREG);
}

export function xflagsOf({ attributeFlags }: Inode): number {
  return COMMON.reduce((all, [xflag, flag]) => ((attributeFlags & flag) === 0 ? all : all | xflag), 0);
}

/** EPERM: the file of someone else, or a flag that needs CAP_LINUX_IMMUTABLE. EOPNOTSUPP: a flag that tmpfs has not. */
export function setFlags(thread: Thread, inode: Inode, flags: number): void {
  demandChange(thread, inode, flags);
  commit(thread, inode, flags);
}

/** As setFlags; EINVAL: a flag for another kind of file. EOPNOTSUPP also for sizes of extents and projects. */
export function setExtendedFlags(thread: Thread, inode: Inode, given: ExtendedFlags): void {
  const flags = COMMON.reduce((all, [xflag, flag]) => ((given.xflags & xflag) === 0 ? all : all | flag), 0);
  demandChange(thread, inode, flags);
  const { FS_XFLAG_EXTSIZE, FS_XFLAG_EXTSZINHERIT, FS_XFLAG_COWEXTSIZE } = FS_XFLAGS;
  if ((given.xflags & FS_XFLAG_EXTSIZE) !== 0 && inode.isDirectory) fail(EINVAL, 'not a regular file');
  if ((given.xflags & FS_XFLAG_EXTSZINHERIT) !== 0 && !inode.isDirectory) fail(EINVAL, 'not a directory');
  let { xflags } = given;
  if (given.extentSize === 0) xflags &= ~(FS_XFLAG_EXTSIZE | FS_XFLAG_EXTSZINHERIT);
  if (given.copyExtentSize === 0) xflags &= ~FS_XFLAG_COWEXTSIZE;
  xflags &= ~(FS_XFLAGS.FS_XFLAG_PREALLOC | FS_XFLAGS.FS_XFLAG_HASATTR); // they only tell
  const hasSizes = given.extentSize !== 0 || given.project !== 0 || given.copyExtentSize !== 0;
  if ((xflags & ~COMMON_XFLAGS) !== 0 || hasSizes) fail(EOPNOTSUPP, 'tmpfs has neither extents nor projects');
  commit(thread, inode, flags);
}

function demandChange({ credentials }: Thread, inode: Inode, flags: number): void {
  if (!ownsInode(credentials, inode)) fail(EPERM, 'a file of someone else');
  const isGuarded = ((flags ^ inode.attributeFlags) & (FS_IMMUTABLE_FL | FS_APPEND_FL)) !== 0;
  if (isGuarded && !capable(credentials, CAP_LINUX_IMMUTABLE)) fail(EPERM, 'needs CAP_LINUX_IMMUTABLE');
}

function commit({ kernel }: Thread, inode: Inode, flags: number): void {
  if ((flags & ~SETTABLE) !== 0) fail(EOPNOTSUPP, 'tmpfs does not have this flag');
  inode.attributeFlags = flags;
  inode.ctimeNs = kernel.clock.realtimeNs();
}
