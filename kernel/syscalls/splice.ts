// splice, tee, vmsplice and sendfile: bytes from file to file without the program's memory (splice(2), sendfile(2)).
// Checks come in the order of fs/splice.c and fs/read_write.c; kernel/pipe/splice.ts moves the bytes.
import { O_APPEND } from '../abi/fcntl.ts';
import { Fd, Size } from '../abi/kinds/basic.ts';
import { SpliceFlags } from '../abi/kinds/file-kinds.ts';
import { IovecIn, OffsetInOut } from '../abi/kinds/io-kinds.ts';
import { IOV_MAX, MAX_RW_COUNT } from '../abi/uio.ts';
import { EAGAIN, EBADF, EFAULT, EINVAL, ESPIPE, fail, isFailure } from '../errno.ts';
import { isNonblocking, refusesToWait } from '../file/blocking.ts';
import { BufferSink } from '../file/buffer.ts';
import type { OpenFile } from '../file/open-file.ts';
import { opensForReading, opensForWriting } from '../fs/open-flags.ts';
import { lengthBeforeSecrets } from '../mm/secret-areas.ts';
import type { Iovec } from '../mm/user-memory.ts';
import { SocketDescriptor } from '../net/socket.ts';
import { PIPE_PAGE, type Pipe } from '../pipe/pipe.ts';
import { PipeEnd } from '../pipe/pipe-end.ts';
import {
  drained,
  fileToPipe,
  pipeToFile,
  pipeToPipe,
  pipeToSocket,
  teePipes,
  waitForBytes,
  waitForSpace,
} from '../pipe/splice.ts';
import { PagedSource } from '../pipe/transfer.ts';
import type { Call, Thread } from '../task/thread.ts';
import { isWait } from '../wait.ts';
import { readableFile, writableFile } from './read-write.ts';
import { type Answer, syscall } from './syscall.ts';

const SPLICE_F_MOVE = 1;
const SPLICE_F_NONBLOCK = 2;
const SPLICE_F_MORE = 4;
const SPLICE_F_GIFT = 8;
const SPLICE_F_ALL = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT;
/** sendfile goes through a pipe of this size (splice_direct_to_actor). */
const PIECE = 16 * PIPE_PAGE;

function pipeOf({ descriptor }: OpenFile): Pipe | undefined {
  return descriptor instanceof PipeEnd ? descriptor.pipe : undefined;
}

/** A `loff_t *` argument. EFAULT; EINVAL: negative. */
function readOffset(thread: Thread, address: number): number {
  const offset = Number(BigInt.asIntN(64, thread.user.readB64(address)));
  if (offset < 0) fail(EINVAL, 'negative file offset');
  return offset;
}

interface SpliceArguments {
  readonly fd_in: number;
  readonly off_in: number;
  readonly fd_out: number;
  readonly off_out: number;
  readonly len: number;
  readonly flags: number;
}

function splice(thread: Thread, args: SpliceArguments): Answer {
  if (args.len === 0) return 0;
  if ((args.flags & ~SPLICE_F_ALL) !== 0) fail(EINVAL, 'unknown flags');
  const input = thread.files.get(args.fd_in);
  const output = thread.files.get(args.fd_out);
  const from = pipeOf(input);
  const to = pipeOf(output);
  for (const [file, offset] of [
    [input, args.off_in],
    [output, args.off_out],
  ] as const) {
    if (!(file.descriptor instanceof PipeEnd)) continue;
    if (offset !== 0) fail(ESPIPE, 'a pipe has no offset');
    file.descriptor.isSpliced = true;
  }
  for (const address of [args.off_out, args.off_in]) if (address !== 0) thread.user.readB64(address); // EFAULT
  if (!opensForReading(input.flags) || !opensForWriting(output.flags)) fail(EBADF, 'not open for that');
  const outOffset = args.off_out === 0 ? undefined : readOffset(thread, args.off_out);
  const inOffset = args.off_in === 0 ? undefined : readOffset(thread, args.off_in);
  const length = Math.min(args.len, MAX_RW_COUNT);
  const isHasty = (args.flags & SPLICE_F_NONBLOCK) !== 0;
  if (from !== undefined && to !== undefined) {
    if (from === to) fail(EINVAL, 'both are the same pipe');
    return pipeToPipe(thread, from, to, length, isHasty || isNonblocking(input) || isNonblocking(output));
  }
  if (from !== undefined) {
    const position = positionFor(thread, output, outOffset);
    if ((output.flags & O_APPEND) !== 0) fail(EINVAL, 'the output is in append mode');
    const nonblock = isHasty || isNonblocking(input);
    if (output.descriptor instanceof SocketDescriptor)
      return pipeToSocket(thread, from, output, { length, nonblock });
    const answer = pipeToFile(thread, from, output, position, { length, nonblock });
    return advanced(thread, output, args.off_out, position, answer);
  }
  if (to === undefined) fail(EINVAL, 'neither is a pipe');
  const position = positionFor(thread, input, inOffset);
  const nonblock = isHasty || isNonblocking(output);
  const answer = fileToPipe(thread, input, to, position, { length, nonblock });
  return advanced(thread, input, args.off_in, position, answer);
}

