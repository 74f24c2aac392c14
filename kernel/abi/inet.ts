// Internet sockets' constants (include/uapi/linux/in.h, in6.h, tcp.h). Addresses are in kernel/net/inet/endpoint.ts.
// kernel/net/inet and traces read them.
import { bytes, i32, struct, u32 } from './struct.ts';

export const IPPROTO_IP = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_RAW = 255;

export const IPV6_V6ONLY = 26;

export const TCP_MAXSEG = 2;
export const TCP_INFO = 11;
export const TCP_CONGESTION = 13;

/** Options of level IPPROTO_IP, some of which are types of control messages too. */
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_HDRINCL = 3;
export const IP_RETOPTS = 7;
export const IP_PKTINFO = 8;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;
export const IP_RECVTOS = 13;
export const IP_ORIGDSTADDR = 20;
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_TTL = 33;
export const IP_MULTICAST_LOOP = 34;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_DROP_MEMBERSHIP = 36;
export const IP_UNBLOCK_SOURCE = 37;
export const IP_BLOCK_SOURCE = 38;
export const IP_ADD_SOURCE_MEMBERSHIP = 39;
export const IP_DROP_SOURCE_MEMBERSHIP = 40;
export const IP_MSFILTER = 41;
/** Of both levels. */
export const MCAST_JOIN_GROUP = 42;
export const MCAST_BLOCK_SOURCE = 43;
export const MCAST_UNBLOCK_SOURCE = 44;
export const MCAST_LEAVE_GROUP = 45;
export const MCAST_JOIN_SOURCE_GROUP = 46;
export const MCAST_LEAVE_SOURCE_GROUP = 47;
export const MCAST_MSFILTER = 48;
export const IP_MULTICAST_ALL = 49;
export const IP_PROTOCOL = 52;
export const IPV6_2292PKTINFO = 2;
export const IPV6_2292HOPLIMIT = 8;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_IF = 17;
export const IPV6_MULTICAST_HOPS = 18;
export const IPV6_ADD_MEMBERSHIP = 20;
export const IPV6_DROP_MEMBERSHIP = 21;
export const IPV6_RECVERR = 25;
export const IPV6_MULTICAST_ALL = 29;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_DONTFRAG = 62;
export const IPV6_RECVTCLASS = 66;
export const IPV6_TCLASS = 67;
export const IPV6_ORIGDSTADDR = 74;

export const InPktinfo = struct('in_pktinfo', {
  ipi_ifindex: i32,
  ipi_spec_dst: bytes(4),
  ipi_addr: bytes(4),
});
export const In6Pktinfo = struct('in6_pktinfo', { ipi6_addr: bytes(16), ipi6_ifindex: i32 });

/** Whom a filter lets through: all but those that it names, or those alone. */
export const MCAST_EXCLUDE = 0;
export const MCAST_INCLUDE = 1;
export type FilterMode = typeof MCAST_EXCLUDE | typeof MCAST_INCLUDE;

/** struct ip_mreqn; struct ip_mreq is the same without the number. */
export const IpMreqn = struct('ip_mreqn', {
  imr_multiaddr: bytes(4),
  imr_address: bytes(4),
  imr_ifindex: i32,
});
export const IP_MREQ_SIZE = 8;
export const IpMreqSource = struct('ip_mreq_source', {
  imr_multiaddr: bytes(4),
  imr_interface: bytes(4),
  imr_sourceaddr: bytes(4),
});
/** Before the sources. */
export const IpMsfilter = struct('ip_msfilter', {
  imsf_multiaddr: bytes(4),
  imsf_interface: bytes(4),
  imsf_fmode: u32,
  imsf_numsrc: u32,
});
export const Ipv6Mreq = struct('ipv6_mreq', { ipv6mr_multiaddr: bytes(16), ipv6mr_interface: i32 });
export const SOCKADDR_STORAGE_SIZE = 128;
export const GroupReq = struct('group_req', {
  gr_interface: u32,
  pad: u32,
  gr_group: bytes(SOCKADDR_STORAGE_SIZE),
});
export const GroupSourceReq = struct('group_source_req', {
  gsr_interface: u32,
  pad: u32,
  gsr_group: bytes(SOCKADDR_STORAGE_SIZE),
  gsr_source: bytes(SOCKADDR_STORAGE_SIZE),
});
/** Before the sources. */
export const GroupFilter = struct('group_filter', {
  gf_interface: u32,
  pad: u32,
  gf_group: bytes(SOCKADDR_STORAGE_SIZE),
  gf_fmode: u32,
  gf_numsrc: u32,
});

/** ARP's type of the loopback interface (if_arp.h). */
export const ARPHRD_LOOPBACK = 772;
