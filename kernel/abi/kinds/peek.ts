// Looking into a guest's memory while a trace is printed: bytes, strings, numbers, structs, arrays.
// Kinds call it; nothing here throws on guest addresses: what cannot be read is shown as its address.
// Reading brings pages in as the guest's own reads would.
import type { PrintContext } from '../kind.ts';
import type { Codec } from '../struct.ts';
import { hex, pointer, quoteBytes, quoteLimited } from './format.ts';

/** Up to `length` readable bytes at `address`; undefined when not even one is. */
export function peekBytes(context: PrintContext, address: number, length: number): Uint8Array | undefined {
  if (length <= 0) return new Uint8Array(0);
  const { user } = context.thread;
  const readable = user.accessible(address, Math.min(length, 0x10_0000), false);
  return readable === 0 ? undefined : user.read(address, readable);
}

/** The bytes before the NUL, at most `limit`; undefined when memory ends first. `isWhole` tells whether the NUL was found. */
export function peekCString(
  context: PrintContext,
  address: number,
  limit: number,
): { bytes: Uint8Array; isWhole: boolean } | undefined {
  const parts: number[] = [];
  while (parts.length <= limit) {
    const at = address + parts.length;
    const chunk = peekBytes(context, at, Math.min(4096 - (at % 4096), limit + 1 - parts.length));
    if (chunk === undefined) return undefined;
    const nul = chunk.indexOf(0);
    for (const byte of nul < 0 ? chunk : chunk.subarray(0, nul)) parts.push(byte);
    if (nul >= 0) return { bytes: Uint8Array.from(parts), isWhole: true };
  }
  return { bytes: Uint8Array.from(parts.slice(0, limit)), isWhole: false };
}

/** A path as text: quoted, or its address when unreadable. */
export function pathText(context: PrintContext, address: number): string {
  if (address === 0) return 'NULL';
  const found = peekCString(context, address, 4095);
  if (found === undefined) return hex(address);
  return found.isWhole ? quoteBytes(found.bytes) : `${quoteBytes(found.bytes)}...`;
}

/** A string as text, cut at -s. */
export function stringText(context: PrintContext, address: number): string {
  if (address === 0) return 'NULL';
  const found = peekCString(context, address, context.stringLimit);
  if (found === undefined) return hex(address);
  return quoteLimited(found.bytes, context.stringLimit, found.isWhole);
}

/** `length` bytes at `address` as a quoted string, cut at -s. */
export function bufferText(context: PrintContext, address: number, length: number): string {
  if (address === 0) return 'NULL';
  if (length === 0) return '""';
  const bytes = peekBytes(context, address, Math.min(length, context.stringLimit));
  if (bytes === undefined || bytes.length < Math.min(length, context.stringLimit)) return hex(address);
  return quoteLimited(bytes, context.stringLimit, length <= context.stringLimit);
}

/** A declared struct at `address`; undefined when it is not all readable. */
export function peekStruct<T>(context: PrintContext, address: number, codec: Codec<T>): T | undefined {
  if (context.isAddressOnly === true) return undefined;
  const bytes = peekBytes(context, address, codec.size);
  if (bytes === undefined || bytes.length < codec.size) return undefined;
  return codec.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}

/** A struct's text, NULL, or the address when it cannot (or may not yet) be read. */
export function structText<T>(
  context: PrintContext,
  address: number,
  codec: Codec<T>,
  text: (value: T) => string,
  isReadable = true,
): string {
  if (address === 0) return 'NULL';
  const value = isReadable ? peekStruct(context, address, codec) : undefined;
  return value === undefined ? pointer(address) : text(value);
}

type Width = 'i32' | 'u32' | 'i64' | 'u64';

/** One number of guest memory. */
export function peekNumber(context: PrintContext, address: number, width: Width): bigint | undefined {
  if (context.isAddressOnly === true) return undefined;
  const size = width.endsWith('32') ? 4 : 8;
  const bytes = peekBytes(context, address, size);
  if (bytes === undefined || bytes.length < size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (width === 'i32') return BigInt(view.getInt32(0, true));
  if (width === 'u32') return BigInt(view.getUint32(0, true));
  return width === 'i64' ? view.getBigInt64(0, true) : view.getBigUint64(0, true);
}

/** `[number]` as strace prints `int *`. */
export function numberAt(context: PrintContext, address: number, width: Width, isReadable = true): string {
  if (address === 0) return 'NULL';
  const value = isReadable ? peekNumber(context, address, width) : undefined;
  return value === undefined ? hex(address) : `[${value}]`;
}

/** An array's elements, `...` behind as many as -s says; with -v all of them. */
export function arrayText(
  context: PrintContext,
  address: number,
  count: number,
  size: number,
  element: (address: number, index: number) => string | undefined,
): string {
  if (address === 0) return 'NULL';
  if (context.isAddressOnly === true) return hex(address);
  if (count === 0) return '[]';
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    if (i >= context.stringLimit && !context.isVerbose) {
      texts.push('...');
      break;
    }
    const text = element(address + i * size, i);
    if (text === undefined) {
      if (i === 0) return hex(address);
      texts.push(`... /* ${hex(address + i * size)} */`);
      break;
    }
    texts.push(text);
  }
  return `[${texts.join(', ')}]`;
}

/** `{a=1, b=2}`; entries that are undefined are left out. */
export function braces(entries: readonly (string | undefined)[]): string {
  return `{${entries.filter((entry) => entry !== undefined).join(', ')}}`;
}

/** Bytes of a struct behind those that are known, when one is not 0: strace's `bytes 24..31` in a comment. */
export function trailingText(
  context: PrintContext,
  address: number,
  known: number,
  size: number,
): string | undefined {
  if (size <= known) return undefined;
  if (size > LARGEST_STRUCT) return '???';
  const bytes = peekBytes(context, address + known, size - known);
  if (bytes === undefined || bytes.length < size - known) return '???';
  if (bytes.every((byte) => byte === 0)) return undefined;
  const text = [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `/* bytes ${known}..${size - 1} */ "${text}"`;
}
const LARGEST_STRUCT = 4096;
