// The descriptor of a supervisor (seccomp_unotify(2); kernel/seccomp.c, seccomp_notify_ioctl): it receives calls and answers.
// seccomp(2) makes it with SECCOMP_FILTER_FLAG_NEW_LISTENER; it is passed on like any other, and its end is every call's ENOSYS.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { O_CLOEXEC } from '../abi/fcntl.ts';
import { WRITE_EVENTS } from '../abi/poll.ts';
import {
  SECCOMP_IOCTL_NOTIF_ADDFD,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_ID_VALID_OLD,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
  SECCOMP_IOCTL_NOTIF_SET_FLAGS,
  SeccompNotif,
  SeccompNotifAddfd,
  SeccompNotifResp,
} from '../abi/seccomp.ts';
import { E2BIG, EINPROGRESS, EINVAL, ENOENT, fail, isFailure } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, type WaitQueue, wait } from '../wait.ts';
import type { Notice, Notifier } from './notifier.ts';

const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
const SECCOMP_ADDFD_FLAG_SETFD = 1;
const SECCOMP_ADDFD_FLAG_SEND = 2;
/** Only says that the answer should wake the other at once, as it always does here. */
const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;

export class ListenerFile extends FileDescriptor {
  readonly kind = 'seccomp-listener';
  override readonly inode: Inode;
  readonly #notifier: Notifier;

  constructor(inode: Inode, notifier: Notifier) {
    super();
    this.inode = inode;
    this.#notifier = notifier;
  }

  override get changed(): WaitQueue {
    return this.#notifier.changed;
  }

  override poll(): number {
    return this.#notifier.poll();
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number | Wait {
    switch (request) {
      case SECCOMP_IOCTL_NOTIF_RECV:
        return this.#receive(thread, argument);
      case SECCOMP_IOCTL_NOTIF_SEND:
        return this.#answer(thread, argument);
      case SECCOMP_IOCTL_NOTIF_ID_VALID:
      case SECCOMP_IOCTL_NOTIF_ID_VALID_OLD:
        if (this.#notifier.find(thread.user.readB64(argument))?.state !== 'sent')
          fail(ENOENT, 'nobody waits for an answer to this');
        return 0;
      case SECCOMP_IOCTL_NOTIF_SET_FLAGS:
        if (argument > SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) fail(EINVAL, 'unknown flags');
        return 0;
      default: {
        // the struct may grow, so its size in the number is not looked at
        const size = (request >>> 16) & 0x3fff;
        if ((request & ~0x3fff_0000) !== (SECCOMP_IOCTL_NOTIF_ADDFD & ~0x3fff_0000))
          fail(EINVAL, 'no such request');
        return this.#addDescriptor(thread, argument, size);
      }
    }
  }

  /** EFAULT, EINVAL: the struct is not zeroed. ENOENT: the call went away, or nobody is confined any more. */
  #receive(thread: Thread, address: number): number | Wait {
    const notifier = this.#notifier;
    if (thread.user.read(address, SeccompNotif.size).some((byte) => byte !== 0))
      fail(EINVAL, 'the struct is not zeroed');
    if (notifier.requests > 0) notifier.requests--;
    else if (notifier.isUsed) return wait(notifier.changed);
    const notice =
      notifier.notices.find(({ state }) => state === 'new') ?? fail(ENOENT, 'the call went away');
    const { id, data } = notice;
    try {
      thread.user.writeStruct(address, SeccompNotif, {
        id,
        pid: thread.process.shownPid(notice.thread.tid),
        flags: 0,
        data,
      });
    } catch (thrown) {
      if (isFailure(thrown)) notifier.requests++;
      throw thrown;
    }
    notice.state = 'sent';
    if (notifier.waitsKillably) notice.answered.wake(); // to wait on, otherwise
    notifier.changed.wake(WRITE_EVENTS);
    return 0;
  }

  /** EINVAL: flags. ENOENT: nobody waits. EINPROGRESS: not received, or answered. */
  #answer(thread: Thread, address: number): number {
    const { id, val, error, flags } = thread.user.readStruct(address, SeccompNotifResp);
    if ((flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0) fail(EINVAL, 'unknown flags');
    const goesOn = flags !== 0;
    if (goesOn && (error !== 0 || val !== 0n)) fail(EINVAL, 'a result for a call that is made');
    this.#open(id).answer(Number(BigInt.asIntN(64, val)), error, goesOn);
    return 0;
  }

  #open(id: bigint): Notice {
    const notice = this.#notifier.find(id) ?? fail(ENOENT, 'nobody waits for an answer to this');
    if (notice.state !== 'sent') fail(EINPROGRESS, 'the call was not received, or it is answered');
    return notice;
  }

  /** Gives the confined process a descriptor. EINVAL, E2BIG, EFAULT, EBADF, ENOENT, EINPROGRESS, EMFILE. */
  #addDescriptor(thread: Thread, address: number, size: number): number {
    if (size < SeccompNotifAddfd.size || size >= PAGE_SIZE) fail(EINVAL, 'no such size');
    const more = thread.user.read(address, size).subarray(SeccompNotifAddfd.size);
    if (more.some((byte) => byte !== 0)) fail(E2BIG, 'fields of a newer kernel');
    const { id, flags, srcfd, newfd, newfd_flags } = thread.user.readStruct(address, SeccompNotifAddfd);
    if ((newfd_flags & ~O_CLOEXEC) !== 0) fail(EINVAL, 'unknown flags of the descriptor');
    if ((flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)) !== 0) fail(EINVAL, 'unknown flags');
    const replaces = (flags & SECCOMP_ADDFD_FLAG_SETFD) !== 0;
    if (newfd !== 0 && !replaces) fail(EINVAL, 'a number without SECCOMP_ADDFD_FLAG_SETFD');
    const file = thread.files.get(srcfd | 0);
    const notice = this.#open(id);
    const fd = place(notice.thread, file, replaces ? newfd : undefined, newfd_flags !== 0);
    if ((flags & SECCOMP_ADDFD_FLAG_SEND) !== 0) notice.answer(fd, 0, false);
    return fd;
  }

  override close(): void {
    this.#notifier.close();
  }
}

/** receive_fd, receive_fd_replace. EMFILE, EBADF. */
function place(target: Thread, file: OpenFile, fd: number | undefined, closeOnExec: boolean): number {
  const { files } = target;
  const limit = target.process.limits.get(RLIMIT_NOFILE).soft;
  if (fd === undefined) {
    const given = files.install(file, limit, closeOnExec);
    file.retain();
    return given;
  }
  if (fd >= limit) fail(EINVAL, 'the number is past RLIMIT_NOFILE');
  files.replace(target, fd, file.retain(), closeOnExec);
  return fd;
}
