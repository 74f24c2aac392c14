// The values of variables in a frame: where their locations say that they are, or why they are nowhere.
// program.ts looks variables up by name with it, frame-text.ts shows arguments and locals.
// Pieces: DWARF 5, section 2.6.1.2. What the compiler did away with is a value too, which says so.

import { F_NAMES, X_NAMES } from '../../emulator/isa/disassemble.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { Attribute, Tag } from '../dwarf/attributes.ts';
import { type DebugInfo, nameOf, original } from '../dwarf/debug-info.ts';
import { type Entry, textOf } from '../dwarf/entry.ts';
import { type Caller, isRegister, parameterAtEntry, registerAtEntry } from '../dwarf/entry-values.ts';
import {
  type ExpressionFrame,
  locate,
  OPTIMIZED_OUT,
  type Piece,
  type SizedPiece,
} from '../dwarf/location-expression.ts';
import { expressionAt, hasLocationList } from '../dwarf/location-lists.ts';
import { entryAddress } from '../dwarf/ranges.ts';
import { scopesAt, type Variable } from '../dwarf/scopes.ts';
import { arrayOf, bare, type CType, sizeOf } from '../values/c-types.ts';
import type { DwarfTypes } from '../values/dwarf-types.ts';
import type { Read } from '../values/parts.ts';
import { fromBytes, makeInteger, type Value, valueAt } from '../values/values.ts';
import type { PromptFrame } from './frame-list.ts';

const INTEGER_REGISTERS = 32;

/** What variables are looked at through. */
export interface Looker {
  readonly thread: Thread;
  readonly types: DwarfTypes;
  readonly info: DebugInfo;
  readonly bias: number;
  /** Undefined for what needs no frame. */
  readonly frame: PromptFrame | undefined;
  /** Throws PromptError where nothing can be read. */
  readonly read: Read;
  /** As `read`; undefined where nothing can be read. */
  tryRead(address: number, length: number): Uint8Array | undefined;
  /** Where the thread has what lies at `offset` in the file's thread-local block. Throws PromptError where it has none. */
  threadLocal(offset: number): number;
  /** The same by a symbol; undefined when none of the file's thread-local variables is called so. */
  threadLocalNamed(name: string): number | undefined;
  /** The file and its place that an address of another frame is in. */
  callerScopes(address: number): { info: DebugInfo; bias: number } | undefined;
}

export function valueOfVariable(variable: Variable, looker: Looker): Value {
  const type = looker.types.of(variable.type);
  return valueOfEntry(variable.entry, type, looker);
}

function valueOfEntry(entry: Entry, type: CType, looker: Looker): Value {
  const constant = entry.attributes.get(Attribute.CONST_VALUE);
  if (constant?.kind === 'number') return makeInteger(type, constant.bits ?? BigInt(constant.value));
  if (constant?.kind === 'block') return fromBytes(type, constant.bytes);
  if (constant?.kind === 'text') return fromBytes(type, new TextEncoder().encode(`${constant.text}\0`));
  const { frame, bias } = looker;
  const at = frame === undefined ? 0 : frame.address - bias;
  const expression = expressionAt(entry, Attribute.LOCATION, at);
  if (expression === undefined) {
    const address = hasLocationList(entry) ? undefined : threadLocalOf(entry, looker);
    return address === undefined
      ? { type, content: { why: OPTIMIZED_OUT } }
      : valueAt(type, address, looker.read);
  }
  return fromPieces(locate(expression, expressionFrame(entry, looker)), type, looker);
}

/** Variables without a location may be thread-local: gcc before 14 says nothing of where they are on RISC-V. */
function threadLocalOf(entry: Entry, looker: Looker): number | undefined {
  const source = original(looker.info, entry);
  if (source.tag !== Tag.VARIABLE) return undefined;
  const name = textOf(source, Attribute.LINKAGE_NAME) ?? nameOf(looker.info, entry);
  return name === undefined ? undefined : looker.threadLocalNamed(name);
}

/** What the parameter was when the function was called, if that is known: gdb's `NAME@entry`. */
export function valueAtEntry({ entry, type }: Variable, looker: Looker): Value | undefined {
  const { frame } = looker;
  const start = frame?.scope === undefined || frame.isInlined ? undefined : entryAddress(frame.scope.entry);
  if (start === undefined || !hasLocationList(entry)) return undefined;
  const expression = expressionAt(entry, Attribute.LOCATION, start);
  const caller = expression !== undefined && isRegister(expression) ? callerOf(looker) : undefined;
  const bits = caller && expression && registerAtEntry(caller, expression);
  return bits === undefined ? undefined : ofBits(bits, looker.types.of(type));
}

function expressionFrame(entry: Entry, looker: Looker): ExpressionFrame {
  const { thread, frame, bias, tryRead } = looker;
  const base =
    frame?.scope && expressionAt(frame.scope.subprogram, Attribute.FRAME_BASE, frame.address - bias);
  return {
    bias,
    unit: entry.unit,
    register: (number) => registerIn(thread, frame, number),
    cfa: frame?.cfa,
    frameBase: base,
    read: tryRead,
    entryValue: (expression) => {
      const caller = callerOf(looker);
      return caller && registerAtEntry(caller, expression);
    },
    parameterValue: (parameter) => {
      const caller = callerOf(looker);
      return caller && parameterAtEntry(caller, parameter);
    },
    threadLocal: looker.threadLocal,
  };
}

