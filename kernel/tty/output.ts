// Output processing and echo (termios(3), OPOST; drivers/tty/n_tty.c, do_output_char and process_echoes).
// The line discipline writes program output and echoes through it; it keeps the column for tabs and erasing.
// Nothing is half done: a character whose expansion does not fit is not taken.
import {
  ECHO,
  ECHOCTL,
  ECHONL,
  IUTF8,
  OCRNL,
  OLCUC,
  ONLCR,
  ONLRET,
  ONOCR,
  OPOST,
  TABDLY,
  type TermiosValue,
  XTABS,
} from '../abi/termios.ts';
import { type Echo, EchoBuffer } from './echo-buffer.ts';

/** Where processed bytes go: the pty master, the person's terminal. */
export interface TtyOutput {
  /** Bytes that may be written now; 0 while stopped by ^S or full. */
  readonly room: number;
  write(bytes: Uint8Array): void;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const BACKSPACE = 8;
/** The longest expansion: a tab. */
const EXPANSION = 8;

export class OutputProcessor {
  readonly #output: TtyOutput;
  readonly #echoes = new EchoBuffer();
  termios: TermiosValue;
  column = 0;
  /** Column where the line being edited began. */
  editColumn = 0;
  #buffer = new Uint8Array(4096 + EXPANSION);
  #length = 0;

  constructor(output: TtyOutput, termios: TermiosValue) {
    this.#output = output;
    this.termios = termios;
  }

