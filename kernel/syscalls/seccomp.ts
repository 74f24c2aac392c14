// seccomp(2) and prctl's PR_SET_SECCOMP: a thread gives up system calls (kernel/seccomp.c).
// Rows for table.ts; what a confined thread may still do is kernel/seccomp/filters.ts.

import { SockFprog } from '../abi/bpf.ts';
import { O_RDWR } from '../abi/fcntl.ts';
import { SeccompArgument, SeccompFlags, SeccompOperation } from '../abi/kinds/seccomp-kinds.ts';
import { SeccompNotif, SeccompNotifResp, SeccompNotifSizes } from '../abi/seccomp.ts';
import type { BpfInstruction } from '../bpf/classic-bpf.ts';
import { demandLength, readInstructions } from '../bpf/read-program.ts';
import { EACCES, EBUSY, EINVAL, ENOMEM, EOPNOTSUPP, ESRCH, fail } from '../errno.ts';
import { installNew } from '../event/install.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { checkCallProgram } from '../seccomp/call-program.ts';
import {
  type Filter,
  SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG,
  SECCOMP_RET_TRACE,
  SECCOMP_RET_TRAP,
  SECCOMP_RET_USER_NOTIF,
} from '../seccomp/filters.ts';
import { ListenerFile } from '../seccomp/listener-file.ts';
import { hasListener, Notifier } from '../seccomp/notifier.ts';
import { CAP_SYS_ADMIN, hasCapability } from '../task/credentials.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

const SECCOMP_SET_MODE_STRICT = 0;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_GET_ACTION_AVAIL = 2;
const SECCOMP_GET_NOTIF_SIZES = 3;

const SECCOMP_FILTER_FLAG_TSYNC = 1;
const SECCOMP_FILTER_FLAG_LOG = 2;
const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
const SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16;
const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
/** All of them; LOG and SPEC_ALLOW (4) change nothing here. */
const FILTER_FLAGS = 63;
/** sizeof(struct seccomp_data). */
const DATA_SIZE = 64;

/** Instructions of all filters of a thread, each of which counts four more. */
const MAX_INSNS_PER_PATH = 32_768;
const FILTER_COST = 4;

const ACTIONS: readonly number[] = [
  SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_TRAP,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_USER_NOTIF,
  SECCOMP_RET_TRACE,
  SECCOMP_RET_LOG,
  SECCOMP_RET_ALLOW,
];

/** seccomp(2). EINVAL, EACCES, EFAULT, ENOMEM, EOPNOTSUPP, ESRCH. */
function seccomp(
  thread: Thread,
  { operation, flags, args }: { operation: number; flags: number; args: number },
): number {
  switch (operation) {
    case SECCOMP_SET_MODE_STRICT:
      if (flags !== 0 || args !== 0) fail(EINVAL, 'strict mode has no flags and no arguments');
      return enterStrictMode(thread);
    case SECCOMP_SET_MODE_FILTER:
      return addFilter(thread, flags, args);
    case SECCOMP_GET_ACTION_AVAIL:
      if (flags !== 0) fail(EINVAL, 'no flags here');
      return ACTIONS.includes(thread.user.readU32(args)) ? 0 : fail(EOPNOTSUPP, 'no such action');
    case SECCOMP_GET_NOTIF_SIZES:
      if (flags !== 0) fail(EINVAL, 'no flags here');
      thread.user.writeStruct(args, SeccompNotifSizes, {
        seccomp_notif: SeccompNotif.size,
        seccomp_notif_resp: SeccompNotifResp.size,
        seccomp_data: DATA_SIZE,
      });
      return 0;
    default:
      return fail(EINVAL, 'no such operation');
  }
}

/** prctl(PR_SET_SECCOMP, mode, filter): EINVAL for other modes, else as seccomp(2). */
export function setSeccompMode(thread: Thread, mode: number, address: number): number {
  if (mode === SECCOMP_MODE_STRICT) return enterStrictMode(thread);
  if (mode === SECCOMP_MODE_FILTER) return addFilter(thread, 0, address);
  return fail(EINVAL, 'no such mode');
}

