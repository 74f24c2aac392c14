// The door for AF_UNIX (unix(7)): every socket call on a unix socket comes here, and here it is decided by state.
// syscalls/socket*.ts call `UNIX` as the family of a socket; the parts are in unix/, one file a subject.
// A socket is one UnixSocket for life; its state is a class (unix/states.ts) that unix/transitions.ts replaces:
//
//   state (class)         bind      listen      connect           accept      send       receive     last close
//   UnboundUnixSocket     toBound   EINVAL      toConnected       EINVAL      ENOTCONN¹  EINVAL²     toClosed
//   BoundUnixSocket       EINVAL    toListener  toConnected       EINVAL      ENOTCONN¹  EINVAL²     toClosed
//   UnixListener          EINVAL    stays³      EINVAL            a new one⁴  ENOTCONN¹  EINVAL²     toClosed⁵
//   UnixStream            stays⁶    EINVAL      EISCONN           EINVAL      yes        yes         toClosed⁷
//   UnixSeqpacket         stays⁶    EINVAL      EISCONN           EINVAL      yes        yes         toClosed⁷
//   UnixDatagram          stays⁶    EOPNOTSUPP  toPeer            EOPNOTSUPP  ENOTCONN⁸  yes         toClosed
//   ConnectedUnixDatagram stays⁶    EOPNOTSUPP  toPeer⁹           EOPNOTSUPP  yes⁹       yes         toClosed
//
// socket(2) begins Unbound or Datagram; socketpair(2) moves both ends to Connected or Peer. shutdown(2) changes no
// state: its two bits lie on the socket, and mirrored on the peer of a stream or seqpacket socket.
// ¹ EOPNOTSUPP for a stream with an address. ² ENOTCONN for seqpacket. ³ with the new backlog. ⁴ a UnixStream or
// UnixSeqpacket from the backlog, connected since its client's connect. ⁵ what waits in the backlog is reset.
// ⁶ without a name it gets one, else EINVAL. ⁷ the peer sees the end, or a reset if something was unread.
// ⁸ unless the message has an address. ⁹ toPeerless: connect with AF_UNSPEC, or a send that finds the peer closed.

import {
  AF_UNIX,
  MSG_OOB,
  SHUT_RD,
  SHUT_RDWR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../abi/socket.ts';
import { EINVAL, ENOTCONN, EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT, fail } from '../errno.ts';
import { notifyOwner } from '../file/async-owner.ts';
import { refusesToWait } from '../file/blocking.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { notReady } from './blocking.ts';
import type { Incoming, Outgoing, SocketFamily } from './socket.ts';
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK } from './socket-core.ts';
import { asksForAutobind, parseAddress } from './unix/address.ts';
import { closeUnixSocket } from './unix/close.ts';
import { connectDatagram, connectStream } from './unix/connect.ts';
import { type PeerCredentials, peerCredentialsOf } from './unix/credentials.ts';
import { receiveDatagram, sendDatagram } from './unix/datagram-queue.ts';
import { unixIoctl } from './unix/ioctls.ts';
import { autobind, bindAbstract, bindPath } from './unix/lookup.ts';
import { makeUnixSocket, openFileOf } from './unix/make.ts';
import { getUnixOption, setUnixOption } from './unix/options.ts';
import { collectAncillary } from './unix/scm.ts';
import { peerOf, type UnixState } from './unix/states.ts';
import { receiveStream } from './unix/stream-receive.ts';
import { sendStream } from './unix/stream-send.ts';
import { toBound, toConnected, toListener, toPeer } from './unix/transitions.ts';
import type { UnixSocket } from './unix/unix-socket.ts';

export const UNIX: SocketFamily = {
  number: AF_UNIX,
  name: 'UNIX',
  bind,
  listen,
  connect,
  accept,
  socketName: (file) => stateOf(file).core.address.bytes,
  peerName,
  shutdown,
  send,
  receive,
  setOption: (thread, file, option) => setUnixOption(thread, stateOf(file), option),
  getOption: (thread, file, option) => getUnixOption(thread, stateOf(file), option),
  ioctl: (thread, file, request, argument) => unixIoctl(thread, stateOf(file), file, request, argument),
  release,
  bytesLeft: (file) => {
    const { core } = stateOf(file);
    return core.type === SOCK_STREAM ? core.queue.reportedCount : undefined;
  },
  onlyInFlight: (file) => stateOf(file).core.kernel.net.collector.suspect(stateOf(file).core),
  fdinfo: (file) => `scm_fds: ${rightsWaiting(stateOf(file))}\n`,
};

/**
 * socket(2): an open file with one reference. SOCK_RAW makes a datagram socket.
 * EPROTONOSUPPORT: a protocol other than 0 and PF_UNIX. ESOCKTNOSUPPORT: another type.
 */
