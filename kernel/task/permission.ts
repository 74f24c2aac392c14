// Who may signal, inspect or change whom (kill(2), ptrace(2) "access mode checks", setpriority(2)).
// System calls that name another process ask here.
// Answers are booleans; each caller knows its errno.
import { LANDLOCK_SCOPE } from '../abi/landlock.ts';
import { SIGCONT } from '../abi/signal.ts';
import { isScoped, isWithin } from '../landlock/domain.ts';
import {
  CAP_KILL,
  CAP_SYS_NICE,
  CAP_SYS_PTRACE,
  CAP_SYS_RESOURCE,
  type Credentials,
  capableOver,
} from './credentials.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';

/** check_kill_permission: of Landlock too. */
export function maySignal(sender: Thread, target: Process, credentials: Credentials, signo: number): boolean {
  if (sender.process === target) return true;
  const { domain } = sender.credentials;
  if (domain !== undefined && isScoped(domain, credentials.domain, LANDLOCK_SCOPE.SIGNAL)) return false;
  return isSignalAllowed(sender, target, credentials, signo);
}

/** kill_ok_by_cred and the SIGCONT exception. */
function isSignalAllowed(sender: Thread, target: Process, credentials: Credentials, signo: number): boolean {
  const own = sender.credentials;
  if (own.euid === credentials.suid || own.euid === credentials.ruid) return true;
  if (own.ruid === credentials.suid || own.ruid === credentials.ruid) return true;
  if (capableOver(own, CAP_KILL, credentials)) return true;
  return signo === SIGCONT && sender.process.session === target.session;
}

function ownsAll(own: Credentials, other: Credentials): boolean {
  return (
    own.ruid === other.euid &&
    own.ruid === other.suid &&
    own.ruid === other.ruid &&
    own.rgid === other.egid &&
    own.rgid === other.sgid &&
    own.rgid === other.rgid
  );
}

/**
 * To look into another process or to change it: PTRACE_MODE_READ and PTRACE_MODE_ATTACH with real ids, which differ only to
 * security modules (__ptrace_may_access, cap_ptrace_access_check).
 */
export function mayInspect(thread: Thread, target: Thread): boolean {
  if (thread.process === target.process) return true;
  const { domain } = thread.credentials;
  if (domain !== undefined && !isWithin(domain, target.credentials.domain)) return false;
  if (capableOver(thread.credentials, CAP_SYS_PTRACE, target.credentials)) return true;
  const isDumpable = target.process.dumpable === 1;
  return ownsAll(thread.credentials, target.credentials) && isDumpable && mayBeTracedBy(target, thread);
}

/** Does `tracer` have all capabilities that the thread has (cap_ptrace_traceme), and a domain around its own (hook_ptrace_traceme)? */
export function mayBeTracedBy({ credentials }: Thread, { credentials: tracer }: Thread): boolean {
  if (tracer.domain !== undefined && !isWithin(tracer.domain, credentials.domain)) return false;
  const isSame = credentials.userNamespace === tracer.userNamespace;
  if (isSame && (credentials.permitted & ~tracer.permitted) === 0n) return true;
  return capableOver(tracer, CAP_SYS_PTRACE, credentials);
}

/** check_prlimit_permission. */
export function mayChangeLimits(thread: Thread, target: Thread): boolean {
  if (thread === target || thread.process === target.process) return true;
  const { credentials } = thread;
  return (
    ownsAll(credentials, target.credentials) || capableOver(credentials, CAP_SYS_RESOURCE, target.credentials)
  );
}

/** set_one_prio_perm and check_same_owner: scheduling of another thread. */
export function mayReschedule(thread: Thread, target: Thread): boolean {
  const own = thread.credentials;
  const other = target.credentials;
  return own.euid === other.ruid || own.euid === other.euid || capableOver(own, CAP_SYS_NICE, other);
}

/** cap_safe_nice: priorities of a thread with more capabilities are its own. */
export function hasCapabilitiesOf({ credentials: own }: Thread, { credentials: other }: Thread): boolean {
  return (other.permitted & ~own.permitted) === 0n || capableOver(own, CAP_SYS_NICE, other);
}
