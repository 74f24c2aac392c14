// Values of the debugger's expressions: of C's types, with where they are kept, if they are kept anywhere.
// evaluate.ts and operators.ts compute with them, value-text.ts shows them, debugger/prompt/scope.ts stores them.
// Numbers are held as numbers, structures and arrays as their bytes, which are read when they are first wanted.
import { PromptError } from '../prompt/prompt-error.ts';
import {
  arrayOf,
  bare,
  CHAR,
  type CType,
  type EnumType,
  INT,
  type IntegerType,
  LONG,
  type Member,
  type PointerType,
  sizeOf,
} from './c-types.ts';
import { quadrupleBytes, quadrupleOf } from './quadruple.ts';

/** Where a value can be stored. */
export type Place =
  | { readonly kind: 'memory'; readonly address: number; readonly bits?: Member['bits'] }
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string };

/** What the compiler did away with, or what cannot be read; `why` stands in angle brackets. */
export interface Missing {
  readonly why: string;
  /** A pointer that is not there, to what is known: its value. */
  readonly target?: () => Value;
}

export type Content = bigint | number | Uint8Array | Missing;

export interface Value {
  readonly type: CType;
  /** A bigint within the type's range; the number of a floating-point type; bytes; or why there is none. */
  readonly content: Content;
  readonly place?: Place | undefined;
  /** Of bytes: which of them are not known, by 1. */
  readonly lost?: Uint8Array | undefined;
}

type Whole = IntegerType | PointerType | EnumType;

/** Structures and arrays beyond this are not read at once, as gdb's `max-value-size`. */
export const LARGEST_VALUE = 65_536;

export function isMissing(content: Content): content is Missing {
  return typeof content === 'object' && !(content instanceof Uint8Array);
}

/** The value wrapped to its type's range. */
export function makeInteger(type: CType, bits: bigint): Value {
  const found = bare(type);
  const isSigned = (found.kind === 'integer' || found.kind === 'enum') && found.isSigned;
  const width = sizeOf(found) * 8;
  return { type, content: isSigned ? BigInt.asIntN(width, bits) : BigInt.asUintN(width, bits) };
}

export function longValue(bits: bigint | number): Value {
  return makeInteger(LONG, BigInt(bits));
}

export function truthValue(holds: boolean): Value {
  return makeInteger(INT, BigInt(holds));
}

/** An array of characters with the NUL behind them. */
export function stringValue(text: string): Value {
  return bytesValue(new TextEncoder().encode(text));
}

/** The same of bytes, with a NUL behind them. */
export function bytesValue(text: Uint8Array): Value {
  const bytes = new Uint8Array([...text, 0]);
  return { type: arrayOf(CHAR, bytes.length), content: bytes };
}

/** A value in guest memory: a number is read now, what is larger when it is wanted. */
export function valueAt(
  type: CType,
  address: number,
  read: (address: number, length: number) => Uint8Array,
): Value {
  const place = { kind: 'memory', address } as const;
  const { kind } = bare(type);
  if (kind === 'function' || kind === 'untyped') return { type, content: BigInt(address), place };
  if (kind !== 'struct' && kind !== 'array')
    return { ...fromBytes(type, read(address, sizeOf(type))), place };
  let bytes: Uint8Array | undefined;
  return {
    type,
    place,
    get content() {
      const size = sizeOf(type);
      if (size > LARGEST_VALUE)
        throw new PromptError(`value requires ${size} bytes, which is more than max-value-size`);
      bytes ??= size === 0 ? new Uint8Array() : read(address, size);
      return bytes;
    },
  };
}

/** A value out of little-endian memory. */
export function fromBytes(type: CType, bytes: Uint8Array, lost?: Uint8Array): Value {
  const found = bare(type);
  if (found.kind === 'struct' || found.kind === 'array') return { type, content: bytes, lost };
  if (lost?.some((flag) => flag !== 0) === true) return { type, content: { why: 'optimized out' } };
  if (found.kind === 'void') return { type, content: 0n };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (found.kind === 'float') {
    if (found.size === 16) return { type, content: quadrupleOf(bytes).nearest };
    return { type, content: found.size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true) };
  }
  return makeInteger(type, bitsOf(bytes.subarray(0, sizeOf(found))));
}

