// Every move of a unix socket from one state to the next, one function each, with both states in its type.
// unix.ts, connect.ts, close.ts and datagram-queue.ts call them and decide who may; nothing else calls `become`.
// A state is consumed: after a move, only what the function returned stands for the socket.
import { SOCK_DGRAM, SOCK_STREAM } from '../../abi/socket.ts';
import type { PeerCredentials } from './credentials.ts';
import {
  BoundUnixSocket,
  ClosedUnixSocket,
  ConnectedUnixDatagram,
  UnboundUnixSocket,
  UnixDatagram,
  UnixListener,
  UnixSeqpacket,
  type UnixState,
  UnixStream,
} from './states.ts';
import type { UnixSocket } from './unix-socket.ts';

/** socket(2), socketpair(2), and the server's end of a connection: the first state. */
export function begin(core: UnixSocket): UnboundUnixSocket | UnixDatagram {
  return enter(core.type === SOCK_DGRAM ? new UnixDatagram(core) : new UnboundUnixSocket(core));
}

/** bind(2) or autobind gave the socket its name; a datagram socket stays what it is. */
export function toBound({ core }: UnboundUnixSocket): BoundUnixSocket {
  return enter(new BoundUnixSocket(core));
}

/** listen(2). */
export function toListener({ core }: BoundUnixSocket, backlog: number): UnixListener {
  return enter(new UnixListener(core, backlog));
}

/** connect(2), for each of the two ends: `credentials` are the other end's, which SO_PEERCRED shows. */
export function toConnected(
  { core }: UnboundUnixSocket | BoundUnixSocket,
  peer: UnixSocket,
  credentials: PeerCredentials | undefined,
): UnixStream | UnixSeqpacket {
  core.peerCredentials = credentials;
  return enter(core.type === SOCK_STREAM ? new UnixStream(core, peer) : new UnixSeqpacket(core, peer));
}

/** connect(2) of a datagram socket: the default peer is set or changed. Both ends read as connected from now on. */
export function toPeer(
  { core }: UnixDatagram | ConnectedUnixDatagram,
  peer: UnixSocket,
): ConnectedUnixDatagram {
  core.isConnectedTo = true;
  peer.isConnectedTo = true;
  return enter(new ConnectedUnixDatagram(core, peer));
}

/** connect(2) with AF_UNSPEC, or a send that found the peer closed: no default peer any more. */
export function toPeerless({ core }: ConnectedUnixDatagram): UnixDatagram {
  core.isConnectedTo = false;
  return enter(new UnixDatagram(core));
}

/** The last reference to the open file is gone; peers and queued messages may still refer to the socket. */
export function toClosed({ core }: UnixState): ClosedUnixSocket {
  return enter(new ClosedUnixSocket(core));
}

function enter<State extends UnixState>(state: State): State {
  state.core.become(state);
  return state;
}
