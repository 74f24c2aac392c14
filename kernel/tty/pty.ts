// Pseudo terminals (pty(7), pts(4)): a master descriptor whose other end is a terminal.
// Opening /dev/ptmx makes one; the terminal appears as /dev/pts/N (devpts.ts) until both ends are closed.
// What the program writes waits here for the master's reads; what the master writes is typed at the terminal.
import {
  FIONREAD,
  TCFLSH,
  TCXONC,
  TIOCEXCL,
  TIOCGEXCL,
  TIOCGPKT,
  TIOCGPTLCK,
  TIOCGPTN,
  TIOCGPTPEER,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCPKT,
  TIOCSIG,
  TIOCSPGRP,
  TIOCSPTLCK,
  TIOCVHANGUP,
} from '../abi/ioctl.ts';
import { HUNG_UP_EVENTS, POLLHUP, POLLPRI, READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { SIGINT, SIGQUIT, SIGTSTP } from '../abi/signal.ts';
import { B38400, CREAD, CS8, EXTPROC, STANDARD_TERMIOS, VSTART, VSTOP } from '../abi/termios.ts';
import { EINVAL, EIO, ENOTTY, EPERM, fail } from '../errno.ts';
import { notifyOwner } from '../file/async-owner.ts';
import { FileDescriptor, type Sink, type Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Kernel } from '../kernel.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Devpts } from './devpts.ts';
import { packetStatus } from './packet-status.ts';
import { ReadLock } from './read-lock.ts';
import { Tty, type TtyDriver, type TtyNotice } from './tty.ts';
import { answerTty } from './tty-ioctl.ts';

/** What the terminal side may have written that the master has not read: tty_buffer's 8192 and a full line buffer. */
const OUTPUT_LIMIT = 8192 + 4095;
/** A master reads at most what Linux's line discipline buffer holds. */
const READ_LIMIT = 4095;

export class PtyMaster extends FileDescriptor implements TtyDriver {
  readonly kind = 'pty-master';
  override get signalsOwner(): boolean {
    return true;
  }

  override readonly inode: Inode;
  readonly number: number;
  readonly tty: Tty;
  /** The terminal cannot be opened until unlockpt(3). */
  isLocked = true;
  readonly #kernel: Kernel;
  readonly #devpts: Devpts;
  readonly #output = new ByteQueue();
  readonly #changed = new WaitQueue('a pty master');
  /** TCOOFF on the master. */
  #isStopped = false;
  readonly #readLock = new ReadLock(this.#changed);
  #isExclusive = false;
  #isPacketMode = false;
  #packetStatus = 0;
  /** The terminal was open once and is not any more. */
  #isSlaveGone = false;
  /** The master itself was hung up, which the terminal side learns when it is closed. */
  #isHungUp = false;
  #file: OpenFile | undefined;

  constructor(kernel: Kernel, devpts: Devpts, inode: Inode, number: number, rdev: number) {
    super();
    this.#kernel = kernel;
    this.#devpts = devpts;
    this.inode = inode;
    this.number = number;
    const termios = { ...STANDARD_TERMIOS, cflag: B38400 | CS8 | CREAD };
    this.tty = new Tty({ rdev, name: `pts/${number}`, isPty: true }, this, termios);
  }

  override fdinfo(): string {
    return `tty-index:\t${this.number}\n`;
  }

  // ---- the terminal's driver ----

  get room(): number {
    return Math.max(0, OUTPUT_LIMIT - this.#output.length);
  }

  get pending(): number {
    return 0;
  }

  write(bytes: Uint8Array): void {
    this.#output.push(bytes);
    this.#changed.wake(READ_EVENTS);
    notifyOwner(this.#kernel, this.#file, 'in');
  }

  /** What has reached the master's buffer stays readable, as on Linux. */
  discard(): void {
    this.#output.truncate(READ_LIMIT);
  }

  /** Bytes that can be read now. */
  get #readable(): number {
    return Math.min(this.#output.length, READ_LIMIT);
  }

  notice(what: TtyNotice): void {
    if (!this.#isPacketMode) return;
    this.#packetStatus = packetStatus(this.#packetStatus, what);
    this.#changed.wake(READ_EVENTS | POLLPRI);
  }

  /** A program opened the terminal. */
  opened(): void {
    this.#isSlaveGone = false;
  }

  inputTaken(): void {
    this.#changed.wake(WRITE_EVENTS);
  }

  lastClosed(): void {
    if (!this.tty.isFaulty) this.#loseSlave(); // pty_close does nothing after an open that failed
    if (this.tty.isOtherClosed) this.#devpts.free(this);
  }

  #loseSlave(): void {
    this.#isSlaveGone = true;
    this.#packetStatus = 0;
    this.#changed.wake(0);
  }

  // ---- the master's descriptor ----

  override get changed(): WaitQueue {
    return this.#changed;
  }

  override get writesEverything(): boolean {
    return true;
  }

  override tryRead(thread: Thread, file: OpenFile, sink: Sink): number | Wait {
    this.#file = file;
    if (this.#isHungUp) return 0;
    return this.#readLock.read(thread, file, () => this.#read(sink));
  }

  #read(sink: Sink): number | Wait {
    if (sink.remaining === 0) return 0;
    if (this.#isPacketMode && this.#packetStatus !== 0) {
      sink.put(Uint8Array.of(this.#packetStatus));
      this.#packetStatus = 0;
      return 1;
    }
    if (this.#readable === 0) {
      if (this.#isSlaveGone) fail(EIO, 'the terminal side is closed');
      return wait(this.#changed);
    }
    let done = this.#isPacketMode ? sink.put(Uint8Array.of(0)) : 0;
    const limit = done + READ_LIMIT;
    while (this.#output.length > 0 && sink.remaining > 0 && done < limit) {
      const piece = this.#output.peek(Math.min(sink.remaining, limit - done));
      const count = sink.put(piece);
      this.#output.drop(count);
      done += count;
      if (count < piece.length) break;
    }
    this.tty.roomAppeared();
    return done;
  }

  override tryWrite(_thread: Thread, file: OpenFile, source: Source): number | Wait {
    this.#file = file;
    if (this.#isHungUp) fail(EIO, 'the master was hung up');
    let done = 0;
    this.tty.processInput();
    while (source.remaining > 0 && !this.#isStopped) {
      const room = this.tty.inputRoom;
      if (room <= 0) break;
      const bytes = source.take(room);
      done += bytes.length;
      this.tty.type(bytes);
    }
    if (done === 0 && source.remaining > 0) return wait(this.#changed);
    return done;
  }

  override poll(file: OpenFile): number {
    this.#file = file;
    if (this.#isHungUp) return HUNG_UP_EVENTS;
    let events = 0;
    if (this.#readable > 0) events |= READ_EVENTS;
    if (this.#packetStatus !== 0) events |= READ_EVENTS | POLLPRI;
    if (this.#isSlaveGone) events |= POLLHUP;
    if (this.tty.inputRoom > 0 && !this.#isStopped) events |= WRITE_EVENTS;
    return events;
  }

  override ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number | Wait {
    const { user } = thread;
    if (this.#isHungUp) fail(request === TIOCSPGRP ? ENOTTY : EIO, 'the master was hung up');
    switch (request) {
      case TIOCVHANGUP:
        return this.#hangUp(thread);
      case TIOCGPTN:
        user.writeU32(argument, this.number);
        return 0;
      case TIOCSPTLCK:
        this.isLocked = user.readI32(argument) !== 0;
        return 0;
      case TIOCGPTLCK:
        user.writeU32(argument, this.isLocked ? 1 : 0);
        return 0;
      case TIOCPKT:
        this.#setPacketMode(user.readI32(argument) !== 0);
        return 0;
      case TIOCGPKT:
        user.writeU32(argument, this.#isPacketMode ? 1 : 0);
        return 0;
      case TIOCGPTPEER:
        return this.#devpts.openPeer(thread, this, argument);
      case TIOCSIG:
        if (argument !== SIGINT && argument !== SIGQUIT && argument !== SIGTSTP)
          fail(EINVAL, 'not a signal of keys');
        this.tty.signalForeground(argument);
        return 0;
      case FIONREAD:
        user.writeU32(argument, this.#readable);
        return 0;
      case TCXONC:
        return this.#flow(argument);
      case TCFLSH:
        return this.#flush(argument);
      case TIOCEXCL:
      case TIOCNXCL:
        this.#isExclusive = request === TIOCEXCL; // of no effect: a master cannot be opened again anyway
        return 0;
      case TIOCGEXCL:
        user.writeU32(argument, this.#isExclusive ? 1 : 0);
        return 0;
      case TIOCOUTQ:
        user.writeU32(argument, this.tty.pendingInput);
        return 0;
      default:
        return answerTty({ thread, file, tty: this.tty, isMaster: true, argument }, request);
    }
  }

  /** TIOCVHANGUP is about the end that it is asked of (tty_ioctl). */
  #hangUp({ credentials }: Thread): number {
    if (!capable(credentials, CAP_SYS_ADMIN)) fail(EPERM, 'hanging up needs CAP_SYS_ADMIN');
    this.#isHungUp = true;
    this.#output.clear();
    this.tty.roomAppeared();
    this.#changed.wake(0);
    return 0;
  }

  /** The master's own flow: what it writes is stopped, or a character for flow control is typed. */
  #flow(what: number): number {
    const TCOOFF = 0;
    const TCIOFF = 2;
    const TCION = 3;
    if (what < 0 || what > TCION) fail(EINVAL, 'TCOOFF, TCOON, TCIOFF or TCION');
    if (what < TCIOFF) this.#isStopped = what === TCOOFF;
    else if (!this.#isStopped)
      this.tty.type(Uint8Array.of(STANDARD_TERMIOS.cc[what === TCION ? VSTART : VSTOP] as number));
    if (!this.#isStopped) this.#changed.wake(WRITE_EVENTS);
    return 0;
  }

  /** The master's own queues: what reached it, and what it wrote that the terminal has no room for. */
  #flush(what: number): number {
    const TCIFLUSH = 0;
    const TCOFLUSH = 1;
    const TCIOFLUSH = 2;
    if (what < 0 || what > TCIOFLUSH) fail(EINVAL, 'TCIFLUSH, TCOFLUSH or TCIOFLUSH');
    if (what !== TCOFLUSH) {
      this.#output.clear();
      this.tty.roomAppeared();
    }
    if (what !== TCIFLUSH) this.tty.discardTyped();
    return 0;
  }

  #setPacketMode(isOn: boolean): void {
    if (isOn && !this.#isPacketMode) this.#packetStatus = 0;
    this.#isPacketMode = isOn;
    if ((this.tty.termios.lflag & EXTPROC) !== 0 && !isOn) this.#packetStatus = 0;
  }

  /** Hangs the terminal up; its number is free once its descriptors are closed too. */
  override close(): void {
    this.#file = undefined;
    const { tty } = this;
    tty.isOtherClosed = true;
    tty.hangUp();
    this.#devpts.remove(this);
    if (tty.openCount === 0) this.#devpts.free(this);
  }
}
