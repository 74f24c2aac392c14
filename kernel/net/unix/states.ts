// The states of a unix socket, one class each, as descriptors of its open file: what Linux keeps in sk_state and
// unix_peer. transitions.ts replaces one by the next; the table in kernel/net/unix.ts says when.
// Each knows what poll sees in it; everything that changes sockets is in unix.ts and the files beside this one.
import { POLLHUP, POLLOUT, POLLPRI, READ_EVENTS, SOCKET_WRITE_EVENTS } from '../../abi/poll.ts';
import { SOCK_STREAM } from '../../abi/socket.ts';
import { SocketDescriptor } from '../socket.ts';
import { RoomRelay } from './room-relay.ts';
import type { UnixSocket } from './unix-socket.ts';

abstract class UnixDescriptor extends SocketDescriptor<UnixSocket> {
  /** What holds in every state: error, shutdown, queue, urgent byte (unix_poll). */
  protected commonEvents(): number {
    const { core } = this;
    let events = this.endEvents();
    if (core.queue.first !== undefined) events |= READ_EVENTS;
    if (core.urgent !== undefined) events |= POLLPRI;
    return events;
  }

  protected roomEvents(): number {
    const { core } = this;
    if (core.hasRoom) return SOCKET_WRITE_EVENTS;
    if (core.type !== SOCK_STREAM) core.missRoom(); // unix_dgram_poll
    return 0;
  }
}

/** A stream or seqpacket socket with neither name nor peer. */
export class UnboundUnixSocket extends UnixDescriptor {
  override readonly kind = 'unix-unbound';

  override poll(): number {
    return this.commonEvents() | this.roomEvents() | POLLHUP;
  }
}

/** A stream or seqpacket socket that has a name and does not listen yet. */
export class BoundUnixSocket extends UnixDescriptor {
  override readonly kind = 'unix-bound';

  override poll(): number {
    return this.commonEvents() | this.roomEvents() | POLLHUP;
  }
}

/** A listening socket: connections that arrived and were not yet accepted, in order. */
export class UnixListener extends UnixDescriptor {
  override readonly kind = 'unix-listener';
  /** A connection waits or fails while more than this many are queued. */
  backlog: number;
  readonly pending: UnixSocket[] = [];

  constructor(core: UnixSocket, backlog: number) {
    super(core);
    this.backlog = backlog;
  }

  override get isListening(): boolean {
    return true;
  }

  get isFull(): boolean {
    return this.pending.length > this.backlog;
  }

  override poll(): number {
    return this.commonEvents() | (this.pending.length > 0 ? READ_EVENTS : 0);
  }
}

/** Has a peer, which stays known after its end; its state tells. */
abstract class ConnectedUnixDescriptor extends UnixDescriptor {
  readonly peer: UnixSocket;

  constructor(core: UnixSocket, peer: UnixSocket) {
    super(core);
    this.peer = peer;
  }

  override poll(): number {
    return this.commonEvents() | this.roomEvents();
  }
}

/** A connected stream. */
export class UnixStream extends ConnectedUnixDescriptor {
  override readonly kind = 'unix-stream';
}

/** A connected seqpacket socket. */
export class UnixSeqpacket extends ConnectedUnixDescriptor {
  override readonly kind = 'unix-seqpacket';
}

/** A datagram socket without default peer, bound or not. */
export class UnixDatagram extends UnixDescriptor {
  override readonly kind = 'unix-datagram';

  override poll(): number {
    return this.commonEvents() | this.roomEvents();
  }
}

/** A datagram socket with a default peer; it receives from that one alone. */
export class ConnectedUnixDatagram extends ConnectedUnixDescriptor {
  override readonly kind = 'unix-datagram-connected';

  /** No POLLOUT while the peer's queue is full, unless the peer is connected back (unix_dgram_poll). */
  override poll(): number {
    const { core, peer } = this;
    let events = super.poll();
    if ((events & POLLOUT) !== 0 && peerOf(peer) !== core && isQueueFull(peer)) {
      core.relay ??= new RoomRelay(core);
      core.relay.watch(peer);
      core.missRoom();
      events &= ~SOCKET_WRITE_EVENTS;
    }
    return events;
  }
}

/** The file is closed; peers and messages may still refer to the core. */
export class ClosedUnixSocket extends UnixDescriptor {
  override readonly kind = 'unix-closed';
}

export type UnixState =
  | UnboundUnixSocket
  | BoundUnixSocket
  | UnixListener
  | UnixStream
  | UnixSeqpacket
  | UnixDatagram
  | ConnectedUnixDatagram
  | ClosedUnixSocket;

/** The other end: unix_peer. */
export function peerOf(socket: UnixSocket): UnixSocket | undefined {
  const { state } = socket;
  switch (state?.kind) {
    case 'unix-stream':
    case 'unix-seqpacket':
    case 'unix-datagram-connected':
      return state.peer;
    default:
      return undefined;
  }
}

/** More datagrams wait than net.unix.max_dgram_qlen allows. */
export function isQueueFull(socket: UnixSocket): boolean {
  return socket.queue.count > socket.datagramBacklog;
}
