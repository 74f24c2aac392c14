// Sessions and process groups: setsid, setpgid and their questions (credentials(7)).
// Rows for table.ts; kernel/task/session.ts has the objects.
import { Pid } from '../abi/kinds/basic.ts';
import { EACCES, EINVAL, EPERM, ESRCH, fail } from '../errno.ts';
import { CAP_SYS_TTY_CONFIG, capable } from '../task/credentials.ts';
import type { Process } from '../task/process.ts';
import { joinGroup, Session } from '../task/session.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

function setsid(thread: Thread): number {
  const { process, kernel } = thread;
  const { pid } = process;
  if (process.session.id === pid || kernel.pids.group(pid) !== undefined) {
    fail(EPERM, 'a process group has the number of the caller');
  }
  joinGroup(process, new Session(kernel.pids, pid).group(pid));
  process.terminal = undefined;
  return process.ownPid;
}

/** kernel/sys.c, setpgid: the caller itself or a child that has not called execve, within one session. */
function setpgid(thread: Thread, { pid, pgid }: { pid: number; pgid: number }): number {
  const { kernel } = thread;
  const caller = thread.process;
  if (pgid < 0 || (pgid === 0 && pid < 0)) fail(EINVAL, 'negative process group');
  const id = pid === 0 ? caller.pid : caller.kernelPid(pid);
  const wanted = pgid === 0 ? id : caller.kernelPid(pgid);
  const target = kernel.pids.process(id);
  if (target === undefined) {
    if (kernel.pids.thread(id) !== undefined) fail(EINVAL, 'a thread, not a process');
    fail(ESRCH, 'no such process');
  }
  if (target.parent === caller && target !== caller) {
    if (target.session !== caller.session) fail(EPERM, 'the child is in another session');
    if (target.hasExecuted) fail(EACCES, 'the child has called execve');
  } else if (target !== caller) fail(ESRCH, 'neither the caller nor its child');
  if (target.session.id === target.pid) fail(EPERM, 'a session leader keeps its group');
  const group = wanted === target.pid ? target.session.group(wanted) : kernel.pids.group(wanted);
  if (group === undefined || group.session !== caller.session) fail(EPERM, 'no such group in the session');
  joinGroup(target, group);
  return 0;
}

/** Hangs up the caller's terminal, if it has one (vhangup(2)). */
function vhangup(thread: Thread): number {
  if (!capable(thread.credentials, CAP_SYS_TTY_CONFIG)) fail(EPERM, 'needs CAP_SYS_TTY_CONFIG');
  thread.process.terminal?.hangUp();
  return 0;
}

function processAt({ process, kernel: { pids } }: Thread, pid: number): Process {
  if (pid === 0) return process;
  const id = process.kernelPid(pid);
  return pids.process(id) ?? pids.thread(id)?.process ?? fail(ESRCH, 'no such process');
}

function getpgid(thread: Thread, { pid }: { pid: number }): number {
  return thread.process.shownPid(processAt(thread, pid).group.id);
}

function getsid(thread: Thread, { pid }: { pid: number }): number {
  return thread.process.shownPid(processAt(thread, pid).session.id);
}

export const SESSION_SYSCALLS = {
  58: syscall('vhangup', {}, vhangup),
  154: syscall('setpgid', { pid: Pid, pgid: Pid }, setpgid),
  155: syscall('getpgid', { pid: Pid }, getpgid, { returns: Pid }),
  156: syscall('getsid', { pid: Pid }, getsid, { returns: Pid }),
  157: syscall('setsid', {}, setsid, { returns: Pid }),
};
