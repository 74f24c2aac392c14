// One terminal: settings, window, line discipline, flow control, and whose controlling terminal it is.
// Open descriptors (tty-file.ts) read and write it; its driver is a pty master or the person's terminal.
// Signals from keys and window changes go to the foreground process group of its session.
import { READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { SIGCONT, SIGHUP, SIGWINCH } from '../abi/signal.ts';
import { IXON, NOFLSH, NOTHING_LOCKED, type TermiosValue } from '../abi/termios.ts';
import type { Readiness } from '../file/async-owner.ts';
import { sendToGroup, sendToProcess } from '../task/send-signal.ts';
import type { ProcessGroup, Session } from '../task/session.ts';
import { kernelSignal } from '../task/signal-info.ts';
import { WaitQueue } from '../wait.ts';
import { ByteQueue } from './byte-queue.ts';
import type { InputActions } from './input.ts';
import { LineDiscipline } from './line-discipline.ts';
import type { TtyOutput } from './output.ts';
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
  /** Settings, flow or queues changed; packet mode reports it (TIOCPKT). */
  notice(what: TtyNotice): void;
  /** The last descriptor of the terminal was closed. */
  lastClosed(): void;
  /** A program read: there is room for more input. */
  inputTaken(): void;
}

export type TtyNotice = 'flush-read' | 'flush-write' | 'stop' | 'start' | 'do-stop' | 'no-stop';

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
  /** TIOCEXCL: only the privileged may open it again. */
  isExclusive = false;
  /** Stopped by ^S or TCOOFF. */
  isStopped = false;
  /** Stopped by TCOOFF, which ^Q and any key do not undo. */
  isStoppedByCall = false;
  /** The pty master is closed. */
  isOtherClosed = false;
  readonly #input = new ByteQueue();

  constructor({ rdev, name, isPty }: TtyIdentity, driver: TtyDriver, termios: TermiosValue) {
    this.rdev = rdev;
    this.name = name;
    this.isPty = isPty;
    this.driver = driver;
    this.termios = termios;
    this.discipline = new LineDiscipline(this, this, termios);
  }

  get foreground(): ProcessGroup | undefined {
    return this.session?.foreground;
  }

  // ---- output ----

  get room(): number {
    return this.isStopped ? 0 : this.driver.room;
  }

  write(bytes: Uint8Array): void {
    this.driver.write(bytes);
  }

  /** The driver has room again. */
  roomAppeared(): void {
    this.discipline.flushEchoes();
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

  // ---- input ----

  /** Typed bytes that no program has taken yet and that the line buffer has no room for. */
  get pendingInput(): number {
    return this.#input.length;
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
    let moved = false;
    while (this.#input.length > 0) {
      const taken = this.discipline.receive(this.#input.peek(4096));
      if (taken === 0) break;
      this.#input.drop(taken);
      moved = true;
    }
    if (!moved || !this.discipline.isReadable(1)) return;
    this.changed.wake(READ_EVENTS);
    this.notify('in');
  }

  signal(signo: number): void {
    const { foreground } = this;
    if (foreground !== undefined) sendToGroup(foreground, kernelSignal(signo));
    if ((this.termios.lflag & NOFLSH) !== 0) return;
    this.discipline.discardEchoes();
    this.driver.discard();
    this.discipline.flushInput();
    this.driver.notice('flush-read');
    this.driver.notice('flush-write');
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
    if ((old.iflag & IXON) !== 0 && (termios.iflag & IXON) === 0) this.start();
    if (isFlowControlled(old) !== isFlowControlled(termios)) {
      this.driver.notice(isFlowControlled(termios) ? 'do-stop' : 'no-stop');
    }
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
    this.isExclusive = false;
    this.driver.lastClosed();
  }

  // ---- sessions ----

  /** Becomes the controlling terminal of `session`, with `group` in the foreground. */
  control(session: Session, group: ProcessGroup): void {
    this.session = session;
    session.terminal = this;
    session.foreground = group;
  }

  /** Nobody's controlling terminal any more. */
  release(): void {
    const { session } = this;
    if (session === undefined) return;
    this.session = undefined;
    session.terminal = undefined;
  }

  /** The session's leader has exited; its foreground group has had its SIGHUP. */
  sessionEnded(session: Session): void {
    if (this.session !== session) return;
    this.session = undefined;
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
      const foreground = session.foreground;
      this.release();
      session.foreground = foreground;
      const leader = session.groups.get(session.id)?.members;
      for (const member of leader ?? []) {
        if (member.pid !== session.id) continue;
        sendToProcess(member, kernelSignal(SIGHUP));
        sendToProcess(member, kernelSignal(SIGCONT));
      }
    }
    this.discipline.flushInput();
    this.#input.clear();
    this.isStopped = this.isStoppedByCall = false;
    this.changed.wake(0);
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
