// System V shared memory segments of the machine (svipc(7), ipc/shm.c).
// syscalls/shm.ts makes, attaches and removes them; /proc/sysvipc/shm lists them.
// A segment lives until it was removed and nobody has it attached; its pages are AnonymousPages like MAP_SHARED's.
import { EINVAL, ENOSPC, fail } from '../errno.ts';
import { AnonymousPages } from '../mm/anonymous-pages.ts';
import { pageCeil } from '../mm/layout.ts';
import { PageCache } from '../mm/page-cache.ts';
import type { Backing } from '../mm/vma.ts';
import type { Thread } from '../task/thread.ts';
import { IpcObject, IpcTable, seconds } from './ipc-table.ts';

export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;
export const SHMMNI = 4096;

export class ShmSegment extends IpcObject {
  readonly size: number;
  readonly creatorPid: number;
  lastPid = 0;
  /** Seconds since 1970. */
  attachTime = 0;
  detachTime = 0;
  readonly backing: Backing;
  readonly pages: AnonymousPages;

  constructor(thread: Thread, id: number, key: number, size: number, mode: number) {
    super(thread, id, key, mode);
    const { kernel, process } = thread;
    this.size = size;
    this.creatorPid = process.pid;
    this.pages = new AnonymousPages(pageCeil(size), kernel.memory);
    const cache = new PageCache(this.pages, `sysv:${kernel.memory.nextObject()}`);
    const name = (key >>> 0).toString(16).padStart(8, '0');
    this.backing = { cache, file: undefined, label: `/SYSV${name} (deleted)`, ino: id };
  }

  /** VMAs that show it (shm_nattch). */
  get attachCount(): number {
    return this.backing.cache.mappingCount;
  }
}

export class ShmTable extends IpcTable<ShmSegment> {
  constructor() {
    super(SHMMNI);
  }

  /** Bytes of all segments (shm_tot). */
  get totalBytes(): number {
    let total = 0;
    for (const segment of this.objects) total += pageCeil(segment.size);
    return total;
  }

  /** shmget: the id. EEXIST, ENOENT, EINVAL (size), EACCES, ENOSPC. */
  findSegment(thread: Thread, key: number, size: number, flags: number): number {
    return this.find(thread, key, flags, {
      make: (id) => this.#make(thread, id, key, size, flags),
      check: (known) => {
        if (size > known.size) fail(EINVAL, 'the segment is smaller');
      },
    });
  }

  #make(thread: Thread, id: number, key: number, size: number, flags: number): ShmSegment {
    if (size < 1 || size > 2 ** 32) fail(EINVAL, 'a size of 0, or above SHMMAX');
    const limit = thread.kernel.memory.limitPages * 4096;
    if (this.totalBytes + size > limit) fail(ENOSPC, 'all segments together exceed SHMALL');
    const segment = new ShmSegment(thread, id, key, size, flags);
    segment.backing.cache.observer = {
      attached: (mm) => {
        segment.attachTime = seconds(thread);
        segment.lastPid = mm.kernel.running?.process.pid ?? segment.lastPid;
      },
      detached: (mm) => {
        segment.detachTime = seconds(thread);
        segment.lastPid = mm.kernel.running?.process.pid ?? segment.lastPid;
        if (segment.attachCount === 0 && (segment.mode & SHM_DEST) !== 0) this.remove(segment);
      },
    };
    return segment;
  }

  /** IPC_RMID: no key finds it any more; it goes with its last attachment. */
  condemn(segment: ShmSegment): void {
    this.makePrivate(segment);
    segment.mode |= SHM_DEST;
    if (segment.attachCount === 0) this.remove(segment);
  }

  override remove(segment: ShmSegment): void {
    super.remove(segment);
    segment.pages.free();
  }
}
