// `list`: lines of source around a place, from one to another, or on from where the last ones ended.
// engine.ts lists it.
// What is counted and where it begins is as in gdb.
import type { Command } from '../command.ts';
import { locationWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { findLine } from '../line-places.ts';
import { PromptError } from '../prompt-error.ts';

export const LIST_COMMANDS: readonly Command[] = [
  {
    name: 'list',
    aliases: ['l'],
    group: 'data',
    usage: 'list [LOCATION | FIRST,LAST | FIRST, | ,LAST | + | -]',
    help: 'Show lines of source around the present one, or around LOCATION; again: the lines that follow; list -: those before.\nHow many: set listsize.',
    repeats: 'bare',
    complete: locationWords,
    run: list,
  },
];

interface Part {
  readonly file: string;
  readonly name: string;
  readonly first: number;
  /** The one behind the last. */
  readonly next: number;
}

function list(debugging: Debugger, argument: string): void {
  const { frames, settings } = debugging;
  const size = Math.min(settings.number('listsize'), 1_000_000);
  const part = argument.includes(',')
    ? between(debugging, argument, size)
    : around(debugging, argument, size);
  const lines = frames.source(part.file);
  if (lines === undefined) throw new PromptError(`${part.first}\tin ${part.name}`); // as gdb says of a file that it cannot find
  if (part.first > lines.length)
    throw new PromptError(`Line number ${part.first} out of range; ${part.name} has ${lines.length} lines.`);
  const next = Math.min(part.next, lines.length + 1);
  for (let number = part.first; number < next; number++) debugging.print(`${number}\t${lines[number - 1]}`);
  frames.listed = { ...part, next };
}

function around(debugging: Debugger, argument: string, size: number): Part {
  const { listed } = debugging.frames;
  const half = Math.floor(size / 2);
  if (argument === '-' && listed !== undefined) {
    if (listed.first <= 1) throw new PromptError(`Already at the start of ${listed.name}.`);
    return { ...listed, first: Math.max(1, listed.first - size), next: listed.first };
  }
  if ((argument === '' || argument === '+') && listed !== undefined)
    return { ...listed, first: listed.next, next: listed.next + size };
  const place =
    argument === '' || argument === '+' || argument === '-'
      ? presentLine(debugging)
      : lineOf(debugging, argument);
  const before = argument === '-' ? size + half : half;
  const first = Math.max(1, place.line - before);
  return { file: place.file, name: place.name, first, next: first + size };
}

/** `FIRST,LAST`, of which one may be left out. */
function between(debugging: Debugger, argument: string, size: number): Part {
  const comma = argument.indexOf(',');
  const [from, to] = [argument.slice(0, comma).trim(), argument.slice(comma + 1).trim()];
  if (from === '' && to === '') throw new PromptError('list FIRST,LAST: one of them is needed');
  if (from === '') {
    const { file, name, line } = lineOf(debugging, to);
    return { file, name, first: Math.max(1, line - size + 1), next: line + 1 };
  }
  const { file, name, line } = lineOf(debugging, from);
  if (to === '') return { file, name, first: line, next: line + size };
  if (/^\+\d+$/.test(to)) return { file, name, first: line, next: line + Number(to) + 1 };
  const end = lineOf(debugging, to);
  if (end.file !== file) throw new PromptError('Specified first and last lines are in different files.');
  return { file, name, first: line, next: end.line + 1 };
}

interface Place {
  readonly file: string;
  readonly name: string;
  readonly line: number;
}

function lineOf(debugging: Debugger, text: string): Place {
  const found = findLine(debugging, text);
  if (text.startsWith('*'))
    debugging.print(`${found.address} is in ${found.symbol} (${found.name}:${found.line}).`);
  return found;
}

/** Where the selected frame is, or main where the program has not come to its own code. */
function presentLine(debugging: Debugger): Place {
  const { frames, session, programThread: thread } = debugging;
  const { here } = frames;
  if (here !== undefined) return here;
  const main = session.symbols.find(thread, 'main');
  const line = main && frames.line(main.address);
  if (line === undefined) throw new PromptError('No symbol table is loaded.  Use the "file" command.');
  return line;
}
