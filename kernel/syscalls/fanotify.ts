// fanotify_init and fanotify_mark (fanotify(7)): checks in the order of fs/notify/fanotify/fanotify_user.c.
// The group is kernel/fanotify/group.ts, its marks marks.ts.
import {
  DIRENT_EVENTS,
  FAN_ACCESS,
  FAN_ATTRIB,
  FAN_CLASS_CONTENT,
  FAN_CLASS_NOTIF,
  FAN_CLASS_PRE_CONTENT,
  FAN_CLOEXEC,
  FAN_CLOSE_NOWRITE,
  FAN_CLOSE_WRITE,
  FAN_DELETE_SELF,
  FAN_ENABLE_AUDIT,
  FAN_EVENT_ON_CHILD,
  FAN_FS_ERROR,
  FAN_MARK_ADD,
  FAN_MARK_DONT_FOLLOW,
  FAN_MARK_EVICTABLE,
  FAN_MARK_FILESYSTEM,
  FAN_MARK_FLUSH,
  FAN_MARK_IGNORE,
  FAN_MARK_IGNORED_MASK,
  FAN_MARK_IGNORED_SURV_MODIFY,
  FAN_MARK_MOUNT,
  FAN_MARK_ONLYDIR,
  FAN_MARK_REMOVE,
  FAN_MODIFY,
  FAN_MOVE_SELF,
  FAN_NONBLOCK,
  FAN_ONDIR,
  FAN_OPEN,
  FAN_OPEN_EXEC,
  FAN_PRE_ACCESS,
  FAN_RENAME,
  FAN_REPORT_DIR_FID,
  FAN_REPORT_FD_ERROR,
  FAN_REPORT_FID,
  FAN_REPORT_NAME,
  FAN_REPORT_PIDFD,
  FAN_REPORT_TARGET_FID,
  FAN_REPORT_TID,
  FAN_UNLIMITED_MARKS,
  FAN_UNLIMITED_QUEUE,
  FID_BITS,
  PERMISSION_EVENTS,
} from '../abi/fanotify.ts';
import {
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_DSYNC,
  O_LARGEFILE,
  O_NOATIME,
  O_NONBLOCK,
  O_RDWR,
  O_SYNC,
} from '../abi/fcntl.ts';
import { Fd, Path as PathKind } from '../abi/kinds/basic.ts';
import {
  FanotifyDirFd,
  FanotifyEventFlags,
  FanotifyInitFlags,
  FanotifyMarkFlags,
  FanotifyMask,
} from '../abi/kinds/fanotify-kinds.ts';
import {
  EBADF,
  EEXIST,
  EINVAL,
  EISDIR,
  EMFILE,
  ENODEV,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  fail,
} from '../errno.ts';
import { installNew } from '../event/install.ts';
import { FanotifyGroup } from '../fanotify/group.ts';
import type { Mark, Markable, PlaceKind } from '../fanotify/marks.ts';
import { anonymousInode, pathOfFile } from '../fs/anonymous.ts';
import { hasHandles } from '../fs/handles.ts';
import type { Path } from '../fs/path.ts';
import { demandAccess, MAY_READ } from '../fs/permission.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import { resolve } from '../fs/resolve.ts';
import { CAP_AUDIT_WRITE, CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

/** fs.fanotify.max_user_groups, and max_user_marks of a group. */
const MAX_GROUPS = 128;
const MAX_MARKS = 65_536;
const CLASS_BITS = FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT;
const INIT_FLAGS =
  FAN_CLOEXEC |
  FAN_NONBLOCK |
  CLASS_BITS |
  FAN_UNLIMITED_QUEUE |
  FAN_UNLIMITED_MARKS |
  FAN_ENABLE_AUDIT |
  FAN_REPORT_PIDFD |
  FAN_REPORT_TID |
  FID_BITS |
  FAN_REPORT_FD_ERROR;
/** What only CAP_SYS_ADMIN may ask for. */
const ADMIN_FLAGS =
  CLASS_BITS |
  FAN_REPORT_TID |
  FAN_REPORT_PIDFD |
  FAN_REPORT_FD_ERROR |
  FAN_UNLIMITED_QUEUE |
  FAN_UNLIMITED_MARKS;
const EVENT_FILE_FLAGS =
  O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_CLOEXEC | O_LARGEFILE | O_NOATIME;

function init(thread: Thread, { flags, event_f_flags }: { flags: number; event_f_flags: number }): number {
  const { kernel, credentials, files } = thread;
  const fidMode = flags & FID_BITS;
  const kind = flags & CLASS_BITS;
  const isAdmin = capable(credentials, CAP_SYS_ADMIN);
  if (!isAdmin && ((flags & ADMIN_FLAGS) !== 0 || fidMode === 0))
    fail(EPERM, 'all but reports of handles need CAP_SYS_ADMIN');
  if ((flags & ~INIT_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & FAN_REPORT_PIDFD) !== 0 && (flags & FAN_REPORT_TID) !== 0)
    fail(EINVAL, 'a pidfd means a process');
  if ((event_f_flags & ~EVENT_FILE_FLAGS) !== 0 || (event_f_flags & O_ACCMODE) === O_ACCMODE)
    fail(EINVAL, 'no flags for the files of events');
  if (fidMode !== 0 && kind !== FAN_CLASS_NOTIF) fail(EINVAL, 'handles, and files to judge by');
  if ((fidMode & FAN_REPORT_NAME) !== 0 && (fidMode & FAN_REPORT_DIR_FID) === 0)
    fail(EINVAL, 'a name without its directory');
  const both = FAN_REPORT_NAME | FAN_REPORT_FID;
  if ((fidMode & FAN_REPORT_TARGET_FID) !== 0 && (fidMode & both) !== both)
    fail(EINVAL, 'a target without its name');
  let groups = 0;
  for (const [, file] of files.entries()) if (file.descriptor instanceof FanotifyGroup) groups++;
  if (groups >= MAX_GROUPS) fail(EMFILE, 'fs.fanotify.max_user_groups are in use');
  if (kind === CLASS_BITS) fail(EINVAL, 'two classes');
  if ((flags & FAN_ENABLE_AUDIT) !== 0 && !capable(credentials, CAP_AUDIT_WRITE))
    fail(EPERM, 'FAN_ENABLE_AUDIT needs CAP_AUDIT_WRITE');
  const inode = anonymousInode(kernel, '[fanotify]', 0o600);
  const group = new FanotifyGroup(kernel, inode, flags, event_f_flags);
  group.isPrivileged = isAdmin;
  const fileFlags = O_RDWR | ((flags & FAN_NONBLOCK) === 0 ? 0 : O_NONBLOCK);
  return installNew(thread, group, fileFlags, (flags & FAN_CLOEXEC) !== 0);
}

const MARK_TYPES: Readonly<Record<number, PlaceKind>> = {
  0: 'inode',
  [FAN_MARK_MOUNT]: 'mount',
  [FAN_MARK_FILESYSTEM]: 'fs',
};
const TYPE_BITS = FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM;
const COMMAND_BITS = FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH;
const IGNORE_BITS = FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORE;
const MARK_FLAGS =
  TYPE_BITS |
  COMMAND_BITS |
  IGNORE_BITS |
  FAN_MARK_DONT_FOLLOW |
  FAN_MARK_ONLYDIR |
  FAN_MARK_IGNORED_SURV_MODIFY |
  FAN_MARK_EVICTABLE;
const EVENT_FLAGS = FAN_ONDIR | FAN_EVENT_ON_CHILD;
/** Events about an open file, whose descriptor says enough. */
const FILE_EVENTS = FAN_ACCESS | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_CLOSE_NOWRITE | FAN_OPEN | FAN_OPEN_EXEC;
const QUESTIONS = PERMISSION_EVENTS | FAN_PRE_ACCESS;
/** FAN_MNT_ATTACH and FAN_MNT_DETACH, for groups with FAN_REPORT_MNT. */
const MOUNT_EVENTS = 0x300_0000;
const ALL_EVENTS =
  FILE_EVENTS |
  FAN_ATTRIB |
  FAN_DELETE_SELF |
  FAN_MOVE_SELF |
  DIRENT_EVENTS |
  FAN_FS_ERROR |
  QUESTIONS |
  MOUNT_EVENTS;

interface MarkArguments {
  readonly fanotify_fd: number;
  readonly flags: number;
  readonly mask: number;
  readonly dfd: number;
  readonly pathname: number;
}

function mark(thread: Thread, args: MarkArguments): number {
  const { flags } = args;
  const kind = demandFlags(args);
  const command = flags & COMMAND_BITS;
  const { descriptor: group } = thread.files.get(args.fanotify_fd);
  if (!(group instanceof FanotifyGroup)) fail(EINVAL, 'the descriptor is no fanotify group');
  const isLegacy = (flags & IGNORE_BITS) === FAN_MARK_IGNORED_MASK;
  const mask = isLegacy ? args.mask & ~EVENT_FLAGS : args.mask;
  demandEvents(group, kind, flags, mask);
  if (command === FAN_MARK_FLUSH) {
    group.removeAll(kind);
    return 0;
  }
  const path = findPath(thread, args);
  if (command === FAN_MARK_ADD) demandSupported(group, path, kind, flags, mask);
  if ((group.flags & FID_BITS) !== 0 && kind === 'fs' && !hasHandles(path.inode))
    fail(path.inode.fs.isPseudo === true ? ENODEV : EOPNOTSUPP, 'a file system without handles');
  const place: Markable = kind === 'inode' ? path.inode : kind === 'mount' ? path.mount : path.inode.fs;
  const isDirectory = kind === 'inode' && path.inode.isDirectory;
  if (command === FAN_MARK_REMOVE) return removeMark(group, place, flags, isDirectory, mask);
  if ((flags & IGNORE_BITS) !== 0 && (flags & FAN_MARK_IGNORED_SURV_MODIFY) === 0) {
    if ((flags & FAN_MARK_IGNORE) !== 0 && (kind !== 'inode' || isDirectory))
      fail(kind === 'inode' ? EISDIR : EINVAL, 'what is ignored there has to survive changes');
    if (kind === 'inode' && path.inode instanceof RegularInode && path.inode.writerCount > 0) return 0;
  }
  addMark(group, kind, place, flags, isDirectory ? mask : eventsOfFile(group, flags, mask));
  return 0;
}

/** A group that reports directories wants to know them of files that are marked themselves, too. */
function eventsOfFile(group: FanotifyGroup, flags: number, mask: number): number {
  const events = mask & ~FAN_EVENT_ON_CHILD;
  const reports = (group.flags & FAN_REPORT_DIR_FID) !== 0 && (flags & IGNORE_BITS) === 0;
  return reports ? events | FAN_EVENT_ON_CHILD : events;
}

function demandFlags({ flags, mask }: MarkArguments): PlaceKind {
  if (mask > 0xffff_ffff) fail(EINVAL, 'bits without a meaning');
  if ((flags & ~MARK_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const kind = MARK_TYPES[flags & TYPE_BITS] ?? fail(EINVAL, 'no such kind of mark');
  switch (flags & COMMAND_BITS) {
    case FAN_MARK_ADD:
    case FAN_MARK_REMOVE:
      if (mask === 0) fail(EINVAL, 'no events');
      break;
    case FAN_MARK_FLUSH:
      if ((flags & ~(TYPE_BITS | FAN_MARK_FLUSH)) !== 0) fail(EINVAL, 'flags that a flush does not know');
      break;
    default:
      fail(EINVAL, 'no command, or two');
  }
  if ((mask & ~(ALL_EVENTS | EVENT_FLAGS)) !== 0) fail(EINVAL, 'unknown events');
  if ((flags & IGNORE_BITS) === IGNORE_BITS) fail(EINVAL, 'both kinds of ignoring');
  return kind;
}

function demandEvents(group: FanotifyGroup, kind: PlaceKind, flags: number, mask: number): void {
  if (!group.isPrivileged && kind !== 'inode') fail(EPERM, 'more than a file needs CAP_SYS_ADMIN');
  if ((mask & QUESTIONS) !== 0 && group.priority === 0) fail(EINVAL, 'questions of a group without a class');
  if ((mask & FAN_PRE_ACCESS) !== 0 && group.priority < 2)
    fail(EINVAL, 'a question before the content is there');
  if ((mask & FAN_FS_ERROR) !== 0 && kind !== 'fs') fail(EINVAL, 'errors are of file systems');
  if ((flags & FAN_MARK_EVICTABLE) !== 0 && kind !== 'inode') fail(EINVAL, 'only inodes are evicted');
  const fidMode = group.flags & FID_BITS;
  const needsHandles = (mask & ~(FILE_EVENTS | QUESTIONS | EVENT_FLAGS)) !== 0;
  if (needsHandles && (fidMode === 0 || kind === 'mount')) fail(EINVAL, 'events that have no open file');
  if ((mask & FAN_RENAME) !== 0 && (fidMode & FAN_REPORT_NAME) === 0) fail(EINVAL, 'FAN_RENAME needs names');
  if ((mask & FAN_PRE_ACCESS) !== 0 && (mask & FAN_ONDIR) !== 0)
    fail(EINVAL, 'no such question of directories');
}

/** EBADF, ENOTDIR, what a path walk fails with, EACCES. */
function findPath(thread: Thread, { dfd, pathname, flags }: MarkArguments): Path {
  const directory = (flags & FAN_MARK_ONLYDIR) !== 0;
  let path: Path;
  if (pathname === 0) {
    path = pathOfFile(thread.kernel, thread.files.lookup(dfd) ?? fail(EBADF, 'no such descriptor'));
    if (directory && !path.inode.isDirectory) fail(ENOTDIR, 'no directory');
  } else {
    const follow = (flags & FAN_MARK_DONT_FOLLOW) === 0;
    path = resolve(thread, dfd, thread.user.readPath(pathname), { follow, directory });
  }
  demandAccess(thread.credentials, path.inode, MAY_READ, 'the file is not readable');
  return path;
}

/** fanotify_events_supported. */
function demandSupported(
  group: FanotifyGroup,
  { inode }: Path,
  kind: PlaceKind,
  flags: number,
  mask: number,
): void {
  if ((mask & FAN_PRE_ACCESS) !== 0) fail(EOPNOTSUPP, 'a file system that fills nothing in');
  if ((mask & QUESTIONS) !== 0 && inode.fs.type === 'proc') fail(EINVAL, 'no questions about /proc');
  if (kind !== 'inode' && inode.fs.isPseudo === true) fail(EINVAL, 'a mount of the kernel itself');
  const isStrict =
    (group.flags & FAN_REPORT_TARGET_FID) !== 0 ||
    (mask & FAN_RENAME) !== 0 ||
    (flags & FAN_MARK_IGNORE) !== 0;
  const ofDirectories = DIRENT_EVENTS | EVENT_FLAGS;
  if (isStrict && kind === 'inode' && !inode.isDirectory && (mask & ofDirectories) !== 0)
    fail(ENOTDIR, 'events of directories');
}

/** EEXIST: the mark would be weakened; ENOSPC. */
function addMark(group: FanotifyGroup, kind: PlaceKind, place: Markable, flags: number, mask: number): void {
  const isEvictable = (flags & FAN_MARK_EVICTABLE) !== 0;
  const survives = (flags & FAN_MARK_IGNORED_SURV_MODIFY) !== 0;
  let one = group.markAt(place);
  if (one !== undefined) demandUpdatable(one, flags, isEvictable, survives);
  else {
    const isLimited = (group.flags & FAN_UNLIMITED_MARKS) === 0;
    if (isLimited && group.markCount >= MAX_MARKS) fail(ENOSPC, 'fs.fanotify.max_user_marks are in use');
    one = group.add(kind, place);
    one.isEvictable = isEvictable;
  }
  if ((flags & IGNORE_BITS) === 0) one.mask |= mask;
  else {
    one.ignored |= mask;
    if ((flags & FAN_MARK_IGNORE) !== 0) one.hasIgnoreFlags = true;
    if (survives) one.survivesChange = true;
  }
}

function demandUpdatable(one: Mark, flags: number, isEvictable: boolean, survives: boolean): void {
  if (isEvictable && !one.isEvictable) fail(EEXIST, 'a mark that keeps its inode');
  if ((flags & FAN_MARK_IGNORED_MASK) !== 0 && one.hasIgnoreFlags) fail(EEXIST, 'FAN_MARK_IGNORE was used');
  if ((flags & FAN_MARK_IGNORE) !== 0 && !survives && one.survivesChange)
    fail(EEXIST, 'what is ignored survives changes');
  if (!isEvictable) one.isEvictable = false;
}

/** ENOENT: there is no mark. It goes when no event is left in it. */
function removeMark(
  group: FanotifyGroup,
  place: Markable,
  flags: number,
  isDirectory: boolean,
  given: number,
): number {
  const one = group.markAt(place) ?? fail(ENOENT, 'no mark there');
  const mask = isDirectory ? given : given & ~FAN_EVENT_ON_CHILD;
  if ((flags & IGNORE_BITS) === 0) one.mask &= ~mask;
  else one.ignored &= ~mask;
  const isLegacy = (flags & IGNORE_BITS) === FAN_MARK_IGNORED_MASK;
  const uncounted = (isLegacy ? EVENT_FLAGS : 0) | (isDirectory ? 0 : FAN_EVENT_ON_CHILD);
  if (((one.mask | one.ignored) & ~uncounted) === 0) group.remove(one);
  return 0;
}

export const FANOTIFY_CALLS = {
  262: syscall('fanotify_init', { flags: FanotifyInitFlags, event_f_flags: FanotifyEventFlags }, init, {
    returns: Fd,
    partial:
      'no reports of mounts (FAN_REPORT_MNT), no FAN_FS_ERROR events; other users are not limited together',
  }),
  263: syscall(
    'fanotify_mark',
    {
      fanotify_fd: Fd,
      flags: FanotifyMarkFlags,
      mask: FanotifyMask,
      dfd: FanotifyDirFd,
      pathname: PathKind,
    },
    mark,
  ),
};
