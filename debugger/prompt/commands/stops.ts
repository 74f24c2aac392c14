// Breakpoints and watchpoints: made, given conditions and commands, switched off, deleted. `info break` lists them.
// engine.ts lists the commands. The session stops at them going forward and finds them going back.
// They belong to the person: time travel keeps them.

import type { Breakpoint, PendingBreakpoint, StopPoint, Watchpoint } from '../../session/breakpoints.ts';
import type { Command } from '../command.ts';
import { locationWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { resolveLocation } from '../locations.ts';
import { PromptError } from '../prompt-error.ts';
import { addBreakpoint, checkCondition } from './add-breakpoint.ts';
import { CATCH_COMMANDS } from './catch.ts';
import { displayNumbers } from './display.ts';
import { MORE_STOP_COMMANDS } from './more-stops.ts';
import { collectBlock } from './script.ts';
import { WATCH_COMMANDS } from './watch.ts';

function breakCommand(name: string, aliases: string[], isTemporary: boolean, help: string): Command {
  return {
    name,
    aliases,
    group: 'stops',
    usage: `${name} [FUNCTION | *ADDRESS | [FILE:]LINE | FILE:FUNCTION] [thread TID] [if CONDITION]`,
    help,
    repeats: 'no',
    complete: locationWords,
    run: (debugging, argument) => addBreakpoint(debugging, argument, isTemporary),
  };
}

export const STOP_COMMANDS: readonly Command[] = [
  breakCommand(
    'break',
    ['b', 'br', 'brea', 'bre', 'hbreak', 'hb'],
    false,
    'Stop where code is reached; a function that was inlined has several places.\nWithout a location, here. CONDITION is an expression that must not be 0.',
  ),
  breakCommand('tbreak', ['tb', 'tbr', 'thbreak', 'thb'], true, 'As break, once.'),
  ...MORE_STOP_COMMANDS,
  ...WATCH_COMMANDS,
  ...CATCH_COMMANDS,
  {
    name: 'condition',
    group: 'stops',
    usage: 'condition N [EXPRESSION]',
    help: 'Give breakpoint N a condition, or take it away.',
    repeats: 'no',
    run(debugging, argument) {
      const [, number = '', condition = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
      if (number === '') throw new PromptError('Argument required (breakpoint number).');
      const point = breakpointNumbered(debugging, number);
      if (condition !== '' && point.kind === 'break') checkCondition(debugging, condition, point.address);
      const changed = { ...point, condition: condition === '' ? undefined : condition };
      debugging.session.points.replace(point.id, changed as StopPoint);
      if (condition === '') debugging.print(`Breakpoint ${point.id} now unconditional.`);
    },
  },
  {
    name: 'ignore',
    group: 'stops',
    usage: 'ignore N COUNT',
    help: 'Pass breakpoint N COUNT times without stopping; conditions that do not hold are not counted.',
    repeats: 'no',
    run(debugging, argument) {
      const [, number = '', typed = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
      const point = breakpointNumbered(debugging, number);
      if (typed === '') throw new PromptError('Second argument (specified ignore-count) is missing.');
      const count = Math.max(0, debugging.integer(typed));
      debugging.session.points.replace(point.id, { ...point, ignores: count });
      debugging.print(
        count === 0
          ? `Will stop next time breakpoint ${point.id} is reached.`
          : `Will ignore next ${count === 1 ? 'crossing' : `${count} crossings`} of breakpoint ${point.id}.`,
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
      collectBlock(debugging, `Type commands for breakpoint(s) ${ids.join(', ')}, one per line.`, {
        finish(lines) {
          debugging.stopCommands.give(ids, lines);
          return true;
        },
      });
    },
  },
  {
    name: 'delete',
    aliases: ['d', 'del'],
    group: 'stops',
    usage: 'delete [display | checkpoint] [N...]',
    help: 'Delete stop points by number, or all; or expressions that are displayed.',
    repeats: 'no',
    run(debugging, argument) {
      const displays = /^disp\w*\s*(.*)$/s.exec(argument)?.[1];
      const checkpoint = /^ch\w*\s+(.*)$/s.exec(argument)?.[1];
      if (checkpoint !== undefined) {
        if (!debugging.checkpoints.delete(debugging.integer(checkpoint)))
          throw new PromptError(`No such checkpoint id, ${checkpoint}`);
      } else if (displays === undefined) {
        for (const id of pointNumbers(debugging, argument)) debugging.session.points.delete(id);
      } else if (displays === '') debugging.displays.clear();
      else for (const id of displayNumbers(debugging, displays)) debugging.displays.delete(id);
    },
  },
  {
    name: 'clear',
    aliases: ['cl'],
    group: 'stops',
    usage: 'clear [LOCATION]',
    help: 'Delete the breakpoints at a location, by default here.',
    repeats: 'no',
    complete: locationWords,
    run(debugging, argument) {
      const { points } = debugging.session;
      const { addresses } = resolveLocation(debugging, argument);
      const lines = new Set(addresses.map((address) => lineKey(debugging, address)));
      const found = points.all.filter(
        (point) => point.kind === 'break' && point.id > 0 && lines.has(lineKey(debugging, point.address)),
      );
      if (found.length === 0) throw new PromptError(`No breakpoint at ${argument || 'this line'}.`);
      for (const { id } of found) points.delete(id);
      debugging.print(
        `Deleted breakpoint${found.length > 1 ? 's' : ''} ${found.map(({ id }) => id).join(' ')} `,
      );
    },
  },
  {
    name: 'disable',
    aliases: ['dis', 'disa'],
    group: 'stops',
    usage: 'disable [display] [N | N.PLACE]...',
    help: 'Keep stop points, or one place of them, without stopping there.',
    repeats: 'no',
    run: (debugging, argument) => setDisabled(debugging, argument, true),
  },
  {
    name: 'enable',
    aliases: ['en'],
    group: 'stops',
    usage: 'enable [display | once | count COUNT | delete] [N | N.PLACE]...',
    help: 'Stop at disabled stop points again: once, so many times, or once with the stop point deleted then.',
    repeats: 'no',
    run: enable,
  },
];

/** Breakpoints of one line are cleared together. */
function lineKey(debugging: Debugger, address: number): string {
  const line = debugging.frames.line(address);
  return line === undefined ? String(address) : `${line.file}:${line.line}`;
}

/** `3`, or a variable of the debugger: `$bpnum`. Throws PromptError. */
function pointNumber(debugging: Debugger, word: string): number {
  if (/^\$\w+$/.test(word)) return debugging.integer(word);
  if (!/^\d+$/.test(word)) throw new PromptError(`Bad breakpoint number '${word}'`);
  return Number(word);
}

function breakpointNumbered(
  debugging: Debugger,
  number: string,
): Breakpoint | PendingBreakpoint | Watchpoint {
  if (number === '') throw new PromptError('Argument required (a breakpoint number).');
  const id = pointNumber(debugging, number);
  const point = debugging.session.points.all.find((each) => each.id === id);
  if (point?.kind !== 'break' && point?.kind !== 'pending' && point?.kind !== 'watch')
    throw new PromptError(`No breakpoint number ${number}.`);
  return point;
}

function enable(debugging: Debugger, argument: string): void {
  const { points } = debugging.session;
  const [, word = '', rest = ''] = /^(?:breakpoints?\s+)?(once|count|delete)\b\s*(.*)$/.exec(argument) ?? [];
  if (word === '') {
    setDisabled(debugging, argument, false);
    return;
  }
  const [, typed = '', numbers = ''] =
    word === 'count' ? (/^(\S*)\s*(.*)$/.exec(rest) ?? []) : ['', '1', rest];
  if (typed === '') throw new PromptError('Argument required (hit count).');
  const count = debugging.integer(typed);
  for (const id of pointNumbers(debugging, numbers)) {
    const point = points.get(id);
    if (point === undefined) continue;
    const kept = { ...point, isDisabled: false, isTemporary: word === 'delete' };
    points.replace(id, (word === 'delete' ? kept : { ...kept, remaining: count }) as StopPoint);
  }
}

function setDisabled(debugging: Debugger, argument: string, isDisabled: boolean): void {
  const displays = /^disp\w*\s*(.*)$/s.exec(argument)?.[1];
  const { points } = debugging.session;
  if (displays !== undefined) {
    const ids = displayNumbers(debugging, displays);
    for (const display of debugging.displays.all)
      if (displays === '' || ids.includes(display.id)) display.isDisabled = isDisabled;
    return;
  }
  const words = argument.replace(/^(?:breakpoints?|once)\s+/, '').split(/[\s,]+/);
  for (const word of words) {
    const place = /^(\d+)\.(\d+)$/.exec(word);
    if (place === null) {
      for (const id of pointNumbers(debugging, word)) points.setDisabled(id, isDisabled);
      continue;
    }
    const point = breakpointNumbered(debugging, place[1] ?? '');
    const locations = point.kind === 'break' ? point.locations : undefined;
    if (point.kind !== 'break' || locations?.[Number(place[2]) - 1] === undefined)
      throw new PromptError(`Bad breakpoint location number '${place[2]}'`);
    points.replace(point.id, {
      ...point,
      locations: locations.map((each, at) => (at === Number(place[2]) - 1 ? { ...each, isDisabled } : each)),
    });
  }
}

/** Numbers that are typed, checked; all when nothing is. */
function pointNumbers(debugging: Debugger, argument: string): number[] {
  const all = debugging.session.points.all.map(({ id }: StopPoint) => id).filter((id) => id > 0);
  if (argument === '') return all;
  return argument
    .replace(/^breakpoints?\s+/, '')
    .split(/[\s,]+/)
    .flatMap((word) => {
      const range = /^(\d+)-(\d+)$/.exec(word);
      if (range !== null) return all.filter((id) => id >= Number(range[1]) && id <= Number(range[2]));
      const id = pointNumber(debugging, word);
      if (!all.includes(id)) throw new PromptError(`No breakpoint number ${word}.`);
      return [id];
    });
}
