// Kinds of the socket calls: families and types, addresses in and out, lengths, options and their values.
// Rows of kernel/syscalls/socket*.ts name them; message headers are in message-kinds.ts.
// The rows call their arguments fd, addr, addrlen, level, optname, optval, optlen.
import { errnoName } from '../../errno.ts';
import type { Kind, PrintContext } from '../kind.ts';
import {
  Linger,
  SO_BINDTODEVICE,
  SO_ERROR,
  SO_LINGER,
  SO_PEERCRED,
  SO_PEERGROUPS,
  SOL_SOCKET,
  Ucred,
} from '../socket.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { flagText, hex, nameOf, pointer } from './format.ts';
import { arrayText, braces, bufferText, numberAt, peekBytes, peekNumber, structText } from './peek.ts';
import { addressText } from './socket-address.ts';
import {
  FAMILIES,
  IP_PROTOCOLS,
  LEVELS,
  MESSAGE_FLAGS,
  NETLINK_PROTOCOLS,
  optionsOf,
  TYPE_FLAGS,
  TYPES,
} from './socket-names.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;

export const Family: Kind = kind('family', 'i32', (value) => nameOf(value, FAMILIES, 'AF_???'));
export const SocketType: Kind = kind('socket type', 'i32', (value) => {
  if (value === 0) return '0';
  const type = nameOf(value & 0xf, TYPES, 'SOCK_???');
  const rest = (value & ~0xf) >>> 0;
  if (TYPES.every(([, number]) => number !== (value & 0xf))) return `${hex(value >>> 0)} /* SOCK_??? */`;
  return rest === 0 ? type : `${type}|${flagText(rest, TYPE_FLAGS, 'SOCK_???')}`;
});
export const Protocol: Kind = kind('protocol', 'i32', (value, { args }) => {
  const family = args.domain ?? args.family;
  if (family === AF_INET || family === AF_INET6) return nameOf(value, IP_PROTOCOLS, 'IPPROTO_???');
  if (family === AF_NETLINK) return nameOf(value, NETLINK_PROTOCOLS, 'NETLINK_???');
  return String(value >>> 0);
});
export const MessageFlags: Kind = flags('MSG_???', MESSAGE_FLAGS);
export const AcceptFlags: Kind = flags('SOCK_???', TYPE_FLAGS);
export const ShutdownHow: Kind = oneOf('SHUT_???', { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 }, 'i32');

/** Room for struct sockaddr_storage; longer ones are cut by the kernel too. */
const LARGEST = 128;

/** The address of `length` bytes at `address`. */
export function addressAt(context: PrintContext, address: number, length: number): string {
  if (address === 0) return 'NULL';
  const wanted = Math.max(0, Math.min(length, LARGEST));
  const bytes = peekBytes(context, address, wanted);
  const text = bytes === undefined || bytes.length < wanted ? undefined : addressText(bytes);
  return text ?? hex(address);
}

/** An address the call reads; its length is the argument addrlen. */
export const SockAddrIn: Kind = kind('struct sockaddr', 'u64', (value, context) =>
  addressAt(context, value, context.args.addrlen ?? 0),
);

/** An address the call wrote; `addrlen` points to its length. Captures what room there was. */
export const SockAddrOut: Kind = {
  name: 'struct sockaddr',
  register: 'u64',
  when: 'exit',
  capture: (_, context) => peekNumber(context, context.args.addrlen ?? 0, 'i32'),
  print: (value, context) => {
    if (value === 0) return 'NULL';
    const room = context.captured as bigint | undefined;
    const written = context.result < 0 ? undefined : peekNumber(context, context.args.addrlen ?? 0, 'i32');
    if (written === undefined || room === undefined) return hex(value);
    return addressAt(context, value, Number(written < room ? written : room));
  },
};

