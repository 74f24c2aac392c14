// The path walker: one name at a time through directories, mounts and symbolic links (path_resolution(7)).
// resolve.ts drives it; nothing else turns path text into inodes.
// A step asks search permission first, never leaves the root, and follows at most 40 links.
import { NAME_MAX } from '../abi/limits.ts';
import { MS_NOSYMFOLLOW } from '../abi/mount-flags.ts';
import { S_IFLNK } from '../abi/stat.ts';
import { ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EXDEV, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import type { Inode } from './inode.ts';
import type { Mount } from './mount.ts';
import { type Dentry, Path } from './path.ts';
import { demandAccess, MAY_EXEC } from './permission.ts';

/** fs/namei.c, MAXSYMLINKS. */
const LINK_LIMIT = 40;

/** openat2(2), struct open_how.resolve. */
export const RESOLVE_NO_XDEV = 0x01;
export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_NO_SYMLINKS = 0x04;
export const RESOLVE_BENEATH = 0x08;
export const RESOLVE_IN_ROOT = 0x10;
export const RESOLVE_CACHED = 0x20;

/** The entry `name` of a directory, or undefined. ENAMETOOLONG (fs/libfs.c, simple_lookup). */
export function lookName(directory: Inode, name: string): Inode | undefined {
  if (name.length > NAME_MAX) fail(ENAMETOOLONG, 'a name of more than 255 bytes');
  return directory.lookup(name);
}

export class Walk {
  readonly #thread: Thread;
  readonly #root: Path;
  /** RESOLVE_* bits. */
  readonly #rules: number;
  mount: Mount;
  dentry: Dentry;
  /** Last name of the path; '' when it has none ("/"), '.' and '..' as written. */
  last = '';
  /** The path ended in a slash, so `last` must be a directory. */
  mustBeDirectory = false;
  #rest: string;
  #links = 0;
  /** The next character is the first of a path or link target. */
  #atStart = true;

  constructor(thread: Thread, start: Path, root: Path, text: string, rules: number) {
    this.#thread = thread;
    this.#root = root;
    this.#rules = rules;
    this.mount = start.mount;
    this.dentry = start.dentry;
    this.#rest = text;
  }

  get path(): Path {
    return new Path(this.mount, this.dentry);
  }

  get directory(): Inode {
    return this.dentry.inode;
  }

  /** Walks all names but the last. ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG. */
  walkToParent(): void {
    for (;;) {
      if (this.#takeName()) return;
      this.#step(this.last);
      if (!this.dentry.inode.isDirectory) fail(ENOTDIR, 'a component of the path is not a directory');
    }
  }

  /** Cuts the next name off into `last`; true when it is the final one. */
  #takeName(): boolean {
    const text = this.#rest;
    let at = 0;
    while (text.charCodeAt(at) === 0x2f) at++;
    if (at > 0 && this.#atStart) this.#jumpToRoot();
    this.#atStart = false;
    let end = text.indexOf('/', at);
    if (end < 0) end = text.length;
    this.last = text.slice(at, end);
    let next = end;
    while (text.charCodeAt(next) === 0x2f) next++;
    this.#rest = text.slice(next);
    if (next < text.length) return false;
    this.mustBeDirectory ||= next > end || this.last === '.' || this.last === '..';
    return true;
  }

  /** An absolute path or link target begins at the root, which RESOLVE_BENEATH forbids. */
  #jumpToRoot(): void {
    if ((this.#rules & RESOLVE_BENEATH) !== 0) fail(EXDEV, 'RESOLVE_BENEATH: an absolute path');
    if ((this.#rules & RESOLVE_NO_XDEV) !== 0 && this.#root.mount !== this.mount) {
      fail(EXDEV, 'RESOLVE_NO_XDEV: the root is on another mount');
    }
    this.mount = this.#root.mount;
    this.dentry = this.#root.dentry;
  }

  /** The last name: what it leads to now, or undefined when there is no such entry. Does not follow links. */
  lookLast(): Path | undefined {
    this.demandSearch();
    if (this.last === '' || this.last === '.') return this.path;
    if (this.last === '..') {
      this.#up();
      return this.path;
    }
    const dentry = this.#find(this.last);
    return dentry === undefined ? undefined : this.#cover(this.mount, dentry);
  }

  /** Goes to the last name's inode, following links when asked. ENOENT when it is not there. */
  finish(follow: boolean): Path {
    const path = this.finishUnused(follow);
    path.mount.isExpiring = false;
    return path;
  }

  /** The same for umount2, which is no use of the mount. */
  finishUnused(follow: boolean): Path {
    for (;;) {
      this.walkToParent();
      const found = this.lookLast() ?? fail(ENOENT, 'no such file');
      if (found.inode.type === S_IFLNK && (follow || this.mustBeDirectory)) {
        if (this.followLink(found)) return this.#finished(this.path);
        continue;
      }
      return this.#finished(found);
    }
  }

  #finished(path: Path): Path {
    if (this.mustBeDirectory && !path.inode.isDirectory)
      fail(ENOTDIR, 'the path ends in a slash, its file is no directory');
    return path;
  }

  /** ENOTDIR, EACCES: names of this directory may be looked up. */
  demandSearch(): void {
    const { inode } = this.dentry;
    if (!inode.isDirectory) fail(ENOTDIR, 'a component of the path is not a directory');
    demandAccess(
      this.#thread.credentials,
      inode,
      MAY_EXEC,
      'no search permission on a directory of the path',
    );
  }

  #find(name: string): Dentry | undefined {
    const inode = lookName(this.dentry.inode, name);
    return inode === undefined ? undefined : this.dentry.child(name, inode);
  }

  /** A name that is not the last. */
  #step(name: string): void {
    this.demandSearch();
    if (name === '.') return;
    if (name === '..') {
      this.#up();
      return;
    }
    const dentry = this.#find(name) ?? fail(ENOENT, 'a directory of the path does not exist');
    if (dentry.inode.type === S_IFLNK) {
      this.followLink(new Path(this.mount, dentry));
      return;
    }
    this.#enter(this.mount, dentry);
  }

  #enter(mount: Mount, dentry: Dentry): void {
    this.mount = mount;
    this.dentry = dentry;
    if (!dentry.isMountPoint) return;
    const top = this.#cover(mount, dentry);
    this.mount = top.mount;
    this.dentry = top.dentry;
  }

  /** Crosses to what is mounted on `dentry`, the topmost. */
  #cover(mount: Mount, dentry: Dentry): Path {
    let at = new Path(mount, dentry);
    for (;;) {
      const over = at.mount.over(at.dentry);
      if (over === undefined) return at;
      this.#demandSameMount();
      at = over.rootPath;
    }
  }

  #demandSameMount(): void {
    if ((this.#rules & RESOLVE_NO_XDEV) !== 0) fail(EXDEV, 'RESOLVE_NO_XDEV: crosses a mount');
  }

  /** `..`: stays at the root, and leaves a mount through the directory it covers. */
  #up(): void {
    const root = this.#root;
    let { mount, dentry } = this;
    for (;;) {
      if (dentry === root.dentry && mount === root.mount) {
        if ((this.#rules & RESOLVE_BENEATH) !== 0) fail(EXDEV, "RESOLVE_BENEATH: '..' above the start");
        return;
      }
      if (dentry !== mount.root) break;
      if (mount.at === undefined) return;
      this.#demandSameMount();
      ({ mount, dentry } = mount.at);
    }
    if (dentry.parent !== undefined) this.#enter(mount, dentry.parent);
  }

  /**
   * Follows the link at `link`. A text target is put before the rest of the path, to be walked next: false.
   * A magic link (/proc/PID/fd/N) jumps to where it leads: true.
   */
  followLink(link: Path): boolean {
    const { inode } = link;
    if (++this.#links > LINK_LIMIT) fail(ELOOP, 'more than 40 symbolic links');
    if ((this.#rules & RESOLVE_NO_SYMLINKS) !== 0) fail(ELOOP, 'RESOLVE_NO_SYMLINKS: the path has one');
    if ((link.mount.flags & MS_NOSYMFOLLOW) !== 0) fail(ELOOP, 'mounted with nosymfollow');
    const target = inode.followMagic(this.#thread);
    if (target !== undefined) {
      if ((this.#rules & RESOLVE_NO_MAGICLINKS) !== 0) fail(ELOOP, 'RESOLVE_NO_MAGICLINKS: the path has one');
      if ((this.#rules & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0)
        fail(EXDEV, 'a magic link leaves the start');
      if (target.mount !== link.mount) this.#demandSameMount();
      this.mount = target.mount;
      this.dentry = target.dentry;
      return true;
    }
    const text = inode.readlink(this.#thread);
    if (text === '') fail(ENOENT, 'an empty symbolic link');
    this.#rest = this.#joined(text);
    this.#atStart = true;
    return false;
  }

  /** Link text and what is left of the path behind it. */
  #joined(text: string): string {
    if (this.#rest !== '') return `${text}/${this.#rest}`;
    return this.mustBeDirectory ? `${text}/` : text;
  }
}
