// One submitted entry of an io_uring: an operation that is tried, waits on queues, and is tried again when one wakes.
// io-uring.ts submits them and tries them between slices; operations.ts says what each does.
// It is a blocked call without a blocked thread: all it needs between tries is data here.
import { O_NONBLOCK, O_PATH } from '../abi/fcntl.ts';
import {
  IOSQE_ASYNC,
  IOSQE_CQE_SKIP_SUCCESS,
  IOSQE_FIXED_FILE,
  IOSQE_IO_HARDLINK,
  IOSQE_IO_LINK,
  IoUringSqe,
} from '../abi/io-uring.ts';
import { POLLIN, POLLPRI } from '../abi/poll.ts';
import { MSG_WAITALL } from '../abi/socket.ts';
import type { Value } from '../abi/struct.ts';
import { EAGAIN, EBADF, ECANCELED, ENOTSOCK, EOPNOTSUPP, fail, isFailure } from '../errno.ts';
import type { HeldFile } from '../file/fd-table.ts';
import type { OpenFile } from '../file/open-file.ts';
import { KeptMemory } from '../mm/kept-memory.ts';
import type { Credentials } from '../task/credentials.ts';
import { type Call, callOf, type Thread } from '../task/thread.ts';
import type { Timer } from '../time/timers.ts';
import { ended, type Wait, type Waiter, type WaitQueue, WOULD_BLOCK, wait } from '../wait.ts';
import type { Selection } from './buffers.ts';
import type { IoUring } from './io-uring.ts';
import type { Operation } from './operation.ts';

export interface Sqe extends Value<typeof IoUringSqe> {
  /** All bits of `addr` and `off`, for user data. */
  readonly addrBits: bigint;
  readonly offBits: bigint;
}

/** An entry's bytes (struct io_uring_sqe). */
export function readSqe(bytes: Uint8Array): Sqe {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const offBits = view.getBigUint64(IoUringSqe.offsets.off, true);
  const addrBits = view.getBigUint64(IoUringSqe.offsets.addr, true);
  return { ...IoUringSqe.decode(bytes), offBits, addrBits };
}

/** Numbers that no descriptor has, for files that have none: registered ones. */
const NO_NUMBER = -1000;
const OTHER_NUMBER = -1001;

export class Request implements Waiter {
  readonly ring: IoUring;
  readonly thread: Thread;
  sqe: Sqe;
  readonly operation: Operation;
  /** What handlers of system calls keep between tries. */
  readonly call: Call;
  state: 'new' | 'waiting' | 'woken' | 'running' | 'done' = 'new';
  hasWaited = false;
  /** The errno that its preparation failed with, or its chain; it is then not begun. */
  failure: number | undefined;
  /** It was not begun, as something in its chain is wrong: hard links break too. */
  isRefused = false;
  /** Its completion is not posted, or is, whatever its flags say. */
  isHidden: boolean | undefined;
  /** The next of a chain. */
  next: Request | undefined;
  /** The file it acts upon, held from the first try on. */
  file: OpenFile | undefined;
  /** IORING_CQE_F_* of the result. */
  resultFlags = 0;
  /** Whose rights it has; undefined: the thread's. */
  personality: Credentials | undefined;
  timer: Timer | undefined;
  /** IORING_OP_LINK_TIMEOUT: what it limits. */
  limits: Request | undefined;
  hasExpired = false;
  /** What its file is polled for while it waits (POLL*); 0: it waits as its call does. */
  events = 0;
  /** It stays on its queue while it is tried, since it goes on after a result. */
  isMultishot = false;
  /** It waits for its file to be ready, not for what its call would wait for; since which of the ring's moments. */
  isPolling = false;
  armedAt = 0;
  /** A worker does it (io_uring/io-wq.c). */
  isByWorker: boolean;
  /** Errors that its call gives break no chain. */
  isForgiven = false;
  /** How it ends, decided before its turn comes. */
  decided: number | undefined;
  /** What it was woken for, where that was said (POLL*); else 0. */
  happened = 0;
  /** Of several that wait for the same only one is told (EPOLLEXCLUSIVE). */
  claim: ((events: number) => boolean) | undefined;
  /** User data can be changed while it waits (POLL_REMOVE). */
  userData: bigint;
  /** What an operation keeps between tries besides that. */
  data: unknown;
  /** Provided buffers that it has and that have left their group, though it is not over. */
  begunBuffer: Selection | undefined;
  /** The entry, with the length of the buffer that it was given. */
  wanted: Sqe;
  #queues: readonly WaitQueue[] = [];
  #wokenBy: WaitQueue | undefined;
  #held: HeldFile[] | undefined;
  #memory: KeptMemory | undefined;

