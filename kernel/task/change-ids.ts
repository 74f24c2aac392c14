// Changing user and group ids (credentials(7), kernel/sys.c): the rules of each call, and what happens to capabilities.
// syscalls/ids.ts calls it and stores the result; execve uses commit() too.
// Every function takes the kernel's ids and returns new credentials; nothing is changed when one fails.
import { EPERM, fail } from '../errno.ts';
import { CAP_SETGID, CAP_SETUID, type Credentials, hasCapability, NO_ID, rootOf } from './credentials.ts';
import type { Thread } from './thread.ts';

const SECBIT_NO_SETUID_FIXUP = 1 << 2;
/** CAP_CHOWN … CAP_FSETID, CAP_LINUX_IMMUTABLE, CAP_MKNOD, CAP_MAC_OVERRIDE: what fsuid 0 gives (CAP_FS_SET). */
const CAP_FS_SET = 0b11111n | (1n << 9n) | (1n << 27n) | (1n << 32n);
/** (uid_t)-1: leave as it is. */
const UNCHANGED = NO_ID;

type UserIds = Pick<Credentials, 'ruid' | 'euid' | 'suid' | 'fsuid'>;

/** capabilities(7), "Effect of user ID changes on capabilities". */
function withUsers(old: Credentials, ids: UserIds, keepCapabilities: boolean): Credentials {
  let { permitted, effective, ambient } = old;
  if ((old.securebits & SECBIT_NO_SETUID_FIXUP) === 0) {
    const root = rootOf(old);
    const hadRoot = old.ruid === root || old.euid === root || old.suid === root;
    const hasRoot = ids.ruid === root || ids.euid === root || ids.suid === root;
    if (hadRoot && !hasRoot) {
      if (!keepCapabilities) {
        permitted = 0n;
        effective = 0n;
      }
      ambient = 0n;
    }
    if (old.euid === root && ids.euid !== root) effective = 0n;
    if (old.euid !== root && ids.euid === root) effective = permitted;
  }
  return { ...old, ...ids, permitted, effective, ambient };
}

export function setuid(thread: Thread, uid: number): Credentials {
  const old = thread.credentials;
  if (hasCapability(old, CAP_SETUID)) {
    return withUsers(old, { ruid: uid, euid: uid, suid: uid, fsuid: uid }, thread.keepCapabilities);
  }
  if (uid !== old.ruid && uid !== old.suid) fail(EPERM, 'neither the real nor the saved user');
  return withUsers(old, { ruid: old.ruid, euid: uid, suid: old.suid, fsuid: uid }, thread.keepCapabilities);
}

export function setreuid(thread: Thread, ruid: number, euid: number): Credentials {
  const old = thread.credentials;
  const isPrivileged = hasCapability(old, CAP_SETUID);
  if (ruid !== UNCHANGED && !isPrivileged && ![old.ruid, old.euid].includes(ruid))
    fail(EPERM, 'not an own user id');
  if (euid !== UNCHANGED && !isPrivileged && ![old.ruid, old.euid, old.suid].includes(euid)) {
    fail(EPERM, 'not an own user id');
  }
  const effective = euid === UNCHANGED ? old.euid : euid;
  const savesIt = ruid !== UNCHANGED || (euid !== UNCHANGED && euid !== old.ruid);
  return withUsers(
    old,
    {
      ruid: ruid === UNCHANGED ? old.ruid : ruid,
      euid: effective,
      suid: savesIt ? effective : old.suid,
      fsuid: effective,
    },
    thread.keepCapabilities,
  );
}

export function setresuid(thread: Thread, ruid: number, euid: number, suid: number): Credentials {
  const old = thread.credentials;
  const own = [UNCHANGED, old.ruid, old.euid, old.suid];
  if (!hasCapability(old, CAP_SETUID) && ![ruid, euid, suid].every((id) => own.includes(id))) {
    fail(EPERM, 'not an own user id');
  }
  const wanted = {
    ruid: ruid === UNCHANGED ? old.ruid : ruid,
    euid: euid === UNCHANGED ? old.euid : euid,
    suid: suid === UNCHANGED ? old.suid : suid,
  };
  const isSame = wanted.ruid === old.ruid && wanted.euid === old.euid && wanted.suid === old.suid;
  if (isSame && [UNCHANGED, old.fsuid].includes(euid)) return old; // then fsuid stays, too (__sys_setresuid)
  return withUsers(old, { ...wanted, fsuid: wanted.euid }, thread.keepCapabilities);
}

