// Calls that name processes by descriptor, and a few that look into another process: pidfd_*, kcmp, process_mrelease.
// Rows for table.ts; the descriptor is kernel/task/pid-fd.ts.

import { Fd, I32, Pid, Signal, U32 } from '../abi/kinds/basic.ts';
import { PidfdFlags } from '../abi/kinds/process-kinds.ts';
import { SiginfoIn } from '../abi/kinds/signal-kinds.ts';
import { KcmpType } from '../abi/kinds/system-kinds.ts';
import { NSIG, SI_TKILL, SI_USER, SIGINFO_SIZE } from '../abi/signal.ts';
import { struct, u32 } from '../abi/struct.ts';
import { EAGAIN, EBADF, EINVAL, ENOENT, EPERM, ESRCH, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { processOfDirectory } from '../fs/procfs/proc-fs.ts';
import { Epoll } from '../poll/epoll.ts';
import { mayInspect, maySignal } from '../task/permission.ts';
import {
  openPidFd,
  PIDFD_NONBLOCK,
  PIDFD_SELF_THREAD,
  PIDFD_SELF_THREAD_GROUP,
  PIDFD_THREAD,
  PidFd,
  pidFd,
  processBehind,
} from '../task/pid-fd.ts';
import type { Process } from '../task/process.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import { sendToProcess, sendToThread } from '../task/send-signal.ts';
import { decodeSiginfo, type SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { sendToMembers } from './signals.ts';
import { syscall } from './syscall.ts';

const PIDFD_SIGNAL_THREAD = 1;
const PIDFD_SIGNAL_THREAD_GROUP = 2;
const PIDFD_SIGNAL_PROCESS_GROUP = 4;

function pidfdOpen(thread: Thread, { pid, flags }: { pid: number; flags: number }): number {
  if ((flags & ~(PIDFD_NONBLOCK | PIDFD_THREAD)) !== 0) fail(EINVAL, 'unknown flags');
  if (pid <= 0) fail(EINVAL, 'not a process id');
  const { pids } = thread.kernel;
  const id = thread.process.kernelPid(pid);
  if ((flags & PIDFD_THREAD) !== 0) {
    const target = pids.task(id) ?? fail(ESRCH, 'no such thread');
    return openPidFd(thread, target.process, target, flags);
  }
  const process = pids.process(id);
  if (process === undefined) {
    if (pids.thread(id) !== undefined) fail(EINVAL, 'a thread that does not lead its process');
    fail(ESRCH, 'no such process');
  }
  return openPidFd(thread, process, undefined, flags);
}

interface SignalTarget {
  readonly process: Process;
  /** The one that is meant unless the flags say otherwise. */
  readonly thread: Thread | undefined;
}

/** Of a pidfd, of PIDFD_SELF, or of a directory of /proc, which was the pidfd of old kernels (tgid_pidfd_to_pid). EBADF. */
function signalTarget(thread: Thread, fd: number): SignalTarget {
  const { process } = thread;
  if (fd === PIDFD_SELF_THREAD) return { process, thread };
  if (fd === PIDFD_SELF_THREAD_GROUP) return { process, thread: undefined };
  const { descriptor } = thread.files.get(fd);
  if (descriptor instanceof PidFd) return descriptor;
  return { process: processOfDirectory(descriptor.inode) ?? fail(EBADF, 'not a pidfd'), thread: undefined };
}

function pidfdSendSignal(
  thread: Thread,
  { pidfd, sig, info, flags }: { pidfd: number; sig: number; info: number; flags: number },
): number {
  const scopes = PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP | PIDFD_SIGNAL_PROCESS_GROUP;
  if ((flags & ~scopes) !== 0 || (flags & (flags - 1)) !== 0) fail(EINVAL, 'unknown or several flags');
  const target = signalTarget(thread, pidfd);
  const { process } = target;
  if (thread.process.shownPid(process.pid) === 0) fail(EINVAL, 'the process is not in the pid namespace');
  let siginfo: SignalInfo = {
    signo: sig,
    code: SI_USER,
    pid: thread.process.ownPid,
    uid: thread.credentials.ruid,
  };
  if (info !== 0) {
    const bytes = thread.user.read(info, SIGINFO_SIZE);
    if (new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) !== sig)
      fail(EINVAL, 'si_signo is not sig');
    siginfo = decodeSiginfo(sig, bytes);
    if (process !== thread.process && (siginfo.code >= 0 || siginfo.code === SI_TKILL)) {
      fail(EPERM, 'si_code pretends to be from the kernel');
    }
  }
  if (flags === PIDFD_SIGNAL_PROCESS_GROUP)
    // the group that has its number, not the one that it is in
    return -sendToMembers(thread, thread.kernel.pids.group(process.pid), siginfo);
  if (process.state === 'reaped') fail(ESRCH, 'the process is gone');
  if (sig < 0 || sig > NSIG) fail(EINVAL, 'no such signal');
  if (!maySignal(thread, process, process.credentials, sig)) fail(EPERM, 'not allowed to signal it');
  const toThread = target.thread !== undefined && flags === 0 ? true : flags === PIDFD_SIGNAL_THREAD;
  const receiver = target.thread ?? process.leader;
  if (toThread && receiver?.state === 'dead') fail(ESRCH, 'the thread is gone');
  if (sig === 0) return 0;
  if (toThread && receiver !== undefined) return -sendToThread(receiver, siginfo);
  return -sendToProcess(process, siginfo);
}

function pidfdGetfd(
  thread: Thread,
  { pidfd, targetfd, flags }: { pidfd: number; targetfd: number; flags: number },
): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  const { pidfd: named } = pidFd(thread, pidfd);
  const target = named.thread ?? thread.kernel.pids.task(named.process.pid);
  if (target === undefined || named.process.state === 'reaped') fail(ESRCH, 'the process is gone');
  if (!mayInspect(thread, target)) fail(EPERM, "not this user's process");
  if (target.state === 'dead') fail(ESRCH, 'the process has no descriptors any more');
  const file = target.files.lookup(targetfd) ?? fail(EBADF, 'no such descriptor there');
  file.retain();
  try {
    return thread.files.install(file, thread.process.limits.get(RLIMIT_NOFILE).soft, true);
  } catch (thrown) {
    file.release();
    throw thrown;
  }
}

