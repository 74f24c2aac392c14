// Lines of a trace that several threads write to: who owns the open line, and `<unfinished ...>` when another interrupts.
// Tracer begins, continues and ends lines here; whole and partial lines go to the sink in order.
// The rules are strace's printleader() and tabto(), so that the columns come out the same.
export interface LineFormat {
  /** What stands before the text of a line of thread `tid`: pid, time. */
  leader(tid: number): string;
  /** The column where results begin. */
  readonly column: number;
}

export class LineWriter {
  readonly #sink: (text: string) => void;
  readonly #format: LineFormat;
  /** Who wrote last. */
  #owner = 0;
  /** Characters on the open line; 0 = no line is open. */
  #width = 0;
  #pending = '';
  #messages = '';

  constructor(sink: (text: string) => void, format: LineFormat) {
    this.#sink = sink;
    this.#format = format;
  }

  /** Whether the open line is `tid`'s, so that its call can go on there. */
  isOpenFor(tid: number): boolean {
    return this.#owner === tid && this.#width > 0;
  }

  /** Starts a line, breaking the open one off. */
  begin(tid: number): void {
    this.breakOff();
    this.#owner = tid;
    this.append(this.#format.leader(tid));
  }

  /** Ends the open line, if there is one, before something else is written; `why` says what becomes of its call. */
  breakOff(why = 'unfinished'): void {
    if (this.#width > 0) this.#put(` <${why} ...>\n`);
    this.#width = 0;
    this.#release();
  }

  append(text: string): void {
    this.#width += text.length;
    this.#put(text);
  }

  /** Spaces up to the result column. */
  tab(): void {
    if (this.#width < this.#format.column) this.append(' '.repeat(this.#format.column - this.#width));
  }

  end(): void {
    this.#put('\n');
    this.#width = 0;
    this.#release();
    this.flush();
  }

  /** A whole line of a thread. */
  line(tid: number, text: string): void {
    this.begin(tid);
    this.append(text);
    this.end();
  }

  /** A line that belongs to no thread (`Process 7 attached`): it follows the open line. */
  message(text: string): void {
    this.#messages += `${text}\n`;
    if (this.#width > 0) return;
    this.#release();
    this.flush();
  }

  /** Hands over what was written so far, also of an open line. */
  flush(): void {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.#sink(text);
  }

  #release(): void {
    this.#put(this.#messages);
    this.#messages = '';
  }

  #put(text: string): void {
    this.#pending += text;
  }
}
