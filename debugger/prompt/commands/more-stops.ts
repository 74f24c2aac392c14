// Stop points made by rule: breakpoints at all functions of a pattern, printing ones, and stop points kept in a file.
// stops.ts lists them beside break.
// The wording is gdb's.
import { glanceAt } from '../../../kernel/mm/glance.ts';
import type { StopPoint } from '../../session/breakpoints.ts';
import { splitFormatString } from '../../values/printf-text.ts';
import type { Command } from '../command.ts';
import { locationWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { declaredFunctions } from '../declared-functions.ts';
import { PromptError } from '../prompt-error.ts';
import { addBreakpoint } from './add-breakpoint.ts';

/** More are hardly what was meant. */
const MOST_BREAKPOINTS = 500;

export const MORE_STOP_COMMANDS: readonly Command[] = [
  {
    name: 'rbreak',
    aliases: ['rb'],
    group: 'stops',
    usage: 'rbreak REGEXP',
    help: 'Break at all functions whose names match.',
    repeats: 'no',
    run: breakAtAll,
  },
  {
    name: 'dprintf',
    group: 'stops',
    usage: 'dprintf LOCATION,"FORMAT",EXPRESSION,...',
    help: 'Print, as printf does, whenever LOCATION is reached, and go on.',
    repeats: 'no',
    complete: locationWords,
    async run(debugging, argument) {
      const [, location = '', prints = ''] = /^([^,]*),\s*(.*)$/s.exec(argument) ?? [];
      if (prints === '') throw new PromptError('Format string required');
      splitFormatString(prints); // wrong ones are told now
      await addBreakpoint(debugging, location.trim(), false, prints);
    },
  },
  {
    name: 'save breakpoints',
    aliases: ['save'],
    group: 'stops',
    usage: 'save breakpoints FILE',
    help: 'Write the stop points to a file as commands that make them again: source FILE.',
    repeats: 'no',
    run: saveBreakpoints,
  },
];

async function breakAtAll(debugging: Debugger, argument: string): Promise<void> {
  let pattern: RegExp;
  try {
    pattern = new RegExp(argument.trim());
  } catch {
    throw new PromptError(`${argument}: no regular expression`);
  }
  const found = functionsMatching(debugging, pattern);
  if (found.size > MOST_BREAKPOINTS)
    throw new PromptError(`${found.size} functions match: more than ${MOST_BREAKPOINTS} breakpoints.`);
  for (const [name, declaration] of found) {
    await addBreakpoint(debugging, name, false);
    debugging.print(declaration);
  }
}

/** By name, with how each is declared. */
function functionsMatching(debugging: Debugger, pattern: RegExp): Map<string, string> {
  const found = new Map<string, string>();
  const { programThread: thread, session } = debugging;
  for (const { file } of session.symbols.sources.files(thread)) {
    for (const unit of file.info.units())
      for (const { name, text } of declaredFunctions(debugging, file.info, unit))
        if (pattern.test(name)) found.set(name, text);
  }
  for (const name of glanceAt(thread.mm, () => session.symbols.names(thread))) {
    if (found.has(name) || !pattern.test(name) || !/^[A-Za-z_]\w*$/.test(name)) continue;
    if (session.symbols.find(thread, name)?.isFunction === true)
      found.set(name, `<function, no debug info> ${name};`);
  }
  return found;
}

function saveBreakpoints(debugging: Debugger, argument: string): void {
  const file = /^b\w*\s+(\S.*)$/.exec(argument)?.[1];
  if (file === undefined) throw new PromptError('Argument required (file name in which to save)');
  const lines = debugging.session.points.all
    .filter(({ id }) => id > 0)
    .flatMap((point) => commandsFor(debugging, point));
  if (lines.length === 0) {
    debugging.print('Nothing to save.');
    return;
  }
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
  const why = debugging.surroundings.writeFile?.(file, bytes.length, [{ offset: 0, bytes }]);
  if (why !== undefined) throw new PromptError(`Unable to open file '${file}' for saving (${why})`);
  debugging.print(`Saved to file '${file}'.`);
}

/** What makes the stop point again. */
function commandsFor(debugging: Debugger, point: StopPoint): string[] {
  const condition = 'condition' in point && point.condition !== undefined ? ` if ${point.condition}` : '';
  const made = creation(point);
  if (made === undefined) return [];
  const commands = debugging.stopCommands.linesOf(point.id);
  return [
    `${made}${condition}`,
    ...((point.ignores ?? 0) > 0 ? [`ignore $bpnum ${point.ignores}`] : []),
    ...(point.isDisabled === true ? ['disable $bpnum'] : []),
    ...(commands.length > 0 ? ['commands', ...commands.map((line) => `  ${line}`), 'end'] : []),
  ];
}

function creation(point: StopPoint): string | undefined {
  switch (point.kind) {
    case 'break':
    case 'pending':
      if (point.exception !== undefined)
        return `${point.isTemporary ? 'tcatch' : 'catch'} ${point.exception}`;
      if (point.prints !== undefined) return `dprintf ${point.text},${point.prints}`;
      return `${point.isTemporary ? 'tbreak' : 'break'} ${point.kind === 'break' && point.text === 'here' ? `*0x${point.address.toString(16)}` : point.text}`;
    case 'watch': {
      const command = { change: 'watch', read: 'rwatch', access: 'awatch' }[point.watchedFor];
      return `${command} ${point.text ?? `0x${point.address.toString(16)} ${point.length}`}`;
    }
    case 'catch-syscall':
      if (point.subject !== undefined) return undefined; // a descriptor, which another run may not have
      return `${point.isTemporary ? 'tcatch' : 'catch'} syscall ${[...point.names].join(' ')}`.trimEnd();
    case 'catch-signal':
      return `${point.isTemporary ? 'tcatch' : 'catch'} signal ${[...(point.signals ?? ['all'])].join(' ')}`;
    default:
      return `${point.isTemporary ? 'tcatch' : 'catch'} ${point.kind.replace('catch-', '')}`;
  }
}