export function bitsOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

/** As it lies in memory. */
export function toBytes(value: Value): Uint8Array {
  const { content } = value;
  if (isMissing(content)) throw new PromptError(`value has been ${content.why}`);
  if (content instanceof Uint8Array) return content;
  const found = bare(value.type);
  const bytes = new Uint8Array(sizeOf(found));
  const view = new DataView(bytes.buffer);
  if (found.kind === 'float') {
    if (found.size === 16) return quadrupleBytes(Number(content));
    if (found.size === 4) view.setFloat32(0, Number(content), true);
    else view.setFloat64(0, Number(content), true);
    return bytes;
  }
  let bits = BigInt.asUintN(128, BigInt(content));
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = Number(bits & 0xffn);
    bits >>= 8n;
  }
  return bytes;
}

/** The number of a value. Throws PromptError for what is none. */
export function numberIn({ type, content }: Value): bigint | number {
  if (typeof content === 'bigint' || typeof content === 'number') {
    if (['integer', 'float', 'enum', 'pointer', 'function'].includes(bare(type).kind)) return content;
  } else if (isMissing(content)) {
    throw new PromptError(content.target ? 'value is a synthetic pointer' : `value has been ${content.why}`);
  }
  throw new PromptError("Value can't be converted to integer.");
}

/** The whole number of a value. */
export function integerIn(value: Value): bigint {
  const number = numberIn(value);
  return typeof number === 'bigint' ? number : BigInt(Number.isFinite(number) ? Math.trunc(number) : 0);
}

export function isTrue(value: Value): boolean {
  const number = numberIn(value);
  return typeof number === 'bigint' ? number !== 0n : number !== 0;
}

/** Conversion as a cast does it. */
export function convert(value: Value, type: CType): Value {
  const to = bare(type);
  const from = bare(value.type);
  if (to.kind === 'void') return { type, content: 0n };
  if (from === to) return { ...value, type };
  if (to.kind === 'struct' || to.kind === 'array') {
    if (from.kind !== to.kind || sizeOf(from) !== sizeOf(to)) throw new PromptError('Invalid cast.');
    return { ...value, type };
  }
  if (isMissing(value.content) && value.content.target !== undefined && to.kind === 'pointer')
    return { type, content: value.content };
  // an array stands for its first element
  const isArray = from.kind === 'array' && value.place?.kind === 'memory';
  const number = isArray && value.place?.kind === 'memory' ? BigInt(value.place.address) : numberIn(value);
  if (to.kind === 'float') {
    const rounded = Number(number);
    return { type, content: to.size === 4 ? Math.fround(rounded) : rounded };
  }
  if (to.kind === 'integer' && to.shownAs === 'boolean')
    return { type, content: BigInt(typeof number === 'bigint' ? number !== 0n : number !== 0) };
  if (to.kind === 'function' || to.kind === 'untyped') throw new PromptError('Invalid cast.');
  return makeWhole(to, type, number);
}

function makeWhole(to: Whole, type: CType, number: bigint | number): Value {
  const bits = typeof number === 'bigint' ? number : BigInt(Number.isFinite(number) ? Math.trunc(number) : 0);
  return { type, content: makeInteger(to, bits).content };
}

/** An address out of a value: of a function or an array, its own. Throws PromptError for what cannot be one. */
export function addressOf(value: Value): number {
  const { content, place } = value;
  const { kind } = bare(value.type);
  if (kind === 'array' && place?.kind === 'memory') return place.address;
  if (typeof content === 'bigint') {
    const bits = BigInt.asUintN(64, content);
    if (bits <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(bits);
    throw new PromptError(`Cannot access memory at address 0x${bits.toString(16)}`);
  }
  return Number(integerIn(value));
}
