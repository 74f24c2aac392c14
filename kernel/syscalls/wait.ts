// Waiting for children: wait4 and waitid.
// Rows for table.ts; kernel/task/wait-child.ts finds what there is to report.

import { O_NONBLOCK } from '../abi/fcntl.ts';
import { I32, Pid } from '../abi/kinds/basic.ts';
import {
  RusageOut,
  WaitIdType,
  WaitOptions,
  WaitRusageOut,
  WaitStatusOut,
} from '../abi/kinds/process-kinds.ts';
import { SiginfoOut } from '../abi/kinds/signal-kinds.ts';
import { Rusage, rusage } from '../abi/rusage.ts';
import { SIGCHLD } from '../abi/signal.ts';
import { EAGAIN, EBADF, EINVAL, ESRCH, fail, isFailure } from '../errno.ts';
import {
  __WALL,
  __WCLONE,
  __WNOTHREAD,
  type ChildReport,
  WCONTINUED,
  WEXITED,
  WNOHANG,
  WNOWAIT,
  WSTOPPED,
  WUNTRACED,
} from '../task/child-report.ts';
import { shownUid } from '../task/credentials.ts';
import { pidFd } from '../task/pid-fd.ts';
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';
import { addUsage, processUsage } from '../task/usage.ts';
import { findReport, type WaitTarget } from '../task/wait-child.ts';
import { processCpuTime } from '../time/cpu-time.ts';
import { wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const WAIT4_OPTIONS = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;
const WAITID_OPTIONS = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;
const P_ALL = 0;
const P_PID = 1;
const P_PGID = 2;
const P_PIDFD = 3;

function wait4(
  thread: Thread,
  { pid, wstatus, options, rusage: usage }: { pid: number; wstatus: number; options: number; rusage: number },
): Answer {
  if ((options & ~WAIT4_OPTIONS) !== 0) fail(EINVAL, 'unknown options');
  if (pid === -0x8000_0000) fail(ESRCH, 'no such process group');
  let target: WaitTarget = { kind: 'any' };
  if (pid > 0) target = { kind: 'pid', pid: thread.process.kernelPid(pid) };
  else if (pid === 0) target = { kind: 'group', id: thread.process.group.id };
  else if (pid < -1) target = { kind: 'group', id: thread.process.kernelPid(-pid) };
  const report = findReport(thread, target, options | WEXITED);
  if (report === undefined) {
    if ((options & WNOHANG) !== 0) return 0;
    return wait(thread.process.childChanged);
  }
  // a bad address is EFAULT, and the child is gone nevertheless
  if (wstatus !== 0) thread.user.writeU32(wstatus, report.waitStatus);
  if (usage !== 0) writeUsage(thread, usage, report.child);
  return thread.process.shownPid(report.pid);
}

interface WaitidArguments {
  readonly idtype: number;
  readonly id: number;
  readonly infop: number;
  readonly options: number;
  readonly rusage: number;
}

/** The siginfo is filled with zeros when nothing is reported, be it for an error (kernel/exit.c, waitid). */
function waitid(thread: Thread, args: WaitidArguments): Answer {
  try {
    return reportedWait(thread, args);
  } catch (thrown) {
    if (isFailure(thrown) && args.infop !== 0) writeReport(thread, args.infop, undefined);
    throw thrown;
  }
}

function reportedWait(thread: Thread, args: WaitidArguments): Answer {
  const { options, infop } = args;
  if ((options & ~WAITID_OPTIONS) !== 0) fail(EINVAL, 'unknown options');
  if ((options & (WEXITED | WSTOPPED | WCONTINUED)) === 0) fail(EINVAL, 'nothing to wait for is named');
  const { target, isNonblocking } = waitidTarget(thread, args.idtype, args.id);
  const report = findReport(thread, target, options);
  if (report === undefined) {
    if ((options & WNOHANG) === 0) {
      if (isNonblocking) fail(EAGAIN, 'the pidfd is non-blocking');
      return wait(thread.process.childChanged);
    }
  } else if (args.rusage !== 0) writeUsage(thread, args.rusage, report.child);
  if (infop !== 0) writeReport(thread, infop, report);
  return 0;
}

function waitidTarget(
  thread: Thread,
  idtype: number,
  id: number,
): { target: WaitTarget; isNonblocking: boolean } {
  switch (idtype) {
    case P_ALL:
      return { target: { kind: 'any' }, isNonblocking: false };
    case P_PID:
      if (id <= 0) fail(EINVAL, 'not a process id');
      return { target: { kind: 'pid', pid: thread.process.kernelPid(id) }, isNonblocking: false };
    case P_PGID:
      if (id < 0) fail(EINVAL, 'not a process group id');
      return {
        target: { kind: 'group', id: id === 0 ? thread.process.group.id : thread.process.kernelPid(id) },
        isNonblocking: false,
      };
    case P_PIDFD: {
      if (id < 0) fail(EINVAL, 'not a descriptor');
      const { pidfd, file } = pidFd(thread, id);
      if (pidfd.process.state === 'reaped' && pidfd.process.parent !== thread.process)
        fail(EBADF, 'process is gone');
      return {
        target: { kind: 'process', process: pidfd.process },
        isNonblocking: (file.flags & O_NONBLOCK) !== 0,
      };
    }
    default:
      return fail(EINVAL, 'no such id type');
  }
}

/** The six fields that waitid sets, and no others. */
function writeReport(thread: Thread, at: number, report: ChildReport | undefined): void {
  const { user } = thread;
  user.writeU32(at, report === undefined ? 0 : SIGCHLD);
  user.writeU32(at + 4, 0);
  user.writeU32(at + 8, report?.code ?? 0);
  user.writeU32(at + 16, thread.process.shownPid(report?.pid ?? 0));
  user.writeU32(at + 20, report === undefined ? 0 : shownUid(thread.credentials, report.uid));
  user.writeU32(at + 24, report?.status ?? 0);
}

/** RUSAGE_BOTH: the child and the children it waited for. */
function writeUsage(thread: Thread, at: number, child: Process): void {
  const { userNs, systemNs } = processCpuTime(child);
  const counts = processUsage(child);
  addUsage(counts, child.childrenUsage);
  const [user, system] = [userNs + child.childrenUserNs, systemNs + child.childrenSystemNs];
  const usage = rusage(user, system, child.maxRssKib, counts);
  thread.user.writeStruct(at, Rusage, usage);
}

export const WAIT_SYSCALLS = {
  95: syscall(
    'waitid',
    { idtype: WaitIdType, id: I32, infop: SiginfoOut, options: WaitOptions, rusage: RusageOut },
    waitid,
  ),
  260: syscall(
    'wait4',
    { pid: Pid, wstatus: WaitStatusOut, options: WaitOptions, rusage: WaitRusageOut },
    wait4,
    { returns: Pid },
  ),
};
