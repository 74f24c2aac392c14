// Who may do what with an inode: mode bits and the capabilities that override them (path_resolution(7)).
// The path walker and the file calls ask here; file systems never check permissions themselves.
// Checks use the fsuid and fsgid, as all of the VFS does (credentials(7)).
import { S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK } from '../abi/stat.ts';
import { EACCES, EPERM, EROFS, fail } from '../errno.ts';
import {
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  type Credentials,
  capableOverFile,
  inGroup,
} from '../task/credentials.ts';
import type { Inode } from './inode.ts';
import type { Path } from './path.ts';

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/** May the holder access `inode` as `mask` (MAY_*) says? Linux: fs/namei.c, generic_permission. */
export function mayAccess(credentials: Credentials, inode: Inode, mask: number): boolean {
  const { mode } = inode;
  let granted = mode & 7;
  if (inode.uid === credentials.fsuid) granted = (mode >> 6) & 7;
  else if (inGroup(credentials, inode.gid)) granted = (mode >> 3) & 7;
  if ((mask & ~granted) === 0 || inode.isOpenTo(credentials)) return true;
  if (credentials.effective === 0n) return false;
  if (inode.isDirectory) {
    if ((mask & MAY_WRITE) === 0 && capableOverFile(credentials, CAP_DAC_READ_SEARCH, inode)) return true;
    return capableOverFile(credentials, CAP_DAC_OVERRIDE, inode);
  }
  if (mask === MAY_READ && capableOverFile(credentials, CAP_DAC_READ_SEARCH, inode)) return true;
  // Even root may execute only what someone may execute.
  if ((mask & MAY_EXEC) === 0 || (mode & 0o111) !== 0)
    return capableOverFile(credentials, CAP_DAC_OVERRIDE, inode);
  return false;
}

/** EACCES unless `mayAccess`; EPERM for writing what is immutable (inode_permission). */
export function demandAccess(credentials: Credentials, inode: Inode, mask: number, why: string): void {
  if ((mask & MAY_WRITE) !== 0 && inode.isImmutable) fail(EPERM, 'the inode is immutable');
  if (!mayAccess(credentials, inode, mask)) fail(EACCES, why);
}

/** EPERM for what is immutable or only appended to (IS_IMMUTABLE || IS_APPEND). */
export function demandFree(inode: Inode): void {
  if (inode.isImmutable || inode.isAppendOnly) fail(EPERM, 'immutable, or only appended to');
}

/** EROFS when what is behind `path` may not change: read-only mounts, but not their FIFOs, sockets and devices. */
export function demandWritableMount(path: Path): void {
  if (path.mount.isReadOnly) fail(EROFS, 'the file system is mounted read-only');
}

/** Does opening `inode` for writing depend on the mount being writable? */
export function writesReachMount(inode: Inode): boolean {
  const { type } = inode;
  return type !== S_IFCHR && type !== S_IFBLK && type !== S_IFIFO && type !== S_IFSOCK;
}

/** Owner or CAP_FOWNER: chmod, utimensat, sticky directories (Linux: inode_owner_or_capable). */
export function ownsInode(credentials: Credentials, inode: Inode): boolean {
  return credentials.fsuid === inode.uid || capableOverFile(credentials, CAP_FOWNER, inode);
}

/** EPERM when the directory's sticky bit keeps the caller from removing `victim` (path_resolution(7), unlink(2)). */
export function demandSticky(credentials: Credentials, directory: Inode, victim: Inode): void {
  if ((directory.mode & 0o1000) === 0) return;
  if (credentials.fsuid === victim.uid || credentials.fsuid === directory.uid) return;
  if (!capableOverFile(credentials, CAP_FOWNER, victim))
    fail(EPERM, 'sticky directory: neither the file nor the directory is yours');
}

/** What a write by someone without CAP_FSETID takes from a file's mode (Linux: should_remove_suid). */
export function modeAfterWrite(mode: number): number {
  let left = mode & ~0o4000;
  if ((mode & 0o2010) === 0o2010) left &= ~0o2000;
  return left;
}