export function createUnixSocket(thread: Thread, type: number, protocol: number): OpenFile {
  if (protocol !== 0 && protocol !== AF_UNIX) fail(EPROTONOSUPPORT, 'unix sockets have protocol 0');
  const kind = type === SOCK_RAW ? SOCK_DGRAM : type;
  if (kind !== SOCK_STREAM && kind !== SOCK_DGRAM && kind !== SOCK_SEQPACKET) {
    fail(ESOCKTNOSUPPORT, 'unix sockets are of type stream, dgram or seqpacket');
  }
  return openFileOf(makeUnixSocket(thread, UNIX, kind).core);
}

/** socketpair(2): two connected sockets of one type. */
export function createUnixPair(
  thread: Thread,
  type: number,
  protocol: number,
): readonly [OpenFile, OpenFile] {
  const first = createUnixSocket(thread, type, protocol);
  const files = [first, createOrRelease(thread, type, first)] as const;
  const [left, right] = files.map(stateOf) as [UnixState, UnixState];
  const credentials = peerCredentialsOf(thread);
  join(left, right.core, credentials);
  join(right, left.core, credentials);
  return files;
}

/** The second end of a pair; without memory for it the first goes, too. */
function createOrRelease(thread: Thread, type: number, first: OpenFile): OpenFile {
  try {
    return createUnixSocket(thread, type, 0);
  } catch (thrown) {
    first.release();
    throw thrown;
  }
}

/** One end of a pair, which is fresh. */
function join(state: UnixState, peer: UnixSocket, credentials: PeerCredentials): void {
  if (state.kind === 'unix-unbound') toConnected(state, peer, credentials);
  else if (state.kind === 'unix-datagram') toPeer(state, peer);
  state.core.peerCredentials = credentials;
}

function stateOf(file: OpenFile): UnixState {
  return file.descriptor as UnixState;
}

function bind(thread: Thread, file: OpenFile, sockaddr: Uint8Array): void {
  const state = stateOf(file);
  const { core } = state;
  if (asksForAutobind(sockaddr)) autobind(core);
  else {
    const address = parseAddress(sockaddr);
    if (address.kind === 'path') bindPath(thread, core, address);
    else bindAbstract(core, address);
  }
  switch (state.kind) {
    case 'unix-unbound':
      toBound(state);
      return;
    case 'unix-bound': // autobind of a named socket does nothing
    case 'unix-listener':
    case 'unix-stream': // a connected socket that had no name has one now
    case 'unix-seqpacket':
    case 'unix-datagram':
    case 'unix-datagram-connected':
    case 'unix-closed':
      return;
    default:
      state satisfies never;
  }
}

function listen(thread: Thread, file: OpenFile, backlog: number): void {
  const state = stateOf(file);
  const { core } = state;
  switch (state.kind) {
    case 'unix-bound':
      toListener(state, backlog);
      break;
    case 'unix-listener': {
      const grows = backlog > state.backlog;
      state.backlog = backlog;
      if (grows) core.room.wake();
      break;
    }
    case 'unix-unbound':
      fail(EINVAL, 'a socket without a name cannot listen');
      break;
    case 'unix-stream':
    case 'unix-seqpacket':
    case 'unix-closed':
      fail(EINVAL, 'a connected socket cannot listen');
      break;
    case 'unix-datagram':
    case 'unix-datagram-connected':
      fail(EOPNOTSUPP, 'datagram sockets have no connections to accept');
      break;
    default:
      state satisfies never;
  }
  core.peerCredentials = peerCredentialsOf(thread); // connect(2) copies them
}

function connect(thread: Thread, file: OpenFile, sockaddr: Uint8Array): number | Wait {
  const state = stateOf(file);
  switch (state.kind) {
    case 'unix-unbound':
    case 'unix-bound':
    case 'unix-listener':
    case 'unix-stream':
    case 'unix-seqpacket':
      return connectStream(thread, state, file, sockaddr);
    case 'unix-datagram':
    case 'unix-datagram-connected':
      connectDatagram(thread, state, sockaddr);
      return 0;
    case 'unix-closed':
      return fail(EINVAL, 'the socket is closed');
    default:
      state satisfies never;
      return 0;
  }
}

