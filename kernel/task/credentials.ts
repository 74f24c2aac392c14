// Credentials of a thread (credentials(7)): user and group ids, supplementary groups, capabilities.
// Immutable values: a change replaces the object, so that a file, a socket or a message can keep the one it saw.

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
export const CAP_NET_BIND_SERVICE = 10;
export const CAP_NET_BROADCAST = 11;
export const CAP_NET_ADMIN = 12;
export const CAP_NET_RAW = 13;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_BOOT = 22;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
export const CAP_SYS_TIME = 25;
export const CAP_SYS_TTY_CONFIG = 26;
export const CAP_MKNOD = 27;
export const CAP_LEASE = 28;
export const CAP_SYSLOG = 34;
export const CAP_WAKE_ALARM = 35;

/** CAP_LAST_CAP is CAP_CHECKPOINT_RESTORE (40) since Linux 5.9. */
export const CAP_FULL_SET = (1n << 41n) - 1n;

/** May the holder do what `capability` allows? */
export function capable(credentials: Credentials, capability: number): boolean {
  return ((credentials.effective >> BigInt(capability)) & 1n) === 1n;
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
  };
}
