// Inodes in memory without bytes of their own: symbolic links, FIFOs, sockets, devices.
// tmpfs, devtmpfs and overlays make them; opening leads to the pipe or the device behind.
import { S_IFBLK } from '../../abi/stat.ts';
import { ELOOP, ENXIO, fail } from '../../errno.ts';
import type { FileDescriptor } from '../../file/file-descriptor.ts';
import { openFifo } from '../../pipe/fifo.ts';
import type { Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { Inode, type NewInode } from '../inode.ts';
import type { Path } from '../path.ts';
import type { MemoryFileSystem } from './memory-fs.ts';
import { Lifetime } from './memory-inode.ts';

abstract class MemoryNode extends Inode {
  readonly lifetime: Lifetime;
  readonly memoryFs: MemoryFileSystem;

  constructor(fs: MemoryFileSystem, what: NewInode, ino = fs.allocateIno()) {
    super(fs, ino, what.mode, what.uid, what.gid);
    this.memoryFs = fs;
    this.lifetime = new Lifetime(this, fs);
  }
}

export class Symlink extends MemoryNode {
  readonly #target: string;

  constructor(fs: MemoryFileSystem, what: NewInode, target: string, ino = fs.allocateIno()) {
    super(fs, what, ino);
    this.#target = target;
  }

  override get size(): number {
    return this.#target.length;
  }

  override get blocks(): number {
    return 0;
  }

  override get linkTarget(): string {
    return this.#target;
  }

  override open(): never {
    fail(ELOOP, 'a symbolic link, and O_NOFOLLOW');
  }
}

export class SocketNode extends MemoryNode {
  override open(): never {
    fail(ENXIO, 'a socket cannot be opened');
  }
}

export class Fifo extends MemoryNode {
  override open(thread: Thread, _path: Path, flags: number): FileDescriptor | Wait {
    return openFifo(thread, this, flags);
  }
}

/** Character and block devices; there are no block devices behind the nodes. */
export class DeviceNode extends MemoryNode {
  override open(thread: Thread, path: Path, flags: number): FileDescriptor | Wait {
    if (this.type === S_IFBLK) fail(ENXIO, 'there are no block devices');
    return this.memoryFs.kernel.vfs.openDevice(thread, path, flags);
  }
}
