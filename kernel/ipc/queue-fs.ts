// The file system of POSIX message queues (mq_overview(7), ipc/mqueue.c): one directory, of which mq_open makes no secret.
// mount(2) shows it, usually at /dev/mqueue; without that it has a place of its own, where mq_open finds the queues.
import { S_IFDIR, S_IFMT, S_IFREG } from '../abi/stat.ts';
import { ENOENT, ENOSPC, EPERM, fail } from '../errno.ts';
import type { FileDescriptor } from '../file/file-descriptor.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import { type DirectoryEntry, type FileSystem, Inode, type NewInode } from '../fs/inode.ts';
import type { Mount } from '../fs/mount.ts';
import type { Path } from '../fs/path.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../task/thread.ts';
import { MSG_MAX, MSGSIZE_MAX, PosixQueue, PosixQueueFile, QUEUES_MAX } from './posix-queue.ts';

const MQUEUE_MAGIC = 0x1980_0202;
const ENTRY_SIZE = 20;
/** What reading a queue can give (FILENT_SIZE). */
const QUEUE_SIZE = 80;

export class QueueFileSystem implements FileSystem {
  readonly type = 'mqueue';
  readonly magic = MQUEUE_MAGIC;
  readonly readOnly = false;
  readonly dev: number;
  readonly kernel: Kernel;
  readonly root: QueueDirectory;
  readonly queues = new Map<string, PosixQueue>();
  /** Where mq_open looks. */
  readonly mount: Mount;
  #nextIno = 2;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.dev = kernel.vfs.allocateDev();
    this.root = new QueueDirectory(this);
    this.mount = kernel.vfs.internalMount(this, this.root, 'mqueue');
  }

  allocateIno(): number {
    return this.#nextIno++;
  }

  statfs(): ReturnType<FileSystem['statfs']> {
    return { blocks: 0, blocksFree: 0, files: 0, filesFree: 0, blockSize: 4096, nameMax: 255 };
  }
}

class QueueDirectory extends Inode {
  readonly #queueFs: QueueFileSystem;

  constructor(fs: QueueFileSystem) {
    super(fs, 1, S_IFDIR | 0o1777, 0, 0);
    this.#queueFs = fs;
    this.nlink = 2;
    stamp(this, fs.kernel);
  }

  override get size(): number {
    return (2 + this.#queueFs.queues.size) * ENTRY_SIZE;
  }

  override get blocks(): number {
    return 0;
  }

  override open(_thread: Thread, path: Path): FileDescriptor {
    return new DirectoryFile(this, path);
  }

  override lookup(name: string): QueueInode | undefined {
    return this.#queueFs.queues.get(name)?.inode as QueueInode | undefined;
  }

  override hasEntry(name: string): boolean {
    return this.#queueFs.queues.has(name);
  }

  override readdir(): DirectoryEntry[] {
    return [...this.#queueFs.queues].reverse().map(([name, { inode }]) => ({
      name,
      ino: inode.ino,
      type: S_IFREG,
    }));
  }

  /** A queue with the usual limits. EPERM: another kind of file. ENOSPC: queues_max. */
  override create(name: string, what: NewInode): QueueInode {
    if ((what.mode & S_IFMT) !== S_IFREG) fail(EPERM, 'only message queues');
    if (this.#queueFs.queues.size >= QUEUES_MAX) fail(ENOSPC, 'queues_max queues exist');
    return this.add(name, what, { maxMessages: MSG_MAX, messageSize: MSGSIZE_MAX });
  }

  add(name: string, what: NewInode, limits: { maxMessages: number; messageSize: number }): QueueInode {
    const inode = new QueueInode(this.#queueFs, what, limits);
    this.#queueFs.queues.set(name, inode.queue);
    stamp(this, this.#queueFs.kernel);
    return inode;
  }

  override unlink(name: string): void {
    const { queues, kernel } = this.#queueFs;
    const queue = queues.get(name) ?? fail(ENOENT, 'no such queue');
    queues.delete(name);
    queue.inode.nlink = 0;
    stamp(this, kernel);
  }
}

class QueueInode extends Inode {
  readonly queue: PosixQueue;

  constructor(
    fs: QueueFileSystem,
    { mode, uid, gid }: NewInode,
    limits: { maxMessages: number; messageSize: number },
  ) {
    super(fs, fs.allocateIno(), mode, uid, gid);
    this.queue = new PosixQueue(this, limits);
    stamp(this, fs.kernel);
  }

  override get size(): number {
    return QUEUE_SIZE;
  }

  override get blocks(): number {
    return 0;
  }

  override open(): FileDescriptor {
    return new PosixQueueFile(this.queue);
  }
}

function stamp(inode: Inode, kernel: Kernel): void {
  const now = kernel.clock.realtimeNs();
  if (inode.btimeNs === 0n) {
    inode.atimeNs = now;
    inode.btimeNs = now;
  }
  inode.mtimeNs = now;
  inode.ctimeNs = now;
}
