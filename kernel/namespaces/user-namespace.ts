// A user namespace (user_namespaces(7)): how it counts ids, and who owns other namespaces, so whose capabilities count there.
// Credentials name the one that they are in, or none while that is the machine's first.
// clone and unshare make one; the caller then has every capability in it, and none outside.
import { EACCES, EINVAL, ENOSPC, EPERM, fail } from '../errno.ts';
import { treeOf } from '../fs/mount.ts';
import {
  CAP_FULL_SET,
  CAP_SETFCAP,
  CAP_SETGID,
  CAP_SETUID,
  CAP_SYS_ADMIN,
  type Credentials,
  capableIn,
  hasCapability,
  NO_ID,
} from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Extent, IDENTITY, IdMap, parseExtents, UNMAPPED } from './id-map.ts';
import { NAMESPACE_KINDS, Namespace } from './namespace.ts';

/** Namespaces nest as deep at most (create_user_ns). */
const DEEPEST = 32;

export type MapKind = 'uids' | 'gids' | 'projects';

export class UserNamespace extends Namespace {
  /** The kernel's ids of whoever made it. */
  readonly ownerUid: number;
  readonly ownerGid: number;
  readonly level: number;
  uids: IdMap;
  gids: IdMap;
  projects: IdMap;
  /** /proc/PID/setgroups; what is denied stays so. */
  allowsSetgroups: boolean;
  /** Its maker could have given files capabilities: needed to map the parent's root. */
  readonly #makerHadSetfcap: boolean;

  /** The first one, or one inside of another; `maker` made it. */
  constructor(ino: number = NAMESPACE_KINDS.user.firstIno, parent?: UserNamespace, maker?: Credentials) {
    super('user', ino, parent);
    this.ownerUid = maker?.euid ?? 0;
    this.ownerGid = maker?.egid ?? 0;
    this.level = parent === undefined ? 0 : parent.level + 1;
    const map = parent === undefined ? IDENTITY : UNMAPPED;
    this.uids = this.gids = this.projects = map;
    this.allowsSetgroups = parent?.allowsSetgroups ?? true;
    this.#makerHadSetfcap = maker === undefined || hasCapability(maker, CAP_SETFCAP);
  }

  get isFirst(): boolean {
    return this.level === 0;
  }

  /** Is it `other`, or inside of it (in_userns)? */
  isWithin(other: UserNamespace): boolean {
    let at: UserNamespace = this;
    while (at !== other && !at.isFirst) at = at.owner;
    return at === other;
  }

  /** May the groups of its processes be set at all (userns_may_setgroups)? */
  get maySetGroups(): boolean {
    return this.gids.isWritten && this.allowsSetgroups;
  }

  /** EINVAL, EPERM: in the order of map_write. A map is written once. */
  writeMap(writer: Credentials, kind: MapKind, text: string): void {
    if (this.isFirst) fail(EPERM, "the first namespace's maps stay");
    const own = writer.userNamespace;
    if (own !== this && own !== (this.owner.isFirst ? undefined : this.owner))
      fail(EPERM, 'only processes of the namespace and of its parent write its maps');
    if (text.length >= 4096) fail(EINVAL, 'longer than a page');
    if (this[kind].isWritten) fail(EPERM, 'the map is written already');
    if (kind !== 'projects' && !capableIn(writer, CAP_SYS_ADMIN, this)) fail(EPERM, 'needs CAP_SYS_ADMIN');
    const extents = parseExtents(text);
    if (!this.#allows(writer, kind, extents)) fail(EPERM, 'the map gives more than the writer has');
    const outer = this.owner[kind];
    const mapped = extents.map(({ inside, kernel, count }) => {
      const first = outer.toKernel(kernel, count);
      return first === NO_ID
        ? fail(EPERM, 'the parent does not have the range')
        : { inside, kernel: first, count };
    });
    this[kind] = new IdMap(mapped);
  }

  /** new_idmap_permitted. */
  #allows(writer: Credentials, kind: MapKind, extents: readonly Extent[]): boolean {
    if (kind === 'uids' && extents.some(({ kernel }) => kernel === 0) && !this.#mayMapRoot(writer))
      return false;
    const [only] = extents;
    if (extents.length === 1 && only?.count === 1 && writer.euid === this.ownerUid) {
      if (kind === 'uids' && this.owner.uids.toKernel(only.kernel) === writer.euid) return true;
      const isOwnGroup = kind === 'gids' && this.owner.gids.toKernel(only.kernel) === writer.egid;
      if (isOwnGroup && !this.allowsSetgroups) return true;
    }
    return kind === 'projects' || capableIn(writer, kind === 'uids' ? CAP_SETUID : CAP_SETGID, this.owner);
  }

  /** verify_root_map: 0 of the parent could otherwise get capabilities by files. */
  #mayMapRoot(writer: Credentials): boolean {
    if (writer.userNamespace === this) return this.#makerHadSetfcap;
    return capableIn(writer, CAP_SETFCAP, this.owner);
  }