/** A register as DWARF counts them: of the frame, or of the thread as it stands. */
function registerIn(thread: Thread, frame: PromptFrame | undefined, number: number): bigint | undefined {
  if (frame?.registers !== undefined) return frame.registers[number];
  if (frame !== undefined && frame.address !== thread.hart.pc) return undefined;
  return number < INTEGER_REGISTERS ? thread.hart.x(number) : thread.hart.f(number - INTEGER_REGISTERS);
}

/** The frame that called the function, as the call's entry wants it. */
function callerOf(looker: Looker): Caller | undefined {
  const outer = looker.frame?.caller;
  const place = outer && looker.callerScopes(outer.address);
  if (outer === undefined || place === undefined) return undefined;
  const { info, bias } = place;
  const scope = scopesAt(info, outer.address - bias).at(-1);
  if (scope === undefined) return undefined;
  const frame: PromptFrame = {
    ...outer,
    scope,
    mapped: undefined,
    isInlined: false,
    callsInlined: false,
    line: undefined,
    caller: undefined,
  };
  const own = { ...looker, frame, bias, info };
  return { scope, returnAddress: outer.pc - bias, frame: expressionFrame(scope.entry, own) };
}

function ofBits(bits: bigint, type: CType): Value {
  return fromBytes(type, bytesOfBits(bits, Math.max(sizeOf(type), 8)));
}

function bytesOfBits(bits: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => Number((bits >> BigInt(8 * at)) & 0xffn));
}

function fromPieces(pieces: readonly SizedPiece[], type: CType, looker: Looker): Value {
  const [first] = pieces;
  if (first === undefined) return { type, content: { why: OPTIMIZED_OUT } };
  if (pieces.length === 1 && first.bits === undefined) return whole(first.piece, type, looker);
  const size = sizeOf(type);
  const bytes = new Uint8Array(size);
  const lost = new Uint8Array(size);
  let at = 0;
  for (const { piece, bits } of pieces) {
    const length = Math.min(Math.ceil((bits ?? 0) / 8), size - at);
    const own = bytesOf(piece, length, looker);
    if (own === undefined) lost.fill(1, at, at + length);
    else bytes.set(own.subarray(0, length), at);
    at += length;
  }
  lost.fill(1, at);
  if (lost.every((flag) => flag === 1)) return { type, content: { why: OPTIMIZED_OUT } };
  return fromBytes(type, bytes, lost.includes(1) ? lost : undefined);
}

function bytesOf(piece: Piece, length: number, looker: Looker): Uint8Array | undefined {
  switch (piece.kind) {
    case 'memory':
      return looker.tryRead(piece.address, length);
    case 'register': {
      const bits = registerIn(looker.thread, looker.frame, piece.number);
      return bits === undefined ? undefined : bytesOfBits(bits, length);
    }
    case 'value':
      return bytesOfBits(piece.bits, length);
    case 'bytes':
      return piece.bytes;
    default:
      return undefined;
  }
}

/** A variable that is in one place. */
function whole(piece: Piece, type: CType, looker: Looker): Value {
  switch (piece.kind) {
    case 'memory':
      return valueAt(type, piece.address, looker.read);
    case 'register': {
      const bits = registerIn(looker.thread, looker.frame, piece.number);
      if (bits === undefined) return { type, content: { why: 'not saved' } };
      const name = X_NAMES[piece.number] ?? F_NAMES[piece.number - INTEGER_REGISTERS] ?? '';
      return { ...ofBits(bits, type), place: { kind: 'register', name } };
    }
    case 'value':
      return ofBits(piece.bits, type);
    case 'bytes':
      return fromBytes(type, piece.bytes);
    case 'synthetic':
      return { type, content: { why: 'synthetic pointer', target: () => targetOf(piece, type, looker) } };
    case 'lost':
      return { type, content: { why: piece.why } };
  }
}

/** What a pointer that was optimised away would point to. */
function targetOf(piece: Extract<Piece, { kind: 'synthetic' }>, type: CType, looker: Looker): Value {
  const pointer = bare(type);
  const to = pointer.kind === 'pointer' ? pointer.to : type;
  const entry = looker.info.entryAt(piece.entry);
  if (entry === undefined) return { type: to, content: { why: OPTIMIZED_OUT } };
  if (entry.attributes.has(Attribute.TYPE) && piece.offset === 0)
    return valueOfEntry(entry, looker.types.typeIn(entry), looker);
  const location = expressionAt(entry, Attribute.LOCATION, (looker.frame?.address ?? 0) - looker.bias);
  const [found] = location === undefined ? [] : locate(location, expressionFrame(entry, looker));
  if (found?.piece.kind === 'memory') return valueAt(to, found.piece.address + piece.offset, looker.read);
  const bytes = found && bytesOf(found.piece, Math.max(sizeOf(to), 8), looker)?.subarray(piece.offset);
  if (bytes === undefined) return { type: to, content: { why: OPTIMIZED_OUT } };
  const count = Math.max(1, Math.floor(bytes.length / Math.max(1, sizeOf(to))));
  return fromBytes(arrayOf(to, count), bytes);
}
