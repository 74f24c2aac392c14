// Words of scripts: define, document, if, while, and what is no command outside of their blocks.
// engine.ts lists them; script.ts runs what they collect.
// The wording is gdb's.
import type { Block } from '../block-collector.ts';
import type { Command } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { PromptError } from '../prompt-error.ts';
import type { Script } from '../script.ts';

interface Engine {
  readonly script: () => Script;
  /** Is there a command of this name that nobody defined? */
  readonly isCommand: (name: string) => boolean;
}

const NAME = /^[A-Za-z_][\w.-]*$/;

function nameIn(argument: string): string {
  if (argument === '') throw new PromptError('Argument required (name of command to define).');
  if (!NAME.test(argument)) throw new PromptError(`Junk in argument list: "${argument}"`);
  return argument;
}

/** The lines that follow are the block's; a person is told how it ends. */
export function collectBlock(debugging: Debugger, what: string, block: Block): void {
  debugging.blocks.begin(block);
  if (debugging.surroundings.panels === undefined || what === '') return;
  debugging.print(what);
  debugging.print('End with a line saying just "end".');
}

function insideOnly(name: string): Command {
  return {
    name,
    group: 'support',
    usage: name,
    help: 'Part of a block of if, while, define, document or commands.',
    repeats: 'no',
    run() {
      throw new PromptError('This command cannot be used at the top level.');
    },
  };
}

function blockCommand(
  name: 'if' | 'while',
  help: string,
  run: (script: Script, condition: string, lines: readonly string[]) => Promise<boolean>,
  engine: Engine,
): Command {
  return {
    name,
    group: 'support',
    usage: `${name} EXPRESSION`,
    help,
    repeats: 'no',
    run(debugging, argument) {
      if (argument === '') throw new PromptError('if/while commands require arguments.');
      collectBlock(debugging, '', { finish: (lines) => run(engine.script(), argument, lines) });
    },
  };
}

export function scriptCommands(engine: Engine): Command[] {
  return [
    {
      name: 'define',
      group: 'support',
      usage: 'define NAME',
      help: 'Define a command: the lines that follow, up to `end`. In them $arg0, $arg1… are its arguments, $argc says how many there are.\nhook-NAME is run before the command NAME, hookpost-NAME after it, hook-stop at every stop.',
      repeats: 'no',
      run(debugging, argument) {
        const name = nameIn(argument);
        collectBlock(debugging, `Type commands for definition of "${name}".`, {
          finish(lines) {
            debugging.userCommands.define(name, lines);
            return true;
          },
        });
      },
    },
    {
      name: 'document',
      group: 'support',
      usage: 'document NAME',
      help: 'Say what a defined command does: the lines that follow, up to `end`, are its help.',
      repeats: 'no',
      run(debugging, argument) {
        const name = nameIn(argument);
        if (debugging.userCommands.get(name) === undefined) {
          throw new PromptError(
            engine.isCommand(name)
              ? `Command "${name}" is built-in.`
              : `Undefined command: "${name}".  Try "help".`,
          );
        }
        collectBlock(debugging, `Type documentation for "${name}".`, {
          isText: true,
          finish(lines) {
            debugging.userCommands.document(name, lines);
            return true;
          },
        });
      },
    },
    blockCommand(
      'if',
      'Run the lines that follow, up to `else` or `end`, when EXPRESSION is not 0; else those behind `else`.',
      (script, condition, lines) => script.runIf(condition, lines),
      engine,
    ),
    blockCommand(
      'while',
      'Run the lines that follow, up to `end`, as long as EXPRESSION is not 0.\nloop_break leaves the loop, loop_continue goes on with its next turn.',
      (script, condition, lines) => script.runWhile(condition, lines),
      engine,
    ),
    insideOnly('else'),
    insideOnly('end'),
    insideOnly('silent'),
    {
      name: 'loop_break',
      group: 'support',
      usage: 'loop_break',
      help: 'Leave the loop.',
      repeats: 'no',
      run: () => engine.script().leaveTurn('break'),
    },
    {
      name: 'loop_continue',
      group: 'support',
      usage: 'loop_continue',
      help: 'Go on with the next turn of the loop.',
      repeats: 'no',
      run: () => engine.script().leaveTurn('continue'),
    },
  ];
}
