// splice(2) and tee(2) between pipes, files and sockets (fs/splice.c).
// syscalls/splice.ts decodes; here it is decided who waits for whom. Between pipes whole buffers change hands.
// What can move at once moves; a call waits only while nothing could.
import { READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { SIGPIPE } from '../abi/signal.ts';
import { EAGAIN, EINVAL, EPIPE, fail, isFailure } from '../errno.ts';
import { refusesToWait } from '../file/blocking.ts';
import type { OpenFile } from '../file/open-file.ts';
import { sendToThread } from '../task/send-signal.ts';
import { ownSignal } from '../task/signal-info.ts';
import type { Call, Thread } from '../task/thread.ts';
import { isWait, type Wait, wait } from '../wait.ts';
import { PIPE_PAGE, type Pipe, type PipeSlot } from './pipe.ts';
import { bytesAtOnce, PipeSink, PipeSource } from './transfer.ts';

/** Kinds whose file operations have neither splice_read nor splice_write. */
const NEVER = new Set([
  'epoll',
  'eventfd',
  'timerfd',
  'signalfd',
  'inotify',
  'pidfd',
  'directory',
  'namespace',
]);

function demandSpliceable(file: OpenFile): void {
  if (NEVER.has(file.descriptor.kind)) fail(EINVAL, 'files of this kind cannot be spliced');
}

/** EAGAIN instead of waiting. */
function orAgain(answer: number | Wait, nonblock: boolean): number | Wait {
  if (isWait(answer) && nonblock) fail(EAGAIN, 'nothing can move, and the call shall not wait');
  return answer;
}

/** EPIPE with SIGPIPE when nobody reads `pipe`. */
function demandReader(thread: Thread, pipe: Pipe): void {
  if (pipe.readers > 0) return;
  sendToThread(thread, ownSignal(SIGPIPE, thread.process, thread.credentials.ruid));
  fail(EPIPE, 'the pipe has no reader');
}

/** undefined when a buffer is free; else what to answer (wait_for_space). */
export function waitForSpace(thread: Thread, pipe: Pipe, nonblock: boolean): Wait | undefined {
  demandReader(thread, pipe);
  return pipe.isFull ? (orAgain(wait(pipe.writable), nonblock) as Wait) : undefined;
}

/** undefined when there are bytes; 0 at end of file; else what to answer. */
export function waitForBytes(pipe: Pipe, nonblock: boolean): number | Wait | undefined {
  if (!pipe.isEmpty) return undefined;
  return pipe.writers === 0 ? 0 : orAgain(wait(pipe.readable), nonblock);
}

/** The same for two pipes: the end of the first one is told when the second one could take something (opipe_prep). */
function waitForBoth(thread: Thread, from: Pipe, to: Pipe, nonblock: boolean): number | Wait | undefined {
  const empty = waitForBytes(from, nonblock);
  if (empty !== undefined && empty !== 0) return empty;
  return waitForSpace(thread, to, nonblock) ?? empty;
}

function filled(pipe: Pipe): void {
  pipe.wakeReaders(READ_EVENTS);
}

/** Bytes were taken out of `pipe`; writers learn it if it was full. */
export function drained(pipe: Pipe, wasFull: boolean): void {
  if (wasFull && !pipe.isFull) pipe.wakeWriters(WRITE_EVENTS);
}

/** Takes `count` bytes off the front. */
function consume(pipe: Pipe, count: number): void {
  let left = count;
  while (left > 0) {
    const slot = pipe.slots[0] as PipeSlot;
    const part = Math.min(left, slot.length);
    slot.offset += part;
    slot.length -= part;
    left -= part;
    if (slot.length === 0) pipe.dropFirst();
  }
}

/** File or socket to pipe; `position` counts for seekable files. Also sendfile's way into a pipe. */
export function fileToPipe(
  thread: Thread,
  file: OpenFile,
  pipe: Pipe,
  position: number,
  options: { readonly length: number; readonly nonblock: boolean },
): number | Wait {
  const full = waitForSpace(thread, pipe, options.nonblock);
  if (full !== undefined) return full;
  demandSpliceable(file);
  const isPaged = file.descriptor.kind === 'regular'; // others are copied to new pages (fs/splice.c, copy_splice_read)
  const sink = new PipeSink(pipe, options.length, isPaged ? position % PIPE_PAGE : 0);
  const answer = file.descriptor.tryRead(thread, file, sink, position);
  if (!isWait(answer) && answer > 0) filled(pipe);
  // SPLICE_F_NONBLOCK is about the pipe: of files, only unix streams know it (unix_stream_splice_read)
  const isHasty = options.nonblock && file.descriptor.kind === 'unix-stream';
  return orAgain(answer, isHasty || refusesToWait(thread, file));
}

/** Pipe to a file that is no socket. */
export function pipeToFile(
  thread: Thread,
  pipe: Pipe,
  file: OpenFile,
  position: number,
  options: { readonly length: number; readonly nonblock: boolean },
): number | Wait {
  demandSpliceable(file);
  const empty = waitForBytes(pipe, options.nonblock);
  if (empty !== undefined) return empty;
  const wasFull = pipe.isFull;
  const answer = file.descriptor.tryWrite(thread, file, new PipeSource(pipe, options.length), position);
  if (isWait(answer)) return orAgain(answer, options.nonblock);
  consume(pipe, answer);
  drained(pipe, wasFull);
  return answer;
}

/**
 * Pipe to socket: as much as is there, some buffers a message (splice_to_socket). Whether it waits for room is the
 * socket's business alone; what was moved before counts more than an error or a signal.
 */
export function pipeToSocket(
  thread: Thread,
  pipe: Pipe,
  file: OpenFile,
  options: { readonly length: number; readonly nonblock: boolean },
): number | Wait {
  const call = thread.call as Call;
  let moved = call.progress;
  if (moved === 0) {
    const empty = waitForBytes(pipe, options.nonblock);
    if (empty !== undefined) return empty;
  }
  call.progress = 0; // each message counts by itself
  while (moved < options.length && !pipe.isEmpty) {
    const source = new PipeSource(pipe, Math.min(options.length - moved, bytesAtOnce(pipe)));
    const answer = trySend(thread, file, source, moved);
    if (isWait(answer)) {
      if (moved > 0 && (call.interrupted || refusesToWait(thread, file))) return moved;
      call.progress = moved;
      return orAgain(answer, refusesToWait(thread, file));
    }
    if (answer === 0) break;
    moved += answer;
    const wasFull = pipe.isFull;
    consume(pipe, answer);
    drained(pipe, wasFull);
  }
  return moved;
}

/** 0 for an error that comes too late to be reported. */
function trySend(thread: Thread, file: OpenFile, source: PipeSource, moved: number): number | Wait {
  try {
    return file.descriptor.tryWrite(thread, file, source, 0);
  } catch (thrown) {
    if (moved === 0 || !isFailure(thrown)) throw thrown;
    return 0;
  }
}

/** Pipe to pipe: buffers move, the last one may be shared in part. */
export function pipeToPipe(
  thread: Thread,
  from: Pipe,
  to: Pipe,
  length: number,
  nonblock: boolean,
): number | Wait {
  const unready = waitForBoth(thread, from, to, nonblock);
  if (unready !== undefined) return unready;
  const wasFull = from.isFull;
  let left = length;
  while (left > 0 && !from.isEmpty && !to.isFull) {
    const slot = from.slots[0] as PipeSlot;
    if (slot.length <= left) {
      from.slots.shift();
      to.slots.push(slot);
      left -= slot.length;
    } else {
      to.appendPart(slot, left); // the rest of the page stays in the first pipe, which alone may fill it up
      slot.offset += left;
      slot.length -= left;
      left = 0;
    }
  }
  filled(to);
  drained(from, wasFull);
  return length - left;
}

/** tee(2): duplicates without consuming. */
export function teePipes(
  thread: Thread,
  from: Pipe,
  to: Pipe,
  length: number,
  nonblock: boolean,
): number | Wait {
  const unready = waitForBoth(thread, from, to, nonblock);
  if (unready !== undefined) return unready;
  let left = length;
  for (const slot of from.slots) {
    if (left === 0 || to.isFull) break;
    const count = Math.min(left, slot.length);
    to.appendPart(slot, count);
    left -= count;
  }
  filled(to);
  return length - left;
}
