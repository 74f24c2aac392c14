// The call stack of the thread that is looked at, and which of its frames is meant by `up`, `down` and `frame`.
// `bt`, `finish`, `list` and the registers of outer frames come from here.
// How frames are found: frame-list.ts and debugger/stack.ts.

import { type Language, languageOf, signature } from '../dwarf/qualified-names.ts';
import { hasInlinedAt, type Scope, scopesAt } from '../dwarf/scopes.ts';
import type { SourceLine } from '../dwarf/source-line.ts';
import { hasMovingVariables } from '../dwarf/unit-names.ts';
import type { FrameRegisters } from '../dwarf/unwind.ts';
import { parametersText } from '../values/type-text.ts';
import type { Debugger } from './debugger.ts';
import { type FrameLine, inlinedFrom, listFrames, type PromptFrame } from './frame-list.ts';
import { PromptError } from './prompt-error.ts';

const SP = 2;
/** For so many frames it is worth not to look for all. */
const FEW = 1000;

export class Frames {
  /** Where `list` goes on. */
  listed:
    | { readonly file: string; readonly name: string; readonly first: number; readonly next: number }
    | undefined;
  readonly #debugging: Debugger;
  readonly #texts = new Map<string, readonly string[] | undefined>();
  #level = 0;
  #frames: readonly PromptFrame[] | undefined;
  #near: readonly PromptFrame[] | undefined;
  /** Inlined functions that begin where the thread stands and count as not entered, as in gdb. */
  #hidden = 0;

  constructor(debugging: Debugger) {
    this.#debugging = debugging;
  }

  /** The machine moved, or another thread is looked at. */
  reset(): void {
    this.#level = 0;
    this.#frames = this.#near = undefined;
    this.#hidden = 0;
    this.listed = undefined;
  }

