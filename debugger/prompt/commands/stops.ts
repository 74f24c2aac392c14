// Breakpoints, watchpoints and catchpoints: made, listed by `info break`, switched off, deleted.
// engine.ts lists them. The session stops at them going forward and finds them going back.
// They belong to the person: time travel keeps them.
import type { WatchedFor } from '../../session/breakpoints.ts';
import { type Command, numberOf } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { evaluatePrefix } from '../expression.ts';
import { variableNamesAt } from '../locals.ts';
import { findLocation } from '../locations.ts';
import { PromptError } from '../prompt-error.ts';
import { WATCHPOINTS } from '../stop-text.ts';
import { addressOf, sizeOf } from '../values.ts';
import { CATCH_COMMANDS } from './catch.ts';

const MOST_WATCHED = 4096;

function breakCommand(name: string, aliases: string[], isTemporary: boolean, help: string): Command {
  return {
    name,
    aliases,
    group: 'stops',
    usage: `${name} [SYMBOL | *ADDRESS | FILE:LINE] [if CONDITION]`,
    help,
    repeats: 'no',
    complete: symbolNames,
    async run(debugging, argument) {
      const match = /^(.*?)(?:(?:^|\s)if\b\s*(.*))?$/s.exec(argument);
      const condition = match?.[2]?.trim();
      if (condition === '') throw new PromptError('`if` wants a condition.');
      const typed = match?.[1]?.trim() ?? '';
      const isOver = debugging.anyThread === undefined && typed !== '' && !typed.startsWith('*');
      const found = isOver ? 'The program is not being run.' : findLocation(debugging, typed);
      if (typeof found === 'string') {
        if (!isOver) await refuseOrWait(debugging, found); // `run` will find its place
        const { id } = debugging.session.points.add({ kind: 'pending', text: typed, condition, isTemporary });
        debugging.print(`${isTemporary ? 'Temporary breakpoint' : 'Breakpoint'} ${id} (${typed}) pending.`);
        return;
      }
      const { address, text, appliesTo } = found;
      if (condition !== undefined) checkCondition(debugging, condition, address);
      const point = debugging.session.points.add({
        kind: 'break',
        address,
        text,
        condition,
        isTemporary,
        ...(appliesTo === undefined ? {} : { appliesTo }),
      });
      const line = debugging.frames.line(address);
      const where = line === undefined ? '' : `: file ${line.file.split('/').pop()}, line ${line.line}.`;
      debugging.print(
        `${isTemporary ? 'Temporary breakpoint' : 'Breakpoint'} ${point.id} at 0x${address.toString(16)}${where}`,
      );
    },
  };
}

/** There is no such place now. Throws PromptError unless the breakpoint is to wait for it. */
async function refuseOrWait(debugging: Debugger, why: string): Promise<void> {
  const { pendingBreakpoints, surroundings } = debugging;
  if (pendingBreakpoints === 'off') throw new PromptError(why);
  debugging.print(why);
  if (pendingBreakpoints === 'on') return;
  const question = 'Make breakpoint pending on future shared library load? (y or [n])';
  const answer = await surroundings.ask?.(question);
  if (answer === undefined) throw new PromptError(`${question} [answered N; input not from terminal]`);
  if (!answer) throw new PromptError('No breakpoint was made.');
}

/** Spelling errors are told now; memory that is not there yet, at the time. Variables of the function at `address` are known. */
function checkCondition(debugging: Debugger, condition: string, address: number): void {
  try {
    debugging.evaluate(condition);
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    if (error.message.startsWith('Cannot access memory')) return;
    const name = /^No symbol "(.*)" in current context\.$/.exec(error.message)?.[1];
    if (name === undefined || !variableNamesAt(debugging, address).includes(name)) throw error;
  }
}

