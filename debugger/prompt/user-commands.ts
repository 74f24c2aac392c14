// Commands that the person has defined: their lines and what was said of them.
// The Debugger owns them; script.ts runs them, `help` and `show user` list them.
// A name that is defined again gets new lines and keeps its help.

export interface UserCommand {
  readonly lines: readonly string[];
  readonly help: readonly string[];
}

export class UserCommands {
  readonly #all = new Map<string, UserCommand>();

  get names(): readonly string[] {
    return [...this.#all.keys()].sort();
  }

  get(name: string): UserCommand | undefined {
    return this.#all.get(name);
  }

  define(name: string, lines: readonly string[]): void {
    this.#all.set(name, { lines, help: this.#all.get(name)?.help ?? ['User-defined.'] });
  }

  document(name: string, help: readonly string[]): void {
    this.#all.set(name, { lines: this.#all.get(name)?.lines ?? [], help });
  }
}
