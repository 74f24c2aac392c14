// Who a socket's peer is and who sent a message: SO_PEERCRED, SCM_CREDENTIALS, SO_PEERGROUPS and the pidfds.
// connect, listen and socketpair take a PeerCredentials; each send takes a SenderCredentials when someone wants it.
// SO_PEERCRED has effective ids, SCM_CREDENTIALS made by the kernel real ones (unix(7), "Ancillary messages").
import { Ucred } from '../../abi/socket.ts';
import { EINVAL, EPERM, ESRCH, fail } from '../../errno.ts';
import {
  CAP_SETGID,
  CAP_SETUID,
  CAP_SYS_ADMIN,
  type Credentials,
  capable,
  capableIn,
  hasCapability,
  kernelGid,
  kernelUid,
  NO_ID,
  shownGid,
  shownUid,
} from '../../task/credentials.ts';
import type { Process } from '../../task/process.ts';
import type { Thread } from '../../task/thread.ts';

/** As of connect, listen or socketpair. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** For SO_PEERPIDFD. */
  readonly process: Process;
}

/** As of one send. */
export interface SenderCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** For SCM_PIDFD. */
  readonly process: Process;
  /** The thread whose number was given for the process's by hand. */
  readonly thread: Thread | undefined;
}

/** struct ucred as SCM_CREDENTIALS carries it. */
export interface ClaimedCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What a process sees of who somebody is (cred_to_ucred, scm_recv). */
export function encodeUcred(
  { process, credentials }: Thread,
  { pid, uid, gid }: ClaimedCredentials,
): Uint8Array {
  return Ucred.encode({
    pid: process.shownPid(pid),
    uid: shownUid(credentials, uid),
    gid: shownGid(credentials, gid),
  });
}

/** What receivers get for bytes that were sent when nobody asked: no process, the overflow ids. */
export const UNKNOWN_SENDER: ClaimedCredentials = { pid: 0, uid: 65534, gid: 65534 };

export function peerCredentialsOf(thread: Thread): PeerCredentials {
  const { credentials, process } = thread;
  return {
    pid: process.pid,
    uid: credentials.euid,
    gid: credentials.egid,
    groups: credentials.groups,
    process,
  };
}

export function senderCredentialsOf(thread: Thread): SenderCredentials {
  const { credentials, process } = thread;
  return { pid: process.pid, uid: credentials.ruid, gid: credentials.rgid, process, thread: undefined };
}

/**
 * SCM_CREDENTIALS sent by hand (scm_check_creds).
 * EPERM: another pid without CAP_SYS_ADMIN, an id that is not one of the caller's without CAP_SETUID or CAP_SETGID.
 * ESRCH: no such process. EINVAL: an id of -1, or one that the user namespace does not have.
 */
export function checkClaim(thread: Thread, claim: ClaimedCredentials): SenderCredentials {
  const own = thread.credentials;
  const [uid, gid] = [kernelUid(own, claim.uid), kernelGid(own, claim.gid)];
  if (uid === NO_ID || gid === NO_ID) fail(EINVAL, 'no such id');
  const { process } = thread;
  const ownPid = claim.pid === process.ownPid;
  if (!ownPid && !mayActAsOthers(process, own)) fail(EPERM, 'another pid needs CAP_SYS_ADMIN');
  const ownUid = uid === own.ruid || uid === own.euid || uid === own.suid;
  if (!ownUid && !hasCapability(own, CAP_SETUID))
    fail(EPERM, "a uid that is not the sender's needs CAP_SETUID");
  const ownGid = gid === own.rgid || gid === own.egid || gid === own.sgid;
  if (!ownGid && !hasCapability(own, CAP_SETGID))
    fail(EPERM, "a gid that is not the sender's needs CAP_SETGID");
  if (ownPid) return { pid: process.pid, uid, gid, process, thread: undefined };
  const pid = process.kernelPid(claim.pid);
  return { pid, uid, gid, ...ownerOf(thread, pid) };
}

function mayActAsOthers({ pidNamespace }: Process, own: Credentials): boolean {
  return pidNamespace === undefined
    ? capable(own, CAP_SYS_ADMIN)
    : capableIn(own, CAP_SYS_ADMIN, pidNamespace.owner);
}

/** find_get_pid takes any number that is in use as pid or tid. */
function ownerOf({ kernel: { pids } }: Thread, id: number): Pick<SenderCredentials, 'process' | 'thread'> {
  const process = pids.process(id);
  if (process !== undefined) return { process, thread: undefined };
  const thread = pids.thread(id) ?? fail(ESRCH, 'no process has the pid');
  return { process: thread.process, thread };
}

/** A stream read never joins bytes of different senders (unix_skb_scm_eq). */
export function sameSender(a: SenderCredentials | undefined, b: SenderCredentials | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.process === b.process && a.thread === b.thread && a.uid === b.uid && a.gid === b.gid;
}
