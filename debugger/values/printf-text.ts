// gdb's `printf "FORMAT", VALUES`: C's conversions over values of expressions.
// commands/print.ts runs it. Strings are read where pointers lead.
// Flags, widths and precisions are C's; lengths (h, l, z) say nothing, as values have their types.
import { PromptError } from '../prompt/prompt-error.ts';
import { bare, isCharacter } from './c-types.ts';
import { generalText, specialText } from './float-text.ts';
import { unescaped } from './tokens.ts';
import { addressOf, integerIn, isMissing, numberIn, type Value } from './values.ts';

const CONVERSION = /%([-+ #0]*)(\d*)(?:\.(\d*))?(hh|h|ll|l|z|j|t|L|H|D)?([a-zA-Z%])/g;

/** The format in its quotes, and what follows it behind a comma. Throws PromptError. */
export function splitFormatString(text: string): { format: string; values: string } {
  const match = /^"((?:\\.|[^"\\])*)"\s*(?:,\s*(.*))?$/s.exec(text);
  if (match === null)
    throw new PromptError(
      text.startsWith('"') ? "Bad format string, non-terminated '\"'" : "Bad format string, missing '\"'.",
    );
  return { format: match[1] ?? '', values: (match[2] ?? '').trim() };
}

/** `readText`: the bytes up to a NUL at an address. */
export function printfText(
  format: string,
  values: readonly Value[],
  readText: (address: number) => string,
): string {
  let used = 0;
  const text = unescaped(format).replace(
    CONVERSION,
    (_, flags: string, width: string, precision, length, kind: string) => {
      if (kind === '%') return '%';
      const value = values[used++];
      if (value === undefined) throw new PromptError('Wrong number of arguments for specified format-string');
      const digits = precision === undefined ? undefined : Number(precision || '0');
      return padded(
        converted(kind, value, digits, flags, length, readText),
        flags,
        Number(width || '0'),
        kind,
      );
    },
  );
  if (used < values.length) throw new PromptError('Wrong number of arguments for specified format-string');
  return text;
}

function converted(
  kind: string,
  value: Value,
  digits: number | undefined,
  flags: string,
  length: string | undefined,
  readText: (address: number) => string,
): string {
  switch (kind) {
    case 'd':
    case 'i':
      return signed(BigInt.asIntN(bitsOf(length), integerIn(value)).toString(), flags);
    case 'u':
      return BigInt.asUintN(bitsOf(length), integerIn(value)).toString();
    case 'x':
    case 'X': {
      const text = BigInt.asUintN(bitsOf(length), integerIn(value)).toString(16);
      const whole = flags.includes('#') && text !== '0' ? `0x${text}` : text;
      return kind === 'X' ? whole.toUpperCase() : whole;
    }
    case 'o':
      return BigInt.asUintN(bitsOf(length), integerIn(value)).toString(8);
    case 'c':
      return String.fromCharCode(Number(BigInt.asUintN(8, integerIn(value))));
    case 'p': {
      const bits = BigInt.asUintN(64, BigInt(addressOf(value)));
      return bits === 0n ? '(nil)' : `0x${bits.toString(16)}`;
    }
    case 's': {
      const text = stringIn(value, readText);
      return digits === undefined ? text : text.slice(0, digits);
    }
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return signed(floatIn(kind, Number(numberIn(value)), digits ?? 6, flags), flags);
    default:
      throw new PromptError(`Unrecognized format specifier '${kind}' in printf`);
  }
}

function bitsOf(length: string | undefined): number {
  return { hh: 8, h: 16 }[length ?? ''] ?? (length === undefined ? 32 : 64);
}

function signed(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function floatIn(kind: string, number: number, digits: number, flags: string): string {
  const special = specialText(number);
  if (special !== undefined) return special.replace(/\(.*/, '');
  const small = kind.toLowerCase();
  const text =
    small === 'f'
      ? number.toFixed(digits)
      : small === 'g'
        ? generalText(number, digits, flags.includes('#'))
        : number.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
  return kind === small ? text : text.toUpperCase();
}

function stringIn(value: Value, readText: (address: number) => string): string {
  const type = bare(value.type);
  if (isMissing(value.content)) throw new PromptError(`value has been ${value.content.why}`);
  if (type.kind === 'array' && isCharacter(type.element) && value.content instanceof Uint8Array) {
    const end = value.content.indexOf(0);
    return new TextDecoder().decode(end < 0 ? value.content : value.content.subarray(0, end));
  }
  const address = addressOf(value);
  return address === 0 ? '(null)' : readText(address);
}

function padded(text: string, flags: string, width: number, kind: string): string {
  if (text.length >= width) return text;
  if (flags.includes('-')) return text.padEnd(width);
  const isNumber = !['c', 's', 'p'].includes(kind);
  if (!flags.includes('0') || !isNumber) return text.padStart(width);
  const sign = /^[-+ ]?/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
