// One mount: a file system's tree, or part of it, attached over a directory (mount(2)).
// The Vfs makes and removes them; the path walker crosses them; /proc/PID/mountinfo lists them.
// `at` is undefined for the root of a tree, and for mounts that have no place in one (pseudo mounts, detached ones).
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_RELATIME,
} from '../abi/mount-flags.ts';
import type { Thread } from '../task/thread.ts';
import type { FileSystem } from './inode.ts';
import type { MountTree } from './mount-tree.ts';
import type { Marks } from './notify.ts';
import { type Dentry, Path } from './path.ts';
import type { PeerGroup } from './peers.ts';

/** Unique numbers of mounts begin here (fs/namespace.c). */
export const FIRST_UNIQUE_MOUNT = 2 ** 31;

export class Mount {
  /** Flags that a copy by the less privileged keeps. */
  static readonly LOCKABLE = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  /** When times of access are kept. */
  static readonly ATIME = MS_NOATIME | MS_NODIRATIME | MS_RELATIME;
  /** As in mountinfo and statx. */
  readonly id: number;
  readonly fs: FileSystem;
  readonly root: Dentry;
  /** The directory it covers. */
  at: Path | undefined;
  /** What is mounted on it, by what it covers. */
  readonly #covers = new Map<Dentry, Mount>();
  /** MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | atime policy. */
  flags: number;
  /** The tree in which it has its place; absent for those that no path reaches. */
  tree: MountTree | undefined;
  /** It cannot be taken away by itself (MNT_LOCKED). */
  isLocked = false;
  /** These flags stay set, and when times of access are kept stays as it is; undefined for one that is not from more privileged ones. */
  lockedFlags: number | undefined;
  /** Open files: descriptors, maps, messages on their way. */
  openFiles = 0;
  /** umount2 has asked with MNT_EXPIRE, and nobody has used it since. */
  isExpiring = false;
  /** The group that it tells of mounts on it, and which tells it (shared). */
  peers: PeerGroup | undefined;
  /** The member of another group that it only listens to (slave). */
  master: Mount | undefined;
  /** Those that listen to it. */
  readonly slaves: Mount[] = [];
  /** No copies of it are made by bind mounts. */
  isUnbindable = false;
  /** First column of /proc/mounts. */
  readonly source: string;
  /** fanotify's marks. */
  marks: Marks | undefined;

  constructor(id: number, fs: FileSystem, root: Dentry, at: Path | undefined, flags: number, source: string) {
    this.id = id;
    this.fs = fs;
    this.root = root;
    this.at = at;
    this.flags = flags;
    this.source = source;
  }

  /** Among all mounts that there ever were (STATX_MNT_ID_UNIQUE). */
  get uniqueId(): number {
    return FIRST_UNIQUE_MOUNT + this.id;
  }

  /** What is mounted over one of its dentries. */
  over(dentry: Dentry): Mount | undefined {
    return dentry.isMountPoint ? this.#covers.get(dentry) : undefined;
  }

  /** Gets a place, on top of which goes what was there (attach_recursive_mnt). */
  attach(at: Path): void {
    const { mount, dentry } = at;
    const known = mount.over(dentry);
    dentry.becomeMountPoint();
    this.at = at;
    mount.#covers.delete(dentry);
    mount.#covers.set(dentry, this);
    known?.attach(this.topmost.rootPath);
  }

  /** What covers it whole, last: itself if nothing does. */
  get topmost(): Mount {
    return this.over(this.root)?.topmost ?? this;
  }

  /** Flags and access times as they are stay so in a less privileged user namespace (lock_mnt_tree). */
  lockFlags(): void {
    this.lockedFlags = this.flags & Mount.LOCKABLE;
  }

  /** can_change_locked_flags. */
  mayChangeTo(flags: number): boolean {
    const { lockedFlags } = this;
    return (
      lockedFlags === undefined ||
      ((lockedFlags & ~flags) === 0 && ((this.flags ^ flags) & Mount.ATIME) === 0)
    );
  }

  /** Leaves its place. */
  detach(): void {
    if (this.at === undefined) return;
    const { mount, dentry } = this.at;
    if (mount.over(dentry) === this) mount.#covers.delete(dentry);
    this.at = undefined;
  }

  /** What is mounted on it. */
  get children(): IterableIterator<Mount> {
    return this.#covers.values();
  }

  /** Itself and all that is mounted on it, parents first. */
  *family(): Generator<Mount> {
    yield this;
    for (const child of [...this.children]) yield* child.family();
  }

  get isReadOnly(): boolean {
    return (this.flags & MS_RDONLY) !== 0 || this.fs.readOnly;
  }

  get rootPath(): Path {
    return new Path(this, this.root);
  }

  /** Options as mountinfo prints them behind ro or rw: `nosuid,relatime`. */
  get options(): readonly string[] {
    const words: string[] = [];
    if ((this.flags & MS_NOSUID) !== 0) words.push('nosuid');
    if ((this.flags & MS_NODEV) !== 0) words.push('nodev');
    if ((this.flags & MS_NOEXEC) !== 0) words.push('noexec');
    if ((this.flags & MS_NOATIME) !== 0) words.push('noatime');
    if ((this.flags & MS_NODIRATIME) !== 0) words.push('nodiratime');
    if ((this.flags & MS_RELATIME) !== 0) words.push('relatime');
    if ((this.flags & MS_NOSYMFOLLOW) !== 0) words.push('nosymfollow');
    return words;
  }
}

/** Which part of its file system a mount shows: / but for bind mounts (dentry_path). */
export function rootWithin({ root }: Mount): string {
  const names: string[] = [];
  for (let at: Dentry | undefined = root; at?.parent !== undefined; at = at.parent) names.unshift(at.name);
  return `/${names.join('/')}${root.isDeleted ? '//deleted' : ''}`;
}

/** What the thread's mount namespace sees. */
export function treeOf({ kernel, ownNamespaces }: Thread): MountTree {
  return ownNamespaces?.mnt.tree ?? kernel.vfs.tree;
}
