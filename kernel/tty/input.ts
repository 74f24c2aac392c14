// Input processing: what each typed character does (termios(3); drivers/tty/n_tty.c, n_tty_receive_char_special).
// The line discipline passes every byte from the pty master or the person's keyboard through here.
// Signals, ^S and ^Q are the terminal's business and reached through InputActions.
import { SIGINT, SIGQUIT, SIGTSTP } from '../abi/signal.ts';
import {
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHOKE,
  ECHONL,
  ECHOPRT,
  EXTPROC,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IUCLC,
  IXANY,
  IXON,
  PARMRK,
  type TermiosValue,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VWERASE,
} from '../abi/termios.ts';
import type { LineBuffer } from './line-buffer.ts';
import { isAlphanumeric, isControl, type OutputProcessor, toLower } from './output.ts';

export interface InputActions {
  /** Is the output stopped by ^S? */
  readonly isStopped: boolean;
  start(): void;
  stop(): void;
  /** ^C, ^\ or ^Z: to the foreground process group, and the queues are flushed unless NOFLSH. */
  signal(signo: number): void;
}

const NEWLINE = 10;
const RETURN = 13;
const BACKSPACE = 8;
const TAB = 9;
const SPACE = 32;
const DISABLED = 0;

export class InputProcessor {
  readonly #buffer: LineBuffer;
  readonly #output: OutputProcessor;
  readonly #actions: InputActions;
  termios: TermiosValue;
  /** The next character is taken as it is (^V). */
  #isLiteral = false;
  /** Between \ and / of ECHOPRT. */
  #isErasing = false;

  constructor(buffer: LineBuffer, output: OutputProcessor, actions: InputActions, termios: TermiosValue) {
    this.#buffer = buffer;
    this.#output = output;
    this.#actions = actions;
    this.termios = termios;
  }

  /** ICANON changed. */
  reset(): void {
    this.#isLiteral = false;
    this.#isErasing = false;
  }

  /** Every character goes in unchanged and without echo: whole pieces may be copied. */
  get isTransparent(): boolean {
    const { iflag, lflag } = this.termios;
    const changing = ISTRIP | IUCLC | IGNCR | ICRNL | INLCR | IXON | PARMRK;
    return (iflag & changing) === 0 && (lflag & (ICANON | ISIG | ECHO)) === 0 && !this.#isLiteral;
  }

  receive(byte: number): void {
    const { iflag, lflag } = this.termios;
    let c = byte;
    if ((iflag & ISTRIP) !== 0) c &= 0x7f;
    if ((iflag & IUCLC) !== 0 && (lflag & IEXTEN) !== 0) c = toLower(c);
    if ((lflag & EXTPROC) !== 0) this.#buffer.put(c);
    else if (this.#isLiteral) {
      this.#isLiteral = false;
      this.#plain(c);
    } else if (this.#isSpecial(c)) this.#special(c);
    else this.#plain(c);
    this.#output.commitEchoes();
  }

  /** The buffer was emptied (reset_buffer_flags). */
  cleared(): void {
    this.#isErasing = false;
  }

  #is(c: number, which: number): boolean {
    return c !== DISABLED && c === this.termios.cc[which];
  }

