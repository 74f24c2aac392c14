// Opening FIFOs (fifo(7)) and reopening pipes by /proc/PID/fd: who waits for whom, and ENXIO.
// The inodes' open comes here; the pipe lives as long as something has the FIFO open.
// A waiting opener already counts for the other side; it is known by its call, so a killed one leaves nothing behind.
import { EINVAL, ENXIO, fail } from '../errno.ts';
import type { Inode } from '../fs/inode.ts';
import type { Call, Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';
import { Pipe, type PipeAccess } from './pipe.ts';
import { PipeEnd } from './pipe-end.ts';

const O_ACCMODE = 3;
const O_NONBLOCK = 0o4000;

/** A thread in open(2) that waits for the other side, and how often that had been opened when it came. */
interface Opener {
  readonly call: Call;
  readonly access: PipeAccess;
  readonly seen: number;
}

/** What a FIFO's inode has while somebody has it open or tries to. */
export class Fifo {
  pipe: Pipe | undefined;
  readonly openers = new Map<Thread, Opener>();
  readonly opened = new WaitQueue('the other end of a FIFO');

  /** Openers still in their call: readers or writers. */
  waiting(side: 'reads' | 'writes'): number {
    let count = 0;
    for (const [thread, opener] of this.openers) {
      if (thread.state === 'dead' || thread.call !== opener.call) this.openers.delete(thread);
      else if (opener.access[side]) count++;
    }
    return count;
  }
}

/** Opens the FIFO `inode`. A Wait until the other side comes; ENXIO for a non-blocking writer without a reader. */
export function openFifo(thread: Thread, inode: Inode, flags: number): PipeEnd | Wait {
  inode.fifo ??= new Fifo();
  const { fifo } = inode;
  const access = accessOf(flags);
  const call = thread.call as Call;
  const waited = fifo.openers.get(thread);
  if (waited !== undefined && waited.call !== call) fifo.openers.delete(thread);
  fifo.pipe ??= new Pipe(thread.kernel.pipeAccounts, thread.credentials.ruid);
  const { pipe } = fifo;
  pipe.openers = fifo;
  if (waited?.call === call) {
    const now = access.reads ? pipe.writerOpens : pipe.readerOpens;
    if (now === waited.seen) return wait(fifo.opened);
    fifo.openers.delete(thread);
    return finishOpen(thread, inode, fifo, pipe, access, 0);
  }
  const other = otherSide(pipe, access);
  const isNonblocking = (flags & O_NONBLOCK) !== 0;
  if (other || isNonblocking) {
    if (!other && access.writes) fail(ENXIO, 'O_NONBLOCK and O_WRONLY, and nobody reads the FIFO');
    countOpen(pipe, access);
    fifo.opened.wake();
    return finishOpen(thread, inode, fifo, pipe, access, other ? 0 : pipe.writerOpens);
  }
  countOpen(pipe, access);
  fifo.openers.set(thread, { call, access, seen: access.reads ? pipe.writerOpens : pipe.readerOpens });
  fifo.opened.wake();
  return wait(fifo.opened);
}

/** Is the other side there, or on its way? A descriptor that does both needs nobody. */
function otherSide(pipe: Pipe, access: PipeAccess): boolean {
  if (access.reads && access.writes) return true;
  return access.reads ? pipe.hasWriters : pipe.hasReaders;
}

function countOpen(pipe: Pipe, access: PipeAccess): void {
  if (access.reads) pipe.readerOpens++;
  if (access.writes) pipe.writerOpens++;
}

function finishOpen(
  thread: Thread,
  inode: Inode,
  fifo: Fifo,
  pipe: Pipe,
  access: PipeAccess,
  ignoredWriterOpens: number,
): PipeEnd {
  if (access.reads) pipe.readers++;
  if (access.writes) pipe.writers++;
  const onFree = (): void => {
    if (fifo.pipe === pipe && fifo.waiting('reads') + fifo.waiting('writes') === 0) fifo.pipe = undefined;
  };
  return new PipeEnd(thread.kernel, pipe, inode, access, { ignoredWriterOpens, onFree });
}

/** Opens an existing pipe anew through /proc/PID/fd: never waits. */
export function reopenPipe(thread: Thread, pipe: Pipe, inode: Inode, flags: number): PipeEnd {
  const access = accessOf(flags);
  countOpen(pipe, access);
  if (access.reads) pipe.readers++;
  if (access.writes) pipe.writers++;
  return new PipeEnd(thread.kernel, pipe, inode, access);
}

function accessOf(flags: number): PipeAccess {
  const mode = flags & O_ACCMODE;
  if (mode === 3) fail(EINVAL, 'a FIFO is opened for reading, writing or both');
  return { reads: mode !== 1, writes: mode !== 0 };
}
