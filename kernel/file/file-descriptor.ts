// What an open file description refers to: the common shape of regular files, pipes, sockets, epolls …
// Syscall handlers and the poll family call it through OpenFile; each kind of file is one subclass with a literal `kind`.
// Nothing here blocks: "not ready" is returned as a Wait, and the dispatcher decides between EAGAIN and parking.
import { EBADF, EINVAL, ENOTTY, ESPIPE, fail } from '../errno.ts';
import type { Inode } from '../fs/inode.ts';
import type { PageCache } from '../mm/page-cache.ts';
import type { PidNamespace } from '../namespaces/pid-namespace.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait, WaitQueue } from '../wait.ts';
import type { OpenFile } from './open-file.ts';
import type { PageRun } from './page-run.ts';

/** Where read bytes go: guest iovecs, a pipe (splice), a kernel buffer. */
export interface Sink {
  /** Bytes still wanted. */
  readonly remaining: number;
  /** Takes as many of bytes[start..end) as fit and returns how many. Throws EFAULT when not one can be stored. */
  put(bytes: Uint8Array, start?: number, end?: number): number;
  /** Takes `bytes`, which nobody else has, as one buffer (pipes only); false when there is no room for one more. */
  putRun?(bytes: Uint8Array, run: PageRun): boolean;
}

/** Where written bytes come from. */
export interface Source {
  readonly remaining: number;
  /** Up to `max` bytes, possibly fewer (end of an iovec, of a page run); a view valid until the next call. */
  take(max: number): Uint8Array;
  /** The same, copied to `target` at `offset`, where there is room for them; returns how many they were. */
  copyTo(target: Uint8Array, offset: number, max: number): number;
  /** Gives the last `count` taken bytes back (they did not fit). */
  giveBack(count: number): void;
  /** How the next bytes lie, page by page, in at most `most` parts; absent where they must be copied (MSG_SPLICE_PAGES). */
  layout?(most: number): readonly PageRun[];
}

/** Pages of a file that is no regular one. */
export interface MappedPages {
  readonly cache: PageCache;
  readonly offset: number;
  /** VmaFlag bits that every mapping of it has. */
  readonly areaFlags?: number;
}

export abstract class FileDescriptor {
  /** Discriminant of the FileDescriptor union; 'regular', 'pipe-reader', 'unix-stream' … */
  abstract readonly kind: string;

  /** Has a read at all (FMODE_CAN_READ). */
  get isReadable(): boolean {
    return this.tryRead !== FileDescriptor.prototype.tryRead;
  }

  /** Has a write at all (FMODE_CAN_WRITE). */
  get isWritable(): boolean {
    return this.tryWrite !== FileDescriptor.prototype.tryWrite;
  }

  /** Reads what is there. `position` counts for seekable files only. 0 is end of file. */
  tryRead(_thread: Thread, _file: OpenFile, _sink: Sink, _position: number): number | Wait {
    fail(EINVAL, 'this kind of file cannot be read');
  }

  /** Writes what fits. SIGPIPE and RLIMIT_FSIZE are the subclass's business. */
  tryWrite(_thread: Thread, _file: OpenFile, _source: Source, _position: number): number | Wait {
    fail(EINVAL, 'this kind of file cannot be written');
  }

  /** POLLIN | POLLOUT | … as they hold now (kernel/abi/poll.ts). Regular files are always ready. */
  poll(_file: OpenFile): number {
    return 0x145; // IN | OUT | RDNORM | WRNORM
  }

  /** Woken with a poll mask whenever poll() may have changed; undefined when it never does. */
  get changed(): WaitQueue | undefined {
    return undefined;
  }

  /** Has a file position (lseek, pread …). ESPIPE otherwise. */
  get seekable(): boolean {
    return false;
  }

  /** preadv2 and pwritev2 may have RWF_ flags (the file has read_iter, write_iter). */
  get takesFlags(): boolean {
    return true;
  }

  /** Knows RWF_NOWAIT (FMODE_NOWAIT): pipes and sockets, and regular files but on tmpfs. */
  get knowsNowait(): boolean {
    return false;
  }

  /**
   * The new position for lseek(2). ESPIPE without a position, EINVAL for a negative one.
   * SEEK_SET, SEEK_CUR and SEEK_END only; regular files add SEEK_DATA and SEEK_HOLE.
   */
  seek(file: OpenFile, offset: number, whence: number): number {
    if (!this.seekable) fail(ESPIPE, 'the file has no position');
    if (whence > 2) fail(EINVAL, 'SEEK_DATA and SEEK_HOLE are for regular files');
    const base = whence === 0 ? 0 : whence === 1 ? file.position : this.inode.size;
    const position = base + offset;
    if (!(position >= 0) || position > Number.MAX_SAFE_INTEGER)
      fail(EINVAL, 'the position would be negative or too large');
    return position;
  }

  /** A blocking write goes on until all is written (pipes, terminals, stream sockets), not just until something is. */
  get writesEverything(): boolean {
    return false;
  }

  /** Looks at O_NONBLOCK when a call begins (sockets), not each time that it could go on. */
  get looksAtModeOnce(): boolean {
    return false;
  }

  /** The inode that fstat, fchmod … act on. Sockets, pipes and anonymous inodes have one of their own. */
  abstract readonly inode: Inode;

  ioctl(_thread: Thread, _file: OpenFile, _request: number, _argument: number): number | Wait {
    fail(ENOTTY, 'no such ioctl for this kind of file');
  }

  /** What mmap shows of a file that is no regular one: a cache of its pages, and where in it. undefined: ENODEV. */
  mapped(_offset: number, _length: number): MappedPages | undefined {
    return undefined;
  }

  /** fcntl(2) commands of one kind of file: F_GETPIPE_SZ, F_SETPIPE_SZ. EBADF where they mean nothing, as Linux. */
  fcntl(_thread: Thread, _file: OpenFile, _command: number, _argument: number): number {
    fail(EBADF, 'not a pipe');
  }

  /** What /proc/PID/fdinfo/N adds to pos, flags, mnt_id and ino, in a /proc of `pids`. Each line ends in a newline. */
  fdinfo(_file: OpenFile, _pids: PidNamespace | undefined): string {
    return '';
  }

  /** The last reference to `file` is gone. */
  close(_file: OpenFile): void {}

  /** Only messages in flight refer to `file` any more: the start of a cycle, perhaps (kernel/net/unix/collector.ts). */
  onlyInFlight(_file: OpenFile): void {}

  /** Sends its owner signals when it is ready (fcntl(2), O_ASYNC); the flag cannot be set on other files. */
  get signalsOwner(): boolean {
    return false;
  }

  /** O_ASYNC was turned on: from now on `file` has its owner signalled. */
  asyncStarted(_file: OpenFile): void {}

  /** A descriptor of `file` was closed in one process (flush; POSIX locks are the fd table's business). */
  flush(_thread: Thread, _file: OpenFile): void {}
}
