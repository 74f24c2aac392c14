// Moving bytes and the file position: read, write, their vector and positioned forms, lseek.
// Rows for table.ts; kernel/file/blocking.ts applies the rules about waiting, descriptors move the bytes.
// At most MAX_RW_COUNT bytes move in one call (read(2), Notes); a call without the access mode is EBADF.

import { O_APPEND } from '../abi/fcntl.ts';
import { BufferIn, BufferOut, Fd, I64, Size, U64 } from '../abi/kinds/basic.ts';
import { Whence } from '../abi/kinds/file-kinds.ts';
import { IovecIn, IovecOut, OffsetHigh, ReadWriteFlags } from '../abi/kinds/io-kinds.ts';
import { IOV_MAX, MAX_RW_COUNT } from '../abi/uio.ts';
import { EAGAIN, EBADF, EFAULT, EINVAL, EOPNOTSUPP, EPERM, ESPIPE, fail } from '../errno.ts';
import { readFile, writeFile } from '../file/blocking.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import { opensForReading, opensForWriting } from '../fs/open-flags.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import type { Iovec, UserMemory } from '../mm/user-memory.ts';
import type { UserTransfer } from '../mm/user-transfer.ts';
import type { Thread } from '../task/thread.ts';
import { isWait, type Wait } from '../wait.ts';
import { type Answer, syscall } from './syscall.ts';

const RWF_HIPRI = 0x1;
const RWF_DSYNC = 0x2;
const RWF_SYNC = 0x4;
const RWF_NOWAIT = 0x8;
const RWF_APPEND = 0x10;
const RWF_NOAPPEND = 0x20;
const RWF_NOSIGNAL = 0x100;
const RWF_SUPPORTED =
  RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND | RWF_NOSIGNAL;

/** The description behind `fd` if it may be read. EBADF. */
export function readableFile(thread: Thread, fd: number): OpenFile {
  const file = thread.files.get(fd);
  if (!opensForReading(file.flags)) fail(EBADF, 'the descriptor is not open for reading');
  return file;
}

/** The description behind `fd` if it may be written. EBADF. */
export function writableFile(thread: Thread, fd: number): OpenFile {
  const file = thread.files.get(fd);
  if (!opensForWriting(file.flags)) fail(EBADF, 'the descriptor is not open for writing');
  return file;
}

/** Where a write without a position of its own goes: the end for O_APPEND (open(2)). */
export function writePosition(file: OpenFile): number {
  return (file.flags & O_APPEND) !== 0 ? file.descriptor.inode.size : file.position;
}

/** One buffer of guest memory, cut at MAX_RW_COUNT. EFAULT. */
export function oneBuffer(thread: Thread, base: number, length: number): UserTransfer {
  if (base + length > TASK_SIZE) fail(EFAULT, 'the buffer ends past the address space');
  return thread.user.buffer(base, Math.min(length, MAX_RW_COUNT));
}

/** EINVAL for a bad count or length, EFAULT; the total is cut at MAX_RW_COUNT (lib/iov_iter.c, import_iovec). */
export function importIovecs(user: UserMemory, iov: number, iovcnt: number): Iovec[] {
  if (iovcnt > IOV_MAX) fail(EINVAL, 'more than 1024 iovecs');
  let room = MAX_RW_COUNT;
  return user.readIovecs(iov, iovcnt).map(({ base, length }) => {
    if (length >= 2 ** 63) fail(EINVAL, 'a negative iovec length');
    const asked = iovcnt === 1 ? Math.min(length, MAX_RW_COUNT) : length; // one alone is cut first (import_ubuf)
    if (base + asked > TASK_SIZE && length > 0) fail(EFAULT, 'an iovec ends past the address space');
    const kept = Math.min(length, room);
    room -= kept;
    return { base, length: kept };
  });
}

/** The RWF_ flags are looked at last, and only when there is something to move (fs/read_write.c, vfs_readv). */
export function iovecs(thread: Thread, { iov, iovcnt, flags = 0 }: VectorCall, file: OpenFile): UserTransfer {
  const list = importIovecs(thread.user, iov, iovcnt);
  if (list.some(({ length }) => length > 0)) demandRwFlags(flags, file);
  return thread.user.transfer(list);
}

