// What a command of the prompt is: its name, gdb's abbreviations, its help, and what it does.
// The files under commands/ declare them, engine.ts finds and runs them.
// A unique prefix is enough; the abbreviations listed here win over other commands with the same prefix.

import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

export type CommandGroup = 'running' | 'stops' | 'time' | 'data' | 'machine' | 'support';

export interface Command {
  readonly name: string;
  /** Exact abbreviations and other names. */
  readonly aliases?: readonly string[];
  readonly group: CommandGroup;
  /** `break LOCATION [if CONDITION]`. */
  readonly usage: string;
  /** The first line is the summary. */
  readonly help: string;
  /** What an empty line does after it: the same again, the command without arguments, or nothing. */
  readonly repeats: 'same' | 'bare' | 'no';
  /** Words that may follow. */
  readonly complete?: (debugging: Debugger, words: readonly string[]) => readonly string[];
  run(debugging: Debugger, argument: string): Promise<void> | void;
}

/**
 * The command that `word` means: by name, by alias, or by unique prefix. Throws PromptError.
 */
export function findCommand(commands: readonly Command[], word: string): Command {
  const exact = commands.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);
  if (exact !== undefined) return exact;
  const matching = commands.filter(
    ({ name, aliases }) => name.startsWith(word) || aliases?.some((alias) => alias.startsWith(word)) === true,
  );
  const [only] = matching;
  if (only === undefined) throw new PromptError(`Undefined command: "${word}".  Try "help".`);
  if (matching.length > 1) {
    const names = matching.map(({ name }) => name).sort();
    throw new PromptError(`Ambiguous command "${word}": ${names.join(', ')}.`);
  }
  return only;
}

/** What Tab offers for it: its name, and other names that are no mere beginnings of it. */
export function namesOf({ name, aliases = [] }: Pick<Command, 'name' | 'aliases'>): string[] {
  return [name, ...aliases.filter((alias) => !name.startsWith(alias))];
}

/** The `N` of `stepi N`, an expression; 1 when there is none. */
export function countOf(debugging: Debugger, argument: string): number {
  if (argument === '') return 1;
  const count = debugging.integer(argument);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new PromptError(`${argument}: a count of 1 or more is expected`);
  return count;
}

/** A number of a process, thread or stop point. */
export function numberOf(text: string, what: string): number {
  if (!/^\d+$/.test(text))
    throw new PromptError(`${text === '' ? 'Nothing' : text} is no number of a ${what}`);
  return Number(text);
}