/** setfsuid(2) never fails: what is not allowed changes nothing. */
export function setfsuid(thread: Thread, uid: number): Credentials {
  const old = thread.credentials;
  const own = [old.ruid, old.euid, old.suid, old.fsuid];
  if (uid === UNCHANGED || (!own.includes(uid) && !hasCapability(old, CAP_SETUID))) return old;
  let { effective } = old;
  if ((old.securebits & SECBIT_NO_SETUID_FIXUP) === 0) {
    const root = rootOf(old);
    if (old.fsuid === root && uid !== root) effective &= ~CAP_FS_SET;
    if (old.fsuid !== root && uid === root) effective |= old.permitted & CAP_FS_SET;
  }
  return { ...old, fsuid: uid, effective };
}

export function setgid(old: Credentials, gid: number): Credentials {
  if (hasCapability(old, CAP_SETGID)) return { ...old, rgid: gid, egid: gid, sgid: gid, fsgid: gid };
  if (gid !== old.rgid && gid !== old.sgid) fail(EPERM, 'neither the real nor the saved group');
  return { ...old, egid: gid, fsgid: gid };
}

export function setregid(old: Credentials, rgid: number, egid: number): Credentials {
  const isPrivileged = hasCapability(old, CAP_SETGID);
  if (rgid !== UNCHANGED && !isPrivileged && ![old.rgid, old.egid].includes(rgid))
    fail(EPERM, 'not an own group id');
  if (egid !== UNCHANGED && !isPrivileged && ![old.rgid, old.egid, old.sgid].includes(egid)) {
    fail(EPERM, 'not an own group id');
  }
  const effective = egid === UNCHANGED ? old.egid : egid;
  const savesIt = rgid !== UNCHANGED || (egid !== UNCHANGED && egid !== old.rgid);
  return {
    ...old,
    rgid: rgid === UNCHANGED ? old.rgid : rgid,
    egid: effective,
    sgid: savesIt ? effective : old.sgid,
    fsgid: effective,
  };
}

export function setresgid(old: Credentials, rgid: number, egid: number, sgid: number): Credentials {
  const own = [UNCHANGED, old.rgid, old.egid, old.sgid];
  if (!hasCapability(old, CAP_SETGID) && ![rgid, egid, sgid].every((id) => own.includes(id))) {
    fail(EPERM, 'not an own group id');
  }
  const wanted = {
    rgid: rgid === UNCHANGED ? old.rgid : rgid,
    egid: egid === UNCHANGED ? old.egid : egid,
    sgid: sgid === UNCHANGED ? old.sgid : sgid,
  };
  const isSame = wanted.rgid === old.rgid && wanted.egid === old.egid && wanted.sgid === old.sgid;
  if (isSame && [UNCHANGED, old.fsgid].includes(egid)) return old; // then fsgid stays, too (__sys_setresgid)
  return { ...old, ...wanted, fsgid: wanted.egid };
}

export function setfsgid(old: Credentials, gid: number): Credentials {
  const own = [old.rgid, old.egid, old.sgid, old.fsgid];
  if (gid === UNCHANGED || (!own.includes(gid) && !hasCapability(old, CAP_SETGID))) return old;
  return { ...old, fsgid: gid };
}

/** Puts new credentials in force; a real change makes the process undumpable (commit_creds, proc(5)). */
export function commit(thread: Thread, credentials: Credentials): void {
  const old = thread.credentials;
  thread.credentials = credentials;
  const isChange =
    old.euid !== credentials.euid ||
    old.egid !== credentials.egid ||
    old.fsuid !== credentials.fsuid ||
    old.fsgid !== credentials.fsgid ||
    (credentials.permitted & ~old.permitted) !== 0n;
  if (!isChange) return;
  thread.process.dumpable = thread.kernel.cores.suidDumpable;
  thread.parentDeathSignal = 0;
}
