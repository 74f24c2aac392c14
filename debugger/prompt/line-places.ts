// Lines of source by location, whether they have code or not: what `list` and `info line` take.
// locations.ts is for addresses: breakpoints and the like.
// A function's line is that of its first instruction.

import { addressOf } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import { resolveLocation } from './locations.ts';
import { PromptError } from './prompt-error.ts';

export interface LinePlace {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  /** For places that were given by an address, in words. */
  readonly address: string;
  readonly symbol: string;
}

/** Throws PromptError for what is no line. */
export function findLine(debugging: Debugger, text: string): LinePlace {
  const { frames } = debugging;
  const typed = /^(?:(.+):)?([+-]?\d+)$/.exec(text);
  if (typed !== null) return typedLine(debugging, typed[1], typed[2] ?? '');
  const address = text.startsWith('*')
    ? addressOf(debugging.evaluate(text.slice(1)))
    : entryOf(debugging, text);
  const line = frames.line(address);
  const symbol = debugging.symbolText(address) ?? '??';
  if (line === undefined)
    throw new PromptError(
      `No line number information available for address 0x${address.toString(16)} <${symbol}>`,
    );
  return { ...line, address: `0x${address.toString(16)}`, symbol: symbol.replace(/\+\d+$/, '') };
}

/** The first instruction of a function. */
function entryOf(debugging: Debugger, text: string): number {
  const { programThread: thread, session, frames } = debugging;
  const { address } = resolveLocation(debugging, text);
  const start = session.symbols.functionAround(thread, address)?.start ?? address;
  const isOwn = debugging.symbolText(start)?.replace(/\..*/, '') === text.split(':').pop();
  return isOwn && frames.line(start) !== undefined ? start : address;
}

function typedLine(debugging: Debugger, file: string | undefined, typed: string): LinePlace {
  const { frames } = debugging;
  const name = file ?? frames.listed?.file ?? frames.currentFile();
  if (name === undefined) throw new PromptError('No symbol table is loaded.  Use the "file" command.');
  const source = frames.sourceNamed(name);
  if (source === undefined) throw new PromptError(`No source file named ${name}.`);
  const isRelative = /^[+-]/.test(typed);
  const here = frames.listed?.next ?? frames.here?.line ?? 1;
  return { ...source, line: isRelative ? here + Number(typed) : Number(typed), address: '', symbol: '' };
}
