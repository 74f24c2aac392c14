// Values of the debugger's expressions: C's integers, floating-point numbers and pointers, and how `p` shows them.
// expression.ts computes with them, the data commands print them.
// Structures are no values: typed-text.ts shows them whole.
import { PromptError } from './prompt-error.ts';

export interface IntegerType {
  readonly kind: 'integer';
  readonly name: string;
  readonly size: 1 | 2 | 4 | 8;
  readonly isSigned: boolean;
}
export interface FloatType {
  readonly kind: 'float';
  readonly name: string;
  readonly size: 4 | 8;
}
export interface PointerType {
  readonly kind: 'pointer';
  readonly to: CType;
}
export interface VoidType {
  readonly kind: 'void';
}
export type CType = IntegerType | FloatType | PointerType | VoidType;

/** Where a value can be stored. */
export type Place =
  | { readonly kind: 'memory'; readonly address: number }
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string };

export interface Value {
  readonly type: CType;
  /** A bigint within the type's range, or the number of a floating-point type. */
  readonly content: bigint | number;
  readonly place?: Place;
}

const integer = (name: string, size: 1 | 2 | 4 | 8, isSigned: boolean): IntegerType => ({
  kind: 'integer',
  name,
  size,
  isSigned,
});

export const VOID: VoidType = { kind: 'void' };
export const CHAR = integer('char', 1, false); // unsigned on RISC-V
export const INT = integer('int', 4, true);
export const LONG = integer('long', 8, true);
export const UNSIGNED_LONG = integer('unsigned long', 8, false);
export const DOUBLE: FloatType = { kind: 'float', name: 'double', size: 8 };
const FLOAT: FloatType = { kind: 'float', name: 'float', size: 4 };

/** Spellings of C's types, words in one order. */
export const TYPE_NAMES: Readonly<Record<string, CType>> = {
  void: VOID,
  char: CHAR,
  'signed char': integer('signed char', 1, true),
  'unsigned char': integer('unsigned char', 1, false),
  short: integer('short', 2, true),
  'unsigned short': integer('unsigned short', 2, false),
  int: INT,
  unsigned: integer('unsigned int', 4, false),
  'unsigned int': integer('unsigned int', 4, false),
  long: LONG,
  'long long': LONG,
  'unsigned long': UNSIGNED_LONG,
  'unsigned long long': UNSIGNED_LONG,
  float: FLOAT,
  double: DOUBLE,
  int8_t: integer('int8_t', 1, true),
  uint8_t: integer('uint8_t', 1, false),
  int16_t: integer('int16_t', 2, true),
  uint16_t: integer('uint16_t', 2, false),
  int32_t: integer('int32_t', 4, true),
  uint32_t: integer('uint32_t', 4, false),
  int64_t: LONG,
  uint64_t: UNSIGNED_LONG,
  size_t: UNSIGNED_LONG,
  ssize_t: LONG,
  intptr_t: LONG,
  uintptr_t: UNSIGNED_LONG,
};

export function pointerTo(to: CType): PointerType {
  return { kind: 'pointer', to };
}

export function typeText(type: CType): string {
  if (type.kind === 'void') return 'void';
  if (type.kind !== 'pointer') return type.name;
  const inner = typeText(type.to);
  return inner.endsWith('*') ? `${inner}*` : `${inner} *`;
}

/** Bytes; a void counts as one, as gcc's pointer arithmetic has it. */
export function sizeOf(type: CType): number {
  if (type.kind === 'pointer') return 8;
  return type.kind === 'void' ? 1 : type.size;
}

/** The value wrapped to its type's range. */
export function makeInteger(type: IntegerType | PointerType, bits: bigint): Value {
  const isSigned = type.kind === 'integer' && type.isSigned;
  const width = sizeOf(type) * 8;
  return { type, content: isSigned ? BigInt.asIntN(width, bits) : BigInt.asUintN(width, bits) };
}

export function longValue(bits: bigint | number): Value {
  return makeInteger(LONG, BigInt(bits));
}

/** Conversion as a cast does it. */
export function convert(value: Value, type: CType): Value {
  const { content } = value;
  if (type.kind === 'void') return { type, content: 0n };
  if (type.kind === 'float') {
    const number = Number(content);
    return { type, content: type.size === 4 ? Math.fround(number) : number };
  }
  if (typeof content === 'bigint') return makeInteger(type, content);
  return makeInteger(type, Number.isFinite(content) ? BigInt(Math.trunc(content)) : 0n);
}

/** A value out of little-endian memory. */
export function fromBytes(type: CType, bytes: Uint8Array): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type.kind === 'void') throw new PromptError('a void has no value');
  if (type.kind === 'float') {
    return { type, content: type.size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true) };
  }
  let bits = 0n;
  for (let at = sizeOf(type) - 1; at >= 0; at--) bits = (bits << 8n) | BigInt(bytes[at] ?? 0);
  return makeInteger(type, bits);
}

