// From a name to the socket that has it, and binding names: paths through the file system, abstract ones by table.
// bind, connect and datagram sends call it. Identity of a path name is the inode: rename and hard links keep it.
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { LANDLOCK_SCOPE } from '../../abi/landlock.ts';
import { S_IFMT, S_IFSOCK } from '../../abi/stat.ts';
import {
  EACCES,
  EADDRINUSE,
  ECONNREFUSED,
  EEXIST,
  EINVAL,
  ENOSPC,
  EPERM,
  EPROTOTYPE,
  fail,
  isFailure,
} from '../../errno.ts';
import { makeNode } from '../../fs/make-node.ts';
import type { Path } from '../../fs/path.ts';
import { MAY_WRITE, mayAccess } from '../../fs/permission.ts';
import { resolve } from '../../fs/resolve.ts';
import { isScoped } from '../../landlock/domain.ts';
import type { Thread } from '../../task/thread.ts';
import { type AbstractAddress, autobindAddress, type PathAddress } from './address.ts';
import type { UnixSocket } from './unix-socket.ts';

/**
 * The socket of the asker's type with this name (unix_find_other); abstract names are those of its network namespace.
 * Path: what resolving gives (ENOENT, EACCES, ENOTDIR, ELOOP …); EACCES without write permission on the inode;
 * ECONNREFUSED when it is no socket or nobody has it; EPROTOTYPE when it is of another type.
 * Abstract: ECONNREFUSED when nobody has it.
 */
export function findSocket(
  thread: Thread,
  address: PathAddress | AbstractAddress,
  { net, type }: UnixSocket,
): UnixSocket {
  if (address.kind === 'abstract') {
    const found = net.abstractNames.lookup(type, address.name);
    return found ?? fail(ECONNREFUSED, 'no socket of this type has the abstract name');
  }
  const { inode } = resolve(thread, AT_FDCWD, address.path, { follow: true });
  if (!mayAccess(thread.credentials, inode, MAY_WRITE))
    fail(EACCES, 'connecting needs write permission on the socket');
  if ((inode.mode & S_IFMT) !== S_IFSOCK) fail(ECONNREFUSED, 'the path is not a socket');
  const socket = inode.boundSocket as UnixSocket | undefined;
  if (socket === undefined) fail(ECONNREFUSED, 'nobody has the socket at this path open');
  if (socket.type !== type) fail(EPROTOTYPE, 'the socket at this path is of another type');
  return socket;
}

/** May the thread connect or send to `other`, as far as Landlock is concerned? EPERM: an abstract name of another domain. */
export function demandReach({ credentials }: Thread, other: UnixSocket): void {
  const { domain } = credentials;
  if (domain === undefined || other.address.kind !== 'abstract') return;
  if (isScoped(domain, other.domain, LANDLOCK_SCOPE.ABSTRACT_UNIX_SOCKET))
    fail(EPERM, 'the abstract socket is outside of the domain');
}

/**
 * Makes the inode and binds it. EADDRINUSE: the name exists. EINVAL: the socket has a name already; the inode is
 * removed again, as the kernel looks at the path first. Otherwise as mknod.
 */
export function bindPath(thread: Thread, socket: UnixSocket, address: PathAddress): void {
  const path = makeSocketInode(thread, socket, address);
  if (socket.address.kind !== 'unnamed') {
    const { parent, name } = path.dentry;
    parent?.inode.unlink(name);
    parent?.childRemoved(name);
    fail(EINVAL, 'the socket has a name already');
  }
  path.inode.boundSocket = socket;
  socket.address = address;
  socket.boundPath = path;
}

function makeSocketInode(thread: Thread, socket: UnixSocket, address: PathAddress): Path {
  try {
    return makeNode(thread, AT_FDCWD, address.path, S_IFSOCK | (socket.inode.mode & 0o7777), 0);
  } catch (thrown) {
    if (isFailure(thrown) && thrown.errno === EEXIST) fail(EADDRINUSE, 'the path exists');
    throw thrown;
  }
}

/** EINVAL: the socket has a name. EADDRINUSE: the name is taken. */
export function bindAbstract(socket: UnixSocket, address: AbstractAddress): void {
  if (socket.address.kind !== 'unnamed') fail(EINVAL, 'the socket has a name already');
  if (!socket.net.abstractNames.add(socket.type, address.name, socket)) {
    fail(EADDRINUSE, 'the abstract name is taken');
  }
  socket.address = address;
}

/** Gives an unnamed socket a free name of five hex digits; a named one keeps its own. ENOSPC when all are taken. */
export function autobind(socket: UnixSocket): void {
  if (socket.address.kind !== 'unnamed') return;
  const first = socket.kernel.random.below(0x100000);
  for (let i = 0; i < 0x100000; i++) {
    const address = autobindAddress(first + i);
    if (socket.net.abstractNames.add(socket.type, address.name, socket)) {
      socket.address = address;
      return;
    }
  }
  fail(ENOSPC, 'all autobind names are taken');
}

/** The socket closes: its name is free, a path's inode stays without a socket. */
export function forgetName(socket: UnixSocket): void {
  const { address, boundPath } = socket;
  if (address.kind === 'abstract' && socket.net.abstractNames.lookup(socket.type, address.name) === socket) {
    socket.net.abstractNames.remove(socket.type, address.name);
  }
  if (boundPath === undefined) return;
  if (boundPath.inode.boundSocket === socket) boundPath.inode.boundSocket = undefined;
  socket.boundPath = undefined;
}
