// The mounts that one mount namespace sees (Linux: struct mnt_namespace): a root and what is mounted below it. To programs the root
// is as one that lies on another, as Linux's does on what it booted with: it can be taken away, and locked.
// The Vfs keeps the first one and changes all of them; a mount knows its tree while it has a place in one.
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import type { Mount } from './mount.ts';
import type { Path } from './path.ts';

export class MountTree {
  /** In the order in which they were made, as Linux lists them. */
  readonly mounts: Mount[] = [];
  /** The user namespace that owns its mount namespace; undefined for the machine's first. */
  owner: UserNamespace | undefined;
  /** Nobody's namespace: of mounts that only a descriptor leads to, until they get a place (open_tree, fsmount). */
  isDetached = false;
  /** Where those were copied from: only who is there may use them. Absent: anybody may (check_anonymous_mnt). */
  origin: MountTree | undefined;
  #root: Mount | undefined;

  /** `mountRoot`, pivot_root or the copying of a namespace has set it. */
  get root(): Mount {
    if (this.#root === undefined) throw new Error('no root file system is mounted');
    return this.#root;
  }

  set root(mount: Mount) {
    this.#root = mount;
  }

  /** Takes a mount in that is in no tree. */
  add(mount: Mount): void {
    const { mounts } = this;
    let at = mounts.length;
    while (at > 0 && (mounts[at - 1] as Mount).id > mount.id) at--;
    mounts.splice(at, 0, mount);
    mount.tree = this;
  }

  remove(mount: Mount): void {
    this.mounts.splice(this.mounts.indexOf(mount), 1);
    mount.tree = undefined;
  }

  /** Is `path` where a process is that never changed its root (current_chrooted)? */
  isTop(path: Path): boolean {
    return path.dentry === path.mount.root && path.equals(this.topPath);
  }

  /** Its root, or what was mounted over it last. */
  get topPath(): Path {
    let at = this.root.rootPath;
    for (;;) {
      const over = at.mount.over(at.dentry);
      if (over === undefined) return at;
      at = over.rootPath;
    }
  }
}
