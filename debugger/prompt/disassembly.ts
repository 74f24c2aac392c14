// `disassemble`: the instructions of a function or of a range, with their bytes or their source lines when wanted.
// commands/memory.ts lists it.
// The layout of lines is gdb's.
import { addressOf } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import { wideAddress } from './frame-text.ts';
import { resolveLocation } from './locations.ts';
import { PromptError } from './prompt-error.ts';
import { instructionAt } from './stop-text.ts';

const MOST_INSTRUCTIONS = 20_000;
const BYTES_WIDTH = 18;

interface Wanted {
  readonly start: number;
  readonly end: number;
  /** Of a function: what its lines are counted from. */
  readonly isFunction: boolean;
}

export function disassembleCommand(debugging: Debugger, argument: string): void {
  const [, letters = '', text = ''] = /^(?:\/(\w+)\s*)?(.*)$/s.exec(argument) ?? [];
  if (/[^rsm]/.test(letters)) throw new PromptError(`Invalid disassembly modifier: ${letters}`);
  const { start, end, isFunction } = wantedRange(debugging, text);
  debugging.print(
    isFunction
      ? `Dump of assembler code for function ${debugging.symbolText(start) ?? '??'}:`
      : `Dump of assembler code from 0x${start.toString(16)} to 0x${end.toString(16)}:`,
  );
  const { thread } = debugging;
  const { pc } = debugging.frames.selected;
  const hasLines = /[sm]/.test(letters);
  let shownLine = '';
  for (let address = start, shown = 0; address < end && shown < MOST_INSTRUCTIONS; shown++) {
    const instruction = instructionAt(debugging, thread, address);
    if (instruction === undefined)
      throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
    if (hasLines) shownLine = tellLine(debugging, address, shownLine);
    const mark = address === pc ? '=>' : '  ';
    const place = isFunction ? `<+${address - start}>` : symbolPlace(debugging, address);
    const bytes = letters.includes('r') ? `${bytesText(instruction)}\t` : '';
    debugging.print(
      `${mark} ${wideAddress(address)}${place === '' ? '' : ` ${place}`}:\t${bytes}${instruction.text}`,
    );
    address += instruction.length;
  }
  debugging.print('End of assembler dump.');
}

function symbolPlace(debugging: Debugger, address: number): string {
  const symbol = debugging.symbolText(address);
  if (symbol === undefined) return '';
  return `<${/\+\d+$/.test(symbol) ? symbol : `${symbol}+0`}>`;
}

function bytesText({ word, length }: { readonly word: number; readonly length: number }): string {
  const bits = length === 2 ? word & 0xffff : word >>> 0;
  return bits
    .toString(16)
    .padStart(length * 2, '0')
    .padEnd(BYTES_WIDTH - (length === 2 ? 0 : 2));
}

/** The line that an instruction comes from, when it is another one than before. */
function tellLine(debugging: Debugger, address: number, before: string): string {
  const { frames } = debugging;
  const line = frames.line(address);
  if (line === undefined) return before;
  const key = `${line.name}:${line.line}`;
  if (key === before) return before;
  if (!before.startsWith(`${line.name}:`)) debugging.print(`${line.name}:`);
  else debugging.print('');
  debugging.print(`${line.line}\t${frames.sourceText(line) ?? `in ${line.name}`}`);
  return key;
}

function wantedRange(debugging: Debugger, text: string): Wanted {
  const { thread, session } = debugging;
  const comma = text.indexOf(',');
  if (comma >= 0) {
    const start = addressOf(debugging.evaluate(text.slice(0, comma)));
    const to = text.slice(comma + 1).trim();
    const end = to.startsWith('+')
      ? start + debugging.integer(to.slice(1))
      : addressOf(debugging.evaluate(to));
    return { start, end, isFunction: false };
  }
  const around = text.trim() === '' ? debugging.frames.selected.address : codeAddress(debugging, text.trim());
  const range = session.symbols.functionAround(thread, around);
  if (range === undefined) throw new PromptError('No function contains specified address.');
  return { ...range, isFunction: true };
}

/** A symbol, or an expression. */
function codeAddress(debugging: Debugger, text: string): number {
  if (!/^[A-Za-z_][\w.]*$/.test(text)) return addressOf(debugging.evaluate(text));
  const found = debugging.session.symbols.find(debugging.thread, text);
  return found?.address ?? resolveLocation(debugging, text).address;
}
