// Internet addresses with ports, and which of them are this machine's: the loopback and the wildcards.
// bind, connect and sendto parse them, names are returned from them; ports.ts matches them.
// IPv4 addresses are kept in their IPv6-mapped form, so that one comparison serves both families.

import { AF_INET, AF_INET6, AF_UNSPEC } from '../../abi/socket.ts';
import { EAFNOSUPPORT, EINVAL, fail } from '../../errno.ts';
import { bytesToText } from '../../mm/user-memory.ts';

export interface Endpoint {
  /** 16 bytes as text, one code unit each; IPv4 as ::ffff:a.b.c.d. */
  readonly ip: string;
  readonly port: number;
}

/** The number of the loopback: the scope of every address that has one. */
const ONLY_INTERFACE = 1;

const MAPPED = `${'\0'.repeat(10)}\xff\xff`;
export const ANY_V4 = `${MAPPED}\0\0\0\0`;
export const ANY_V6 = '\0'.repeat(16);
export const BROADCAST_V4 = `${MAPPED}\xff\xff\xff\xff`;
export const LOOPBACK_V4 = `${MAPPED}\x7f\0\0\x01`;
export const LOOPBACK_V6 = `${'\0'.repeat(15)}\x01`;

/** The family of a sockaddr. */
export function familyOf(sockaddr: Uint8Array): number {
  return (sockaddr[0] as number) | ((sockaddr[1] as number) << 8);
}

/** An address of four or sixteen bytes as it is kept. */
export function ipOf(bytes: Uint8Array): string {
  return bytes.length === 4 ? MAPPED + bytesToText(bytes) : bytesToText(bytes);
}

export function isV4(ip: string): boolean {
  return ip.startsWith(MAPPED);
}

export function isAny(ip: string): boolean {
  return ip === ANY_V4 || ip === ANY_V6;
}

/** A multicast address: 224.0.0.0/4, ff00::/8. */
export function isGroup(ip: string): boolean {
  return isV4(ip) ? (ip.charCodeAt(12) & 0xf0) === 0xe0 : ip.charCodeAt(0) === 0xff;
}

/** Is an IPv6 address one of a link, so that it means something on an interface only (__ipv6_addr_needs_scope_id)? */
export function needsScope(ip: string): boolean {
  const [first, second] = [ip.charCodeAt(0), ip.charCodeAt(1)];
  if (first === 0xff) return (second & 15) === 1 || (second & 15) === 2;
  return first === 0xfe && (second & 0xc0) === 0x80;
}

/** Where a packet to `ip` goes: the wildcards mean this machine. */
export function destination(ip: string): string {
  if (ip === ANY_V4) return LOOPBACK_V4;
  return ip === ANY_V6 ? LOOPBACK_V6 : ip;
}

/**
 * The address in a sockaddr for a socket of `family`. EINVAL: too short. EAFNOSUPPORT: another family.
 * `forBind`: AF_UNSPEC with the wildcard is taken for AF_INET (inet_bind).
 */
export function parseEndpoint(sockaddr: Uint8Array, family: number, forBind = false): Endpoint {
  if (sockaddr.length < (family === AF_INET ? 16 : 24))
    fail(EINVAL, 'the address is too short for its family');
  const given = familyOf(sockaddr);
  const isUnspecified = forBind && given === AF_UNSPEC && bytesToText(sockaddr, 4, 8) === '\0\0\0\0';
  if (given !== family && !(family === AF_INET && isUnspecified))
    fail(EAFNOSUPPORT, 'an address of another family');
  const port = ((sockaddr[2] as number) << 8) | (sockaddr[3] as number);
  if (family === AF_INET) return { ip: MAPPED + bytesToText(sockaddr, 4, 8), port };
  return { ip: bytesToText(sockaddr, 8, 24), port };
}

/** The sockaddr of an endpoint as a socket of `family` shows it. */
export function encodeEndpoint({ ip, port }: Endpoint, family: number): Uint8Array {
  const bytes = new Uint8Array(family === AF_INET ? 16 : 28);
  bytes[0] = family;
  bytes[2] = port >>> 8;
  bytes[3] = port;
  if (family === AF_INET) for (let i = 0; i < 4; i++) bytes[4 + i] = ip.charCodeAt(12 + i);
  else {
    for (let i = 0; i < 16; i++) bytes[8 + i] = ip.charCodeAt(i);
    if (needsScope(ip)) bytes[24] = ONLY_INTERFACE;
  }
  return bytes;
}

/** The endpoint of an unbound socket. */
export function unboundEndpoint(family: number): Endpoint {
  return { ip: family === AF_INET6 ? ANY_V6 : ANY_V4, port: 0 };
}
