// A descriptor of a pipe or FIFO: the read side, the write side, or both (a FIFO opened O_RDWR).
// pipe2 and fifo.ts make them; the read and write handlers, poll and splice use them.
// The last reader's close makes writers fail, the last writer's close is end of file (pipe(7)).
import { F_GETPIPE_SZ, F_SETPIPE_SZ, O_DIRECT } from '../abi/fcntl.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import { POLLERR, POLLHUP, READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { SIGPIPE } from '../abi/signal.ts';
import { EBUSY, EINVAL, ENOTTY, EPERM, EPIPE, fail } from '../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Kernel } from '../kernel.ts';
import { CAP_SYS_RESOURCE, capable } from '../task/credentials.ts';
import { sendToThread } from '../task/send-signal.ts';
import { ownSignal } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, type WaitQueue, wait } from '../wait.ts';
import { PIPE_PAGE, type Pipe, type PipeAccess } from './pipe.ts';

/** Marks a write that slept before it could move anything; it takes a new page then, as Linux. */
const SLEPT = 'slept in pipe_write';

export class PipeEnd extends FileDescriptor {
  readonly kind = 'pipe';
  readonly pipe: Pipe;
  readonly access: PipeAccess;
  /** FIFOs never have it, and splice and vmsplice take it away (fs/splice.c, pipe_clear_nowait). */
  isSpliced = false;
  readonly #isFifo: boolean;
  override get knowsNowait(): boolean {
    return !this.#isFifo && !this.isSpliced;
  }

  override get signalsOwner(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly #kernel: Kernel;
  /** Writers seen when a FIFO was opened without one: no POLLHUP before another has come (f_pipe). */
  readonly #ignoredWriterOpens: number;
  readonly #onFree: (() => void) | undefined;

  /** The caller has counted this end in `pipe.readers` and `pipe.writers`. */
  constructor(
    kernel: Kernel,
    pipe: Pipe,
    inode: Inode,
    access: PipeAccess,
    options: { ignoredWriterOpens?: number; onFree?: () => void; isFifo?: boolean } = {},
  ) {
    super();
    this.#kernel = kernel;
    this.pipe = pipe;
    this.inode = inode;
    this.access = access;
    this.#ignoredWriterOpens = options.ignoredWriterOpens ?? 0;
    this.#onFree = options.onFree;
    this.#isFifo = options.isFifo === true;
  }

  override get changed(): WaitQueue {
    const { pipe, access } = this;
    if (!access.writes) return pipe.readable;
    return access.reads ? pipe.changed : pipe.writable;
  }

  override get writesEverything(): boolean {
    return true;
  }

  override tryRead(_thread: Thread, file: OpenFile, sink: Sink, _position: number): number | Wait {
    const { pipe } = this;
    if (sink.remaining === 0) return 0;
    // Whatever a read or write does, the other side's owners hear of it (fs/pipe.c, kill_fasync).
    pipe.notifyOwners(this.#kernel, 'out');
    if (pipe.isEmpty) return pipe.hasWriters ? wait(pipe.readable) : 0;
    const wasFull = pipe.isFull;
    const count = pipe.read(sink);
    if (wasFull && !pipe.isFull) pipe.wakeWriters(WRITE_EVENTS);
    return count;
  }

  override tryWrite(thread: Thread, file: OpenFile, source: Source, _position: number): number | Wait {
    const { pipe } = this;
    if (source.remaining === 0) return 0;
    pipe.notifyOwners(this.#kernel, 'in');
    this.demandReader(thread);
    const { call } = thread;
    const isPacket = (file.flags & O_DIRECT) !== 0;
    const isFirst = call === undefined || (call.progress === 0 && call.data !== SLEPT);
    let count = isFirst ? pipe.merge(source) : 0;
    if (source.remaining > 0) {
      try {
        count += pipe.append(source, isPacket);
      } catch (failure) {
        if (count === 0) throw failure;
      }
    }
    if (count === 0) {
      if (call !== undefined) call.data = SLEPT;
      return wait(pipe.writable);
    }
    // Every write is an edge for epoll, even when bytes were there before (fs/pipe.c, poll_usage).
    pipe.wakeReaders(READ_EVENTS);
    return count;
  }

  /** EPIPE with SIGPIPE when nobody reads. */
  demandReader(thread: Thread): void {
    if (this.pipe.hasReaders) return;
    if (thread.call?.isQuiet !== true)
      sendToThread(thread, ownSignal(SIGPIPE, thread.process, thread.credentials.ruid));
    fail(EPIPE, 'the pipe has no reader');
  }

  override poll(file: OpenFile): number {
    const { pipe, access } = this;
    let events = 0;
    if (access.reads) {
      if (!pipe.isEmpty) events |= READ_EVENTS;
      if (!pipe.hasWriters && pipe.writerOpens !== this.#ignoredWriterOpens) events |= POLLHUP;
    }
    if (access.writes) {
      if (!pipe.isFull) events |= WRITE_EVENTS;
      if (!pipe.hasReaders) events |= POLLERR;
    }
    return events;
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    if (request !== FIONREAD) fail(ENOTTY, 'pipes know FIONREAD only');
    thread.user.writeU32(argument, this.pipe.byteCount);
    return 0;
  }

  override fcntl(thread: Thread, file: OpenFile, command: number, argument: number): number {
    if (command === F_GETPIPE_SZ) return this.size;
    if (command === F_SETPIPE_SZ) return this.setSize(thread, argument);
    return super.fcntl(thread, file, command, argument);
  }

  /** F_GETPIPE_SZ. */
  get size(): number {
    return this.pipe.slotLimit * PIPE_PAGE;
  }

  /** F_SETPIPE_SZ. EINVAL: absurd. EPERM: over the limits. EBUSY: more is in it than would fit. */
  setSize(thread: Thread, size: number): number {
    const { pipe } = this;
    const accounts = thread.kernel.pipeAccounts;
    if (size > 0x8000_0000) fail(EINVAL, 'a pipe of more than 2 GiB');
    const bytes = size <= PIPE_PAGE ? PIPE_PAGE : 2 ** Math.ceil(Math.log2(size));
    const slots = bytes / PIPE_PAGE;
    if (slots > pipe.slotLimit) {
      const isPrivileged = capable(thread.credentials, CAP_SYS_RESOURCE);
      if (bytes > accounts.maxSize && !isPrivileged) fail(EPERM, 'larger than fs.pipe-max-size');
      if (!accounts.allows(thread.credentials, pipe.chargedWith(slots)))
        fail(EPERM, "over the user's pipe limits");
    }
    if (slots < pipe.slots.length) fail(EBUSY, 'more is in the pipe than would fit');
    const wasFull = pipe.isFull;
    pipe.resize(slots);
    if (wasFull && !pipe.isFull) pipe.wakeWriters(WRITE_EVENTS);
    return this.size;
  }

  override close(file: OpenFile): void {
    const { pipe, access } = this;
    pipe.owners?.delete(file);
    if (access.reads) pipe.readers--;
    if (access.writes) pipe.writers--;
    if (pipe.readers === 0 && pipe.writers === 0) {
      pipe.free();
      this.#onFree?.();
    } else if (pipe.readers === 0 || pipe.writers === 0) {
      pipe.wakeReaders(0);
      pipe.wakeWriters(0);
      pipe.notifyOwners(this.#kernel, 'in');
      pipe.notifyOwners(this.#kernel, 'out');
    }
  }

  /** The pipe must know whom to signal. */
  override asyncStarted(file: OpenFile): void {
    this.pipe.owners ??= new Map();
    this.pipe.owners.set(file, this.access);
  }
}
