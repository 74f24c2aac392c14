// An io_uring (io_uring(7)): entries are taken from one ring and tried at once; their results go to the other.
// syscalls/io-uring.ts makes it, submits and waits; what has to wait is tried again between two slices of threads, as
// Linux does by task work. Completions that find no room are kept until there is some (IORING_FEAT_NODROP).
import {
  IORING_CQ_EVENTFD_DISABLED,
  IORING_CQE_F_MORE,
  IORING_OFF_PBUF_RING,
  IORING_OFF_PBUF_SHIFT,
  IORING_OFF_SQES,
  IORING_SETUP_CQE32,
  IORING_SETUP_NO_SQARRAY,
  IORING_SETUP_SQE128,
  IORING_SETUP_SQPOLL,
  IORING_SETUP_SUBMIT_ALL,
  IORING_SQ_CQ_OVERFLOW,
  IORING_SQ_NEED_WAKEUP,
  IOSQE_IO_DRAIN,
  IOSQE_IO_HARDLINK,
  IoUringSqe,
} from '../abi/io-uring.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../abi/poll.ts';
import { EAGAIN, ECANCELED, ENOMEM, fail } from '../errno.ts';
import type { EventFd } from '../event/eventfd.ts';
import { FileDescriptor, type MappedPages } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Kernel } from '../kernel.ts';
import type { Iovec } from '../mm/user-memory.ts';
import type { Credentials } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Timer } from '../time/timers.ts';
import { isWait, type Wait, WaitQueue } from '../wait.ts';
import type { BufferGroup } from './buffers.ts';
import { FileSlots } from './files.ts';
import { type Request, readSqe, type Sqe } from './request.ts';
import { RingMemory } from './ring-memory.ts';

/** Where things lie in the memory of the rings (struct io_rings). */
export const RINGS = {
  sqHead: 0,
  sqTail: 4,
  cqHead: 8,
  cqTail: 12,
  sqMask: 16,
  cqMask: 20,
  sqEntries: 24,
  cqEntries: 28,
  sqDropped: 32,
  sqFlags: 36,
  cqFlags: 40,
  cqOverflow: 44,
  cqes: 64,
} as const;

/** Requests that a page of the guest's memory pays for. */
const REQUESTS_PER_PAGE = 8;

interface Completion {
  readonly userData: bigint;
  readonly result: number;
  readonly flags: number;
}

/** Numbers of operations and commands; flags that entries may and must have. */
export interface Restrictions {
  readonly operations: ReadonlySet<number>;
  readonly commands: ReadonlySet<number>;
  readonly allowedFlags: number;
  readonly requiredFlags: number;
}

export interface RingShape {
  readonly flags: number;
  readonly sqEntries: number;
  readonly cqEntries: number;
}

/** Ends when `completionCount` is `target`. */
export interface CountingRequest {
  readonly target: number;
  reached(): void;
}

/** What an entry asks for, found by the syscalls: the ring itself knows no operations. */
export type Prepare = (ring: IoUring, thread: Thread, sqe: Sqe, previous: Request | undefined) => Request;

