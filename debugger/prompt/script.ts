// Scripts as gdb has them: if and while with their blocks, and commands that the person has defined.
// engine.ts runs lines and owns one; commands/script.ts declares the words.
// Arguments of defined commands are put in as text, before a line is understood.
import { isTrue } from '../values/values.ts';
import { depthChange } from './block-collector.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

/** As gdb's `max-user-call-depth`. */
const DEEPEST = 1024;

type LoopExit = 'break' | 'continue';

/** Runs one line. False when it could not be done; its message is printed. */
type RunLine = (line: string) => Promise<boolean>;

export class Script {
  readonly #debugging: Debugger;
  readonly #runLine: RunLine;
  #exit: LoopExit | undefined;
  #loops = 0;
  #depth = 0;

  constructor(debugging: Debugger, runLine: RunLine) {
    this.#debugging = debugging;
    this.#runLine = runLine;
  }

  /** Runs a defined command. False when one of its lines failed. */
  async runDefined(name: string, argument: string): Promise<boolean> {
    const found = this.#debugging.userCommands.get(name);
    if (found === undefined) return true;
    if (this.#depth >= DEEPEST) throw new PromptError('Max user call depth exceeded -- command aborted.');
    const words = wordsOf(argument);
    const filled = (line: string): string =>
      line.replace(/\$arg(c|\*|\d+)/g, (all, which: string) => {
        if (which === 'c') return String(words.length);
        return which === '*' ? argument : (words[Number(which)] ?? all);
      });
    this.#depth++;
    try {
      await undefined; // each on a stack of its own
      return await this.runLines(found.lines.map(filled));
    } finally {
      this.#depth--;
    }
  }

  /** Lines with blocks among them. False at the first that fails. */
  async runLines(lines: readonly string[]): Promise<boolean> {
    for (const line of lines) {
      if (this.#debugging.hasQuit || this.#exit !== undefined) return true;
      if (!(await this.#runLine(line))) return false;
    }
    return true;
  }

  /** `if CONDITION`, with its lines up to `end`. */
  async runIf(condition: string, lines: readonly string[]): Promise<boolean> {
    const middle = elseAmong(lines);
    const chosen = (await this.#holds(condition))
      ? lines.slice(0, middle)
      : lines.slice(Math.min(middle + 1, lines.length));
    return this.runLines(chosen);
  }

  async runWhile(condition: string, lines: readonly string[]): Promise<boolean> {
    this.#loops++;
    try {
      while (!this.#debugging.hasQuit && (await this.#holds(condition))) {
        if (!(await this.runLines(lines))) return false;
        const exit = this.#exit;
        this.#exit = undefined;
        if (exit === 'break') break;
        await this.#debugging.breathe();
      }
      return true;
    } finally {
      this.#loops--;
    }
  }

  /** Out of the loop, or on with its next turn. Throws PromptError outside of loops. */
  leaveTurn(exit: LoopExit): void {
    if (this.#loops === 0) throw new PromptError('This command cannot be used at the top level.');
    this.#exit = exit;
  }

  #holds(condition: string): Promise<boolean> {
    const { handCalls } = this.#debugging;
    return handCalls.during(() => isTrue(this.#debugging.evaluate(condition)));
  }
}

/** Where the `else` of this block stands; behind the end when there is none. */
function elseAmong(lines: readonly string[]): number {
  let depth = 0;
  const at = lines.findIndex((line) => {
    depth += depthChange(line);
    return depth === 0 && line.trim() === 'else';
  });
  return at < 0 ? lines.length : at;
}

/** Words as gdb parts them: quotes keep blanks together. */
function wordsOf(argument: string): string[] {
  return argument.match(/(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])+/g) ?? [];
}
