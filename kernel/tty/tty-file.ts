// An open descriptor of a terminal: reading with VMIN and VTIME, writing, polling, ioctl.
// /dev/tty, /dev/console, /dev/pts/N and the machine's console make them.
// After a hang-up it reads end of file and fails to write, whatever becomes of the terminal.
import { HUNG_UP_EVENTS, POLLHUP, READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { SIGTTIN, SIGTTOU } from '../abi/signal.ts';
import { ICANON, TOSTOP, VMIN, VTIME } from '../abi/termios.ts';
import { EAGAIN, EIO, fail } from '../errno.ts';
import { notifyOwner, type Readiness } from '../file/async-owner.ts';
import { isNonblocking } from '../file/blocking.ts';
import { FileDescriptor, type Sink, type Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Kernel } from '../kernel.ts';
import type { Call, Thread } from '../task/thread.ts';
import { type Wait, type WaitQueue, wait } from '../wait.ts';
import { checkForeground } from './job-control.ts';
import type { Tty } from './tty.ts';
import { ttyIoctl } from './tty-ioctl.ts';

const TENTH_NS = 100_000_000;

export class TtyFile extends FileDescriptor {
  readonly kind = 'tty';
  override get signalsOwner(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly tty: Tty;
  readonly #kernel: Kernel;
  isHungUp = false;
  #file: OpenFile | undefined;

  constructor(kernel: Kernel, tty: Tty, inode: Inode) {
    super();
    this.#kernel = kernel;
    this.tty = tty;
    this.inode = inode;
    tty.opened(this);
  }

  override get changed(): WaitQueue {
    return this.tty.changed;
  }

  override get writesEverything(): boolean {
    return true;
  }

  override tryRead(thread: Thread, file: OpenFile, sink: Sink): number | Wait {
    this.#file = file;
    const { tty } = this;
    const isAgain = thread.call?.hasWaited === true;
    if (this.isHungUp && isAgain && tty.isOtherClosed) fail(EIO, 'the other end of the terminal was closed');
    if (this.isHungUp) return 0;
    if (tty.isFaulty) fail(EIO, 'the terminal could not be opened again');
    const background = isAgain ? undefined : checkForeground(thread, tty, SIGTTIN); // n_tty_read, before it waits
    if (background !== undefined) return background;
    return tty.readLock.read(thread, file, () => this.#read(thread, file, sink));
  }

  #read(thread: Thread, file: OpenFile, sink: Sink): number | Wait {
    const { tty } = this;
    if (sink.remaining === 0) return 0;
    const answer = this.#waitForInput(thread, file, sink.remaining);
    if (answer !== undefined) return answer;
    const count = tty.discipline.read(sink);
    tty.processInput();
    tty.driver.inputTaken();
    return count;
  }

  /** undefined when a read may take what is there; else its answer. */
  #waitForInput(thread: Thread, file: OpenFile, length: number): number | Wait | undefined {
    const { tty } = this;
    const { discipline, termios } = tty;
    const call = thread.call as Call;
    if ((termios.lflag & ICANON) !== 0) {
      if (discipline.isReadable(1)) return undefined; // under EXTPROC that is any byte
      return this.#notYet(file, undefined);
    }
    const minimum = termios.cc[VMIN] as number;
    const timeNs = (termios.cc[VTIME] as number) * TENTH_NS;
    const available = discipline.readableCount;
    if (available >= Math.min(Math.max(minimum, 1), length)) return undefined;
    if (available > 0 && (isNonblocking(file) || call.interrupted || tty.isOtherClosed)) return undefined;
    const now = this.#kernel.clock.monotonicNs();
    if (minimum === 0) {
      if (!tty.isOtherClosed && (timeNs === 0 || call.timedOut)) return 0;
      call.deadlineNs ??= now + timeNs;
      return this.#notYet(file, call.deadlineNs);
    }
    if (available === 0 || timeNs === 0) return this.#notYet(file, undefined);
    // VTIME counts between bytes: it starts anew with each
    if (call.data !== available) {
      call.data = available;
      call.deadlineNs = now + timeNs;
      call.timedOut = false;
    }
    return call.timedOut ? undefined : wait(tty.changed, 'restart', call.deadlineNs);
  }

  #notYet(file: OpenFile, deadlineNs: number | undefined): Wait {
    if (this.tty.isOtherClosed) fail(EIO, 'the other end of the terminal is closed');
    if (isNonblocking(file)) fail(EAGAIN, 'nothing was typed, and the descriptor is O_NONBLOCK');
    return wait(this.tty.changed, 'restart', deadlineNs);
  }

  override tryWrite(thread: Thread, file: OpenFile, source: Source): number | Wait {
    this.#file = file;
    const { tty } = this;
    if (this.isHungUp || tty.isOtherClosed || tty.isFaulty) fail(EIO, 'the terminal was hung up');
    if ((tty.termios.lflag & TOSTOP) !== 0 && thread.call?.hasWaited !== true) {
      const background = checkForeground(thread, tty, SIGTTOU);
      if (background !== undefined) return background;
    }
    if (source.remaining === 0) return 0;
    const count = tty.discipline.write(source);
    return count > 0 ? count : wait(tty.changed);
  }

  override poll(file: OpenFile): number {
    this.#file = file;
    if (this.isHungUp) return HUNG_UP_EVENTS;
    const { tty } = this;
    let events = 0;
    if (tty.discipline.isReadable(tty.discipline.pollMinimum)) events |= READ_EVENTS;
    if (tty.isOtherClosed) events |= POLLHUP;
    if (tty.room > 0) events |= WRITE_EVENTS;
    return events;
  }

  override ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number | Wait {
    return ttyIoctl(thread, file, this, request, argument);
  }

  override close(_file: OpenFile): void {
    this.#file = undefined;
    this.tty.fileClosed(this);
  }

  notify(readiness: Readiness): void {
    notifyOwner(this.#kernel, this.#file, readiness);
  }
}