  constructor(ring: IoUring, thread: Thread, sqe: Sqe, operation: Operation) {
    this.ring = ring;
    this.thread = thread;
    this.sqe = this.wanted = sqe;
    this.operation = operation;
    this.userData = sqe.user_data;
    this.isByWorker = (sqe.flags & IOSQE_ASYNC) !== 0;
    if (operation.pollsAlone === true) this.claim = (events) => this.#claim(events);
    this.call = callOf(operation.syscall, {});
  }

  get isLinked(): boolean {
    return (this.sqe.flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) !== 0;
  }

  get hidesSuccess(): boolean {
    return (this.sqe.flags & IOSQE_CQE_SKIP_SUCCESS) !== 0;
  }

  get usesRegisteredFile(): boolean {
    return (this.sqe.flags & IOSQE_FIXED_FILE) !== 0;
  }

  /** Writes that were begun fail by task work; the descriptor is looked at before (io_uring/rw.c, io_write). */
  failsLater(errno: number): boolean {
    return this.operation.failsLater === true && errno !== EBADF && errno !== EOPNOTSUPP;
  }

  /** A result after which its chain does not go on. */
  isFailure(result: number): boolean {
    const { operation } = this;
    if (result >= 0) return operation.isShort?.(this.wanted, result) === true;
    if (operation.isFailure?.(this, result) === false) return false;
    const isOfCall = this.failure === undefined && ![-EBADF, -ENOTSOCK, -ECANCELED].includes(result);
    return !(this.isForgiven && isOfCall);
  }

  /** What its entry names, if that is open. */
  get namedFile(): OpenFile | undefined {
    const { ring, thread, sqe } = this;
    return this.usesRegisteredFile ? ring.files.get(sqe.fd) : thread.files.lookup(sqe.fd);
  }

  /** What the handler of a system call is given for the descriptor. */
  get fd(): number {
    return this.usesRegisteredFile ? NO_NUMBER : this.sqe.fd;
  }

  get isOver(): boolean {
    return this.state === 'done';
  }

  /** The program's memory with what the entry points to as it was when it was submitted; made when it is asked for. */
  get memory(): KeptMemory {
    this.#memory ??= new KeptMemory(this.thread.process.mm);
    return this.#memory;
  }

  /** It was begun and is not being tried: it can be cancelled. */
  get isPending(): boolean {
    return (this.state === 'waiting' || this.state === 'woken') && this.decided === undefined;
  }

  /** It polled its file, and its end is decided but not told yet. */
  get isCancelledPoll(): boolean {
    return this.state === 'woken' && this.isPolling && this.decided !== undefined;
  }

  /** One try: the result, a negative errno, or a Wait. */
  attempt(): number | Wait {
    const { thread, operation } = this;
    const { call, files, credentials } = thread;
    const { held } = files;
    const { mm } = thread.process;
    const { user } = mm;
    this.state = 'running';
    try {
      if (operation.needsFile) this.#hold();
      thread.call = this.call;
      files.held = this.#held;
      thread.credentials = this.personality ?? credentials;
      if (this.#memory !== undefined) mm.user = this.#memory;
      const triesFirst = this.isMultishot || this.#readsAtOnce;
      const answer = this.#withNonblock(triesFirst, () => operation.run(this));
      const { file } = this;
      const changed = file?.descriptor.changed;
      if (answer !== WOULD_BLOCK || !triesFirst || changed === undefined) return ended(answer);
      if (this.isMultishot || !this.#isReady) return wait(changed);
      // ready, though there is nothing: a worker looks, who waits unless the file says no
      if (((file?.flags ?? 0) & O_NONBLOCK) !== 0) return -EAGAIN;
      return ended(this.#withNonblock(false, () => operation.run(this)));
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      return -thrown.errno;
    } finally {
      thread.call = call;
      files.held = held;
      mm.user = user;
      thread.credentials = credentials;
    }
  }

  /**
   * The file's O_NONBLOCK does not count: io_uring polls such files for its callers (io_uring/rw.c, net.c). What is to have
   * many results never comes to a worker, so it never does what only calls that wait do.
   */
  #withNonblock(isSet: boolean, run: () => number | Wait): number | Wait {
    const { file } = this;
    if (file === undefined) return run();
    const own = file.flags & O_NONBLOCK;
    file.flags = isSet ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK;
    try {
      return run();
    } finally {
      file.flags = (file.flags & ~O_NONBLOCK) | own;
    }
  }

  /** It takes what is there: not all that was asked for. */
  get #readsAtOnce(): boolean {
    return (this.events & POLLIN) !== 0 && (this.sqe.op_flags & MSG_WAITALL) === 0;
  }

  get #isReady(): boolean {
    const { file, events } = this;
    return file !== undefined && (file.descriptor.poll(file) & events) !== 0;
  }

