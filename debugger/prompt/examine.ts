// `x` and `disassemble`: memory in units, strings, instructions.
// commands/data.ts lists them. `x` without an address goes on where it ended, in the format it had.
// The layout of lines is gdb's.
import type { Debugger } from './debugger.ts';
import { resolveLocation } from './locations.ts';
import { PromptError } from './prompt-error.ts';
import { instructionAt, instructionText } from './stop-text.ts';
import {
  addressOf,
  fromBytes,
  INT,
  type IntegerType,
  LONG,
  scalarText,
  stringText,
  TYPE_NAMES,
} from './values.ts';

const LONGEST_STRING = 4096;
const MOST_UNITS = 1_000_000;
const MOST_INSTRUCTIONS = 20_000;

const SIZES: Readonly<Record<string, IntegerType>> = {
  b: TYPE_NAMES.int8_t as IntegerType,
  h: TYPE_NAMES.short as IntegerType,
  w: INT,
  g: LONG,
};

/** What `x` did last. */
export class ExamineState {
  format = 'x';
  unit = 'w';
  next = 0;
}

export function examine(debugging: Debugger, argument: string): void {
  const { examined } = debugging;
  const match = /^\/(\d*)([a-z]*)\s*(.*)$/s.exec(argument);
  let count = 1;
  let text = argument;
  if (match !== null) {
    count = match[1] === '' ? 1 : Number(match[1]);
    readFormat(examined, match[2] ?? '');
    text = match[3] ?? '';
  }
  if (count > MOST_UNITS) throw new PromptError(`${count} units are more than anyone reads`);
  if (text !== '') examined.next = addressOf(debugging.evaluate(text));
  if (examined.format === 'i') examineCode(debugging, count);
  else if (examined.format === 's') examineStrings(debugging, count);
  else examineUnits(debugging, count);
}

function readFormat(examined: ExamineState, letters: string): void {
  let hasUnit = false;
  for (const letter of letters) {
    if ('bhwg'.includes(letter)) {
      examined.unit = letter;
      hasUnit = true;
    } else if ('xduotacfszi'.includes(letter)) examined.format = letter;
    else throw new PromptError(`Undefined output format "${letter}".`);
  }
  if (hasUnit) return;
  if (examined.format === 'a' || examined.format === 'f') examined.unit = 'g';
  if (examined.format === 'c') examined.unit = 'b';
}

function place(debugging: Debugger, address: number): string {
  const symbol = debugging.symbolText(address);
  return `0x${address.toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}:`;
}

function examineUnits(debugging: Debugger, count: number): void {
  const { examined } = debugging;
  const type = SIZES[examined.unit] as IntegerType;
  const perLine = examined.format === 't' ? 2 : { 1: 8, 2: 8, 4: 4, 8: 2 }[type.size];
  const format = examined.format === 'x' ? 'z' : examined.format;
  for (let done = 0; done < count; done += perLine) {
    const start = examined.next;
    const values: string[] = [];
    for (let index = done; index < Math.min(done + perLine, count); index++) {
      const bytes = debugging.session.read(debugging.thread, examined.next, type.size);
      if (bytes === undefined) {
        if (values.length > 0) debugging.print(`${place(debugging, start)}\t${values.join('\t')}`);
        throw new PromptError(`Cannot access memory at address 0x${examined.next.toString(16)}`);
      }
      values.push(scalarText(fromBytes(type, bytes), format, (address) => debugging.symbolText(address)));
      examined.next += type.size;
    }
    debugging.print(`${place(debugging, start)}\t${values.join('\t')}`);
  }
}

function examineStrings(debugging: Debugger, count: number): void {
  const { examined, session, thread } = debugging;
  for (let done = 0; done < count; done++) {
    const start = examined.next;
    const bytes: number[] = [];
    let byte: number | undefined;
    while (bytes.length < LONGEST_STRING) {
      byte = session.read(thread, start + bytes.length, 1)?.[0];
      if (byte === undefined || byte === 0) break;
      bytes.push(byte);
    }
    if (byte === undefined && bytes.length === 0)
      throw new PromptError(`Cannot access memory at address 0x${start.toString(16)}`);
    debugging.print(`${place(debugging, start)}\t${stringText(Uint8Array.from(bytes), byte !== 0)}`);
    examined.next = start + bytes.length + 1;
  }
}

function examineCode(debugging: Debugger, count: number): void {
  const { examined, thread } = debugging;
  for (let done = 0; done < count; done++) {
    const address = examined.next;
    const instruction = instructionAt(debugging, thread, address);
    if (instruction === undefined)
      throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
    const mark = address === thread.hart.pc ? '=> ' : '   ';
    debugging.print(mark + instructionText(debugging, thread, address));
    examined.next = address + instruction.length;
  }
}

export function disassembleCommand(debugging: Debugger, argument: string): void {
  const text = argument.replace(/^\/\w+\s*/, '');
  const [from = '', to] = text.split(',');
  const { thread, session } = debugging;
  let start: number;
  let end: number;
  if (to !== undefined) {
    start = addressOf(debugging.evaluate(from));
    end = to.trim().startsWith('+')
      ? start + addressOf(debugging.evaluate(to.trim().slice(1)))
      : addressOf(debugging.evaluate(to));
  } else {
    const around = from.trim() === '' ? debugging.frames.selected.address : codeAddress(debugging, from);
    const range = session.symbols.functionAround(thread, around);
    if (range === undefined) {
      throw new PromptError(
        'No function contains program counter for selected frame; disassemble START,+LENGTH or x/10i $pc.',
      );
    }
    ({ start, end } = range);
    debugging.print(`Dump of assembler code for function ${debugging.symbolText(start) ?? '??'}:`);
  }
  for (let address = start, shown = 0; address < end && shown < MOST_INSTRUCTIONS; shown++) {
    const instruction = instructionAt(debugging, thread, address);
    if (instruction === undefined)
      throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
    debugging.print(
      (address === thread.hart.pc ? '=> ' : '   ') + instructionText(debugging, thread, address),
    );
    address += instruction.length;
  }
  debugging.print('End of assembler dump.');
}

/** A symbol, or an expression. */
function codeAddress(debugging: Debugger, text: string): number {
  return /^[A-Za-z_][\w.]*$/.test(text.trim())
    ? (debugging.session.symbols.find(debugging.thread, text.trim())?.address ??
        resolveLocation(debugging, text).address)
    : addressOf(debugging.evaluate(text));
}
