// Kinds of the socket calls: families and types, addresses in and out, lengths.
// Rows of kernel/syscalls/socket*.ts name them; options are in socket-option-kinds.ts, message headers in message-kinds.ts.
// The rows call their arguments fd, addr, addrlen.
import type { Kind, PrintContext } from '../kind.ts';
import { flags, kind, oneOf } from './basic.ts';
import { flagText, hex, nameOf } from './format.ts';
import { peekBytes, peekNumber } from './peek.ts';
import { addressText } from './socket-address.ts';
import {
  FAMILIES,
  IP_PROTOCOLS,
  MESSAGE_FLAGS,
  NETLINK_PROTOCOLS,
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
  if (context.isAddressOnly === true) return hex(address);
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
