// Small words around other commands: with, alias, apropos, init-if-undefined.
// engine.ts lists them and gives them what they need to run and know others.
// An alias is a command that was defined with one line.
import { bare } from '../../values/c-types.ts';
import { evaluate } from '../../values/evaluate.ts';
import { type Command, findCommand } from '../command.ts';
import { PromptError } from '../prompt-error.ts';
import type { Execute } from './apply.ts';

interface Engine {
  readonly all: () => readonly Command[];
  readonly execute: Execute;
}

export function convenienceCommands(engine: Engine): Command[] {
  return [
    {
      name: 'with',
      aliases: ['w'],
      group: 'support',
      usage: 'with SETTING [VALUE] -- COMMAND',
      help: 'Run a command while a setting has another value: with print pretty -- p record.',
      repeats: 'no',
      complete: ({ settings }) => settings.names,
      async run({ settings }, argument) {
        const [, typed = '', command = ''] = /^(.*?)\s+--\s+(.*)$/s.exec(argument) ?? [];
        if (command === '') throw new PromptError('Missing arguments.');
        const setting = settings.find(typed);
        if (setting === undefined)
          throw new PromptError(`Undefined set command: "${typed}".  Try "help set".`);
        const before = settings.get(setting.name);
        settings.set(setting.name, setting.rest);
        try {
          await engine.execute(command);
        } finally {
          settings.set(setting.name, before);
        }
      },
    },
    {
      name: 'alias',
      group: 'support',
      usage: 'alias NAME = COMMAND',
      help: 'Give a command, with the beginning of its arguments, another name: alias px = print/x.',
      repeats: 'no',
      run({ userCommands }, argument) {
        const [, name = '', command = ''] =
          /^(?:-a\s+)?(?:--\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.+)$/s.exec(argument) ?? [];
        if (command === '') throw new PromptError('Usage: alias [-a] [--] ALIAS = COMMAND [DEFAULT-ARGS...]');
        const [word = ''] = /^[A-Za-z][\w-]*/.exec(command) ?? [];
        if (userCommands.get(word) === undefined) findCommand(engine.all(), word);
        userCommands.define(name, [`${command} $arg*`]);
        userCommands.document(name, [`Another name of \`${command}'.`]);
      },
    },
    {
      name: 'apropos',
      group: 'support',
      usage: 'apropos REGEXP',
      help: 'List the commands whose name or help match.',
      repeats: 'no',
      run(debugging, argument) {
        if (argument === '') throw new PromptError('REGEXP string is empty');
        let pattern: RegExp;
        try {
          pattern = new RegExp(argument.replace(/^-v\s+/, ''), 'i');
        } catch {
          throw new PromptError(`Error in regular expression: ${argument}`);
        }
        for (const { name, aliases = [], help } of engine.all()) {
          if (![name, ...aliases, help].some((text) => pattern.test(text))) continue;
          debugging.print(`${[name, ...aliases].join(', ')} -- ${help.split('\n')[0]}`);
        }
      },
    },
    {
      name: 'init-if-undefined',
      group: 'data',
      usage: 'init-if-undefined $NAME = EXPRESSION',
      help: 'Set a variable of the debugger unless it has a value.',
      repeats: 'no',
      run({ scope }, argument) {
        const name = /^\$(\w+)\s*=[^=]/.exec(argument)?.[1];
        if (name === undefined)
          throw new PromptError(
            'The first argument to init-if-undefined should be an assignment to a convenience variable.',
          );
        if (bare(scope.dollar(name).type).kind === 'void') evaluate(argument, scope);
      },
    },
  ];
}
