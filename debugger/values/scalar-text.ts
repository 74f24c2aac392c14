// One number in the formats of gdb's `print` and `x`: d, u, x, o, t, c, a, f, z.
// value-text.ts shows scalars with it, debugger/prompt/examine.ts memory.
// Without a format it is shown as its type wants it.
import { bare, type CType, type EnumType, isFlags, sizeOf } from './c-types.ts';
import { characterText } from './character-text.ts';
import { floatText, quadrupleText } from './float-text.ts';
import { quadrupleOf } from './quadruple.ts';
import { fromBytes, toBytes, type Value } from './values.ts';

export type SymbolOf = (address: number) => string | undefined;

/** `0x10234 <main+4>`. */
export function addressText(bits: bigint, symbolOf: SymbolOf): string {
  const hex = `0x${BigInt.asUintN(64, bits).toString(16)}`;
  const symbol = bits <= BigInt(Number.MAX_SAFE_INTEGER) ? symbolOf(Number(bits)) : undefined;
  return symbol === undefined ? hex : `${hex} <${symbol}>`;
}

/** `value` is a number, not a structure, and not missing. */
export function scalarText(value: Value, format: string | undefined, symbolOf: SymbolOf): string {
  const { type, content } = value;
  const found = bare(type);
  if (format === undefined || format === 's' || (format === 'f' && found.kind === 'float'))
    return plainText(value, symbolOf);
  if (format === 'f') {
    const asFloat = floatOfSize(sizeOf(found));
    return asFloat === undefined ? String(content) : plainText(fromBytes(asFloat, toBytes(value)), symbolOf);
  }
  const bytes = toBytes(value);
  const bits = bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  const width = 8 * bytes.length;
  switch (format) {
    case 'x':
      return `0x${bits.toString(16)}`;
    case 'z':
      return `0x${bits.toString(16).padStart(width / 4, '0')}`;
    case 'o':
      return bits === 0n ? '0' : `0${bits.toString(8)}`;
    case 't':
      return bits.toString(2);
    case 'd':
      return BigInt.asIntN(width, bits).toString();
    case 'u':
      return bits.toString();
    case 'a':
      return addressText(bits, symbolOf);
    case 'c': {
      const isSigned = found.kind !== 'integer' || found.isSigned;
      const code = isSigned ? BigInt.asIntN(Math.min(width, 8), bits) : BigInt.asUintN(8, bits);
      return `${code} ${characterText(Number(bits & 0xffn))}`;
    }
    default:
      return bits.toString();
  }
}

function floatOfSize(size: number): CType | undefined {
  if (size !== 4 && size !== 8 && size !== 16) return undefined;
  return { kind: 'float', name: '', size };
}

function plainText({ type, content }: Value, symbolOf: SymbolOf): string {
  const found = bare(type);
  switch (found.kind) {
    case 'void':
      return 'void';
    case 'float':
      return found.size === 16
        ? quadrupleText(quadrupleOf(toBytes({ type, content })))
        : floatText(Number(content), found.size);
    case 'enum':
      return enumText(found, BigInt(content as bigint));
    case 'integer':
      if (found.shownAs === 'character')
        return `${content} ${characterText(Number(BigInt.asUintN(8, content as bigint)))}`;
      if (found.shownAs === 'unicode') return unicodeText(Number(content), found.name);
      if (found.shownAs === 'boolean' && (content === 0n || content === 1n))
        return content === 1n ? 'true' : 'false';
      return String(content);
    case 'pointer':
    case 'function':
    case 'untyped':
      return addressText(content as bigint, symbolOf);
    default:
      return String(content);
  }
}

const UNICODE_PREFIXES: Readonly<Record<string, string>> = { char8_t: 'u8', char16_t: 'u', char32_t: 'U' };

/** `99 'c'`; C++'s types put their letters before. */
function unicodeText(code: number, typeName: string): string {
  const isShown = code >= 160 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  const text =
    code < 128
      ? characterText(code)
      : isShown
        ? `'${String.fromCodePoint(code)}'`
        : `'\\${code.toString(8)}'`;
  return `${code} ${UNICODE_PREFIXES[typeName] ?? ''}${text}`;
}

function enumText(type: EnumType, value: bigint): string {
  const exact = type.enumerators.find((each) => each.value === value);
  const prefix = type.prefix ?? '';
  if (exact !== undefined) return prefix + exact.name;
  if (!isFlags(type) || value === 0n) return value.toString();
  const names: string[] = [];
  let rest = value;
  for (const { name, value: bit } of type.enumerators) {
    if ((rest & bit) === 0n) continue;
    names.push(prefix + name);
    rest &= ~bit;
  }
  if (rest !== 0n) names.push(`unknown: 0x${rest.toString(16)}`);
  return `(${names.join(' | ')})`;
}
