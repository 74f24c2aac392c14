// Where a mount or umount goes besides the place that was named (fs/pnode.c): to the peers of the mount that the place is on,
// and to all that listen to them, as far as they show the place. Mounting asks before it changes anything.
// What is mounted on a shared mount becomes shared; its copy is a peer of it at a peer, a slave of it at a slave.
import type { Mount } from './mount.ts';
import type { Dentry } from './path.ts';
import { Path } from './path.ts';
import { nextPeer, type PeerGroup } from './peers.ts';

/** How a copy hears of what happens on the original (PeerGroups.inherit). */
export interface CopyKind {
  readonly isSlave: boolean;
  readonly isShared: boolean;
}

export const AS_PEER: CopyKind = { isSlave: false, isShared: false };
export const AS_SLAVE: CopyKind = { isSlave: true, isShared: false };
const AS_SHARED: CopyKind = { isSlave: false, isShared: true };
const AS_SHARED_SLAVE: CopyKind = { isSlave: true, isShared: true };

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

/** Each in a list of slaves that are one group's, then what listens to them (next_group). */
function* slaveGroups(mounts: readonly Mount[]): Generator<Mount> {
  for (let i = 0; i < mounts.length; i++) {
    const first = mounts[i] as Mount;
    const peers = [first];
    for (let last = first; mounts[i + 1] === nextPeer(last) && nextPeer(last) !== first; i++) {
      last = mounts[i + 1] as Mount;
      peers.push(last);
    }
    yield first;
    for (const peer of peers) if (peer.tree !== undefined) yield* slaveGroups([...peer.slaves]);
  }
}

/**
 * The copies that mounting `top` at `at` makes elsewhere (propagate_mnt). All of `top` is shared already if `at` is on a shared
 * mount; those of it that were not before count as listeners alone, should they hear of their own move.
 */
export function copiesElsewhere(
  top: Mount,
  at: Path,
  isNewlyShared: (mount: Mount) => boolean,
  copyTree: CopyTree,
): Placement[] {
  const made = new Map<Mount, Mount>();
  const parents = new Map<Mount, Mount>();
  const marked = new Set<Mount | undefined>([at.mount.master]);
  let copy = top;
  const copyTo = (members: readonly Mount[], firstKind: CopyKind): void => {
    let kind = firstKind;
    for (const member of members) {
      // what is being mounted has no place yet, and nothing comes to what is detached
      if (member.tree?.isDetached !== false || !isWithin(at.dentry, member.root)) continue;
      if (kind.isSlave) copy = masterAmongCopies(member, copy, top, marked, parents);
      copy = copyTree(copy, kind);
      made.set(copy, member);
      parents.set(copy, member);
      marked.add(member.master);
      kind = AS_SHARED;
    }
  };
  parents.set(top, at.mount);
  const [, ...others] = at.mount.peers?.ringFrom(at.mount) ?? [];
  copyTo(others, AS_SHARED);
  for (const peer of [at.mount, ...others])
    for (const slave of slaveGroups([...peer.slaves])) {
      const group = slave.peers?.ringFrom(slave) ?? [slave];
      copyTo(group, slave.peers === undefined || isNewlyShared(slave) ? AS_SLAVE : AS_SHARED_SLAVE);
    }
  return [...made].map(([copied, member]) => ({ top: copied, at: new Path(member, at.dentry) }));
}

/** Which copy a slave's copy listens to: that of the nearest master that has one (find_master). */
function masterAmongCopies(
  slave: Mount,
  lastCopy: Mount,
  original: Mount,
  marked: ReadonlySet<Mount | undefined>,
  parents: ReadonlyMap<Mount, Mount>,
): Mount {
  let below = slave;
  while (below.master !== undefined && !marked.has(below.master)) below = below.master;
  let copy = lastCopy;
  while (!arePeers(copy, original)) {
    const { master } = copy;
    const parent = parents.get(copy);
    if (master === undefined) break;
    if (parent?.master === below.master) return arePeers(parent, below) ? copy : master;
    copy = master;
  }
  return copy;
}

function arePeers(one: Mount | undefined, other: Mount): boolean {
  return one?.peers !== undefined && one.peers === other.peers;
}

/** Every other mount that hears of what happens on `mount` (propagation_next). */
export function* listenersOf(mount: Mount): Generator<Mount> {
  for (const peer of mount.peers?.ringFrom(mount) ?? [mount]) {
    if (peer !== mount) yield peer;
    yield* slavesOf(peer);
  }
}

function* slavesOf({ slaves, tree }: Mount): Generator<Mount> {
  if (tree === undefined) return;
  for (const slave of [...slaves]) {
    yield slave;
    yield* slavesOf(slave);
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
export function hasMountsOn(mount: Mount): boolean {
  for (const child of mount.children) if (child.at?.dentry !== mount.root) return true;
  return false;
}

/** Would a mount on `from` at `dentry` come to lie on `to` as well (propagation_would_overmount)? */
export function wouldOvermount(from: Mount, to: Mount, dentry: Dentry): boolean {
  if (from.peers === undefined || to.root !== dentry) return false;
  for (let at: Mount | undefined = to; at !== undefined; at = at.master)
    if (at.peers === from.peers) return true;
  return false;
}

/**
 * What goes elsewhere when `gone` go: not what others are mounted on that stay, nor what is locked to what stays
 * (propagate_umount, Documentation/filesystems/propagate_umount.txt).
 */
export function goneElsewhere(gone: ReadonlySet<Mount>): Set<Mount> {
  const candidates = new Set<Mount>();
  for (const mount of gone)
    for (const there of counterparts(mount)) if (!gone.has(there)) candidates.add(there);
  keepParents(candidates, gone);
  return new Set([...candidates].filter((mount) => isFree(mount, candidates, gone)));
}

/** Takes out what would not go away whole: something that stays is mounted on it, or would slide there, and not over its root. */
function keepParents(candidates: Set<Mount>, gone: ReadonlySet<Mount>): void {
  const goes = (mount: Mount): boolean => candidates.has(mount) || gone.has(mount);
  const leavesCover = (mount: Mount): boolean => {
    const cover = mount.over(mount.root);
    return cover !== undefined && (!goes(cover) || leavesCover(cover));
  };
  for (let before = -1; before !== candidates.size; ) {
    before = candidates.size;
    for (const mount of candidates)
      for (const child of mount.children)
        if (child.at?.dentry !== mount.root && (!goes(child) || leavesCover(child))) candidates.delete(mount);
  }
}

/** Not locked, nor locked to something that goes and is free itself (handle_locked). */
function isFree(mount: Mount, candidates: ReadonlySet<Mount>, gone: ReadonlySet<Mount>): boolean {
  for (let at: Mount | undefined = mount; at !== undefined; at = at.at?.mount) {
    if (gone.has(at)) return true;
    if (!candidates.has(at)) return false;
    if (!at.isLocked) return true;
  }
  return false;
}

/** The group that a slave hears from through one that is not in sight, by its nearest master in sight (get_dominating_id). */
export function dominatingGroup(mount: Mount, isSeen: (mount: Mount) => boolean): PeerGroup | undefined {
  for (let { master } = mount; master !== undefined; master = master.master)
    for (const member of master.peers?.members ?? []) if (isSeen(member)) return member.peers;
  return undefined;
}
