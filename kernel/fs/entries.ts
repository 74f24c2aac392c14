// Changing directories: unlink, rmdir, link and rename with the checks of the VFS (fs/namei.c, may_delete, vfs_rename).
// The *at calls come here; the file systems' own operations come last and check nothing but emptiness.

import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_FOLLOW } from '../abi/fcntl.ts';
import { S_IFCHR, S_IFREG } from '../abi/stat.ts';
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EXDEV, fail } from '../errno.ts';
import { late } from '../late.ts';
import { CAP_DAC_READ_SEARCH, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Inode } from './inode.ts';
import { demandEntryChange, demandFreeName, demandNewEntry, newInode } from './make-node.ts';
import { treeOf } from './mount.ts';
import {
  type EntryPlace,
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE,
  notifyEntry,
  notifyInode,
  notifyMove,
} from './notify.ts';
import { type Dentry, Path } from './path.ts';
import {
  demandAccess,
  demandFree,
  demandSticky,
  demandWritableMount,
  MAY_READ,
  MAY_WRITE,
  mayAccess,
  ownsInode,
} from './permission.ts';
import { RegularInode } from './regular-inode.ts';
import { RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from './rename-flags.ts';
import { isUsableName, type ParentAndName, resolve, resolveParent } from './resolve.ts';
import { lookName } from './walk.ts';

function isConfined({ credentials }: Thread): boolean {
  return credentials.domain !== undefined;
}

/** The entry `where` names. ENOENT, ENAMETOOLONG. */
function existing(where: ParentAndName): Inode {
  return lookName(where.parent.inode, where.name) ?? fail(ENOENT, 'no such file');
}

/** May `victim` be taken out of its directory? EACCES, EPERM (sticky), ENOTDIR or EISDIR. */
function demandRemovable(thread: Thread, where: ParentAndName, victim: Inode, asDirectory: boolean): void {
  demandEntryChange(thread, where.parent, 'no write permission on the directory');
  if (where.parent.inode.isAppendOnly) fail(EPERM, 'the directory is only added to');
  demandSticky(thread.credentials, where.parent.inode, victim);
  demandFree(victim);
  if (asDirectory && !victim.isDirectory) fail(ENOTDIR, 'not a directory');
  if (!asDirectory && victim.isDirectory) fail(EISDIR, 'a directory');
}

/** EBUSY for what something is mounted on in the caller's namespace (is_local_mountpoint). */
function demandNotMountPoint(thread: Thread, where: ParentAndName): void {
  const dentry: Dentry | undefined = where.parent.dentry.knownChild(where.name);
  if (dentry?.isMountPoint !== true) return;
  if (treeOf(thread).mounts.some(({ at }) => at?.dentry === dentry))
    fail(EBUSY, 'a file system is mounted here');
}

/** The name is gone, and with it what others have mounted there. */
function forget(thread: Thread, { parent, name }: ParentAndName): void {
  const known = parent.dentry.knownChild(name);
  parent.dentry.childRemoved(name);
  removeMounts(thread, known);
}

function removeMounts({ kernel }: Thread, gone: Dentry | undefined): void {
  if (gone?.isMountPoint === true) kernel.vfs.mounting.removeFrom(gone);
}

/** unlinkat without AT_REMOVEDIR. */
export function unlink(thread: Thread, dirfd: number, text: string): void {
  const where = resolveParent(thread, dirfd, text, 'unlink');
  demandWritableMount(where.parent);
  const victim = existing(where);
  if (where.mustBeDirectory) fail(victim.isDirectory ? EISDIR : ENOTDIR, 'a slash follows the name');
  if (isConfined(thread)) late.landlock.demandRemove(thread, where.parent, false);
  demandRemovable(thread, where, victim, false);
  demandNotMountPoint(thread, where);
  notifyInode(victim, IN_ATTRIB);
  where.parent.inode.unlink(where.name);
  forget(thread, where);
  notifyEntry(where.parent.dentry, where.name, victim, IN_DELETE);
}

/** unlinkat with AT_REMOVEDIR. */
export function rmdir(thread: Thread, dirfd: number, text: string): void {
  const where = resolveParent(thread, dirfd, text, 'rmdir');
  demandWritableMount(where.parent);
  const victim = existing(where);
  if (isConfined(thread)) late.landlock.demandRemove(thread, where.parent, true);
  demandRemovable(thread, where, victim, true);
  demandNotMountPoint(thread, where);
  where.parent.inode.rmdir(where.name);
  forget(thread, where);
  notifyEntry(where.parent.dentry, where.name, victim, IN_DELETE);
}

/** linkat(2). `flags`: AT_SYMLINK_FOLLOW, AT_EMPTY_PATH. */
export function link(
  thread: Thread,
  from: { readonly dirfd: number; readonly text: string },
  to: { readonly dirfd: number; readonly text: string },
  flags: number,
): void {
  const follow = (flags & AT_SYMLINK_FOLLOW) !== 0;
  const allowEmpty = (flags & AT_EMPTY_PATH) !== 0;
  if (allowEmpty && !from.text.startsWith('/') && from.dirfd !== AT_FDCWD)
    demandOwnDescriptor(thread, from.dirfd);
  const old = resolve(thread, from.dirfd, from.text, { follow, allowEmpty });
  const where = resolveParent(thread, to.dirfd, to.text, 'create');
  demandFreeName(thread, where, false);
  if (where.parent.inode.fs.isVolatile === true) fail(ENOENT, 'names of /proc are its own');
  if (old.mount !== where.parent.mount) fail(EXDEV, 'the new name is on another mount');
  const { inode } = old;
  demandLinkable(thread, inode);
  if (isConfined(thread)) {
    const { dentry } = old;
    const from = new Path(old.mount, dentry === old.mount.root ? dentry : (dentry.parent ?? dentry));
    const reference = { moved: inode, from, to: where.parent, replaced: undefined };
    late.landlock.demandRefer(thread, { ...reference, isExchange: false, isRename: false });
  }
  demandNewEntry(thread, where.parent);
  if (inode.fs !== where.parent.inode.fs) fail(EXDEV, 'the new name is on another file system');
  demandFree(inode);
  if (inode.isDirectory) fail(EPERM, 'directories have one name');
  if (inode.nlink === 0 && !(inode instanceof RegularInode && inode.isLinkable))
    fail(ENOENT, 'the file was removed');
  where.parent.inode.link(where.name, inode);
  if (inode instanceof RegularInode) inode.isLinkable = false;
  notifyInode(inode, IN_ATTRIB);
  notifyEntry(where.parent.dentry, where.name, inode, IN_CREATE);
}

/** With AT_EMPTY_PATH a descriptor must be of one's own credentials, whatever the text (fs/namei.c, path_init, LOOKUP_LINKAT_EMPTY). */
function demandOwnDescriptor(thread: Thread, fd: number): void {
  const { opener } = thread.files.any(fd);
  const isOwn = opener?.process === thread.process && opener.credentials === thread.credentials;
  if (!isOwn && !capable(thread.credentials, CAP_DAC_READ_SEARCH))
    fail(ENOENT, 'AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH');
}

/** fs.protected_hardlinks = 1, as distributions set it (proc_sys_fs(5)): own it, or may read and write a plain file. */
function demandLinkable(thread: Thread, inode: Inode): void {
  const { credentials } = thread;
  if (ownsInode(credentials, inode)) return;
  const isPlain = inode.type === S_IFREG && (inode.mode & 0o4000) === 0 && (inode.mode & 0o2010) !== 0o2010;
  if (!isPlain || !mayAccess(credentials, inode, MAY_READ | MAY_WRITE)) {
    fail(EPERM, 'protected_hardlinks: not your file');
  }
}

/** The flags of renameat2(2), which are looked at before the names. EINVAL. */
export function demandRenameFlags(flags: number): void {
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & RENAME_EXCHANGE) !== 0 && (flags & ~RENAME_EXCHANGE) !== 0)
    fail(EINVAL, 'RENAME_EXCHANGE stands alone');
}

