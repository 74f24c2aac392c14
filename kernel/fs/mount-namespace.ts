// A mount namespace (mount_namespaces(7)): a tree of mounts of its own, which begins as a copy of another one (copy_mnt_ns): what is shared is a peer of the original,
// or a slave in a less privileged user namespace.
// clone and unshare make one and bring root and working directory of their thread over; setns enters one at its root.
// What a less privileged user namespace copies is locked: single mounts can neither be taken away nor made more permissive.
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import { Namespace } from '../namespaces/namespace.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import type { FsContext } from './fs-context.ts';
import type { Mount } from './mount.ts';
import { MountTree } from './mount-tree.ts';
import { Path } from './path.ts';
import { AS_PEER, AS_SLAVE } from './propagation.ts';
import type { Vfs } from './vfs.ts';

export class MountNamespace extends Namespace {
  readonly tree: MountTree;
  /** The copy of each mount, until the maker has come over. */
  #copies: ReadonlyMap<Mount, Mount> | undefined;

  constructor(ino: number, owner: UserNamespace, tree: MountTree) {
    super('mnt', ino, owner);
    this.tree = tree;
    tree.owner = owner.isFirst ? undefined : owner;
  }

  /** A copy of this one. */
  copy(vfs: Vfs, ino: number, owner: UserNamespace): MountNamespace {
    const tree = new MountTree();
    const copies = new Map<Mount, Mount>();
    const kind = owner === this.owner ? AS_PEER : AS_SLAVE;
    for (const mount of this.tree.root.family()) {
      const { at } = mount;
      const copied = vfs.mounting.cloneMount(mount, mount.root, kind);
      copies.set(mount, copied);
      tree.add(copied);
      const above = at === undefined ? undefined : copies.get(at.mount);
      if (at !== undefined && above !== undefined) copied.attach(new Path(above, at.dentry));
      copied.isLocked = mount.isLocked;
      if (owner === this.owner) continue;
      copied.lockFlags();
      copied.isLocked = true;
    }
    tree.root = copies.get(this.tree.root) ?? vfs.rootMount;
    const copied = new MountNamespace(ino, owner, tree);
    copied.#copies = copies;
    return copied;
  }

  /** If nobody is in it any more and no file leads to it, its mounts are taken away (free_mnt_ns). */
  endIfLeft(kernel: Kernel): void {
    for (const { ownNamespaces } of kernel.pids.threads()) if (ownNamespaces?.mnt === this) return;
    if (this === kernel.namespaces.first.mnt || late.liveNamespaces(kernel).has(this)) return;
    kernel.vfs.mounting.end(this.tree);
  }

  /** The maker's root and working directory become those of the copy. */
  adopt(fs: FsContext): void {
    const moved = ({ mount, dentry }: Path): Path => new Path(this.#copies?.get(mount) ?? mount, dentry);
    fs.root = moved(fs.root);
    fs.cwd = moved(fs.cwd);
    this.#copies = undefined;
  }
}
