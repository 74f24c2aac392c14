// From a typed line to a command: finds it, runs it, turns what it cannot do into one line.
// cli/debug.ts gives it lines of a terminal, of scripts and of -ex; an empty line repeats the last command.
// `completions` serves the prompt's Tab.
import { type Command, findCommand, namesOf } from './command.ts';
import { applyCommands } from './commands/apply.ts';
import { convenienceCommands } from './commands/convenience.ts';
import { CORE_FILE } from './commands/core-file.ts';
import { DISPLAY_COMMANDS } from './commands/display.ts';
import { INFO_COMMANDS } from './commands/info.ts';
import { LIST_COMMANDS } from './commands/list.ts';
import { MEMORY_COMMANDS } from './commands/memory.ts';
import { MOVE_COMMANDS } from './commands/moves.ts';
import { PRINT_COMMANDS } from './commands/print.ts';
import { refusal } from './commands/refused.ts';
import { RUNNING_COMMANDS } from './commands/running.ts';
import { scriptCommands } from './commands/script.ts';
import { SETTING_COMMANDS } from './commands/settings.ts';
import { SIGNAL_COMMANDS } from './commands/signals.ts';
import { SKIP_COMMANDS } from './commands/skip.ts';
import { stackCommands } from './commands/stack.ts';
import { STOP_COMMANDS } from './commands/stops.ts';
import { supportCommands } from './commands/support.ts';
import { TIME_COMMANDS } from './commands/time.ts';
import type { Debugger } from './debugger.ts';
import { PromptError, ToldError } from './prompt-error.ts';
import { Script } from './script.ts';

const SOURCE_DEPTH = 20;

export class PromptEngine {
  readonly debugging: Debugger;
  readonly commands: readonly Command[];
  #last: { command: Command; argument: string } | undefined;
  /** Where the files that are being sourced have come to, each in the one before. */
  readonly #places: { readonly file: string; line: number }[] = [];
  readonly #script: Script;
  #runsStopCommands = false;

  constructor(debugging: Debugger) {
    this.debugging = debugging;
    this.#script = new Script(debugging, (line) => this.execute(line, false));
    this.commands = [
      ...RUNNING_COMMANDS,
      ...SKIP_COMMANDS,
      ...STOP_COMMANDS,
      ...SIGNAL_COMMANDS,
      ...TIME_COMMANDS,
      ...PRINT_COMMANDS,
      ...SETTING_COMMANDS,
      ...stackCommands((line) => this.execute(line, false)),
      ...applyCommands((line) => this.execute(line, false)),
      ...MOVE_COMMANDS,
      ...LIST_COMMANDS,
      ...MEMORY_COMMANDS,
      CORE_FILE,
      ...DISPLAY_COMMANDS,
      ...INFO_COMMANDS,
      ...convenienceCommands({
        all: () => this.commands,
        execute: (line) => this.execute(line, false),
      }),
      ...scriptCommands({
        script: () => this.#script,
        isCommand: (name) => this.commands.some((command) => command.name === name),
      }),
      ...supportCommands({
        all: () => this.commands,
        source: (text, name) => this.source(text, name),
        execute: (line) => this.execute(line, false),
      }),
    ];
  }

