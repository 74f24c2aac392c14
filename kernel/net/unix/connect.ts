// connect(2) on unix sockets: a stream or seqpacket socket joins a listener, a datagram socket chooses its peer.
// unix.ts calls it by state. The other side is looked at before the caller's own state, as Linux does.
// Nothing is changed before the last thing that can fail, autobind apart.

import { AF_UNSPEC } from '../../abi/socket.ts';
import { ECONNREFUSED, EINVAL, EISCONN, EPERM, fail } from '../../errno.ts';
import { refusesToWait } from '../../file/blocking.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { notReady } from '../blocking.ts';
import { RCV_SHUTDOWN } from '../socket-core.ts';
import { familyOf, parseAddress } from './address.ts';
import { peerCredentialsOf } from './credentials.ts';
import { disconnected } from './datagram-queue.ts';
import { autobind, demandReach, findSocket } from './lookup.ts';
import { makeUnixSocket } from './make.ts';
import { passesCredentials } from './scm.ts';
import {
  type BoundUnixSocket,
  type ConnectedUnixDatagram,
  peerOf,
  type UnboundUnixSocket,
  type UnixDatagram,
  type UnixListener,
  type UnixSeqpacket,
  type UnixStream,
} from './states.ts';
import { toBound, toConnected, toPeer, toPeerless } from './transitions.ts';
import type { UnixSocket } from './unix-socket.ts';

/**
 * Queues a new connection at the listener (unix_stream_connect): the caller and a fresh server's end are connected at
 * once, accept(2) only hands the latter out. A full backlog is EAGAIN (or waits) even when the caller is connected.
 * EISCONN: connected. EINVAL: listening. ECONNREFUSED: nobody listens. Errors of the address as findSocket has them.
 */
export function connectStream(
  thread: Thread,
  state: UnboundUnixSocket | BoundUnixSocket | UnixListener | UnixStream | UnixSeqpacket,
  file: OpenFile,
  sockaddr: Uint8Array,
): number | Wait {
  const { core } = state;
  const address = parseAddress(sockaddr);
  const own = passesCredentials(core) ? autobound(state) : state;
  const target = findSocket(thread, address, core);
  const listener = target.state;
  if (listener?.kind !== 'unix-listener' || (target.shutdown & RCV_SHUTDOWN) !== 0) {
    fail(ECONNREFUSED, 'nobody listens on the socket');
  }
  if (listener.isFull) {
    const nonblock = refusesToWait(thread, file);
    return notReady(thread, target.room, { nonblock, timeoutNs: core.settings.sendTimeoutNs });
  }
  switch (own.kind) {
    case 'unix-unbound':
    case 'unix-bound':
      break;
    case 'unix-stream':
    case 'unix-seqpacket':
      return fail(EISCONN, 'the socket is connected');
    case 'unix-listener':
      return fail(EINVAL, 'a listening socket cannot connect');
    default:
      own satisfies never;
      return 0;
  }
  demandReach(thread, target);
  const fresh = makeUnixSocket(thread, target.family, core.type, core.net) as UnboundUnixSocket;
  inherit(fresh.core, target);
  toConnected(fresh, core, peerCredentialsOf(thread));
  toConnected(own, fresh.core, target.peerCredentials);
  listener.pending.push(fresh.core);
  target.wakeReaders();
  return 0;
}

/** A socket that passes credentials has a name before it speaks (unix_autobind). */
function autobound<State extends { core: UnixSocket; kind: string }>(
  state: State | UnboundUnixSocket,
): State | BoundUnixSocket {
  const { core } = state;
  if (core.address.kind === 'unnamed') autobind(core);
  return state.kind === 'unix-unbound' ? toBound(state as UnboundUnixSocket) : (state as State);
}

/** What the server's end of a connection has from its listener. */
function inherit(server: UnixSocket, listener: UnixSocket): void {
  server.address = listener.address;
  server.boundPath = listener.boundPath; // SIOCUNIXFILE works on it, yet the name stays the listener's
  server.listener = listener;
  const { settings } = server;
  settings.passCredentials = listener.settings.passCredentials;
  settings.passPidfd = listener.settings.passPidfd;
  settings.passSecurity = listener.settings.passSecurity;
  settings.passRights = listener.settings.passRights;
}

/**
 * Sets, changes or (AF_UNSPEC) dissolves the default peer (unix_dgram_connect).
 * EPERM: the other socket is connected elsewhere. Errors of the address as findSocket has them.
 */
export function connectDatagram(
  thread: Thread,
  state: UnixDatagram | ConnectedUnixDatagram,
  sockaddr: Uint8Array,
): void {
  const { core } = state;
  const family = familyOf(sockaddr) ?? fail(EINVAL, 'the address has no family');
  const old = peerOf(core);
  if (family === AF_UNSPEC) {
    if (state.kind === 'unix-datagram-connected') leave(toPeerless(state).core, state.peer);
    return;
  }
  const address = parseAddress(sockaddr);
  if (passesCredentials(core)) autobind(core);
  const peer = findSocket(thread, address, core);
  const back = peerOf(peer);
  if (back !== undefined && back !== core) fail(EPERM, 'the other socket is connected elsewhere');
  demandReach(thread, peer);
  toPeer(state, peer);
  if (old !== undefined && old !== peer) leave(core, old);
}

/** What the old peer had sent is lost, and it learns of it. */
function leave(core: UnixSocket, old: UnixSocket): void {
  if (core.relay?.stop()) core.changed.wake(0);
  disconnected(core, old);
  if (peerOf(old) === undefined) old.isConnectedTo = false;
}
