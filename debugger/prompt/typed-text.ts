// Values of the types that .debug_info tells of, as gdb prints them: structures, arrays, enumerations, pointers.
// locals.ts prints variables with it. What is no structure or array is also a value of expressions: `scalarType`.
// Everything is shown from bytes that were read before; only strings that pointers lead to are read here.
import {
  Attribute,
  type DebugInfo,
  type Entry,
  numberOf,
  Tag,
  textOf as textAttribute,
} from '../dwarf/debug-info.ts';
import { type CType, fromBytes, pointerTo, scalarText, sizeOf, stringText, VOID } from './values.ts';

/** What the text needs to know of the machine. */
export interface TextSource {
  readonly info: DebugInfo;
  /** Memory, as far as it can be read. */
  read(address: number, length: number): Uint8Array | undefined;
  symbolOf(address: number): string | undefined;
}

const ENCODING_BOOLEAN = 2;
const ENCODING_FLOAT = 4;
const SIGNED_ENCODINGS: ReadonlySet<number> = new Set([5, 6]);
/** As gdb's `print elements`, and from how many equal ones on it counts them. */
const MOST_ELEMENTS = 200;
const REPEATS = 10;
const DEEPEST = 20;

/** The type behind typedef, const and the like; undefined is void. */
export function bareType(info: DebugInfo, type: Entry | undefined): Entry | undefined {
  const through: readonly number[] = [Tag.TYPEDEF, Tag.CONST, Tag.VOLATILE, Tag.RESTRICT];
  let found = type;
  for (let depth = 0; found !== undefined && through.includes(found.tag) && depth < DEEPEST; depth++)
    found = info.refer(found, Attribute.TYPE);
  return found;
}

/** As expressions have it; undefined for structures, arrays and types that are not known. */
export function scalarType(info: DebugInfo, type: Entry | undefined, depth = 0): CType | undefined {
  const bare = bareType(info, type);
  if (bare === undefined) return VOID;
  const size = numberOf(bare, Attribute.BYTE_SIZE);
  if (bare.tag === Tag.POINTER) {
    const to = depth > DEEPEST ? VOID : scalarType(info, info.refer(bare, Attribute.TYPE), depth + 1);
    return pointerTo(to ?? VOID);
  }
  if (bare.tag !== Tag.BASE && bare.tag !== Tag.ENUMERATION) return undefined;
  const encoding = numberOf(bare, Attribute.ENCODING) ?? 0;
  const name = textAttribute(bare, Attribute.NAME) ?? 'int';
  if (encoding === ENCODING_FLOAT)
    return size === 4 || size === 8 ? { kind: 'float', name, size } : undefined;
  if (size !== 1 && size !== 2 && size !== 4 && size !== 8) return undefined;
  return { kind: 'integer', name, size, isSigned: SIGNED_ENCODINGS.has(encoding) };
}

/** Of an array of scalars with one dimension: it is used as a pointer to these. */
export function elementType(info: DebugInfo, type: Entry | undefined): CType | undefined {
  const bare = bareType(info, type);
  if (bare?.tag !== Tag.ARRAY || dimensions(bare).length !== 1) return undefined;
  return scalarType(info, info.refer(bare, Attribute.TYPE));
}

/** Bytes of a type; undefined when it has none that are known. */
export function byteSize(info: DebugInfo, type: Entry | undefined): number | undefined {
  const bare = bareType(info, type);
  if (bare === undefined) return undefined;
  const own = numberOf(bare, Attribute.BYTE_SIZE);
  if (own !== undefined) return own;
  if (bare.tag === Tag.POINTER) return 8;
  if (bare.tag !== Tag.ARRAY) return undefined;
  const element = byteSize(info, info.refer(bare, Attribute.TYPE));
  return element === undefined ? undefined : dimensions(bare).reduce((all, count) => all * count, element);
}

/** How many elements the array has, the outer dimension first; one that is not constant counts as none. */
function dimensions(array: Entry): number[] {
  return array.children
    .filter(({ tag }) => tag === Tag.SUBRANGE)
    .map((range) => {
      const upper = range.attributes.get(Attribute.UPPER_BOUND);
      const count = numberOf(range, Attribute.COUNT);
      return count ?? (upper?.kind === 'number' ? upper.value + 1 : 0);
    });
}

/** A value of `type` that lies in these bytes. */
export function typedText(source: TextSource, type: Entry | undefined, bytes: Uint8Array, depth = 0): string {
  const { info } = source;
  const bare = bareType(info, type);
  if (bare === undefined) return 'void';
  if (depth > DEEPEST) return '{...}';
  switch (bare.tag) {
    case Tag.ARRAY:
      return arrayText(source, info.refer(bare, Attribute.TYPE), dimensions(bare), bytes, depth);
    case Tag.STRUCTURE:
    case Tag.UNION: {
      const members = bare.children.filter(({ tag }) => tag === Tag.MEMBER);
      return `{${members.map((member) => memberText(source, member, bytes, depth)).join(', ')}}`;
    }
    case Tag.ENUMERATION: {
      const value = integerOf(bytes);
      const named = bare.children.find(
        (each) =>
          BigInt.asUintN(8 * bytes.length, BigInt(numberOf(each, Attribute.CONST_VALUE) ?? -1)) === value,
      );
      return (named && textAttribute(named, Attribute.NAME)) ?? String(value);
    }
    case Tag.POINTER:
      return pointerText(source, bare, bytes);
    default: {
      const scalar = scalarType(info, bare);
      if (scalar === undefined || scalar.kind === 'void' || sizeOf(scalar) > bytes.length)
        return '<of a type that is not shown>';
      if (numberOf(bare, Attribute.ENCODING) === ENCODING_BOOLEAN) {
        const value = integerOf(bytes);
        return value === 0n ? 'false' : value === 1n ? 'true' : String(value);
      }
      return scalarText(fromBytes(scalar, bytes), undefined, source.symbolOf);
    }
  }
}

function integerOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

function pointerText({ info, read, symbolOf }: TextSource, pointer: Entry, bytes: Uint8Array): string {
  const address = Number(integerOf(bytes));
  const shown = scalarText(fromBytes(pointerTo(CHARACTER), bytes), undefined, symbolOf);
  const to = bareType(info, info.refer(pointer, Attribute.TYPE));
  if (address === 0 || to === undefined || !isCharacter(to)) return shown;
  for (const length of [MOST_ELEMENTS, 1]) {
    const found = read(address, length);
    if (found === undefined) continue;
    const end = found.indexOf(0);
    return `${shown} ${stringText(end < 0 ? found : found.subarray(0, end), end < 0)}`;
  }
  return shown;
}

const CHARACTER: CType = { kind: 'integer', name: 'char', size: 1, isSigned: false };

function isCharacter(type: Entry): boolean {
  const name = textAttribute(type, Attribute.NAME) ?? '';
  return type.tag === Tag.BASE && numberOf(type, Attribute.BYTE_SIZE) === 1 && name.includes('char');
}

function memberText(source: TextSource, member: Entry, bytes: Uint8Array, depth: number): string {
  const { info } = source;
  const name = textAttribute(member, Attribute.NAME);
  const type = info.refer(member, Attribute.TYPE);
  const size = byteSize(info, type) ?? 0;
  const bits = numberOf(member, Attribute.BIT_SIZE);
  let own: Uint8Array;
  if (bits === undefined) {
    const offset = numberOf(member, Attribute.MEMBER_OFFSET) ?? 0;
    own = bytes.subarray(offset, offset + size);
  } else {
    own = bitField(bytes, firstBit(member, size, bits), bits, size, isSigned(info, type));
  }
  const text = typedText(source, type, own, depth + 1);
  return name === undefined ? text : `${name} = ${text}`;
}

/** DWARF 4 may count from the highest bit of the unit that holds the field (5.5.6, earlier than DW_AT_data_bit_offset). */
function firstBit(member: Entry, size: number, bits: number): number {
  const fromHighest = numberOf(member, Attribute.BIT_OFFSET);
  if (fromHighest === undefined) return numberOf(member, Attribute.DATA_BIT_OFFSET) ?? 0;
  const unit = numberOf(member, Attribute.BYTE_SIZE) ?? size;
  return 8 * ((numberOf(member, Attribute.MEMBER_OFFSET) ?? 0) + unit) - fromHighest - bits;
}

function isSigned(info: DebugInfo, type: Entry | undefined): boolean {
  const scalar = scalarType(info, type);
  return scalar?.kind === 'integer' && scalar.isSigned;
}

function bitField(bytes: Uint8Array, from: number, bits: number, size: number, signed: boolean): Uint8Array {
  const all = integerOf(bytes.subarray(from >>> 3, (from + bits + 7) >>> 3)) >> BigInt(from & 7);
  const value = signed ? BigInt.asIntN(bits, all) : BigInt.asUintN(bits, all);
  return Uint8Array.from({ length: size }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}

function arrayText(
  source: TextSource,
  element: Entry | undefined,
  [count = 0, ...inner]: readonly number[],
  bytes: Uint8Array,
  depth: number,
): string {
  const bare = bareType(source.info, element);
  if (inner.length === 0 && bare !== undefined && isCharacter(bare)) {
    const shown = bytes.subarray(0, Math.min(count, MOST_ELEMENTS));
    let end = shown.length;
    while (end > 0 && shown[end - 1] === 0) end--;
    return stringText(shown.subarray(0, end), count > MOST_ELEMENTS);
  }
  const size = inner.reduce((all, each) => all * each, byteSize(source.info, element) ?? 0);
  const texts = Array.from({ length: Math.min(count, MOST_ELEMENTS) }, (_, index) => {
    const own = bytes.subarray(index * size, (index + 1) * size);
    return inner.length > 0
      ? arrayText(source, element, inner, own, depth + 1)
      : typedText(source, element, own, depth + 1);
  });
  const pieces: string[] = [];
  for (let at = 0; at < texts.length; ) {
    let end = at + 1;
    while (end < texts.length && texts[end] === texts[at]) end++;
    if (end - at >= REPEATS) pieces.push(`${texts[at]} <repeats ${end - at} times>`);
    else pieces.push(...texts.slice(at, end));
    at = end;
  }
  return `{${pieces.join(', ')}${count > MOST_ELEMENTS ? '...' : ''}}`;
}