/** RWF_NOWAIT stands for O_NONBLOCK in one call. EAGAIN. */
export function hasty(thread: Thread, rwFlags = 0, answer: Answer): Answer {
  if (!isWait(answer) || (rwFlags & RWF_NOWAIT) === 0) return answer;
  const moved = thread.call?.progress ?? 0;
  return moved > 0 ? moved : fail(EAGAIN, 'RWF_NOWAIT, and the file is not ready');
}

function readAtPosition(thread: Thread, file: OpenFile, sink: Sink): number | Wait {
  const { descriptor } = file;
  const isSeekable = descriptor.seekable;
  const answer = readFile(thread, file, sink, isSeekable ? file.position : 0);
  if (isSeekable && !isWait(answer)) file.position += answer;
  return answer;
}

function writeAtPosition(thread: Thread, file: OpenFile, source: Source, rwFlags = 0): number | Wait {
  const { descriptor } = file;
  const isSeekable = descriptor.seekable;
  const position =
    (rwFlags & RWF_APPEND) !== 0 ? descriptor.inode.size : isSeekable ? writePosition(file) : 0;
  const answer = writeFile(thread, file, source, position);
  if (isSeekable && !isWait(answer) && answer > 0) file.position = position + answer;
  return answer;
}

/** ESPIPE for files without a position; checked before the access mode (fs/read_write.c, ksys_pread64). */
function positionedFile(thread: Thread, fd: number, position: number): OpenFile {
  if (position < 0) fail(EINVAL, 'a negative file offset');
  const file = thread.files.get(fd);
  if (!file.descriptor.seekable) fail(ESPIPE, 'the file has no position');
  return file;
}

function readAtOffset(thread: Thread, fd: number, position: number, sink: () => Sink): Answer {
  const file = positionedFile(thread, fd, position);
  if (!opensForReading(file.flags)) fail(EBADF, 'the descriptor is not open for reading');
  return readFile(thread, file, sink(), position);
}

/** preadv, preadv2: a vector of nothing does not reach the file (fs/read_write.c, vfs_readv). */
function readVectorAtOffset(thread: Thread, args: VectorCall, position: number): Answer {
  const file = positionedFile(thread, args.fd, position);
  if (!opensForReading(file.flags)) fail(EBADF, 'the descriptor is not open for reading');
  if (!file.descriptor.isReadable) fail(EINVAL, 'this kind of file cannot be read');
  const sink = iovecs(thread, args, file);
  return sink.remaining === 0 ? 0 : readFile(thread, file, sink, position);
}

function writeVectorAtOffset(thread: Thread, args: VectorCall, offset: number): Answer {
  const file = positionedFile(thread, args.fd, offset);
  if (!opensForWriting(file.flags)) fail(EBADF, 'the descriptor is not open for writing');
  if (!file.descriptor.isWritable) fail(EINVAL, 'this kind of file cannot be written');
  const source = iovecs(thread, args, file);
  return source.remaining === 0
    ? 0
    : writeFile(thread, file, source, positionFor(file, offset, args.flags ?? 0));
}

function writeAtOffset(thread: Thread, fd: number, offset: number, source: () => Source): Answer {
  const file = positionedFile(thread, fd, offset);
  if (!opensForWriting(file.flags)) fail(EBADF, 'the descriptor is not open for writing');
  return writeFile(thread, file, source(), positionFor(file, offset, 0));
}

/** Linux appends even when given a position (pwrite(2), Bugs). */
export function positionFor(file: OpenFile, offset: number, rwFlags: number): number {
  const atEnd =
    (rwFlags & RWF_APPEND) !== 0 || ((file.flags & O_APPEND) !== 0 && (rwFlags & RWF_NOAPPEND) === 0);
  return atEnd ? file.descriptor.inode.size : offset;
}

/** In the order of include/linux/fs.h, kiocb_set_rw_flags. */
export function demandRwFlags(flags: number, file: OpenFile): void {
  if (flags === 0) return;
  if ((flags & ~RWF_HIPRI) !== 0 && !file.descriptor.takesFlags)
    fail(EOPNOTSUPP, 'a kind of file without read_iter (do_loop_readv_writev)');
  if ((flags & ~RWF_SUPPORTED) !== 0) fail(EOPNOTSUPP, 'unknown RWF_ flag');
  if ((flags & (RWF_APPEND | RWF_NOAPPEND)) === (RWF_APPEND | RWF_NOAPPEND))
    fail(EINVAL, 'RWF_APPEND and RWF_NOAPPEND');
  if ((flags & RWF_NOAPPEND) !== 0 && file.descriptor.inode.isAppendOnly)
    fail(EPERM, 'the file is only appended to');
  if ((flags & RWF_NOWAIT) !== 0 && !file.descriptor.knowsNowait)
    fail(EOPNOTSUPP, 'RWF_NOWAIT, which this kind of file does not know');
}