  /** Writes as much of `bytes` as there is room for, with OPOST as set, and returns how much that was. */
  write(bytes: Uint8Array): number {
    this.processEchoes();
    if ((this.termios.oflag & OPOST) === 0) {
      const count = Math.min(bytes.length, this.#output.room);
      if (count > 0) this.#output.write(bytes.subarray(0, count));
      return count;
    }
    let taken = 0;
    while (taken < bytes.length) {
      const room = Math.min(this.#output.room, 4096);
      if (room === 0) break;
      this.#length = 0;
      const before = taken;
      while (taken < bytes.length && this.#process(bytes[taken] as number, room)) taken++;
      if (this.#length > 0) this.#output.write(this.#buffer.subarray(0, this.#length));
      if (taken === before) break;
    }
    return taken;
  }

  /** Expands one character into the buffer; false when the result would be longer than `limit`. */
  #process(character: number, limit: number): boolean {
    const { oflag } = this.termios;
    let c = character;
    let width = 1;
    if (c === NEWLINE) {
      if ((oflag & ONLRET) !== 0) this.column = 0;
      if ((oflag & ONLCR) !== 0) {
        if (this.#length + 2 > limit) return false;
        this.#buffer[this.#length++] = RETURN;
        this.column = 0;
      }
    } else if (c === TAB) {
      const spaces = 8 - (this.column & 7);
      width = (oflag & TABDLY) === XTABS ? spaces : 1;
      if (this.#length + width > limit) return false;
      this.column += spaces;
      if (width > 1 || (oflag & TABDLY) === XTABS) {
        this.#buffer.fill(32, this.#length, this.#length + width);
        this.#length += width;
        return true;
      }
    }
    if (this.#length + 1 > limit) return false;
    if (c === NEWLINE) this.editColumn = this.column;
    else if (c === RETURN) {
      if ((oflag & ONOCR) !== 0 && this.column === 0) return true;
      if ((oflag & OCRNL) !== 0) {
        c = NEWLINE;
        if ((oflag & ONLRET) !== 0) this.editColumn = this.column = 0;
      } else this.editColumn = this.column = 0;
    } else if (c === BACKSPACE) {
      if (this.column > 0) this.column--;
    } else if (!isControl(c)) {
      if ((oflag & OLCUC) !== 0) c = toUpper(c);
      if (!this.isContinuation(c)) this.column++;
    }
    this.#buffer[this.#length++] = c;
    return true;
  }

  /** A later byte of a UTF-8 character. */
  isContinuation(c: number): boolean {
    return (this.termios.iflag & IUTF8) !== 0 && (c & 0xc0) === 0x80;
  }

  /** Echoes a typed character; control characters as ^X when ECHOCTL is on (echo_char). */
  echo(c: number): void {
    const isShown = (this.termios.lflag & ECHOCTL) !== 0 && isControl(c) && c !== TAB;
    if (isShown) this.#echoes.addControl(c);
    else this.#echoes.addRaw(c);
  }

  /** Echoes as it is but for OPOST (echo_char_raw). */
  echoRaw(c: number): void {
    this.#echoes.addRaw(c);
  }

  /** Steps back over a tab that was typed: `columns` before it on this line or since the last tab. */
  echoEraseTab(columns: number, isAfterTab: boolean): void {
    this.#echoes.addEraseTab(columns, isAfterTab);
  }

  /** The line that is edited begins here (echo_set_canon_col). */
  echoMark(): void {
    this.#echoes.addMark();
  }

  echoMoveBack(): void {
    this.#echoes.addMoveBack();
  }

  /** A character was typed: echoes go out with the end of the batch, or when there are many (commit_echoes). */
  commitEchoes(): void {
    if (this.#echoes.commit()) this.#writeEchoes();
  }

  /** Echoes of what was typed go out, as far as there is room (process_echoes). */
  processEchoes(): void {
    if (this.#echoes.commitTyped()) this.#writeEchoes();
  }

  /** The end of a batch of input (flush_echoes). */
  flushEchoes(): void {
    const isOn = (this.termios.lflag & (ECHO | ECHONL)) !== 0;
    if (isOn && this.#echoes.commitAll()) this.#writeEchoes();
  }

  discardEchoes(): void {
    this.#echoes.clear();
  }

  #writeEchoes(): void {
    for (let isFull = false; !isFull; ) {
      const room = Math.min(this.#output.room, 4096);
      this.#length = 0;
      for (;;) {
        const echo = this.#echoes.next;
        isFull = echo === undefined || !this.#processEcho(echo, room);
        if (echo === undefined || isFull) break;
        this.#echoes.drop(echo);
      }
      if (this.#length === 0) break;
      this.#output.write(this.#buffer.subarray(0, this.#length));
      isFull = this.#echoes.next === undefined;
    }
    this.#echoes.discardOldest();
  }

  /** Expands one echo into the buffer; false when the result would be longer than `limit` (n_tty_process_echo_ops). */
  #processEcho(echo: Echo, limit: number): boolean {
    if (echo.kind === 'mark-column') this.editColumn = this.column;
    else if (echo.kind === 'move-back') this.column = Math.max(0, this.column - 1);
    else if (echo.kind === 'erase-tab') return this.#eraseTab(echo.columns, echo.isAfterTab, limit);
    else if (echo.kind === 'control') {
      if (this.#length + 2 > limit) return false;
      this.#buffer[this.#length++] = 0x5e;
      this.#buffer[this.#length++] = echo.c ^ 0x40;
      this.column += 2;
    } else if (echo.kind === 'character' && (this.termios.oflag & OPOST) !== 0) {
      return this.#process(echo.c, limit);
    } else {
      if (this.#length + 1 > limit) return false;
      this.#buffer[this.#length++] = echo.c;
      if (echo.kind === 'start') this.column++;
    }
    return true;
  }

  #eraseTab(columns: number, isAfterTab: boolean, limit: number): boolean {
    const start = isAfterTab ? columns : columns + this.editColumn;
    const count = 8 - (start & 7);
    if (this.#length + count > limit) return false;
    this.#buffer.fill(BACKSPACE, this.#length, this.#length + count);
    this.#length += count;
    this.column = Math.max(0, this.column - count);
    return true;
  }
}

/** iscntrl of lib/ctype.c. */
export function isControl(c: number): boolean {
  return c < 32 || c === 127;
}

/** isalnum of lib/ctype.c, which knows Latin-1. */
export function isAlphanumeric(c: number): boolean {
  if (c >= 0xc0) return c !== 0xd7 && c !== 0xf7;
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
}

function toUpper(c: number): number {
  const isLower = (c >= 97 && c <= 122) || (c >= 0xe0 && c !== 0xf7);
  return isLower ? c - 32 : c;
}

export function toLower(c: number): number {
  const isUpper = (c >= 65 && c <= 90) || (c >= 0xc0 && c <= 0xde && c !== 0xd7);
  return isUpper ? c + 32 : c;
}
