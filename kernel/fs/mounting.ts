// Changes of mounts while programs run (fs/namespace.c): copies, grafts, moves and umounts, wherever they are propagated to.
// The calls of the mount family come here when they have checked what they are asked; the Vfs makes one of these.
// A tree of mounts without a place belongs to nobody until it is grafted.
import { EBUSY, EINVAL, ELOOP, ENOSPC, EPERM, fail } from '../errno.ts';
import { Mount } from './mount.ts';
import { MountTree } from './mount-tree.ts';
import { type Dentry, Path } from './path.ts';
import { PeerGroups } from './peers.ts';
import {
  type CopyKind,
  copiesElsewhere,
  goneElsewhere,
  isWithin,
  listenersOf,
  type Placement,
} from './propagation.ts';
import type { Vfs } from './vfs.ts';

/** As /proc/sys/fs/mount-max, smaller: a recursive bind can double the number. */
const MOUNT_LIMIT = 4096;

export class Mounting {
  readonly peerGroups = new PeerGroups();
  readonly #vfs: Vfs;

  constructor(vfs: Vfs) {
    this.#vfs = vfs;
    vfs.kernel.cgroups.show();
  }

  /** A mount of the same without a place, from `root` on. */
  cloneMount(original: Mount, root: Dentry, kind: CopyKind): Mount {
    const { fs, flags, source } = original;
    const copy = this.#vfs.newMount(fs, root, flags, source);
    copy.lockedFlags = original.lockedFlags;
    copy.isLocked = original.isLocked;
    this.peerGroups.inherit(copy, original, kind);
    return copy;
  }

  /** The same with what is mounted on it, but what cannot be bound. EPERM: that is locked, so it would show what it hides. */
  cloneTree(original: Mount, root: Dentry, kind: CopyKind): Mount {
    const copy = this.cloneMount(original, root, kind);
    for (const child of [...original.children]) {
      const { at, isUnbindable, isLocked } = child;
      if (at === undefined || !isWithin(at.dentry, root)) continue;
      if (isUnbindable && isLocked) fail(EPERM, 'a locked mount cannot be bound');
      if (!isUnbindable) this.cloneTree(child, child.root, kind).attach(new Path(copy, at.dentry));
    }
    return copy;
  }

  /** Puts a tree of mounts at `at`, and copies of it wherever that is propagated to (attach_recursive_mnt). EINVAL, ENOSPC. */
  graft(top: Mount, at: Path): void {
    const { tree = fail(EINVAL, 'no path reaches the mount'), peers } = at.mount;
    this.#demandRoom(top, at.mount);
    if (peers !== undefined) for (const mount of top.family()) this.peerGroups.share(mount);
    const copies = copiesElsewhere(top, at, (model, kind) => this.cloneTree(model, model.root, kind));
    this.#place({ top, at }, tree);
    for (const copy of copies) this.#place(copy, tree);
    this.#vfs.mountChanges.happened();
  }

  #demandRoom(top: Mount, on: Mount): void {
    const size = [...top.family()].length;
    const counts = new Map<MountTree, number>();
    for (const { tree } of [on, ...listenersOf(on)]) {
      if (tree === undefined) continue;
      const count = (counts.get(tree) ?? tree.mounts.length) + size;
      if (count > MOUNT_LIMIT) fail(ENOSPC, 'too many mounts');
      counts.set(tree, count);
    }
  }

  /** In the tree of another user namespace than that of `home` all is locked (lock_mnt_tree). */
  #place({ top, at }: Placement, home: MountTree): void {
    const { tree } = at.mount;
    if (tree === undefined) return;
    top.attach(at);
    for (const mount of top.family()) {
      if (mount.tree === tree) continue;
      tree.mounts.push(mount);
      mount.tree = tree;
      if (tree.owner === home.owner) continue;
      mount.lockedFlags = mount.flags & Mount.LOCKABLE;
      mount.isLocked = mount !== top;
    }
  }

  /**
   * Removes `mount`, and what is propagated to. EBUSY when something is mounted below and `detach` is false. Who is in a tree
   * without its root is as one who is in a mount that was taken away.
   */
  unmount(mount: Mount, detach: boolean): void {
    if (mount.at === undefined && !detach) fail(EBUSY, 'the root can only be detached');
    const gone = new Set(mount.family());
    if (gone.size > 1 && !detach) fail(EBUSY, 'something is mounted below');
    for (const elsewhere of goneElsewhere(gone)) gone.add(elsewhere);
    for (const each of [...gone].reverse()) this.#remove(each, gone);
    this.#vfs.mountChanges.happened();
  }

  /** Who is still in it sees its root as the end of the world; what covers it whole, and stays, takes its place. */
  #remove(mount: Mount, gone: ReadonlySet<Mount>): void {
    const { at, tree } = mount;
    mount.detach();
    for (const child of [...mount.children]) {
      if (gone.has(child) || child.at?.dentry !== mount.root || at === undefined) continue;
      child.detach();
      child.attach(at);
    }
    this.peerGroups.change(mount, 'private');
    tree?.mounts.splice(tree.mounts.indexOf(mount), 1);
    mount.tree = undefined;
  }

  /** A tree of its own for mounts that only a descriptor leads to. */
  hold(top: Mount): void {
    const tree = new MountTree();
    tree.isDetached = true;
    tree.root = top;
    for (const mount of top.family()) {
      mount.tree = tree;
      tree.mounts.push(mount);
    }
  }

  /** Nobody can give `top` a place any more: it goes unless it has got one (dissolve_on_fput). */
  dissolve(top: Mount): void {
    if (top.tree?.isDetached !== true || top.tree.root !== top) return;
    const gone = new Set(top.family());
    for (const mount of [...gone].reverse()) this.#remove(mount, gone);
  }

  /** Moves `mount` to `at` (MS_MOVE). */
  move(mount: Mount, at: Path): void {
    if (mount.at === undefined && mount.tree?.isDetached !== true) fail(EINVAL, 'the root cannot be moved');
    for (let above: Mount | undefined = at.mount; above !== undefined; above = above.at?.mount)
      if (above === mount) fail(ELOOP, 'the place is below what is to be moved');
    this.#demandRoom(mount, at.mount);
    mount.detach();
    if (mount.tree?.isDetached === true) for (const each of mount.family()) each.tree = undefined;
    this.graft(mount, at);
  }

  /** `top` takes the place of `old`, which goes to `at` (pivot_root). The caller has checked everything. */
  pivot(old: Mount, top: Mount, at: Path): void {
    const { tree } = old;
    const place = old.at;
    top.detach();
    old.detach();
    if (place !== undefined) top.attach(place);
    else if (tree !== undefined) tree.root = top;
    old.attach(at);
    [top.isLocked, old.isLocked] = [top.isLocked || old.isLocked, false];
    this.#vfs.mountChanges.happened();
  }
}
