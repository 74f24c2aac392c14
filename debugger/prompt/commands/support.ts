// help, quit, process, thread, echo, source: what is about the debugger itself.
// engine.ts lists them and gives `help` and `source` what they need.
// help knows every command from its declaration.
import { type Command, type CommandGroup, findCommand, namesOf, numberOf } from '../command.ts';
import type { CodeKind, Debugger } from '../debugger.ts';
import { PromptError, ToldError } from '../prompt-error.ts';
import { placeLines } from '../stop-text.ts';
import { applyToThreads } from './apply.ts';

const GROUPS: Readonly<Record<CommandGroup, string>> = {
  running: 'Running the program',
  stops: 'Where to stop',
  time: 'Going back in time',
  data: 'Data and code',
  machine: 'Processes, files, sockets',
  support: 'The debugger itself',
};

interface Engine {
  readonly all: () => readonly Command[];
  /** Runs the lines of the file `name`; false when one failed. */
  readonly source: (text: string, name: string) => Promise<boolean>;
  readonly execute: (line: string) => Promise<boolean>;
}

export function supportCommands(engine: Engine): Command[] {
  return [
    {
      name: 'process',
      aliases: ['inferior', 'proc'],
      group: 'machine',
      usage: 'process [PID]',
      help: 'Look at another process, or show which one is looked at.',
      repeats: 'no',
      complete: (debugging) => pids(debugging).map(String),
      run(debugging, argument) {
        if (argument !== '') {
          const process = debugging.kernel.pids.process(numberOf(argument, 'process'));
          const leader = process?.leader;
          if (process === undefined || process.isInit)
            throw new PromptError(
              `No process ${argument}.  There are: ${pids(debugging).join(', ') || 'none'}.`,
            );
          if (leader === undefined)
            throw new PromptError(`Process ${argument} has ended and waits to be reaped.`);
          debugging.select(leader);
        }
        tellThread(debugging);
      },
    },
    {
      name: 'thread',
      aliases: ['t'],
      group: 'machine',
      usage: 'thread [TID] | thread apply all|TID... COMMAND',
      help: 'Look at another thread, or show which one is looked at; or run a command for each: thread apply all bt.',
      repeats: 'no',
      async run(debugging, argument) {
        const apply = /^apply\b\s*(.*)$/s.exec(argument)?.[1];
        if (apply !== undefined) {
          await applyToThreads(debugging, apply, engine.execute);
          return;
        }
        if (argument !== '') {
          const thread = debugging.kernel.pids.thread(numberOf(argument, 'thread'));
          if (thread === undefined) throw new PromptError(`Unknown thread ${argument}.`);
          debugging.select(thread);
        }
        tellThread(debugging);
      },
    },
    {
      name: 'help',
      aliases: ['h'],
      group: 'support',
      usage: 'help [COMMAND]',
      help: 'List the commands, or explain one.',
      repeats: 'no',
      complete: () => engine.all().flatMap(namesOf),
      run(debugging, argument) {
        const own = debugging.userCommands.get(argument);
        if (own !== undefined) for (const line of own.help) debugging.print(line);
        else if (argument === '') listCommands(debugging, engine.all());
        else explain(debugging, engine.all(), argument);
      },
    },
    {
      name: 'source',
      group: 'support',
      usage: 'source FILE',
      help: 'Run the commands of a file, up to the first that fails.',
      repeats: 'no',
      async run(debugging, argument) {
        if (argument === '') throw new PromptError('source command requires file name of file to source.');
        const text = debugging.surroundings.readText(argument);
        if (text === undefined) throw new PromptError(`${argument}: No such file or directory.`);
        if (!(await engine.source(text, argument))) throw new ToldError();
      },
    },
    {
      name: 'panels',
      aliases: ['tui', 'layout'],
      group: 'support',
      usage: 'panels [on | off | source | instructions]',
      help: 'Show or hide code, registers, calls and processes above the prompt; or say which code they show.\nsource: where the program has lines and the file is there. The words of tui and layout mean the same: asm, src, enable.',
      repeats: 'no',
      complete: () => Object.keys(PANEL_WORDS),
      run: (debugging, argument) => setPanels(debugging, argument),
    },
    {
      name: 'quit',
      aliases: ['q', 'exit'],
      group: 'support',
      usage: 'quit [EXPRESSION]',
      help: 'Leave the debugger, with that status; the program ends with it.',
      repeats: 'no',
      run(debugging, argument) {
        debugging.quitStatus = argument === '' ? 0 : debugging.integer(argument) & 0xff;
        debugging.hasQuit = true;
      },
    },
  ];
}

const PANEL_WORDS: Readonly<Record<string, 'on' | 'off' | CodeKind>> = {
  on: 'on',
  off: 'off',
  source: 'auto',
  instructions: 'instructions',
  src: 'auto',
  asm: 'instructions',
  enable: 'on',
  disable: 'off',
};

function setPanels({ surroundings: { panels } }: Debugger, argument: string): void {
  const word = argument === '' ? (panels?.isShown() === true ? 'off' : 'on') : PANEL_WORDS[argument];
  if (word === undefined) throw new PromptError('panels on, off, source or instructions');
  if (panels === undefined) throw new PromptError('Panels want a terminal.');
  if (word === 'off') {
    panels.hide();
    return;
  }
  const why = panels.show(word === 'on' ? undefined : word);
  if (why !== undefined) throw new PromptError(`No panels: ${why}.`);
}

function pids(debugging: Debugger): number[] {
  return [...debugging.kernel.processes].filter(({ isInit }) => !isInit).map(({ pid }) => pid);
}

function tellThread(debugging: Debugger): void {
  const { thread } = debugging;
  const which = thread.process.threads.size > 1 ? `thread ${thread.tid} of ` : '';
  debugging.print(`[Looking at ${which}process ${thread.process.pid} (${thread.name}), ${thread.state}]`);
  for (const line of placeLines(debugging, thread)) debugging.print(line);
}

function listCommands(debugging: Debugger, commands: readonly Command[]): void {
  for (const [group, title] of Object.entries(GROUPS)) {
    debugging.print(`${title}:`);
    for (const command of commands) {
      if (command.group !== group) continue;
      const short = command.aliases?.[0];
      const name =
        short === undefined || short.length >= command.name.length
          ? command.name
          : `${command.name}, ${short}`;
      debugging.print(`  ${name.padEnd(22)} ${command.help.split('\n')[0]}`);
    }
  }
  debugging.print('A unique beginning of a name is enough; an empty line repeats the last command.');
  debugging.print('`help COMMAND` says more.');
}

function explain(debugging: Debugger, commands: readonly Command[], argument: string): void {
  const words = argument.split(/\s+/);
  const command = findCommand(commands, words[0] ?? '');
  debugging.print(command.usage);
  for (const line of command.help.split('\n')) debugging.print(`  ${line}`);
  if (command.aliases !== undefined && command.aliases.length > 0)
    debugging.print(`  Also: ${command.aliases.join(', ')}`);
}
