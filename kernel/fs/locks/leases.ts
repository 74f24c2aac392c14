// Leases on a regular file (fcntl(2), Leases; fs/locks.c): their holders hear of an open or truncation before it happens.
// fcntl gives and takes them; opens and truncate break them and wait until the holders have given way, or their time is up.
// A lease belongs to an open file description; a break only marks it, its holder or the time changes it.
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { EACCES, EAGAIN, EINVAL, fail } from '../../errno.ts';
import { ownUnlessOwned, signalOwner } from '../../file/async-owner.ts';
import type { OpenFile } from '../../file/open-file.ts';
import { CAP_LEASE, capable } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../../wait.ts';
import type { Inode } from '../inode.ts';
import { opensForWriting } from '../open-flags.ts';
import { RegularInode } from '../regular-inode.ts';
import { F_RDLCK, F_UNLCK, F_WRLCK, locksOf } from './file-locks.ts';

const NS_PER_SECOND = 1_000_000_000;

export interface Lease {
  readonly file: OpenFile;
  readonly pid: number;
  /** The descriptor that signals name. */
  fd: number;
  /** F_RDLCK or F_WRLCK. */
  type: number;
  /** When it goes, and when it becomes a read lease, because somebody waits for that; monotonic ns. */
  endsAtNs: number | undefined;
  weakensAtNs: number | undefined;
}

export class Leases {
  readonly changed = new WaitQueue('a lease to be given back');
  readonly list: Lease[] = [];

  of(file: OpenFile): Lease | undefined {
    return this.list.find((lease) => lease.file === file);
  }

  /** lease_modify: what somebody waited for has happened, or not. */
  modify(lease: Lease, type: number): void {
    lease.weakensAtNs = undefined;
    if (type === F_UNLCK) {
      this.list.splice(this.list.indexOf(lease), 1);
      lease.file.owner = undefined;
      lease.file.ownerSignal = 0;
    } else lease.type = type;
    this.changed.wake();
  }

  /** Those that had their time to give way. */
  expire(nowNs: number): void {
    for (const lease of [...this.list]) {
      if (lease.endsAtNs !== undefined && lease.endsAtNs <= nowNs) this.modify(lease, F_UNLCK);
      else if (lease.weakensAtNs !== undefined && lease.weakensAtNs <= nowNs) this.modify(lease, F_RDLCK);
    }
  }
}

/** What the holder is asked to make of it, or what it is (target_leasetype). */
export function targetType({ type, endsAtNs, weakensAtNs }: Lease): number {
  if (endsAtNs !== undefined) return F_UNLCK;
  return weakensAtNs === undefined ? type : F_RDLCK;
}

export function isBreaking({ endsAtNs, weakensAtNs }: Lease): boolean {
  return endsAtNs !== undefined || weakensAtNs !== undefined;
}

/** F_GETLEASE. */
export function getLease(thread: Thread, file: OpenFile): number {
  const leases = leasesOf(file.descriptor.inode);
  leases?.expire(thread.kernel.clock.monotonicNs());
  const held = leases?.of(file);
  return held === undefined ? F_UNLCK : targetType(held);
}

/** F_SETLEASE. EINVAL, EACCES; EAGAIN: the file is open elsewhere in a way that the lease forbids, or there was none. */
export function setLease(thread: Thread, file: OpenFile, fd: number, type: number): number {
  if (type !== F_RDLCK && type !== F_WRLCK && type !== F_UNLCK) fail(EINVAL, 'no such kind of lease');
  const { inode } = file.descriptor;
  const { credentials, kernel, process } = thread;
  if (credentials.fsuid !== inode.uid && !capable(credentials, CAP_LEASE))
    fail(EACCES, "a lease on someone else's file needs CAP_LEASE");
  if (!(inode instanceof RegularInode)) fail(EINVAL, 'only regular files have leases');
  if (type === F_UNLCK) {
    const leases = leasesOf(inode);
    const held = leases?.of(file) ?? fail(EAGAIN, 'no lease is held');
    leases?.modify(held, F_UNLCK);
    return 0;
  }
  const locks = locksOf(inode);
  locks.leases ??= new Leases();
  const { leases } = locks;
  leases.expire(kernel.clock.monotonicNs());
  demandUnopened(inode, leases, file, type);
  const others = leases.list.filter((lease) => lease.file !== file);
  if (others.length > 0 && type === F_WRLCK) fail(EAGAIN, 'others have leases');
  if (others.some(({ endsAtNs }) => endsAtNs !== undefined)) fail(EAGAIN, 'somebody waits to write');
  const held = leases.of(file);
  if (held === undefined)
    leases.list.push({ file, pid: process.pid, fd, type, endsAtNs: undefined, weakensAtNs: undefined });
  else {
    leases.modify(held, type);
    held.fd = fd;
  }
  ownUnlessOwned(thread, file);
  return 0;
}

/** check_conflicting_open; those who wait for a lease to be broken have the file open already. EAGAIN. */
function demandUnopened(inode: RegularInode, { changed }: Leases, file: OpenFile, type: number): void {
  const isWriter = opensForWriting(file.flags);
  if (inode.writerCount > 0 && type === F_RDLCK) fail(EAGAIN, 'the file is open for writing');
  if (type === F_RDLCK) return;
  if (inode.writerCount !== (isWriter ? 1 : 0) || inode.readerCount !== (isWriter ? 0 : 1))
    fail(EAGAIN, 'the file is open elsewhere');
  if (!changed.isEmpty) fail(EAGAIN, 'somebody waits to open the file');
}

function leasesOf(inode: Inode): Leases | undefined {
  return inode.locks?.leases;
}

/**
 * Before an open with `flags`, or a truncation (O_WRONLY): tells those whose leases are in the way. A Wait until they have
 * given way; EAGAIN with O_NONBLOCK (__break_lease).
 */
export function breakLeases(thread: Thread, inode: Inode, flags: number): Wait | undefined {
  const leases = leasesOf(inode);
  if (leases === undefined) return undefined;
  const { kernel } = thread;
  const now = kernel.clock.monotonicNs();
  leases.expire(now);
  const writes = opensForWriting(flags);
  const inTheWay = leases.list.filter(({ type }) => writes || type === F_WRLCK);
  if (inTheWay.length === 0) return undefined;
  const seconds = kernel.vfs.leaseBreakSeconds;
  const until = seconds <= 0 ? Number.POSITIVE_INFINITY : now + seconds * NS_PER_SECOND;
  for (const lease of inTheWay) {
    if (writes ? lease.endsAtNs !== undefined : isBreaking(lease)) continue;
    if (writes) lease.endsAtNs = until;
    else lease.weakensAtNs = until;
    signalOwner(kernel, lease.file, 'msg', lease.fd);
  }
  if ((flags & O_NONBLOCK) !== 0) fail(EAGAIN, 'a lease is in the way, and O_NONBLOCK');
  const first = Math.min(...inTheWay.map(({ endsAtNs, weakensAtNs }) => endsAtNs ?? weakensAtNs ?? until));
  return wait(leases.changed, 'restart', first === Number.POSITIVE_INFINITY ? undefined : first);
}
