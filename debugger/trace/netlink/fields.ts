// Bytes of netlink messages in words: fields of structs, values of attributes, as strace 6.1 shows them.
// route-messages.ts and diag-messages.ts are tables of these; messages.ts frames them.
import { flagText, hex, type NameTable, nameOf, names } from '../../../kernel/abi/kinds/format.ts';
import { interfaceText, ipv6Text } from '../../../kernel/abi/kinds/socket-address.ts';
import { FAMILIES } from '../../../kernel/abi/kinds/socket-names.ts';

/** Shows the bytes of a value; undefined when there are too few. `family` is the message's. */
export type Show = (bytes: Uint8Array, family: number) => string | undefined;

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An unsigned number of `size` bytes. */
function unsigned(bytes: Uint8Array, size: number): bigint | undefined {
  if (bytes.length < size) return undefined;
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

const number =
  (size: number, text: (value: number) => string = String): Show =>
  (bytes) => {
    const value = unsigned(bytes, size);
    return value === undefined ? undefined : text(Number(value));
  };

export const u8: Show = number(1);
export const u16: Show = number(2);
export const u32: Show = number(4);
export const u64: Show = (bytes) => unsigned(bytes, 8)?.toString();
export const port: Show = (bytes) =>
  bytes.length < 2 ? undefined : `htons(${((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)})`;
export const interfaceIndex: Show = number(4, (value) => (value === 0 ? '0' : interfaceText(value)));
export const cookie: Show = (bytes) =>
  bytes.length < 8 ? undefined : `[${u32(bytes, 0)}, ${u32(bytes.subarray(4), 0)}]`;

export const named =
  (size: number, table: NameTable, unknown: string): Show =>
  (bytes) =>
    number(size, (value) => nameOf(value, table, unknown))(bytes, 0);
export const bits =
  (size: number, table: NameTable, unknown: string): Show =>
  (bytes) =>
    number(size, (value) => flagText(value, table, unknown))(bytes, 0);
export const family: Show = named(1, FAMILIES, 'AF_???');

/** `1<<TCP_LISTEN|…`: bits by the names of their numbers. */
export const shifted =
  (size: number, table: NameTable): Show =>
  (bytes) =>
    number(size, (value) => {
      const known = table.filter(([, bit]) => (value & (1 << bit)) !== 0);
      const rest = known.reduce((left, [, bit]) => left & ~(1 << bit), value) >>> 0;
      const words = known.map(([name]) => `1<<${name}`);
      if (rest !== 0) words.push(hex(rest));
      return words.join('|') || '0';
    })(bytes, 0);

/** Escapes of strace's hexadecimal strings, 32 bytes at most. */
export function hexString(bytes: Uint8Array, limit: number): string {
  const text = [...bytes.subarray(0, limit)]
    .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
    .join('');
  return `"${text}"${bytes.length > limit ? '...' : ''}`;
}

/** A string with its NUL. */
export const string: Show = (bytes) => {
  const nul = bytes.indexOf(0, 1);
  return quoted(nul < 0 ? bytes : bytes.subarray(0, nul));
};

function quoted(bytes: Uint8Array): string {
  const text = [...bytes].map((byte) =>
    byte === 0 ? '\\0' : byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8)}`,
  );
  return `"${text.join('')}"`;
}

/** `00:00:00:00:00:00`. */
export const hardware: Show = (bytes) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

const AF_INET = 2;
const AF_INET6 = 10;

/** `inet_addr("127.0.0.1")`, `inet_pton(AF_INET6, "::1")`. */
export const address: Show = (bytes, of) => {
  if (of === AF_INET && bytes.length >= 4) return `inet_addr("${[...bytes.subarray(0, 4)].join('.')}")`;
  if (of === AF_INET6 && bytes.length >= 16)
    return `inet_pton(AF_INET6, "${ipv6Text(bytes.subarray(0, 16))}")`;
  return undefined;
};

/** A struct: fields in order with their sizes; those without a name are left out. */
export type Layout = readonly (readonly [name: string, size: number, show: Show])[];

/** `{a=1, b=2}`; what is not there is `...`. */
export function layoutText(bytes: Uint8Array, layout: Layout, of: number): string {
  const words: string[] = [];
  let at = 0;
  const size = layout.reduce((sum, [, each]) => sum + each, 0);
  const isWhole = bytes.length >= size;
  for (const [name, length, show] of layout) {
    const text = show(bytes.subarray(at, at + length), of);
    at += length;
    if (name === '' || text === undefined) continue;
    // an address that says what it is
    words.push(text.startsWith('inet_pton') ? text.replace(')', `, &${name})`) : `${name}=${text}`);
    if (!isWhole) break;
  }
  if (!isWhole) words.push('...');
  return `{${words.join(', ')}}`;
}

export const struct =
  (layout: Layout): Show =>
  (bytes, of) =>
    bytes.length < layout.reduce((sum, [, each]) => sum + each, 0)
      ? undefined
      : layoutText(bytes, layout, of);

/** `[1, 2]` of unsigned words. */
export const words: Show = (bytes) =>
  `[${Array.from({ length: bytes.length >> 2 }, (_, i) => u32(bytes.subarray(4 * i), 0)).join(', ')}]`;

/** A table of names counted from `first`. */
export function counted(prefix: string, first: number, list: string): NameTable {
  return names(
    Object.fromEntries(list.split(' ').map((word, i) => [`${prefix}${word}`, first + i] as const)),
  );
}

/** What follows the struct of a message: names of attributes, and how some of them look. */
export interface Attributes {
  readonly table: NameTable;
  readonly unknown: string;
  readonly shows: Readonly<Record<string, Show>>;
}

/** A sort of messages. */
export interface Body {
  readonly layout: Layout;
  readonly attributes?: Attributes;
}
