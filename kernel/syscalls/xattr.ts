// Extended attributes (xattr(7)): get, set, list and remove, by path, by link and by descriptor.
// Rows for table.ts; values live in Inode.xattrs. Namespaces are user, trusted, security and system.

import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../abi/fcntl.ts';
import { CString, DirFd, Fd, Path as PathKind, Size } from '../abi/kinds/basic.ts';
import { AtFlags, XattrArgsIn, XattrFlags } from '../abi/kinds/file-kinds.ts';
import { XattrValueIn, XattrValueOut } from '../abi/kinds/system-kinds.ts';
import { S_IFDIR, S_IFREG, S_IFSOCK } from '../abi/stat.ts';
import { XattrArgs } from '../abi/xattr.ts';
import { E2BIG, EAGAIN, EEXIST, EINVAL, ENODATA, ENOSPC, EOPNOTSUPP, EPERM, ERANGE, fail } from '../errno.ts';
import { AnonymousInode, pathOfFile } from '../fs/anonymous.ts';
import type { Inode } from '../fs/inode.ts';
import { IN_ATTRIB, notifyChange } from '../fs/notify.ts';
import type { Path } from '../fs/path.ts';
import {
  demandAccess,
  demandFree,
  demandWritableMount,
  MAY_READ,
  MAY_WRITE,
  ownsInode,
} from '../fs/permission.ts';
import { resolve, resolveAt } from '../fs/resolve.ts';
import type { MemoryInode } from '../fs/tmpfs/memory-directory.ts';
import { bytesToText, textToBytes } from '../mm/user-memory.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { readExtensible } from './extensible-struct.ts';
import { syscall } from './syscall.ts';

const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
const NAME_LIMIT = 255;
const VALUE_LIMIT = 65_536;
const LIST_LIMIT = 65_536;
/** What one inode may hold, so that a guest cannot fill the host with attributes. */
const INODE_LIMIT = 131_072;
/** What an attribute costs besides its bytes. */
const ATTRIBUTE_COST = 64;

type Find = (thread: Thread, where: number) => Path;
const byPath: Find = (thread, where) => resolve(thread, AT_FDCWD, thread.user.readPath(where));
const byLink: Find = (thread, where) =>
  resolve(thread, AT_FDCWD, thread.user.readPath(where), { follow: false });
const byFd: Find = (thread, fd) => pathOfFile(thread.kernel, thread.files.get(fd));

interface Place {
  readonly dfd: number;
  readonly path: number;
  readonly at_flags: number;
}

