// AF_INET and AF_INET6 sockets that see packets: SOCK_RAW (raw(7)), and SOCK_DGRAM of ICMP, called ping sockets (icmp(7)).
// inet.ts makes them by type and protocol. They have one state; inet/raw-socket.ts says what arrives.
import { O_RDWR } from '../abi/fcntl.ts';
import { IP_HDRINCL, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_RAW } from '../abi/inet.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  MSG_ERRQUEUE,
  MSG_OOB,
  SHUT_RD,
  SHUT_RDWR,
  SIOCOUTQ,
  SOCK_DGRAM,
  SOCK_RAW,
} from '../abi/socket.ts';
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTCONN,
  ENOTTY,
  EOPNOTSUPP,
  EPERM,
  EPIPE,
  EPROTONOSUPPORT,
  fail,
} from '../errno.ts';
import type { Source } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { CAP_NET_RAW, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { ANY_WAY, bindScope, connectScope, scopeOf, sourceOf } from './inet/departure.ts';
import {
  destination,
  type Endpoint,
  encodeEndpoint,
  isAny,
  isV4,
  parseEndpoint,
  unboundEndpoint,
} from './inet/endpoint.ts';
import { receiveError } from './inet/error-queue.ts';
import { ICMP_ECHO, ICMP_HEADER, ICMPV6_ECHO_REQUEST, sealIcmp } from './inet/icmp.ts';
import { IpLayer } from './inet/ip-layer.ts';
import { checksum, V4_HEADER } from './inet/ip-packet.ts';
import { leaveAllGroups } from './inet/multicast.ts';
import { getInetOption, setInetOption } from './inet/options.ts';
import { RawDescriptor, RawSocket } from './inet/raw-socket.ts';
import { travelOf } from './inet/udp-control.ts';
import { collect, receiveUdp } from './inet/udp-transfer.ts';
import type { OptionCall, Outgoing, SocketFamily } from './socket.ts';
import { SEND_SHUTDOWN } from './socket-core.ts';
import { socketInode } from './socket-inode.ts';
import { socketIoctl } from './socket-ioctls.ts';
import { getOption, type OptionRow, setOption } from './socket-options.ts';

const LONGEST = 0xffff;
const SOL_RAW = 255;
const FILTER_OPTION = 1;

const OPERATIONS = {
  bind,
  listen: () => fail(EOPNOTSUPP, 'no connections'),
  connect,
  accept: () => fail(EOPNOTSUPP, 'no connections'),
  socketName: (file) => {
    const core = coreOf(file);
    const { number } = core.family;
    const { ip } = core.local ?? unboundEndpoint(number);
    // a raw socket's port is its protocol
    const port = core.isPing ? (core.local?.port ?? 0) : number === AF_INET ? core.protocol : 0;
    return encodeEndpoint({ ip, port }, number);
  },
  peerName: (file) => {
    const { remote, family } = coreOf(file);
    return encodeEndpoint(remote ?? fail(ENOTCONN, 'the socket has no peer'), family.number);
  },
  shutdown: (_thread, file, how) => {
    const core = coreOf(file);
    if (how < SHUT_RD || how > SHUT_RDWR) fail(EINVAL, 'how is SHUT_RD, SHUT_WR or SHUT_RDWR');
    core.shutdown |= how + 1;
    core.wakeAll();
    if (core.remote === undefined) fail(ENOTCONN, 'the socket is not connected');
  },
  send,
  receive: (thread, file, message, sink) => {
    const core = coreOf(file);
    if ((message.flags & MSG_OOB) !== 0) fail(EOPNOTSUPP, 'packets have no urgent byte');
    if ((message.flags & MSG_ERRQUEUE) !== 0) return receiveError(core, message, sink);
    return receiveUdp(thread, { core }, message, sink);
  },
  setOption: (thread, file, call) => {
    const state = file.descriptor as RawDescriptor;
    const row = rowOf(state.core, call);
    if (row === undefined) setInetOption(thread, state, call);
    else setOption(thread, state, row, call);
  },
  getOption: (thread, file, call) => {
    const state = file.descriptor as RawDescriptor;
    const row = rowOf(state.core, call);
    if (row === undefined) getInetOption(thread, state, call);
    else getOption(thread, state, row, call);
  },
  ioctl,
  release: (file) => {
    const core = coreOf(file);
    IpLayer.of(core.net).receivers.delete(core);
    core.file = undefined;
    leaveAllGroups(core);
    core.forgetQueued();
  },
} satisfies Omit<SocketFamily, 'number' | 'name'>;

const RAW: SocketFamily = { number: AF_INET, name: 'INET', ...OPERATIONS };
const RAW6: SocketFamily = { number: AF_INET6, name: 'INET6', ...OPERATIONS };

/** Does socket(2) mean one of these? */
export function isPacketSocket(family: number, type: number, protocol: number): boolean {
  const icmp = family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  return type === SOCK_RAW || (type === SOCK_DGRAM && protocol === icmp);
}

/** EPROTONOSUPPORT: a raw socket of no protocol. EPERM: a raw one needs CAP_NET_RAW. EACCES: no group of ping_group_range. */
export function createPacketSocket(family: number, thread: Thread, type: number, protocol: number): OpenFile {
  const { net } = thread.namespaces;
  if (type === SOCK_RAW) {
    if (protocol === 0) fail(EPROTONOSUPPORT, 'a raw socket has a protocol');
    if (!capableIn(thread.credentials, CAP_NET_RAW, net.owner)) fail(EPERM, 'raw sockets need CAP_NET_RAW');
  } else {
    const [first, last] = net.pingGroups;
    const { credentials } = thread;
    const groups = [credentials.egid, ...credentials.groups];
    if (!groups.some((gid) => gid >= first && gid <= last)) fail(EACCES, 'no group of ping_group_range');
  }
  const isSixth = family === AF_INET6;
  const name = type === SOCK_RAW ? 'RAW' : 'PING';
  const inode = socketInode(thread, isSixth ? `${name}v6` : name);
  const core = new RawSocket(net, isSixth ? RAW6 : RAW, type, protocol, inode);
  core.hasHeaders = type === SOCK_RAW && protocol === IPPROTO_RAW;
  const file = new OpenFile(new RawDescriptor(core), O_RDWR);
  core.file = file;
  return file;
}

function coreOf(file: OpenFile): RawSocket {
  return (file.descriptor as RawDescriptor).core;
}

/** EADDRNOTAVAIL: not an address of this machine. Ping sockets take the port as their number, which they share: EINVAL. */
function bind(_thread: Thread, file: OpenFile, sockaddr: Uint8Array): void {
  const core = coreOf(file);
  const { ip, port } = parseEndpoint(sockaddr, core.family.number, true);
  bindScope(core, ip, sockaddr);
  if (!isAny(ip) && !core.net.loopback.mayBind(ip)) fail(EADDRNOTAVAIL, 'not an address of this machine');
  if (core.remote !== undefined) fail(EINVAL, 'the socket is connected');
  if (!core.isPing) core.local = { ip, port: 0 };
  else {
    if (core.local !== undefined) fail(EINVAL, 'the socket is bound already');
    core.local = { ip, port: port === 0 ? freeNumber(core) : port };
  }
}

function numbersOf(core: RawSocket): Set<number> {
  const numbers = new Set<number>();
  for (const other of IpLayer.of(core.net).receivers)
    if (other instanceof RawSocket && other !== core && other.isPing && other.local !== undefined)
      numbers.add(other.local.port);
  return numbers;
}

/** EAGAIN is never met: there are more numbers than descriptors of one process. */
function freeNumber(core: RawSocket): number {
  const taken = numbersOf(core);
  for (let tries = 0; tries < 0xffff; tries++) {
    const number = 1 + core.kernel.random.below(0xffff);
    if (!taken.has(number)) return number;
  }
  return fail(EADDRINUSE, 'all numbers are taken');
}

function connect(_thread: Thread, file: OpenFile, sockaddr: Uint8Array): number {
  const core = coreOf(file);
  if (sockaddr.length < 2) fail(EINVAL, 'the address has no family');
  if (((sockaddr[0] as number) | ((sockaddr[1] as number) << 8)) === AF_UNSPEC) {
    core.remote = undefined;
    return 0;
  }
  const { ip, port } = parseEndpoint(sockaddr, core.family.number);
  const to = destination(ip);
  connectScope(core, to, sockaddr);
  const own = sourceOf(core, to, ANY_WAY);
  numbered(core);
  if (isAny(core.local?.ip ?? '')) core.local = { ip: own, port: core.local?.port ?? 0 };
  core.remote = { ip: to, port };
  return 0;
}

/** A ping socket without a number gets one. */
function numbered(core: RawSocket): Endpoint {
  core.local ??= { ip: unboundEndpoint(core.family.number).ip, port: core.isPing ? freeNumber(core) : 0 };
  return core.local;
}

/** EMSGSIZE, EOPNOTSUPP, EDESTADDRREQ, EINVAL, ENETUNREACH; pending errors. */
function send(_thread: Thread, file: OpenFile, message: Outgoing, source: Source): number {
  const core = coreOf(file);
  const length = source.remaining;
  if (length > LONGEST) fail(EMSGSIZE, 'longer than any packet');
  if (core.isPing && length < ICMP_HEADER) fail(EINVAL, 'no header of ICMP');
  if ((message.flags & MSG_OOB) !== 0) fail(EOPNOTSUPP, 'packets have no urgent byte');
  const named = message.name === undefined ? undefined : parseEndpoint(message.name, core.family.number);
  const wanted = named ?? core.remote ?? fail(EDESTADDRREQ, 'no address and no peer');
  const to = destination(wanted.ip);
  const travel = travelOf(core, message, to);
  const index = travel.index || (message.name === undefined ? 0 : scopeOf(message.name, to));
  const from = sourceOf(core, to, { source: travel.source, index });
  const room = LONGEST - (core.isOfV4 && !core.hasHeaders ? V4_HEADER : 0);
  if (length > room) fail(EMSGSIZE, 'longer than a packet can be');
  const error = core.takeError();
  if (error !== 0) fail(error, 'an error was pending on the socket');
  if ((core.shutdown & SEND_SHUTDOWN) !== 0) fail(EPIPE, 'the sending side is shut down');
  if (core.isPing) numbered(core);
  const bytes = collect(source, length);
  const ip = IpLayer.of(core.net);
  if (core.hasHeaders && core.isOfV4) ip.sendBytes(completed(bytes, from));
  else {
    const { protocol } = core;
    const { hops, trafficClass } = travel;
    const payload = core.isPing ? echo(core, bytes, from, to) : sealed(core, bytes, from, to);
    ip.send({ from, to, protocol, hops: hops < 0 ? 64 : hops, trafficClass, payload });
  }
  return length;
}

/** What the kernel fills in of a header that the program made (raw(7)): length, checksum, an absent source. */
function completed(bytes: Uint8Array, from: string): Uint8Array {
  const header = ((bytes[0] ?? 0) & 15) * 4;
  if (bytes.length < V4_HEADER || header > bytes.length || header < V4_HEADER)
    fail(EINVAL, 'no whole header');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(12) === 0) for (let i = 0; i < 4; i++) bytes[12 + i] = from.charCodeAt(12 + i);
  view.setUint16(2, bytes.length);
  view.setUint16(10, 0);
  view.setUint16(10, checksum(bytes.subarray(0, header)));
  return bytes;
}

