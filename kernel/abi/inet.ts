// Internet sockets' constants (include/uapi/linux/in.h, in6.h, tcp.h). Addresses are in kernel/net/inet/endpoint.ts.
// kernel/net/inet and traces read them.
import { bytes, i32, struct } from './struct.ts';

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
export const IP_MULTICAST_TTL = 33;
export const IP_HDRINCL = 3;
export const IP_RETOPTS = 7;
export const IP_PKTINFO = 8;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;
export const IP_RECVTOS = 13;
export const IP_ORIGDSTADDR = 20;
export const IP_PROTOCOL = 52;
export const IPV6_2292PKTINFO = 2;
export const IPV6_2292HOPLIMIT = 8;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_RECVERR = 25;
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

/** ARP's type of the loopback interface (if_arp.h). */
export const ARPHRD_LOOPBACK = 772;
