// Advisory locks on one inode: byte ranges (POSIX and OFD, fcntl(2)) and whole-file flock(2) locks.
// fcntl and flock take them; closing a descriptor or the last reference of a description gives them back.
// Range locks of the two kinds conflict with each other, flock locks only among themselves (fcntl_locking(2)).
import type { OpenFile } from '../../file/open-file.ts';
import { WaitQueue } from '../../wait.ts';
import type { Inode } from '../inode.ts';
import type { Leases } from './leases.ts';

export const F_RDLCK = 0;
export const F_WRLCK = 1;
export const F_UNLCK = 2;

/** Who holds a range: a descriptor table (POSIX: the process) or an open file description (OFD). */
export type LockOwner = object;

export interface RangeLock {
  readonly owner: LockOwner;
  /** Through which it was set last. */
  readonly file: OpenFile;
  /** l_pid of F_GETLK: the process, or -1 for OFD locks. */
  readonly pid: number;
  /** F_RDLCK or F_WRLCK. */
  readonly type: number;
  readonly start: number;
  /** First byte behind the range; Infinity for "to the end". */
  readonly end: number;
}

/** flock(2)'s lock of a description. */
export interface Flock {
  /** F_RDLCK or F_WRLCK. */
  readonly type: number;
  /** The process that took it. */
  readonly pid: number;
}

export class FileLocks {
  /** Woken when a lock is released or weakened. */
  readonly changed = new WaitQueue('file lock');
  /** Owner by owner in the order of their first locks, each owner's by start (fs/locks.c, posix_lock_inode). */
  #ranges: RangeLock[] = [];
  readonly #flocks = new Map<OpenFile, Flock>();
  /** Made with the first lease. */
  leases: Leases | undefined;

  get isEmpty(): boolean {
    if (this.leases !== undefined && (this.leases.list.length > 0 || !this.leases.changed.isEmpty))
      return false;
    return this.#ranges.length === 0 && this.#flocks.size === 0 && this.changed.isEmpty;
  }

  get ranges(): readonly RangeLock[] {
    return this.#ranges;
  }

  get flocks(): Iterable<readonly [OpenFile, Flock]> {
    return this.#flocks;
  }

  /** The first lock of another owner that is in the way; F_UNLCK asks for the owner's own (posix_test_locks_conflict). */
  conflict(wanted: RangeLock): RangeLock | undefined {
    const asksForOwn = wanted.type === F_UNLCK;
    return this.#ranges.find(
      (held) =>
        (held.owner === wanted.owner) === asksForOwn &&
        held.start < wanted.end &&
        wanted.start < held.end &&
        (asksForOwn || held.type === F_WRLCK || wanted.type === F_WRLCK),
    );
  }

  /** Gives `wanted` to its owner, replacing what it held of the range; neighbours of one type are joined. */
  set(wanted: RangeLock): void {
    let { start, end } = wanted;
    const kept: RangeLock[] = [];
    for (const held of this.#ranges) {
      if (held.owner !== wanted.owner || held.end < start || held.start > end) {
        kept.push(held);
      } else if (held.type === wanted.type) {
        start = Math.min(start, held.start);
        end = Math.max(end, held.end);
      } else {
        kept.push(...outside(held, wanted.start, wanted.end));
      }
    }
    kept.push({ ...wanted, start, end });
    this.#replace(kept);
  }

  /** F_UNLCK. */
  clear(owner: LockOwner, start: number, end: number): void {
    this.#replace(
      this.#ranges.flatMap((held) => (held.owner === owner ? outside(held, start, end) : [held])),
    );
  }

  #replace(ranges: RangeLock[]): void {
    const order = [...new Set([...this.#ranges, ...ranges].map(({ owner }) => owner))];
    const place = new Map(order.map((owner, index) => [owner, index]));
    const placeOf = ({ owner }: RangeLock): number => place.get(owner) ?? 0;
    this.#ranges = ranges.sort((a, b) => placeOf(a) - placeOf(b) || a.start - b.start);
    this.changed.wake();
  }

  /** All range locks of `owner` go: a descriptor was closed, or a description ended. */
  releaseOwner(owner: LockOwner): void {
    if (this.#ranges.some((held) => held.owner === owner)) this.clear(owner, 0, Number.POSITIVE_INFINITY);
  }

  /** flock: takes F_RDLCK (shared) or F_WRLCK; false when another description is in the way. A conversion gives up first. */
  tryFlock(file: OpenFile, type: number, pid: number): boolean {
    if (this.#flocks.get(file)?.type === type) return true;
    this.releaseFlock(file);
    for (const held of this.#flocks.values()) if (held.type === F_WRLCK || type === F_WRLCK) return false;
    this.#flocks.set(file, { type, pid });
    return true;
  }

  releaseFlock(file: OpenFile): void {
    if (this.#flocks.delete(file)) this.changed.wake();
  }
}

/** What is left of `held` without [start, end). */
function outside(held: RangeLock, start: number, end: number): RangeLock[] {
  if (held.end <= start || held.start >= end) return [held];
  const left: RangeLock[] = [];
  if (held.start < start) left.push({ ...held, end: start });
  if (held.end > end) left.push({ ...held, start: end });
  return left;
}

/** The locks of an inode, made when first asked for. */
export function locksOf(inode: Inode): FileLocks {
  inode.locks ??= new FileLocks();
  return inode.locks;
}

/** A descriptor was closed in the process that owns `table`: its POSIX locks on the file go (fcntl_locking(2)). */
export function descriptorClosed(inode: Inode, table: object): void {
  inode.locks?.releaseOwner(table);
}

/** An open file description ended: its OFD and flock locks and its lease go. */
export function descriptionClosed(inode: Inode, file: OpenFile): void {
  const { locks } = inode;
  if (locks === undefined) return;
  locks.releaseOwner(file);
  locks.releaseFlock(file);
  const lease = locks.leases?.of(file);
  if (lease !== undefined) locks.leases?.modify(lease, F_UNLCK);
  if (locks.isEmpty) inode.locks = undefined;
}
