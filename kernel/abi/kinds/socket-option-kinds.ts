// Kinds of getsockopt and setsockopt: levels and options by name, values as the option means them.
// The rows of kernel/syscalls/socket-options call their arguments fd, level, optname, optval, optlen.
// What a value looks like when it is too short or too long is strace's print_getsockopt() and print_setsockopt().
import { errnoName } from '../../errno.ts';
import type { Kind, PrintContext } from '../kind.ts';
import {
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_ERROR,
  SO_LINGER,
  SO_PEERCRED,
  SO_PEERGROUPS,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SOL_SOCKET,
} from '../socket.ts';
import { kind, pidText } from './basic.ts';
import { programText } from './bpf-text.ts';
import { hex, nameOf, pointer } from './format.ts';
import { groupRequestText } from './group-option-text.ts';
import { arrayText, braces, bufferText, numberAt, peekBytes, peekNumber } from './peek.ts';
import { LEVELS, optionsOf } from './socket-names.ts';

const SOL_NETLINK = 270;
const NETLINK_LIST_MEMBERSHIPS = 9;
const INT_SIZE = 4;
const FPROG_SIZE = 16;

export const OptionLevel: Kind = kind('level', 'i32', (value) => nameOf(value, LEVELS, 'SOL_??'));

function optionText(value: number, level: number): string {
  const known = optionsOf(level);
  return known === undefined ? String(value) : nameOf(value, known.table, known.unknown);
}

export const OptionName: Kind = kind('option', 'i32', (value, { args }) =>
  optionText(value, args.level ?? 0),
);

/** As getsockopt calls it: a filter that is attached can be got. */
export const OptionNameOut: Kind = kind('option', 'i32', (value, { args }) =>
  args.level === SOL_SOCKET && value === SO_ATTACH_FILTER
    ? 'SO_GET_FILTER'
    : optionText(value, args.level ?? 0),
);

/** A struct of 32-bit fields of which `length` bytes are there: the last may be shown as bytes. */
function partialText(
  context: PrintContext,
  address: number,
  length: number,
  fields: readonly (readonly [string, 'i32' | 'u32'])[],
): string {
  const bytes = peekBytes(context, address, Math.min(length, fields.length * INT_SIZE));
  if (bytes === undefined || bytes.length === 0) return pointer(address);
  return braces(
    fields.map(([name, width], index) => {
      const part = bytes.subarray(index * INT_SIZE, (index + 1) * INT_SIZE);
      if (part.length === 0) return undefined;
      if (part.length === INT_SIZE) {
        const value = Number(peekNumber(context, address + index * INT_SIZE, width));
        return `${name}=${name === 'pid' ? pidText(value, context) : value}`;
      }
      const escapes = [...part].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`);
      return `${name}="${escapes.join('')}"`;
    }),
  );
}

const LINGER = [
  ['l_onoff', 'i32'],
  ['l_linger', 'i32'],
] as const;
const UCRED = [
  ['pid', 'i32'],
  ['uid', 'u32'],
  ['gid', 'u32'],
] as const;

/** What getsockopt wrote: `length` bytes, of `room` that there were. */
function valueGot(context: PrintContext, address: number, length: number, room: number): string {
  const { level = 0, optname = 0 } = context.args;
  if (level === SOL_NETLINK) {
    if (room < INT_SIZE && optname !== NETLINK_LIST_MEMBERSHIPS) return pointer(address);
    return optname === NETLINK_LIST_MEMBERSHIPS
      ? numbersText(context, address, Math.min(room, length))
      : numberAt(context, address, 'i32');
  }
  if (length <= 0) return pointer(address);
  if (level === SOL_SOCKET) {
    switch (optname) {
      case SO_ERROR:
        return length === INT_SIZE ? errorText(context, address) : bufferText(context, address, length);
      case SO_LINGER:
        return partialText(context, address, length, LINGER);
      case SO_PEERCRED:
        return partialText(context, address, length, UCRED);
      case SO_ATTACH_FILTER:
        return pointer(address);
      case SO_PEERGROUPS:
        return numbersText(context, address, length);
      case SO_TIMESTAMPING_OLD:
      case SO_TIMESTAMPING_NEW:
        return length < INT_SIZE ? bufferText(context, address, length) : numberAt(context, address, 'i32');
    }
  }
  return length === INT_SIZE ? numberAt(context, address, 'i32') : bufferText(context, address, length);
}

/** Options of SOL_SOCKET that take no integer, or none as strace knows them: bytes, as they are given. */
const NO_INTEGERS =
  /^SO_(TYPE|ERROR|DOMAIN|PROTOCOL|COOKIE|BINDTODEVICE|(RCV|SND)TIMEO.*|PEER.*|SECURITY_.*|ATTACH_(REUSEPORT_E)?BPF|BINDTOIFINDEX|BPF_EXTENSIONS|BUF_LOCK|MAX_PACING_RATE|MEMINFO|NETNS_COOKIE|TXTIME)$/;

function takesInteger(level: number, optname: number): boolean {
  if (level === SOL_NETLINK) return true;
  if (level !== SOL_SOCKET) return false;
  const known = optionsOf(level)?.table.find(([, number]) => number === optname);
  return known !== undefined && !NO_INTEGERS.test(known[0]);
}

function valueSet(context: PrintContext, address: number, length: number): string {
  const { level = 0, optname = 0 } = context.args;
  if (level === SOL_SOCKET) {
    if (optname === SO_LINGER)
      return length < LINGER.length * INT_SIZE
        ? pointer(address)
        : partialText(context, address, length, LINGER);
    if (optname === SO_ATTACH_FILTER || optname === SO_ATTACH_REUSEPORT_CBPF)
      return length === FPROG_SIZE ? programText(context, address) : pointer(address);
  }
  const request = groupRequestText(context, address, length);
  if (request !== undefined) return request;
  const isInteger = takesInteger(level, optname);
  if (length === INT_SIZE || (isInteger && length > INT_SIZE)) return numberAt(context, address, 'i32');
  return isInteger ? pointer(address) : bufferText(context, address, length);
}

/** The kernel's own numbers, which a socket can hold as its error. */
const INTERNAL_ERRORS: Readonly<Record<number, string>> = { 512: 'ERESTARTSYS' };

/** `[ECONNRESET]`, `[0]`. */
function errorText(context: PrintContext, address: number): string {
  const error = peekNumber(context, address, 'i32');
  if (error === undefined) return hex(address);
  return `[${error === 0n ? '0' : (INTERNAL_ERRORS[Number(error)] ?? errnoName(Number(error)))}]`;
}

function numbersText(context: PrintContext, address: number, length: number): string {
  return arrayText(context, address, length >> 2, INT_SIZE, (at) =>
    peekNumber(context, at, 'u32')?.toString(),
  );
}

export const OptionIn: Kind = kind('option value', 'u64', (value, context) => {
  const { optlen = 0 } = context.args;
  if (value === 0) return 'NULL';
  return optlen < 0 ? pointer(value) : valueSet(context, value, optlen);
});

export const OptionOut: Kind = {
  name: 'option value',
  register: 'u64',
  when: 'exit',
  capture: (_, context) => peekNumber(context, context.args.optlen ?? 0, 'i32'),
  print: (value, context) => {
    if (value === 0) return 'NULL';
    const length = context.result < 0 ? undefined : peekNumber(context, context.args.optlen ?? 0, 'i32');
    const room = context.captured as bigint | undefined;
    if (length === undefined || length < 0n) return pointer(value);
    return valueGot(context, value, Number(length), Number(room ?? length));
  },
};