  /** Looks the file up when the request begins (io_assign_file). EBADF. */
  #hold(): void {
    if (this.file !== undefined) return;
    const file = this.namedFile;
    if (file === undefined || (file.flags & O_PATH) !== 0) fail(EBADF, 'no such open file');
    this.file = file.retain();
    this.#held = [{ fd: this.fd, file }];
  }

  /** A second file, as the entry names it; the number to give to handlers. EBADF. */
  holdOther(number: number, isRegistered: boolean): number {
    if (!isRegistered) return number;
    const held = this.#held ?? [];
    if (held.every(({ fd }) => fd !== OTHER_NUMBER))
      held.push({
        fd: OTHER_NUMBER,
        file: (this.ring.files.get(number) ?? fail(EBADF, 'the slot is empty')).retain(),
      });
    this.#held = held;
    this.thread.files.held = held;
    return OTHER_NUMBER;
  }

  /**
   * Waits for its file to be ready, which the newest hear of first (io_arm_poll_handler); as its call does where the file
   * cannot be polled, or is ready though the call would wait: then a worker makes it (IO_APOLL_ABORTED).
   */
  wait(queues: readonly WaitQueue[]): void {
    this.state = 'waiting';
    this.hasWaited = true;
    this.happened = 0;
    if (this.isPolling && this.#queues.length > 0) return;
    const { file, events } = this;
    const changed = events === 0 ? undefined : file?.descriptor.changed;
    const isReady = !this.isMultishot && this.#isReady;
    this.isPolling = changed !== undefined && !isReady;
    this.#queues = changed === undefined || isReady ? queues : [changed];
    this.armedAt = this.ring.nextMoment();
    for (const queue of this.#queues)
      if (this.isPolling && this.claim === undefined) queue.addFirst(this);
      else queue.add(this);
  }

  get waitsFor(): readonly string[] {
    const labels = this.#queues.map(({ label }) => label).filter((label) => label !== '');
    if (!this.isPolling) return labels;
    const what = (this.events & POLLIN) === 0 ? 'room' : 'data';
    return labels.map((label) => `${what} on ${label}`);
  }

  wake(queue: WaitQueue, events: number): void {
    if (!this.#isFor(events)) return;
    if (this.state === 'woken') this.happened = 0; // more than once: it looks itself
    if (this.state !== 'waiting') return;
    if (!this.isMultishot) this.#leave();
    this.state = 'woken';
    this.happened = events;
    this.#wokenBy = this.isPolling ? undefined : queue;
    this.ring.retryLater(this);
  }

  /** Events that it does not poll for are none of its business (io_poll_wake). */
  #isFor(events: number): boolean {
    return !this.isPolling || events === 0 || (events & this.events & ~POLLPRI) !== 0;
  }

  #claim(events: number): boolean {
    const [queue] = this.#queues;
    if (queue === undefined || this.state !== 'waiting' || !this.#isFor(events)) return false;
    this.wake(queue, events);
    return true;
  }

  /** What it waits for has changed. */
  wakeAnew(): void {
    if (this.state !== 'waiting') return;
    this.#leave();
    this.state = 'woken';
    this.ring.retryLater(this);
  }

  #leave(): void {
    for (const queue of this.#queues) queue.remove(this);
    this.#queues = [];
  }

  stopTimer(): void {
    if (this.timer !== undefined) this.thread.kernel.timers.cancel(this.timer);
    this.timer = undefined;
  }

  /** It is over, or another has to have its turn. */
  letGo(): void {
    this.#leave();
    this.stopTimer();
    this.file?.release();
    this.file = undefined;
    for (const { fd, file } of this.#held ?? []) if (fd === OTHER_NUMBER) file.release();
    this.#held = undefined;
    this.#memory = undefined;
  }

  /** Ends it before its time. */
  cancel(result = -ECANCELED): void {
    if (this.state === 'done') return;
    const passedOver = this.#passedOver;
    this.ring.complete(this, result);
    passedOver?.wakeOne();
  }

  /** The same behind what the ring does now (io_req_queue_tw_complete). */
  cancelLater(result = -ECANCELED): void {
    if (this.state === 'done' || this.decided !== undefined) return;
    const passedOver = this.#passedOver;
    this.#leave();
    this.stopTimer();
    this.state = 'woken';
    this.#wokenBy = undefined;
    this.decided = result;
    this.ring.retryLater(this);
    passedOver?.wakeOne();
  }

  /** Who woke it alone, where it has not been tried since. */
  get #passedOver(): WaitQueue | undefined {
    return this.state === 'woken' ? this.#wokenBy : undefined;
  }
}