/** EINVAL: nothing can be spliced from a directory (fs/splice.c, do_splice_read). */
function demandSpliceRead({ descriptor }: OpenFile): void {
  if (descriptor.inode.isDirectory) fail(EINVAL, 'a directory cannot be spliced from');
}

/** Where the call begins, however the file's own position changes while it waits. EINVAL: an offset for a file without one. */
function positionFor(thread: Thread, file: OpenFile, offset: number | undefined): number {
  const { seekable } = file.descriptor;
  if (!seekable) return offset === undefined ? 0 : fail(EINVAL, 'the file has no offset');
  const call = thread.call as Call;
  if (!call.hasWaited || call.startPosition === undefined) call.startPosition = offset ?? file.position;
  return call.startPosition;
}

/** Moves the file's position, or the caller's offset where one was given. */
function advanced(thread: Thread, file: OpenFile, address: number, position: number, answer: Answer): Answer {
  if (isWait(answer) || !file.descriptor.seekable) return answer;
  if (address !== 0) thread.user.writeU64(address, position + answer);
  else file.position = position + answer;
  return answer;
}

interface TeeArguments {
  readonly fd_in: number;
  readonly fd_out: number;
  readonly len: number;
  readonly flags: number;
}

function tee(thread: Thread, args: TeeArguments): Answer {
  if ((args.flags & ~SPLICE_F_ALL) !== 0) fail(EINVAL, 'unknown flags');
  if (args.len === 0) return 0;
  const input = readableFile(thread, args.fd_in);
  const output = writableFile(thread, args.fd_out);
  const from = pipeOf(input);
  const to = pipeOf(output);
  if (from === undefined || to === undefined || from === to) fail(EINVAL, 'tee needs two different pipes');
  const nonblock = (args.flags & SPLICE_F_NONBLOCK) !== 0 || isNonblocking(input) || isNonblocking(output);
  return teePipes(thread, from, to, Math.min(args.len, MAX_RW_COUNT), nonblock);
}

interface VmspliceArguments {
  readonly fd: number;
  readonly iov: number;
  readonly nr_segs: number;
  readonly flags: number;
}

/** Pages of each part by itself. EFAULT when nothing could be read (fs/splice.c, iter_to_pipe). */
function appendVectors(thread: Thread, pipe: Pipe, iovecs: readonly Iovec[]): number {
  let count = 0;
  for (const { base, length } of iovecs) {
    if (pipe.isFull || length === 0) continue;
    try {
      const open = lengthBeforeSecrets(thread.mm, base, length);
      if (open === 0) fail(EFAULT, 'secret memory');
      const done = pipe.append(thread.user.buffer(base, open), false, { phase: base % PIPE_PAGE });
      count += done;
      if (done < length) break;
    } catch (thrown) {
      if (count === 0) throw thrown;
      break;
    }
  }
  return count;
}

/** The pages are copied, which vmsplice(2) allows: without SPLICE_F_GIFT later changes may or may not be seen. */
function vmsplice(thread: Thread, args: VmspliceArguments): Answer {
  if ((args.flags & ~SPLICE_F_ALL) !== 0) fail(EINVAL, 'unknown flags');
  const file = thread.files.get(args.fd);
  const writes = opensForWriting(file.flags);
  if (args.nr_segs > IOV_MAX) fail(EINVAL, 'more than 1024 iovecs');
  const iovecs = thread.user.readIovecs(args.iov, args.nr_segs);
  if (iovecs.every(({ length }) => length === 0)) return 0;
  const pipe = pipeOf(file) ?? fail(EBADF, 'not a pipe');
  if (file.descriptor instanceof PipeEnd) file.descriptor.isSpliced = true;
  const nonblock = (args.flags & SPLICE_F_NONBLOCK) !== 0;
  if (writes) {
    const full = waitForSpace(thread, pipe, nonblock);
    if (full !== undefined) return full;
    const count = appendVectors(thread, pipe, iovecs);
    pipe.wakeReaders(0);
    return count;
  }
  const empty = waitForBytes(pipe, nonblock);
  if (empty !== undefined) return empty;
  const wasFull = pipe.isFull;
  const count = pipe.read(thread.user.transfer(iovecs), true);
  drained(pipe, wasFull);
  return count;
}

