// An epoll instance (epoll(7), fs/eventpoll.c): watched items, and the list of those that became ready.
// syscalls/epoll.ts changes and waits on it; wait queues of files put items on the list.
// Level-triggered items stay on the list until a look finds them not ready; edge-triggered ones leave when reported.
import { EpollEvent, EpollParams } from '../abi/epoll.ts';
import { READ_EVENTS } from '../abi/poll.ts';
import { EFAULT, EINVAL, EPERM, fail } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import { CAP_NET_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { WaitQueue } from '../wait.ts';
import type { EpollItem } from './epoll-item.ts';
import { ReadyList } from './ready-list.ts';

const EPIOCSPARAMS = 0x4008_8a01;
const EPIOCGPARAMS = 0x8008_8a02;
const NAPI_POLL_WEIGHT = 64;

export class Epoll extends FileDescriptor {
  #params: ReturnType<typeof EpollParams.decode> = {
    busy_poll_usecs: 0,
    busy_poll_budget: 0,
    prefer_busy_poll: 0,
    __pad: 0,
  };
  readonly kind = 'epoll';
  override readonly inode: Inode;
  readonly #events = new WaitQueue('epoll events');
  /** Those in epoll_wait, of whom each event wakes one, the last comer (ep_poll). */
  readonly sleepers = new WaitQueue('epoll events');
  readonly #watches: { count: number };
  readonly #items = new Map<OpenFile, Map<number, EpollItem>>();
  readonly #ready = new ReadyList();
  /** Looks at nested epolls end here when they come back (a ready list changes while it is walked). */
  #isLooking = false;

  /** `watches` counts the items of all epolls of the machine. */
  constructor(inode: Inode, watches: { count: number }) {
    super();
    this.inode = inode;
    this.#watches = watches;
  }

  override get changed(): WaitQueue {
    return this.#events;
  }

  find(file: OpenFile, fd: number): EpollItem | undefined {
    return this.#items.get(file)?.get(fd);
  }

  *items(): Generator<EpollItem> {
    for (const byFd of this.#items.values()) yield* byFd.values();
  }

  /** Starts to watch; an item that is ready already counts as having just become so. */
  add(item: EpollItem): void {
    let byFd = this.#items.get(item.file);
    if (byFd === undefined) {
      byFd = new Map();
      this.#items.set(item.file, byFd);
    }
    byFd.set(item.fd, item);
    this.#watches.count++;
    if (item.ready() !== 0) this.itemReady(item);
  }

  /** Its events were changed. */
  changedItem(item: EpollItem): void {
    if (item.ready() !== 0) this.itemReady(item);
  }

  remove(item: EpollItem): void {
    item.detach();
    this.#ready.remove(item);
    const byFd = this.#items.get(item.file);
    if (byFd?.delete(item.fd) === true) this.#watches.count--;
    if (byFd?.size === 0) this.#items.delete(item.file);
  }

  itemReady(item: EpollItem): void {
    this.#ready.add(item);
    this.sleepers.wakeNewest();
    this.#events.wake(READ_EVENTS);
  }

  /** Always where it is (noop_llseek). */
  override seek(): number {
    return 0;
  }

  /** Something on the list is ready; what is not leaves the list. */
  override poll(): number {
    if (this.#isLooking) return 0;
    this.#isLooking = true;
    try {
      for (let item = this.#ready.first; item !== undefined; item = this.#ready.first) {
        if (item.ready() !== 0) return READ_EVENTS;
        this.#ready.remove(item);
      }
      return 0;
    } finally {
      this.#isLooking = false;
    }
  }

  /**
   * Writes up to `limit` events to guest memory and returns how many (ep_send_events).
   * EFAULT only when not one could be written; the item concerned stays ready.
   */
  collect(thread: Thread, address: number, limit: number): number {
    let count = 0;
    for (let left = this.#ready.size; left > 0 && count < limit; left--) {
      const item = this.#ready.first;
      if (item === undefined) break;
      const events = item.ready();
      if (events === 0) {
        this.#ready.remove(item);
        continue;
      }
      const at = address + count * EpollEvent.size;
      if (thread.user.accessible(at, EpollEvent.size, true) < EpollEvent.size) {
        if (count === 0) fail(EFAULT, 'the event array is not writable');
        break;
      }
      thread.user.writeU32(at, events);
      thread.user.writeB64(at + EpollEvent.offsets.data, item.data);
      count++;
      this.#ready.remove(item);
      item.reported();
      if (!item.isEdgeTriggered && !item.isDisabled) this.#ready.add(item);
    }
    if (this.#ready.size > 0) this.sleepers.wakeNewest(); // there is more for others (ep_done_scan)
    return count;
  }

  /** Parameters of busy polling, which are kept and change nothing (fs/eventpoll.c, ep_eventpoll_bp_ioctl). */
  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    if (request >>> 0 === EPIOCGPARAMS) {
      thread.user.writeStruct(argument, EpollParams, this.#params);
      return 0;
    }
    if (request >>> 0 !== EPIOCSPARAMS) fail(EINVAL, 'epoll knows no such ioctl');
    const given = thread.user.readStruct(argument, EpollParams);
    if (given.__pad !== 0 || given.busy_poll_usecs > 0x7fff_ffff || given.prefer_busy_poll > 1)
      fail(EINVAL, 'not such parameters');
    if (given.busy_poll_budget > NAPI_POLL_WEIGHT && !capable(thread.credentials, CAP_NET_ADMIN))
      fail(EPERM, 'a larger budget needs CAP_NET_ADMIN');
    this.#params = given;
    return 0;
  }

  override fdinfo(): string {
    let text = '';
    for (const { file, fd, events, data } of this.items()) {
      const { inode } = file.descriptor;
      text += `tfd: ${String(fd).padStart(8)} events: ${events.toString(16).padStart(8)} data: ${data
        .toString(16)
        .padStart(
          16,
        )}  pos:${file.position} ino:${inode.ino.toString(16)} sdev:${inode.fs.dev.toString(16)}\n`;
    }
    return text;
  }

  override close(): void {
    for (const item of [...this.items()]) this.remove(item);
  }
}
