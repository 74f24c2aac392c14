// One iocb of io_submit (fs/aio.c, io_submit_one): what is wrong with it is the call's error, what comes of it is an event.
// Files here do their work at once, so only polls outlive the call; a pipe or socket that has nothing makes the call
// itself wait, as on Linux.
import {
  IOCB_CMD_FDSYNC,
  IOCB_CMD_FSYNC,
  IOCB_CMD_POLL,
  IOCB_CMD_PREAD,
  IOCB_CMD_PREADV,
  IOCB_CMD_PWRITE,
  IOCB_CMD_PWRITEV,
  IOCB_FLAG_IOPRIO,
  IOCB_FLAG_RESFD,
  Iocb,
} from '../abi/aio.ts';
import { O_APPEND } from '../abi/fcntl.ts';
import { POLLERR, POLLHUP } from '../abi/poll.ts';
import { S_IFSOCK } from '../abi/stat.ts';
import type { Value } from '../abi/struct.ts';
import { EAGAIN, EBADF, EINTR, EINVAL, EPERM, ESPIPE, fail, isFailure } from '../errno.ts';
import { EventFd } from '../event/eventfd.ts';
import { readFile, writeFile } from '../file/blocking.ts';
import type { OpenFile } from '../file/open-file.ts';
import { opensForReading, opensForWriting } from '../fs/open-flags.ts';
import { letGoOfFiles } from '../held-files.ts';
import type { UserTransfer } from '../mm/user-transfer.ts';
import { demandRwFlags, hasty, iovecs, oneBuffer, positionFor } from '../syscalls/read-write.ts';
import { SYNC_CALLS } from '../syscalls/sync.ts';
import { CAP_SYS_ADMIN, CAP_SYS_NICE, capable } from '../task/credentials.ts';
import type { Call, Thread } from '../task/thread.ts';
import type { Timer } from '../time/timers.ts';
import { ended, isWait, type Wait, type Waiter, type WaitQueue } from '../wait.ts';
import type { AioContext, Pending } from './context.ts';

const ALWAYS_POLLED = POLLERR | POLLHUP;

type Request = Value<typeof Iocb>;

/** An iocb that was accepted. */
export interface Job {
  readonly context: AioContext;
  readonly request: Request;
  readonly object: bigint;
  /** What it acts on, and the eventfd it tells. */
  readonly file: OpenFile;
  readonly told: OpenFile | undefined;
  /** What a transfer that waits keeps between tries. */
  readonly call: Call;
  readonly move: (() => number | Wait) | undefined;
}

/** Checks an iocb and begins it: a job that is still to be tried, or undefined when nothing is left to do. */
export function accept(thread: Thread, context: AioContext, address: number): Job | undefined {
  const { user } = thread;
  const request = user.readStruct(address, Iocb);
  if (request.aio_reserved2 !== 0n) fail(EINVAL, 'a reserved field');
  if (BigInt.asIntN(64, request.aio_nbytes) < 0n) fail(EINVAL, 'a negative count');
  if (!context.hasRoom) fail(EAGAIN, 'as many requests as the ring has room for');
  const file = thread.files.get(request.aio_fildes | 0);
  const isTold = (request.aio_flags & IOCB_FLAG_RESFD) !== 0;
  const told = isTold ? eventfd(thread, request.aio_resfd | 0) : undefined;
  user.writeU32(address + Iocb.offsets.aio_key, 0);
  const call = { ...(thread.call as Call), progress: 0, deadlineNs: undefined, data: undefined };
  const job = { context, request, object: BigInt(address), file, told, call, move: undefined };
  const move = begin(thread, job);
  return move === undefined ? undefined : { ...job, move };
}

/** EBADF; EINVAL for another kind of file (eventfd_ctx_fdget). */
function eventfd(thread: Thread, fd: number): OpenFile {
  const file = thread.files.get(fd);
  return file.descriptor instanceof EventFd ? file : fail(EINVAL, 'not an eventfd');
}

