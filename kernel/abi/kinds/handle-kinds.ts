// Kinds of file handles (open_by_handle_at(2)): {handle_bytes=128 => 12, handle_type=1, f_handle="\x01…"}.
// The rows of kernel/syscalls/file-handles.ts name them.
import type { Kind, PrintContext } from '../kind.ts';
import { kind } from './basic.ts';
import { hex, pointer } from './format.ts';
import { braces, peekBytes, peekNumber } from './peek.ts';

const HEADER_SIZE = 8;
/** MAX_HANDLE_SZ: no handle is longer. */
const LARGEST = 128;

/** Type and bytes of a handle of `length`. */
function handleFields(context: PrintContext, address: number, length: number): string[] {
  const type = peekNumber(context, address + 4, 'i32') ?? 0n;
  const bytes = peekBytes(context, address + HEADER_SIZE, Math.min(length, LARGEST));
  if (bytes === undefined) return [`handle_type=${type}`, '???'];
  const text = [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return [`handle_type=${type}`, `f_handle="${text}"${length > LARGEST ? '...' : ''}`];
}

/** The handle that the call makes: how much room there is, how much it needs. */
export const FileHandleOut: Kind = {
  name: 'struct file_handle',
  register: 'u64',
  when: 'exit',
  capture: (value, context) => peekNumber(context, value, 'u32'),
  print: (value, context) => {
    const room = context.captured as bigint | undefined;
    const length = value === 0 ? undefined : peekNumber(context, value, 'u32');
    if (room === undefined || length === undefined) return pointer(value);
    const bytes = `handle_bytes=${room}`;
    const isDone = context.result >= 0;
    const isTooShort = context.result === -EOVERFLOW;
    if (!isDone && !isTooShort) return braces([bytes]);
    const changed = room === length ? bytes : `${bytes} => ${length}`;
    return braces([changed, ...(isDone ? handleFields(context, value, Number(length)) : [])]);
  },
};
const EOVERFLOW = 75;

export const FileHandleIn: Kind = kind('struct file_handle', 'u64', (value, context) => {
  const length = value === 0 ? undefined : peekNumber(context, value, 'u32');
  if (length === undefined) return pointer(value);
  return braces([`handle_bytes=${length}`, ...handleFields(context, value, Number(length))]);
});

/** The mount's number: 64 bits with AT_HANDLE_MNT_ID_UNIQUE. */
export const MountIdOut: Kind = {
  ...FileHandleOut,
  name: 'mount id',
  print: (value, context) => {
    const isUnique = ((context.args.flag ?? 0) & 1) !== 0;
    const id =
      context.result < 0 || value === 0 ? undefined : peekNumber(context, value, isUnique ? 'u64' : 'i32');
    return id === undefined ? (value === 0 ? 'NULL' : hex(value)) : `[${id}]`;
  },
};
