// What a pidfd tells of its process: PIDFD_GET_INFO, descriptors of its namespaces, /proc/PID/fdinfo (fs/pidfs.c).
// pid-fd.ts comes here; the build loads this at the first use.

import {
  FS_IOC_GETVERSION,
  PIDFD_GET_CGROUP_NAMESPACE,
  PIDFD_GET_INFO,
  PIDFD_GET_IPC_NAMESPACE,
  PIDFD_GET_MNT_NAMESPACE,
  PIDFD_GET_NET_NAMESPACE,
  PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE,
  PIDFD_GET_PID_NAMESPACE,
  PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE,
  PIDFD_GET_TIME_NAMESPACE,
  PIDFD_GET_USER_NAMESPACE,
  PIDFD_GET_UTS_NAMESPACE,
} from '../abi/ioctl.ts';
import { i32, struct, u32, u64 } from '../abi/struct.ts';
import { ownCgroupOf } from '../cgroup/cgroup.ts';
import { SUID_DUMP_ROOT, SUID_DUMP_USER } from '../coredump/core-name.ts';
import { EACCES, EINVAL, ENOTTY, ESRCH, fail } from '../errno.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import { openNamespace } from '../namespaces/namespace-file.ts';
import { type PidNamespace, pidNamespaceOf } from '../namespaces/pid-namespace.ts';
import { userNamespaceOf } from '../namespaces/user-namespace.ts';
import { shownGid, shownUid } from './credentials.ts';
import { mayInspect } from './permission.ts';
import { type PidFd, pidInode } from './pid-fd.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';

/** Of the argument, in the number of a request. */
const SIZE_BITS = 0x3fff_0000;
const PIDFD_INFO = { PID: 1, CREDS: 2, CGROUPID: 4, EXIT: 8, COREDUMP: 16 } as const;
const FIRST_SIZE = 64;
const PidfdInfo = struct('pidfd_info', {
  mask: u64,
  cgroupid: u64,
  pid: u32,
  tgid: u32,
  ppid: u32,
  ruid: u32,
  rgid: u32,
  euid: u32,
  egid: u32,
  suid: u32,
  sgid: u32,
  fsuid: u32,
  fsgid: u32,
  exitCode: i32,
  coredumpMask: u32,
  coredumpSignal: u32,
});
const NO_INFO = PidfdInfo.decode(new Uint8Array(PidfdInfo.size));
const PIDFD_COREDUMP = { DUMPED: 1, SKIP: 2, USER: 4, ROOT: 8 } as const;

const NAMESPACES = new Map<number, (thread: Thread) => Namespace>([
  [PIDFD_GET_CGROUP_NAMESPACE, ({ namespaces }) => namespaces.cgroup],
  [PIDFD_GET_IPC_NAMESPACE, ({ namespaces }) => namespaces.ipc],
  [PIDFD_GET_MNT_NAMESPACE, ({ namespaces }) => namespaces.mnt],
  [PIDFD_GET_NET_NAMESPACE, ({ namespaces }) => namespaces.net],
  [PIDFD_GET_PID_NAMESPACE, ({ kernel, process }) => pidNamespaceOf(kernel, process)],
  [PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE, ({ namespaces }) => namespaces.pidForChildren],
  [PIDFD_GET_TIME_NAMESPACE, ({ namespaces }) => namespaces.time],
  [PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE, ({ namespaces }) => namespaces.timeForChildren],
  [PIDFD_GET_USER_NAMESPACE, userNamespaceOf],
  [PIDFD_GET_UTS_NAMESPACE, ({ namespaces }) => namespaces.uts],
]);

function ioctl(caller: Thread, pidfd: PidFd, request: number, argument: number): number {
  const size = (request & SIZE_BITS) >>> 16;
  if (((request ^ PIDFD_GET_INFO) & ~SIZE_BITS) === 0 && size >= FIRST_SIZE)
    return giveInfo(caller, pidfd, argument, size);
  if (request === FS_IOC_GETVERSION) {
    if (argument === 0) fail(EINVAL, 'nowhere to write to');
    caller.user.writeU32(argument, 0); // the upper half of the number where numbers have 32 bits
    return 0;
  }
  const namespaceOf = NAMESPACES.get(request);
  if (namespaceOf === undefined) fail(ENOTTY, 'no such ioctl of pidfds');
  const { process } = pidfd;
  if (process.state === 'reaped') fail(ESRCH, 'the process is gone');
  if (argument !== 0) fail(EINVAL, 'these requests have no argument');
  const target = pidfd.thread ?? process.leader;
  if (target === undefined || target.state === 'dead') fail(ESRCH, 'the process has left its namespaces');
  if (!mayInspect(caller, target)) fail(EACCES, "not this user's process");
  return openNamespace(caller, namespaceOf(target));
}

