// Path text to files: the front of the path walker for system calls, and the way back to text (getcwd).
// Every *at call comes through `resolve` or `resolveParent`; `openat` drives the walk itself (fs/open.ts).
// Texts are latin-1 byte strings; a relative one starts at a directory descriptor or the working directory.
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../abi/fcntl.ts';
import { PATH_MAX } from '../abi/limits.ts';
import { EBUSY, EEXIST, EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR, ENOTEMPTY, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import { pathOfFile } from './anonymous.ts';
import type { Mount } from './mount.ts';
import type { Path } from './path.ts';
import { RESOLVE_BENEATH, RESOLVE_IN_ROOT, Walk } from './walk.ts';

export interface ResolveOptions {
  /** Follow a symbolic link as the last name; true when absent. */
  readonly follow?: boolean;
  /** AT_EMPTY_PATH: an empty text means the descriptor itself, whatever its kind. */
  readonly allowEmpty?: boolean;
  /** ENOTDIR unless a directory. */
  readonly directory?: boolean;
}

const FOLLOW: ResolveOptions = {};

/**
 * What `text` leads to, from `dirfd` (a descriptor or AT_FDCWD).
 * ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG; EBADF for a bad dirfd when the text is relative.
 */
export function resolve(thread: Thread, dirfd: number, text: string, options: ResolveOptions = FOLLOW): Path {
  if (text === '') {
    if (options.allowEmpty !== true) fail(ENOENT, 'an empty path');
    return dirfd === AT_FDCWD ? thread.fs.cwd : pathOfFile(thread.kernel, thread.files.any(dirfd));
  }
  const path = startWalk(thread, dirfd, text).finish(options.follow !== false);
  if (options.directory === true && !path.inode.isDirectory) fail(ENOTDIR, 'not a directory');
  return path;
}

/** What a stat-like *at call is about. A null path means an empty one with AT_EMPTY_PATH (since Linux 6.11). */
export function resolveAt(thread: Thread, dirfd: number, path: number, flags: number): Path {
  const allowEmpty = (flags & AT_EMPTY_PATH) !== 0;
  const text = path === 0 && allowEmpty ? '' : thread.user.readPath(path);
  return resolve(thread, dirfd, text, { follow: (flags & AT_SYMLINK_NOFOLLOW) === 0, allowEmpty });
}

/** A walk that has not moved yet. `rules` are RESOLVE_* of openat2(2). */
export function startWalk(thread: Thread, dirfd: number, text: string, rules = 0): Walk {
  if (text === '') fail(ENOENT, 'an empty path');
  if (text.length >= PATH_MAX) fail(ENAMETOOLONG, 'a path of 4096 bytes or more');
  const { fs } = thread;
  const scoped = (rules & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0;
  if (text.charCodeAt(0) === 0x2f && !scoped) return new Walk(thread, fs.cwd, fs.root, text, rules);
  const start = startingPoint(thread, dirfd);
  return new Walk(thread, start, scoped ? start : fs.root, text, rules);
}

function startingPoint(thread: Thread, dirfd: number): Path {
  if (dirfd === AT_FDCWD) return thread.fs.cwd;
  const { path } = thread.files.any(dirfd);
  if (path === undefined || !path.inode.isDirectory) fail(ENOTDIR, 'dirfd is not a directory');
  return path;
}

export interface ParentAndName {
  readonly parent: Path;
  readonly name: string;
  /** A slash follows the name: only a directory will do. */
  readonly mustBeDirectory: boolean;
}

/** How a call uses the last name, for the errno of '.', '..' and '/'. */
export type NameUse = 'create' | 'unlink' | 'rmdir' | 'rename';

/**
 * The directory of `text` and its last name, which need not exist.
 * For "/", "." and ".." as last name: EEXIST (create), EISDIR (unlink), EINVAL, ENOTEMPTY, EBUSY (rmdir), as Linux;
 * rename compares the mounts first and asks isUsableName itself.
 */
export function resolveParent(
  thread: Thread,
  dirfd: number,
  text: string,
  use: NameUse = 'create',
): ParentAndName {
  const walk = startWalk(thread, dirfd, text);
  walk.walkToParent();
  const { last } = walk;
  walk.mount.isExpiring = false;
  if (last !== '') walk.demandSearch(); // a component is looked up with permission only (fs/namei.c, link_path_walk)
  if (use !== 'rename' && !isUsableName(last)) fail(...unusableName(last, use));
  return { parent: walk.path, name: last, mustBeDirectory: walk.mustBeDirectory };
}

/** False for '', '.' and '..', which no call can make, remove or move. */
export function isUsableName(last: string): boolean {
  return last !== '' && last !== '.' && last !== '..';
}

function unusableName(last: string, use: NameUse): [number, string] {
  const why = "the path ends in '/', '.' or '..'";
  if (use === 'create') return [EEXIST, why];
  if (use === 'unlink') return [EISDIR, why];
  if (last === '.') return [EINVAL, why];
  return last === '..' ? [ENOTEMPTY, why] : [EBUSY, why];
}

/**
 * The name of `path` as seen from `root`: getcwd(2).
 * A removed file has " (deleted)" after it; what the root does not reach begins with "(unreachable)".
 */
export function absolutePath(root: Path | Thread, path: Path): string {
  return nameOf(root, path, '(unreachable)');
}

/** The same for links of /proc, where nothing tells what the root does not reach (d_path). */
export function linkPath(root: Path | Thread, path: Path): string {
  return nameOf(root, path, '');
}

/** The place of a mount as /proc/PID/mounts has it, which says nothing of what was removed (seq_path_root). */
export function mountPlace(root: Path | Thread, { rootPath }: Mount): string {
  return nameOf(root, rootPath, '(unreachable)', false);
}

function nameOf(root: Path | Thread, path: Path, unreachable: string, marksDeleted = true): string {
  const top = 'fs' in root ? root.fs.root : root;
  const names: string[] = [];
  let { mount, dentry } = path;
  const suffix = marksDeleted && dentry.isDeleted ? ' (deleted)' : '';
  for (;;) {
    if (mount === top.mount && dentry === top.dentry) return `/${names.reverse().join('/')}${suffix}`;
    if (dentry === mount.root) {
      if (mount.at === undefined) break;
      ({ mount, dentry } = mount.at);
      continue;
    }
    names.push(dentry.name);
    if (dentry.parent === undefined) break;
    dentry = dentry.parent;
  }
  // Pipes, sockets and other files without a place are their name alone: pipe:[12].
  if (mount.at === undefined && mount.fs.isPseudo === true) return `${path.dentry.name}${suffix}`;
  return `${unreachable}/${names.reverse().join('/')}${suffix}`;
}
