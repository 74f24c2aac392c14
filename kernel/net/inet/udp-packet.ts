// A UDP datagram with the headers that it would have on the loopback, for the filter of its receiver (udp(7), SO_ATTACH_FILTER).
// udp-transfer.ts makes one only when there is a filter; Linux lets it see the datagram from the UDP header on.
import { ARPHRD_LOOPBACK } from '../../abi/inet.ts';
import type { Random } from '../../random.ts';
import { Packet } from '../packet.ts';
import { type Endpoint, isV4 } from './endpoint.ts';

export const UDP_HEADER = 8;
const LINK_HEADER = 14;
const LOOPBACK_DEVICE = 1;
const ETHERTYPE_V4 = 0x0800;
const ETHERTYPE_V6 = 0x86dd;
const UDP = 17;
const HOPS = 64;

/** The datagram from `from` to `to`. */
export function udpPacket(bytes: Uint8Array, from: Endpoint, to: Endpoint, random: Random): Packet {
  const isOfV4 = isV4(to.ip);
  const protocol = isOfV4 ? ETHERTYPE_V4 : ETHERTYPE_V6;
  const network = LINK_HEADER;
  const start = network + (isOfV4 ? 20 : 40);
  const packet = new Uint8Array(start + UDP_HEADER + bytes.length);
  const view = new DataView(packet.buffer);
  view.setUint16(network - 2, protocol);
  const length = UDP_HEADER + bytes.length;
  if (isOfV4) putV4(view, network, length, from, to);
  else putV6(view, network, length, from, to);
  view.setUint16(start, from.port);
  view.setUint16(start + 2, to.port);
  view.setUint16(start + 4, length);
  const addresses = isOfV4 ? network + 12 : network + 8;
  view.setUint16(start + 6, sum(view, addresses, start, UDP + length)); // the rest is left to the device
  packet.set(bytes, start + UDP_HEADER);
  return new Packet(packet, random, {
    start,
    network,
    link: 0,
    device: LOOPBACK_DEVICE,
    hardware: ARPHRD_LOOPBACK,
    protocol,
    payload: UDP_HEADER,
  });
}

function putV4(view: DataView, at: number, length: number, from: Endpoint, to: Endpoint): void {
  view.setUint8(at, 0x45);
  view.setUint16(at + 2, 20 + length);
  view.setUint16(at + 6, 0x4000); // do not fragment
  view.setUint8(at + 8, HOPS);
  view.setUint8(at + 9, UDP);
  putText(view, at + 12, from.ip.slice(12));
  putText(view, at + 16, to.ip.slice(12));
  view.setUint16(at + 10, ~sum(view, at, at + 20, 0));
}

function putV6(view: DataView, at: number, length: number, from: Endpoint, to: Endpoint): void {
  view.setUint8(at, 0x60);
  view.setUint16(at + 4, length);
  view.setUint8(at + 6, UDP);
  view.setUint8(at + 7, HOPS);
  putText(view, at + 8, from.ip);
  putText(view, at + 24, to.ip);
}

function putText(view: DataView, at: number, bytes: string): void {
  for (let i = 0; i < bytes.length; i++) view.setUint8(at + i, bytes.charCodeAt(i));
}

/** The internet checksum's sum (RFC 1071) of what lies between two positions, added to `initial`. */
function sum(view: DataView, start: number, end: number, initial: number): number {
  let total = initial;
  for (let at = start; at < end; at += 2) total += view.getUint16(at);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return total;
}
