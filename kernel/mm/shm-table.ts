// System V shared memory segments of the machine (svipc(7), ipc/shm.c, ipc/util.c).
// syscalls/shm.ts makes, attaches and removes them; /proc/sysvipc/shm may list them.
// A segment lives until it was removed and nobody has it attached; its pages are AnonymousPages like MAP_SHARED's.
import { EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, fail } from '../errno.ts';
import { CAP_IPC_OWNER, type Credentials, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { AnonymousPages } from './anonymous-pages.ts';
import { pageCeil } from './layout.ts';
import { PageCache } from './page-cache.ts';
import type { Backing } from './vma.ts';

export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;
export const SHMMNI = 4096;
/** IPCMNI: the index part of an id. */
const INDEX_RANGE = 32_768;
const SEQUENCE_RANGE = 65_536;

export class ShmSegment {
  readonly id: number;
  key: number;
  readonly size: number;
  /** Permission bits, SHM_DEST and SHM_LOCKED. */
  mode: number;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  readonly creatorPid: number;
  lastPid = 0;
  /** Seconds since 1970. */
  attachTime = 0;
  detachTime = 0;
  changeTime: number;
  readonly backing: Backing;
  readonly pages: AnonymousPages;

  constructor(id: number, key: number, size: number, mode: number, thread: Thread) {
    const { credentials, kernel, process } = thread;
    this.id = id;
    this.key = key;
    this.size = size;
    this.mode = mode & 0o777;
    this.uid = credentials.euid;
    this.gid = credentials.egid;
    this.cuid = credentials.euid;
    this.cgid = credentials.egid;
    this.creatorPid = process.pid;
    this.changeTime = seconds(thread);
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

/** Seconds since 1970, as the ipc structures keep times. */
export function seconds(thread: Thread): number {
  return Number(thread.kernel.clock.realtimeNs() / 1_000_000_000n);
}

export class ShmTable {
  readonly #byId = new Map<number, ShmSegment>();
  readonly #byKey = new Map<number, ShmSegment>();
  #nextIndex = 0;
  #sequence = 0;

  get segments(): Iterable<ShmSegment> {
    return this.#byId.values();
  }

  get count(): number {
    return this.#byId.size;
  }

  /** Bytes of all segments (shm_tot). */
  get totalBytes(): number {
    let total = 0;
    for (const segment of this.#byId.values()) total += pageCeil(segment.size);
    return total;
  }

  /** shmget. EEXIST, ENOENT, EINVAL (size), EACCES, ENOSPC. */
  find(thread: Thread, key: number, size: number, flags: number): ShmSegment {
    const known = key === IPC_PRIVATE ? undefined : this.#byKey.get(key);
    if (known !== undefined) {
      if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0)
        fail(EEXIST, 'a segment with that key exists');
      if (size > known.size) fail(EINVAL, 'the segment is smaller');
      const wanted = ((flags >> 6) | (flags >> 3) | flags) & 7;
      if (!mayUse(thread.credentials, known, wanted)) fail(EACCES, 'no permission for the segment');
      return known;
    }
    if (key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0) fail(ENOENT, 'no segment with that key');
    return this.#create(thread, key, size, flags);
  }

  #create(thread: Thread, key: number, size: number, flags: number): ShmSegment {
    if (size < 1 || size > 2 ** 32) fail(EINVAL, 'a size of 0, or above SHMMAX');
    if (this.#byId.size >= SHMMNI) fail(ENOSPC, 'SHMMNI segments exist');
    const limit = thread.kernel.memory.limitPages * 4096;
    if (this.totalBytes + size > limit) fail(ENOSPC, 'all segments together exceed SHMALL');
    const segment = new ShmSegment(this.#allocateId(), key, size, flags, thread);
    segment.backing.cache.observer = {
      attached: (mm) => {
        segment.attachTime = seconds(thread);
        segment.lastPid = mm.kernel.running?.process.pid ?? segment.lastPid;
      },
      detached: (mm) => {
        segment.detachTime = seconds(thread);
        segment.lastPid = mm.kernel.running?.process.pid ?? segment.lastPid;
        if (segment.attachCount === 0 && (segment.mode & SHM_DEST) !== 0) this.#destroy(segment);
      },
    };
    this.#byId.set(segment.id, segment);
    if (key !== IPC_PRIVATE) this.#byKey.set(key, segment);
    return segment;
  }

  #allocateId(): number {
    for (;;) {
      const index = this.#nextIndex++;
      if (this.#nextIndex === SHMMNI) {
        this.#nextIndex = 0;
        this.#sequence = (this.#sequence + 1) % SEQUENCE_RANGE;
      }
      const id = this.#sequence * INDEX_RANGE + index;
      if (!this.#byId.has(id)) return id;
    }
  }

  /** The segment with this id, also one that waits for its last detach. EINVAL. */
  get(id: number): ShmSegment {
    return this.#byId.get(id) ?? fail(EINVAL, 'no segment with that id');
  }

  /** The segment at an index of SHM_STAT. */
  at(index: number): ShmSegment {
    for (const segment of this.#byId.values()) if (segment.id % INDEX_RANGE === index) return segment;
    return fail(EINVAL, 'no segment with that index');
  }

  /** Highest index in use, for SHM_INFO and IPC_INFO. */
  get highestIndex(): number {
    let highest = 0;
    for (const { id } of this.#byId.values()) highest = Math.max(highest, id % INDEX_RANGE);
    return highest;
  }

  /** IPC_RMID: nobody finds it any more; it goes with its last attachment. */
  remove(segment: ShmSegment): void {
    this.#byKey.delete(segment.key);
    segment.key = IPC_PRIVATE;
    segment.mode |= SHM_DEST;
    if (segment.attachCount === 0) this.#destroy(segment);
  }

  #destroy(segment: ShmSegment): void {
    this.#byId.delete(segment.id);
    segment.pages.free();
  }
}

/** ipcperms: `wanted` as rwx bits. */
export function mayUse(credentials: Credentials, segment: ShmSegment, wanted: number): boolean {
  const { euid, egid, groups } = credentials;
  let granted = segment.mode & 7;
  if (euid === segment.cuid || euid === segment.uid) granted = (segment.mode >> 6) & 7;
  else if ([egid, ...groups].some((gid) => gid === segment.cgid || gid === segment.gid)) {
    granted = (segment.mode >> 3) & 7;
  }
  return (wanted & ~granted) === 0 || capable(credentials, CAP_IPC_OWNER);
}
