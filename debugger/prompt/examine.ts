// `x`: memory in units, strings, instructions.
// commands/memory.ts lists it, display.ts shows memory at stops with it. `x` without an address goes on where it ended, in the format it had.
// The layout of lines is gdb's.

import { BYTE, type CType, DOUBLE, FLOAT, INT, LONG, SHORT, sizeOf } from '../values/c-types.ts';
import { stringText } from '../values/character-text.ts';
import { scalarText } from '../values/scalar-text.ts';
import { addressOf, fromBytes } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';
import { instructionAt, instructionText } from './stop-text.ts';

const LONGEST_STRING = 4096;
const MOST_UNITS = 1_000_000;

const named = (name: string, to: CType): CType => ({ kind: 'typedef', name, to });
/** By letter: `$_` has these types. */
const SIZES: Readonly<Record<string, CType>> = {
  b: BYTE,
  h: named('int16_t', SHORT),
  w: named('int32_t', INT),
  g: named('int64_t', LONG),
};
const FLOATS: Readonly<Record<string, CType>> = { w: FLOAT, g: DOUBLE };

/** What `x` did last. */
export class ExamineState {
  format = 'x';
  unit = 'w';
  next = 0;
  /** How many: without a word of its own, x shows as many as before. */
  count = 1;
  /** The last unit that was shown: `$_` and `$__`. */
  last: { readonly address: number; readonly type: CType } | undefined;
}

export function examine(debugging: Debugger, argument: string): void {
  const { examined } = debugging;
  const match = /^\/(-?\d*)([a-z]*)\s*(.*)$/s.exec(argument);
  let count = argument === '' ? examined.count : 1;
  let text = argument;
  let letters = '';
  if (match !== null) {
    count = match[1] === '' || match[1] === '-' ? 1 : Number(match[1]);
    letters = match[2] ?? '';
    text = match[3] ?? '';
  }
  if (Math.abs(count) > MOST_UNITS) throw new PromptError(`${count} units are more than anyone reads`);
  examined.count = count;
  const value = text === '' ? undefined : debugging.evaluate(text);
  readFormat(examined, letters);
  if (value !== undefined) examined.next = addressOf(value);
  if (count < 0) {
    const size = examined.format === 'i' || examined.format === 's' ? 1 : sizeOf(unitType(examined));
    examined.next += count * size;
    const start = examined.next;
    examineForward(debugging, -count);
    examined.next = start;
  } else examineForward(debugging, count);
}

function examineForward(debugging: Debugger, count: number): void {
  const { examined } = debugging;
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
  if (hasUnit || letters === '') return;
  if (examined.format === 'a' || (examined.format === 'f' && !(examined.unit in FLOATS))) examined.unit = 'g';
  if (examined.format === 'c' || examined.format === 's') examined.unit = 'b';
}

function unitType({ format, unit }: ExamineState): CType {
  return (format === 'f' ? FLOATS[unit] : undefined) ?? (SIZES[unit] as CType);
}

function place(debugging: Debugger, address: number): string {
  const symbol = debugging.symbolText(address);
  return `0x${address.toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}:`;
}

function examineUnits(debugging: Debugger, count: number): void {
  const { examined } = debugging;
  const type = unitType(examined);
  const size = sizeOf(type);
  const perLine = { 1: 8, 2: 8, 4: 4, 8: 2 }[size] ?? 2;
  for (let done = 0; done < count; done += perLine) {
    const start = examined.next;
    const values: string[] = [];
    for (let index = done; index < Math.min(done + perLine, count); index++) {
      const bytes = debugging.session.read(debugging.programThread, examined.next, size);
      if (bytes === undefined) {
        throw unreadable(examined.next, [place(debugging, start), ...values].join('\t'));
      }
      values.push(unitText(debugging, type, bytes));
      examined.last = { address: examined.next, type };
      examined.next += size;
    }
    debugging.print(`${place(debugging, start)}\t${values.join('\t')}`);
  }
}

/** Hexadecimal and binary numbers are as wide as the unit, octal ones begin with 0. */
function unitText(debugging: Debugger, type: CType, bytes: Uint8Array): string {
  const { format } = debugging.examined;
  const symbolOf = (address: number): string | undefined => debugging.symbolText(address);
  const text = scalarText(fromBytes(type, bytes), format === 'x' ? 'z' : format, symbolOf);
  return format === 't' ? text.padStart(8 * bytes.length, '0') : text;
}

/** gdb has the line begun when it finds that there is nothing to read. */
function unreadable(address: number, line: string): PromptError {
  return new PromptError(`${line}\tCannot access memory at address 0x${address.toString(16)}`);
}

function examineStrings(debugging: Debugger, count: number): void {
  const { examined, session, programThread: thread } = debugging;
  for (let done = 0; done < count; done++) {
    const start = examined.next;
    examined.last = { address: start, type: BYTE };
    const bytes: number[] = [];
    let byte: number | undefined;
    while (bytes.length < LONGEST_STRING) {
      byte = session.read(thread, start + bytes.length, 1)?.[0];
      if (byte === undefined || byte === 0) break;
      bytes.push(byte);
    }
    if (byte === undefined && bytes.length === 0) {
      debugging.print(
        `${place(debugging, start)}\t<error: Cannot access memory at address 0x${start.toString(16)}>`,
      );
      examined.next = start + 1;
      continue;
    }
    debugging.print(
      `${place(debugging, start)}\t${stringText(Uint8Array.from(byte === 0 ? [...bytes, 0] : bytes), byte !== 0)}`,
    );
    examined.next = start + bytes.length + 1;
  }
}

function examineCode(debugging: Debugger, count: number): void {
  const { examined, programThread: thread } = debugging;
  const here = debugging.anyThread === undefined ? undefined : debugging.frames.selected.pc;
  for (let done = 0; done < count; done++) {
    const address = examined.next;
    const instruction = instructionAt(debugging, thread, address);
    const mark = address === here ? '=> ' : '   ';
    if (instruction === undefined) throw unreadable(address, `${mark}${place(debugging, address)}`);
    debugging.print(mark + instructionText(debugging, thread, address));
    examined.last = { address, type: BYTE };
    examined.next = address + instruction.length;
  }
}
