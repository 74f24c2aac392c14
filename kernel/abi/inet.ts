// Internet sockets' constants (include/uapi/linux/in.h, in6.h, tcp.h). Addresses are in kernel/net/inet/endpoint.ts.
// kernel/net/inet and traces read them.
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;

export const IPV6_V6ONLY = 26;

export const TCP_MAXSEG = 2;
export const TCP_INFO = 11;
