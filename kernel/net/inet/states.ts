// The states of TCP and UDP sockets, one class each, as descriptors of their open files; inet.ts replaces them.
// Each knows what poll sees in it (net/ipv4/tcp.c tcp_poll, net/core/datagram.c datagram_poll).
import { POLLERR, POLLHUP, POLLPRI, POLLWRBAND, READ_EVENTS, WRITE_EVENTS } from '../../abi/poll.ts';
import { SocketDescriptor } from '../socket.ts';
import { SEND_SHUTDOWN } from '../socket-core.ts';
import type { Endpoint } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';
import { isAtMark } from './urgent.ts';

/** TCP, neither listening nor connected: new, bound, or after a connection that failed or ended. */
export class TcpIdle extends SocketDescriptor<InetSocket> {
  override readonly kind = 'tcp-idle';

  override poll(): number {
    return this.endEvents() | POLLHUP | WRITE_EVENTS;
  }
}

export class TcpListener extends SocketDescriptor<InetSocket> {
  override readonly kind = 'tcp-listener';
  backlog: number;
  readonly pending: InetSocket[] = [];

  constructor(core: InetSocket, backlog: number) {
    super(core);
    this.backlog = backlog;
  }

  override get isListening(): boolean {
    return true;
  }

  override poll(): number {
    return this.pending.length > 0 ? READ_EVENTS : 0;
  }
}

/** A TCP connection. The peer stays known after its end; its state tells. */
export class TcpStream extends SocketDescriptor<InetSocket> {
  override readonly kind = 'tcp-stream';
  readonly peer: InetSocket;
  readonly remote: Endpoint;

  constructor(core: InetSocket, peer: InetSocket, remote: Endpoint) {
    super(core);
    this.peer = peer;
    this.remote = remote;
  }

  override poll(): number {
    const { core, peer } = this;
    let events = this.endEvents();
    const marked = isAtMark(core) && !core.settings.oobInline ? 1 : 0;
    if (core.queued >= Math.max(1, core.settings.receiveLowWater) + marked) events |= READ_EVENTS;
    if (core.urgent?.isRead === false) events |= POLLPRI;
    const isShut = (core.shutdown & SEND_SHUTDOWN) !== 0;
    if (isShut || peer.queued * 3 < peer.windowFor(core) * 2) events |= WRITE_EVENTS;
    return events;
  }
}

export class UdpSocket extends SocketDescriptor<InetSocket> {
  override readonly kind = 'udp';

  override poll(): number {
    return udpEvents(this.core) | this.endEvents();
  }
}

/** UDP with a default peer, whose datagrams alone arrive. */
export class ConnectedUdp extends SocketDescriptor<InetSocket> {
  override readonly kind = 'udp-connected';
  readonly remote: Endpoint;

  constructor(core: InetSocket, remote: Endpoint) {
    super(core);
    this.remote = remote;
  }

  override poll(): number {
    return udpEvents(this.core) | this.endEvents();
  }
}

/** The file is closed; the peer may still refer to the core. */
export class ClosedInetSocket extends SocketDescriptor<InetSocket> {
  override readonly kind = 'inet-closed';
}

export type InetState = TcpIdle | TcpListener | TcpStream | UdpSocket | ConnectedUdp | ClosedInetSocket;

function udpEvents(core: InetSocket): number {
  const events = (core.datagrams.length > 0 ? READ_EVENTS : 0) | (core.errors.length > 0 ? POLLERR : 0);
  return events | WRITE_EVENTS | POLLWRBAND;
}
