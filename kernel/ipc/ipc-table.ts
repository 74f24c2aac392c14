// What semaphore sets, message queues and shared memory have in common: ids, keys, owners and permissions
// (svipc(7), ipc/util.c). semaphore-set.ts, message-queue.ts and shared-memory.ts are the objects, kernel/syscalls/ the calls.
// An id is a sequence number and an index; the lowest free index is taken, so that listings stay short.
import { EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, EPERM, fail } from '../errno.ts';
import {
  CAP_IPC_OWNER,
  CAP_SYS_ADMIN,
  type Credentials,
  capableIn,
  kernelGid,
  kernelUid,
  NO_ID,
  shownGid,
  shownUid,
} from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';

export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;

export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const IPC_INFO = 3;

/** Bits of a permission that a call wants. */
export const MAY_READ = 4;
export const MAY_ALTER = 2;
export const MAY_EXECUTE = 1;

/** How *ctl names what it describes: IPC_STAT, SEM_STAT and SEM_STAT_ANY, or their like. */
export type StatWay = 'id' | 'index' | 'any index';

/** IPCMNI: the index part of an id. */
export const INDEX_RANGE = 32_768;
const SEQUENCE_RANGE = 65_536;

export class IpcObject {
  readonly id: number;
  key: number;
  mode: number;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  /** Seconds since 1970. */
  changeTime: number;
  /** IPC_RMID: who still waits gets EIDRM. */
  isRemoved = false;

  constructor(thread: Thread, id: number, key: number, mode: number) {
    const { euid, egid } = thread.credentials;
    this.id = id;
    this.key = key;
    this.mode = mode & 0o777;
    this.uid = euid;
    this.gid = egid;
    this.cuid = euid;
    this.cgid = egid;
    this.changeTime = seconds(thread);
  }

  /** As ipc64_perm shows it. */
  permissionsFor(viewer: Credentials) {
    const { key, mode } = this;
    const [uid, cuid] = [shownUid(viewer, this.uid), shownUid(viewer, this.cuid)];
    const [gid, cgid] = [shownGid(viewer, this.gid), shownGid(viewer, this.cgid)];
    const seq = Math.floor(this.id / INDEX_RANGE);
    return { key, uid, gid, cuid, cgid, mode, seq, pad: 0, unused1: 0, unused2: 0 };
  }
}

/** Seconds since 1970, as the ipc structures keep times. */
export function seconds(thread: Thread): number {
  return Number(thread.kernel.clock.realtimeNs() / 1_000_000_000n);
}

/** EACCES unless the mode bits or CAP_IPC_OWNER allow `wanted`, as rwx bits (ipcperms). */
export function demandUse(thread: Thread, object: IpcObject, wanted: number): void {
  if (!mayUse(thread, object, wanted)) fail(EACCES, 'the mode bits do not allow it');
}

function mayUse({ credentials, namespaces }: Thread, object: IpcObject, wanted: number): boolean {
  const { euid, egid, groups } = credentials;
  let granted = object.mode & 7;
  if (euid === object.cuid || euid === object.uid) granted = (object.mode >> 6) & 7;
  else if ([egid, ...groups].some((gid) => gid === object.cgid || gid === object.gid)) {
    granted = (object.mode >> 3) & 7;
  }
  return (wanted & ~granted) === 0 || capableIn(credentials, CAP_IPC_OWNER, namespaces.ipc.owner);
}

/** EPERM unless the caller is owner, creator or has CAP_SYS_ADMIN (ipcctl_obtain_check). */
function demandOwner(thread: Thread, object: IpcObject): void {
  const { euid } = thread.credentials;
  const isOwner = euid === object.uid || euid === object.cuid;
  if (!isOwner && !capableIn(thread.credentials, CAP_SYS_ADMIN, thread.namespaces.ipc.owner))
    fail(EPERM, 'neither owner nor creator');
}

