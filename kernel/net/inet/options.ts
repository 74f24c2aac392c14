// Options of internet sockets: levels IPPROTO_TCP, IPPROTO_IP and IPPROTO_IPV6 beside SOL_SOCKET (tcp(7), ip(7), ipv6(7)).
// Most only need to be kept and read back (stored-options.ts); IPV6_V6ONLY decides who gets which port.
import {
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_V6ONLY,
  TCP_CONGESTION,
  TCP_INFO,
} from '../../abi/inet.ts';
import { AF_INET6, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../abi/socket.ts';
import { EINVAL, ENOENT, ENOPROTOOPT, EOPNOTSUPP, fail } from '../../errno.ts';
import { bytesToText, textToBytes } from '../../mm/user-memory.ts';
import type { Thread } from '../../task/thread.ts';
import type { OptionCall, SocketDescriptor } from '../socket.ts';
import { getOption, type OptionRow, SOCKET_OPTIONS, setOption } from '../socket-options.ts';
import { stateNumber } from './diagnosis.ts';
import type { InetSocket } from './inet-socket.ts';
import { multicastOption } from './multicast-options.ts';
import { storedOption, storesLevel } from './stored-options.ts';

const SOL_UDPLITE = 136;

export function setInetOption(thread: Thread, state: SocketDescriptor<InetSocket>, call: OptionCall): void {
  setOption(thread, state, rowFor(state.core, call), call);
}

export function getInetOption(thread: Thread, state: SocketDescriptor<InetSocket>, call: OptionCall): void {
  getOption(thread, state, rowFor(state.core, call), call);
}

/** A level that the socket does not have: IPv4 refuses to read it in another way than IPv6 and UDP do. */
function unknownLevel(core: InetSocket, level: number): OptionRow {
  const isOwn = core.type === SOCK_DGRAM && (level === IPPROTO_UDP || level === SOL_UDPLITE);
  return core.family.number === AF_INET6 || isOwn ? UNKNOWN_OPTION : UNKNOWN_LEVEL;
}

function rowFor(core: InetSocket, { level, option }: OptionCall): OptionRow | undefined {
  if (level === SOL_SOCKET) return SOCKET_OPTIONS[option];
  const isStrange =
    (level === IPPROTO_TCP && core.type !== SOCK_STREAM) ||
    (level === IPPROTO_IPV6 && core.family.number !== AF_INET6);
  if (isStrange) return unknownLevel(core, level);
  const ofGroups = multicastOption(core, level, option);
  if (ofGroups !== undefined) return ofGroups;
  if (level === IPPROTO_IPV6 && option === IPV6_V6ONLY) return V6ONLY;
  if (level === IPPROTO_TCP && option === TCP_INFO) return TCP_INFO_ROW;
  if (level === IPPROTO_TCP && option === TCP_CONGESTION) return CONGESTION;
  return storesLevel(level) ? storedOption(core, level, option) : unknownLevel(core, level);
}

/** Protocols pass a level they do not know down to IP, which refuses it in two ways (do_ip_setsockopt, do_ip_getsockopt). */
const UNKNOWN_LEVEL: OptionRow = {
  get: () => fail(EOPNOTSUPP, 'not a level of this socket'),
  set: () => fail(ENOPROTOOPT, 'not a level of this socket'),
};

const UNKNOWN_OPTION: OptionRow = {
  get: () => fail(ENOPROTOOPT, 'not an option of this socket'),
  set: () => fail(ENOPROTOOPT, 'not an option of this socket'),
};

const V6ONLY: OptionRow = {
  get: ({ core }) => Number((core as InetSocket).v6Only),
  set: ({ core }, value) => {
    const socket = core as InetSocket;
    if (socket.local !== undefined) fail(EINVAL, 'IPV6_V6ONLY comes before bind');
    socket.v6Only = value !== 0;
  },
};

/** TCP_CA_NAME_MAX. */
const LONGEST_ALGORITHM = 16;
/** A loopback without packets is never congested; the choice is kept. */
const ALGORITHMS: readonly string[] = ['cubic', 'reno'];

/** TCP_CONGESTION: an algorithm by its name. EINVAL: none is given. ENOENT: there is none of this name. */
const CONGESTION: OptionRow = {
  getBytes: ({ core }, _thread, length) => {
    const name = new Uint8Array(Math.min(length, LONGEST_ALGORITHM));
    const { congestionControl } = core as InetSocket;
    name.set(textToBytes(congestionControl).subarray(0, name.length));
    return name;
  },
  setBytes: ({ core }, value, _thread, length) => {
    if (length < 1) fail(EINVAL, 'an algorithm has a name');
    const end = value.indexOf(0);
    const name = bytesToText(end < 0 ? value : value.subarray(0, end));
    if (!ALGORITHMS.includes(name)) fail(ENOENT, 'no such algorithm');
    (core as InetSocket).congestionControl = name;
  },
  least: 1,
  size: LONGEST_ALGORITHM - 1,
};

const TCP_INFO_ROW: OptionRow = { getBytes: ({ core }) => tcpInfo(core as InetSocket) };

/** struct tcp_info: its first byte is the state, the rest of a connection without packets is zero. */
export function tcpInfo(socket: InetSocket): Uint8Array {
  const info = new Uint8Array(104);
  info[0] = stateNumber(socket);
  return info;
}
