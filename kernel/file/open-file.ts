// The open file description (open(2), "Open file descriptions"): status flags, position, and what it refers to.
// Descriptor tables, messages in flight and epolls hold references; dup, fork and SCM_RIGHTS share one object.
// A socket's state transition replaces `descriptor` here, so that every holder sees it.
import { O_PATH } from '../abi/fcntl.ts';
import { descriptionClosed } from '../fs/locks/file-locks.ts';
import { IN_CLOSE_NOWRITE, IN_CLOSE_WRITE, notifyPath } from '../fs/notify.ts';
import { opensForWriting } from '../fs/open-flags.ts';
import type { Path } from '../fs/path.ts';
import type { Domain } from '../landlock/domain.ts';
import type { FileDescriptor } from './file-descriptor.ts';

/** Must know when the last reference to a description is gone. */
export interface FileWatcher {
  fileClosed(): void;
}

/** A process and its identity. */
export interface Opener {
  readonly process: object;
  readonly credentials: object;
}

export interface FileOwner {
  readonly type: 'pid' | 'pgrp' | 'tid';
  readonly id: number;
  /** Of who set it. */
  readonly uid: number;
  readonly euid: number;
  /** Absent where it does not limit who is told (landlock(7)). */
  readonly domain: Domain | undefined;
}

export class OpenFile {
  /** Replaced by state transitions (bind, listen, connect …); read it afresh, do not keep it. */
  descriptor: FileDescriptor;
  /** Access mode and status flags: O_RDWR | O_APPEND | O_NONBLOCK … (not O_CLOEXEC, which is the slot's). */
  flags: number;
  position = 0;
  /** The name it was opened by, for *at calls, /proc/PID/fd and O_PATH; undefined for pipes, sockets … */
  readonly path: Path | undefined;
  /** F_SETOWN / F_SETSIG for SIGIO and SIGURG: pid, -pgid or a tid. */
  owner: FileOwner | undefined;
  ownerSignal = 0;
  /** The descriptor through which O_ASYNC was turned on: si_fd. */
  asyncFd = -1;
  /** Who opened it by name, with the identity of that time (Linux's f_cred, which a fork does not share). */
  opener: Opener | undefined;
  /** Nobody hears what happens through it (FMODE_NONOTIFY): fanotify opened it for who watches. */
  isUnwatched = false;
  /** This open made the file (F_CREATED_QUERY). */
  isCreator = false;
  /** LANDLOCK_ACCESS_FS_TRUNCATE and _IOCTL_DEV that it was opened without. */
  deniedAccess = 0;
  /** How many of the references are messages on their way (SCM_RIGHTS). */
  inFlight = 0;
  /** Epoll items that watch this description; they go when it closes (epoll(7), Q6). */
  watchers: Set<FileWatcher> | undefined;
  #references = 1;

  constructor(descriptor: FileDescriptor, flags: number, path?: Path) {
    this.descriptor = descriptor;
    this.flags = flags;
    this.path = path;
    if (path !== undefined) path.mount.openFiles++;
  }

  get references(): number {
    return this.#references;
  }

  /** One more holder (a descriptor slot, a message in flight). */
  retain(): this {
    this.#references++;
    return this;
  }

  /** One holder less; the last one closes the file. */
  release(): void {
    if (--this.#references === 0) {
      if (this.descriptor.inode.locks !== undefined) descriptionClosed(this.descriptor.inode, this);
      if (this.watchers !== undefined) for (const watcher of [...this.watchers]) watcher.fileClosed();
      this.#notifyClosed();
      if (this.path !== undefined) this.path.mount.openFiles--;
      this.descriptor.close(this);
    } else if (this.inFlight === this.#references) this.descriptor.onlyInFlight(this);
  }

  #notifyClosed(): void {
    const { path, flags } = this;
    if (path === undefined || this.isUnwatched || (flags & O_PATH) !== 0) return;
    notifyPath(path, opensForWriting(flags) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
  }
}