/** renameat2(2). */
export function rename(
  thread: Thread,
  from: { readonly dirfd: number; readonly text: string },
  to: { readonly dirfd: number; readonly text: string },
  flags: number,
): void {
  const old = resolveParent(thread, from.dirfd, from.text, 'rename');
  const target = resolveParent(thread, to.dirfd, to.text, 'rename');
  if (old.parent.mount !== target.parent.mount) fail(EXDEV, 'the new name is on another mount');
  if (!isUsableName(old.name)) fail(EBUSY, "the old name ends in '/', '.' or '..'");
  if (!isUsableName(target.name)) {
    fail((flags & RENAME_NOREPLACE) !== 0 ? EEXIST : EBUSY, "the new name ends in '/', '.' or '..'");
  }
  demandWritableMount(old.parent);
  const moved = existing(old);
  const directory = target.parent.inode;
  const replaced = lookName(directory, target.name);
  if (replaced === undefined && directory.fs.isVolatile === true) fail(ENOENT, 'names of /proc are its own');
  demandKinds(old, target, moved, replaced, flags);
  if (isWithin(target.parent, old)) fail(EINVAL, 'a directory cannot move into itself');
  if (isWithin(old.parent, target)) {
    fail(
      (flags & RENAME_EXCHANGE) !== 0 ? EINVAL : ENOTEMPTY,
      'the new name is a directory above the old one',
    );
  }
  if (isConfined(thread)) {
    const reference = { moved, from: old.parent, to: target.parent, replaced };
    const isExchange = (flags & RENAME_EXCHANGE) !== 0;
    late.landlock.demandRefer(thread, { ...reference, isExchange, isRename: true });
  }
  if (isOneEntry(old, target) || replaced === moved) return; // one inode: nothing happens (rename(2))
  demandMovable(thread, old, target, { moved, replaced, flags });
  old.parent.inode.rename(old.name, directory, target.name, flags);
  const { dentry } = old.parent;
  if ((flags & RENAME_EXCHANGE) !== 0) dentry.childrenExchanged(old.name, target.parent.dentry, target.name);
  else {
    const covered = target.parent.dentry.knownChild(target.name);
    dentry.childMoved(old.name, target.parent.dentry, target.name);
    removeMounts(thread, covered);
  }
  if ((flags & RENAME_WHITEOUT) !== 0)
    old.parent.inode.create(old.name, newInode(thread, old.parent.inode, S_IFCHR));
  const isExchange = (flags & RENAME_EXCHANGE) !== 0;
  notifyRename(thread, old, target, moved, isExchange ? undefined : replaced);
  if (isExchange && replaced !== undefined) notifyRename(thread, target, old, replaced, undefined);
}

