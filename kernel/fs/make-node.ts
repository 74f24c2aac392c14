// Making a directory entry: the checks that mknod, mkdir, symlink, bind and open(O_CREAT) share (fs/namei.c, may_create).
// System calls and unix sockets call it; the file system's own create comes last.
// Group and set-group-id come from a set-group-id directory, the umask is taken off here.
import { INHERITED_FLAGS } from '../abi/file-attr.ts';
import { S_IFDIR, S_IFMT } from '../abi/stat.ts';
import { EEXIST, ENOENT, EOVERFLOW, fail } from '../errno.ts';
import { late } from '../late.ts';
import { CAP_FSETID, capableOverFile, inGroup, NO_ID } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Inode, NewInode } from './inode.ts';
import { IN_CREATE, notifyEntry } from './notify.ts';
import { Path } from './path.ts';
import { demandAccess, demandWritableMount, MAY_EXEC, MAY_WRITE } from './permission.ts';
import { type ParentAndName, resolveParent } from './resolve.ts';
import { lookName } from './walk.ts';

/**
 * mknod: makes an inode of `mode`'s type at `text`, with the umask applied.
 * EEXIST when the name is taken; else as the path walk, EROFS, EACCES, ENOSPC.
 */
export function makeNode(thread: Thread, dirfd: number, text: string, mode: number, rdev = 0): Path {
  const where = resolveParent(thread, dirfd, text);
  demandCreatable(thread, where, mode);
  if (thread.kernel.guardsDevices) late.cgroupMembers.demandDeviceNode(thread, mode, rdev);
  const what = newInode(thread, where.parent.inode, mode & ~thread.fs.umask, rdev);
  const inode = where.parent.inode.create(where.name, what);
  notifyEntry(where.parent.dentry, where.name, inode, IN_CREATE);
  return entryPath(where, inode);
}

/** EEXIST, ENOENT (a slash behind a new non-directory), EROFS, EACCES: in the order Linux finds them. `mode` has the type. */
export function demandCreatable(thread: Thread, where: ParentAndName, mode: number): void {
  demandFreeName(thread, where, (mode & S_IFMT) === S_IFDIR);
  if (thread.credentials.domain !== undefined) late.landlock.demandMake(thread, where.parent, mode);
  demandNewEntry(thread, where.parent);
}

/** As demandCreatable, but for the permission to write the directory (filename_create). */
export function demandFreeName(thread: Thread, where: ParentAndName, isDirectory: boolean): void {
  const { parent, name } = where;
  if (lookName(parent.inode, name) !== undefined) fail(EEXIST, 'the name is taken');
  if (where.mustBeDirectory && !isDirectory) fail(ENOENT, 'a slash follows the name, and it is no directory');
  demandWritableMount(parent);
}

/** May entries of `directory` be made (may_create)? ENOENT, EACCES; EOVERFLOW: the file system knows no such owner. */
export function demandNewEntry(thread: Thread, directory: Path): void {
  const { owner } = directory.inode.fs;
  const { fsuid, fsgid } = thread.credentials;
  if (owner !== undefined && directory.inode.nlink > 0) {
    const isKnown = owner.uids.toInside(fsuid) !== NO_ID && owner.gids.toInside(fsgid) !== NO_ID;
    if (!isKnown) fail(EOVERFLOW, 'the user namespace of the file system does not have the owner');
  }
  demandEntryChange(thread, directory, 'no write permission on the directory');
}

/** May entries of `directory` be made and removed? EACCES; ENOENT when it was itself removed. */
export function demandEntryChange(thread: Thread, directory: Path, why: string): void {
  if (directory.inode.nlink === 0) fail(ENOENT, 'the directory was removed');
  demandAccess(thread.credentials, directory.inode, MAY_WRITE | MAY_EXEC, why);
}

/** Owner, group and mode of a new entry of `directory` (Linux: inode_init_owner). */
export function newInode(thread: Thread, directory: Inode, mode: number, rdev = 0): NewInode {
  const { credentials } = thread;
  const inheritsGroup = (directory.mode & 0o2000) !== 0;
  const gid = inheritsGroup ? directory.gid : credentials.fsgid;
  let given = mode;
  if (inheritsGroup) {
    if ((mode & S_IFMT) === S_IFDIR) given |= 0o2000;
    else if (
      (mode & 0o2010) === 0o2010 &&
      !inGroup(credentials, gid) &&
      !capableOverFile(credentials, CAP_FSETID, { uid: directory.uid, gid })
    )
      given &= ~0o2000;
  }
  const attributeFlags = directory.attributeFlags & INHERITED_FLAGS;
  return { mode: given, uid: credentials.fsuid, gid, rdev, attributeFlags };
}

export function entryPath(where: ParentAndName, inode: Inode): Path {
  return new Path(where.parent.mount, where.parent.dentry.child(where.name, inode));
}