  /** char_map of n_tty_set_termios. */
  #isSpecial(c: number): boolean {
    const { iflag, lflag } = this.termios;
    if (c === RETURN && (iflag & (IGNCR | ICRNL)) !== 0) return true;
    if (c === NEWLINE && (iflag & INLCR) !== 0) return true;
    if ((lflag & ICANON) !== 0) {
      if (
        c === NEWLINE ||
        this.#is(c, VERASE) ||
        this.#is(c, VKILL) ||
        this.#is(c, VEOF) ||
        this.#is(c, VEOL)
      )
        return true;
      if ((lflag & IEXTEN) !== 0) {
        if (this.#is(c, VWERASE) || this.#is(c, VLNEXT) || this.#is(c, VEOL2)) return true;
        if ((lflag & ECHO) !== 0 && this.#is(c, VREPRINT)) return true;
      }
    }
    if ((iflag & IXON) !== 0 && (this.#is(c, VSTART) || this.#is(c, VSTOP))) return true;
    return (lflag & ISIG) !== 0 && (this.#is(c, VINTR) || this.#is(c, VQUIT) || this.#is(c, VSUSP));
  }

  #plain(c: number): void {
    this.#restartByAny();
    if ((this.termios.lflag & ECHO) !== 0) {
      this.#finishErasing();
      this.#markEditColumn();
      this.#output.echo(c);
    }
    this.#put(c);
  }

  #put(c: number): void {
    if (c === 0xff && (this.termios.iflag & PARMRK) !== 0) this.#buffer.put(c);
    this.#buffer.put(c);
  }

  /** IXANY: any character starts output again. */
  #restartByAny(): void {
    const both = IXON | IXANY;
    if ((this.termios.iflag & both) === both && this.#actions.isStopped) this.#restart();
  }

  #restart(): void {
    this.#actions.start();
    this.#output.processEchoes();
  }

  #special(typed: number): void {
    const { iflag, lflag } = this.termios;
    let c = typed;
    if ((iflag & IXON) !== 0 && this.#is(c, VSTART)) {
      this.#restart();
      return;
    }
    if ((iflag & IXON) !== 0 && this.#is(c, VSTOP)) {
      this.#actions.stop();
      return;
    }
    if ((lflag & ISIG) !== 0 && this.#signal(c)) return;
    this.#restartByAny();
    if (c === RETURN) {
      if ((iflag & IGNCR) !== 0) return;
      if ((iflag & ICRNL) !== 0) c = NEWLINE;
    } else if (c === NEWLINE && (iflag & INLCR) !== 0) c = RETURN;
    if ((lflag & ICANON) !== 0 && this.#canonical(c)) return;
    if ((lflag & ECHO) !== 0) {
      this.#finishErasing();
      if (c === NEWLINE) this.#output.echoRaw(NEWLINE);
      else {
        this.#markEditColumn();
        this.#output.echo(c);
      }
    }
    this.#put(c);
  }

  #signal(c: number): boolean {
    const signo = this.#is(c, VINTR)
      ? SIGINT
      : this.#is(c, VQUIT)
        ? SIGQUIT
        : this.#is(c, VSUSP)
          ? SIGTSTP
          : 0;
    if (signo === 0) return false;
    this.#actions.signal(signo);
    if ((this.termios.iflag & IXON) !== 0) this.#actions.start();
    if ((this.termios.lflag & ECHO) !== 0) this.#output.echo(c);
    else this.#output.processEchoes();
    return true;
  }

  /** Editing and line ends; false when `c` is an ordinary character (n_tty_receive_char_canon). */
  #canonical(c: number): boolean {
    const { lflag } = this.termios;
    const isExtended = (lflag & IEXTEN) !== 0;
    const echoes = (lflag & ECHO) !== 0;
    if (this.#is(c, VERASE)) this.#eraseCharacter();
    else if (this.#is(c, VKILL)) this.#kill();
    else if (isExtended && this.#is(c, VWERASE)) this.#eraseWord();
    else if (isExtended && this.#is(c, VLNEXT)) {
      this.#isLiteral = true;
      if (echoes) {
        this.#finishErasing();
        if ((lflag & ECHOCTL) !== 0) {
          this.#output.echoRaw(0x5e);
          this.#output.echoRaw(BACKSPACE);
        }
      }
    } else if (isExtended && echoes && this.#is(c, VREPRINT)) this.#reprint(c);
    else if (c === NEWLINE) {
      if ((lflag & (ECHO | ECHONL)) !== 0) this.#output.echoRaw(NEWLINE);
      this.#buffer.endLine(c);
    } else if (this.#is(c, VEOF)) this.#buffer.endLine(DISABLED);
    else if (this.#is(c, VEOL) || (isExtended && this.#is(c, VEOL2))) {
      if (echoes) {
        this.#markEditColumn();
        this.#output.echo(c);
      }
      if (c === 0xff && (this.termios.iflag & PARMRK) !== 0) this.#buffer.put(c);
      this.#buffer.endLine(c);
    } else return false;
    return true;
  }

  #reprint(c: number): void {
    this.#finishErasing();
    this.#output.echo(c);
    this.#output.echoRaw(NEWLINE);
    for (let at = this.#buffer.lineHead; at < this.#buffer.head; at++) this.#output.echo(this.#buffer.at(at));
  }

  #markEditColumn(): void {
    if (this.#buffer.lineHead === this.#buffer.head) this.#output.echoMark();
  }

  #finishErasing(): void {
    if (!this.#isErasing) return;
    this.#output.echoRaw(0x2f);
    this.#isErasing = false;
  }

  #eraseCharacter(): void {
    this.#eraseOne(true);
    this.#erased();
  }

  /** ^W: spaces and signs, then letters, digits and underscores before them. */
  #eraseWord(): void {
    let seen = false;
    for (;;) {
      const start = this.#lastCharacter();
      if (start === undefined) break;
      const c = this.#buffer.at(start);
      if (isAlphanumeric(c) || c === 0x5f) seen = true;
      else if (seen) break;
      this.#eraseOne(false);
    }
    this.#erased();
  }

  /** ^U. */
  #kill(): void {
    const { lflag } = this.termios;
    const buffer = this.#buffer;
    if (buffer.head === buffer.lineHead) return;
    if ((lflag & ECHO) === 0) {
      buffer.head = buffer.lineHead;
      return;
    }
    const visibly = ECHOK | ECHOKE | ECHOE;
    if ((lflag & visibly) !== visibly) {
      buffer.head = buffer.lineHead;
      this.#finishErasing();
      this.#output.echo(this.termios.cc[VKILL] as number);
      if ((lflag & ECHOK) !== 0) this.#output.echoRaw(NEWLINE);
      return;
    }
    while (this.#eraseOne(false));
    this.#erased();
  }

  #erased(): void {
    if (this.#buffer.head === this.#buffer.lineHead && (this.termios.lflag & ECHO) !== 0)
      this.#finishErasing();
  }

  /** Where the last character of the line starts; undefined when there is none, or only part of one. */
  #lastCharacter(): number | undefined {
    const buffer = this.#buffer;
    let at = buffer.head;
    if (at === buffer.lineHead) return undefined;
    do at--;
    while (this.#output.isContinuation(buffer.at(at)) && at > buffer.lineHead);
    return this.#output.isContinuation(buffer.at(at)) ? undefined : at;
  }

  /** Takes the last character off the line and off the screen (eraser). */
  #eraseOne(byEraseKey: boolean): boolean {
    const start = this.#lastCharacter();
    if (start === undefined) return false;
    const buffer = this.#buffer;
    const end = buffer.head;
    const c = buffer.at(start);
    buffer.head = start;
    const { lflag, cc } = this.termios;
    if ((lflag & ECHO) === 0) return true;
    if ((lflag & ECHOPRT) !== 0) {
      if (!this.#isErasing) this.#output.echoRaw(0x5c);
      this.#isErasing = true;
      this.#output.echo(c);
      for (let at = start + 1; at < end; at++) {
        this.#output.echoRaw(buffer.at(at));
        this.#output.echoMoveBack();
      }
    } else if (byEraseKey && (lflag & ECHOE) === 0) this.#output.echo(cc[VERASE] as number);
    else if (c === TAB) this.#eraseTab();
    else {
      const showsControl = (lflag & ECHOCTL) !== 0;
      if (isControl(c) && showsControl) this.#rubOut();
      if (!isControl(c) || showsControl) this.#rubOut();
    }
    return true;
  }

  #rubOut(): void {
    for (const c of [BACKSPACE, SPACE, BACKSPACE]) this.#output.echoRaw(c);
  }

  #eraseTab(): void {
    const buffer = this.#buffer;
    let columns = 0;
    let afterTab = false;
    for (let at = buffer.head - 1; at >= buffer.lineHead; at--) {
      const c = buffer.at(at);
      if (c === TAB) {
        afterTab = true;
        break;
      }
      if (isControl(c)) columns += (this.termios.lflag & ECHOCTL) !== 0 ? 2 : 0;
      else if (!this.#output.isContinuation(c)) columns++;
    }
    this.#output.echoEraseTab(columns, afterTab);
  }
}