/** The same name of the same directory; those of /proc are made anew for each look. */
function isOneEntry(one: ParentAndName, other: ParentAndName): boolean {
  if (one.name !== other.name) return false;
  const { inode } = one.parent;
  const isOneInode = inode.fs.isVolatile === true && inode.ino === other.parent.inode.ino;
  return isOneInode || one.parent.equals(other.parent);
}

/** Joins the two events of a rename by a number of their own. */
function notifyRename(
  thread: Thread,
  from: ParentAndName,
  to: ParentAndName,
  moved: Inode,
  replaced: Inode | undefined,
): void {
  const place = ({ parent, name }: ParentAndName): EntryPlace => ({ directory: parent.dentry, name });
  notifyMove(place(from), place(to), moved, replaced, thread.kernel.vfs.nextRenameCookie());
}

/** Existence and slashes, in the order of do_renameat2. */
function demandKinds(
  old: ParentAndName,
  target: ParentAndName,
  moved: Inode,
  replaced: Inode | undefined,
  flags: number,
): void {
  if ((flags & RENAME_NOREPLACE) !== 0 && replaced !== undefined)
    fail(EEXIST, 'RENAME_NOREPLACE, and the name is taken');
  if ((flags & RENAME_EXCHANGE) !== 0) {
    if (replaced === undefined) fail(ENOENT, 'RENAME_EXCHANGE needs both names');
    if (!replaced.isDirectory && target.mustBeDirectory) fail(ENOTDIR, 'a slash follows the new name');
  }
  if (!moved.isDirectory) {
    if (old.mustBeDirectory) fail(ENOTDIR, 'a slash follows the old name');
    if ((flags & RENAME_EXCHANGE) === 0 && target.mustBeDirectory)
      fail(ENOTDIR, 'a slash follows the new name');
  }
}

/** Permissions on both directories, then the kinds of what is replaced (fs/namei.c, vfs_rename). */
function demandMovable(
  thread: Thread,
  old: ParentAndName,
  target: ParentAndName,
  what: { readonly moved: Inode; readonly replaced: Inode | undefined; readonly flags: number },
): void {
  const { moved, replaced, flags } = what;
  demandRemovable(thread, old, moved, moved.isDirectory);
  if (replaced === undefined) demandNewEntry(thread, target.parent);
  else
    demandRemovable(
      thread,
      target,
      replaced,
      (flags & RENAME_EXCHANGE) !== 0 ? replaced.isDirectory : moved.isDirectory,
    );
  if (moved.isDirectory && old.parent.inode !== target.parent.inode) {
    demandAccess(thread.credentials, moved, MAY_WRITE, 'the moved directory must be writable');
  }
  const isExchange = (flags & RENAME_EXCHANGE) !== 0 && old.parent.inode !== target.parent.inode;
  if (isExchange && replaced?.isDirectory === true)
    demandAccess(thread.credentials, replaced, MAY_WRITE, 'both directories move and must be writable');
  demandNotMountPoint(thread, old);
  demandNotMountPoint(thread, target);
}

/** Is `directory` the entry `where` or somewhere below it? */
function isWithin(directory: Path, where: ParentAndName): boolean {
  for (let at: Dentry | undefined = directory.dentry; at !== undefined; at = at.parent) {
    if (at.parent === where.parent.dentry && at.name === where.name && !at.isDeleted) return true;
  }
  return false;
}
