// One descriptor that an epoll watches: a waiter on the file's queue that puts itself on the epoll's ready list.
// Known by file and number together: a dup is another item, and a closed number may still be watched (epoll(7), Q6).
// A wake costs the same however many other files the epoll has.
import { EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, EPOLLWAKEUP } from '../abi/epoll.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../abi/poll.ts';
import type { FileWatcher, OpenFile } from '../file/open-file.ts';
import type { Waiter, WaitQueue } from '../wait.ts';
import type { Epoll } from './epoll.ts';

/** EP_PRIVATE_BITS: flags of the item, not events. */
const PRIVATE_BITS = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;

export class EpollItem implements Waiter, FileWatcher {
  readonly epoll: Epoll;
  /** The epoll's own description, for chains of epolls. */
  readonly epollFile: OpenFile;
  readonly file: OpenFile;
  readonly fd: number;
  /** EPOLLIN … with the private bits, as fdinfo shows them. */
  events: number;
  data: bigint;
  /** On the epoll's list of ready items; `before` and `after` it there (ready-list.ts). */
  isListed = false;
  before: EpollItem | undefined;
  after: EpollItem | undefined;
  readonly #queue: WaitQueue;
  /** EPOLLEXCLUSIVE: of several epolls the first at which somebody waits is told. */
  readonly claim: ((events: number) => boolean) | undefined;

  /** Starts to listen on `queue`; the caller adds the item to `epoll`. */
  constructor(
    owner: { readonly epoll: Epoll; readonly file: OpenFile },
    file: OpenFile,
    fd: number,
    queue: WaitQueue,
    event: { readonly events: number; readonly data: bigint },
  ) {
    this.epoll = owner.epoll;
    this.epollFile = owner.file;
    this.file = file;
    this.fd = fd;
    this.#queue = queue;
    this.events = (event.events | POLLERR | POLLHUP) >>> 0;
    this.data = event.data;
    this.claim = this.isExclusive ? (happened) => this.#claim(happened) : undefined;
    if (this.isExclusive) queue.add(this);
    else queue.addFirst(this);
    file.watchers ??= new Set();
    file.watchers.add(this);
  }

  get isEdgeTriggered(): boolean {
    return (this.events & EPOLLET) !== 0;
  }

  get isExclusive(): boolean {
    return (this.events & EPOLLEXCLUSIVE) !== 0;
  }

  /** EPOLLONESHOT after its event: nothing is reported until EPOLL_CTL_MOD. */
  get isDisabled(): boolean {
    return (this.events & ~PRIVATE_BITS) === 0;
  }

  /** Watched events that hold now. */
  ready(): number {
    return this.file.descriptor.poll(this.file) & this.events;
  }

  change(events: number, data: bigint): void {
    this.events = (events | POLLERR | POLLHUP) >>> 0;
    this.data = data;
  }

  /** The event was reported. */
  reported(): void {
    if ((this.events & EPOLLONESHOT) !== 0) this.events = (this.events & PRIVATE_BITS) >>> 0;
  }

  /** ep_poll_callback: a mask of 0 says nothing about what happened, so it counts. */
  wake(_queue: WaitQueue, events: number): void {
    if (this.isDisabled || (events !== 0 && (events & this.events) === 0)) return;
    this.epoll.itemReady(this);
  }

  /** What an exclusive item makes of an event: it sees to it when somebody waits for just that (ep_poll_callback). */
  #claim(events: number): boolean {
    const isAwaited = !this.epoll.sleepers.isEmpty;
    if (this.isDisabled || (events & this.events) === 0) return false;
    this.epoll.itemReady(this);
    const direction = events & (POLLIN | POLLOUT);
    return isAwaited && (direction & this.events) === direction && direction !== (POLLIN | POLLOUT);
  }

  fileClosed(): void {
    this.epoll.remove(this);
  }

  /** Leaves the queue and the file. */
  detach(): void {
    this.#queue.remove(this);
    this.file.watchers?.delete(this);
  }
}