function accept(thread: Thread, file: OpenFile): OpenFile | Wait {
  const state = stateOf(file);
  const { core } = state;
  switch (state.kind) {
    case 'unix-listener':
      break;
    case 'unix-datagram':
    case 'unix-datagram-connected':
      return fail(EOPNOTSUPP, 'datagram sockets have no connections to accept');
    case 'unix-unbound':
    case 'unix-bound':
    case 'unix-stream':
    case 'unix-seqpacket':
    case 'unix-closed':
      return fail(EINVAL, 'the socket does not listen');
    default:
      state satisfies never;
      return fail(EINVAL);
  }
  const error = core.takeError();
  if (error !== 0) fail(error, 'an error was pending on the socket');
  const server = state.pending.shift();
  if (server === undefined) {
    const nonblock = refusesToWait(thread, file);
    if (!nonblock && (core.shutdown & RCV_SHUTDOWN) !== 0) fail(EINVAL, 'the listener is shut down');
    return notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
  }
  core.room.wakeOne();
  server.listener = undefined;
  server.inode.uid = thread.credentials.fsuid;
  server.inode.gid = thread.credentials.fsgid;
  return openFileOf(server);
}

function peerName(file: OpenFile): Uint8Array {
  const peer = peerOf(stateOf(file).core) ?? fail(ENOTCONN, 'the socket has no peer');
  return peer.address.bytes;
}

function shutdown(_thread: Thread, file: OpenFile, how: number): void {
  if (how < SHUT_RD || how > SHUT_RDWR) fail(EINVAL, 'how is SHUT_RD, SHUT_WR or SHUT_RDWR');
  const mode = how + 1;
  const state = stateOf(file);
  const { core } = state;
  core.shutdown |= mode;
  core.wakeAll();
  switch (state.kind) {
    case 'unix-stream':
    case 'unix-seqpacket': {
      const { peer } = state;
      const mirrored =
        ((mode & RCV_SHUTDOWN) !== 0 ? SEND_SHUTDOWN : 0) | ((mode & SEND_SHUTDOWN) !== 0 ? RCV_SHUTDOWN : 0);
      peer.shutdown |= mirrored;
      peer.wakeAll();
      if (mirrored === SHUTDOWN_MASK) notifyOwner(peer.kernel, peer.file, 'hup');
      else if ((mirrored & RCV_SHUTDOWN) !== 0) notifyOwner(peer.kernel, peer.file, 'in');
      return;
    }
    case 'unix-listener':
    case 'unix-unbound':
    case 'unix-bound':
    case 'unix-datagram':
    case 'unix-datagram-connected':
    case 'unix-closed':
      return;
    default:
      state satisfies never;
  }
}

function send(thread: Thread, file: OpenFile, message: Outgoing, source: Source): number | Wait {
  const state = stateOf(file);
  switch (state.kind) {
    case 'unix-stream':
      return sendStream(thread, state, message, source);
    case 'unix-datagram':
    case 'unix-datagram-connected':
    case 'unix-seqpacket':
      if (state.kind === 'unix-seqpacket') reportPending(state.core);
      return sendDatagram(thread, state, message, source);
    case 'unix-unbound':
    case 'unix-bound':
    case 'unix-listener':
      return refuseSend(thread, state.core, message, source.remaining);
    case 'unix-closed':
      return fail(ENOTCONN, 'the socket is closed');
    default:
      state satisfies never;
      return 0;
  }
}

/** unix_seqpacket_sendmsg looks at the error before all else. */
function reportPending(core: UnixSocket): void {
  if (core.pendingError !== 0) fail(core.takeError(), 'an error was pending on the socket');
}

function refuseSend(thread: Thread, core: UnixSocket, message: Outgoing, length: number): never {
  if (core.type === SOCK_SEQPACKET) reportPending(core);
  else {
    collectAncillary(thread, message);
    if ((message.flags & MSG_OOB) !== 0 && length === 0) fail(EOPNOTSUPP, 'an urgent send needs its byte');
    if (message.name !== undefined) fail(EOPNOTSUPP, 'streams send to their peer only');
  }
  fail(ENOTCONN, 'the socket is not connected');
}

function receive(thread: Thread, file: OpenFile, message: Incoming, sink: Sink): number | Wait {
  const state = stateOf(file);
  switch (state.kind) {
    case 'unix-stream':
      return receiveStream(thread, state, message, sink);
    case 'unix-datagram':
    case 'unix-datagram-connected':
    case 'unix-seqpacket':
      return receiveDatagram(thread, state, message, sink);
    case 'unix-unbound':
    case 'unix-bound':
    case 'unix-listener':
      return state.core.type === SOCK_SEQPACKET
        ? fail(ENOTCONN, 'the socket is not connected')
        : fail(EINVAL, 'the stream is not connected');
    case 'unix-closed':
      return fail(ENOTCONN, 'the socket is closed');
    default:
      state satisfies never;
      return 0;
  }
}

/** The last reference is gone. */
function release(file: OpenFile): void {
  closeUnixSocket(stateOf(file).core, false);
}

/** Descriptors queued here, or for a listener in the connections that wait. */
function rightsWaiting(state: UnixState): number {
  if (state.kind !== 'unix-listener') return state.core.queue.rightsCount;
  return state.pending.reduce((sum, pending) => sum + pending.queue.rightsCount, 0);
}
