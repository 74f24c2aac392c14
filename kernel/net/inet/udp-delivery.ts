// Where a datagram arrives: the socket whose port it is (net/ipv4/udp.c, __udp4_lib_rcv).
// udp-transfer.ts sends them here, and so does ip-layer.ts for those that raw sockets made.
import type { NetNamespace } from '../net-namespace.ts';
import { filtered } from '../socket-filter.ts';
import { reportsReceiving, wantsStamp } from '../timestamps.ts';
import { destination, type Endpoint, isGroup, isV4 } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';
import { hears } from './multicast.ts';
import { udpCharge } from './udp-accounting.ts';
import { UDP_HEADER, udpPacket } from './udp-packet.ts';

export interface Arrival {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly hops: number;
  readonly trafficClass: number;
}

/** False when nobody has the port. What finds no room, or no favour with a filter, is lost. */
export function deliverUdp(net: NetNamespace, arrival: Arrival): boolean {
  const { from, to } = arrival;
  if (net.loopback.isShared(to.ip)) {
    deliverToAll(net, arrival);
    return true;
  }
  const receiver = net.udpPorts.find(to, (socket) => acceptsFrom(socket, from));
  if (receiver === undefined) return false;
  give(receiver, arrival);
  return true;
}

/** Everyone who has the port, and hears the group if it is one, gets it; nobody is told when there is none (__udp4_lib_mcast_deliver). */
function deliverToAll(net: NetNamespace, arrival: Arrival): void {
  const { from, to } = arrival;
  if (isGroup(to.ip) && !net.loopback.groups.accepts(to.ip, from.ip)) return;
  const accepts = (socket: InetSocket): boolean => acceptsFrom(socket, from) && hears(socket, to.ip, from.ip);
  for (const receiver of net.udpPorts.all(to, accepts)) give(receiver, arrival);
}

function give(receiver: InetSocket, arrival: Arrival): void {
  const { bytes, to } = arrival;
  const charge = udpCharge(bytes.length, isV4(to.ip));
  const { clock } = receiver.kernel;
  const sentNs = wantsStamp(receiver) || reportsReceiving(receiver) ? clock.realtimeNs() : 0n;
  const kept = receiver.filter === undefined ? bytes : keptBy(receiver, arrival);
  if (kept !== undefined && receiver.addDatagram({ ...arrival, bytes: kept, charge, sentNs }))
    receiver.wakeReaders();
}

/** What the receiver's filter lets through of a datagram. */
function keptBy(receiver: InetSocket, { bytes, from, to }: Arrival): Uint8Array | undefined {
  const length = filtered(receiver, udpPacket(bytes, from, to, receiver.kernel.random), UDP_HEADER);
  return length === undefined ? undefined : bytes.subarray(0, length - UDP_HEADER);
}

function acceptsFrom(socket: InetSocket, from: Endpoint): boolean {
  const { state } = socket;
  if (state?.kind !== 'udp-connected') return true;
  return destination(state.remote.ip) === from.ip && state.remote.port === from.port;
}
