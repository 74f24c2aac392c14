// IP packets as they would be on the loopback (RFC 791, RFC 8200), for those who see packets: raw and packet sockets.
// ip-layer.ts takes them apart, whoever sends makes them. Addresses are as endpoint.ts keeps them.

import { IPPROTO_UDP } from '../../abi/inet.ts';
import { bytesToText } from '../../mm/user-memory.ts';
import { ANY_V4, isV4 } from './endpoint.ts';

export const V4_HEADER = 20;
export const V6_HEADER = 40;
export const UDP_HEADER = 8;
const MAPPED_LENGTH = 12;
const DO_NOT_FRAGMENT = 0x4000;

export interface IpPacket {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly hops: number;
  readonly trafficClass: number;
  readonly payload: Uint8Array;
}

/** The packet from its IP header on. `id` is that of IPv4. */
export function encodeIp({ from, to, protocol, hops, trafficClass, payload }: IpPacket, id = 0): Uint8Array {
  const isOfV4 = isV4(to);
  const start = isOfV4 ? V4_HEADER : V6_HEADER;
  const bytes = new Uint8Array(start + payload.length);
  const view = new DataView(bytes.buffer);
  if (isOfV4) {
    view.setUint8(0, 0x45);
    view.setUint8(1, trafficClass);
    view.setUint16(2, bytes.length);
    view.setUint16(4, id);
    view.setUint16(6, DO_NOT_FRAGMENT);
    view.setUint8(8, hops);
    view.setUint8(9, protocol);
    putText(bytes, 12, from.slice(MAPPED_LENGTH));
    putText(bytes, 16, to.slice(MAPPED_LENGTH));
    view.setUint16(10, checksum(bytes.subarray(0, V4_HEADER)));
  } else {
    view.setUint32(0, (6 << 28) | (trafficClass << 20));
    view.setUint16(4, payload.length);
    view.setUint8(6, protocol);
    view.setUint8(7, hops);
    putText(bytes, 8, from);
    putText(bytes, 24, to);
  }
  bytes.set(payload, start);
  return bytes;
}

/** undefined for what is no whole packet. */
export function decodeIp(bytes: Uint8Array): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number): string => bytesToText(bytes, at, at + length);
  if (version === 4 && bytes.length >= V4_HEADER) {
    const header = ((bytes[0] as number) & 15) * 4;
    const total = view.getUint16(2);
    if (header < V4_HEADER || total < header || total > bytes.length) return undefined;
    const mapped = ANY_V4.slice(0, MAPPED_LENGTH);
    return {
      from: mapped + text(12, 4),
      to: mapped + text(16, 4),
      protocol: view.getUint8(9),
      hops: view.getUint8(8),
      trafficClass: view.getUint8(1),
      payload: bytes.subarray(header, total),
    };
  }
  if (version !== 6 || bytes.length < V6_HEADER) return undefined;
  return {
    from: text(8, 16),
    to: text(24, 16),
    protocol: view.getUint8(6),
    hops: view.getUint8(7),
    trafficClass: (view.getUint16(0) >> 4) & 0xff,
    payload: bytes.subarray(V6_HEADER, V6_HEADER + view.getUint16(4)),
  };
}

/** The payload of a UDP datagram. */
export function encodeUdp(
  bytes: Uint8Array,
  from: { readonly ip: string; readonly port: number },
  to: { readonly ip: string; readonly port: number },
): Uint8Array {
  const segment = new Uint8Array(UDP_HEADER + bytes.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint16(4, segment.length);
  segment.set(bytes, UDP_HEADER);
  view.setUint16(6, checksumBetween(segment, from.ip, to.ip, IPPROTO_UDP) || 0xffff);
  return segment;
}

function putText(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

/** The internet checksum (RFC 1071), on top of `initial`; 0 over bytes that have a right one. */
export function checksum(bytes: Uint8Array, initial = 0): number {
  let total = initial;
  for (let at = 0; at < bytes.length; at += 2) total += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return ~total & 0xffff;
}

/** The same with addresses, protocol and length before it, as UDP, TCP and ICMPv6 have it. */
export function checksumBetween(bytes: Uint8Array, from: string, to: string, protocol: number): number {
  const addresses = isV4(to) ? from.slice(MAPPED_LENGTH) + to.slice(MAPPED_LENGTH) : from + to;
  let total = protocol + bytes.length;
  for (let at = 0; at < addresses.length; at += 2)
    total += (addresses.charCodeAt(at) << 8) | addresses.charCodeAt(at + 1);
  return checksum(bytes, total);
}
