// An inotify instance (inotify(7)): watches on inodes, and the queue of events that a program reads.
// syscalls/inotify.ts makes it and adds watches; fs/notify.ts reports what happens.
// An event equal to the last one in the queue is not queued again.
import { FIONREAD } from '../abi/ioctl.ts';
import { READ_EVENTS } from '../abi/poll.ts';
import { i32, struct, u32 } from '../abi/struct.ts';
import { EFAULT, EINVAL, ENOTTY, fail } from '../errno.ts';
import { FileDescriptor, type Sink } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import { type FileEvent, IN_ISDIR, type InodeWatch } from '../fs/notify.ts';
import { textToBytes } from '../mm/user-memory.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';

export const IN_Q_OVERFLOW = 0x4000;
export const IN_IGNORED = 0x8000;
export const IN_ONLYDIR = 0x0100_0000;
export const IN_DONT_FOLLOW = 0x0200_0000;
export const IN_EXCL_UNLINK = 0x0400_0000;
export const IN_MASK_CREATE = 0x1000_0000;
export const IN_MASK_ADD = 0x2000_0000;
export const IN_ONESHOT = 0x8000_0000;
export const IN_ALL_EVENTS = 0xfff;
const IN_UNMOUNT = 0x2000;

const InotifyEvent = struct('inotify_event', { wd: i32, mask: u32, cookie: u32, len: u32 });
/** fs.inotify.max_queued_events. */
const QUEUE_LIMIT = 16_384;

interface QueuedEvent {
  readonly wd: number;
  readonly mask: number;
  readonly cookie: number;
  readonly name: string;
}

/** Bytes of the name field: the name, a NUL, and padding to the struct's size. */
function nameLength({ name }: QueuedEvent): number {
  return name === '' ? 0 : Math.ceil((name.length + 1) / InotifyEvent.size) * InotifyEvent.size;
}

export class Inotify extends FileDescriptor {
  readonly kind = 'inotify';
  override get takesFlags(): boolean {
    return false;
  }

  override get signalsOwner(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly #arrived = new WaitQueue('inotify events');
  readonly #watches = new Map<number, Watch>();
  readonly #byInode = new Map<Inode, Watch>();
  readonly #queue: QueuedEvent[] = [];
  #lastWd = 0;

  constructor(inode: Inode) {
    super();
    this.inode = inode;
  }

  override get changed(): WaitQueue {
    return this.#arrived;
  }

  get watchCount(): number {
    return this.#watches.size;
  }

  /** The watch on `inode`, if there is one. */
  watchOf(inode: Inode): Watch | undefined {
    return this.#byInode.get(inode);
  }

  /** A new watch; its number is never used again. */
  add(inode: Inode, mask: number): number {
    const watch = new Watch(this, inode, ++this.#lastWd, mask);
    this.#watches.set(watch.wd, watch);
    this.#byInode.set(inode, watch);
    inode.watches ??= new Set();
    inode.watches.add(watch);
    return watch.wd;
  }

  /** inotify_rm_watch(2). EINVAL: no such watch. */
  removeNumber(wd: number): void {
    const watch = this.#watches.get(wd) ?? fail(EINVAL, 'no such watch');
    this.remove(watch);
  }

  /** Ends a watch; IN_IGNORED is its last event. */
  remove(watch: Watch): void {
    if (!this.#watches.delete(watch.wd)) return;
    this.#byInode.delete(watch.inode);
    watch.inode.watches?.delete(watch);
    if (watch.inode.watches?.size === 0) watch.inode.watches = undefined;
    this.push({ wd: watch.wd, mask: IN_IGNORED, cookie: 0, name: '' });
  }

  push(event: QueuedEvent): void {
    const last = this.#queue.at(-1);
    if (last !== undefined && isSame(last, event)) return;
    if (this.#queue.length >= QUEUE_LIMIT) {
      if (last?.mask === IN_Q_OVERFLOW) return;
      this.#queue.push({ wd: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: '' });
    } else this.#queue.push(event);
    this.#arrived.wake(READ_EVENTS);
  }

  /** As many whole events as fit. EINVAL when not even the first does. */
  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    let done = 0;
    let taken = 0;
    for (const event of this.#queue) {
      const size = InotifyEvent.size + nameLength(event);
      if (size > sink.remaining) {
        if (done === 0) fail(EINVAL, 'the buffer is too small for the next event');
        break;
      }
      const bytes = new Uint8Array(size);
      const { wd, mask, cookie, name } = event;
      bytes.set(InotifyEvent.encode({ wd, mask, cookie, len: nameLength(event) }));
      bytes.set(textToBytes(name), InotifyEvent.size);
      if (sink.put(bytes) < size) fail(EFAULT, 'the buffer is only partly writable');
      done += size;
      taken++;
    }
    this.#queue.splice(0, taken);
    return done > 0 ? done : wait(this.#arrived);
  }

  override poll(): number {
    return this.#queue.length > 0 ? READ_EVENTS : 0;
  }

  override seek(): number {
    return 0;
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    if (request !== FIONREAD) fail(ENOTTY, 'inotify knows FIONREAD only');
    let bytes = 0;
    for (const event of this.#queue) bytes += InotifyEvent.size + nameLength(event);
    thread.user.writeU32(argument, bytes);
    return 0;
  }

  override fdinfo(): string {
    let text = '';
    for (const { wd, inode, mask } of this.#watches.values()) {
      const place = `ino:${inode.ino.toString(16)} sdev:${inode.fs.dev.toString(16)}`;
      text += `inotify wd:${wd} ${place} mask:${(mask & IN_ALL_EVENTS).toString(16)} ignored_mask:0 fhandle-bytes:0 fhandle-type:0 f_handle:\n`;
    }
    return text;
  }

  override close(): void {
    for (const watch of [...this.#watches.values()]) this.remove(watch);
    this.#queue.length = 0;
  }
}

function isSame(a: QueuedEvent, b: QueuedEvent): boolean {
  return (
    a.wd === b.wd &&
    a.mask === b.mask &&
    a.cookie === b.cookie &&
    a.name === b.name &&
    a.mask !== IN_Q_OVERFLOW
  );
}

export class Watch implements InodeWatch {
  readonly #owner: Inotify;
  readonly inode: Inode;
  readonly wd: number;
  /** Events and IN_ONESHOT, IN_EXCL_UNLINK. */
  mask: number;

  constructor(owner: Inotify, inode: Inode, wd: number, mask: number) {
    this.#owner = owner;
    this.inode = inode;
    this.wd = wd;
    this.mask = mask;
  }

  notify({ mask, name = '', cookie, isUnlinked }: FileEvent): void {
    if ((mask & this.mask & IN_ALL_EVENTS) === 0 && (mask & IN_UNMOUNT) === 0) return;
    if (isUnlinked && (this.mask & IN_EXCL_UNLINK) !== 0) return;
    // events of the watched file itself say so only when it is a directory, as the kernel does
    this.#owner.push({ wd: this.wd, mask: mask & (IN_ALL_EVENTS | IN_ISDIR | IN_UNMOUNT), cookie, name });
    if ((this.mask & IN_ONESHOT) !== 0) this.#owner.remove(this);
  }

  ended(): void {
    this.#owner.remove(this);
  }
}
