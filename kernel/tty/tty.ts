// One terminal: settings, window, line discipline, flow control, and whose controlling terminal it is.
// Open descriptors (tty-file.ts) read and write it; its driver is a pty master or the person's terminal.
// Signals from keys and window changes go to the foreground process group of its session.
import { READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { SIGCONT, SIGHUP, SIGWINCH } from '../abi/signal.ts';
import { EXTPROC, IXON, NOFLSH, NOTHING_LOCKED, type TermiosValue } from '../abi/termios.ts';
import { EBUSY, EIO, fail } from '../errno.ts';
import type { Readiness } from '../file/async-owner.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Process } from '../task/process.ts';
import { sendToGroup, sendToProcess } from '../task/send-signal.ts';
import { forgetTerminal, type ProcessGroup, type Session } from '../task/session.ts';
import { kernelSignal } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { WaitQueue } from '../wait.ts';
import { ByteQueue } from './byte-queue.ts';
import type { InputActions } from './input.ts';
import { LineDiscipline } from './line-discipline.ts';
import type { TtyOutput } from './output.ts';
import { ReadLock } from './read-lock.ts';
import { withLocked } from './termios-forms.ts';
import type { TtyFile } from './tty-file.ts';

/** What typed bytes may pile up to behind a full line buffer (drivers/tty/pty.c, tty_buffer_set_limit). */
const INPUT_LIMIT = 8192;

export interface WindowSize {
  readonly row: number;
  readonly col: number;
  readonly xpixel: number;
  readonly ypixel: number;
}

/** The far side of a terminal. */
export interface TtyDriver {
  /** Bytes it takes now. */
  readonly room: number;
  /** Bytes that were written and not fetched yet (TIOCOUTQ). */
  readonly pending: number;
  write(bytes: Uint8Array): void;
  /** Throws away what was written and not fetched (TCOFLUSH). */
  discard(): void;
  /** Nobody may open the terminal (a pty before unlockpt(3)). */
  readonly isLocked: boolean;
  /** Settings, flow or queues changed; packet mode reports it (TIOCPKT). */
  notice(what: TtyNotice): void;
  /** A program opened the terminal, by whatever name. */
  opened(): void;
  /** The last descriptor of the terminal was closed. */
  lastClosed(): void;
  /** A program read: there is room for more input. */
  inputTaken(): void;
}

export type TtyNotice =
  | 'flush-read'
  | 'flush-write'
  | 'stop'
  | 'start'
  | 'do-stop'
  | 'no-stop'
  /** Any were set, while EXTPROC is or was among them: whoever holds the master does the editing. */
  | 'settings';

export interface TtyIdentity {
  readonly rdev: number;
  /** For traces: pts/0, console. */
  readonly name: string;
  /** Ptys stay usable when their session ends, other terminals are hung up then (disassociate_ctty). */
  readonly isPty: boolean;
}

export class Tty implements InputActions, TtyOutput {
  readonly rdev: number;
  readonly name: string;
  readonly isPty: boolean;
  readonly driver: TtyDriver;
  readonly discipline: LineDiscipline;
  /** Readers, writers and pollers. */
  readonly changed = new WaitQueue('a terminal');
  /** Open descriptors that were not hung up. */
  readonly files = new Set<TtyFile>();
  /** All open descriptors. */
  openCount = 0;
  termios: TermiosValue;
  /** TIOCSLCKTRMIOS: bits and characters that stay as they are. */
  locked: TermiosValue = NOTHING_LOCKED;
  window: WindowSize = { row: 0, col: 0, xpixel: 0, ypixel: 0 };
  session: Session | undefined;
  /** The foreground group's number (TIOCSPGRP), which any process of the session may have; 0 = none. */
  foregroundId = 0;
  /** TIOCEXCL: only the privileged may open it again. */
  isExclusive = false;
  /** Stopped by ^S or TCOOFF. */
  isStopped = false;
  /** Stopped by TCOOFF, which ^Q and any key do not undo. */
  isStoppedByCall = false;
  /** The pty master is closed. */
  isOtherClosed = false;
  /** The last try to open it failed: reads and writes do too (TTY_IO_ERROR). */
  isFaulty = false;
  readonly readLock = new ReadLock(this.changed);
  readonly #input = new ByteQueue();
  /** What goes out while typed bytes are processed: it arrives when they are through, unless a signal key flushes it. */
  readonly #held = new ByteQueue();
  #isProcessing = false;
  /** It was hung up and nobody has opened it since: what is typed waits, for the next that is typed after that (tty_ldisc_hangup). */
  #isHalted = false;
  readonly #firstTermios: TermiosValue;

  constructor({ rdev, name, isPty }: TtyIdentity, driver: TtyDriver, termios: TermiosValue) {
    this.rdev = rdev;
    this.name = name;
    this.isPty = isPty;
    this.driver = driver;
    this.termios = this.#firstTermios = termios;
    this.discipline = new LineDiscipline(this, this, termios);
  }

  get foreground(): ProcessGroup | undefined {
    return this.session?.anyGroup(this.foregroundId);
  }

  // ---- output ----

  get room(): number {
    return this.isStopped ? 0 : Math.max(0, this.driver.room - this.#held.length);
  }

  write(bytes: Uint8Array): void {
    if (this.#isProcessing) this.#held.push(bytes);
    else this.driver.write(bytes);
  }

  /** The driver has room again. */
  roomAppeared(): void {
    this.changed.wake(WRITE_EVENTS);
    this.notify('out');
  }

  start(): void {
    if (!this.isStopped || this.isStoppedByCall) return;
    this.isStopped = false;
    this.driver.notice('start');
    this.roomAppeared();
  }

  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.driver.notice('stop');
  }

  /** TCOOFF, TCOON. */
  setStoppedByCall(isStopped: boolean): void {
    if (this.isStoppedByCall === isStopped) return;
    this.isStoppedByCall = isStopped;
    if (isStopped) this.stop();
    else this.start();
  }

  /** TCIOFF, TCION: the character for it goes out even while ^S stops the output (tty_send_xchar). */
  sendFlowCharacter(which: number): void {
    const c = this.termios.cc[which] as number;
    if (c === 0 || this.isStoppedByCall) return;
    const wasStopped = this.isStopped;
    if (wasStopped) this.start();
    if (this.room > 0) this.driver.write(Uint8Array.of(c));
    if (wasStopped) this.stop();
  }

  // ---- input ----

  /** Typed bytes that no program has taken yet and that the line buffer has no room for. */
  get pendingInput(): number {
    return this.#isHalted ? 0 : this.#input.length;
  }

  /** Bytes that `type` would take now. */
  get inputRoom(): number {
    return INPUT_LIMIT - this.#input.length;
  }

  /** Typed by the person, or written to the pty master. The caller keeps to `inputRoom`. */
  type(bytes: Uint8Array): void {
    this.#input.push(bytes);
    this.processInput();
  }

  /** Moves typed bytes into the line discipline while it takes them. */
  processInput(): void {
    if (this.#isHalted) return;
    let moved = false;
    this.#isProcessing = true;
    while (this.#input.length > 0) {
      const taken = this.discipline.receive(this.#input.peek(4096));
      if (taken === 0) break;
      this.#input.drop(taken);
      moved = true;
    }
    this.#isProcessing = false;
    for (let piece = this.#held.peek(4096); piece.length > 0; piece = this.#held.peek(4096)) {
      this.driver.write(piece);
      this.#held.drop(piece.length);
    }
    if (!moved || !this.discipline.isReadable(1)) return;
    this.changed.wake(READ_EVENTS);
    this.notify('in');
  }

  /** To the foreground, as if by a key (TIOCSIG). */
  signalForeground(signo: number): void {
    const { foreground } = this;
    if (foreground !== undefined) sendToGroup(foreground, kernelSignal(signo));
  }

  signal(signo: number): void {
    this.signalForeground(signo);
    if ((this.termios.lflag & NOFLSH) !== 0) return;
    this.discipline.discardEchoes();
    this.#held.clear();
    this.driver.discard();
    this.discipline.flushInput();
    this.driver.notice('flush-read');
    this.driver.notice('flush-write');
  }

  /** What was typed and not processed yet is gone. */
  discardTyped(): void {
    this.#input.clear();
  }

  flushInput(): void {
    this.#input.clear();
    this.discipline.flushInput();
    this.driver.notice('flush-read');
  }

  flushOutput(): void {
    this.discipline.discardEchoes();
    this.driver.discard();
    this.driver.notice('flush-write');
    this.roomAppeared();
  }

  // ---- settings ----

  setTermios(wanted: TermiosValue): void {
    const old = this.termios;
    const termios = withLocked(wanted, old, this.locked);
    this.termios = termios;
    this.discipline.setTermios(termios);
    if ((old.iflag & IXON) !== 0 && (termios.iflag & IXON) === 0 && !this.isStoppedByCall) {
      this.start();
      this.discipline.processEchoes();
    }
    if (isFlowControlled(old) !== isFlowControlled(termios)) {
      this.driver.notice(isFlowControlled(termios) ? 'do-stop' : 'no-stop');
    }
    if (((old.lflag | termios.lflag) & EXTPROC) !== 0) this.driver.notice('settings');
    this.processInput();
    this.changed.wake(0);
  }

  /** TIOCSWINSZ on either side: SIGWINCH when it differs. */
  setWindow(window: WindowSize): void {
    const old = this.window;
    if (
      old.row === window.row &&
      old.col === window.col &&
      old.xpixel === window.xpixel &&
      old.ypixel === window.ypixel
    ) {
      return;
    }
    this.window = window;
    const { foreground } = this;
    if (foreground !== undefined) sendToGroup(foreground, kernelSignal(SIGWINCH));
  }

  /** One of its descriptors was closed. */
  fileClosed(file: TtyFile): void {
    this.files.delete(file);
    if (--this.openCount > 0) return;
    this.driver.lastClosed();
  }

  // ---- opening, sessions ----

  /** EBUSY: TIOCEXCL. EIO: the pty is locked, or its master is closed (tty_reopen, pty_open). */
  demandOpen(thread: Thread): void {
    if (this.isExclusive && !capable(thread.credentials, CAP_SYS_ADMIN))
      fail(EBUSY, 'the terminal is in exclusive mode');
    this.isFaulty = this.driver.isLocked || this.isOtherClosed;
    if (this.isFaulty) fail(EIO, 'the pty is locked, or its master is closed');
  }

  /** Becomes the controlling terminal of a session's leader, with its group in the foreground (__proc_set_tty). */
  control(leader: Process): void {
    this.session = leader.session;
    this.foregroundId = leader.group.id;
    leader.terminal = this;
    leader.pastForegroundId = 0;
  }

  /** Nobody's controlling terminal any more. */
  release(): void {
    const { session } = this;
    if (session !== undefined) forgetTerminal(session);
    this.session = undefined;
    this.foregroundId = 0;
  }

  /** The session's leader exits; its foreground group has had its SIGHUP. */
  sessionEnded(): void {
    this.release();
    if (!this.isPty) this.hangUp();
  }

  /**
   * Hang-up (__tty_hangup): open descriptors read end of file and fail to write; the session leader gets SIGHUP and
   * SIGCONT. The foreground group's SIGHUP comes when the leader exits.
   */
  hangUp(): void {
    for (const file of this.files) file.isHungUp = true;
    this.files.clear();
    const { session } = this;
    if (session !== undefined) {
      const { foregroundId } = this;
      this.release();
      const leader = session.groups.get(session.id)?.members;
      for (const member of leader ?? []) {
        if (member.pid !== session.id) continue;
        member.pastForegroundId = foregroundId;
        sendToProcess(member, kernelSignal(SIGHUP));
        sendToProcess(member, kernelSignal(SIGCONT));
      }
    }
    this.discipline.flushInput();
    this.#input.clear();
    this.termios = this.#firstTermios;
    this.discipline.setTermios(this.termios);
    this.#isHalted = this.isPty;
    this.isStopped = this.isStoppedByCall = false;
    this.changed.wake(0);
  }

  /** By a program. */
  opened(file: TtyFile): void {
    this.files.add(file);
    this.openCount++;
    this.#isHalted = false;
    this.driver.opened();
  }

  /** SIGIO to descriptors that asked for it. */
  notify(readiness: Readiness): void {
    for (const file of this.files) file.notify(readiness);
  }
}

/** ^S and ^Q are the flow control characters in use (tty_set_termios's packet-mode notice). */
function isFlowControlled({ iflag, cc }: TermiosValue): boolean {
  return (iflag & IXON) !== 0 && cc[8] === 17 && cc[9] === 19;
}
