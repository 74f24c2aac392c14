// ICMP and ICMPv6 messages that this machine makes (RFC 792, RFC 4443): answers to echo requests, and what could not be
// delivered. ip-layer.ts sends them.
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from '../../abi/inet.ts';
import { isGroup, isV4, LOOPBACK_V6 } from './endpoint.ts';
import { checksum, checksumBetween, type IpPacket, V6_HEADER } from './ip-packet.ts';

export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_ECHO = 8;
export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
const ICMP_PROT_UNREACH = 2;
const ICMP_PORT_UNREACH = 3;
const ICMPV6_PORT_UNREACH = 4;
const ICMPV6_PARAMPROB = 4;
const ICMPV6_UNK_NEXTHDR = 1;
const NEXT_HEADER_AT = 6;
export const ICMP_HEADER = 8;
/** How much of a packet is given back: as fits 576 bytes, or the least MTU of IPv6. */
const MOST_V4 = 576 - 20 - ICMP_HEADER;
const MOST_V6 = 1280 - V6_HEADER - ICMP_HEADER;
const HOPS = 64;
/** Precedence of what the network itself says (IPTOS_PREC_INTERNETCONTROL). */
const ERROR_CLASS = 0xc0;

export function icmpOf(ip: string): number {
  return isV4(ip) ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

/** Puts the checksum into a message that goes from one address to another. */
export function sealIcmp(message: Uint8Array, from: string, to: string): Uint8Array {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  view.setUint16(2, 0);
  view.setUint16(2, isV4(to) ? checksum(message) : checksumBetween(message, from, to, IPPROTO_ICMPV6));
  return message;
}

export function isIntact({ payload, from, to }: IpPacket): boolean {
  if (payload.length < ICMP_HEADER) return false;
  return (isV4(to) ? checksum(payload) : checksumBetween(payload, from, to, IPPROTO_ICMPV6)) === 0;
}

/** The answer to an echo request; undefined for other messages, and for groups of IPv4 (icmp_echo_ignore_broadcasts). */
export function echoReply(packet: IpPacket): IpPacket | undefined {
  const { from, payload, trafficClass } = packet;
  const isOfV4 = isV4(packet.to);
  if (isOfV4 && isGroup(packet.to)) return undefined;
  const to = isGroup(packet.to) ? LOOPBACK_V6 : packet.to;
  if (payload[0] !== (isOfV4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST)) return undefined;
  const message = payload.slice();
  message[0] = isOfV4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
  return {
    from: to,
    to: from,
    protocol: packet.protocol,
    hops: HOPS,
    trafficClass: isOfV4 ? trafficClass : 0,
    payload: sealIcmp(message, to, from),
  };
}

/** Nobody has the port, or the protocol: the packet, from its header on, goes back to its sender. */
export function unreachable(
  original: Uint8Array,
  { from, to }: IpPacket,
  what: 'port' | 'protocol',
): IpPacket {
  const isOfV4 = isV4(to);
  const quoted = original.subarray(0, isOfV4 ? MOST_V4 : MOST_V6);
  const message = new Uint8Array(ICMP_HEADER + quoted.length);
  if (isOfV4) {
    message[0] = ICMP_DEST_UNREACH;
    message[1] = what === 'port' ? ICMP_PORT_UNREACH : ICMP_PROT_UNREACH;
  } else if (what === 'port') {
    message[0] = ICMPV6_DEST_UNREACH;
    message[1] = ICMPV6_PORT_UNREACH;
  } else {
    message[0] = ICMPV6_PARAMPROB;
    message[1] = ICMPV6_UNK_NEXTHDR;
    message[7] = NEXT_HEADER_AT;
  }
  message.set(quoted, ICMP_HEADER);
  return {
    from: to,
    to: from,
    protocol: icmpOf(to),
    hops: HOPS,
    trafficClass: isOfV4 ? ERROR_CLASS : 0,
    payload: sealIcmp(message, to, from),
  };
}