function enterStrictMode(thread: Thread): number {
  if (thread.confinement?.mode === SECCOMP_MODE_FILTER) fail(EINVAL, 'the thread has filters');
  thread.confinement = { mode: SECCOMP_MODE_STRICT };
  thread.regate();
  return 0;
}

function addFilter(thread: Thread, flags: number, address: number): number {
  if ((flags & ~FILTER_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const listens = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0;
  const syncs = (flags & SECCOMP_FILTER_FLAG_TSYNC) !== 0;
  const waitsKillably = (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0;
  if (syncs && listens && (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) === 0)
    fail(EINVAL, 'a result would be a thread or a descriptor');
  if (waitsKillably && !listens) fail(EINVAL, 'nobody to receive calls');
  const program = readProgram(thread, address);
  checkCallProgram(program);
  if (listens) thread.files.freeNumbers(1, thread.process.limits.get(RLIMIT_NOFILE).soft);
  const { confinement } = thread;
  if (confinement?.mode === SECCOMP_MODE_STRICT) fail(EINVAL, 'the thread is in strict mode');
  if (listens && hasListener(confinement)) fail(EBUSY, 'a filter has a listener');
  const earlier = confinement?.last;
  let total = program.length;
  for (let filter = earlier; filter !== undefined; filter = filter.earlier)
    total += filter.program.length + FILTER_COST;
  if (total > MAX_INSNS_PER_PATH) fail(ENOMEM, 'the filters of the thread are too long together');
  const others = !syncs ? [] : [...thread.process.threads.values()];
  const stranger = others.find((other) => !mayFollow(other, earlier));
  if (stranger !== undefined) {
    if ((flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) !== 0) fail(ESRCH, 'a thread has filters of its own');
    return stranger.ownTid;
  }
  const notifier = listens ? new Notifier(thread.kernel, waitsKillably) : undefined;
  for (const each of [thread, ...others]) {
    each.confinement = {
      mode: SECCOMP_MODE_FILTER,
      last: { program, flags: flags & SECCOMP_FILTER_FLAG_LOG, earlier, notifier },
    };
    each.regate();
    if (thread.credentials.noNewPrivileges && !each.credentials.noNewPrivileges)
      each.credentials = { ...each.credentials, noNewPrivileges: true };
  }
  if (notifier === undefined) return 0;
  const listener = new ListenerFile(anonymousInode(thread.kernel, 'seccomp notify', 0o600), notifier);
  return installNew(thread, listener, O_RDWR, true);
}

/** May SECCOMP_FILTER_FLAG_TSYNC give `other` a filter on top of `chain`? Only if it has no filter besides that chain. */
function mayFollow({ confinement }: Thread, chain: Filter | undefined): boolean {
  if (confinement === undefined) return true;
  if (confinement.mode === SECCOMP_MODE_STRICT) return false;
  for (let filter = chain; filter !== undefined; filter = filter.earlier)
    if (filter.program === confinement.last.program) return true;
  return false;
}

/** EFAULT, EINVAL (length), EACCES. */
function readProgram(thread: Thread, address: number): BpfInstruction[] {
  const { len, filter } = thread.user.readStruct(address, SockFprog);
  demandLength(len);
  const { credentials } = thread;
  if (!credentials.noNewPrivileges && !hasCapability(credentials, CAP_SYS_ADMIN))
    fail(EACCES, 'needs PR_SET_NO_NEW_PRIVS or CAP_SYS_ADMIN');
  return readInstructions(thread, filter, len);
}

export const SECCOMP_SYSCALLS = {
  277: syscall(
    'seccomp',
    { operation: SeccompOperation, flags: SeccompFlags, args: SeccompArgument },
    seccomp,
  ),
};
