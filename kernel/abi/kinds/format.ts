// The words of a trace: quoted bytes, flags, names of numbers, as strace 6.1 spells them.
// Kinds and struct printers call it; nothing here touches guest memory.
// Numbers are unsigned unless said otherwise; 64-bit ones may be rounded above 2^53.

/** Names of bits or values, in the order they are tried. */
export type NameTable = readonly (readonly [string, number])[];

/** Makes a table from an object literal or constants: `names({ O_APPEND: 0o2000 })`. */
export function names(table: Readonly<Record<string, number>>): NameTable {
  return Object.entries(table);
}

/** The numbers whose names begin with `prefix`, by value: `withPrefix(Object.entries(abi), 'FSPICK_')`. */
export function withPrefix(constants: readonly (readonly [string, unknown])[], prefix: string): NameTable {
  return constants
    .filter((entry): entry is [string, number] => entry[0].startsWith(prefix) && typeof entry[1] === 'number')
    .sort(([, a], [, b]) => a - b);
}

/** `0x…`; 0 is "0", as strace's %#x prints it. */
export function hex(value: number | bigint): string {
  const bits = typeof value === 'bigint' ? value : toU64(value);
  return bits === 0n ? '0' : `0x${bits.toString(16)}`;
}

/** A pointer: NULL or hex. */
export function pointer(value: number | bigint): string {
  return Number(value) === 0 ? 'NULL' : hex(value);
}

/** A number as 64 bits, wrapping negatives and clamping what rounding pushed over the top. */
export function toU64(value: number): bigint {
  if (!Number.isFinite(value)) return 0xffff_ffff_ffff_ffffn;
  const bits = BigInt(Math.trunc(value));
  if (bits < 0n) return BigInt.asUintN(64, bits);
  return bits > 0xffff_ffff_ffff_ffffn ? 0xffff_ffff_ffff_ffffn : bits;
}

/** `0644`: octal with a leading zero, three digits at least (strace's %#03o). */
export function octal(value: number): string {
  const digits = (value >>> 0).toString(8);
  return (digits.startsWith('0') ? digits : `0${digits}`).padStart(3, '0');
}

/** The name of a value, or the number with a hint: `0x2a /* AF_??? *\/`. */
export function nameOf(value: number, table: NameTable, unknown: string): string {
  const known = table.find(([, number]) => number === value);
  return known === undefined ? `${hex(value)} /* ${unknown} */` : known[0];
}

/** Names of the bits that are set, joined by `|`, what is left in hex. Entries of several bits match whole. */
export function flagText(value: number, table: NameTable, unknown: string): string {
  if (value === 0) return table.find(([, bits]) => bits === 0)?.[0] ?? '0';
  const words: string[] = [];
  let rest = value >>> 0;
  for (const [name, bits] of table) {
    const mask = bits >>> 0;
    if (mask === 0 || (rest & mask) >>> 0 !== mask) continue;
    words.push(name);
    rest = (rest & ~mask) >>> 0;
  }
  if (words.length === 0) return `${hex(value >>> 0)} /* ${unknown} */`;
  if (rest !== 0) words.push(hex(rest));
  return words.join('|');
}

const SHORT_ESCAPES: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** Bytes between double quotes with C escapes; octal ones as short as the next character allows. */
export function quoteBytes(bytes: Uint8Array): string {
  let text = '"';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const short = SHORT_ESCAPES[byte];
    if (short !== undefined) text += short;
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
    else {
      const next = bytes[i + 1];
      const isDigitNext = next !== undefined && next >= 48 && next <= 57;
      text += `\\${byte.toString(8).padStart(isDigitNext ? 3 : 1, '0')}`;
    }
  }
  return `${text}"`;
}

/** As quoteBytes, cut after `limit` bytes with `...` behind the quote. `isWhole` = false when more follows unseen. */
export function quoteLimited(bytes: Uint8Array, limit: number, isWhole = true): string {
  if (bytes.length <= limit && isWhole) return quoteBytes(bytes);
  return `${quoteBytes(bytes.subarray(0, limit))}...`;
}

/** Guest text (one code unit a byte) between quotes. */
export function quoteText(text: string): string {
  return quoteBytes(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}
