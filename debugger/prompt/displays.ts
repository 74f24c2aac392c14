// Expressions that are shown at every stop: `display` keeps them, the debugger prints them.
// commands/display.ts changes the list; debugger.ts shows it behind the lines of a stop.
// What cannot be evaluated where the program stands is left out, as in gdb.
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

export interface Display {
  readonly id: number;
  isDisabled: boolean;
  /** `/x total`, as typed. */
  readonly text: string;
  /** Prints it as it is now. Throws PromptError. */
  readonly show: (debugging: Debugger) => void;
}

export class Displays {
  #displays: Display[] = [];
  #last = 0;
  #isShowing = false;

  get all(): readonly Display[] {
    return this.#displays;
  }

  add(text: string, show: Display['show']): Display {
    const display = { id: ++this.#last, isDisabled: false, text, show };
    this.#displays.push(display);
    return display;
  }

  /** False when there is no such number. */
  delete(id: number): boolean {
    const kept = this.#displays.filter((display) => display.id !== id);
    const isFound = kept.length < this.#displays.length;
    this.#displays = kept;
    return isFound;
  }

  clear(): void {
    this.#displays = [];
  }

  async show(debugging: Debugger): Promise<void> {
    // a function that one of them calls may stop
    if (this.#isShowing) return;
    this.#isShowing = true;
    try {
      await this.#showAll(debugging);
    } finally {
      this.#isShowing = false;
    }
  }

  async #showAll(debugging: Debugger): Promise<void> {
    for (const { show, isDisabled } of this.#displays) {
      if (isDisabled) continue;
      try {
        await debugging.handCalls.during(() => show(debugging));
      } catch (error) {
        if (!(error instanceof PromptError)) throw error;
      }
    }
  }
}
