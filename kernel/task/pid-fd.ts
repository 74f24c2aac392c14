// pidfds (pidfd_open(2)): a descriptor that means one process, or one thread with PIDFD_THREAD, for ever.
// clone, pidfd_open, waitid and pidfd_send_signal use it; it becomes readable when its process ends.
// It holds the object, not the number: after the reaping it names nothing, never a newcomer.

import { O_NONBLOCK, O_RDWR } from '../abi/fcntl.ts';
import { POLLHUP, READ_EVENTS } from '../abi/poll.ts';
import { i32, struct, u32, u64 } from '../abi/struct.ts';
import { EBADF, EFAULT, EINVAL, ENOTTY, ESRCH, fail } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import type { Inode } from '../fs/inode.ts';
import type { PidNamespace } from '../namespaces/pid-namespace.ts';
import type { WaitQueue } from '../wait.ts';
import { shownGid, shownUid } from './credentials.ts';
import type { Process } from './process.ts';
import { RLIMIT_NOFILE } from './rlimits.ts';
import type { Thread } from './thread.ts';

export const PIDFD_NONBLOCK = O_NONBLOCK;
export const PIDFD_THREAD = 0o200;

/** Type and number of the request; its size is that of the caller's struct. */
const PIDFD_GET_INFO = 0xff0b;
const PIDFD_INFO_PID = 1;
const PIDFD_INFO_CREDS = 2;
const PIDFD_INFO_EXIT = 8;
/** struct pidfd_info in its first version. */
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
});
const NO_INFO = PidfdInfo.decode(new Uint8Array(PidfdInfo.size));

export class PidFd extends FileDescriptor {
  override readonly kind = 'pidfd';
  override readonly inode: Inode;
  readonly process: Process;
  /** The thread of a PIDFD_THREAD one. */
  readonly thread: Thread | undefined;

  constructor(creator: Thread, process: Process, thread?: Thread) {
    super();
    this.inode = anonymousInode(creator.kernel, '[pidfd]', 0o700);
    this.process = process;
    this.thread = thread;
  }

  override poll(): number {
    const isDead = this.thread === undefined ? this.process.state !== 'alive' : this.thread.state === 'dead';
    if (!isDead) return 0;
    return READ_EVENTS | (this.process.state === 'reaped' ? POLLHUP : 0);
  }

  override get changed(): WaitQueue {
    return this.process.exited;
  }

  /** PIDFD_GET_INFO, whatever size the caller's struct has (fs/pidfs.c, pidfd_info). */
  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    const size = (request >>> 16) & 0x3fff;
    const isInfo = (request & 0xffff) === PIDFD_GET_INFO && size >= PidfdInfo.size;
    if (!isInfo) fail(ENOTTY, 'no such ioctl of pidfds');
    if (argument === 0) fail(EINVAL, 'nowhere to write to');
    const wanted = thread.user.readU32(argument);
    const bytes = new Uint8Array(size);
    PidfdInfo.write(new DataView(bytes.buffer), 0, this.#info(wanted, thread));
    thread.user.write(argument, bytes);
    return 0;
  }

  /** A reaped process has nothing but its exit code. ESRCH when that was not asked for. */
  #info(wanted: number, { process: viewer, credentials }: Thread) {
    const { process, thread } = this;
    if (process.state === 'reaped') {
      if ((wanted & PIDFD_INFO_EXIT) === 0) fail(ESRCH, 'the process is gone');
      return { ...NO_INFO, mask: PIDFD_INFO_EXIT, exitCode: process.waitStatus };
    }
    const own = thread?.credentials ?? process.credentials;
    const uid = (id: number): number => shownUid(credentials, id);
    const gid = (id: number): number => shownGid(credentials, id);
    const pid = viewer.shownPid(thread?.tid ?? process.pid);
    if (pid === 0) fail(ESRCH, 'the process is not in the pid namespace');
    return {
      mask: PIDFD_INFO_PID | PIDFD_INFO_CREDS,
      cgroupid: 0,
      pid,
      tgid: viewer.shownPid(process.pid),
      ppid: viewer.shownPid(process.parent?.pid ?? 0),
      ...{ ruid: uid(own.ruid), rgid: gid(own.rgid), euid: uid(own.euid), egid: gid(own.egid) },
      ...{ suid: uid(own.suid), sgid: gid(own.sgid), fsuid: uid(own.fsuid), fsgid: gid(own.fsgid) },
      exitCode: 0,
    };
  }

  override fdinfo(_file: OpenFile, pids: PidNamespace | undefined): string {
    const { process, thread } = this;
    const isGone = process.state === 'reaped' || thread?.state === 'dead';
    if (isGone) return 'Pid:\t-1\nNSpid:\t-1\n';
    const id = thread?.tid ?? process.pid;
    const number = pids === undefined ? id : pids.shown(id);
    const inner: number[] = [];
    for (let at = process.pidNamespace; at !== pids && at !== undefined; at = at.parent)
      if (at.level > 0) inner.unshift(at.shown(id));
    return `Pid:\t${number}\nNSpid:\t${[number, ...(number === 0 ? [] : inner)].join('\t')}\n`;
  }
}

/** Opens a pidfd in the caller's table. EMFILE. */
export function openPidFd(
  caller: Thread,
  process: Process,
  thread: Thread | undefined,
  flags: number,
): number {
  const file = new OpenFile(new PidFd(caller, process, thread), O_RDWR | (flags & PIDFD_NONBLOCK));
  return caller.files.install(file, caller.process.limits.get(RLIMIT_NOFILE).soft, true);
}

/** CLONE_PIDFD: opens it and writes its number. EFAULT, EMFILE; nothing stays open then. */
export function installPidFd(parent: Thread, process: Process, address: number): void {
  const fd = openPidFd(parent, process, undefined, 0);
  if (parent.user.accessible(address, 4, true) < 4) {
    parent.files.close(parent, fd);
    fail(EFAULT, 'no room for the pidfd');
  }
  parent.user.writeU32(address, fd);
}

/** The pidfd behind `fd`. EBADF for closed descriptors and other files. */
export function pidFd(thread: Thread, fd: number): { pidfd: PidFd; file: OpenFile } {
  const file = thread.files.get(fd);
  const { descriptor } = file;
  if (!(descriptor instanceof PidFd)) fail(EBADF, 'not a pidfd');
  return { pidfd: descriptor, file };
}
