// Options of internet sockets: levels IPPROTO_TCP, IPPROTO_IP and IPPROTO_IPV6 beside SOL_SOCKET (tcp(7), ip(7), ipv6(7)).
// On a loopback without packets most only need to be kept and read back; IPV6_V6ONLY decides who gets which port.
import {
  IP_MULTICAST_TTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  TCP_CONGESTION,
  TCP_INFO,
  TCP_MAXSEG,
} from '../../abi/inet.ts';
import { AF_INET6, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../abi/socket.ts';
import { EINVAL, ENOENT, ENOPROTOOPT, EOPNOTSUPP, fail } from '../../errno.ts';
import { bytesToText, textToBytes } from '../../mm/user-memory.ts';
import type { Thread } from '../../task/thread.ts';
import type { OptionCall, SocketDescriptor } from '../socket.ts';
import { getOption, type OptionRow, SOCKET_OPTIONS, setOption } from '../socket-options.ts';
import { stateNumber } from './diagnosis.ts';
import type { InetSocket } from './inet-socket.ts';

const SOL_UDPLITE = 136;

/** Stored options and what they read before they are set, by level. */
const STORED: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  // NODELAY MAXSEG CORK KEEPIDLE KEEPINTVL KEEPCNT SYNCNT LINGER2 DEFER_ACCEPT WINDOW_CLAMP QUICKACK USER_TIMEOUT FASTOPEN
  [IPPROTO_TCP]: {
    1: 0,
    2: 32_768,
    3: 0,
    4: 7200,
    5: 75,
    6: 9,
    7: 6,
    8: 60,
    9: 0,
    10: 0,
    12: 1,
    18: 0,
    23: 0,
    30: 0,
  },
  // TOS TTL HDRINCL OPTIONS RECVOPTS RETOPTS PKTINFO MTU_DISCOVER RECVERR RECVTTL RECVTOS FREEBIND ORIGDSTADDR BIND_ADDRESS_NO_PORT
  // MULTICAST_*
  [IPPROTO_IP]: {
    1: 0,
    2: 64,
    6: 0,
    7: 0,
    8: 0,
    10: 1,
    11: 0,
    12: 0,
    13: 0,
    15: 0,
    20: 0,
    24: 0,
    32: 0,
    33: 1,
    34: 1,
  },
  // 2292PKTINFO 2292HOPLIMIT UNICAST_HOPS MULTICAST_IF MULTICAST_HOPS MULTICAST_LOOP MTU_DISCOVER RECVERR RECVPKTINFO RECVHOPLIMIT
  // DONTFRAG RECVTCLASS TCLASS ORIGDSTADDR FREEBIND
  [IPPROTO_IPV6]: {
    2: 0,
    8: 0,
    16: 64,
    17: 0,
    18: 1,
    19: 1,
    23: 1,
    25: 0,
    49: 0,
    51: 0,
    62: 0,
    66: 0,
    67: 0,
    74: 0,
    78: 0,
  },
};

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
  if (level === IPPROTO_IPV6 && option === IPV6_V6ONLY) return V6ONLY;
  if (level === IPPROTO_TCP && option === TCP_INFO) return TCP_INFO_ROW;
  if (level === IPPROTO_TCP && option === TCP_CONGESTION) return CONGESTION;
  if (STORED[level] === undefined) return unknownLevel(core, level);
  const initial = STORED[level][option];
  if (initial === undefined) fail(ENOPROTOOPT, 'no such option');
  return {
    get: () => protocolOption(core, level, option),
    ...(level === IPPROTO_IP && { isByteToo: true, least: NEVER_EMPTY.has(option) ? 1 : 0 }), // do_ip_setsockopt, do_ip_getsockopt
    set: (_state, value) => {
      if (level === IPPROTO_TCP && option === TCP_MAXSEG) return;
      if (level === IPPROTO_IP && option === IP_MULTICAST_TTL && core.type === SOCK_STREAM)
        fail(EINVAL, 'a stream has no multicast');
      core.protocolOptions.set(keyOf(level, option), accepted(level, option, value));
    },
  };
}

/** Options of IPPROTO_IP that no value at all does not turn off: FREEBIND MULTICAST_TTL MULTICAST_LOOP. */
const NEVER_EMPTY: ReadonlySet<number> = new Set([15, IP_MULTICAST_TTL, 34]);

function keyOf(level: number, option: number): number {
  return level * 1000 + option;
}

/** What a stored option is set to; 0 for one that there is not. */
export function protocolOption(core: InetSocket, level: number, option: number): number {
  return core.protocolOptions.get(keyOf(level, option)) ?? STORED[level]?.[option] ?? 0;
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

/** What values are good, by level and option: flags become 0 or 1, others have a range (do_tcp_setsockopt, do_ip_setsockopt). */
const RANGES: Readonly<
  Record<number, Readonly<Record<number, 'flag' | readonly [least: number, most: number]>>>
> = {
  // NODELAY CORK KEEPIDLE KEEPINTVL KEEPCNT SYNCNT USER_TIMEOUT
  [IPPROTO_TCP]: {
    1: 'flag',
    3: 'flag',
    4: [1, 32_767],
    5: [1, 32_767],
    6: [1, 127],
    7: [1, 127],
    18: [0, 0x7fff_ffff],
  },
  // TTL HDRINCL RECVOPTS RETOPTS PKTINFO MTU_DISCOVER RECVERR RECVTTL RECVTOS FREEBIND ORIGDSTADDR BIND_ADDRESS_NO_PORT MULTICAST_*
  [IPPROTO_IP]: {
    2: [1, 255],
    6: 'flag',
    7: 'flag',
    8: 'flag',
    10: [0, 5],
    11: 'flag',
    12: 'flag',
    13: 'flag',
    15: 'flag',
    20: 'flag',
    24: 'flag',
    33: [-1, 255],
    34: 'flag',
  },
  // 2292PKTINFO 2292HOPLIMIT UNICAST_HOPS MULTICAST_LOOP RECVPKTINFO RECVHOPLIMIT DONTFRAG RECVTCLASS TCLASS ORIGDSTADDR
  [IPPROTO_IPV6]: {
    2: 'flag',
    8: 'flag',
    16: [-1, 255],
    49: 'flag',
    51: 'flag',
    62: 'flag',
    66: 'flag',
    67: [-1, 255],
    74: 'flag',
  },
};
const DEFAULT_TTL = 64;

/** EINVAL outside of the range. */
function accepted(level: number, option: number, value: number): number {
  if (level === IPPROTO_IP && option === IP_TOS) return value & 0xff;
  const range = RANGES[level]?.[option];
  if (range === undefined) return value;
  if (range === 'flag') return Number(value !== 0);
  if (value === -1 && isHops(level, option)) return DEFAULT_TTL;
  if (value === -1 && level === IPPROTO_IPV6 && option === IPV6_TCLASS) return 0;
  if (value === -1 && level === IPPROTO_IP && option === IP_MULTICAST_TTL) return 1;
  return value >= range[0] && value <= range[1] ? value : fail(EINVAL, 'out of range');
}

function isHops(level: number, option: number): boolean {
  return level === IPPROTO_IP ? option === IP_TTL : level === IPPROTO_IPV6 && option === IPV6_UNICAST_HOPS;
}

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
