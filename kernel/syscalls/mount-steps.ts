// Mounts made by steps: fsopen, fsconfig, fsmount, fspick, open_tree, open_tree_attr and move_mount.
// Rows for late-families.ts. A mount that has no place yet is held by a descriptor; the file systems' parameters are kernel/fs/fs-config.ts.
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_PATH,
  O_RDWR,
} from '../abi/fcntl.ts';
import { CString, DirFd, Fd, Path as PathKind, Size } from '../abi/kinds/basic.ts';
import {
  FsconfigAux,
  FsconfigCommand,
  FsconfigKey,
  FsconfigValue,
  FsmountFlags,
  FsopenFlags,
  FspickFlags,
  MountAttrIn,
  MountAttributes,
  MoveMountFlags,
  OpenTreeFlags,
} from '../abi/kinds/mount-kinds.ts';
import * as abi from '../abi/mount.ts';
import { EBUSY, EINVAL, EOPNOTSUPP, EPERM, fail } from '../errno.ts';
import { installNew } from '../event/install.ts';
import { OpenFile } from '../file/open-file.ts';
import { PathOnlyFile } from '../file/path-only-file.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { FsConfig } from '../fs/fs-config.ts';
import { type Mount, treeOf } from '../fs/mount.ts';
import type { Mounting } from '../fs/mounting.ts';
import type { Path } from '../fs/path.ts';
import { resolveAt } from '../fs/resolve.ts';
import { TMPFS } from '../fs/tmpfs/mount-options.ts';
import { PATH_HOOKS } from '../landlock/paths.ts';
import { bytesToText } from '../mm/user-memory.ts';
import { userNamespaceOf } from '../namespaces/user-namespace.ts';
import { CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { changeMounts, flagsOfAttributes, readChange } from './mount-attributes.ts';
import { demandAdmin, rootOfMount, setReadOnly } from './mount-checks.ts';
import { move, setGroup } from './mount-moves.ts';
import { copyOf } from './mounts.ts';
import { fileLimit } from './open-close.ts';
import { syscall } from './syscall.ts';

const LONGEST_WORD = 256;
const LARGEST_BINARY = 1024 * 1024;
const TREE_FLAGS =
  AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | abi.OPEN_TREE_CLONE | O_CLOEXEC;
const MOVE_FLAGS = 0x377;
const FSMOUNT_ATTRIBUTES =
  abi.MOUNT_ATTR_RDONLY |
  abi.MOUNT_ATTR_NOSUID |
  abi.MOUNT_ATTR_NODEV |
  abi.MOUNT_ATTR_NOEXEC |
  abi.MOUNT_ATTR__ATIME |
  abi.MOUNT_ATTR_NODIRATIME |
  abi.MOUNT_ATTR_NOSYMFOLLOW;
const PICK_FLAGS =
  abi.FSPICK_CLOEXEC | abi.FSPICK_SYMLINK_NOFOLLOW | abi.FSPICK_NO_AUTOMOUNT | abi.FSPICK_EMPTY_PATH;

/** Holds mounts without a place: unless they have got one, they go when it is closed. */
class DetachedMount extends PathOnlyFile {
  readonly #mounting: Mounting;
  readonly #top: Mount;

  constructor(mounting: Mounting, top: Mount) {
    super(top.rootPath.inode);
    this.#mounting = mounting;
    this.#top = top;
  }

  override close(): void {
    this.#mounting.dissolve(this.#top);
  }
}

function fsopen(thread: Thread, { name, flags }: { name: number; flags: number }): number {
  demandAdmin(thread);
  if ((flags & ~abi.FSOPEN_CLOEXEC) !== 0) fail(EINVAL, 'unknown flags');
  const type = readWord(thread, name, 4096);
  thread.kernel.vfs.fileSystemType(type);
  return installConfig(
    thread,
    new FsConfig(contextInode(thread), userNamespaceOf(thread), type),
    (flags & abi.FSOPEN_CLOEXEC) !== 0,
  );
}

function contextInode({ kernel }: Thread) {
  return anonymousInode(kernel, '[fscontext]', 0o600);
}

function installConfig(thread: Thread, config: FsConfig, closeOnExec: boolean): number {
  return installNew(thread, config, O_RDWR, closeOnExec);
}

/** strndup_user: EINVAL when it is longer. */
function readWord(thread: Thread, address: number, limit: number): string {
  const bytes = thread.user.readCString(address, limit);
  if (bytes.length >= limit) fail(EINVAL, 'too long');
  return bytesToText(bytes);
}

interface PickArguments {
  readonly dfd: number;
  readonly path: number;
  readonly flags: number;
}

function fspick(thread: Thread, { dfd, path, flags }: PickArguments): number {
  demandAdmin(thread);
  if ((flags & ~PICK_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const how =
    ((flags & abi.FSPICK_SYMLINK_NOFOLLOW) === 0 ? 0 : AT_SYMLINK_NOFOLLOW) |
    ((flags & abi.FSPICK_EMPTY_PATH) === 0 ? 0 : AT_EMPTY_PATH);
  const { fs } = rootOfMount(resolveAt(thread, dfd, path, how));
  const config = new FsConfig(contextInode(thread), userNamespaceOf(thread), fs.type, fs);
  return installConfig(thread, config, (flags & abi.FSPICK_CLOEXEC) !== 0);
}

interface ConfigArguments {
  readonly fd: number;
  readonly cmd: number;
  readonly key: number;
  readonly value: number;
  readonly aux: number;
}

/** EINVAL, EOPNOTSUPP: not with such a command. */
function checkConfig({ fd, cmd, key, value, aux }: ConfigArguments): void {
  if (fd < 0) fail(EINVAL, 'no descriptor');
  const isRight = ((): boolean => {
    switch (cmd) {
      case abi.FSCONFIG_SET_FLAG:
        return key !== 0 && value === 0 && aux === 0;
      case abi.FSCONFIG_SET_STRING:
        return key !== 0 && value !== 0 && aux === 0;
      case abi.FSCONFIG_SET_BINARY:
        return key !== 0 && value !== 0 && aux > 0 && aux <= LARGEST_BINARY;
      case abi.FSCONFIG_SET_PATH:
      case abi.FSCONFIG_SET_PATH_EMPTY:
        return key !== 0 && value !== 0 && (aux === AT_FDCWD || aux >= 0);
      case abi.FSCONFIG_SET_FD:
        return key !== 0 && value === 0 && aux >= 0;
      case abi.FSCONFIG_CMD_CREATE:
      case abi.FSCONFIG_CMD_CREATE_EXCL:
      case abi.FSCONFIG_CMD_RECONFIGURE:
        return key === 0 && value === 0 && aux === 0;
      default:
        return fail(EOPNOTSUPP, 'no such command');
    }
  })();
  if (!isRight) fail(EINVAL, 'not what the command takes');
}

/** EINVAL, EOPNOTSUPP, EBADF, EBUSY, EPERM, EFAULT, and what the making of the file system fails with. */
function fsconfig(thread: Thread, given: ConfigArguments): number {
  checkConfig(given);
  const config = configOf(thread, given.fd);
  const { cmd, value } = given;
  const key = given.key === 0 ? '' : readWord(thread, given.key, LONGEST_WORD);
  switch (cmd) {
    case abi.FSCONFIG_SET_FLAG:
      config.set(thread, key, undefined);
      return 0;
    case abi.FSCONFIG_SET_STRING:
      config.set(thread, key, readWord(thread, value, LONGEST_WORD));
      return 0;
    case abi.FSCONFIG_CMD_CREATE:
    case abi.FSCONFIG_CMD_CREATE_EXCL:
      return create(thread, config, cmd === abi.FSCONFIG_CMD_CREATE_EXCL);
    case abi.FSCONFIG_CMD_RECONFIGURE:
      return reconfigure(thread, config);
    default:
      return refuseValue(thread, config, given, key);
  }
}

/** No file system here has parameters that are descriptors, paths or bytes. */
function refuseValue(
  thread: Thread,
  config: FsConfig,
  { cmd, value, aux }: ConfigArguments,
  key: string,
): never {
  if (cmd === abi.FSCONFIG_SET_FD) thread.files.any(aux);
  else if (cmd === abi.FSCONFIG_SET_BINARY) thread.user.read(value, aux);
  else thread.user.readPath(value);
  if (config.phase !== 'create' && config.phase !== 'reconfigure') fail(EBUSY, 'no parameters now');
  return config.refuse(key === 'source' ? 'Non-string source' : `${config.type}: Unknown parameter '${key}'`);
}

function configOf(thread: Thread, fd: number): FsConfig {
  const { descriptor } = thread.files.get(fd);
  return descriptor instanceof FsConfig ? descriptor : fail(EINVAL, 'not a file system that is being made');
}

function create(thread: Thread, config: FsConfig, isExclusive: boolean): number {
  if (config.phase !== 'create') fail(EBUSY, 'it is made already, or cannot be');
  if (!capableIn(thread.credentials, CAP_SYS_ADMIN, config.owner))
    fail(EPERM, 'opened in another user namespace');
  config.phase = 'failed';
  const { vfs } = thread.kernel;
  if (isExclusive && vfs.fileSystemType(config.type).isShared === true) fail(EBUSY, 'there is one already');
  const fs = vfs.makeFileSystem(thread, config.type, config.options);
  if (config.readOnly === true) setReadOnly(thread, fs, true);
  config.made = fs;
  config.phase = 'mount';
  return 0;
}

function reconfigure(thread: Thread, config: FsConfig): number {
  const { credentials, kernel } = thread;
  if (config.phase !== 'reconfigure') fail(EBUSY, 'not now');
  if (!capableIn(credentials, CAP_SYS_ADMIN, kernel.namespaces.user) && config.made === undefined)
    fail(EPERM, 'needs CAP_SYS_ADMIN where it was made');
  const fs = config.picked ?? config.made;
  const wanted = config.picked === undefined ? undefined : TMPFS.parse(thread, config.picked, config.options);
  if (fs !== undefined && config.readOnly !== undefined) setReadOnly(thread, fs, config.readOnly);
  if (fs !== undefined) TMPFS.reconfigure(fs, wanted);
  config.readOnly = undefined;
  kernel.vfs.mountChanges.happened();
  return 0;
}

interface FsmountArguments {
  readonly fd: number;
  readonly flags: number;
  readonly attributes: number;
}

function fsmount(thread: Thread, { fd, flags, attributes }: FsmountArguments): number {
  demandAdmin(thread);
  if ((flags & ~abi.FSMOUNT_CLOEXEC) !== 0) fail(EINVAL, 'unknown flags');
  if ((attributes & ~FSMOUNT_ATTRIBUTES) !== 0) fail(EINVAL, 'unknown attributes');
  const mountFlags = flagsOfAttributes(attributes);
  const config = configOf(thread, fd);
  const { made, picked, phase } = config;
  if (made === undefined && picked === undefined) fail(EINVAL, 'nothing is made yet');
  if (made === undefined || phase !== 'mount') return fail(EBUSY, 'it is mounted already');
  const { vfs } = thread.kernel;
  const top = vfs.mountFor(thread, made, mountFlags, config.source);
  vfs.mounting.hold(top, treeOf(thread));
  const installed = installDetached(thread, top, (flags & abi.FSMOUNT_CLOEXEC) !== 0);
  config.phase = 'reconfigure';
  return installed;
}

/** The descriptor that holds it. EMFILE. */
function installDetached(thread: Thread, top: Mount, closeOnExec: boolean): number {
  return installPath(
    thread,
    new OpenFile(new DetachedMount(thread.kernel.vfs.mounting, top), O_PATH, top.rootPath),
    closeOnExec,
  );
}

function installPath(thread: Thread, file: OpenFile, closeOnExec: boolean): number {
  try {
    return thread.files.install(file, fileLimit(thread), closeOnExec);
  } catch (failure) {
    file.release();
    throw failure;
  }
}

/** The place that a descriptor of a detached mount is, or a path. EINVAL, EPERM and what a path walk fails with. */
function openTree(
  thread: Thread,
  { dfd, path, flags }: PickArguments,
): { place: Path; detached: Mount | undefined } {
  if ((flags & ~TREE_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const isCopy = (flags & abi.OPEN_TREE_CLONE) !== 0;
  if ((flags & AT_RECURSIVE) !== 0 && !isCopy) fail(EINVAL, 'AT_RECURSIVE is about a copy');
  if (isCopy) demandAdmin(thread);
  const place = resolveAt(thread, dfd, path, flags);
  if (!isCopy) return { place, detached: undefined };
  const top = copyOf(thread, place, (flags & AT_RECURSIVE) !== 0);
  const { tree } = place.mount;
  thread.kernel.vfs.mounting.hold(top, treeOf(thread), tree?.isDetached === true ? tree.origin : tree);
  return { place: top.rootPath, detached: top };
}

function installTree(thread: Thread, opened: ReturnType<typeof openTree>, closeOnExec: boolean): number {
  const { place, detached } = opened;
  if (detached !== undefined) return installDetached(thread, detached, closeOnExec);
  return installPath(thread, new OpenFile(new PathOnlyFile(place.inode), O_PATH, place), closeOnExec);
}

interface TreeAttributes extends PickArguments {
  readonly uattr: number;
  readonly usize: number;
}

/** As open_tree and mount_setattr at once. */
function openTreeAttr(thread: Thread, given: TreeAttributes): number {
  const { uattr, usize, flags } = given;
  if (uattr === 0 && usize !== 0) fail(EINVAL, 'a size of nothing');
  const opened = openTree(thread, given);
  try {
    const wanted = uattr === 0 ? undefined : readChange(thread, uattr, usize, opened.detached !== undefined);
    if (wanted !== undefined) changeMounts(thread, opened.place, (flags & AT_RECURSIVE) !== 0, wanted);
    return installTree(thread, opened, (flags & O_CLOEXEC) !== 0);
  } catch (failure) {
    if (opened.detached !== undefined) thread.kernel.vfs.mounting.dissolve(opened.detached);
    throw failure;
  }
}

interface MoveArguments {
  readonly from_dfd: number;
  readonly from_path: number;
  readonly to_dfd: number;
  readonly to_path: number;
  readonly flags: number;
}

/** EPERM, EINVAL, ELOOP, ENOSPC and what a path walk fails with. */
function moveMount(thread: Thread, { from_dfd, from_path, to_dfd, to_path, flags }: MoveArguments): number {
  demandAdmin(thread);
  if ((flags & ~MOVE_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const special = flags & (abi.MOVE_MOUNT_BENEATH | abi.MOVE_MOUNT_SET_GROUP);
  if (special === (abi.MOVE_MOUNT_BENEATH | abi.MOVE_MOUNT_SET_GROUP))
    fail(EINVAL, 'beneath, or into a group');
  const walkFlags = (follows: number, empty: number): number =>
    ((flags & follows) === 0 ? AT_SYMLINK_NOFOLLOW : 0) | ((flags & empty) === 0 ? 0 : AT_EMPTY_PATH);
  const at = resolveAt(
    thread,
    to_dfd,
    to_path,
    walkFlags(abi.MOVE_MOUNT_T_SYMLINKS, abi.MOVE_MOUNT_T_EMPTY_PATH),
  );
  const source = resolveAt(
    thread,
    from_dfd,
    from_path,
    walkFlags(abi.MOVE_MOUNT_F_SYMLINKS, abi.MOVE_MOUNT_F_EMPTY_PATH),
  );
  PATH_HOOKS.demandMounting(thread);
  if (special === abi.MOVE_MOUNT_SET_GROUP) return setGroup(thread, source, at);
  return move(thread, at, source, special !== 0);
}

const TREE = { dfd: DirFd, path: PathKind, flags: OpenTreeFlags } as const;

export const MOUNT_STEP_CALLS = {
  428: syscall(
    'open_tree',
    TREE,
    (thread, given) => installTree(thread, openTree(thread, given), (given.flags & O_CLOEXEC) !== 0),
    { returns: Fd },
  ),
  429: syscall(
    'move_mount',
    { from_dfd: DirFd, from_path: PathKind, to_dfd: DirFd, to_path: PathKind, flags: MoveMountFlags },
    moveMount,
  ),
  430: syscall('fsopen', { name: CString, flags: FsopenFlags }, fsopen, { returns: Fd }),
  431: syscall(
    'fsconfig',
    { fd: Fd, cmd: FsconfigCommand, key: FsconfigKey, value: FsconfigValue, aux: FsconfigAux },
    fsconfig,
    { partial: 'sizes, modes and owners of a file system that is there already do not change' },
  ),
  432: syscall('fsmount', { fd: Fd, flags: FsmountFlags, attributes: MountAttributes }, fsmount, {
    returns: Fd,
  }),
  433: syscall('fspick', { dfd: DirFd, path: PathKind, flags: FspickFlags }, fspick, { returns: Fd }),
  467: syscall('open_tree_attr', { ...TREE, uattr: MountAttrIn, usize: Size }, openTreeAttr, {
    returns: Fd,
    partial: 'no id-mapped mounts: EINVAL',
  }),
};