export class IoUring extends FileDescriptor {
  readonly kind = 'io_uring';
  override readonly inode: Inode;
  readonly kernel: Kernel;
  readonly shape: RingShape;
  readonly memory: RingMemory;
  /** IORING_SETUP_R_DISABLED, until it is enabled. */
  isDisabled = false;
  /** An entry without completion came: the order of entries can no longer be waited for. */
  cannotDrain = false;
  /** Who made it, where only that thread may submit. */
  issuer: Thread | undefined;
  readonly files = new FileSlots();
  /** What may be asked of it, from when it is enabled on (IORING_REGISTER_RESTRICTIONS). */
  restrictions: Restrictions | undefined;
  /** Registered buffers; undefined is a hole. */
  buffers: (Iovec | undefined)[] = [];
  readonly groups = new Map<number, BufferGroup>();
  /** Rings of buffers whose memory is the kernel's, by group: programs map them (IOU_PBUF_RING_MMAP). */
  readonly bufferMemory = new Map<number, RingMemory>();
  readonly personalities = new Map<number, Credentials>();
  eventfd: { readonly file: OpenFile; readonly descriptor: EventFd; readonly onlyAsync: boolean } | undefined;
  /** Submitted and not over. */
  readonly requests = new Set<Request>();
  /** Completions so far, those of timeouts apart. */
  completionCount = 0;
  timeoutCount = 0;
  /** Requests that end after so many completions. */
  readonly counting = new Set<CountingRequest>();
  readonly #prepare: Prepare;
  readonly #changed = new WaitQueue('completions of an io_uring');
  readonly #backlog: Completion[] = [];
  readonly #work: Request[] = [];
  /** To be tried when that is done: what is behind others in chains. */
  readonly #nexts: Request[] = [];
  /** Over, with results that are posted when all that is being done was tried (io_req_complete_defer). */
  readonly #finished: [Request, number][] = [];
  /** Heads of chains that wait for all before them. */
  readonly #deferred: Request[] = [];
  #deferredCount = 0;
  /** Entries come behind one that waits for all before it. */
  #isDraining = false;
  #workTimer: Timer | undefined;
  #moments = 0;
  readonly #closing: OpenFile[] = [];
  #sqHead = 0;
  #cqTail = 0;
  #paidPages = 0;
  #isSubmitting = false;
  #isWorking = false;

  constructor(kernel: Kernel, inode: Inode, shape: RingShape, prepare: Prepare) {
    super();
    this.kernel = kernel;
    this.inode = inode;
    this.shape = shape;
    this.#prepare = prepare;
    this.memory = new RingMemory(kernel.memory, this.ringSize, shape.sqEntries * this.#sqeSize);
    const { memory } = this;
    memory.writeU32(RINGS.sqMask, shape.sqEntries - 1);
    memory.writeU32(RINGS.cqMask, shape.cqEntries - 1);
    memory.writeU32(RINGS.sqEntries, shape.sqEntries);
    memory.writeU32(RINGS.cqEntries, shape.cqEntries);
    if (this.polls) memory.writeU32(RINGS.sqFlags, IORING_SQ_NEED_WAKEUP);
  }

  /** IORING_SETUP_SQPOLL: the thread that polls sleeps as soon as it has nothing to do, so it has to be woken always. */
  get polls(): boolean {
    return (this.shape.flags & IORING_SETUP_SQPOLL) !== 0;
  }

  get #sqeSize(): number {
    return (this.shape.flags & IORING_SETUP_SQE128) === 0 ? 64 : 128;
  }