  /** Runs one line, and the commands of stop points it comes to. False when it could not be done; its message is printed. */
  async execute(line: string, repeatsOnEmpty = true): Promise<boolean> {
    const { stopCommands } = this.debugging;
    // one of a stop point's may have lines of its own
    if (this.#runsStopCommands) return this.#executeOne(line, repeatsOnEmpty);
    stopCommands.dropDue();
    const isDone = await this.#executeOne(line, repeatsOnEmpty);
    this.#runsStopCommands = true;
    try {
      for (;;) {
        const next = this.debugging.hasQuit ? undefined : stopCommands.takeDue();
        if (next === undefined) break;
        if (!(await this.#executeOne(next, false))) stopCommands.dropDue();
      }
    } finally {
      this.#runsStopCommands = false;
    }
    return isDone;
  }

  /** How many blocks of a script the next line stands in. */
  get blockDepth(): number {
    return this.debugging.blocks.depth;
  }

  async #executeOne(line: string, repeatsOnEmpty: boolean): Promise<boolean> {
    const text = line.trim();
    const isComment = text.startsWith('#');
    if (!isComment) this.debugging.beginCommand();
    try {
      const taken = this.debugging.blocks.take(line);
      if (taken !== undefined) return await taken;
      if (isComment) return true;
      if (text !== '') return await this.#executeCommand(text);
      if (repeatsOnEmpty) await this.#repeat();
      return true;
    } catch (error) {
      if (!(error instanceof PromptError)) throw error;
      if (error instanceof ToldError) return false;
      for (const { file, line } of this.#places)
        this.debugging.print(`${file}:${line}: Error in sourced command file:`);
      this.debugging.print(error.message);
      return false;
    } finally {
      this.debugging.tellWarnings();
    }
  }

  async #executeCommand(text: string): Promise<boolean> {
    const { word, argument } = splitLine(text);
    if (this.debugging.userCommands.get(word) !== undefined) {
      this.#last = undefined;
      return this.#script.runDefined(word, argument);
    }
    const command = this.#find(word);
    this.#last = command.repeats === 'no' ? undefined : { command, argument };
    if (!(await this.#script.runDefined(`hook-${command.name}`, ''))) return false;
    await this.debugging.handCalls.during(() => command.run(this.debugging, argument));
    return this.#script.runDefined(`hookpost-${command.name}`, '');
  }

  /** Throws PromptError; for a command that gdb alone has, with what there is instead. */
  #find(word: string): Command {
    const why = refusal(word);
    if (
      why !== undefined &&
      !this.commands.some(({ name, aliases }) => name === word || aliases?.includes(word))
    )
      throw new PromptError(why);
    return findCommand(this.commands, word);
  }

  /** Runs the lines of the script `file`; stops at the first that fails. False then. */
  async source(text: string, file: string): Promise<boolean> {
    if (this.#places.length >= SOURCE_DEPTH) throw new PromptError('scripts are nested too deeply');
    const place = { file, line: 0 };
    this.#places.push(place);
    try {
      for (const line of text.split('\n')) {
        if (this.debugging.hasQuit) break;
        place.line++;
        if (!(await this.execute(line, false))) return false;
      }
      return true;
    } finally {
      this.#places.pop();
      this.debugging.blocks.giveUp();
    }
  }

  async #repeat(): Promise<void> {
    const last = this.#last;
    if (last === undefined) return;
    const argument = last.command.repeats === 'bare' ? '' : last.argument;
    await this.debugging.handCalls.during(() => last.command.run(this.debugging, argument));
  }

  /** What may stand in place of the last word of `line`, and that word. */
  completions(line: string): [string[], string] {
    const text = line.trimStart();
    const words = text.split(/\s+/);
    const word = words.at(-1) ?? '';
    const among = (all: readonly string[]): string[] =>
      [...new Set(all)].filter((name) => name.startsWith(word)).sort();
    const names = [...this.commands.flatMap(namesOf), ...this.debugging.userCommands.names];
    if (words.length === 1) return [among(names.filter((name) => !name.includes(' '))), word];
    try {
      const command = findCommand(this.commands, splitLine(words[0] ?? '').word);
      const following = command.complete?.(this.debugging, words.slice(1)) ?? [];
      const begun = `${command.name} `; // aliases of two words
      const others = words.length > 2 ? [] : names.filter((name) => name.startsWith(begun));
      return [among([...following, ...others.map((name) => name.slice(begun.length))]), word];
    } catch (error) {
      if (error instanceof PromptError) return [[], word];
      throw error;
    }
  }
}

/** `x/8xg $sp` is the command `x` with `/8xg $sp`. */
function splitLine(text: string): { word: string; argument: string } {
  const match = /^([A-Za-z][\w-]*|\S)\s*(.*)$/s.exec(text);
  return { word: match?.[1] ?? text, argument: (match?.[2] ?? '').trim() };
}