/** An in-out length: `[110 => 2]`, `[16]` when unchanged. */
export const LengthInOut: Kind = {
  name: 'socklen_t *',
  register: 'u64',
  when: 'exit',
  capture: (value, context) => peekNumber(context, value, 'i32'),
  print: (value, context) => {
    if (value === 0) return 'NULL';
    const before = context.captured as bigint | undefined;
    const after = peekNumber(context, value, 'i32');
    if (before === undefined || after === undefined) return hex(value);
    return context.result < 0 || before === after ? `[${before}]` : `[${before} => ${after}]`;
  },
};

export const OptionLevel: Kind = kind('level', 'i32', (value) => nameOf(value, LEVELS, 'SOL_??'));
export const OptionName: Kind = kind('option', 'i32', (value, { args }) => {
  const known = optionsOf(args.level ?? 0);
  return known === undefined ? String(value) : nameOf(value, known.table, known.unknown);
});

const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const SO_ATTACH_FILTER = 26;

function ucredText(value: { pid: number; uid: number; gid: number }): string {
  return braces([`pid=${value.pid}`, `uid=${value.uid}`, `gid=${value.gid}`]);
}

/** A value of `length` bytes, by option. */
function optionValue(context: PrintContext, address: number, length: number, isSet: boolean): string {
  const { level = 0, optname = 0 } = context.args;
  if (address === 0) return 'NULL';
  if (length < 0 || (length === 0 && !isSet)) return pointer(address);
  if (isSet && !(level === SOL_SOCKET && (optname === SO_LINGER || optname === SO_ATTACH_FILTER)))
    return setValue(context, address, length);
  if (level === SOL_SOCKET) {
    switch (optname) {
      case SO_ERROR:
        return length === 4 ? errorText(context, address) : bufferText(context, address, length);
      case SO_LINGER:
        if (length < Linger.size) return pointer(address);
        return structText(context, address, Linger, (linger) =>
          braces([`l_onoff=${linger.l_onoff}`, `l_linger=${linger.l_linger}`]),
        );
      case SO_PEERCRED:
        return length < Ucred.size ? pointer(address) : structText(context, address, Ucred, ucredText);
      case SO_RCVTIMEO:
      case SO_SNDTIMEO:
      case SO_BINDTODEVICE:
        return bufferText(context, address, length);
      case SO_ATTACH_FILTER:
        return pointer(address);
      case SO_PEERGROUPS:
        return length === 0 ? pointer(address) : groupsText(context, address, length);
    }
  }
  return length === 4 ? numberAt(context, address, 'i32') : bufferText(context, address, length);
}

/** Options that take no integer: what is given for them is shown as it is. */
const NO_INTEGERS =
  /^SO_(TYPE|ERROR|DOMAIN|PROTOCOL|COOKIE|BINDTODEVICE|(RCV|SND)TIMEO.*|PEER.*|SECURITY_.*)$/;

function setValue(context: PrintContext, address: number, length: number): string {
  const { level = 0, optname = 0 } = context.args;
  const known = optionsOf(level)?.table.find(([, number]) => number === optname);
  const isInteger = known !== undefined && !NO_INTEGERS.test(known[0]);
  if (length === 4 || (isInteger && length > 4)) return numberAt(context, address, 'i32');
  return isInteger ? pointer(address) : bufferText(context, address, length);
}

/** `[ECONNRESET]`, `[0]`. */
function errorText(context: PrintContext, address: number): string {
  const error = peekNumber(context, address, 'i32');
  if (error === undefined) return hex(address);
  return `[${error === 0n ? '0' : errnoName(Number(error))}]`;
}

function groupsText(context: PrintContext, address: number, length: number): string {
  return arrayText(context, address, length >> 2, 4, (at) => peekNumber(context, at, 'u32')?.toString());
}

export const OptionIn: Kind = kind('option value', 'u64', (value, context) =>
  optionValue(context, value, context.args.optlen ?? 0, true),
);
export const OptionOut: Kind = outKind('option value', 'u64', (value, context) => {
  const length = context.result < 0 ? undefined : peekNumber(context, context.args.optlen ?? 0, 'i32');
  return length === undefined ? pointer(value) : optionValue(context, value, Number(length), false);
});
