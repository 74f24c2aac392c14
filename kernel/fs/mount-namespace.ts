// A mount namespace (mount_namespaces(7)): a tree of mounts of its own, which begins as a copy of another one (copy_mnt_ns).
// clone and unshare make one and bring root and working directory of their thread over; setns enters one at its root.
// What a less privileged user namespace copies is locked: single mounts can neither be taken away nor made more permissive.
import { Namespace } from '../namespaces/namespace.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import type { FsContext } from './fs-context.ts';
import { Mount } from './mount.ts';
import { MountTree } from './mount-tree.ts';
import { Path } from './path.ts';
import type { Vfs } from './vfs.ts';

export class MountNamespace extends Namespace {
  readonly tree: MountTree;
  /** The copy of each mount, until the maker has come over. */
  #copies: ReadonlyMap<Mount, Mount> | undefined;

  constructor(ino: number, owner: UserNamespace, tree: MountTree) {
    super('mnt', ino, owner);
    this.tree = tree;
  }

  /** A copy of this one. */
  copy(vfs: Vfs, ino: number, owner: UserNamespace): MountNamespace {
    const tree = new MountTree();
    const copies = new Map<Mount, Mount>();
    for (const mount of this.tree.mounts) {
      const { at } = mount;
      const above = at === undefined ? undefined : copies.get(at.mount);
      if (at !== undefined && above === undefined) continue;
      const place = at === undefined || above === undefined ? undefined : new Path(above, at.dentry);
      const copied = vfs.attachCopy(tree, mount, place);
      copies.set(mount, copied);
      copied.lockedFlags = mount.lockedFlags;
      copied.isLocked = mount.isLocked;
      if (owner === this.owner) continue;
      copied.lockedFlags = mount.flags & Mount.LOCKABLE;
      copied.isLocked = place !== undefined;
    }
    tree.root = copies.get(this.tree.root) ?? vfs.rootMount;
    const copied = new MountNamespace(ino, owner, tree);
    copied.#copies = copies;
    return copied;
  }

  /** The maker's root and working directory become those of the copy. */
  adopt(fs: FsContext): void {
    const moved = ({ mount, dentry }: Path): Path => new Path(this.#copies?.get(mount) ?? mount, dentry);
    fs.root = moved(fs.root);
    fs.cwd = moved(fs.cwd);
    this.#copies = undefined;
  }
}
