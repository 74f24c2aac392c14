// Output processing and echo (termios(3), OPOST; drivers/tty/n_tty.c, do_output_char and process_echoes).
// The line discipline writes program output and echoes through it; it keeps the column for tabs and erasing.
// Nothing is half done: a character whose expansion does not fit is not taken.
import {
  ECHOCTL,
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
import { ByteQueue } from './byte-queue.ts';

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
/** Echoes kept while the output is stopped or full. */
const ECHO_BACKLOG = 4096;
/** The longest expansion: a tab. */
const EXPANSION = 8;

export class OutputProcessor {
  readonly #output: TtyOutput;
  readonly #echoes = new ByteQueue();
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
    this.flushEchoes();
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
    if ((this.termios.lflag & ECHOCTL) !== 0 && isControl(c) && c !== TAB) {
      this.column += 2;
      this.#send([0x5e, c ^ 0x40]);
    } else this.echoRaw(c);
  }

  /** Echoes as it is but for OPOST (echo_char_raw). */
  echoRaw(c: number): void {
    if ((this.termios.oflag & OPOST) === 0) {
      this.#send([c]);
      return;
    }
    this.#length = 0;
    this.#process(c, EXPANSION);
    this.#send([...this.#buffer.subarray(0, this.#length)]);
  }

  /** Steps back over a tab that was typed: `columns` before it on this line or since the last tab. */
  echoEraseTab(columns: number, afterTab: boolean): void {
    const start = afterTab ? columns : columns + this.editColumn;
    const count = 8 - (start & 7);
    this.column = Math.max(0, this.column - count);
    this.#send(new Array<number>(count).fill(BACKSPACE));
  }

  moveBack(): void {
    if (this.column > 0) this.column--;
  }

  #send(bytes: readonly number[]): void {
    const piece = Uint8Array.from(bytes);
    if (this.#echoes.length === 0 && this.#output.room >= piece.length) this.#output.write(piece);
    else if (this.#echoes.length + piece.length <= ECHO_BACKLOG) this.#echoes.push(piece);
  }

  /** The output may have room again. */
  flushEchoes(): void {
    while (this.#echoes.length > 0) {
      const piece = this.#echoes.peek(this.#output.room);
      if (piece.length === 0) return;
      this.#output.write(piece);
      this.#echoes.drop(piece.length);
    }
  }

  discardEchoes(): void {
    this.#echoes.clear();
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
