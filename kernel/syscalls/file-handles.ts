// name_to_handle_at and open_by_handle_at (open_by_handle_at(2), fs/fhandle.c): files in memory by number and generation.
// Rows for table.ts; the file system remembers whose handles were given (fs/tmpfs/memory-fs.ts), others have none.
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_FOLLOW,
  O_ACCMODE,
  O_CLOEXEC,
  O_EXCL,
  O_NONBLOCK,
  O_RDWR,
} from '../abi/fcntl.ts';
import { DirFd, Fd, Path as PathKind } from '../abi/kinds/basic.ts';
import { HandleFlags, OpenFlags } from '../abi/kinds/file-kinds.ts';
import { FileHandleIn, FileHandleOut, MountIdOut } from '../abi/kinds/handle-kinds.ts';
import { i32, struct, u32 } from '../abi/struct.ts';
import { EINVAL, EOPNOTSUPP, EOVERFLOW, EPERM, ESTALE, fail } from '../errno.ts';
import { OpenFile } from '../file/open-file.ts';
import { pathOfFile } from '../fs/anonymous.ts';
import {
  encodeHandle,
  FILEID_KERNFS,
  FILEID_NSFS,
  Fid,
  hasHandles,
  NamespaceFid,
  PidFid,
} from '../fs/handles.ts';
import { openFound } from '../fs/open.ts';
import { VALID_OPEN_FLAGS } from '../fs/open-flags.ts';
import { Path } from '../fs/path.ts';
import { resolve } from '../fs/resolve.ts';
import { MemoryFileSystem } from '../fs/tmpfs/memory-fs.ts';
import { liveNamespaces } from '../namespaces/live-namespaces.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import { namespacePath } from '../namespaces/namespace-file.ts';
import { pidNamespaceOf } from '../namespaces/pid-namespace.ts';
import { UserNamespace, userNamespaceOf } from '../namespaces/user-namespace.ts';
import { CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN, capable, capableIn } from '../task/credentials.ts';
import { PidFd, type PidInode, pidPathOf } from '../task/pid-fd.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { type Answer, syscall } from './syscall.ts';

/** In place of a descriptor: any pidfd (include/uapi/linux/fcntl.h). */
const FD_PIDFS_ROOT = -10_002;
/** The same: any file of a namespace. */
const FD_NSFS_ROOT = -10_003;
const PIDFD_OPEN_FLAGS = O_ACCMODE | O_NONBLOCK | O_CLOEXEC | O_EXCL;
const AT_HANDLE_MNT_ID_UNIQUE = 1;
const AT_HANDLE_CONNECTABLE = 2;
const AT_HANDLE_FID = 0x200;
const KNOWN_FLAGS =
  AT_SYMLINK_FOLLOW | AT_EMPTY_PATH | AT_HANDLE_FID | AT_HANDLE_MNT_ID_UNIQUE | AT_HANDLE_CONNECTABLE;

const FileHandle = struct('file_handle', { handle_bytes: u32, handle_type: i32 });
const MAX_HANDLE_SZ = 128;

interface NameArguments {
  readonly dfd: number;
  readonly name: number;
  readonly handle: number;
  readonly mnt_id: number;
  readonly flag: number;
}

