// Where a mount or umount goes besides the place that was named (fs/pnode.c): to the peers of the mount that the place is on,
// and to all that listen to them, as far as they show the place. The Vfs asks before it changes anything.
// What is mounted on a shared mount becomes shared; its copy is a peer of it at a peer, a slave of it at a slave.
import type { Mount } from './mount.ts';
import type { Dentry } from './path.ts';
import { Path } from './path.ts';
import type { PeerGroup } from './peers.ts';

/** How a copy hears of what happens on the original (PeerGroups.inherit). */
export interface CopyKind {
  readonly isSlave: boolean;
  readonly isShared: boolean;
}

export const AS_PEER: CopyKind = { isSlave: false, isShared: false };
export const AS_SLAVE: CopyKind = { isSlave: true, isShared: false };

/** Makes a copy of a tree of mounts, without a place. */
export type CopyTree = (top: Mount, kind: CopyKind) => Mount;

/** A tree of mounts and where it goes. */
export interface Placement {
  readonly top: Mount;
  readonly at: Path;
}

/** Is `dentry` at or below `top` within one file system? */
export function isWithin(dentry: Dentry, top: Dentry): boolean {
  for (let at: Dentry | undefined = dentry; at !== undefined; at = at.parent) if (at === top) return true;
  return false;
}

/** The copies that mounting `top` at `at` makes elsewhere. All of `top` is shared already if `at` is on a shared mount (propagate_mnt). */
export function copiesElsewhere(top: Mount, at: Path, copyTree: CopyTree): Placement[] {
  const { peers } = at.mount;
  if (peers === undefined) return [];
  const made: Placement[] = [];
  const copyTo = (members: Iterable<Mount>, source: Mount, kind: CopyKind, isFirstSource: boolean): Mount => {
    let model = source;
    let isModelHere = isFirstSource;
    for (const member of members) {
      // what is being mounted has no place yet
      if (member.tree === undefined || !isWithin(at.dentry, member.root)) continue;
      const copy = copyTree(model, isModelHere ? AS_PEER : kind);
      made.push({ top: copy, at: new Path(member, at.dentry) });
      if (!isModelHere && !kind.isShared) continue;
      model = copy; // peers stand in the order in which they were made
      isModelHere = true;
    }
    return model;
  };
  const copyToSlaves = (group: PeerGroup, source: Mount): void => {
    const seen = new Set<PeerGroup>();
    for (const slave of group.slaves) {
      if (slave.peers === undefined) copyTo([slave], source, AS_SLAVE, false);
      else if (!seen.has(slave.peers)) {
        seen.add(slave.peers);
        const model = copyTo([...slave.peers.members], source, { isSlave: true, isShared: true }, false);
        copyToSlaves(slave.peers, model);
      }
    }
  };
  copyTo(peers.othersFrom(at.mount), top, AS_PEER, true);
  copyToSlaves(peers, top);
  return made;
}

/** Every other mount that hears of what happens on `mount`. */
export function* listenersOf(mount: Mount): Generator<Mount> {
  const { peers } = mount;
  if (peers === undefined) return;
  yield* peers.othersFrom(mount);
  yield* slavesOf(peers);
}

function* slavesOf(group: PeerGroup): Generator<Mount> {
  const seen = new Set<PeerGroup>();
  for (const slave of group.slaves) {
    yield slave;
    if (slave.peers === undefined || seen.has(slave.peers)) continue;
    seen.add(slave.peers);
    yield* slavesOf(slave.peers);
  }
}

/** What is mounted at the place of `mount` elsewhere, where its umount goes. */
export function* counterparts({ at }: Mount): Generator<Mount> {
  if (at === undefined) return;
  for (const listener of listenersOf(at.mount)) {
    const there = listener.over(at.dentry);
    if (there !== undefined) yield there;
  }
}

/** Is something mounted on it besides what covers it whole? */
export function hasMountsOn(mount: Mount, but?: ReadonlySet<Mount>): boolean {
  for (const child of mount.children)
    if (child.at?.dentry !== mount.root && but?.has(child) !== true) return true;
  return false;
}

/** What goes elsewhere when `gone` go: not what others are mounted on that stay, nor what is locked to what stays (propagate_umount). */
export function goneElsewhere(gone: ReadonlySet<Mount>): Set<Mount> {
  const found = new Set<Mount>();
  for (const mount of gone) for (const there of counterparts(mount)) if (!gone.has(there)) found.add(there);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const mount of found) {
      const parent = mount.at?.mount;
      const isHeld = mount.isLocked && (parent === undefined || !found.has(parent));
      if (isHeld || hasMountsOn(mount, found)) found.delete(mount);
    }
  }
  return found;
}

/** The group that a slave hears from through one that is not in sight, by its nearest master in sight (get_dominating_id). */
export function dominatingGroup(mount: Mount, isSeen: (mount: Mount) => boolean): PeerGroup | undefined {
  for (let group = mount.master; group !== undefined; group = group.master)
    for (const member of group.members) if (isSeen(member)) return group;
  return undefined;
}
