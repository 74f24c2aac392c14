// eventfd(2): a 64-bit counter that is read, added to and waited on.
// syscalls/event.ts makes it; the read and write handlers and the poll family use it.
import { POLLERR, POLLIN, POLLOUT } from '../abi/poll.ts';
import { b64, bytesOf, valueIn } from '../abi/struct.ts';
import { EFAULT, EINVAL, fail } from '../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';

const MAX = 0xffff_ffff_ffff_ffffn;

export class EventFd extends FileDescriptor {
  readonly kind = 'eventfd';
  override get knowsNowait(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly #changed = new WaitQueue('an eventfd');
  readonly #id: number;
  readonly #isSemaphore: boolean;
  #count: bigint;

  constructor(inode: Inode, id: number, count: number, isSemaphore: boolean) {
    super();
    this.inode = inode;
    this.#id = id;
    this.#count = BigInt(count);
    this.#isSemaphore = isSemaphore;
  }

  override get changed(): WaitQueue {
    return this.#changed;
  }

  /** EINVAL for less than 8 bytes. */
  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    if (sink.remaining < 8) fail(EINVAL, 'an eventfd is read in 8 bytes');
    if (this.#count === 0n) return wait(this.#changed);
    const value = this.#isSemaphore ? 1n : this.#count;
    this.#count -= value;
    this.#changed.wake(POLLOUT);
    if (sink.put(bytesOf(b64, value)) < 8) fail(EFAULT, 'the buffer is only partly writable');
    return 8;
  }

  /** Adds; waits while the sum would reach 2^64 - 1. EINVAL for other than 8 bytes, and for 2^64 - 1 itself. */
  override tryWrite(_thread: Thread, _file: OpenFile, source: Source): number | Wait {
    if (source.remaining !== 8) fail(EINVAL, 'an eventfd is written in 8 bytes');
    const bytes = new Uint8Array(8);
    for (let at = 0; at < 8; ) {
      const part = source.take(8 - at);
      bytes.set(part, at);
      at += part.length;
    }
    const value = valueIn(b64, bytes);
    if (value === MAX) fail(EINVAL, 'the largest value cannot be added');
    if (MAX - this.#count <= value) {
      source.giveBack(8);
      return wait(this.#changed);
    }
    this.#count += value;
    this.#changed.wake(POLLIN);
    return 8;
  }

  /** The kernel adds one itself (eventfd_signal). */
  signal(): void {
    if (this.#count < MAX) this.#count++;
    this.#changed.wake(POLLIN);
  }

  /** Always where it is (noop_llseek). */
  override seek(): number {
    return 0;
  }

  override poll(): number {
    let events = 0;
    if (this.#count > 0n) events |= POLLIN;
    if (this.#count === MAX) events |= POLLERR;
    if (this.#count < MAX - 1n) events |= POLLOUT;
    return events;
  }

  override fdinfo(): string {
    const count = this.#count.toString(16).padStart(16);
    return `eventfd-count: ${count}\neventfd-id: ${this.#id}\neventfd-semaphore: ${this.#isSemaphore ? 1 : 0}\n`;
  }
}