interface SendfileArguments {
  readonly out_fd: number;
  readonly in_fd: number;
  readonly offset: number;
  readonly count: number;
}

/** Blocks until all is written, the input ends, a signal comes, or O_NONBLOCK says stop. */
function sendfile(thread: Thread, args: SendfileArguments): Answer {
  if (args.offset !== 0) thread.user.readB64(args.offset); // EFAULT comes first
  const input = readableFile(thread, args.in_fd);
  if (args.offset !== 0 && !input.descriptor.seekable) fail(ESPIPE, 'an offset for a file without one');
  const start = args.offset === 0 ? undefined : readOffset(thread, args.offset);
  const output = writableFile(thread, args.out_fd);
  const wanted = Math.min(args.count, MAX_RW_COUNT);
  const pipe = pipeOf(output);
  if (pipe !== undefined) {
    const position = positionFor(thread, input, start);
    const options = { length: wanted, nonblock: isNonblocking(output) };
    if (wanted === 0 || pipeOf(input) !== undefined) {
      const full = waitForSpace(thread, pipe, options.nonblock); // is looked at first (splice_file_to_pipe)
      if (full !== undefined || wanted === 0) return full ?? 0;
      fail(EINVAL, 'from pipe to pipe is for splice(2)');
    }
    return advanced(thread, input, args.offset, position, fileToPipe(thread, input, pipe, position, options));
  }
  if ((output.flags & O_APPEND) !== 0) fail(EINVAL, 'the output is in append mode');
  // of eventfds and their like, which lseek takes for nothing, no bytes can be had: splice_direct_to_actor
  if (wanted === 0 && !input.descriptor.seekable && input.descriptor.inode.type === 0) return 0;
  if (!input.descriptor.seekable) fail(EINVAL, 'only files with a position can be sent to what is no pipe');
  if (wanted > 0) demandSpliceRead(input);
  const begin = positionFor(thread, input, start);
  const answer = copyPieces(thread, input, output, { begin, wanted });
  return advanced(thread, input, args.offset, begin, answer);
}

interface Copying {
  /** Position in the input. */
  readonly begin: number;
  readonly wanted: number;
}

function copyPieces(thread: Thread, input: OpenFile, output: OpenFile, { begin, wanted }: Copying): Answer {
  const call = thread.call as Call;
  while (call.progress < wanted) {
    const position = begin + call.progress;
    try {
      const phase = input.descriptor.kind === 'regular' ? position % PIPE_PAGE : 0;
      const sink = new BufferSink(new Uint8Array(Math.min(PIECE - phase, wanted - call.progress)));
      const read = input.descriptor.tryRead(thread, input, sink, position);
      if (isWait(read)) return read;
      if (read === 0) break;
      const source = new PagedSource(sink.filled, phase);
      const to = output.descriptor.seekable ? output.position : 0;
      const answer = output.descriptor.tryWrite(thread, output, source, to);
      if (isWait(answer)) {
        if (refusesToWait(thread, output) && call.progress === 0) fail(EAGAIN, 'the output is not ready');
        return call.progress > 0 && (refusesToWait(thread, output) || call.interrupted)
          ? call.progress
          : answer;
      }
      if (answer === 0) break;
      call.progress += answer;
      if (output.descriptor.seekable) output.position = to + answer;
    } catch (thrown) {
      if (call.progress > 0 && isFailure(thrown)) break;
      throw thrown;
    }
  }
  return call.progress;
}

export const SPLICE_CALLS = {
  71: syscall('sendfile', { out_fd: Fd, in_fd: Fd, offset: OffsetInOut, count: Size }, sendfile),
  75: syscall('vmsplice', { fd: Fd, iov: IovecIn, nr_segs: Size, flags: SpliceFlags }, vmsplice),
  76: syscall(
    'splice',
    { fd_in: Fd, off_in: OffsetInOut, fd_out: Fd, off_out: OffsetInOut, len: Size, flags: SpliceFlags },
    splice,
  ),
  77: syscall('tee', { fd_in: Fd, fd_out: Fd, len: Size, flags: SpliceFlags }, tee),
};
