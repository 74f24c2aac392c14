// One command for several frames or threads: frame apply, faas, thread apply, taas, tfaas.
// engine.ts lists them and runs the command; stack.ts and support.ts hand the words over.
// What was looked at before is looked at again afterwards.
import { type Command, numberOf } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { frameText } from '../frame-text.ts';
import { PromptError } from '../prompt-error.ts';

/** Runs one line. False when it failed; its message is printed. */
export type Execute = (line: string) => Promise<boolean>;

/** `-q` leaves out what says whose turn it is, `-s` passes over failures in silence, `-c` over their messages. */
interface Flags {
  readonly isQuiet: boolean;
  readonly isSilent: boolean;
  readonly goesOn: boolean;
}

function splitFlags(text: string): { flags: Flags; command: string } {
  const [, letters = '', command = ''] = /^((?:-[qcs]+\s+)*)(.*)$/s.exec(text) ?? [];
  const has = (letter: string): boolean => letters.includes(letter);
  return { flags: { isQuiet: has('q'), isSilent: has('s'), goesOn: has('c') || has('s') }, command };
}

/** Runs the command with `title` above what it prints. False when all is to end. */
async function applyOnce(
  debugging: Debugger,
  { isQuiet, isSilent, goesOn }: Flags,
  title: () => void,
  command: string,
  execute: Execute,
): Promise<boolean> {
  if (!isSilent) {
    if (!isQuiet) title();
    return (await execute(command)) || goesOn;
  }
  const { isDone, text } = await debugging.gathering(() => execute(command));
  if (!isDone) return true;
  if (!isQuiet) title();
  debugging.surroundings.print(text);
  return true;
}

/** `frame apply all|N|-N|level N... COMMAND`. */
export async function applyToFrames(debugging: Debugger, argument: string, execute: Execute): Promise<void> {
  const match = /^(all|-?\d+|level\s+[\d\s-]*\d)\s*(.*)$/s.exec(argument);
  if (match === null) throw new PromptError('Missing COUNT argument.');
  const [, which = '', rest = ''] = match;
  const { flags, command } = splitFlags(rest);
  if (command === '') throw new PromptError('Please specify a command to apply on the selected frames');
  const { frames } = debugging;
  const before = frames.level;
  const count = frames.all.length;
  for (const level of levelsIn(which, count)) {
    if (level >= count) throw new PromptError(`No frame at level ${level}.`);
    frames.select(level);
    const title = (): void => debugging.print(frameText(debugging, level));
    if (!(await applyOnce(debugging, flags, title, command, execute))) break;
  }
  if (before < frames.all.length) frames.select(before);
}

function levelsIn(which: string, count: number): number[] {
  const all = Array.from({ length: count }, (_, level) => level);
  if (which === 'all') return all;
  const levels = /^level\s+(.*)$/s.exec(which)?.[1];
  if (levels === undefined) {
    const wanted = Number(which);
    return wanted < 0 ? all.slice(wanted) : all.slice(0, wanted);
  }
  return levels.split(/\s+/).flatMap((word) => {
    const [, from = word, to = from] = /^(\d+)-(\d+)$/.exec(word) ?? [];
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
}

/** `thread apply all|TID... COMMAND`. */
export async function applyToThreads(debugging: Debugger, argument: string, execute: Execute): Promise<void> {
  const [, which = '', rest = ''] = /^(all|[\d\s]*\d)(?:\s+(\D.*)|\s*)$/s.exec(argument) ?? [];
  if (which === '') throw new PromptError('Please specify a thread ID list');
  const { flags, command } = splitFlags(rest);
  if (command === '')
    throw new PromptError(
      which === 'all'
        ? "Please specify a command at the end of 'thread apply all'"
        : 'Please specify a command following the thread ID list',
    );
  const wanted =
    which === 'all' ? undefined : new Set(which.split(/\s+/).map((word) => numberOf(word, 'thread')));
  const before = debugging.anyThread;
  if (before === undefined) return;
  const threads = [...debugging.kernel.processes].flatMap((process) => [...process.threads.values()]);
  for (const tid of wanted ?? [])
    if (!threads.some((thread) => thread.tid === tid)) debugging.print(`warning: Unknown thread ${tid}`);
  try {
    for (const thread of threads.filter(({ tid }) => wanted?.has(tid) !== false)) {
      debugging.select(thread);
      const title = (): void =>
        debugging.print(`\nThread ${thread.tid} of process ${thread.process.pid} (${thread.name}):`);
      if (!(await applyOnce(debugging, flags, title, command, execute))) break;
    }
  } finally {
    debugging.select(before);
  }
}

export function applyCommands(execute: Execute): Command[] {
  return [
    {
      name: 'faas',
      group: 'data',
      usage: 'faas COMMAND',
      help: 'Run a command for all frames, passing over those where it fails: frame apply all -s COMMAND.',
      repeats: 'no',
      run: (debugging, argument) => applyToFrames(debugging, `all -s ${argument}`, execute),
    },
    {
      name: 'taas',
      group: 'machine',
      usage: 'taas COMMAND',
      help: 'Run a command for all threads, passing over those where it fails: thread apply all -s COMMAND.',
      repeats: 'no',
      run: (debugging, argument) => applyToThreads(debugging, `all -s ${argument}`, execute),
    },
    {
      name: 'tfaas',
      group: 'machine',
      usage: 'tfaas COMMAND',
      help: 'Run a command for all frames of all threads: thread apply all -s -- frame apply all -s COMMAND.',
      repeats: 'no',
      run: (debugging, argument) =>
        applyToThreads(debugging, `all -s frame apply all -s ${argument}`, execute),
    },
  ];
}
