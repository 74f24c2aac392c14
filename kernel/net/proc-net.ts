// The files of /proc/net that this kernel has, as text (net/unix/af_unix.c unix_seq_show; proc(5), /proc/net).
// procfs makes a file of each row; a row is computed afresh at every open.
// Kernel addresses are shown as the socket's inode number, as a hashed pointer would be unique and mean nothing.

import { IPPROTO_TCP, IPPROTO_UDP } from '../abi/inet.ts';
import { AF_INET, AF_INET6, SOCK_STREAM } from '../abi/socket.ts';
import { isV4 } from './inet/endpoint.ts';
import { MULTICAST_TABLES } from './inet/proc-multicast.ts';
import { countInUse, INET_TABLES, snmp } from './inet/proc-tables.ts';
import { RT_SCOPE_HOST } from './loopback.ts';
import type { NetNamespace } from './net-namespace.ts';
import { PATH_OFFSET } from './unix/address.ts';
import { peerOf } from './unix/states.ts';
import type { UnixSocket } from './unix/unix-socket.ts';

/** File name under /proc/net, to content (bytes as code units). */
export const PROC_NET: Readonly<Record<string, (net: NetNamespace) => string>> = {
  unix: unixTable,
  protocols,
  sockstat,
  sockstat6: (net) =>
    `TCP6: inuse ${countInUse(net, IPPROTO_TCP, AF_INET6)}\nUDP6: inuse ${countInUse(net, IPPROTO_UDP, AF_INET6)}\n` +
    'UDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n',
  snmp,
  ...INET_TABLES,
  ...Object.fromEntries(
    Object.entries(MULTICAST_TABLES).map(([name, table]) => [name, ({ loopback }) => table(loopback)]),
  ),
  if_inet6: ({ loopback }) =>
    loopback.addresses
      .filter(({ ip }) => !isV4(ip))
      .map(({ ip, prefix, scope }) => {
        const digits = Array.from(ip, (unit) => hex(unit.charCodeAt(0), 2))
          .join('')
          .toLowerCase();
        const [bits, kind] = [hex(prefix, 2).toLowerCase(), scope === RT_SCOPE_HOST ? '10' : '00'];
        return `${digits} 01 ${bits} ${kind} 80       lo\n`;
      })
      .join(''),
  dev: () => {
    const counters =
      '       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0';
    return (
      'Inter-|   Receive                                                |  Transmit\n' +
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
      `    lo:${counters}\n`
    );
  },
};

/** __SO_ACCEPTCON. */
const ACCEPTS = 0x10000;
const SS_UNCONNECTED = 1;
const SS_CONNECTING = 2;
const SS_CONNECTED = 3;

function unixTable(net: NetNamespace): string {
  let table = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
  const peers = new Map<UnixSocket, number>();
  for (const socket of net.unixSockets) {
    const peer = peerOf(socket);
    if (peer !== undefined) peers.set(peer, (peers.get(peer) ?? 0) + 1);
  }
  // One reference is the open file's, one the table's, and one each of those whose peer it is.
  for (const socket of net.unixSockets) table += unixLine(socket, 2 + (peers.get(socket) ?? 0));
  return table;
}

function unixLine(socket: UnixSocket, references: number): string {
  const { state } = socket;
  const isListening = state?.kind === 'unix-listener';
  const isPending = socket.listener !== undefined;
  const hasPeer = peerOf(socket) !== undefined;
  const shown = isPending ? SS_CONNECTING : hasPeer || socket.isConnectedTo ? SS_CONNECTED : SS_UNCONNECTED;
  const columns = [
    `${hex(socket.inode.ino, 16)}:`,
    hex(references, 8),
    hex(0, 8),
    hex(isListening ? ACCEPTS : 0, 8),
    hex(socket.type, 4),
    hex(shown, 2),
    String(isPending ? 0 : socket.inode.ino).padStart(5),
  ];
  return `${columns.join(' ')}${shownName(socket)}\n`;
}

/** NULs of abstract names are shown as @, and a path's terminating NUL not at all. */
function shownName({ address }: UnixSocket): string {
  if (address.kind === 'unnamed') return '';
  const end = address.kind === 'path' ? address.bytes.length - 1 : address.bytes.length;
  let text = ' ';
  for (const byte of address.bytes.subarray(PATH_OFFSET, end))
    text += byte === 0 ? '@' : String.fromCharCode(byte);
  return text;
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}

/** What a row says besides the count: size, pages, pressure, room for headers, operations (the columns of two letters). */
interface ProtocolFacts {
  readonly size: number;
  readonly memory: number;
  readonly pressure: string;
  readonly header: number;
  readonly operations: string;
}
const UNIX = { size: 1152, memory: -1, pressure: 'NI', header: 0, operations: 'ynnnnnnnnnnnnnnnnn' };
const UDP = { size: 1344, memory: 0, pressure: 'NI', header: 0, operations: 'yyynyyynyyyynnyyyn' };
const TCP = { size: 2304, memory: 0, pressure: 'no', header: 192, operations: 'yyyyyyyyyyyynyyyyy' };

/** proto_seq_printf. */
function protocolRow(name: string, sockets: number, facts: ProtocolFacts): string {
  const { size, memory, pressure, header, operations } = facts;
  const counts = `${String(size).padStart(4)} ${String(sockets).padStart(6)} ${String(memory).padStart(7)}`;
  const rest = `${pressure}  ${String(header).padStart(6)}   yes  kernel      ${[...operations].join('  ')}`;
  return `${name.padEnd(9)} ${counts}   ${rest}\n`;
}

function protocols(net: NetNamespace): string {
  let streams = 0;
  for (const socket of net.unixSockets) if (socket.type === SOCK_STREAM) streams++;
  const others = [...net.unixSockets].length - streams;
  return (
    'protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re bi br ha uh gp em\n' +
    protocolRow('UDPv6', countInUse(net, IPPROTO_UDP, AF_INET6), { ...UDP, size: 1472 }) +
    protocolRow('TCPv6', countInUse(net, IPPROTO_TCP, AF_INET6), { ...TCP, size: 2432 }) +
    protocolRow('UNIX-STREAM', streams, UNIX) +
    protocolRow('UNIX', others, UNIX) +
    protocolRow('UDP', countInUse(net, IPPROTO_UDP, AF_INET), UDP) +
    protocolRow('TCP', countInUse(net, IPPROTO_TCP, AF_INET), TCP)
  );
}

function sockstat(net: NetNamespace): string {
  let streams = 0;
  for (const socket of net.inetSockets) if (socket.type === SOCK_STREAM) streams++;
  return (
    `sockets: used ${net.socketCount}\n` +
    `TCP: inuse ${countInUse(net, IPPROTO_TCP, AF_INET)} orphan 0 tw 0 alloc ${streams} mem 0\n` +
    `UDP: inuse ${countInUse(net, IPPROTO_UDP, AF_INET)} mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n`
  );
}
