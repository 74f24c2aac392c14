// The plain kinds of arguments: numbers, descriptors, pointers, paths and buffers, and makers for flags and names.
// Rows in kernel/syscalls/ name them; the other files of this folder add the kinds that print structs.
// Printing never throws: what cannot be read is shown as its address.
import type { UserMemory } from '../../mm/user-memory.ts';
import type { Kind, PrintContext, Register } from '../kind.ts';
import { flagText, hex, type NameTable, nameOf, octal, pointer, quoteBytes, quoteLimited } from './format.ts';
import { printFd } from './fd-text.ts';
import { signalName } from './signal-names.ts';

type Print = (value: number, context: PrintContext) => string;

/** An in-parameter: printed on entry. */
export function kind(name: string, register: Register, print: Print): Kind {
  return { name, register, when: 'enter', print };
}

/** An out or in-out parameter: printed on exit. */
export function outKind(name: string, register: Register, print: Print): Kind {
  return { name, register, when: 'exit', print };
}

/** A set of bits with names. `unknown` is what strace hints for bits without one, as in `MSG_???`. */
export function flags(
  unknown: string,
  table: NameTable | Readonly<Record<string, number>>,
  register: Register = 'u32',
): Kind {
  const entries = asTable(table);
  return kind(unknown, register, (value) => flagText(value, entries, unknown));
}

/** One of several named values. */
export function oneOf(
  unknown: string,
  table: NameTable | Readonly<Record<string, number>>,
  register: Register = 'u32',
): Kind {
  const entries = asTable(table);
  return kind(unknown, register, (value) => nameOf(value, entries, unknown));
}

function asTable(table: NameTable | Readonly<Record<string, number>>): NameTable {
  return Array.isArray(table) ? (table as NameTable) : Object.entries(table as Record<string, number>);
}

export const I32: Kind = kind('int', 'i32', String);
export const U32: Kind = kind('unsigned', 'u32', String);
export const I64: Kind = kind('long', 'i64', (value, context) => BigInt.asIntN(64, context.raw).toString());
export const U64: Kind = kind('unsigned long', 'u64', (_, context) => context.raw.toString());
export const Size: Kind = kind('size', 'u64', (_, context) => context.raw.toString());
export const Hex: Kind = kind('hex', 'u64', (_, context) => hex(context.raw));
export const Hex32: Kind = kind('hex32', 'u32', (value) => hex(value));
export const Ptr: Kind = kind('pointer', 'u64', (_, context) => pointer(context.raw));
export const Mode: Kind = kind('mode', 'u32', (value) => octal(value & 0xffff));
export const Pid: Kind = kind('pid', 'i32', String);
/** -1 is "leave unchanged" (setresuid, chown). */
export const Uid: Kind = kind('uid', 'u32', (value) => (value === 0xffff_ffff ? '-1' : String(value)));
export const Gid: Kind = Uid;
export const Signal: Kind = kind('signal', 'i32', (value) => signalName(value));

export const Fd: Kind = kind('fd', 'i32', (value, context) => printFd(value, context));
const AT_FDCWD = -100;
/** A directory descriptor of an *at call. */
export const DirFd: Kind = kind('dirfd', 'i32', (value, context) =>
  value === AT_FDCWD ? 'AT_FDCWD' : printFd(value, context),
);

/** A path: never shortened. */
export const Path: Kind = kind('path', 'u64', (value, context) => pathText(context, value));
/** A NUL-terminated string, shortened to -s. */
export const CString: Kind = kind('string', 'u64', (value, context) => stringText(context, value));

/** The guest's memory behind a context, without its own way of failing. */
export function userOf(context: PrintContext): UserMemory {
  return context.thread.mm.user;
}

/** Up to `length` readable bytes at `address`; undefined when not even one is. */
export function peekBytes(context: PrintContext, address: number, length: number): Uint8Array | undefined {
  if (length <= 0) return new Uint8Array(0);
  const user = userOf(context);
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

/** Bytes the call reads; their count is the argument `lengthName`. */
export function bufferIn(lengthName: string): Kind {
  return kind('buffer', 'u64', (value, context) => bufferText(context, value, context.args[lengthName] ?? 0));
}

const LENGTH_NAMES = ['count', 'len', 'size', 'length', 'nbytes', 'buflen', 'bufsiz', 'n'];

/** Bytes the call reads; their count is the argument named count, len, size … */
export const BufferIn: Kind = kind('buffer', 'u64', (value, context) => {
  const name = LENGTH_NAMES.find((candidate) => candidate in context.args);
  return bufferText(context, value, name === undefined ? 0 : (context.args[name] ?? 0));
});

/** Bytes the call wrote: as many as its result says; the address when it failed. */
export const BufferOut: Kind = outKind('out-buffer', 'u64', (value, context) =>
  context.result < 0 ? pointer(value) : bufferText(context, value, context.result),
);

/** An address printed as `[number]` when the call succeeded: `int *` out-parameters. */
export const I32Out: Kind = outKind('out-int', 'u64', (value, context) =>
  numberAt(context, value, context.result >= 0, true),
);
export const U32Out: Kind = outKind('out-unsigned', 'u64', (value, context) =>
  numberAt(context, value, context.result >= 0, false),
);
/** `int *` that the call reads. */
export const I32In: Kind = kind('in-int', 'u64', (value, context) => numberAt(context, value, true, true));

function numberAt(context: PrintContext, address: number, isReadable: boolean, isSigned: boolean): string {
  if (address === 0) return 'NULL';
  const bytes = isReadable ? peekBytes(context, address, 4) : undefined;
  if (bytes === undefined || bytes.length < 4) return hex(address);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return `[${isSigned ? view.getInt32(0, true) : view.getUint32(0, true)}]`;
}

/** A file offset in a register: signed. */
export const Offset: Kind = I64;
