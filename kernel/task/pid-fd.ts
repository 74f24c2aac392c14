// pidfds (pidfd_open(2)): a descriptor that means one process, or one thread with PIDFD_THREAD, for ever.
// clone, pidfd_open, waitid and pidfd_send_signal use it; it becomes readable when its process ends.
// It holds the object, not the number: after the reaping it names nothing, never a newcomer.

import { O_NONBLOCK, O_RDWR, O_TRUNC } from '../abi/fcntl.ts';
import { POLLHUP, READ_EVENTS } from '../abi/poll.ts';
import { EBADF, EFAULT, EOPNOTSUPP, fail } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { AnonymousInode, type PseudoFileSystem } from '../fs/anonymous.ts';
import { Dentry, Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import type { PidNamespace } from '../namespaces/pid-namespace.ts';
import type { WaitQueue } from '../wait.ts';
import type { Process } from './process.ts';
import { RLIMIT_NOFILE } from './rlimits.ts';
import type { Thread } from './thread.ts';

export const PIDFD_NONBLOCK = O_NONBLOCK;
export const PIDFD_THREAD = 0o200;
/** In place of a descriptor: the caller's own thread, and its process (include/uapi/linux/pidfd.h). */
export const PIDFD_SELF_THREAD = -10_000;
export const PIDFD_SELF_THREAD_GROUP = -10_001;

/** One for each process or thread, whoever opens it; found by that (fs/pidfs.c). */
const inodes = new WeakMap<Process | Thread, PidInode>();

export class PidInode extends AnonymousInode {
  readonly process: Process;
  /** Of another thread than the first one. */
  readonly thread: Thread | undefined;
  /** PIDFD_COREDUMPED and how, once a socket takes its core. */
  coredumpMask = 0;

  constructor(fs: PseudoFileSystem, process: Process, thread: Thread | undefined) {
    super(fs, fs.allocateIno(), 0o700, '[pidfd]');
    this.process = process;
    this.thread = thread;
  }

  override get magic(): number {
    return this.fs.magic;
  }

  /** Through /proc/PID/fd. EOPNOTSUPP. */
  override open(_thread: Thread, _path: Path, flags: number): FileDescriptor {
    if ((flags & O_TRUNC) !== 0) fail(EOPNOTSUPP, 'nothing of the inode changes');
    return new PidFd(this, this.thread);
  }
}

/** Where a process or thread is in the file system of pidfds. */
export function pidPath(kernel: Kernel, process: Process, thread?: Thread): Path {
  const inode = pidInode(kernel, process, thread);
  return new Path(kernel.vfs.pidMount, new Dentry(inode.label, undefined, inode));
}

/** The same inode each time. */
export function pidInode({ vfs }: Kernel, process: Process, thread?: Thread): PidInode {
  const other = thread?.tid === process.pid ? undefined : thread;
  const fs = vfs.pidMount.fs as PseudoFileSystem;
  const inode = inodes.get(other ?? process) ?? new PidInode(fs, process, other);
  inodes.set(other ?? process, inode);
  return inode;
}

/** Where the process or thread with that inode is, if the caller can see it; be it a zombie. */
export function pidPathOf({ kernel, process: viewer }: Thread, ino: number): Path | undefined {
  const sees = (owner: Process | Thread, id: number): boolean =>
    inodes.get(owner)?.ino === ino && viewer.shownPid(id) !== 0;
  for (const process of kernel.pids.processes())
    if (sees(process, process.pid)) return pidPath(kernel, process);
  for (const thread of kernel.pids.threads())
    if (sees(thread, thread.tid)) return pidPath(kernel, thread.process, thread);
  return undefined;
}

export class PidFd extends FileDescriptor {
  override readonly kind = 'pidfd';
  override readonly inode: PidInode;
  /** The thread of a PIDFD_THREAD one. */
  readonly thread: Thread | undefined;

  constructor(inode: PidInode, thread: Thread | undefined) {
    super();
    this.inode = inode;
    this.thread = thread;
  }

  get process(): Process {
    return this.inode.process;
  }

  override poll(): number {
    const isDead = this.thread === undefined ? this.process.state !== 'alive' : this.thread.state === 'dead';
    if (!isDead) return 0;
    return READ_EVENTS | (this.process.state === 'reaped' ? POLLHUP : 0);
  }

  override get changed(): WaitQueue {
    return this.process.exited;
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    return late.pidFds.ioctl(thread, this, request, argument);
  }

  override fdinfo(_file: OpenFile, pids: PidNamespace | undefined): string {
    return late.pidFds.fdinfo(this, pids);
  }
}

/** Opens a pidfd in the caller's table. EMFILE. */
export function openPidFd(
  caller: Thread,
  process: Process,
  thread: Thread | undefined,
  flags: number,
): number {
  const path = pidPath(caller.kernel, process, thread);
  const known = PIDFD_NONBLOCK | (thread === undefined ? 0 : PIDFD_THREAD);
  const file = new OpenFile(new PidFd(path.inode as PidInode, thread), O_RDWR | (flags & known), path);
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

/** The process that `fd` names, a pidfd or one of PIDFD_SELF. EBADF. */
export function processBehind(thread: Thread, fd: number): Process {
  const isSelf = fd === PIDFD_SELF_THREAD || fd === PIDFD_SELF_THREAD_GROUP;
  return isSelf ? thread.process : pidFd(thread, fd).pidfd.process;
}
