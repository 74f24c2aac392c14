// Datagrams between UDP sockets of this machine (udp(7)).
// inet.ts calls it. A datagram nobody waits for is lost; a connected sender hears of it at its next call.
import { firstBytes } from '../../abi/first-bytes.ts';
import { IPPROTO_UDP } from '../../abi/inet.ts';
import { AF_INET, MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC } from '../../abi/socket.ts';
import { EDESTADDRREQ, EINVAL, EMSGSIZE, EOPNOTSUPP, EPIPE, fail } from '../../errno.ts';
import type { Sink, Source } from '../../file/file-descriptor.ts';
import type { Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { notReady } from '../blocking.ts';
import type { Incoming, Outgoing } from '../socket.ts';
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../socket-core.ts';
import { putTimestamps, wantsStamp } from '../timestamps.ts';
import { demandBroadcast, localSource, scopeOf, sourceOf } from './departure.ts';
import {
  ANY_V4,
  destination,
  type Endpoint,
  encodeEndpoint,
  isV4,
  parseEndpoint,
  unboundEndpoint,
} from './endpoint.ts';
import { portUnreachable } from './error-queue.ts';
import type { InetSocket } from './inet-socket.ts';
import { encodeUdp } from './ip-packet.ts';
import type { ConnectedUdp, UdpSocket } from './states.ts';
import { putControl, travelOf } from './udp-control.ts';
import { deliverUdp } from './udp-delivery.ts';

/** 65535 less the headers. */
const MOST_V4 = 65_507;
const MOST_V6 = 65_527;

/** Gives an unbound socket a port of the kernel's choice. */
export function autobindUdp(core: InetSocket): Endpoint {
  core.local ??= core.ports.claimFree(core, unboundEndpoint(core.family.number).ip, core.kernel.random);
  return core.local;
}

/** EDESTADDRREQ: neither address nor peer. EMSGSIZE. ENETUNREACH: not this machine. Pending errors. */
export function sendUdp(
  thread: Thread,
  state: UdpSocket | ConnectedUdp,
  message: Outgoing,
  data: Source,
): number {
  const { core } = state;
  const length = data.remaining;
  if (length > 65_535) fail(EMSGSIZE, 'longer than a datagram can be');
  if ((message.flags & MSG_OOB) !== 0) fail(EOPNOTSUPP, 'datagrams have no urgent byte');
  const named = message.name === undefined ? undefined : parseEndpoint(message.name, core.family.number);
  const local = autobindUdp(core);
  const to =
    named ?? (state.kind === 'udp-connected' ? state.remote : fail(EDESTADDRREQ, 'no address and no peer'));
  if (to.port === 0) fail(EINVAL, 'no port to send to');
  const target = { ip: destination(to.ip), port: to.port };
  const travel = travelOf(core, message, target.ip);
  const index = travel.index || (message.name === undefined ? 0 : scopeOf(message.name, to.ip));
  const way = { source: travel.source, index };
  const source = to.ip === ANY_V4 ? localSource(core, target.ip, way) : sourceOf(core, target.ip, way);
  demandBroadcast(core, target.ip);
  if (length > (isV4(to.ip) ? MOST_V4 : MOST_V6)) fail(EMSGSIZE, 'longer than a datagram can be');
  const error = core.takeError();
  if (error !== 0) fail(error, 'an error was pending on the socket');
  if ((core.shutdown & SEND_SHUTDOWN) !== 0) fail(EPIPE, 'the sending side is shut down');
  const { hops, trafficClass } = travel;
  const from = { ip: source, port: local.port };
  const bytes = collect(data, length);
  if (!core.net.loopback.isUp) return length; // it is lost
  const isReceived = deliverUdp(core.net, { bytes, from, to: target, hops, trafficClass });
  const { ip } = core.net;
  if (ip !== undefined) {
    const packet = { from: from.ip, to: target.ip, protocol: IPPROTO_UDP, hops, trafficClass };
    const shown = { ...packet, payload: encodeUdp(bytes, from, target) };
    if (isReceived) ip.show(shown);
    else ip.refuse(shown);
  }
  // what comes back finds its way by the addresses of both ends
  const remote = state.kind === 'udp-connected' ? state.remote : undefined;
  const isOfPeer = remote?.port === target.port && remote.ip === target.ip;
  if (!isReceived && (isOfPeer || remote === undefined))
    portUnreachable(core, bytes, target, remote !== undefined);
  return length;
}

export function collect(source: Source, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const piece = source.take(length - at);
    if (piece.length === 0) break;
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** One datagram or its beginning; MSG_TRUNC as in recv(2). EAGAIN, pending errors. */
export function receiveUdp(
  thread: Thread,
  { core }: { readonly core: InetSocket },
  message: Incoming,
  sink: Sink,
): number | Wait {
  const error = core.takeError();
  if (error !== 0) fail(error, 'an error was pending on the socket');
  const datagram = core.datagrams[0];
  if (datagram === undefined) {
    const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
    if ((core.shutdown & RCV_SHUTDOWN) !== 0 && !nonblock) return 0;
    return notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
  }
  const { bytes, from } = datagram;
  const size = Math.min(sink.remaining, bytes.length);
  if ((message.flags & MSG_PEEK) === 0) {
    core.removeDatagram();
  }
  if (size > 0) sink.put(firstBytes(bytes, size));
  if (size < bytes.length) message.outFlags |= MSG_TRUNC;
  if (wantsStamp(core) && datagram.sentNs === 0n) datagram.sentNs = thread.kernel.clock.realtimeNs();
  putTimestamps(core, message, datagram.sentNs);
  if (core.protocolOptions.size > 0) putControl(core, message, datagram);
  message.outFlags |= message.control?.flags ?? 0;
  message.name = encodeEndpoint(from, core.family.number === AF_INET ? AF_INET : core.family.number);
  return (message.flags & MSG_TRUNC) !== 0 ? bytes.length : size;
}