function begin(thread: Thread, job: Job): Job['move'] {
  switch (job.request.aio_lio_opcode) {
    case IOCB_CMD_PREAD:
    case IOCB_CMD_PREADV:
      return reading(thread, job);
    case IOCB_CMD_PWRITE:
    case IOCB_CMD_PWRITEV:
      return writing(thread, job);
    case IOCB_CMD_FSYNC:
    case IOCB_CMD_FDSYNC:
      return synchronizing(thread, job);
    case IOCB_CMD_POLL:
      return poll(thread, job);
    default:
      return fail(EINVAL, 'no such operation'); // IOCB_CMD_NOOP has a number, and no more
  }
}

/** aio_prep_rw. EINVAL, EPERM, EOPNOTSUPP. */
function demandTransfer(thread: Thread, { request, file }: Job): void {
  if ((request.aio_flags & IOCB_FLAG_IOPRIO) !== 0) demandPriority(thread, request.aio_reqprio & 0xffff);
  demandRwFlags(request.aio_rw_flags, file);
}

/** ioprio_check_cap. */
function demandPriority({ credentials }: Thread, priority: number): void {
  const kind = priority >> 13;
  const mayRealtime = capable(credentials, CAP_SYS_ADMIN) || capable(credentials, CAP_SYS_NICE);
  if (kind === 1 && !mayRealtime) fail(EPERM, 'the real-time class needs CAP_SYS_NICE');
  if (kind > 3 || (kind === 0 && (priority & 7) !== 0)) fail(EINVAL, 'no such class');
}

/** The memory that is moved. EFAULT, EINVAL (rw_verify_area). */
function memory(thread: Thread, { request, file }: Job): UserTransfer {
  const { aio_buf: base, aio_offset: offset } = request;
  const length = Number(request.aio_nbytes);
  const isVector = request.aio_lio_opcode >= IOCB_CMD_PREADV;
  const transfer = isVector
    ? iovecs(thread, { fd: request.aio_fildes, iov: base, iovcnt: length }, file)
    : oneBuffer(thread, base, length);
  if (offset < 0 || offset + transfer.remaining >= 2 ** 63) fail(EINVAL, 'an offset outside of any file');
  return transfer;
}

/** sock_read_iter, sock_write_iter. */
function demandPosition({ file, request }: Job): void {
  const isSocket = file.descriptor.inode.type === S_IFSOCK;
  if (isSocket && request.aio_offset !== 0) fail(ESPIPE, 'a socket has no positions');
}

function reading(thread: Thread, job: Job): Job['move'] {
  const { file, request } = job;
  demandTransfer(thread, job);
  if (!opensForReading(file.flags)) fail(EBADF, 'the descriptor is not open for reading');
  if (!file.descriptor.isReadable || !file.descriptor.takesFlags)
    fail(EINVAL, 'this kind of file cannot be read');
  memory(thread, job);
  return () => {
    demandPosition(job);
    const position = file.descriptor.seekable ? request.aio_offset : 0;
    return hasty(thread, request.aio_rw_flags, readFile(thread, file, memory(thread, job), position));
  };
}

function writing(thread: Thread, job: Job): Job['move'] {
  const { file, request } = job;
  demandTransfer(thread, job);
  if (!opensForWriting(file.flags)) fail(EBADF, 'the descriptor is not open for writing');
  if (!file.descriptor.isWritable || !file.descriptor.takesFlags)
    fail(EINVAL, 'this kind of file cannot be written');
  memory(thread, job);
  return () => {
    demandPosition(job);
    const isPlaced = file.descriptor.seekable || (file.flags & O_APPEND) !== 0;
    const position = isPlaced ? positionFor(file, request.aio_offset, request.aio_rw_flags) : 0;
    return hasty(thread, request.aio_rw_flags, writeFile(thread, file, memory(thread, job), position));
  };
}

function synchronizing(thread: Thread, job: Job): Job['move'] {
  const { aio_buf, aio_offset, aio_nbytes, aio_rw_flags, aio_fildes } = job.request;
  if (aio_buf !== 0 || aio_offset !== 0 || aio_nbytes !== 0n || aio_rw_flags !== 0)
    fail(EINVAL, 'fields without a meaning here');
  const answer = attempt(() => SYNC_CALLS[82].handler(thread, { fd: aio_fildes | 0 }));
  if (answer === -EINVAL) fail(EINVAL, 'this kind of file cannot be synchronized');
  return () => answer;
}

