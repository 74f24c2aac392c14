// /proc/net/tcp, tcp6, udp and udp6 (net/ipv4/tcp_ipv4.c tcp4_seq_show, net/ipv4/udp.c udp4_seq_show), and the counts of
// sockstat and snmp. proc-net.ts makes files of them. Timers, retransmissions and windows do not exist on a loopback
// without packets; they are shown as Linux shows a connection that is at rest.

import { IPPROTO_TCP, IPPROTO_UDP } from '../../abi/inet.ts';
import { AF_INET, AF_INET6 } from '../../abi/socket.ts';
import type { NetNamespace } from '../net-namespace.ts';
import {
  inoOf,
  localOf,
  receiveQueueOf,
  remoteOf,
  stateNumber,
  TCP_ESTABLISHED,
  tabled,
} from './diagnosis.ts';
import type { Endpoint } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';

const HEADER_4 =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const HEADER_6 =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
/** Lines of the older tables are filled up with spaces (TMPSZ - 1, and 127 of UDP). */
const TCP_WIDTH = 149;
const UDP_WIDTH = 127;

/** Table's name, to its text. */
export const INET_TABLES: Readonly<Record<string, (net: NetNamespace) => string>> = {
  tcp: (net) => table(net, IPPROTO_TCP, AF_INET, HEADER_4, TCP_WIDTH),
  tcp6: (net) => table(net, IPPROTO_TCP, AF_INET6, HEADER_6, 0),
  udp: (net) => table(net, IPPROTO_UDP, AF_INET, ` ${HEADER_4} ref pointer drops`, UDP_WIDTH),
  udp6: (net) => table(net, IPPROTO_UDP, AF_INET6, `${HEADER_6} ref pointer drops`, 0),
};

function table(net: NetNamespace, protocol: number, family: number, header: string, width: number): string {
  const sockets = tabled(net.inetSockets, protocol).filter((socket) => socket.family.number === family);
  const lines = sockets.map((socket, i) =>
    protocol === IPPROTO_TCP ? tcpLine(socket, i) : udpLine(socket, i),
  );
  return [header, ...lines].map((line) => `${line.padEnd(width)}\n`).join('');
}

function tcpLine(socket: InetSocket, index: number): string {
  // retransmission and acknowledgement timeouts, quick acknowledgements, congestion window, slow-start threshold
  const clock = socket.isListening ? '100 0 0 10 0' : '20 4 30 10 -1';
  return `${String(index).padStart(4)}: ${common(socket)} 1 ${POINTER} ${clock}`;
}

function udpLine(socket: InetSocket, index: number): string {
  return `${String(index).padStart(5)}: ${common(socket)} 2 ${POINTER} 0`;
}

/** Kernel addresses are hidden. */
const POINTER = '0'.repeat(16);

function common(socket: InetSocket): string {
  const { number } = socket.family;
  const queues = `00000000:${hex(receiveQueueOf(socket), 8)}`;
  const uid = String(socket.inode.uid).padStart(5);
  return `${shown(localOf(socket), number)} ${shown(remoteOf(socket), number)} ${hex(stateNumber(socket), 2)} ${queues} 00:00000000 00000000 ${uid}        0 ${inoOf(socket)}`;
}

/** Each word of an address is printed as the machine reads it; the port is in its own order. */
function shown({ ip, port }: Endpoint, family: number): string {
  let text = '';
  for (let word = family === AF_INET ? 12 : 0; word < 16; word += 4)
    for (let byte = 3; byte >= 0; byte--) text += hex(ip.charCodeAt(word + byte), 2);
  return `${text}:${hex(port, 4)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}

/** `inuse` of sockstat: sockets in the tables. */
export function countInUse(net: NetNamespace, protocol: number, family: number): number {
  return tabled(net.inetSockets, protocol).filter((socket) => socket.family.number === family).length;
}

/** /proc/net/snmp: nothing is sent in packets, so that only what is set and Tcp's CurrEstab are not zero. */
export function snmp(net: NetNamespace): string {
  const established = tabled(net.inetSockets, IPPROTO_TCP).filter(
    (socket) => stateNumber(socket) === TCP_ESTABLISHED,
  ).length;
  return SNMP.map(([group, names]) => {
    const settings = SNMP_SETTINGS[group] ?? {};
    const values = names.map((name) => (name === 'CurrEstab' ? established : (settings[name] ?? 0)));
    return `${group}: ${names.join(' ')}\n${group}: ${values.join(' ')}\n`;
  }).join('');
}

const UDP_COUNTERS =
  'InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors';

/** The groups and counters of net/ipv4/proc.c, without the types of ICMP messages that never came. */
const SNMP = (
  [
    [
      'Ip',
      'Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits',
    ],
    [
      'Icmp',
      'InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps',
    ],
    [
      'Tcp',
      'RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors',
    ],
    ['Udp', UDP_COUNTERS],
    ['UdpLite', UDP_COUNTERS],
  ] as const
).map(([group, names]) => [group, names.split(' ')] as const);

const SNMP_SETTINGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Ip: { Forwarding: 2, DefaultTTL: 64 },
  Tcp: { RtoAlgorithm: 1, RtoMin: 200, RtoMax: 120_000, MaxConn: -1 },
};
