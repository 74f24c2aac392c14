// The call stack of the thread that is looked at, and which of its frames is meant by `up`, `down` and `frame`.
// `bt`, `finish`, `list` and the registers of outer frames come from here.
// How frames are found: debugger/stack.ts.
import type { SourceLine } from '../dwarf/source-line.ts';
import { type Frame, stackFrames } from '../stack.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

export class Frames {
  /** Where `list` goes on. */
  listed: { readonly file: string; readonly first: number; readonly next: number } | undefined;
  readonly #debugging: Debugger;
  readonly #texts = new Map<string, readonly string[] | undefined>();
  #level = 0;
  #frames: readonly Frame[] | undefined;

  constructor(debugging: Debugger) {
    this.#debugging = debugging;
  }

  /** The machine moved, or another thread is looked at. */
  reset(): void {
    this.#level = 0;
    this.#frames = undefined;
    this.listed = undefined;
  }

  get level(): number {
    return this.#level;
  }

  /** Innermost first; never empty. */
  get all(): readonly Frame[] {
    this.#frames ??= stackFrames(this.#debugging.thread, this.#debugging.session.symbols);
    return this.#frames;
  }

  get selected(): Frame {
    return this.all[this.#level] ?? (this.all[0] as Frame);
  }

  /** Throws PromptError beyond either end. */
  select(level: number): void {
    if (level < 0) throw new PromptError("Bottom (innermost) frame selected; you can't go down.");
    if (level >= this.all.length) throw new PromptError("Initial frame selected; you can't go up.");
    this.#level = level;
  }

  /** `#1  0x10234 in main+16 at rights.c:44`. */
  text(level: number): string {
    const frame = this.all[level] as Frame;
    const symbol = this.#debugging.symbolText(frame.pc) ?? '?? ';
    return `#${String(level).padEnd(2)} 0x${frame.pc.toString(16)} in ${symbol}${this.lineText(frame)}`;
  }

  /** ` at rights.c:44`, when there is a line table. */
  lineText(frame: Frame): string {
    const line = this.line(frame.address);
    return line === undefined ? '' : ` at ${line.file.split('/').pop()}:${line.line}`;
  }

  /** The line that an address of this thread's program comes from. */
  line(address: number): SourceLine | undefined {
    const thread = this.#debugging.anyThread;
    return thread && this.#debugging.session.symbols.sources.lineAt(thread, address);
  }

  /** The text of a line without its end; undefined when the source is not there. */
  sourceText(line: SourceLine): string | undefined {
    return this.source(line.file)?.[line.line - 1];
  }

  /** All lines of a source file of the host. */
  source(file: string): readonly string[] | undefined {
    if (!this.#texts.has(file)) {
      const text = this.#debugging.surroundings.readText(file);
      this.#texts.set(file, text?.replace(/\n$/, '').split('\n'));
    }
    return this.#texts.get(file);
  }

  /** Where a function has its frame: behind the code of its first line. `start` itself without line information. */
  afterPrologue(start: number): number {
    const { thread, session } = this.#debugging;
    const range = session.symbols.functionAround(thread, start);
    return this.#debugging.session.symbols.sources.afterPrologue(thread, start, range?.end ?? start);
  }

  /** The path of a source file that was compiled in, by name. */
  pathOf(file: string): string | undefined {
    const { thread, session } = this.#debugging;
    return session.symbols.sources.pathOf(thread, file);
  }

  /** Addresses of a line; undefined when no such file was compiled in. */
  addressesOf(file: string, line: number): readonly number[] | undefined {
    return this.#debugging.session.symbols.sources.addressesOf(this.#debugging.thread, file, line);
  }

  /** The file that is looked at, or that of main. */
  currentFile(): string | undefined {
    const here = this.line(this.selected.address);
    if (here !== undefined) return here.file;
    const main = this.#debugging.session.symbols.find(this.#debugging.thread, 'main');
    return main && this.line(main.address)?.file;
  }
}