function demandId(id: number): number {
  return id === NO_ID ? fail(EINVAL, 'the user namespace does not have this id') : id;
}

/** IPC_SET's part that all objects share (ipc_update_perm). */
export function setOwner(
  thread: Thread,
  object: IpcObject,
  wanted: { readonly uid: number; readonly gid: number; readonly mode: number },
): void {
  object.uid = demandId(kernelUid(thread.credentials, wanted.uid));
  object.gid = demandId(kernelGid(thread.credentials, wanted.gid));
  object.mode = (object.mode & ~0o777) | (wanted.mode & 0o777);
  object.changeTime = seconds(thread);
}

export class IpcTable<T extends IpcObject> {
  readonly #byIndex = new Map<number, T>();
  readonly #byKey = new Map<number, T>();
  readonly #limit: number;
  #lastIndex = -1;
  #sequence = 0;

  /** At most `limit` objects (semmni, msgmni, shmmni). */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get objects(): Iterable<T> {
    return this.#byIndex.values();
  }

  get count(): number {
    return this.#byIndex.size;
  }

  /** Highest index in use, 0 when there is none. */
  get highestIndex(): number {
    return Math.max(0, ...this.#byIndex.keys());
  }

  /** semget, msgget, shmget: EEXIST, ENOENT, EACCES, ENOSPC, and what `make` and `check` fail with. */
  find(
    thread: Thread,
    key: number,
    flags: number,
    objects: { make(id: number): T; check(known: T): void },
  ): number {
    const known = key === IPC_PRIVATE ? undefined : this.#byKey.get(key);
    if (known !== undefined) {
      if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) fail(EEXIST, 'one with that key exists');
      objects.check(known);
      demandUse(thread, known, ((flags >> 6) | (flags >> 3) | flags) & 7);
      return known.id;
    }
    if (key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0) fail(ENOENT, 'none with that key');
    if (this.#byIndex.size >= this.#limit) fail(ENOSPC, 'no more may exist');
    const index = this.#freeIndex();
    const isReused = index <= this.#lastIndex;
    const sequence = isReused ? (this.#sequence + 1) % SEQUENCE_RANGE : this.#sequence;
    const made = objects.make(sequence * INDEX_RANGE + index);
    this.#sequence = sequence;
    this.#lastIndex = index;
    this.#byIndex.set(index, made);
    if (key !== IPC_PRIVATE) this.#byKey.set(key, made);
    return made.id;
  }

  #freeIndex(): number {
    let index = 0;
    while (this.#byIndex.has(index)) index++;
    return index;
  }

  /** EINVAL. */
  get(id: number): T {
    const found = id < 0 ? undefined : this.#byIndex.get(id % INDEX_RANGE);
    return found?.id === id ? found : fail(EINVAL, 'none with that id');
  }

  /** The one that IPC_SET or IPC_RMID may change. EINVAL, EPERM. */
  owned(thread: Thread, id: number): T {
    const object = this.get(id);
    demandOwner(thread, object);
    return object;
  }

  /** The one that a *_STAT command describes, and what the command returns. EINVAL, EACCES. */
  described(thread: Thread, id: number, way: StatWay): { object: T; result: number } {
    if (way === 'id') {
      const object = this.get(id);
      demandUse(thread, object, MAY_READ);
      return { object, result: 0 };
    }
    const object = this.#byIndex.get(id % INDEX_RANGE) ?? fail(EINVAL, 'none with that index');
    if (way === 'index') demandUse(thread, object, MAY_READ);
    return { object, result: object.id };
  }

  /** No key finds it any more. */
  protected makePrivate(object: T): void {
    if (this.#byKey.get(object.key) === object) this.#byKey.delete(object.key);
    object.key = IPC_PRIVATE;
  }

  remove(object: T): void {
    object.isRemoved = true;
    this.#byIndex.delete(object.id % INDEX_RANGE);
    this.makePrivate(object);
  }
}