  /** What /proc/PID/uid_map and its like say to a reader in `viewer`. */
  mapText(kind: MapKind, viewer: UserNamespace): string {
    const seenFrom = viewer === this && !this.isFirst ? this.owner : viewer;
    return this[kind].extents
      .map(({ inside, kernel, count }) => [inside, seenFrom[kind].toInside(kernel), count])
      .map((columns) => `${columns.map((value) => String(value).padStart(10)).join(' ')}\n`)
      .join('');
  }

  /** EACCES; EPERM: `deny` after the group map was written, or `allow` after `deny`. EINVAL: another word. */
  writeSetgroups(writer: Credentials, text: string): void {
    if (!capableIn(writer, CAP_SYS_ADMIN, this)) fail(EACCES, 'needs CAP_SYS_ADMIN'); // as open says
    const word = /^(allow|deny)\s*\0*$/.exec(text)?.[1];
    if (text.length >= 8 || word === undefined) fail(EINVAL, 'allow or deny');
    if (word === 'allow' && !this.allowsSetgroups) fail(EPERM, 'it was denied');
    if (word === 'deny' && this.allowsSetgroups && this.gids.isWritten)
      fail(EPERM, 'the group map is written');
    if (word === 'deny') this.allowsSetgroups = false;
  }
}

/** The user namespace that credentials are in, as an object. */
export function userNamespaceOf({ kernel, credentials }: Thread): UserNamespace {
  return credentials.userNamespace ?? kernel.namespaces.user;
}

/** Every capability within `namespace` and no other privilege (set_cred_user_ns). */
export function credentialsIn(old: Credentials, namespace: UserNamespace): Credentials {
  return {
    ...old,
    userNamespace: namespace.isFirst ? undefined : namespace,
    securebits: 0,
    inheritable: 0n,
    permitted: CAP_FULL_SET,
    effective: CAP_FULL_SET,
    bounding: CAP_FULL_SET,
    ambient: 0n,
  };
}

/**
 * Credentials in a new user namespace inside of the thread's own (create_user_ns).
 * ENOSPC: nested too deep. EPERM: within a chroot, or the ids have no numbers in the own namespace.
 */
export function inNewUserNamespace(thread: Thread): Credentials {
  const { kernel, credentials, fs } = thread;
  const parent = userNamespaceOf(thread);
  if (parent.level >= DEEPEST) fail(ENOSPC, 'user namespaces nest too deep');
  if (!treeOf(thread).isTop(fs.root)) fail(EPERM, 'the root is not that of the mount namespace');
  const { euid, egid } = credentials;
  if (parent.uids.toInside(euid) === NO_ID || parent.gids.toInside(egid) === NO_ID)
    fail(EPERM, 'the own ids are not mapped');
  return credentialsIn(credentials, new UserNamespace(kernel.namespaces.takeIno(), parent, credentials));
}
