// Opening FIFOs (fifo(7)) and reopening pipes by /proc/PID/fd: who waits for whom, and ENXIO.
// The inodes' open comes here; the pipe lives as long as something has the FIFO open.
// A waiting opener already counts for the other side; it is known by its call, so a killed one leaves nothing behind.
import { O_ACCMODE, O_NONBLOCK } from '../abi/fcntl.ts';
import { EINVAL, ENXIO, fail } from '../errno.ts';
import type { Inode } from '../fs/inode.ts';
import { isStillIn, type Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';
import { Pipe, type PipeAccess } from './pipe.ts';
import { PipeEnd } from './pipe-end.ts';

/** A thread in open(2) that waits for the other side. */
interface Opener {
  /** The thread's syscallCount. */
  readonly call: number;
  readonly access: PipeAccess;
  /** The other side has come: the opener counts in the pipe already, and its next try succeeds. */
  isAdmitted: boolean;
}

/** What a FIFO's inode has while somebody has it open or tries to. */
export class Fifo {
  pipe: Pipe | undefined;
  readonly openers = new Map<Thread, Opener>();
  readonly opened = new WaitQueue('the other end of a FIFO');

  /** Is somebody on one side still in the call? Forgets those that were killed or interrupted. */
  isAwaited(side: 'reads' | 'writes'): boolean {
    let found = false;
    for (const [thread, opener] of this.openers) {
      if (!isStillIn(thread, opener.call)) this.#forget(thread, opener);
      else if (opener.access[side]) found = true;
    }
    return found;
  }

  #forget(thread: Thread, { access, isAdmitted }: Opener): void {
    this.openers.delete(thread);
    if (!isAdmitted || this.pipe === undefined) return;
    if (access.reads) this.pipe.readers--;
    else this.pipe.writers--;
  }

  /** One side has been opened: whoever waited for it is in. */
  admit(access: PipeAccess): void {
    const { pipe } = this;
    if (pipe === undefined) return;
    for (const opener of this.openers.values()) {
      const comes = opener.access.reads ? access.writes : access.reads;
      if (opener.isAdmitted || !comes) continue;
      opener.isAdmitted = true;
      if (opener.access.reads) pipe.readers++;
      else pipe.writers++;
    }
    this.opened.wake();
  }
}

/** Opens the FIFO `inode`. A Wait until the other side comes; ENXIO for a non-blocking writer without a reader. */
export function openFifo(thread: Thread, inode: Inode, flags: number): PipeEnd | Wait {
  inode.fifo ??= new Fifo();
  const { fifo } = inode;
  const access = accessOf(flags);
  fifo.pipe ??= new Pipe(thread.kernel.pipeAccounts, thread.credentials.ruid);
  const { pipe } = fifo;
  const isThere = isOtherThere(fifo, pipe, access);
  const waited = fifo.openers.get(thread);
  if (waited !== undefined) {
    if (!waited.isAdmitted) return wait(fifo.opened);
    fifo.openers.delete(thread);
    return end(thread, inode, fifo, { pipe, access, ignoredWriterOpens: 0 });
  }
  const isNonblocking = (flags & O_NONBLOCK) !== 0;
  if (!isThere && isNonblocking && access.writes) {
    fail(ENXIO, 'O_NONBLOCK and O_WRONLY, and nobody reads the FIFO');
  }
  if (access.reads) pipe.readerOpens++;
  if (access.writes) pipe.writerOpens++;
  if (!isThere && !isNonblocking) {
    fifo.openers.set(thread, { call: thread.syscallCount, access, isAdmitted: false });
    return wait(fifo.opened);
  }
  if (access.reads) pipe.readers++;
  if (access.writes) pipe.writers++;
  fifo.admit(access);
  return end(thread, inode, fifo, { pipe, access, ignoredWriterOpens: isThere ? 0 : pipe.writerOpens });
}

/** Is the other side there, or on its way? A descriptor that does both needs nobody. */
function isOtherThere(fifo: Fifo, pipe: Pipe, access: PipeAccess): boolean {
  const isAwaited = fifo.isAwaited(access.reads ? 'writes' : 'reads');
  if (access.reads && access.writes) return true;
  return isAwaited || (access.reads ? pipe.writers > 0 : pipe.readers > 0);
}

interface OpenedSide {
  readonly pipe: Pipe;
  readonly access: PipeAccess;
  readonly ignoredWriterOpens: number;
}

/** A descriptor that the pipe counts already. The last one to go takes the content along. */
function end(
  thread: Thread,
  inode: Inode,
  fifo: Fifo,
  { pipe, access, ignoredWriterOpens }: OpenedSide,
): PipeEnd {
  const onFree = (): void => {
    if (fifo.pipe === pipe) fifo.pipe = undefined;
  };
  return new PipeEnd(thread.kernel, pipe, inode, access, { ignoredWriterOpens, onFree, isFifo: true });
}

/** Opens an existing pipe anew through /proc/PID/fd: never waits. */
export function reopenPipe(thread: Thread, pipe: Pipe, inode: Inode, flags: number): PipeEnd {
  const access = accessOf(flags);
  if (access.reads) {
    pipe.readers++;
    pipe.readerOpens++;
  }
  if (access.writes) {
    pipe.writers++;
    pipe.writerOpens++;
  }
  return new PipeEnd(thread.kernel, pipe, inode, access, { isFifo: true });
}

function accessOf(flags: number): PipeAccess {
  const mode = flags & O_ACCMODE;
  if (mode === 3) fail(EINVAL, 'a FIFO is opened for reading, writing or both');
  return { reads: mode !== 1, writes: mode !== 0 };
}
