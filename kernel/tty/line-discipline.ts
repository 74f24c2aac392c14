// The N_TTY line discipline: input editing before, output processing after the program (drivers/tty/n_tty.c).
// Each terminal has one. tty.ts feeds it what is typed and asks it for reads; it holds no process and no descriptor.
// In canonical mode a line longer than the buffer loses its end, but never its newline.
import { EXTPROC, ICANON, type TermiosValue, VMIN, VTIME } from '../abi/termios.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import { type InputActions, InputProcessor } from './input.ts';
import { LineBuffer } from './line-buffer.ts';
import { OutputProcessor, type TtyOutput } from './output.ts';

export class LineDiscipline {
  readonly #buffer = new LineBuffer();
  readonly #output: OutputProcessor;
  readonly #input: InputProcessor;
  #termios: TermiosValue;

  constructor(output: TtyOutput, actions: InputActions, termios: TermiosValue) {
    this.#termios = termios;
    this.#output = new OutputProcessor(output, termios);
    this.#input = new InputProcessor(this.#buffer, this.#output, actions, termios);
  }

  setTermios(termios: TermiosValue): void {
    const changed = this.#termios.lflag ^ termios.lflag;
    this.#termios = termios;
    this.#output.termios = termios;
    this.#input.termios = termios;
    if ((changed & (ICANON | EXTPROC)) !== 0) {
      this.#buffer.modeChanged((termios.lflag & ICANON) !== 0);
      this.#input.reset();
    }
  }

  /** Line by line rather than byte by byte? */
  get isCanonical(): boolean {
    return (this.#termios.lflag & (ICANON | EXTPROC)) === ICANON;
  }

  /** Takes typed bytes and returns how many; fewer than all when the buffer is full (n_tty_receive_buf_common). */
  receive(bytes: Uint8Array): number {
    if (this.#input.isTransparent) return this.#buffer.putAll(bytes);
    let taken = 0;
    for (const byte of bytes) {
      if (this.#buffer.room < 1) {
        const canOverflow =
          (this.#termios.lflag & ICANON) !== 0 && this.#buffer.lineHead === this.#buffer.tail;
        if (!canOverflow) break;
        if (this.#buffer.room < 0) this.#buffer.head--;
      }
      this.#input.receive(byte);
      taken++;
    }
    this.#output.flushEchoes();
    return taken;
  }

  /** Bytes that a read could get: whole lines in canonical mode (FIONREAD, inq_canon). */
  get readableCount(): number {
    const buffer = this.#buffer;
    if (!this.isCanonical) return buffer.count;
    let count = buffer.lineHead - buffer.tail;
    for (let at = buffer.tail; at < buffer.lineHead; at++)
      if (buffer.isLineEnd(at) && buffer.at(at) === 0) count--;
    return count;
  }

  /** Would a read give something, if only end of file? With `minimum`, in raw mode that many bytes. */
  isReadable(minimum: number): boolean {
    const buffer = this.#buffer;
    return this.isCanonical ? buffer.lineHead !== buffer.tail : buffer.count >= minimum;
  }

  /** VMIN where poll counts it: only without VTIME (input_available_p). */
  get pollMinimum(): number {
    const minimum = this.#termios.cc[VMIN] as number;
    return this.#termios.cc[VTIME] === 0 && minimum > 0 ? minimum : 1;
  }

  /** Moves one line, or all bytes there are, to `sink`; 0 is end of file in canonical mode. EFAULT. */
  read(sink: Sink): number {
    return this.isCanonical ? this.#readLine(sink) : this.#readBytes(sink, this.#buffer.head);
  }

  #readBytes(sink: Sink, limit: number): number {
    const buffer = this.#buffer;
    let done = 0;
    while (buffer.tail < limit && sink.remaining > 0) {
      const piece = buffer.peek(Math.min(limit - buffer.tail, sink.remaining));
      const count = sink.put(piece);
      buffer.tail += count;
      done += count;
      if (count < piece.length) break;
    }
    return done;
  }

  #readLine(sink: Sink): number {
    const buffer = this.#buffer;
    const limit = Math.min(buffer.lineHead, buffer.tail + sink.remaining);
    const end = buffer.findLineEnd(limit);
    const isFound = end < limit;
    const isEndOfFile = isFound && buffer.at(end) === 0;
    const stop = isFound && !isEndOfFile ? end + 1 : end;
    const count = this.#readBytes(sink, stop);
    // an end-of-file mark is not data; one right behind a read that filled its buffer goes with it (canon_skip_eof)
    if (buffer.tail === stop && (isEndOfFile || (!isFound && this.#isMark(stop)))) buffer.tail++;
    return count;
  }

  #isMark(position: number): boolean {
    return (
      position < this.#buffer.lineHead && this.#buffer.isLineEnd(position) && this.#buffer.at(position) === 0
    );
  }

  /** Writes what there is room for; 0 = wait. EFAULT. */
  write(source: Source): number {
    let done = 0;
    while (source.remaining > 0) {
      const bytes = source.take(4096);
      const count = this.#output.write(bytes);
      done += count;
      if (count < bytes.length) {
        source.giveBack(bytes.length - count);
        break;
      }
    }
    return done;
  }

  /** Echoes that were kept back go out as far as there is room. */
  processEchoes(): void {
    this.#output.processEchoes();
  }

  discardEchoes(): void {
    this.#output.discardEchoes();
  }

  /** TCIFLUSH, and what ^C does without NOFLSH. */
  flushInput(): void {
    this.#buffer.clear();
    this.#input.cleared();
  }
}
