// Frames of the stack: backtrace, frame, up, down, and what `info frame` says of one.
// engine.ts lists the commands, commands/info-frame.ts the subjects of info.
// A frame that is selected stays so until the program moves.

import { localsOf } from '../../dwarf/scopes.ts';
import type { Command } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import type { PromptFrame } from '../frame-list.ts';
import { frameText, functionName, numberedText, variableLine } from '../frame-text.ts';
import { PromptError } from '../prompt-error.ts';
import { applyToFrames, type Execute } from './apply.ts';

export const stackCommands = (execute: Execute): readonly Command[] => [
  {
    name: 'backtrace',
    aliases: ['bt', 'where'],
    group: 'data',
    usage: 'backtrace [full] [N | -N]',
    help: 'Show the call stack of the thread, innermost first; the N innermost frames, or with -N the outermost.\nfull: with the local variables of each. By unwind tables where the program has them, else by what its code did to the stack.\nWhat called main is left out unless `set backtrace past-main` is on.',
    repeats: 'same',
    run: backtrace,
  },
  {
    name: 'frame',
    aliases: ['f'],
    group: 'data',
    usage: 'frame [N | function NAME | level N | address ADDRESS] | frame apply all|N|level N... COMMAND',
    help: 'Look at frame N of the stack, or the one of a function or at an address of the stack; or show which one is looked at.\nframe apply runs a command for several: frame apply all info locals.',
    repeats: 'no',
    async run(debugging, argument) {
      const apply = /^apply\b\s*(.*)$/s.exec(argument)?.[1];
      if (apply === undefined) selectFrame(debugging, argument);
      else await applyToFrames(debugging, apply, execute);
    },
  },
  {
    name: 'up',
    group: 'data',
    usage: 'up [N]',
    help: 'Look at the frame of the caller.',
    repeats: 'same',
    run: (debugging, argument) => moveFrame(debugging, argument, 1),
  },
  {
    name: 'down',
    aliases: ['dow'],
    group: 'data',
    usage: 'down [N]',
    help: 'Look at the frame that was called.',
    repeats: 'same',
    run: (debugging, argument) => moveFrame(debugging, argument, -1),
  },
];

/** `backtrace`, and `info stack`. */
export function backtrace(debugging: Debugger, argument: string): void {
  const { frames, settings } = debugging;
  const words = argument.split(/\s+/).filter((word) => word !== '');
  const isFull = words.some((word) => word === 'full' || word === '-full');
  const typed = words.find((word) => !/^-?full$/.test(word));
  const wanted = typed === undefined ? undefined : debugging.integer(typed);
  const most = settings.number('backtrace limit');
  const all = wanted === undefined || wanted < 0 ? frames.first(most) : frames.first(Math.min(wanted, most));
  const limit = Math.min(all.length, most);
  const count = wanted ?? limit;
  const from = count < 0 ? Math.max(0, limit + count) : 0;
  const to = count < 0 ? limit : Math.min(limit, count);
  for (let level = from; level < to; level++) {
    debugging.print(numberedText(debugging, level, all[level] as PromptFrame));
    if (isFull) tellLocals(debugging, all[level] as PromptFrame);
  }
  if (to < limit) debugging.print('(More stack frames follow...)');
}

function tellLocals(debugging: Debugger, frame: PromptFrame): void {
  if (frame.scope === undefined) {
    debugging.print('No symbol table info available.');
    return;
  }
  const locals = localsOf(frame.scope);
  if (locals.length === 0) debugging.print('No locals.');
  for (const variable of locals) debugging.print(`        ${variableLine(debugging, frame, variable)}`);
}

function selectFrame(debugging: Debugger, argument: string): void {
  const { frames } = debugging;
  const byName = /^function\s+(\S+)$/.exec(argument)?.[1];
  const byAddress = /^address\s+(.+)$/.exec(argument)?.[1];
  const typed = argument.replace(/^level\s+/, '');
  if (byAddress !== undefined) {
    const address = debugging.integer(byAddress);
    const level = frames.all.findIndex(({ cfa, isInlined }) => !isInlined && cfa === address);
    if (level < 0) throw new PromptError(`No frame at address ${byAddress}.`);
    frames.select(level);
  } else if (byName !== undefined) {
    const level = frames.all.findIndex((frame) => functionName(debugging, frame) === byName);
    if (level < 0) throw new PromptError(`No frame for function "${byName}".`);
    frames.select(level);
  } else if (typed !== '') {
    const level = debugging.integer(typed);
    if (!(level >= 0 && level < frames.all.length)) throw new PromptError(`No frame at level ${typed}.`);
    frames.select(level);
  }
  tellFrame(debugging);
}

function moveFrame(debugging: Debugger, argument: string, direction: 1 | -1): void {
  const { frames } = debugging;
  void frames.selected; // says when there is none
  const count = argument === '' ? 1 : debugging.integer(argument);
  const wanted = frames.level + direction * count;
  const isAtEdge = frames.level === (wanted > frames.level ? frames.all.length - 1 : 0);
  frames.select(isAtEdge ? wanted : Math.min(Math.max(wanted, 0), frames.all.length - 1));
  tellFrame(debugging);
}

function tellFrame(debugging: Debugger): void {
  const { frames } = debugging;
  debugging.print(frameText(debugging, frames.level));
  const { line } = frames.selected;
  const text = line === undefined ? undefined : frames.sourceText(line);
  if (line !== undefined && text !== undefined) debugging.print(`${line.line}\t${text}`);
}
