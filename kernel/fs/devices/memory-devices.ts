// The devices of drivers/char/mem.c and random.c: null, zero, full, random, urandom.
// The Vfs registers them; /dev's nodes lead here. They never block.

import { makeDev } from '../../abi/device-number.ts';
import { O_LARGEFILE } from '../../abi/fcntl.ts';
import { POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import { ENOSPC, fail } from '../../errno.ts';
import { FileDescriptor, type Sink, type Source } from '../../file/file-descriptor.ts';
import { OpenFile } from '../../file/open-file.ts';
import { late } from '../../late.ts';
import type { Thread } from '../../task/thread.ts';
import { WaitQueue } from '../../wait.ts';
import type { Inode } from '../inode.ts';
import { takeAfter } from '../page-store.ts';
import type { Path } from '../path.ts';
import type { DeviceOpener } from '../vfs.ts';

const ZEROS = new Uint8Array(65536);

abstract class MemoryDevice extends FileDescriptor {
  override readonly inode: Inode;

  constructor(inode: Inode) {
    super();
    this.inode = inode;
  }

  override get knowsNowait(): boolean {
    return true;
  }

  override get seekable(): boolean {
    return true;
  }

  /** The position is always 0 (null_lseek). */
  override seek(_file: OpenFile, _offset: number, _whence: number): number {
    return 0;
  }

  /** Everything is taken and forgotten, without looking at it. */
  override tryWrite(_thread: Thread, _file: OpenFile, source: Source): number {
    return source.remaining;
  }
}

class NullDevice extends MemoryDevice {
  readonly kind = 'null';

  override tryRead(): number {
    return 0;
  }
}

/** The null device at `path`, open, with one reference: what a first process is started with. */
export function openNullDevice(path: Path, flags: number): OpenFile {
  return new OpenFile(new NullDevice(path.inode), flags | O_LARGEFILE, path);
}

/** Also what mmap of /dev/zero looks for: private anonymous memory. */
export class ZeroDevice extends MemoryDevice {
  readonly kind: 'zero' | 'full' = 'zero';

  override tryRead(_thread: Thread, _file: OpenFile, sink: Sink): number {
    return fill(sink, (length) => ZEROS.subarray(0, length));
  }
}

class FullDevice extends ZeroDevice {
  override readonly kind = 'full';

  override get knowsNowait(): boolean {
    return false;
  }

  override tryWrite(): never {
    fail(ENOSPC, '/dev/full is full');
  }
}

/** urandom. The pool is the host's: what is written is looked at, and adds nothing. */
class UrandomDevice extends MemoryDevice {
  readonly kind = 'random';

  override get signalsOwner(): boolean {
    return true;
  }

  override tryRead(thread: Thread, _file: OpenFile, sink: Sink): number {
    const buffer = new Uint8Array(4096);
    return fill(sink, (length) => thread.kernel.random.fill(buffer.subarray(0, length)));
  }

  /** EFAULT where nothing can be read (write_pool_user). */
  override tryWrite(_thread: Thread, _file: OpenFile, source: Source): number {
    let taken = 0;
    while (source.remaining > 0) {
      const bytes = takeAfter(source, 4096, taken);
      if (bytes === undefined || bytes.length === 0) break;
      taken += bytes.length;
    }
    return taken;
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    return late.randomIoctl(thread, request, argument);
  }
}

/** random: can be watched, and its pool is never short of bits (random_poll). */
class RandomDevice extends UrandomDevice {
  readonly #changed = new WaitQueue();

  override get changed(): WaitQueue {
    return this.#changed;
  }

  override poll(): number {
    return POLLIN | POLLRDNORM;
  }
}

/** Puts `make`'s bytes into the sink until it is full or faults. */
function fill(sink: Sink, make: (length: number) => Uint8Array): number {
  let done = 0;
  while (sink.remaining > 0) {
    const bytes = make(Math.min(sink.remaining, 4096));
    const taken = sink.put(bytes);
    done += taken;
    if (taken < bytes.length) break;
  }
  return done;
}

export interface DeviceRow {
  readonly name: string;
  readonly rdev: number;
  readonly mode: number;
  readonly open: DeviceOpener;
}

/** /dev/kmsg's, which kmsg.ts opens. */
export const KMSG_NUMBER = makeDev(1, 11);
/** A number of misc devices that is given out as the machine starts. */
export const USERFAULTFD_NUMBER = makeDev(10, 257);

export const MEMORY_DEVICES: readonly DeviceRow[] = [
  { name: 'null', rdev: makeDev(1, 3), mode: 0o666, open: (_, path) => new NullDevice(path.inode) },
  { name: 'zero', rdev: makeDev(1, 5), mode: 0o666, open: (_, path) => new ZeroDevice(path.inode) },
  { name: 'full', rdev: makeDev(1, 7), mode: 0o666, open: (_, path) => new FullDevice(path.inode) },
  { name: 'random', rdev: makeDev(1, 8), mode: 0o666, open: (_, path) => new RandomDevice(path.inode) },
  { name: 'urandom', rdev: makeDev(1, 9), mode: 0o666, open: (_, path) => new UrandomDevice(path.inode) },
];
