// What /proc/net and sock_diag tell of a TCP or UDP socket: its state by Linux's number, addresses, queues.
// inet/proc-tables.ts and netlink/inet-diag.ts print it, TCP_INFO reads the state. Nothing here changes a socket.
// A connection is over as soon as both ends have hung up: TIME_WAIT and LAST_ACK do not exist without packets.
import { SEND_SHUTDOWN } from '../socket-core.ts';
import { type Endpoint, isAny, isV4, unboundEndpoint } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';

export const TCP_ESTABLISHED = 1;
const TCP_FIN_WAIT2 = 5;
export const TCP_CLOSE = 7;
const TCP_CLOSE_WAIT = 8;
export const TCP_LISTEN = 10;

/** The state as include/net/tcp_states.h numbers it; UDP uses two of them. */
export function stateNumber(socket: InetSocket): number {
  const { state } = socket;
  switch (state?.kind) {
    case 'tcp-listener':
      return TCP_LISTEN;
    case 'udp-connected':
      return TCP_ESTABLISHED;
    case 'tcp-stream': {
      const hasEnded = (socket.shutdown & SEND_SHUTDOWN) !== 0;
      const hasPeerEnded = (state.peer.shutdown & SEND_SHUTDOWN) !== 0;
      if (hasEnded) return hasPeerEnded ? TCP_CLOSE : TCP_FIN_WAIT2;
      return hasPeerEnded ? TCP_CLOSE_WAIT : TCP_ESTABLISHED;
    }
    case 'tcp-idle':
    case 'udp':
    case 'inet-closed':
    case undefined:
      return TCP_CLOSE;
    default:
      return state satisfies never;
  }
}

export function localOf(socket: InetSocket): Endpoint {
  return socket.local ?? unboundEndpoint(socket.family.number);
}

export function remoteOf({ state, family }: InetSocket): Endpoint {
  return state?.kind === 'tcp-stream' || state?.kind === 'udp-connected'
    ? state.remote
    : unboundEndpoint(family.number);
}

/** Connections for a listener, bytes for a stream, memory for datagrams. The end of a stream counts as one until it is reached. */
export function receiveQueueOf({ state, queued }: InetSocket): number {
  if (state?.kind === 'tcp-listener') return state.pending.length;
  if (state?.kind !== 'tcp-stream' || queued === 0) return queued;
  return queued + Number((state.peer.shutdown & SEND_SHUTDOWN) !== 0);
}

/** A v6 socket bound to an address of its own takes nothing of IPv4 (inet6_bind). */
export function isOfV6Only({ v6Only, local }: InetSocket): boolean {
  return v6Only || (local !== undefined && !isV4(local.ip) && !isAny(local.ip));
}

/** A connection that nobody accepted has no file, so no inode to show. */
export function inoOf(socket: InetSocket): number {
  return socket.file === undefined ? 0 : socket.inode.ino;
}

/** Those that Linux finds by port: listeners and connections of TCP, bound sockets of UDP. Listeners come first. */
export function tabled(sockets: Iterable<InetSocket>, protocol: number): InetSocket[] {
  const found = [...sockets].filter(
    (socket) =>
      socket.protocol === protocol &&
      socket.local !== undefined &&
      (socket.state?.kind === 'udp' || stateNumber(socket) !== TCP_CLOSE),
  );
  return found.sort((a, b) => Number(b.isListening) - Number(a.isListening));
}