/** ICMPv6 gets its checksum from the kernel, whoever sends it (RFC 3542). */
function sealed(core: RawSocket, bytes: Uint8Array, from: string, to: string): Uint8Array {
  if (core.protocol !== IPPROTO_ICMPV6 || isV4(to)) return bytes;
  if (bytes.length < 4) fail(EINVAL, 'no room for the checksum');
  return sealIcmp(bytes, from, to);
}

/** EINVAL: not an echo request. Its identifier is the socket's number. */
function echo(core: RawSocket, bytes: Uint8Array, from: string, to: string): Uint8Array {
  const isEcho = bytes[0] === (core.isOfV4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST) && bytes[1] === 0;
  if (!isEcho) fail(EINVAL, 'ping sockets send echo requests');
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(4, numbered(core).port);
  return sealIcmp(bytes, from, to);
}

function ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number {
  const core = coreOf(file);
  switch (request) {
    case FIONREAD:
      thread.user.writeU32(argument, core.datagrams[0]?.bytes.length ?? 0);
      return 0;
    case SIOCOUTQ:
      thread.user.writeU32(argument, 0);
      return 0;
    default:
      return socketIoctl(thread, file, request, argument) ?? fail(ENOTTY, 'no such ioctl for packets');
  }
}

/** Options that only these have; undefined: as other internet sockets. */
function rowOf(core: RawSocket, { level, option }: OptionCall): OptionRow | undefined {
  const isRaw = !core.isPing;
  if (level === IPPROTO_IP && option === IP_HDRINCL && isRaw) return HEADERS;
  if (level === SOL_RAW && isRaw && core.isOfV4) {
    if (core.protocol !== IPPROTO_ICMP) fail(EOPNOTSUPP, 'a filter for ICMP');
    return option === FILTER_OPTION ? ICMP_FILTER : fail(ENOPROTOOPT, 'no such option');
  }
  if (level === IPPROTO_ICMPV6 && isRaw && core.family.number === AF_INET6) {
    if (core.protocol !== IPPROTO_ICMPV6) fail(EOPNOTSUPP, 'a filter for ICMPv6');
    return option === FILTER_OPTION ? ICMP6_FILTER : fail(ENOPROTOOPT, 'no such option');
  }
  return undefined;
}

const HEADERS: OptionRow = {
  get: ({ core }) => Number((core as RawSocket).hasHeaders),
  set: ({ core }, value) => {
    (core as RawSocket).hasHeaders = value !== 0;
  },
};

/** struct icmp_filter, cut or given in part as Linux does. */
const ICMP_FILTER: OptionRow = {
  least: 0,
  size: 4,
  getBytes: ({ core }, _thread, length) =>
    new Uint8Array(Uint32Array.of((core as RawSocket).icmpFilter).buffer).subarray(0, Math.min(4, length)),
  setBytes: ({ core }, value) => {
    const raw = core as RawSocket;
    const bytes = new Uint8Array(Uint32Array.of(raw.icmpFilter).buffer);
    bytes.set(value.subarray(0, 4));
    raw.icmpFilter = new DataView(bytes.buffer).getUint32(0, true);
  },
};

const ICMP6_FILTER: OptionRow = {
  least: 0,
  size: 32,
  getBytes: ({ core }, _thread, length) => (core as RawSocket).icmp6Filter.slice(0, Math.min(32, length)),
  setBytes: ({ core }, value) => (core as RawSocket).icmp6Filter.set(value.subarray(0, 32)),
};