const KCMP_FILE = 0;
const KCMP_VM = 1;
const KCMP_FILES = 2;
const KCMP_FS = 3;
const KCMP_SIGHAND = 4;
const KCMP_IO = 5;
const KCMP_SYSVSEM = 6;
const KCMP_EPOLL_TFD = 7;

const KcmpEpollSlot = struct('kcmp_epoll_slot', { efd: u32, tfd: u32, toff: u32 });

/** What an epoll of `target` watches under the number tfd, the toff-th of such. EFAULT, EBADF, EINVAL, ENOENT. */
function watchedFile(thread: Thread, target: Thread, slot: number): OpenFile {
  const { efd, tfd, toff } = thread.user.readStruct(slot, KcmpEpollSlot);
  const { descriptor } = target.files.lookup(efd | 0) ?? fail(EBADF, 'no such descriptor');
  if (!(descriptor instanceof Epoll)) fail(EINVAL, 'not an epoll');
  const items = [...descriptor.items()].filter(({ fd }) => fd === (tfd | 0));
  return (items[toff] ?? fail(ENOENT, 'the epoll does not watch it')).file;
}

/** kcmp(2): 0 when both are the same object; the order of different ones is by the numbers compared. */
function kcmp(
  thread: Thread,
  { pid1, pid2, type, idx1, idx2 }: { pid1: number; pid2: number; type: number; idx1: number; idx2: number },
): number {
  const { pids } = thread.kernel;
  const first = pids.task(thread.process.kernelPid(pid1)) ?? fail(ESRCH, 'no such process');
  const second = pids.task(thread.process.kernelPid(pid2)) ?? fail(ESRCH, 'no such process');
  if (!mayInspect(thread, first) || !mayInspect(thread, second)) fail(EPERM, "not this user's process");
  // what both do not have is the same: a zombie's descriptors, an io_context without a priority, undo lists
  const areGone = first.state === 'dead' && second.state === 'dead';
  const order = (isSame: boolean): number =>
    isSame ? 0 : pid1 < pid2 || (pid1 === pid2 && idx1 < idx2) ? 1 : 2;
  switch (type) {
    case KCMP_FILE: {
      const one = first.files.lookup(idx1) ?? fail(EBADF, 'no such descriptor');
      return order(one === (second.files.lookup(idx2) ?? fail(EBADF, 'no such descriptor')));
    }
    case KCMP_VM:
      return order(areGone || first.mm === second.mm);
    case KCMP_FILES:
      return order(areGone || first.files === second.files);
    case KCMP_FS:
      return order(areGone || first.fs === second.fs);
    case KCMP_SIGHAND:
      return order(first.process.signals.actions === second.process.signals.actions);
    case KCMP_IO:
      return order(first === second || (first.ioPriority === 0 && second.ioPriority === 0));
    case KCMP_SYSVSEM: {
      const haveUndo = [first, second].some(({ process, namespaces }) =>
        namespaces.ipc.semaphores.hasUndo(process),
      );
      return order(first.process === second.process || !haveUndo);
    }
    case KCMP_EPOLL_TFD: {
      const one = first.files.lookup(idx1) ?? fail(EBADF, 'no such descriptor');
      return order(one === watchedFile(thread, second, idx2));
    }
    default:
      return fail(EINVAL, 'no such comparison');
  }
}

/** Memory goes when a process ends, so there is never anything left to reclaim. */
function processMrelease(thread: Thread, { pidfd, flags }: { pidfd: number; flags: number }): number {
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  const process = processBehind(thread, pidfd);
  if (process.state !== 'alive') fail(ESRCH, 'the process has no memory any more');
  if (process.signals.fatal === undefined) fail(EINVAL, 'the process is not being killed');
  return process.mm.users > 1 ? fail(EAGAIN, 'others use the memory') : 0;
}

export const PIDFD_SYSCALLS = {
  272: syscall('kcmp', { pid1: Pid, pid2: Pid, type: KcmpType, idx1: U32, idx2: U32 }, kcmp),
  424: syscall('pidfd_send_signal', { pidfd: Fd, sig: Signal, info: SiginfoIn, flags: U32 }, pidfdSendSignal),
  434: syscall('pidfd_open', { pid: Pid, flags: PidfdFlags }, pidfdOpen, { returns: Fd }),
  438: syscall('pidfd_getfd', { pidfd: Fd, targetfd: I32, flags: U32 }, pidfdGetfd, { returns: Fd }),
  448: syscall('process_mrelease', { pidfd: Fd, flags: U32 }, processMrelease),
};