  /** What is looked at, for `restore` when the program has moved and come back. */
  keep(): { readonly level: number; readonly hidden: number; readonly listed: Frames['listed'] } {
    return { level: this.#level, hidden: this.#hidden, listed: this.listed };
  }

  restore({ level, hidden, listed }: ReturnType<Frames['keep']>): void {
    this.reset();
    this.#hidden = hidden;
    this.#level = level;
    this.listed = listed;
  }

  /** Registers or memory are others now: the frames are looked for again, the same level stays selected. */
  forget(): void {
    this.#frames = this.#near = undefined;
  }

  /** Stands before the inlined functions that begin here. */
  hideInlined(): void {
    this.hide(this.inlinedHere().length);
  }

  get hidden(): number {
    return this.#hidden;
  }

  /** So many of the innermost inlined functions that begin here count as not entered. */
  hide(count: number): void {
    this.#hidden = count;
    this.#frames = this.#near = undefined;
  }

  /** Names of the inlined functions that begin where the thread stands, innermost first. */
  inlinedHere(): string[] {
    const thread = this.#debugging.anyThread;
    if (thread === undefined || thread.call !== undefined) return [];
    return inlinedFrom(this.#debugging.session.symbols, thread, thread.hart.pc).map(({ name }) => name);
  }

  /** Has the function that the thread is in others inlined in it? */
  hasInlined(): boolean {
    const { thread, session } = this.#debugging;
    const { pc } = thread.hart;
    const mapped = session.symbols.sources.fileAt(thread, pc);
    return mapped !== undefined && hasInlinedAt(mapped.file.info, pc - mapped.bias);
  }

  /** Enters the outermost of the inlined functions that begin here; false when there is none. */
  enterInlined(): boolean {
    if (this.#hidden === 0) return false;
    this.#hidden--;
    this.#frames = this.#near = undefined;
    return true;
  }

  get level(): number {
    return this.#level;
  }

  /** Innermost first; never empty. */
  get all(): readonly PromptFrame[] {
    this.#frames ??= this.#upToMain(this.#list(this.#hidden));
    return this.#frames;
  }

  /** What called main is nobody's concern, unless it is wanted. */
  #upToMain(frames: readonly PromptFrame[]): readonly PromptFrame[] {
    if (this.#debugging.settings.isOn('backtrace past-main')) return frames;
    const { thread, session } = this.#debugging;
    const end = frames.findIndex(({ scope, isInlined, address }) => {
      // Rust's may be `shapes::main` in the source
      const name = /(?:^|::)main$/.test(scope?.name ?? 'main')
        ? session.symbols.nameAt(thread, address)?.symbol
        : undefined;
      return name === 'main' && !isInlined;
    });
    return end < 0 ? frames : frames.slice(0, end + 1);
  }

  /** The function that the thread is in, with those that are inlined around pc: found without a look at its callers. */
  get near(): readonly PromptFrame[] {
    if (this.#near === undefined) {
      const { thread } = this.#running();
      const [first, ...others] = listFrames(thread, this.#debugging.session.symbols, this.#hidden, 2);
      const end = others.findIndex(({ callsInlined }) => !callsInlined);
      this.#near = [first as PromptFrame, ...(end < 0 ? others : others.slice(0, end))];
    }
    return this.#near;
  }

  /** The innermost frame. */
  get top(): PromptFrame {
    return this.near[0] as PromptFrame;
  }

  /** The `count` innermost frames, and one more when there is one. */
  first(count: number): readonly PromptFrame[] {
    if (this.#frames !== undefined || !(count < FEW)) return this.all;
    return this.#upToMain(this.#list(this.#hidden, count + 1));
  }

  /** Through functions that were called by hand. */
  #list(hidden: number, most?: number, registers?: FrameRegisters): readonly PromptFrame[] {
    const { handCalls, session } = this.#debugging;
    const { thread } = this.#running();
    const frames = listFrames(thread, session.symbols, hidden, most, registers);
    for (const [at, frame] of frames.entries()) {
      const kept = handCalls.caller(thread.tid, frame.pc, Number(frame.registers?.[SP] ?? 0));
      if (at === 0 || kept === undefined) continue;
      const outer = this.#list(0, most, kept);
      const between: PromptFrame = {
        ...frame,
        scope: undefined,
        line: undefined,
        caller: outer[0],
        isByHand: true,
      };
      return [...frames.slice(0, at), between, ...outer];
    }
    return frames;
  }

  get selected(): PromptFrame {
    const level = this.#level;
    if (this.#frames === undefined && level < this.near.length) return this.near[level] as PromptFrame;
    return this.all[level] ?? this.top;
  }

  /** The line of the selected frame; undefined when it has none, or when there is no frame. */
  get here(): FrameLine | undefined {
    return this.#debugging.anyThread === undefined ? undefined : this.selected.line;
  }

  #running(): Pick<Debugger, 'thread'> {
    if (this.#debugging.anyThread === undefined) throw new PromptError('No stack.');
    return this.#debugging;
  }

  /** Throws PromptError beyond either end. */
  select(level: number): void {
    if (level < 0) throw new PromptError('Bottom (innermost) frame selected; you cannot go down.');
    if (level >= this.all.length) throw new PromptError('Initial frame selected; you cannot go up.');
    this.#level = level;
    this.listed = undefined;
  }

  /** The line that an address of this thread's program comes from. */
  line(address: number): SourceLine | undefined {
    const thread = this.#debugging.anyProgramThread;
    return thread && this.#debugging.session.symbols.sources.lineAt(thread, address);
  }

  /** The text of a line without its end; undefined when the source is not there. */
  sourceText(line: Pick<FrameLine, 'file' | 'line'>): string | undefined {
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
    const { programThread: thread, session } = this.#debugging;
    const range = session.symbols.functionAround(thread, start);
    return this.#debugging.session.symbols.sources.afterPrologue(thread, start, range?.end ?? start);
  }

  /** Of the code that is looked at. */
  get language(): Language {
    const unit = this.selected.scope?.entry.unit;
    return unit === undefined ? 'c' : languageOf(unit);
  }

  /** The function around an address, or the copy of one that was inlined there, as the source calls it. */
  functionAt(address: number): string | undefined {
    return this.#scopeAt(address)?.name;
  }

  /** The same with its parameters, where its language tells functions apart by them. */
  signatureAt(address: number): string | undefined {
    const scope = this.#scopeAt(address);
    if (scope === undefined) return undefined;
    const { info, entry, name } = scope;
    const known = signature(info, entry) ?? name;
    if (known !== name || languageOf(entry.unit) !== 'c++') return known;
    const type = this.#debugging.program.typesOf(info).ofFunction(entry);
    return type.kind === 'function' ? `${name}(${mangledStyle(parametersText(type))})` : name;
  }

  #scopeAt(address: number): Scope | undefined {
    const thread = this.#debugging.anyProgramThread;
    const mapped = thread && this.#debugging.session.symbols.sources.fileAt(thread, address);
    return mapped && scopesAt(mapped.file.info, address - mapped.bias)[0];
  }

  /** Where a function that was just entered has its variables. */
  bodyFrom(start: number): number {
    const { thread, session } = this.#debugging;
    const mapped = session.symbols.sources.fileAt(thread, start);
    const [unit] = mapped === undefined ? [] : [...mapped.file.info.units(start - mapped.bias)];
    return unit !== undefined && hasMovingVariables(unit) ? start : this.afterPrologue(start);
  }

  /** A source file that was compiled in, by name. */
  sourceNamed(name: string): { file: string; name: string } | undefined {
    const { programThread: thread, session } = this.#debugging;
    return session.symbols.sources.sourceNamed(thread, name);
  }

  /** Addresses of a line; undefined when no such file was compiled in. */
  addressesOf(file: string, line: number): readonly number[] | undefined {
    return this.#debugging.session.symbols.sources.addressesOf(this.#debugging.programThread, file, line);
  }

  /** The file that is looked at, or that of main. */
  currentFile(): string | undefined {
    const here = this.here;
    if (here !== undefined) return here.file;
    const main = this.#debugging.session.symbols.find(this.#debugging.programThread, 'main');
    return main && this.line(main.address)?.file;
  }
}

/** As names that were mangled show types: `main(int, char**)`. */
function mangledStyle(parameters: string): string {
  return parameters === 'void' ? '' : parameters.replace(/ (?=[*&])/g, '');
}
