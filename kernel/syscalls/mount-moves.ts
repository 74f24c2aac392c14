// Moving mounts: on top of others, beneath them, and into a group of peers (move_mount(2), mount(2) with MS_MOVE).
import { EINVAL, ELOOP, ENOENT, fail } from '../errno.ts';
import { type Mount, treeOf } from '../fs/mount.ts';
import type { Path } from '../fs/path.ts';
import { isWithin, wouldOvermount } from '../fs/propagation.ts';
import type { Thread } from '../task/thread.ts';
import {
  demandChangeable,
  demandOwn,
  demandUsable,
  hasLockedChildren,
  mountPoint,
  rootOfMount,
} from './mount-checks.ts';

/** ENOENT, EINVAL, ELOOP, ENOSPC (do_move_mount). `isBeneath`: below the mount that `to` is the root of. */
export function move(thread: Thread, to: Path, source: Path, isBeneath = false): number {
  const moved = rootOfMount(source);
  if (source.inode.isDirectory !== to.inode.isDirectory) fail(EINVAL, 'a directory and a file');
  const at = isBeneath ? placeOf(to) : mountPoint(to);
  const { tree } = moved;
  if (tree === treeOf(thread)) {
    if (moved.isLocked) fail(EINVAL, 'the mount is locked');
    if (moved.at?.mount.peers !== undefined) fail(EINVAL, 'the mount is on a shared one');
    demandOwn(thread, at.mount);
  } else {
    if (tree?.isDetached !== true || tree.root !== moved) fail(EINVAL, 'not the top of what is detached');
    if (tree === at.mount.tree) fail(EINVAL, 'within itself');
    demandUsable(thread, at.mount);
  }
  if (isBeneath) demandRoomBeneath(thread, moved, to.mount, at);
  if (at.mount.peers !== undefined && [...moved.family()].some(({ isUnbindable }) => isUnbindable))
    fail(EINVAL, 'what is unbindable cannot be shared');
  if (isAncestor(moved, at.mount)) fail(ELOOP, 'the place is below what is to be moved');
  thread.kernel.vfs.mounting.move(moved, at);
  return 0;
}

/** Where the topmost mount over the root of `to` lies. ENOENT, EINVAL (do_lock_mount). */
function placeOf(to: Path): Path {
  const { at } = rootOfMount(to).topmost;
  if (to.mount.tree === undefined || at?.dentry.isDeleted === true) fail(ENOENT, 'removed, or taken away');
  return at ?? fail(EINVAL, 'nothing is beneath a root');
}

/** EINVAL (can_move_mount_beneath). */
function demandRoomBeneath(thread: Thread, moved: Mount, to: Mount, at: Path): void {
  const over = at.mount === to.at?.mount ? to : (at.mount.over(at.dentry) ?? to);
  if (over.isLocked) fail(EINVAL, 'the mount above is locked');
  if (moved.topmost !== moved) fail(EINVAL, 'what is to be moved is covered');
  if (over === thread.fs.root.mount || at.mount === treeOf(thread).root) fail(EINVAL, 'beneath the root');
  if (isAncestor(over, moved)) fail(EINVAL, 'beneath what it is mounted on');
  if (wouldOvermount(at.mount, over, at.dentry)) fail(EINVAL, 'it would come to lie on the mount above, too');
  if (moved.tree === treeOf(thread) && wouldOvermount(at.mount, moved, at.dentry))
    fail(EINVAL, 'it would come to lie on itself, too');
}

/** Is `mount` the same or below? */
function isAncestor(ancestor: Mount, mount: Mount): boolean {
  for (let at: Mount | undefined = mount; at !== undefined; at = at.at?.mount)
    if (at === ancestor) return true;
  return false;
}

/** MOVE_MOUNT_SET_GROUP: `to` hears and tells what `from` does. EINVAL, EPERM (do_set_group). */
export function setGroup(thread: Thread, from: Path, to: Path): number {
  const [model, changed] = [rootOfMount(from), rootOfMount(to)];
  for (const mount of [model, changed]) demandChangeable(thread, mount);
  if (model.fs !== changed.fs || !isWithin(changed.root, model.root)) fail(EINVAL, 'not a part of the same');
  if (hasLockedChildren(model, changed.root)) fail(EINVAL, 'this would show what a locked mount hides');
  if (changed.peers !== undefined || changed.master !== undefined) fail(EINVAL, 'it has peers or a master');
  if (model.peers === undefined && model.master === undefined) fail(EINVAL, 'a private mount has no group');
  const { mounting, mountChanges } = thread.kernel.vfs;
  mounting.peerGroups.imitate(changed, model);
  mountChanges.happened();
  return 0;
}