/** As it lies in memory. */
export function toBytes(value: Value): Uint8Array {
  const { type, content } = value;
  const bytes = new Uint8Array(sizeOf(type));
  const view = new DataView(bytes.buffer);
  if (type.kind === 'float') {
    if (type.size === 4) view.setFloat32(0, Number(content), true);
    else view.setFloat64(0, Number(content), true);
    return bytes;
  }
  let bits = BigInt.asUintN(64, BigInt(content));
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = Number(bits & 0xffn);
    bits >>= 8n;
  }
  return bytes;
}

export function isTrue(value: Value): boolean {
  return typeof value.content === 'bigint' ? value.content !== 0n : value.content !== 0;
}

/** An address out of a value. Throws for what cannot be one. */
export function addressOf(value: Value): number {
  const { content } = value;
  const bits = typeof content === 'bigint' ? BigInt.asUintN(64, content) : -1n;
  if (bits < 0n || bits > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new PromptError(`${typeof content === 'bigint' ? hex64(bits) : content} is no guest address`);
  }
  return Number(bits);
}

function hex64(bits: bigint): string {
  return `0x${BigInt.asUintN(64, bits).toString(16)}`;
}

const ESCAPES: Readonly<Record<number, string>> = {
  0: '\\000',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  12: '\\f',
  13: '\\r',
  27: '\\033',
  34: '"',
  39: "\\'",
  92: '\\\\',
};

function characterText(code: number): string {
  const escaped = ESCAPES[code];
  if (escaped !== undefined) return escaped;
  return code >= 32 && code < 127 ? String.fromCharCode(code) : `\\${code.toString(8).padStart(3, '0')}`;
}

function doubleText(number: number): string {
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
  if (Object.is(number, -0)) return '-0';
  return String(number);
}

/** Nine digits tell all floats apart. */
function floatText(number: number): string {
  return Number.isFinite(number) && number !== 0 ? String(Number(number.toPrecision(9))) : doubleText(number);
}

/** One scalar in a format of gdb: d, u, x, o, t, c, a, f, z, or the type's own when undefined. */
export function scalarText(
  value: Value,
  format: string | undefined,
  symbolOf: (address: number) => string | undefined,
): string {
  const { type, content } = value;
  if (typeof content === 'number' && (format === undefined || format === 'f'))
    return sizeOf(type) === 4 ? floatText(content) : doubleText(content);
  const width = sizeOf(type) * 8;
  const bits = BigInt.asUintN(width, typeof content === 'bigint' ? content : BigInt(Math.trunc(content)));
  switch (format) {
    case 'x':
      return `0x${bits.toString(16)}`;
    case 'z':
      return `0x${bits.toString(16).padStart(width / 4, '0')}`;
    case 'o':
      return bits === 0n ? '0' : `0${bits.toString(8)}`;
    case 't':
      return bits.toString(2);
    case 'u':
      return bits.toString();
    case 'd':
      return BigInt.asIntN(width, bits).toString();
    case 'c':
      return `${BigInt.asIntN(8, bits)} '${characterText(Number(bits & 0xffn))}'`;
    case 'a':
      return addressText(bits, symbolOf);
    case 'f': {
      const bytes = toBytes(makeInteger(UNSIGNED_LONG, bits));
      if (width === 64) return doubleText(fromBytes(DOUBLE, bytes).content as number);
      if (width === 32) return floatText(fromBytes(FLOAT, bytes).content as number);
      return bits.toString();
    }
    default:
      break;
  }
  if (type.kind === 'pointer') {
    const prefix = type.to.kind === 'integer' && type.to.size === 1 ? '' : `(${typeText(type)}) `;
    return prefix + addressText(bits, symbolOf);
  }
  if (type.kind === 'integer' && type.size === 1 && !type.name.includes('int')) {
    return `${content} '${characterText(Number(bits))}'`;
  }
  return String(content);
}

/** `0x10234 <main+4>`. */
function addressText(bits: bigint, symbolOf: (address: number) => string | undefined): string {
  const symbol = bits <= BigInt(Number.MAX_SAFE_INTEGER) ? symbolOf(Number(bits)) : undefined;
  return symbol === undefined ? `0x${bits.toString(16)}` : `0x${bits.toString(16)} <${symbol}>`;
}

/** Text of bytes up to a NUL in double quotes. */
export function stringText(bytes: Uint8Array, isCut: boolean): string {
  let text = '"';
  for (const byte of bytes) text += byte === 34 ? '\\"' : characterText(byte);
  return `${text}"${isCut ? '...' : ''}`;
}
