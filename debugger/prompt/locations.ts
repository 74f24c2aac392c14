// Locations of code as typed: SYMBOL, SYMBOL+N, *ADDRESS, FILE:LINE, LINE.
// break, tbreak, until, advance, list and info line resolve them here.
// An address by name belongs to one program: with fork and exec another may have different code there.
import type { Thread } from '../../kernel/task/thread.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';
import { addressOf } from './values.ts';

export interface Location {
  readonly address: number;
  /** As it was typed. */
  readonly text: string;
  /** Does the address mean the same in that thread's program? */
  readonly appliesTo?: (thread: Thread) => boolean;
}

/** Throws PromptError with one line. */
export function resolveLocation(debugging: Debugger, text: string): Location {
  const found = findLocation(debugging, text);
  if (typeof found === 'string') throw new PromptError(found);
  return found;
}

/** As resolveLocation; a line of text when there is no such place now, but may be when more code is loaded. */
export function findLocation(debugging: Debugger, text: string): Location | string {
  const trimmed = text.trim();
  if (trimmed === '') return { address: debugging.frames.selected.pc, text: 'here' };
  if (trimmed.startsWith('*')) {
    return { address: addressOf(debugging.evaluate(trimmed.slice(1))), text: trimmed };
  }
  const byLine = /^(?:(.+):)?(\d+)$/.exec(trimmed);
  if (byLine !== null) return lineLocation(debugging, byLine[1], Number(byLine[2]), trimmed);
  const [, name = trimmed, offset] = /^([A-Za-z_.$][\w.$]*)\s*(?:\+\s*(\w+))?$/.exec(trimmed) ?? [];
  const { thread, session } = debugging;
  const symbol = session.symbols.find(thread, name);
  if (symbol === undefined) return `Function "${trimmed}" not defined.`;
  const start = symbol.address + (offset === undefined ? 0 : addressOf(debugging.evaluate(offset)));
  const address = offset === undefined && symbol.isFunction ? debugging.frames.afterPrologue(start) : start;
  return inProgram(debugging, thread, address, trimmed);
}

function lineLocation(
  debugging: Debugger,
  file: string | undefined,
  line: number,
  text: string,
): Location | string {
  const { frames, thread } = debugging;
  const name = file ?? frames.currentFile();
  if (name === undefined)
    throw new PromptError('No symbol table is loaded: there is no line information here.');
  const found = frames.addressesOf(name, line);
  if (found === undefined) return `No source file named ${name}.`;
  const [address] = found;
  if (address === undefined) return `No line ${line} in file "${name}".`;
  // where a function begins it has no frame yet, as with its name
  const isEntry = debugging.session.symbols.place(thread, address)?.offset === 0;
  return inProgram(debugging, thread, isEntry ? frames.afterPrologue(address) : address, text);
}

/** Only where the same file is mapped at that address. */
function inProgram(debugging: Debugger, thread: Thread, address: number, text: string): Location {
  const { symbols } = debugging.session;
  const file = symbols.place(thread, address)?.file;
  if (file === undefined) return { address, text };
  return { address, text, appliesTo: (other) => symbols.place(other, address)?.file === file };
}