  get #cqeSize(): number {
    return (this.shape.flags & IORING_SETUP_CQE32) === 0 ? 16 : 32;
  }

  get #hasArray(): boolean {
    return (this.shape.flags & IORING_SETUP_NO_SQARRAY) === 0;
  }

  /** Where the array of indices begins, which is the end of the rings without one. */
  get arrayOffset(): number {
    return RINGS.cqes + this.shape.cqEntries * this.#cqeSize;
  }

  get ringSize(): number {
    return this.arrayOffset + (this.#hasArray ? this.shape.sqEntries * 4 : 0);
  }

  override mapped(offset: number, length: number): MappedPages {
    if (offset >= IORING_OFF_PBUF_RING) {
      const group = (offset - IORING_OFF_PBUF_RING) >>> IORING_OFF_PBUF_SHIFT;
      const memory = this.bufferMemory.get(group) ?? fail(ENOMEM, 'no ring of buffers to be mapped');
      return { cache: memory.cache, offset: 0 };
    }
    const place = this.memory.place(offset, length);
    return place === undefined
      ? fail(ENOMEM, 'no part of the rings')
      : { cache: this.memory.cache, offset: place };
  }

  override get changed(): WaitQueue {
    return this.#changed;
  }

  override poll(): number {
    const isFull = this.#submitted >= this.shape.sqEntries;
    const hasResults = this.readyCount > 0 || this.#backlog.length > 0;
    return (isFull ? 0 : POLLOUT | POLLWRNORM) | (hasResults ? POLLIN | POLLRDNORM : 0);
  }

  get #submitted(): number {
    return (this.memory.readU32(RINGS.sqTail) - this.#sqHead) >>> 0;
  }

  /** Completions that the program has not taken. */
  get readyCount(): number {
    return (this.#cqTail - this.memory.readU32(RINGS.cqHead)) >>> 0;
  }

  /** A file that an entry closes is let go of behind what the ring does now (fput is task work, too). */
  releaseLater(file: OpenFile): void {
    this.#closing.push(file);
  }

  /** Takes up to `count` entries off the ring; those that cannot be prepared end it, and count. EAGAIN. */
  submit(thread: Thread, count: number): number {
    const { memory, shape } = this;
    const wanted = Math.min(count, this.#submitted, shape.sqEntries);
    let taken = 0;
    let chain: Request[] = [];
    this.#isSubmitting = this.#isWorking = true;
    while (taken < wanted) {
      if (!this.#pay()) break;
      const at = this.#sqHead & (shape.sqEntries - 1);
      const index = this.#hasArray ? memory.readU32(this.arrayOffset + at * 4) : at;
      this.#sqHead = (this.#sqHead + 1) >>> 0;
      taken++;
      if (index >= shape.sqEntries) {
        memory.writeU32(RINGS.sqDropped, memory.readU32(RINGS.sqDropped) + 1);
        taken--;
        break;
      }
      const entry = this.#entry(index);
      const request = this.#prepare(this, thread, entry, chain.at(-1));
      this.requests.add(request);
      chain.push(request);
      const isLast = request.failure !== undefined && !request.isLinked; // chains go on, to fail together
      if (!request.isLinked) {
        this.#queue(chain);
        chain = [];
      }
      if (isLast && (shape.flags & IORING_SETUP_SUBMIT_ALL) === 0) break;
    }
    if (chain.length > 0) this.#queue(chain);
    this.#finish();
    this.#isWorking = false;
    memory.writeU32(RINGS.sqHead, this.#sqHead);
    if (taken > 0) this.#changed.wake(POLLOUT | POLLWRNORM);
    this.runWork();
    this.#isSubmitting = false;
    return taken === 0 && wanted > 0 && !this.#pay() ? -EAGAIN : taken;
  }

  #entry(index: number): Sqe {
    const bytes = this.memory.read(IORING_OFF_SQES + index * this.#sqeSize, IoUringSqe.size);
    return readSqe(bytes);
  }

  /** There is memory for one more request. */
  #pay(): boolean {
    if (this.requests.size + this.#backlog.length < this.#paidPages * REQUESTS_PER_PAGE) return true;
    if (!this.kernel.memory.charge(1)) return false;
    this.#paidPages++;
    return true;
  }

  /** A chain begins, or waits for those before it (IOSQE_IO_DRAIN). */
  #queue(chain: readonly Request[]): void {
    const [head] = chain;
    if (head === undefined) return;
    chain.forEach((request, index) => {
      request.next = chain[index + 1];
    });
    if (chain.some(({ failure }) => failure !== undefined)) {
      head.isRefused = true;
      head.failure ??= ECANCELED; // the head is over at once, the others a little later (io_fail_links)
      this.#try(head);
      return;
    }
    this.#isDraining ||= drains(head);
    if (this.#isDraining) {
      this.#deferred.push(head);
      this.#deferredCount += chain.length;
      this.#undefer();
      if (!drains(head) && this.#deferred.length === 0) this.#isDraining = false;
      return;
    }
    if (head.operation.beginsLater?.(head) === true) this.retryLater(head);
    else this.#try(head);
  }

  /** Those that waited for all before them; the first of several waits in any case (io_queue_deferred). */
  #undefer(): void {
    let mustWait = true;
    for (let head = this.#deferred[0]; head !== undefined; head = this.#deferred[0]) {
      mustWait ||= drains(head);
      if (mustWait && this.requests.size > this.#deferredCount) return;
      mustWait = false;
      this.#deferred.shift();
      for (let at: Request | undefined = head; at !== undefined; at = at.next) this.#deferredCount--;
      this.retryLater(head);
    }
  }

  /** The request is tried when those before it were: behind all entries of a submission, else before the next slice. */
  retryLater(request: Request): void {
    this.#work.push(request);
    const { slice } = this.kernel.scheduler;
    if (slice?.thread === request.thread) slice.budget = 0; // before it goes on
    if (this.#isSubmitting || this.#isWorking || this.#workTimer !== undefined) return;
    const { timers, clock } = this.kernel;
    this.#workTimer = timers.at(clock.monotonicNs(), () => {
      this.#workTimer = undefined;
      this.runWork();
    });
  }

  /** Tries what was woken or has just begun. */
  runWork(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    do {
      this.#work.push(...this.#nexts.splice(0));
      for (const request of this.#work.splice(0)) this.#try(request);
      this.#finish();
      if (this.#work.length + this.#nexts.length > 0) continue;
      for (const file of this.#closing.splice(0)) file.release();
    } while (this.#work.length + this.#nexts.length > 0);
    this.#isWorking = false;
  }

  /** What follows a completion comes behind all that is being done (io_free_batch_list). */
  #continueWith(request: Request): void {
    if (this.#isWorking) this.#nexts.push(request);
    else this.retryLater(request);
  }

  #try(request: Request): void {
    if (request.isOver) return;
    const answer = request.decided ?? (request.failure === undefined ? request.attempt() : -request.failure);
    if (request.isOver) return; // it cancelled itself
    if (isWait(answer)) this.#park(request, answer);
    else if (request.failure === undefined && answer < 0 && request.failsLater(-answer)) {
      request.failure = -answer;
      this.retryLater(request);
    } else this.complete(request, answer);
  }

  #park(request: Request, { queues }: Wait): void {
    const isFirst = !request.hasWaited;
    request.wait(queues);
    if (!isFirst) return;
    request.operation.began?.(request);
    if (request.next?.limits === request) request.next.operation.began?.(request.next);
  }

  /** The request is over: its completion is posted, and the next of its chain begins or is cancelled. */
  complete(request: Request, result: number): void {
    if (request.state === 'done') return;
    request.state = 'done';
    request.letGo();
    this.requests.delete(request);
    this.#finished.push([request, result]);
    if (!this.#isWorking) this.#finish();
  }

  /** Counts, to tell what began to wait first. */
  nextMoment(): number {
    return this.#moments++;
  }

  /** Posts the results of what is over; what follows comes behind them (io_uring.c, __io_submit_flush_completions). */
  #finish(): void {
    while (this.#finished.length > 0) {
      const finished = this.#finished.splice(0);
      const tail = this.#cqTail;
      for (const [request, result] of finished) this.#postLast(request, result);
      this.#tell(
        tail,
        finished.some(([{ isByWorker }]) => isByWorker),
      );
      if (this.#deferred.length > 0) this.#undefer();
    }
  }

  #postLast(request: Request, result: number): void {
    const { operation } = request;
    const limit = request.next?.limits === request ? request.next : undefined;
    const next = limit === undefined ? request.next : limit.next;
    const hasFailed = request.isFailure(result);
    const isHidden = request.isHidden ?? (!hasFailed && request.hidesSuccess);
    const isTimeout = operation.isTimeout === true && request.hasExpired;
    if (!isHidden) this.#put(request.userData, result, request.resultFlags, isTimeout);
    operation.ended?.(request);
    request.next = undefined;
    if (limit !== undefined) {
      limit.next = undefined;
      limit.isHidden = limit.hidesSuccess;
      limit.stopTimer();
      this.#failLater(limit);
    }
    if (next !== undefined && next.state === 'new') {
      const breaksChain = request.isRefused || (request.sqe.flags & IOSQE_IO_HARDLINK) === 0;
      if (hasFailed && breaksChain) this.#cancelChain(next, request.hidesSuccess);
      else this.#continueWith(next);
    }
  }

  /** What hides its success, but failed, hides how those behind it end (REQ_F_SKIP_LINK_CQES). */
  #cancelChain(first: Request, isHidden: boolean): void {
    for (let at: Request | undefined = first; at !== undefined; ) {
      const { next }: Request = at;
      at.next = undefined;
      at.isHidden = isHidden;
      this.#failLater(at);
      at = next;
    }
  }

  #failLater(request: Request): void {
    request.failure ??= ECANCELED;
    this.#continueWith(request);
  }

  /** A further completion of a request that goes on; false when there is no room, and it has to end. */
  postMore(request: Request, result: number): boolean {
    this.#finish(); // what was over before (io_req_post_cqe)
    if (this.#backlog.length > 0 || this.readyCount >= this.shape.cqEntries) return false;
    this.post(request.userData, result, request.resultFlags | IORING_CQE_F_MORE, request.operation.isTimeout);
    return true;
  }

  post(userData: bigint, result: number, flags: number, isTimeout = false): void {
    const tail = this.#cqTail;
    this.#put(userData, result, flags, isTimeout);
    this.#tell(tail, false);
  }

  #put(userData: bigint, result: number, flags: number, isTimeout: boolean): void {
    const completion = { userData, result, flags };
    if (this.#backlog.length > 0 || this.readyCount >= this.shape.cqEntries) {
      this.#backlog.push(completion);
      this.#setFlags(IORING_SQ_CQ_OVERFLOW);
    } else this.#write(completion);
    if (isTimeout) this.timeoutCount++;
    else this.completionCount++;
    if (isTimeout || this.counting.size === 0) return;
    for (const one of [...this.counting]) if (this.completionCount >= one.target) one.reached();
  }

  /** There may be completions behind those before `tail`: the eventfd hears once of all (io_uring/eventfd.c). */
  #tell(tail: number, isByWorker: boolean): void {
    const { eventfd, memory } = this;
    this.#changed.wake(POLLIN | POLLRDNORM);
    if (eventfd === undefined || this.#cqTail === tail) return;
    if ((memory.readU32(RINGS.cqFlags) & IORING_CQ_EVENTFD_DISABLED) !== 0) return;
    if (isByWorker || !eventfd.onlyAsync) eventfd.descriptor.signal();
  }

  #write({ userData, result, flags }: Completion): void {
    const { memory, shape } = this;
    const bytes = new Uint8Array(this.#cqeSize);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, userData, true);
    view.setInt32(8, result, true);
    view.setUint32(12, flags, true);
    memory.write(RINGS.cqes + (this.#cqTail & (shape.cqEntries - 1)) * bytes.length, bytes);
    this.#cqTail = (this.#cqTail + 1) >>> 0;
    memory.writeU32(RINGS.cqTail, this.#cqTail);
  }

  #setFlags(set: number, cleared = 0): void {
    const { memory } = this;
    memory.writeU32(RINGS.sqFlags, (memory.readU32(RINGS.sqFlags) & ~cleared) | set);
  }

  /** What found no room before. */
  flushBacklog(): void {
    if (this.#backlog.length === 0) return;
    const tail = this.#cqTail;
    while (this.#backlog.length > 0 && this.readyCount < this.shape.cqEntries)
      this.#write(this.#backlog.shift() as Completion);
    if (this.#backlog.length === 0) this.#setFlags(0, IORING_SQ_CQ_OVERFLOW);
    this.#tell(tail, false);
  }

  /** What a thread submitted cannot go on without it. */
  cancelAll(thread?: Thread): void {
    for (const request of [...this.requests]) {
      if (thread !== undefined && request.thread !== thread) continue;
      request.next = undefined;
      request.cancel();
    }
  }

  override close(): void {
    this.cancelAll();
    if (this.#workTimer !== undefined) this.kernel.timers.cancel(this.#workTimer);
    this.files.clear();
    this.eventfd?.file.release();
    this.eventfd = undefined;
    this.kernel.memory.release(this.#paidPages);
    this.#paidPages = 0;
    this.memory.free();
    for (const memory of this.bufferMemory.values()) memory.free();
    this.bufferMemory.clear();
    this.kernel.rings.open.delete(this);
  }
}

/** The chain waits for all before it. */
function drains(head: Request): boolean {
  for (let at: Request | undefined = head; at !== undefined; at = at.next)
    if ((at.sqe.flags & IOSQE_IO_DRAIN) !== 0) return true;
  return false;
}
