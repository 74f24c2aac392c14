// Who hears of mounts (mount_namespaces(7), "Propagation"): groups of peers, which tell each other, and their slaves, which only listen.
// A mount may be in a group, or listen to a member of one, or both. mount(2) changes what it is, copies inherit it.
// Rings and lists are those of fs/pnode.c, since their order is that in which copies are made. propagation.ts finds out where a mount or umount goes.
import type { Mount } from './mount.ts';

export type Propagation = 'shared' | 'slave' | 'private' | 'unbindable';

export class PeerGroup {
  /** As in mountinfo: shared:N, master:N. */
  readonly id: number;
  /** A ring, as far as order goes: a copy stands behind its original. */
  readonly members: Mount[] = [];

  constructor(id: number) {
    this.id = id;
  }

  /** The members, from `mount` on. */
  ringFrom(mount: Mount): Mount[] {
    const at = this.members.indexOf(mount);
    return [...this.members.slice(at), ...this.members.slice(0, at)];
  }
}

/** The group that it listens to. */
export function masterGroup({ master }: Mount): PeerGroup | undefined {
  return master?.peers;
}

/** Itself if it is in no group. */
export function nextPeer(mount: Mount): Mount {
  return mount.peers?.ringFrom(mount)[1] ?? mount;
}

/** The numbers of a machine's groups: the lowest that is free, as Linux gives them. */
export class PeerGroups {
  readonly #taken = new Set<number>();

  #make(): PeerGroup {
    let id = 1;
    while (this.#taken.has(id)) id++;
    this.#taken.add(id);
    return new PeerGroup(id);
  }

  /** Makes the mount a member of a group, its own if it has none. */
  share(mount: Mount): void {
    if (mount.peers === undefined) {
      mount.peers = this.#make();
      mount.peers.members.push(mount);
    }
    mount.isUnbindable = false;
  }

  /** change_mnt_propagation. What is to be a slave listens to a former peer, or to what that listened to. */
  change(mount: Mount, type: Propagation): void {
    if (type === 'shared') {
      this.share(mount);
      return;
    }
    let source = mount.master;
    if (mount.peers !== undefined) {
      const next = nextPeer(mount);
      if (next !== mount) source = next;
      this.#leave(mount);
      handSlaves(mount, source);
    }
    ignore(mount);
    if (type !== 'slave') mount.isUnbindable = type === 'unbindable';
    else if (source !== undefined) listen(mount, source, 0);
  }

  #leave(mount: Mount): void {
    const { peers } = mount;
    if (peers === undefined) return;
    peers.members.splice(peers.members.indexOf(mount), 1);
    mount.peers = undefined;
    if (peers.members.length === 0) this.#taken.delete(peers.id);
  }

  /** Those of a set that goes neither tell nor hear anything, and who listened to them listens to what stays (bulk_make_private). */
  release(gone: ReadonlySet<Mount>): void {
    const heirs = new Map<Mount, Mount | undefined>();
    for (const mount of gone) {
      const passed: Mount[] = [];
      let at: Mount | undefined = mount;
      while (at !== undefined && gone.has(at) && !heirs.has(at)) {
        const next = nextPeer(at);
        const heir: Mount | undefined = next === at ? at.master : next;
        this.#leave(at);
        ignoreInList(at);
        passed.push(at);
        heirs.set(at, undefined);
        at = heir;
      }
      const heir = at === undefined || !gone.has(at) ? at : heirs.get(at);
      for (const each of passed) heirs.set(each, heir);
    }
    for (const mount of gone) {
      handSlaves(mount, heirs.get(mount));
      mount.master = undefined;
    }
  }

  /** `copy` is what `original` is, or a slave of it; then perhaps shared besides (clone_mnt). */
  inherit(
    copy: Mount,
    original: Mount,
    how: { readonly isSlave: boolean; readonly isShared: boolean },
  ): void {
    const { peers, master } = original;
    if (peers !== undefined && !how.isSlave) this.join(copy, original);
    if (peers !== undefined && how.isSlave) listen(copy, original, 0);
    else if (master !== undefined) listen(copy, master, master.slaves.indexOf(original) + 1);
    if (how.isShared) this.share(copy);
  }

  /** Becomes a peer of `other`, which has some group. */
  join(mount: Mount, other: Mount): void {
    const { peers } = other;
    if (peers === undefined) return;
    mount.peers = peers;
    peers.members.splice(peers.members.indexOf(other) + 1, 0, mount);
    mount.isUnbindable = false;
  }

  /** MOVE_MOUNT_SET_GROUP (do_set_group): `mount` is as `model` is. */
  imitate(mount: Mount, model: Mount): void {
    const { master } = model;
    if (master !== undefined) listen(mount, master, master.slaves.indexOf(model) + 1);
    this.join(mount, model);
  }
}

function listen(mount: Mount, master: Mount, place: number): void {
  mount.master = master;
  master.slaves.splice(place, 0, mount);
}

function ignoreInList(mount: Mount): void {
  const { master } = mount;
  const at = master?.slaves.indexOf(mount) ?? -1;
  if (at >= 0) master?.slaves.splice(at, 1);
}

function ignore(mount: Mount): void {
  ignoreInList(mount);
  mount.master = undefined;
}

/** transfer_propagation. */
function handSlaves(mount: Mount, heir: Mount | undefined): void {
  const slaves = mount.slaves.splice(0);
  for (const slave of slaves) slave.master = heir;
  heir?.slaves.unshift(...slaves);
}
