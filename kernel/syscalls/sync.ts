// Making data durable and saying how it will be used: fsync and its family, fadvise64, readahead.
// Rows for table.ts. Files in memory have nothing to write back; host files pass fsync on.

import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { Cachestat, CachestatRange } from '../abi/cachestat.ts';
import { Fd, Hex32, I64, Size } from '../abi/kinds/basic.ts';
import { Advice, CacheRangeIn, CachestatOut } from '../abi/kinds/file-kinds.ts';
import { SyncRangeFlags } from '../abi/kinds/system-kinds.ts';
import { S_IFIFO, S_IFREG } from '../abi/stat.ts';
import { EBADF, EINVAL, EPERM, ESPIPE, fail } from '../errno.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import { opensForReading, opensForWriting } from '../fs/open-flags.ts';
import { MAY_WRITE, mayAccess, ownsInode } from '../fs/permission.ts';
import { RegularInode } from '../fs/regular-inode.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

/** EINVAL for pipes, sockets and devices, which have nothing to synchronize. */
function fsync(thread: Thread, fd: number): number {
  const { descriptor } = thread.files.get(fd);
  if (descriptor instanceof DirectoryFile) return 0;
  const { inode } = descriptor;
  if (!(inode instanceof RegularInode)) fail(EINVAL, 'this kind of file cannot be synchronized');
  inode.flush();
  return 0;
}

function syncFileRange(
  thread: Thread,
  fd: number,
  range: { offset: number; length: number; flags: number },
): number {
  const { inode } = thread.files.get(fd).descriptor;
  if ((range.flags & ~7) !== 0) fail(EINVAL, 'unknown flags');
  if (range.offset < 0 || range.length < 0) fail(EINVAL, 'a negative range');
  if (inode.type !== S_IFREG && !inode.isDirectory) fail(ESPIPE, 'not a file');
  return 0;
}

/** cachestat(2): pages in memory, all of which are as good as written. EBADF, EFAULT, EPERM: a file of others; EINVAL. */
function cachestat(thread: Thread, fd: number, range: number, flags: number, facts: number): number {
  const file = thread.files.get(fd);
  const { off, len } = thread.user.readStruct(range, CachestatRange);
  const { inode } = file.descriptor;
  const isOwn = opensForWriting(file.flags) || ownsInode(thread.credentials, inode);
  if (!isOwn && !mayAccess(thread.credentials, inode, MAY_WRITE)) fail(EPERM, "not this user's file");
  if (flags !== 0) fail(EINVAL, 'unknown flags');
  const first = Math.floor(off / PAGE_SIZE);
  const end = len === 0 ? Number.POSITIVE_INFINITY : Math.floor((off + len - 1) / PAGE_SIZE) + 1;
  const nr_cache = inode instanceof RegularInode ? inode.cachedPages(first, end) : 0;
  const none = { nr_dirty: 0, nr_writeback: 0, nr_evicted: 0, nr_recently_evicted: 0 };
  thread.user.writeStruct(facts, Cachestat, { nr_cache, ...none });
  return 0;
}

/** The advice is checked and not needed. */
function fadvise(thread: Thread, fd: number, length: number, advice: number): number {
  const { inode } = thread.files.get(fd).descriptor;
  if (inode.type === S_IFIFO) fail(ESPIPE, 'a pipe');
  if (length < 0) fail(EINVAL, 'a negative length');
  if (advice < 0 || advice > 5) fail(EINVAL, 'unknown advice');
  return 0;
}

function readahead(thread: Thread, fd: number): number {
  const file = thread.files.get(fd);
  if (!opensForReading(file.flags)) fail(EBADF, 'the descriptor is not open for reading');
  if (!(file.descriptor.inode instanceof RegularInode)) fail(EINVAL, 'not a regular file');
  return 0;
}

export const SYNC_CALLS = {
  451: syscall(
    'cachestat',
    { fd: Fd, range: CacheRangeIn, cstat: CachestatOut, flags: Hex32 },
    (thread, { fd, range, flags, cstat }) => cachestat(thread, fd, range, flags, cstat),
  ),
  81: syscall('sync', {}, () => 0),
  82: syscall('fsync', { fd: Fd }, (thread, { fd }) => fsync(thread, fd)),
  83: syscall('fdatasync', { fd: Fd }, (thread, { fd }) => fsync(thread, fd)),
  84: syscall(
    'sync_file_range',
    { fd: Fd, offset: I64, nbytes: I64, flags: SyncRangeFlags },
    (thread, args) =>
      syncFileRange(thread, args.fd, { offset: args.offset, length: args.nbytes, flags: args.flags }),
  ),
  213: syscall('readahead', { fd: Fd, offset: I64, count: Size }, (thread, { fd }) => readahead(thread, fd)),
  223: syscall(
    'fadvise64',
    { fd: Fd, offset: I64, len: I64, advice: Advice },
    (thread, { fd, len, advice }) => fadvise(thread, fd, len, advice),
  ),
  267: syscall('syncfs', { fd: Fd }, (thread, { fd }) => {
    thread.files.get(fd);
    return 0;
  }),
};
