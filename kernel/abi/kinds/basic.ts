// The plain kinds of arguments: numbers, descriptors, pointers, paths and buffers, and makers for flags and names.
// Rows in kernel/syscalls/ name them; the other files of this folder add the kinds that print structs.
// Printing never throws: what cannot be read is shown as its address.
import { AT_FDCWD } from '../fcntl.ts';
import type { ContextNames, Kind, Register } from '../kind.ts';
import { signalName } from '../signal.ts';
import { printFd } from './fd-text.ts';
import { flagText, hex, type NameTable, nameOf, octal, pointer } from './format.ts';
import { bufferText, numberAt, pathText, peekNumber, stringText } from './peek.ts';

type Print = Kind['print'];

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

/** A process or thread: `7`, with -Y `7<server>`. */
export function pidText(pid: number, names: ContextNames): string {
  const name = pid > 0 ? names.commandName?.(pid) : undefined;
  return name === undefined ? String(pid) : `${pid}<${name}>`;
}

export const I32: Kind = kind('int', 'i32', String);
export const U32: Kind = kind('unsigned', 'u32', String);
export const I64: Kind = kind('long', 'i64', (_, context) => BigInt.asIntN(64, context.raw).toString());
export const U64: Kind = kind('unsigned long', 'u64', (_, context) => context.raw.toString());
export const Size: Kind = kind('size', 'u64', (_, context) => context.raw.toString());
export const Hex: Kind = kind('hex', 'u64', (_, context) => hex(context.raw));
export const Hex32: Kind = kind('hex32', 'u32', (value) => hex(value));
export const Ptr: Kind = kind('pointer', 'u64', (_, context) => pointer(context.raw));
export const Mode: Kind = kind('mode', 'u32', (value) => octal(value & 0xffff));
export const Pid: Kind = kind('pid', 'i32', pidText);
/** -1 is "leave unchanged" (setresuid, chown). */
export const Uid: Kind = kind('uid', 'u32', (value) => (value === 0xffff_ffff ? '-1' : String(value)));
export const Gid: Kind = { ...Uid, name: 'gid' };
export const Signal: Kind = kind('signal', 'i32', (value) => signalName(value));

export const Fd: Kind = kind('fd', 'i32', (value, context) => printFd(value, context));
/** A directory descriptor of an *at call. */
export const DirFd: Kind = kind('dirfd', 'i32', (value, context) => {
  const text = printFd(value, context);
  return value === AT_FDCWD ? text.replace(String(AT_FDCWD), 'AT_FDCWD') : text;
});

/** A path: never shortened. */
export const Path: Kind = kind('path', 'u64', (value, context) => pathText(context, value));
/** A NUL-terminated string, shortened to -s. */
export const CString: Kind = kind('string', 'u64', (value, context) => stringText(context, value));

export const LENGTH_NAMES: readonly string[] = [
  'count',
  'len',
  'size',
  'length',
  'nbytes',
  'buflen',
  'bufsiz',
  'msg_len',
  'n',
  'plen',
];

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
  numberAt(context, value, 'i32', context.result >= 0),
);
export const U64Out: Kind = outKind('out-unsigned long', 'u64', (value, context) =>
  numberAt(context, value, 'u64', context.result >= 0),
);
/** `[0x11f00]`: an address that the call wrote. */
export const AddressOut: Kind = outKind('out-pointer', 'u64', (value, context) => {
  const written = context.result < 0 ? undefined : peekNumber(context, value, 'u64');
  return written === undefined ? pointer(value) : `[${pointer(written)}]`;
});
export const U32Out: Kind = outKind('out-unsigned', 'u64', (value, context) =>
  numberAt(context, value, 'u32', context.result >= 0),
);
