// /dev/kmsg: the kernel's log, a record a read; what is written becomes a record (kernel/printk/printk.c, devkmsg_fops).
// The Vfs registers it; /proc/kmsg, which is here too, is the log as syslog(2) reads it.
import { POLLERR, POLLIN, POLLPRI, POLLRDNORM } from '../../abi/poll.ts';
import { EFAULT, EINVAL, EPERM, EPIPE, ESPIPE, fail } from '../../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../../file/file-descriptor.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { Kernel } from '../../kernel.ts';
import { kmsgLine } from '../../log/kernel-log.ts';
import { readLog } from '../../log/read-log.ts';
import { bytesToText, textToBytes } from '../../mm/user-memory.ts';
import { CAP_SYSLOG, capable } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import { type Wait, type WaitQueue, wait } from '../../wait.ts';
import type { Inode } from '../inode.ts';
import type { DeviceOpener } from '../vfs.ts';

/** PRINTKRB_RECORD_MAX. */
const LONGEST = 1024;
const LOG_USER = 1;
const SEEK_SET = 0;
const SEEK_END = 2;
const SEEK_DATA = 3;
/** What one opener may write (DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST; printk_devkmsg is "ratelimit"). */
const INTERVAL_NS = 5e9;
const BURST = 10;

class KmsgDevice extends FileDescriptor {
  readonly kind = 'kmsg';
  override readonly inode: Inode;
  readonly #kernel: Kernel;
  #next: number;
  #begunNs: number | undefined;
  #written = 0;
  #missed = 0;

  constructor(kernel: Kernel, inode: Inode) {
    super();
    this.#kernel = kernel;
    this.inode = inode;
    this.#next = kernel.log.firstSequence;
  }

  override get seekable(): boolean {
    return true;
  }

  override get changed(): WaitQueue {
    return this.#kernel.log.changed;
  }

  /** ESPIPE for an offset; EINVAL but for the first record, the first that was not cleared, and behind the last. */
  override seek(_file: OpenFile, offset: number, whence: number): number {
    const { log } = this.#kernel;
    if (offset !== 0) fail(ESPIPE, 'records have no offsets');
    if (whence === SEEK_SET) this.#next = log.firstSequence;
    else if (whence === SEEK_DATA) this.#next = log.clearSequence;
    else if (whence === SEEK_END) this.#next = log.nextSequence;
    else fail(EINVAL, 'no such place');
    return 0;
  }

  /** One record. EPIPE: some were lost meanwhile; EINVAL: too small a buffer, and the record is passed over. */
  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    const { log } = this.#kernel;
    if (this.#next < log.firstSequence) {
      this.#next = log.firstSequence;
      fail(EPIPE, 'records were lost');
    }
    const record = log.at(this.#next);
    if (record === undefined) return wait(log.changed);
    this.#next++;
    const bytes = textToBytes(kmsgLine(record));
    if (bytes.length > sink.remaining) fail(EINVAL, 'the record is longer than the buffer');
    if (sink.put(bytes) < bytes.length) fail(EFAULT, 'the buffer is only partly writable');
    return bytes.length;
  }

  /** EINVAL for more than 1024 bytes. What is too often is passed over without a word. */
  override tryWrite(_thread: Thread, _file: OpenFile, source: Source): number {
    const { remaining: length } = source;
    if (length > LONGEST) fail(EINVAL, 'the record is too long');
    if (this.#isTooOften()) return length;
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const part = source.take(length - at);
      if (part.length === 0) fail(EFAULT, 'the record is not accessible');
      bytes.set(part, at);
      at += part.length;
    }
    this.#store(bytesToText(bytes).split('\0', 1)[0] as string);
    return length;
  }

  /** `<N>` before the text is priority and facility. */
  #store(text: string): void {
    const prefix = /^<(\d*)>/.exec(text);
    let level = this.#kernel.log.levels[1];
    let facility = LOG_USER;
    if (prefix !== null) {
      const number = Number(prefix[1]);
      level = number % 8;
      facility = Math.floor(number / 8) & 0xff || LOG_USER;
    }
    const from = prefix?.[0].length ?? 0;
    this.#kernel.log.store(facility * 8 + level, text.slice(from, from + LONGEST - 1));
  }

  #isTooOften(): boolean {
    const now = this.#kernel.clock.monotonicNs();
    if (this.#begunNs === undefined || now - this.#begunNs > INTERVAL_NS) {
      this.#begunNs = now;
      this.#written = 0;
    }
    if (this.#written >= BURST) {
      this.#missed++;
      return true;
    }
    this.#written++;
    return false;
  }

  override poll(): number {
    const { log } = this.#kernel;
    if (this.#next < log.firstSequence) return POLLIN | POLLRDNORM | POLLERR | POLLPRI;
    return this.#next < log.nextSequence ? POLLIN | POLLRDNORM : 0;
  }

  override close(): void {
    if (this.#missed === 0) return;
    const name = this.#kernel.running?.name ?? '';
    this.#kernel.log.say(4, `${name}: ${this.#missed} output lines suppressed due to ratelimiting`);
  }
}

/** /proc/kmsg: what is read here nobody else reads (syslog(2), SYSLOG_ACTION_READ). */
export class ProcKmsg extends FileDescriptor {
  readonly kind = 'proc-kmsg';
  override readonly inode: Inode;
  readonly #kernel: Kernel;

  /** EPERM. */
  constructor(reader: Thread, inode: Inode) {
    super();
    if (!capable(reader.credentials, CAP_SYSLOG)) fail(EPERM, 'needs CAP_SYSLOG');
    this.#kernel = reader.kernel;
    this.inode = inode;
  }

  override get changed(): WaitQueue {
    return this.#kernel.log.changed;
  }

  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    const { log } = this.#kernel;
    if (sink.remaining === 0) return 0;
    const bytes = readLog(log, sink.remaining);
    if (bytes.length === 0) return wait(log.changed);
    return sink.put(bytes);
  }

  override poll(): number {
    const { log } = this.#kernel;
    return log.reader.sequence < log.nextSequence ? POLLIN | POLLRDNORM : 0;
  }
}

export const openKmsg: DeviceOpener = ({ kernel }, path) => new KmsgDevice(kernel, path.inode);
