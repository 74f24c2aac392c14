// Options of internet sockets that are kept and read back (tcp(7), ip(7), ipv6(7)): what they are at first, which values
// they take. options.ts makes rows of them, whoever heeds one asks `protocolOption`.
import {
  IP_MULTICAST_ALL,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MULTICAST_HOPS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  TCP_MAXSEG,
} from '../../abi/inet.ts';
import { AF_INET6, SOCK_STREAM } from '../../abi/socket.ts';
import { EINVAL, ENOPROTOOPT, fail } from '../../errno.ts';
import type { OptionRow } from '../socket-options.ts';
import type { InetSocket } from './inet-socket.ts';

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
    33: 1,
    34: 1,
    49: 1,
  },
  // 2292PKTINFO 2292HOPLIMIT UNICAST_HOPS MULTICAST_HOPS MULTICAST_LOOP MTU_DISCOVER RECVERR MULTICAST_ALL RECVPKTINFO RECVHOPLIMIT
  // DONTFRAG RECVTCLASS TCLASS ORIGDSTADDR FREEBIND
  [IPPROTO_IPV6]: {
    2: 0,
    8: 0,
    16: 64,
    18: 1,
    19: 1,
    23: 1,
    25: 0,
    29: 1,
    49: 0,
    51: 0,
    62: 0,
    66: 0,
    67: 0,
    74: 0,
    78: 0,
  },
};

/** Does a level have such options? */
export function storesLevel(level: number): boolean {
  return STORED[level] !== undefined;
}

/** The row of an option. ENOPROTOOPT: there is none. */
export function storedOption(core: InetSocket, level: number, option: number): OptionRow {
  if (STORED[level]?.[option] === undefined) fail(ENOPROTOOPT, 'no such option');
  return {
    get: () => protocolOption(core, level, option),
    ...(level === IPPROTO_IP && { isByteToo: true, least: NEVER_EMPTY.has(option) ? 1 : 0 }), // do_ip_setsockopt, do_ip_getsockopt
    set: (_state, value) => {
      if (level === IPPROTO_TCP && option === TCP_MAXSEG) return;
      if (level === IPPROTO_IP && option === IP_MULTICAST_TTL && core.type === SOCK_STREAM)
        fail(EINVAL, 'a stream has no multicast');
      if (level === IPPROTO_IPV6 && option === IPV6_MULTICAST_HOPS && core.type === SOCK_STREAM)
        fail(ENOPROTOOPT, 'a stream has no multicast');
      core.protocolOptions.set(keyOf(level, option), accepted(level, option, value));
    },
  };
}

/** Options of IPPROTO_IP that no value at all does not turn off: FREEBIND MULTICAST_TTL MULTICAST_LOOP MULTICAST_ALL. */
const NEVER_EMPTY: ReadonlySet<number> = new Set([15, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_MULTICAST_ALL]);

function keyOf(level: number, option: number): number {
  return level * 1000 + option;
}

/** What a stored option is set to; 0 for one that there is not. */
export function protocolOption(core: InetSocket, level: number, option: number): number {
  const stored = core.protocolOptions.get(keyOf(level, option));
  if (stored !== undefined) return stored;
  // inet6_create leaves this one off
  if (level === IPPROTO_IP && option === IP_MULTICAST_ALL && core.family.number === AF_INET6) return 0;
  return STORED[level]?.[option] ?? 0;
}

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
    49: [0, 1],
  },
  // 2292PKTINFO 2292HOPLIMIT UNICAST_HOPS MULTICAST_HOPS MULTICAST_LOOP MULTICAST_ALL RECVPKTINFO RECVHOPLIMIT DONTFRAG RECVTCLASS TCLASS ORIGDSTADDR
  [IPPROTO_IPV6]: {
    2: 'flag',
    8: 'flag',
    16: [-1, 255],
    18: [-1, 255],
    19: [0, 1],
    29: 'flag',
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
  if (value === -1 && isGroupHops(level, option)) return 1;
  return value >= range[0] && value <= range[1] ? value : fail(EINVAL, 'out of range');
}

function isHops(level: number, option: number): boolean {
  return level === IPPROTO_IP ? option === IP_TTL : level === IPPROTO_IPV6 && option === IPV6_UNICAST_HOPS;
}

function isGroupHops(level: number, option: number): boolean {
  return level === IPPROTO_IP
    ? option === IP_MULTICAST_TTL
    : level === IPPROTO_IPV6 && option === IPV6_MULTICAST_HOPS;
}