/** EINVAL, EOPNOTSUPP: the file system has no handles. EFAULT; EOVERFLOW: no room, and how much is needed. */
function nameToHandle(thread: Thread, { dfd, name, handle, mnt_id, flag }: NameArguments): number {
  if ((flag & ~KNOWN_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const isConnectable = (flag & AT_HANDLE_CONNECTABLE) !== 0;
  if (isConnectable && (flag & (AT_HANDLE_FID | AT_EMPTY_PATH)) !== 0)
    fail(EINVAL, 'a handle with its parent, of something that has none');
  const { user } = thread;
  const text = user.readPath(name);
  const path = resolve(thread, dfd, text, {
    follow: (flag & AT_SYMLINK_FOLLOW) !== 0,
    allowEmpty: (flag & AT_EMPTY_PATH) !== 0,
  });
  const isIdentity = (flag & AT_HANDLE_FID) !== 0;
  if (isConnectable || (!hasHandles(path.inode) && !isIdentity))
    fail(EOPNOTSUPP, 'this file system has no such handles');
  const { handle_bytes: room } = user.readStruct(handle, FileHandle);
  if (room > MAX_HANDLE_SZ) fail(EINVAL, 'larger than any handle');
  const encoded = encodeHandle(thread.kernel, path.inode, path.dentry);
  const size = encoded.bytes.length;
  const isTooSmall = room < size;
  if ((flag & AT_HANDLE_MNT_ID_UNIQUE) !== 0) user.writeU64(mnt_id, path.mount.uniqueId);
  else user.writeU32(mnt_id, path.mount.id);
  const type = isTooSmall ? 0xff : encoded.type;
  user.writeStruct(handle, FileHandle, { handle_bytes: size, handle_type: type });
  if (isTooSmall) fail(EOVERFLOW, 'the handle does not fit');
  user.write(handle + FileHandle.size, encoded.bytes);
  return 0;
}

interface OpenArguments {
  readonly mountdirfd: number;
  readonly handle: number;
  readonly flags: number;
}

/** EFAULT, EINVAL, EBADF, EPERM; ESTALE: no such file (any more). Then as openat. */
function openByHandle(thread: Thread, { mountdirfd, handle, flags }: OpenArguments): Answer {
  const { user, credentials, files } = thread;
  const { handle_bytes: length, handle_type: type } = user.readStruct(handle, FileHandle);
  if (length > MAX_HANDLE_SZ || length === 0) fail(EINVAL, 'no handle is as long');
  if (type < 0) fail(EINVAL, 'no type of handles');
  const bytes = user.read(handle + FileHandle.size, length);
  const anchor = anchorOf(thread, mountdirfd);
  const isPidFd = anchor.mount === thread.kernel.vfs.pidMount;
  const isNamespace = anchor.mount === thread.kernel.vfs.namespaceMount;
  if (isPidFd) {
    if ((flags & ~PIDFD_OPEN_FLAGS) !== 0) fail(EINVAL, 'flags that pidfds do not have');
  } else if (
    !isNamespace &&
    !capable(credentials, CAP_DAC_READ_SEARCH) &&
    !capable(credentials, CAP_SYS_ADMIN)
  )
    fail(EPERM, 'handles pass by the permissions of directories');
  const path = decode(thread, anchor, type, bytes) ?? fail(ESTALE, 'no such file');
  const limit = thread.process.limits.get(RLIMIT_NOFILE).soft;
  files.freeNumbers(1, limit);
  const file = isPidFd ? openPidPath(path, flags) : openFound(thread, path, flags & VALID_OPEN_FLAGS);
  return file instanceof OpenFile ? files.install(file, limit, (flags & O_CLOEXEC) !== 0) : file;
}

/** Of the file system that the handle is of. EBADF. */
function anchorOf({ fs, files, kernel }: Thread, fd: number): Path {
  if (fd === AT_FDCWD) return fs.cwd;
  if (fd === FD_NSFS_ROOT) return kernel.vfs.namespaceMount.rootPath;
  return fd === FD_PIDFS_ROOT ? kernel.vfs.pidMount.rootPath : pathOfFile(kernel, files.any(fd));
}

/** Pidfds are always open for both (fs/pidfs.c, pidfs_export_open). */
function openPidPath(path: Path, flags: number): OpenFile {
  const inode = path.inode as PidInode;
  return new OpenFile(new PidFd(inode, inode.thread), O_RDWR | (flags & (O_NONBLOCK | O_CLOEXEC)), path);
}

function decode(thread: Thread, anchor: Path, type: number, bytes: Uint8Array): Path | undefined {
  const { vfs } = thread.kernel;
  if (anchor.mount === vfs.pidMount) return decodePidFd(thread, type, bytes);
  if (anchor.mount === vfs.namespaceMount) return decodeNamespace(thread, type, bytes);
  return decodeFile(anchor, bytes);
}

function decodePidFd(thread: Thread, type: number, bytes: Uint8Array): Path | undefined {
  const isPidFid = type === FILEID_KERNFS && bytes.length >= PidFid.size;
  return isPidFid ? pidPathOf(thread, PidFid.decode(bytes).ino) : undefined;
}

/** Of one that there still is, which the caller is in or whose owner he is (nsfs_fh_to_dentry). */
function decodeNamespace(thread: Thread, type: number, bytes: Uint8Array): Path | undefined {
  if (type !== FILEID_NSFS || bytes.length < NamespaceFid.size) return undefined;
  const { ns_id, ns_type, ns_inum } = NamespaceFid.decode(bytes);
  const { kernel, credentials } = thread;
  for (const each of liveNamespaces(kernel)) {
    if (each.id !== ns_id || each.flag !== ns_type || each.ino !== ns_inum) continue;
    const owner = each instanceof UserNamespace ? each : each.owner;
    const isAllowed = isIn(thread, each) || capableIn(credentials, CAP_SYS_ADMIN, owner);
    return isAllowed ? namespacePath(kernel, each) : undefined;
  }
  return undefined;
}

/** current_in_namespace. */
function isIn(thread: Thread, namespace: Namespace): boolean {
  const { cgroup, ipc, mnt, net, time, uts } = thread.namespaces;
  const own: readonly Namespace[] = [
    cgroup,
    ipc,
    mnt,
    net,
    time,
    uts,
    userNamespaceOf(thread),
    pidNamespaceOf(thread.kernel, thread.process),
  ];
  return own.includes(namespace);
}

function decodeFile(anchor: Path, bytes: Uint8Array): Path | undefined {
  const { fs } = anchor.mount;
  if (bytes.length < Fid.size || !(fs instanceof MemoryFileSystem)) return undefined;
  const { generation, ino, ino_high } = Fid.decode(bytes);
  const known = fs.handles.get(ino + ino_high * 2 ** 32);
  return known?.generation === generation ? new Path(anchor.mount, known.dentry) : undefined;
}

export const FILE_HANDLE_CALLS = {
  264: syscall(
    'name_to_handle_at',
    { dfd: DirFd, name: PathKind, handle: FileHandleOut, mnt_id: MountIdOut, flag: HandleFlags },
    nameToHandle,
  ),
  265: syscall(
    'open_by_handle_at',
    { mountdirfd: DirFd, handle: FileHandleIn, flags: OpenFlags },
    openByHandle,
    {
      returns: Fd,
    },
  ),
};
