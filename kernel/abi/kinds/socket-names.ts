// Names of the socket interface: families, types, protocols, message flags, option levels and options.
// kinds/socket-kinds.ts and kinds/message-kinds.ts print with them, in strace's order and spelling.
// Values come from the kernel's own constants where it has them (abi/socket.ts).
import * as socket from '../socket.ts';
import { type NameTable, names } from './format.ts';

export const FAMILIES: NameTable = names({
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  AF_BLUETOOTH: 31,
  AF_ALG: 38,
  AF_VSOCK: 40,
});
export const TYPES: NameTable = names({
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_RDM: 4,
  SOCK_SEQPACKET: 5,
  SOCK_DCCP: 6,
  SOCK_PACKET: 10,
});
export const TYPE_FLAGS: NameTable = names({ SOCK_CLOEXEC: 0o2000000, SOCK_NONBLOCK: 0o4000 });
export const IP_PROTOCOLS: NameTable = names({
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  IPPROTO_IPV6: 41,
  IPPROTO_ICMPV6: 58,
  IPPROTO_RAW: 255,
});
export const NETLINK_PROTOCOLS: NameTable = names({
  NETLINK_ROUTE: 0,
  NETLINK_USERSOCK: 2,
  NETLINK_SOCK_DIAG: 4,
  NETLINK_AUDIT: 9,
  NETLINK_KOBJECT_UEVENT: 15,
  NETLINK_GENERIC: 16,
});
export const MESSAGE_FLAGS: NameTable = names({
  MSG_OOB: 1,
  MSG_PEEK: 2,
  MSG_DONTROUTE: 4,
  MSG_CTRUNC: 8,
  MSG_PROBE: 0x10,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_FIN: 0x200,
  MSG_SYN: 0x400,
  MSG_CONFIRM: 0x800,
  MSG_RST: 0x1000,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_WAITFORONE: 0x10000,
  MSG_BATCH: 0x40000,
  MSG_ZEROCOPY: 0x400_0000,
  MSG_FASTOPEN: 0x2000_0000,
  MSG_CMSG_CLOEXEC: 0x4000_0000,
  MSG_CMSG_COMPAT: 0x8000_0000,
});
export const LEVELS: NameTable = names({
  SOL_IP: 0,
  SOL_SOCKET: 1,
  SOL_TCP: 6,
  SOL_UDP: 17,
  SOL_IPV6: 41,
  SOL_ICMPV6: 58,
  SOL_RAW: 255,
  SOL_PACKET: 263,
  SOL_NETLINK: 270,
});

/** SO_*: the kernel's constants; the two timeouts have kept their old names in strace. */
export const SOCKET_OPTIONS: NameTable = [
  ['SO_RCVTIMEO_OLD', 20],
  ['SO_SNDTIMEO_OLD', 21],
  ...(Object.entries(socket) as [string, unknown][]).filter(
    (entry): entry is [string, number] => entry[0].startsWith('SO_') && typeof entry[1] === 'number',
  ),
];
export const CONTROL_TYPES: NameTable = names({
  SCM_RIGHTS: 1,
  SCM_CREDENTIALS: 2,
  SCM_SECURITY: 3,
  SCM_PIDFD: 4,
  SO_TIMESTAMP_OLD: 29,
  SO_TIMESTAMPNS_OLD: 35,
  SO_TIMESTAMPING_OLD: 37,
});
const TCP_OPTIONS = names({
  TCP_NODELAY: 1,
  TCP_MAXSEG: 2,
  TCP_CORK: 3,
  TCP_KEEPIDLE: 4,
  TCP_KEEPINTVL: 5,
  TCP_KEEPCNT: 6,
  TCP_SYNCNT: 7,
  TCP_LINGER2: 8,
  TCP_DEFER_ACCEPT: 9,
  TCP_WINDOW_CLAMP: 10,
  TCP_INFO: 11,
  TCP_QUICKACK: 12,
  TCP_CONGESTION: 13,
  TCP_USER_TIMEOUT: 18,
  TCP_FASTOPEN: 23,
});
const IP_OPTIONS = names({
  IP_TOS: 1,
  IP_TTL: 2,
  IP_HDRINCL: 3,
  IP_OPTIONS: 4,
  IP_PKTINFO: 8,
  IP_MTU_DISCOVER: 10,
  IP_RECVERR: 11,
  IP_RECVTTL: 12,
  IP_RECVTOS: 13,
  IP_MTU: 14,
  IP_FREEBIND: 15,
  IP_TRANSPARENT: 19,
  IP_BIND_ADDRESS_NO_PORT: 24,
  IP_MULTICAST_IF: 32,
  IP_MULTICAST_TTL: 33,
  IP_MULTICAST_LOOP: 34,
  IP_ADD_MEMBERSHIP: 35,
  IP_DROP_MEMBERSHIP: 36,
});
const IPV6_OPTIONS = names({
  IPV6_ADDRFORM: 1,
  IPV6_2292PKTINFO: 2,
  IPV6_2292HOPOPTS: 3,
  IPV6_2292DSTOPTS: 4,
  IPV6_2292RTHDR: 5,
  IPV6_2292PKTOPTIONS: 6,
  IPV6_CHECKSUM: 7,
  IPV6_2292HOPLIMIT: 8,
  IPV6_UNICAST_HOPS: 16,
  IPV6_MULTICAST_IF: 17,
  IPV6_MULTICAST_HOPS: 18,
  IPV6_MULTICAST_LOOP: 19,
  IPV6_ADD_MEMBERSHIP: 20,
  IPV6_DROP_MEMBERSHIP: 21,
  IPV6_MTU_DISCOVER: 23,
  IPV6_MTU: 24,
  IPV6_RECVERR: 25,
  IPV6_V6ONLY: 26,
  IPV6_RECVPKTINFO: 49,
  IPV6_PKTINFO: 50,
  IPV6_RECVHOPLIMIT: 51,
  IPV6_RECVTCLASS: 66,
  IPV6_TCLASS: 67,
});
const UDP_OPTIONS = names({
  UDP_CORK: 1,
  UDP_ENCAP: 100,
  UDP_NO_CHECK6_TX: 101,
  UDP_NO_CHECK6_RX: 102,
  UDP_SEGMENT: 103,
  UDP_GRO: 104,
});
const NETLINK_OPTIONS = names({
  NETLINK_ADD_MEMBERSHIP: 1,
  NETLINK_DROP_MEMBERSHIP: 2,
  NETLINK_PKTINFO: 3,
  NETLINK_BROADCAST_ERROR: 4,
  NETLINK_NO_ENOBUFS: 5,
  NETLINK_LIST_MEMBERSHIPS: 9,
  NETLINK_CAP_ACK: 10,
  NETLINK_EXT_ACK: 11,
  NETLINK_GET_STRICT_CHK: 12,
});

/** The options of a level and what strace hints for unknown ones; undefined for a level without names. */
export function optionsOf(level: number): { table: NameTable; unknown: string } | undefined {
  switch (level) {
    case 0:
      return { table: IP_OPTIONS, unknown: 'IP_???' };
    case 1:
      return { table: SOCKET_OPTIONS, unknown: 'SO_???' };
    case 6:
      return { table: TCP_OPTIONS, unknown: 'TCP_???' };
    case 17:
      return { table: UDP_OPTIONS, unknown: 'UDP_???' };
    case 41:
      return { table: IPV6_OPTIONS, unknown: 'IPV6_???' };
    case 270:
      return { table: NETLINK_OPTIONS, unknown: 'NETLINK_???' };
    default:
      return undefined;
  }
}