/** The events that are there at once end it; otherwise it waits for them. EINVAL where there is nothing to wait for. */
function poll(thread: Thread, job: Job): undefined {
  const { aio_buf, aio_offset, aio_nbytes, aio_rw_flags } = job.request;
  if (aio_buf > 0xffff) fail(EINVAL, 'bits that are no events');
  if (aio_offset !== 0 || aio_nbytes !== 0n || aio_rw_flags !== 0)
    fail(EINVAL, 'fields without a meaning here');
  const { file } = job;
  const events = aio_buf | ALWAYS_POLLED;
  const ready = file.descriptor.poll(file) & events;
  if (ready !== 0) finish(job, ready);
  else {
    const queue = file.descriptor.changed ?? fail(EINVAL, 'nothing to wait for');
    job.context.pending.add(new AioPoll(thread, job, events, queue));
  }
  return undefined;
}

/** One try of a job: what it waits for; undefined when its event is posted. */
export function carryOn(thread: Thread, job: Job): Wait | undefined {
  const outer = thread.call as Call;
  const { call, move } = job;
  call.interrupted = outer.interrupted;
  call.timedOut = outer.timedOut;
  thread.call = call;
  let answer: number | Wait;
  try {
    answer = attempt(move as () => number | Wait);
  } finally {
    thread.call = outer;
    outer.deadlineNs = call.deadlineNs;
  }
  if (isWait(answer) && !outer.interrupted) {
    holdFiles(thread, job);
    return answer;
  }
  outer.deadlineNs = undefined;
  outer.timedOut = false;
  letGoOfFiles(thread);
  finish(job, isWait(answer) ? -EINTR : answer);
  return undefined;
}

/** While the call waits, other threads may close its descriptors. */
function holdFiles(thread: Thread, { file, told }: Job): void {
  if (thread.heldFiles !== undefined) return;
  const watched = told === undefined ? [file] : [file, told];
  for (const one of watched) one.retain();
  thread.heldFiles = { named: [], watched };
}

/** The result, or a negative errno. */
function attempt(run: () => number | Wait): number | Wait {
  try {
    return ended(run());
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return -thrown.errno;
  }
}

/** aio_complete. */
function finish(job: Job, res: number): void {
  const { context, request, object } = job;
  if (!context.isDead) context.post({ data: request.aio_data, obj: object, res, res2: 0 });
  const told = job.told?.descriptor;
  if (told instanceof EventFd) told.signal();
}

/** IOCB_CMD_POLL that waits. */
class AioPoll implements Pending, Waiter {
  readonly object: bigint;
  readonly #job: Job;
  readonly #events: number;
  readonly #queue: WaitQueue;
  readonly #thread: Thread;
  #timer: Timer | undefined;

  constructor(thread: Thread, job: Job, events: number, queue: WaitQueue) {
    this.object = job.object;
    this.#thread = thread;
    this.#job = job;
    this.#events = events;
    this.#queue = queue;
    job.file.retain();
    job.told?.retain();
    queue.add(this);
  }

  /** The result is all that the wake tells, wanted or not; without a word of it the file is asked (aio_poll_wake). */
  wake(_queue: WaitQueue, events: number): void {
    if (this.#timer !== undefined || (events !== 0 && (events & this.#events) === 0)) return;
    const { timers, clock } = this.#thread.kernel;
    this.#timer = timers.at(clock.monotonicNs(), () => {
      this.#timer = undefined;
      const { file } = this.#job;
      const ready = events !== 0 ? events : file.descriptor.poll(file) & this.#events;
      if (ready !== 0) this.#end(ready);
    });
  }

  #leave(): void {
    this.#queue.remove(this);
    if (this.#timer !== undefined) this.#thread.kernel.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#job.context.pending.delete(this);
  }

  #end(result: number): void {
    this.#leave();
    finish(this.#job, result);
    this.#job.file.release();
    this.#job.told?.release();
  }

  cancel(): void {
    this.#end(0);
  }
}