/** Where the *at calls look: as fsetxattr with AT_EMPTY_PATH and an empty path or none. EINVAL. */
function byPlace(thread: Thread, { dfd, path, at_flags }: Place): () => Path {
  if ((at_flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) fail(EINVAL, 'unknown flags');
  return () => {
    const isEmpty = path === 0 || thread.user.readPath(path) === '';
    if ((at_flags & AT_EMPTY_PATH) !== 0 && isEmpty) return byFd(thread, dfd);
    return resolveAt(thread, dfd, path, at_flags);
  };
}

/** The same, but AT_FDCWD is the working directory: to set and to get, not to list and to remove (path_setxattrat, path_listxattrat). */
function byPlaceOrHere(thread: Thread, place: Place): () => Path {
  const found = byPlace(thread, place);
  const { dfd, path, at_flags } = place;
  const mayBeHere = dfd === AT_FDCWD && (at_flags & AT_EMPTY_PATH) !== 0;
  return () => (mayBeHere && (path === 0 || thread.user.readPath(path) === '') ? thread.fs.cwd : found());
}

/** ERANGE for an empty or too long name (fs/xattr.c, import_xattr_name). */
function readName(thread: Thread, address: number): string {
  const bytes = thread.user.readCString(address, NAME_LIMIT + 1, ERANGE);
  if (bytes.length === 0) fail(ERANGE, 'an empty attribute name');
  return bytesToText(bytes);
}

/** Who may touch attributes of this namespace (fs/xattr.c, xattr_permission). */
function demandPermission(thread: Thread, { inode }: Path, name: string, mask: number): void {
  const { credentials } = thread;
  const isWrite = mask === MAY_WRITE;
  if (isWrite) demandFree(inode);
  if (name.startsWith('trusted.')) {
    if (!capable(credentials, CAP_SYS_ADMIN))
      fail(isWrite ? EPERM : ENODATA, 'trusted attributes need CAP_SYS_ADMIN');
    return;
  }
  if (name.startsWith('security.')) {
    if (isWrite && !capable(credentials, CAP_SYS_ADMIN))
      fail(EPERM, 'security attributes need CAP_SYS_ADMIN');
    return;
  }
  if (name.startsWith('system.')) return;
  const isUser = name.startsWith('user.');
  if (isUser && inode.type !== S_IFREG && inode.type !== S_IFDIR && inode.fs.hasXattrs !== 'trusted') {
    fail(isWrite ? EPERM : ENODATA, 'user attributes are for regular files and directories');
  }
  if (
    isUser &&
    isWrite &&
    inode.isDirectory &&
    (inode.mode & 0o1000) !== 0 &&
    !ownsInode(credentials, inode)
  ) {
    fail(EPERM, 'a sticky directory of someone else');
  }
  demandAccess(credentials, inode, mask, 'the mode bits do not allow it');
}

/** A file system with attributes, a known namespace and something behind it (fs/xattr.c, xattr_resolve_name). */
function demandKnownName(inode: Inode, name: string): void {
  const has = 'lifetime' in inode ? true : inode.fs.hasXattrs;
  if (has === undefined) fail(EOPNOTSUPP, 'this file system has no extended attributes');
  const known = has === 'trusted' ? ['trusted.'] : ['user.', 'trusted.', 'security.'];
  const prefix = known.find((each) => name.startsWith(each));
  if (prefix === undefined) fail(EOPNOTSUPP, 'unknown attribute namespace');
  if (name === prefix) fail(EINVAL, 'nothing behind the namespace');
}

function set(
  thread: Thread,
  find: () => Path,
  args: Readonly<Record<'name' | 'value' | 'size' | 'flags', number>>,
): number {
  if ((args.flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) fail(EINVAL, 'unknown flags');
  const name = readName(thread, args.name);
  if (args.size > VALUE_LIMIT) fail(E2BIG, 'the value is too long');
  const value = thread.user.read(args.value, args.size);
  const path = find();
  demandWritableMount(path);
  demandPermission(thread, path, name, MAY_WRITE);
  demandKnownName(path.inode, name);
  const { inode } = path;
  const known = inode.xattrs?.get(name);
  if ((args.flags & XATTR_CREATE) !== 0 && known !== undefined) fail(EEXIST, 'XATTR_CREATE, and it exists');
  if ((args.flags & XATTR_REPLACE) !== 0 && known === undefined)
    fail(ENODATA, 'XATTR_REPLACE, and there is none');
  let total = name.length + value.length;
  for (const [other, held] of inode.xattrs ?? []) if (other !== name) total += other.length + held.length;
  if (total > INODE_LIMIT) fail(ENOSPC, 'no room for more attributes of this file');
  if (!chargeChange(inode, name, value)) fail(ENOSPC, 'no room left on this file system');
  inode.xattrs ??= new Map();
  inode.xattrs.set(name, value);
  inode.ctimeNs = thread.kernel.clock.realtimeNs();
  notifyChange(path, IN_ATTRIB);
  return 0;
}

/** Pays for what attribute `name` grows by when it becomes `value`, or gives back; false when there is no room. */
function chargeChange(inode: Inode, name: string, value: Uint8Array | undefined): boolean {
  const known = inode.xattrs?.get(name);
  const before = known === undefined ? 0 : ATTRIBUTE_COST + name.length + known.length;
  const after = value === undefined ? 0 : ATTRIBUTE_COST + name.length + value.length;
  const { lifetime } = inode as Partial<MemoryInode>;
  return lifetime === undefined || lifetime.charge(after - before);
}

/** Size 0 asks for the length; ERANGE when the buffer is too small. */
function get(
  thread: Thread,
  find: () => Path,
  args: Readonly<Record<'name' | 'value' | 'size', number>>,
): number {
  const name = readName(thread, args.name);
  const path = find();
  demandPermission(thread, path, name, MAY_READ);
  const known = path.inode.xattrs?.get(name);
  if (known === undefined) demandKnownName(path.inode, name);
  const value = known ?? fail(ENODATA, 'no such attribute');
  return give(thread, args.value, args.size, value);
}

function give(thread: Thread, address: number, size: number, bytes: Uint8Array): number {
  if (size === 0) return bytes.length;
  if (bytes.length > size) fail(ERANGE, 'the buffer is too small');
  thread.user.write(address, bytes);
  return bytes.length;
}

function list(thread: Thread, find: () => Path, args: Readonly<Record<'list' | 'size', number>>): number {
  const { inode } = find();
  const seesTrusted = capable(thread.credentials, CAP_SYS_ADMIN);
  const names = [...(inode.xattrs?.keys() ?? [])].filter(
    (name) => seesTrusted || !name.startsWith('trusted.'),
  );
  const bytes = textToBytes(names.map((name) => `${name}\0`).join(''));
  if (bytes.length > LIST_LIMIT) fail(E2BIG, 'the list is too long');
  return give(thread, args.list, args.size, bytes);
}

function remove(thread: Thread, find: () => Path, nameAddress: number): number {
  const name = readName(thread, nameAddress);
  const path = find();
  demandWritableMount(path);
  demandPermission(thread, path, name, MAY_WRITE);
  // sockfs_security_xattr_set leaves it to a security module, which is not asked about a removal
  if (path.inode instanceof AnonymousInode && path.inode.type === S_IFSOCK && name.startsWith('security.'))
    fail(EAGAIN, 'attributes of sockets belong to a security module');
  demandKnownName(path.inode, name);
  if (path.inode.xattrs?.has(name) !== true) fail(ENODATA, 'no such attribute');
  chargeChange(path.inode, name, undefined);
  path.inode.xattrs.delete(name);
  path.inode.ctimeNs = thread.kernel.clock.realtimeNs();
  notifyChange(path, IN_ATTRIB);
  return 0;
}

const SET = { name: CString, value: XattrValueIn, size: Size, flags: XattrFlags };
const GET = { name: CString, value: XattrValueOut, size: Size };
const LIST = { list: XattrValueOut, size: Size };

const PLACE = { dfd: DirFd, path: PathKind, at_flags: AtFlags };
const AT_ARGS = { ...PLACE, name: CString, uargs: XattrArgsIn, usize: Size };

export const XATTR_CALLS = {
  5: syscall('setxattr', { path: PathKind, ...SET }, (t, a) => set(t, () => byPath(t, a.path), a)),
  6: syscall('lsetxattr', { path: PathKind, ...SET }, (t, a) => set(t, () => byLink(t, a.path), a)),
  7: syscall('fsetxattr', { fd: Fd, ...SET }, (t, a) => set(t, () => byFd(t, a.fd), a)),
  8: syscall('getxattr', { path: PathKind, ...GET }, (t, a) => get(t, () => byPath(t, a.path), a)),
  9: syscall('lgetxattr', { path: PathKind, ...GET }, (t, a) => get(t, () => byLink(t, a.path), a)),
  10: syscall('fgetxattr', { fd: Fd, ...GET }, (t, a) => get(t, () => byFd(t, a.fd), a)),
  11: syscall('listxattr', { path: PathKind, ...LIST }, (t, a) => list(t, () => byPath(t, a.path), a)),
  12: syscall('llistxattr', { path: PathKind, ...LIST }, (t, a) => list(t, () => byLink(t, a.path), a)),
  13: syscall('flistxattr', { fd: Fd, ...LIST }, (t, a) => list(t, () => byFd(t, a.fd), a)),
  14: syscall('removexattr', { path: PathKind, name: CString }, (t, a) =>
    remove(t, () => byPath(t, a.path), a.name),
  ),
  15: syscall('lremovexattr', { path: PathKind, name: CString }, (t, a) =>
    remove(t, () => byLink(t, a.path), a.name),
  ),
  16: syscall('fremovexattr', { fd: Fd, name: CString }, (t, a) => remove(t, () => byFd(t, a.fd), a.name)),
  463: syscall('setxattrat', AT_ARGS, (t, a) => {
    const { value, size, flags } = readExtensible(t, a.uargs, a.usize, XattrArgs);
    return set(t, byPlaceOrHere(t, a), { name: a.name, value, size, flags });
  }),
  464: syscall('getxattrat', AT_ARGS, (t, a) => {
    const { value, size, flags } = readExtensible(t, a.uargs, a.usize, XattrArgs);
    if (flags !== 0) fail(EINVAL, 'getting has no flags');
    return get(t, byPlaceOrHere(t, a), { name: a.name, value, size });
  }),
  465: syscall('listxattrat', { ...PLACE, ...LIST }, (t, a) => list(t, byPlace(t, a), a)),
  466: syscall('removexattrat', { ...PLACE, name: CString }, (t, a) => remove(t, byPlace(t, a), a.name)),
};