/** The arguments of readv and its like. */
interface VectorCall {
  readonly fd: number;
  readonly iov: number;
  readonly iovcnt: number;
  /** RWF_*. */
  readonly flags?: number;
}

function readVector(thread: Thread, args: VectorCall): Answer {
  const file = readableFile(thread, args.fd);
  if (!file.descriptor.isReadable) fail(EINVAL, 'this kind of file cannot be read');
  const sink = iovecs(thread, args, file);
  // A vector of nothing does not reach the file, an empty read(2) or write(2) does (fs/read_write.c, vfs_readv).
  return sink.remaining === 0 ? 0 : hasty(thread, args.flags, readAtPosition(thread, file, sink));
}

function writeVector(thread: Thread, args: VectorCall): Answer {
  const file = writableFile(thread, args.fd);
  if (!file.descriptor.isWritable) fail(EINVAL, 'this kind of file cannot be written');
  const source = iovecs(thread, args, file);
  if (source.remaining === 0) return 0;
  if (thread.call !== undefined) thread.call.isQuiet = ((args.flags ?? 0) & RWF_NOSIGNAL) !== 0;
  return hasty(thread, args.flags, writeAtPosition(thread, file, source, args.flags));
}

function lseek(thread: Thread, fd: number, offset: number, whence: number): number {
  const file = thread.files.get(fd);
  if (whence > 4) fail(EINVAL, 'unknown whence');
  file.position = file.descriptor.seek(file, offset, whence);
  return file.position;
}

export const READ_WRITE_CALLS = {
  62: syscall('lseek', { fd: Fd, offset: I64, whence: Whence }, (thread, { fd, offset, whence }) =>
    lseek(thread, fd, offset, whence),
  ),
  63: syscall('read', { fd: Fd, buf: BufferOut, count: Size }, (thread, { fd, buf, count }) =>
    readAtPosition(thread, readableFile(thread, fd), oneBuffer(thread, buf, count)),
  ),
  64: syscall('write', { fd: Fd, buf: BufferIn, count: Size }, (thread, { fd, buf, count }) =>
    writeAtPosition(thread, writableFile(thread, fd), oneBuffer(thread, buf, count)),
  ),
  65: syscall('readv', { fd: Fd, iov: IovecOut, iovcnt: U64 }, readVector),
  66: syscall('writev', { fd: Fd, iov: IovecIn, iovcnt: U64 }, writeVector),
  67: syscall(
    'pread64',
    { fd: Fd, buf: BufferOut, count: Size, offset: I64 },
    (thread, { fd, buf, count, offset }) =>
      readAtOffset(thread, fd, offset, () => oneBuffer(thread, buf, count)),
  ),
  68: syscall(
    'pwrite64',
    { fd: Fd, buf: BufferIn, count: Size, offset: I64 },
    (thread, { fd, buf, count, offset }) =>
      writeAtOffset(thread, fd, offset, () => oneBuffer(thread, buf, count)),
  ),
  69: syscall('preadv', { fd: Fd, iov: IovecOut, iovcnt: U64, offset: I64 }, (thread, args) =>
    readVectorAtOffset(thread, args, args.offset),
  ),
  70: syscall('pwritev', { fd: Fd, iov: IovecIn, iovcnt: U64, offset: I64 }, (thread, args) =>
    writeVectorAtOffset(thread, args, args.offset),
  ),
  286: syscall(
    'preadv2',
    { fd: Fd, iov: IovecOut, iovcnt: U64, offset: I64, offset_high: OffsetHigh, flags: ReadWriteFlags },
    (thread, args) =>
      args.offset === -1 ? readVector(thread, args) : readVectorAtOffset(thread, args, args.offset),
  ),
  287: syscall(
    'pwritev2',
    { fd: Fd, iov: IovecIn, iovcnt: U64, offset: I64, offset_high: OffsetHigh, flags: ReadWriteFlags },
    (thread, args) =>
      args.offset === -1 ? writeVector(thread, args) : writeVectorAtOffset(thread, args, args.offset),
  ),
};
