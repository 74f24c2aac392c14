// Who hears of mounts (mount_namespaces(7), "Propagation"): groups of peers, which tell each other, and their slaves, which only listen.
// A mount may be in a group, or listen to one, or both. mount(2) changes what it is, copies inherit it.
// propagation.ts finds out where a mount or umount goes.
import type { Mount } from './mount.ts';

export type Propagation = 'shared' | 'slave' | 'private' | 'unbindable';

export class PeerGroup {
  /** As in mountinfo: shared:N, master:N. */
  readonly id: number;
  /** A ring, as far as order goes: a copy stands behind its original. */
  readonly members: Mount[] = [];
  /** Those that listen to it. */
  readonly slaves = new Set<Mount>();

  constructor(id: number) {
    this.id = id;
  }

  /** The group that it listens to itself: its members all do or none. */
  get master(): PeerGroup | undefined {
    return this.members[0]?.master;
  }

  /** The other members, from behind `mount` on. */
  othersFrom(mount: Mount): Mount[] {
    const at = this.members.indexOf(mount);
    return [...this.members.slice(at + 1), ...this.members.slice(0, at)];
  }
}

/** The numbers of a machine's groups: the lowest that is free, as Linux gives them. */
export class PeerGroups {
  readonly #taken = new Set<number>();

  make(): PeerGroup {
    let id = 1;
    while (this.#taken.has(id)) id++;
    this.#taken.add(id);
    return new PeerGroup(id);
  }

  /** Makes the mount a member of a group, its own if it has none. */
  share(mount: Mount): void {
    if (mount.peers === undefined) {
      mount.peers = this.make();
      mount.peers.members.push(mount);
    }
    mount.isUnbindable = false;
  }

  /** change_mnt_propagation. What is to be a slave listens to its former group, or to what that listened to. */
  change(mount: Mount, type: Propagation): void {
    if (type === 'shared') {
      this.share(mount);
      return;
    }
    const { peers, master } = mount;
    let source = master;
    if (peers !== undefined) {
      peers.members.splice(peers.members.indexOf(mount), 1);
      mount.peers = undefined;
      if (peers.members.length > 0) source = peers;
      else {
        this.#taken.delete(peers.id);
        for (const slave of [...peers.slaves]) listen(slave, master);
      }
    }
    listen(mount, type === 'slave' ? source : undefined);
    if (type !== 'slave') mount.isUnbindable = type === 'unbindable';
  }

  /** `copy` is what `original` is, or a slave of its group; then perhaps shared besides (clone_mnt). */
  inherit(
    copy: Mount,
    original: Mount,
    how: { readonly isSlave: boolean; readonly isShared: boolean },
  ): void {
    const { peers, master } = original;
    if (peers !== undefined && !how.isSlave) {
      copy.peers = peers;
      peers.members.splice(peers.members.indexOf(original) + 1, 0, copy);
    }
    listen(copy, peers !== undefined && how.isSlave ? peers : master);
    if (how.isShared) this.share(copy);
  }
}

function listen(mount: Mount, group: PeerGroup | undefined): void {
  mount.master?.slaves.delete(mount);
  mount.master = group;
  group?.slaves.add(mount);
}