export const STOP_COMMANDS: readonly Command[] = [
  breakCommand(
    'break',
    ['b', 'br', 'brea'],
    false,
    'Stop where code is reached.\nWithout a location, here. CONDITION is an expression that must not be 0.',
  ),
  breakCommand('tbreak', ['tb', 'tbr'], true, 'As break, once.'),
  watchCommand(
    'watch',
    ['wa'],
    'change',
    'Stop when memory changes: a symbol, `*(int *)0x11f00`, or an address with its length in bytes.\nWhoever changes it, the kernel too.',
  ),
  watchCommand('rwatch', ['rw'], 'read', 'As watch, when an instruction reads the memory.'),
  watchCommand('awatch', ['aw'], 'access', 'As watch, when an instruction reads the memory or writes to it.'),
  ...CATCH_COMMANDS,
  {
    name: 'condition',
    group: 'stops',
    usage: 'condition N [EXPRESSION]',
    help: 'Give breakpoint N a condition, or take it away.',
    repeats: 'no',
    run(debugging, argument) {
      const [, number = '', condition = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
      const id = numberOf(number, 'breakpoint');
      const point = debugging.session.points.all.find((each) => each.id === id);
      if (point?.kind !== 'break' && point?.kind !== 'pending')
        throw new PromptError(`No breakpoint number ${number}.`);
      if (condition !== '' && point.kind === 'break') checkCondition(debugging, condition, point.address);
      debugging.session.points.replace(id, { ...point, condition: condition === '' ? undefined : condition });
      debugging.print(
        condition === ''
          ? `Breakpoint ${id} now unconditional.`
          : `Breakpoint ${id} stops only if ${condition}.`,
      );
    },
  },
  {
    name: 'commands',
    group: 'stops',
    usage: 'commands [N...]',
    help: 'What to do at stop points, by default the last: the lines that follow, up to `end`.\nWhen the first is `silent`, the stop itself is not told of.',
    repeats: 'no',
    run(debugging, argument) {
      const ids = argument === '' ? pointNumbers(debugging, '').slice(-1) : pointNumbers(debugging, argument);
      if (ids.length === 0) throw new PromptError('No breakpoints specified.');
      debugging.stopCommands.collectFor(ids);
      if (debugging.surroundings.panels === undefined) return;
      debugging.print(`Type commands for breakpoint(s) ${ids.join(', ')}, one per line.`);
      debugging.print('End with a line saying just "end".');
    },
  },
  {
    name: 'delete',
    aliases: ['d', 'del'],
    group: 'stops',
    usage: 'delete [N...]',
    help: 'Delete stop points by number, or all.',
    repeats: 'no',
    run(debugging, argument) {
      for (const id of pointNumbers(debugging, argument)) debugging.session.points.delete(id);
    },
  },
  {
    name: 'disable',
    aliases: ['dis'],
    group: 'stops',
    usage: 'disable [N...]',
    help: 'Keep stop points without stopping at them.',
    repeats: 'no',
    run(debugging, argument) {
      for (const id of pointNumbers(debugging, argument)) debugging.session.points.setDisabled(id, true);
    },
  },
  {
    name: 'enable',
    aliases: ['en'],
    group: 'stops',
    usage: 'enable [N...]',
    help: 'Stop at disabled stop points again.',
    repeats: 'no',
    run(debugging, argument) {
      for (const id of pointNumbers(debugging, argument)) debugging.session.points.setDisabled(id, false);
    },
  },
];

/** Numbers that are typed, checked; all when nothing is. */
function pointNumbers(debugging: Debugger, argument: string): number[] {
  const all = debugging.session.points.all.map(({ id }) => id).filter((id) => id > 0);
  if (argument === '') return all;
  return argument
    .replace(/^breakpoints?\s+/, '')
    .split(/[\s,]+/)
    .map((word) => {
      const id = numberOf(word, 'breakpoint');
      if (!all.includes(id)) throw new PromptError(`No breakpoint number ${word}.`);
      return id;
    });
}

/** For Tab: names of the program's symbols. */
export function symbolNames(debugging: Debugger): readonly string[] {
  const thread = debugging.anyThread;
  return thread === undefined ? [] : debugging.session.symbols.names(thread);
}

function watchCommand(name: string, aliases: string[], watchedFor: WatchedFor, help: string): Command {
  return {
    name,
    aliases,
    group: 'stops',
    usage: `${name} EXPRESSION [LENGTH]`,
    help,
    repeats: 'no',
    complete: symbolNames,
    run: (debugging, argument) => watch(debugging, argument, watchedFor),
  };
}

function watch(debugging: Debugger, argument: string, watchedFor: WatchedFor): void {
  if (argument === '') throw new PromptError('Argument required (expression to compute).');
  const { value, rest } = evaluatePrefix(argument, debugging.scope);
  const isPlace = value.place?.kind === 'memory';
  const address = value.place?.kind === 'memory' ? value.place.address : addressOf(value);
  const length = rest === '' ? (isPlace ? sizeOf(value.type) : 8) : Number(debugging.evaluate(rest).content);
  if (!Number.isSafeInteger(length) || length < 1 || length > MOST_WATCHED)
    throw new PromptError(`${rest}: a length from 1 to ${MOST_WATCHED} is expected`);
  const { session, thread } = debugging;
  const bytes = session.read(thread, address, length);
  if (bytes === undefined) throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
  const { pid } = thread.process;
  const point = session.points.add({
    kind: 'watch',
    watchedFor,
    address,
    length,
    pid,
    bytes,
    isTemporary: false,
  });
  debugging.print(
    `${WATCHPOINTS[watchedFor]} ${point.id}: ${length} bytes at 0x${address.toString(16)} of pid ${pid}`,
  );
}
