// pidfds (pidfd_open(2)): a descriptor that means one process, or one thread with PIDFD_THREAD, for ever.
// clone, pidfd_open, waitid and pidfd_send_signal use it; it becomes readable when its process ends.
// It holds the object, not the number: after the reaping it names nothing, never a newcomer.
import { POLLHUP, POLLIN, POLLRDNORM } from '../abi/poll.ts';
import { EBADF, EFAULT, fail } from '../errno.ts';
import { O_NONBLOCK } from '../file/blocking.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import type { Inode } from '../fs/inode.ts';
import type { WaitQueue } from '../wait.ts';
import type { Process } from './process.ts';
import { RLIMIT_NOFILE } from './rlimits.ts';
import type { Thread } from './thread.ts';

const O_RDWR = 2;
export const PIDFD_NONBLOCK = O_NONBLOCK;
export const PIDFD_THREAD = 0o200;

export class PidFd extends FileDescriptor {
  override readonly kind = 'pidfd';
  override readonly inode: Inode;
  readonly process: Process;
  /** The thread of a PIDFD_THREAD one. */
  readonly thread: Thread | undefined;

  constructor(creator: Thread, process: Process, thread?: Thread) {
    super();
    this.inode = anonymousInode(creator.kernel, '[pidfd]', 0o600);
    this.process = process;
    this.thread = thread;
  }

  override poll(): number {
    const isDead = this.thread === undefined ? this.process.state !== 'alive' : this.thread.state === 'dead';
    if (!isDead) return 0;
    return POLLIN | POLLRDNORM | (this.process.state === 'reaped' ? POLLHUP : 0);
  }

  override get changed(): WaitQueue {
    return this.process.exited;
  }

  override fdinfo(): string {
    const { process, thread } = this;
    const isGone = process.state === 'reaped' || thread?.state === 'dead';
    const id = isGone ? -1 : (thread?.tid ?? process.pid);
    return `Pid:\t${id}\nNSpid:\t${id}\n`;
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
