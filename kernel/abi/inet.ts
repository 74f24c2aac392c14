// Internet sockets' constants and addresses (include/uapi/linux/in.h, in6.h, tcp.h, udp.h).
// kernel/net/inet and traces read them.
import { bytes, struct, u16, u32 } from './struct.ts';

export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;

export const IPV6_V6ONLY = 26;

export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
export const TCP_INFO = 11;
export const TCP_DEFER_ACCEPT = 9;

/** Port and address are in network byte order. */
export const SockaddrIn = struct('sockaddr_in', {
  sin_family: u16,
  sin_port: u16,
  sin_addr: u32,
  sin_zero: bytes(8),
});
export const SockaddrIn6 = struct('sockaddr_in6', {
  sin6_family: u16,
  sin6_port: u16,
  sin6_flowinfo: u32,
  sin6_addr: bytes(16),
  sin6_scope_id: u32,
});