/** PIDFD_GET_INFO, whatever size the caller's struct has (pidfd_info). */
function giveInfo(caller: Thread, pidfd: PidFd, address: number, size: number): number {
  if (address === 0) fail(EINVAL, 'nowhere to write to');
  const info = PidfdInfo.encode(infoOf(caller, pidfd, caller.user.readU32(address)));
  const bytes = new Uint8Array(size);
  bytes.set(info.subarray(0, size));
  caller.user.write(address, bytes);
  return 0;
}

/** A reaped process has nothing but how it ended. ESRCH when that was not asked for. */
function infoOf({ process: viewer, credentials, kernel }: Thread, pidfd: PidFd, wanted: number) {
  const { process, thread, inode } = pidfd;
  const { PID, CREDS, CGROUPID, EXIT, COREDUMP } = PIDFD_INFO;
  const cgroupid = (ownCgroupOf(process) ?? kernel.cgroups.root).directory?.ino ?? 0;
  const coredump = wanted & COREDUMP;
  if (process.state === 'reaped') {
    if ((wanted & EXIT) === 0) fail(ESRCH, 'the process is gone');
    const coredumpMask = coredump === 0 ? 0 : inode.coredumpMask;
    const mask = EXIT | CGROUPID | coredump;
    return { ...NO_INFO, mask, cgroupid, exitCode: process.waitStatus, coredumpMask };
  }
  const own = thread?.credentials ?? process.credentials;
  const uid = (id: number): number => shownUid(credentials, id);
  const gid = (id: number): number => shownGid(credentials, id);
  const pid = viewer.shownPid(thread?.tid ?? process.pid);
  if (pid === 0) fail(ESRCH, 'the process is not in the pid namespace');
  return {
    ...NO_INFO,
    mask: PID | CREDS | CGROUPID | coredump,
    cgroupid,
    pid,
    tgid: viewer.shownPid(process.pid),
    ppid: viewer.shownPid(process.parent?.pid ?? 0),
    ...{ ruid: uid(own.ruid), rgid: gid(own.rgid), euid: uid(own.euid), egid: gid(own.egid) },
    ...{ suid: uid(own.suid), sgid: gid(own.sgid), fsuid: uid(own.fsuid), fsgid: gid(own.fsgid) },
    coredumpMask: coredump === 0 ? 0 : inode.coredumpMask || wouldDump(process),
  };
}

/** A socket takes the core of the process: whoever asks later learns that (pidfs_coredump). */
export function noteCore({ kernel, process }: Thread): void {
  pidInode(kernel, process).coredumpMask = PIDFD_COREDUMP.DUMPED | wouldDump(process);
}

/** Whether it would dump a core, and for whom (pidfs_coredump_mask). */
function wouldDump({ state, dumpable }: Process): number {
  if (state !== 'alive') return 0; // without memory
  if (dumpable === SUID_DUMP_USER) return PIDFD_COREDUMP.USER;
  return dumpable === SUID_DUMP_ROOT ? PIDFD_COREDUMP.ROOT : PIDFD_COREDUMP.SKIP;
}

function fdinfo({ process, thread }: PidFd, pids: PidNamespace | undefined): string {
  const isGone = process.state === 'reaped' || thread?.state === 'dead';
  if (isGone) return 'Pid:\t-1\nNSpid:\t-1\n';
  const id = thread?.tid ?? process.pid;
  const number = pids === undefined ? id : pids.shown(id);
  const inner: number[] = [];
  for (let at = process.pidNamespace; at !== pids && at !== undefined; at = at.parent)
    if (at.level > 0) inner.unshift(at.shown(id));
  return `Pid:\t${number}\nNSpid:\t${[number, ...(number === 0 ? [] : inner)].join('\t')}\n`;
}

export const PID_FDS = { ioctl, fdinfo } as const;
