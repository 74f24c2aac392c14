// Reading and writing with the rules about waiting: O_NONBLOCK, partial transfers, signals.
// The read, write, send and splice handlers come here; descriptors only say what is possible now.
// `call.progress` counts what earlier tries moved, so a parked write continues where it stopped.
import { O_NONBLOCK } from '../abi/fcntl.ts';
import { isFailure } from '../errno.ts';
import { askWatchers, FS_ACCESS_PERM, IN_ACCESS, IN_MODIFY, notifyPath } from '../fs/notify.ts';
import type { Call, Thread } from '../task/thread.ts';
import { isWait, type Wait, WOULD_BLOCK } from '../wait.ts';
import type { Sink, Source } from './file-descriptor.ts';
import type { OpenFile } from './open-file.ts';

export function isNonblocking(file: OpenFile): boolean {
  return (file.flags & O_NONBLOCK) !== 0;
}

/** The thread's call does not wait for `file`: O_NONBLOCK, unless it was turned on too late to count. */
export function refusesToWait(thread: Thread, file: OpenFile): boolean {
  return isNonblocking(file) && !(file.descriptor.looksAtModeOnce && thread.call?.hasWaited === true);
}

/** A descriptor's answer as a handler's: WOULD_BLOCK in place of a Wait when `file` is O_NONBLOCK (open(2)). */
export function orBlock(thread: Thread, file: OpenFile, answer: number | Wait): number | Wait {
  return isWait(answer) && refusesToWait(thread, file) ? WOULD_BLOCK : answer;
}

/** read(2), readv(2): one successful try is the result. `position` counts for seekable files. */
export function readFile(thread: Thread, file: OpenFile, sink: Sink, position: number): number | Wait {
  const { path } = file;
  if (path === undefined || file.isUnwatched)
    return orBlock(thread, file, file.descriptor.tryRead(thread, file, sink, position));
  const asked = askWatchers(thread, path, FS_ACCESS_PERM);
  if (asked !== undefined) return asked;
  const answer = orBlock(thread, file, file.descriptor.tryRead(thread, file, sink, position));
  if (!isWait(answer) && answer > 0) notifyPath(path, IN_ACCESS);
  return answer;
}

/**
 * write(2), writev(2). `source` holds everything the call was given; what earlier tries wrote is skipped here.
 * Where `writesEverything` says so the call goes on until all is written; an error, a signal or O_NONBLOCK
 * after the first byte ends it with the count so far (write(2), pipe(7), signal(7)).
 */
export function writeFile(thread: Thread, file: OpenFile, source: Source, position: number): number | Wait {
  const call = thread.call as Call;
  let unskipped = call.progress;
  for (;;) {
    let answer: number | Wait;
    try {
      skip(source, unskipped);
      unskipped = 0;
      answer = file.descriptor.tryWrite(thread, file, source, position);
    } catch (thrown) {
      if (call.progress > 0 && isFailure(thrown)) return call.progress;
      throw thrown;
    }
    if (isWait(answer)) {
      if (call.progress > 0 && (refusesToWait(thread, file) || call.interrupted)) return call.progress;
      return orBlock(thread, file, answer);
    }
    call.progress += answer;
    if (file.path !== undefined && answer > 0 && !file.isUnwatched) notifyPath(file.path, IN_MODIFY);
    if (answer === 0 || source.remaining === 0 || !file.descriptor.writesEverything) return call.progress;
  }
}

/** Moves past what was written before. EFAULT when that memory has gone meanwhile. */
function skip(source: Source, count: number): void {
  let left = count;
  while (left > 0) {
    const { length } = source.take(left);
    if (length === 0) return;
    left -= length;
  }
}
