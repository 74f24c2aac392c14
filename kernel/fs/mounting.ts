// Changes of mounts while programs run (fs/namespace.c): copies, grafts, moves and umounts, wherever they are propagated to.
// The calls of the mount family come here when they have checked what they are asked; the Vfs makes one of these.
// A tree of mounts without a place belongs to nobody until it is grafted.
import { ENOENT, ENOSPC, EPERM, fail } from '../errno.ts';
import { late } from '../late.ts';
import type { Mount } from './mount.ts';
import { MountNamespace } from './mount-namespace.ts';
import { MountTree } from './mount-tree.ts';
import { type Dentry, Path } from './path.ts';
import { PeerGroups } from './peers.ts';
import {
  type CopyKind,
  copiesElsewhere,
  counterparts,
  goneElsewhere,
  hasMountsOn,
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
    this.peerGroups.inherit(copy, original, kind);
    return copy;
  }

  /** EPERM: what cannot be bound is locked, so a copy without it would show what it hides (copy_tree). */
  demandBindable({ children }: Mount, root: Dentry): void {
    for (const child of children) {
      if (child.at === undefined || !isWithin(child.at.dentry, root)) continue;
      if (!child.isUnbindable) this.demandBindable(child, child.root);
      else if (child.isLocked) fail(EPERM, 'a locked mount cannot be bound');
    }
  }

  /** The same with what is mounted on it, but what cannot be bound. */
  cloneTree(original: Mount, root: Dentry, kind: CopyKind): Mount {
    const copy = this.cloneMount(original, root, kind);
    for (const child of [...original.children]) {
      const { at, isUnbindable, isLocked } = child;
      if (at === undefined || !isWithin(at.dentry, root) || isUnbindable) continue;
      const copied = this.cloneTree(child, child.root, kind);
      copied.attach(new Path(copy, at.dentry));
      copied.isLocked = isLocked;
    }
    return copy;
  }

  /** A copy that gets no place after all. */
  drop(copy: Mount): void {
    this.peerGroups.release(new Set(copy.family()));
  }

  /** Puts a tree of mounts at `at`, and copies of it wherever that is propagated to (attach_recursive_mnt). ENOENT: removed; ENOSPC. */
  graft(top: Mount, at: Path): void {
    const { tree = fail(ENOENT, 'no path reaches the mount'), peers } = at.mount;
    if (top.topmost.root.isDeleted) fail(ENOENT, 'its root was removed');
    this.#demandRoom(top, at.mount);
    const family = peers === undefined ? [] : [...top.family()];
    const newlyShared = new Set(family.filter((mount) => mount.peers === undefined));
    for (const mount of family) this.peerGroups.share(mount);
    const copies =
      peers === undefined
        ? []
        : copiesElsewhere(
            top,
            at,
            (mount) => newlyShared.has(mount),
            (model, kind) => this.cloneTree(model, model.root, kind),
          );
    this.#place({ top, at }, tree);
    for (const copy of copies.reverse()) this.#place(copy, tree);
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
    if (tree.owner !== home.owner)
      for (const mount of top.family()) {
        mount.lockFlags();
        mount.isLocked ||= mount !== top;
      }
    top.attach(at);
    for (const mount of top.family()) if (mount.tree === undefined) tree.add(mount);
  }

  /** Is it in use, or what else goes with it (propagate_mount_busy)? */
  isBusySomewhere(mount: Mount): boolean {
    if (this.isBusy(mount)) return true;
    for (const there of counterparts(mount)) if (!hasMountsOn(there) && this.isBusy(there)) return true;
    return false;
  }

  /** Is a file of it open, or has a process its root, working directory or program there? */
  isBusy(mount: Mount): boolean {
    if (mount.openFiles > 0) return true;
    for (const process of this.#vfs.kernel.processes) {
      if (process.executable?.path.mount === mount) return true;
      for (const { fs } of process.threads.values())
        if (fs.cwd.mount === mount || fs.root.mount === mount) return true;
    }
    return false;
  }

  /** Removes `mount` with all below, and what that is propagated to (umount_tree). What is locked stays on what goes if `isLazy`. */
  unmount(mount: Mount, isLazy: boolean): void {
    for (const there of counterparts(mount)) there.isLocked = false; // propagate_mount_unlock
    const gone = new Set(mount.family());
    for (const elsewhere of goneElsewhere(gone)) gone.add(elsewhere);
    this.#remove(gone, ({ isLocked }) => isLazy && isLocked);
  }

  /** Who is still in it sees its root as the end of the world; what covers a stack of mounts whole, and stays, slides down. */
  #remove(gone: ReadonlySet<Mount>, staysConnected: (mount: Mount) => boolean): void {
    const sliding: Placement[] = [];
    for (const mount of gone) {
      mount.tree?.remove(mount);
      const cover = mount.over(mount.root);
      if (cover === undefined || gone.has(cover)) continue;
      let { at } = mount;
      while (at !== undefined && gone.has(at.mount)) at = at.mount.at;
      if (at !== undefined) sliding.push({ top: cover, at });
    }
    this.peerGroups.release(gone);
    for (const mount of gone) {
      const parent = mount.at?.mount;
      const isConnected =
        parent !== undefined && gone.has(parent) && staysConnected(mount) && this.isBusy(parent);
      if (!isConnected) mount.detach();
    }
    for (const { top, at } of sliding) {
      top.detach();
      top.attach(at);
    }
    this.#vfs.mountChanges.happened();
  }

  /** Nobody can get into the tree any more. */
  end({ mounts }: MountTree): void {
    this.#remove(new Set(mounts), ({ isLocked }) => isLocked);
  }

  /** A directory that others have mounts on was removed: those go with what is on them (__detach_mounts). */
  removeFrom(dentry: Dentry): void {
    for (const namespace of late.liveNamespaces(this.#vfs.kernel)) {
      if (!(namespace instanceof MountNamespace)) continue;
      for (const mount of [...namespace.tree.mounts])
        if (mount.tree !== undefined && mount.at?.dentry === dentry)
          this.#remove(new Set(mount.family()), () => true);
    }
  }

  /** A tree of its own for mounts that only a descriptor leads to, made by those in `home`, for those in `origin` or for all. */
  hold(top: Mount, home: MountTree, origin?: MountTree): void {
    const tree = new MountTree();
    tree.isDetached = true;
    tree.owner = home.owner;
    tree.origin = origin;
    tree.root = top;
    for (const mount of top.family()) tree.add(mount);
  }

  /** Nobody can give `top` a place any more: it goes unless it has got one (dissolve_on_fput). */
  dissolve(top: Mount): void {
    if (top.tree?.isDetached !== true || top.tree.root !== top) return;
    this.#remove(new Set(top.family()), () => true);
  }

  /** Moves `mount` to `at` (MS_MOVE). The caller has checked everything but the room. ENOSPC. */
  move(mount: Mount, at: Path): void {
    if (mount.topmost.root.isDeleted) fail(ENOENT, 'its root was removed');
    this.#demandRoom(mount, at.mount);
    mount.detach();
    if (mount.tree?.isDetached === true) for (const each of mount.family()) each.tree?.remove(each);
    this.graft(mount, at);
  }

  /** `top` takes the place of `old`, which goes to `at` (pivot_root). The caller has checked everything. */
  pivot(old: Mount, top: Mount, at: Path): void {
    const { tree } = old;
    const place = old.at;
    top.detach();
    if (old.isLocked) [top.isLocked, old.isLocked] = [true, false];
    old.detach();
    if (place !== undefined) top.attach(place);
    else if (tree !== undefined) tree.root = top;
    old.attach(at);
    this.#vfs.mountChanges.happened();
  }
}
