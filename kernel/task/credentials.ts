// Credentials of a thread (credentials(7)): user and group ids, supplementary groups, capabilities.
// Immutable values: a change replaces the object, so that a file, a socket or a message can keep the one it saw.
// Ids are the kernel's, which are those of the first user namespace; what a process in another one says and sees is translated.
import { EINVAL, fail } from '../errno.ts';
import type { Domain } from '../landlock/domain.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';

export interface Credentials {
  readonly ruid: number;
  readonly euid: number;
  readonly suid: number;
  readonly fsuid: number;
  readonly rgid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
  /** Capability sets as bit masks, bit n = capability number n. */
  readonly permitted: bigint;
  readonly effective: bigint;
  readonly inheritable: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
  readonly securebits: number;
  readonly noNewPrivileges: boolean;
  /** user_namespaces(7); absent in the machine's first. */
  readonly userNamespace: UserNamespace | undefined;
  /** landlock(7); absent while nothing confines. */
  readonly domain: Domain | undefined;
  /** As whom a person logged in (/proc/PID/loginuid), and which login that was; absent before. Nothing but a login changes it. */
  readonly login: { readonly uid: number; readonly session: number } | undefined;
}

export const CAP_CHOWN = 0;
export const CAP_DAC_OVERRIDE = 1;
export const CAP_DAC_READ_SEARCH = 2;
export const CAP_FOWNER = 3;
export const CAP_FSETID = 4;
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_LINUX_IMMUTABLE = 9;
export const CAP_NET_BIND_SERVICE = 10;
export const CAP_NET_BROADCAST = 11;
export const CAP_NET_ADMIN = 12;
export const CAP_NET_RAW = 13;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_PACCT = 20;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_BOOT = 22;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
export const CAP_SYS_TIME = 25;
export const CAP_SYS_TTY_CONFIG = 26;
export const CAP_MKNOD = 27;
export const CAP_LEASE = 28;
export const CAP_AUDIT_WRITE = 29;
export const CAP_AUDIT_CONTROL = 30;
export const CAP_SETFCAP = 31;
export const CAP_SYSLOG = 34;
export const CAP_WAKE_ALARM = 35;
export const CAP_BPF = 39;
export const CAP_CHECKPOINT_RESTORE = 40;

/** CAP_LAST_CAP is CAP_CHECKPOINT_RESTORE (40) since Linux 5.9. */
export const CAP_FULL_SET = (1n << 41n) - 1n;

/** Has the holder the capability in its own user namespace (ns_capable of current_user_ns)? */
export function hasCapability(credentials: Credentials, capability: number): boolean {
  return ((credentials.effective >> BigInt(capability)) & 1n) === 1n;
}

/** May the holder do to the whole machine what `capability` allows? */
export function capable(credentials: Credentials, capability: number): boolean {
  return credentials.userNamespace === undefined && hasCapability(credentials, capability);
}

/**
 * May the holder do what `capability` allows to what `namespace` owns (cap_capable)? Whoever made a user namespace has all
 * capabilities in it while outside of it.
 */
export function capableIn(credentials: Credentials, capability: number, namespace: UserNamespace): boolean {
  const own = credentials.userNamespace;
  for (let at = namespace; !at.isFirst; at = at.owner) {
    if (at === own) return hasCapability(credentials, capability);
    const isOutside = at.owner.isFirst ? own === undefined : at.owner === own;
    if (isOutside && at.ownerUid === credentials.euid) return true;
  }
  return capable(credentials, capability);
}

/** capableIn what the other credentials' user namespace owns. */
export function capableOver(credentials: Credentials, capability: number, other: Credentials): boolean {
  const { userNamespace } = other;
  return userNamespace === undefined
    ? capable(credentials, capability)
    : capableIn(credentials, capability, userNamespace);
}

/** (uid_t)-1: no id, or "leave as it is". */
export const NO_ID = 0xffff_ffff;

/** A kernel's uid as the viewer's user namespace counts (from_kuid_munged). */
export function shownUid({ userNamespace }: Credentials, uid: number): number {
  return userNamespace === undefined ? uid : userNamespace.uids.shown(uid);
}

export function shownGid({ userNamespace }: Credentials, gid: number): number {
  return userNamespace === undefined ? gid : userNamespace.gids.shown(gid);
}

/** The kernel's uid of what the holder calls so; NO_ID when there is none (make_kuid). */
export function kernelUid({ userNamespace }: Credentials, uid: number): number {
  return userNamespace === undefined ? uid : userNamespace.uids.toKernel(uid);
}

export function kernelGid({ userNamespace }: Credentials, gid: number): number {
  return userNamespace === undefined ? gid : userNamespace.gids.toKernel(gid);
}

/** The same, but NO_ID stays what it is. EINVAL: the namespace does not have the id. */
export function givenUid(credentials: Credentials, uid: number): number {
  if (uid === NO_ID) return NO_ID;
  const known = kernelUid(credentials, uid);
  return known === NO_ID ? fail(EINVAL, 'the user namespace does not have this id') : known;
}

export function givenGid(credentials: Credentials, gid: number): number {
  if (gid === NO_ID) return NO_ID;
  const known = kernelGid(credentials, gid);
  return known === NO_ID ? fail(EINVAL, 'the user namespace does not have this id') : known;
}

/** The kernel's uid of who is root to the holder; NO_ID when nobody is. */
export function rootOf(credentials: Credentials): number {
  return kernelUid(credentials, 0);
}

/** Has the holder the capability over a file of this owner and group (capable_wrt_inode_uidgid)? */
export function capableOverFile(
  credentials: Credentials,
  capability: number,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): boolean {
  return hasCapability(credentials, capability) && mapsOwners(credentials, { uid, gid });
}

/** Has the holder's user namespace numbers for both ids? */
export function mapsOwners(
  { userNamespace }: Credentials,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): boolean {
  if (userNamespace === undefined) return true;
  return userNamespace.uids.toInside(uid) !== NO_ID && userNamespace.gids.toInside(gid) !== NO_ID;
}

/** In one of the file-system groups (fsgid or supplementary). */
export function inGroup(credentials: Credentials, gid: number): boolean {
  return credentials.fsgid === gid || credentials.groups.includes(gid);
}

/** What a process started as this user has: root has every capability, others none. */
export function credentialsFor(uid: number, gid: number, groups: readonly number[] = []): Credentials {
  const capabilities = uid === 0 ? CAP_FULL_SET : 0n;
  return {
    ruid: uid,
    euid: uid,
    suid: uid,
    fsuid: uid,
    rgid: gid,
    egid: gid,
    sgid: gid,
    fsgid: gid,
    groups,
    permitted: capabilities,
    effective: capabilities,
    inheritable: 0n,
    bounding: CAP_FULL_SET,
    ambient: 0n,
    securebits: 0,
    noNewPrivileges: false,
    userNamespace: undefined,
    domain: undefined,
    login: undefined,
  };
}
