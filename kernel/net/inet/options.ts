// Options of internet sockets: levels IPPROTO_TCP, IPPROTO_IP and IPPROTO_IPV6 beside SOL_SOCKET (tcp(7), ip(7), ipv6(7)).
// On a loopback without packets most only need to be kept and read back; IPV6_V6ONLY decides who gets which port.
import { IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPV6_V6ONLY, TCP_INFO, TCP_MAXSEG } from '../../abi/inet.ts';
import {
  AF_INET6,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSSEC,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../abi/socket.ts';
import { EINVAL, ENOPROTOOPT, EOPNOTSUPP, fail } from '../../errno.ts';
import type { Thread } from '../../task/thread.ts';
import type { OptionCall } from '../socket.ts';
import { getOption, type OptionRow, SOCKET_OPTIONS, setOption } from '../socket-options.ts';
import { stateNumber } from './diagnosis.ts';
import type { InetSocket } from './inet-socket.ts';
import type { InetState } from './states.ts';

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
  // TOS TTL HDRINCL OPTIONS RECVOPTS RETOPTS PKTINFO MTU_DISCOVER RECVERR RECVTTL RECVTOS FREEBIND MULTICAST_*
  [IPPROTO_IP]: { 1: 0, 2: 64, 6: 0, 7: 0, 8: 0, 10: 1, 11: 0, 12: 0, 13: 0, 15: 0, 32: 0, 33: 1, 34: 1 },
  // UNICAST_HOPS MULTICAST_IF MULTICAST_HOPS MULTICAST_LOOP MTU_DISCOVER RECVERR RECVPKTINFO RECVHOPLIMIT RECVTCLASS TCLASS
  [IPPROTO_IPV6]: { 16: 64, 17: 0, 18: 1, 19: 1, 23: 1, 25: 0, 49: 0, 51: 0, 66: 0, 67: 0 },
};

export function setInetOption(thread: Thread, state: InetState, call: OptionCall): void {
  setOption(thread, state, rowFor(state.core, call), call);
}

export function getInetOption(thread: Thread, state: InetState, call: OptionCall): void {
  getOption(thread, state, rowFor(state.core, call), call);
}

/** EOPNOTSUPP: a level the socket does not have. ENOPROTOOPT: an unknown option of one it has. */
function rowFor(core: InetSocket, { level, option }: OptionCall): OptionRow | undefined {
  if (level === SOL_SOCKET) return LOCAL_ONLY.has(option) ? NOT_SUPPORTED : SOCKET_OPTIONS[option];
  if (level === IPPROTO_TCP && core.type !== SOCK_STREAM) fail(EOPNOTSUPP, 'not a TCP socket');
  if (level === IPPROTO_IPV6 && core.family.number !== AF_INET6) fail(EOPNOTSUPP, 'not an IPv6 socket');
  if (level === IPPROTO_IPV6 && option === IPV6_V6ONLY) return V6ONLY;
  if (level === IPPROTO_TCP && option === TCP_INFO) return TCP_INFO_ROW;
  if (STORED[level] === undefined) return UNKNOWN_LEVEL;
  const initial = STORED[level][option];
  if (initial === undefined) fail(ENOPROTOOPT, 'no such option');
  const key = level * 1000 + option;
  return {
    get: () => core.protocolOptions.get(key) ?? initial,
    set: (_state, value) => {
      if (level === IPPROTO_TCP && option === TCP_MAXSEG) return;
      core.protocolOptions.set(key, accepted(level, option, value));
    },
  };
}

/** What only sockets that carry credentials have (sk_may_scm_recv). */
const LOCAL_ONLY = new Set([SO_PASSCRED, SO_PASSSEC, SO_PASSPIDFD]);
const NOT_SUPPORTED: OptionRow = {
  get: () => fail(EOPNOTSUPP, 'not for internet sockets'),
  set: () => fail(EOPNOTSUPP, 'not for internet sockets'),
};

/** Protocols pass a level they do not know down to IP, which refuses it in two ways (do_ip_setsockopt, do_ip_getsockopt). */
const UNKNOWN_LEVEL: OptionRow = {
  get: () => fail(EOPNOTSUPP, 'not a level of this socket'),
  set: () => fail(ENOPROTOOPT, 'not a level of this socket'),
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
  // TTL HDRINCL RECVOPTS RETOPTS PKTINFO MTU_DISCOVER RECVERR RECVTTL RECVTOS FREEBIND
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
  },
};
const IP_TTL = 2;
const DEFAULT_TTL = 64;

/** EINVAL outside of the range. */
function accepted(level: number, option: number, value: number): number {
  const range = RANGES[level]?.[option];
  if (range === undefined) return value;
  if (range === 'flag') return Number(value !== 0);
  if (level === IPPROTO_IP && option === IP_TTL && value === -1) return DEFAULT_TTL;
  return value >= range[0] && value <= range[1] ? value : fail(EINVAL, 'out of range');
}

const V6ONLY: OptionRow = {
  get: ({ core }) => Number((core as InetSocket).v6Only),
  set: ({ core }, value) => {
    const socket = core as InetSocket;
    if (socket.local !== undefined) fail(EINVAL, 'IPV6_V6ONLY comes before bind');
    socket.v6Only = value !== 0;
  },
};

const TCP_INFO_ROW: OptionRow = { getBytes: ({ core }) => tcpInfo(core as InetSocket) };

/** struct tcp_info: its first byte is the state, the rest of a connection without packets is zero. */
export function tcpInfo(socket: InetSocket): Uint8Array {
  const info = new Uint8Array(104);
  info[0] = stateNumber(socket);
  return info;
}
