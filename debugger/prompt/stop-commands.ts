// Commands that belong to stop points (`commands N`), and which of them are to be run now.
// The Debugger says at what it stopped; engine.ts collects the lines as they are typed, and runs them.
// As in gdb, those of a new stop take the place of what is left of the ones before.
import type { PromptStop } from './debugger.ts';

const END = 'end';
const SILENT = 'silent';

export class StopCommands {
  readonly #linesOf = new Map<number, readonly string[]>();
  #collected: { readonly ids: readonly number[]; readonly lines: string[] } | undefined;
  #due: string[] = [];

  /** The lines to come, up to `end`, are for these. */
  collectFor(ids: readonly number[]): void {
    this.#collected = { ids, lines: [] };
  }

  /** True when `line` was one of those that are collected. */
  takeLine(line: string): boolean {
    const collected = this.#collected;
    if (collected === undefined) return false;
    const text = line.trim();
    if (text !== END) {
      if (text !== '') collected.lines.push(text);
      return true;
    }
    this.#collected = undefined;
    for (const id of collected.ids) this.#linesOf.set(id, collected.lines);
    return true;
  }

  /** A script ended before its lines did. */
  giveUp(): void {
    this.#collected = undefined;
  }

  /** What is to be run at the stop point, in order. */
  linesOf(id: number): readonly string[] {
    return this.#linesOf.get(id) ?? [];
  }

  /** The machine has stopped: its commands are due. True when nothing is to be said of it. */
  stopped(stop: PromptStop): boolean {
    this.#due = [];
    const id = 'point' in stop ? stop.point?.id : undefined;
    if (id === undefined) return false;
    const [first, ...others] = this.linesOf(id);
    if (first === undefined) return false;
    this.#due = first === SILENT ? others : [first, ...others];
    return first === SILENT;
  }

  takeDue(): string | undefined {
    return this.#due.shift();
  }

  /** One of them failed, or the person wants something else. */
  dropDue(): void {
    this.#due = [];
  }
}
