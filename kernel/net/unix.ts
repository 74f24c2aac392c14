// The door for AF_UNIX (unix(7)): every socket call on a unix socket comes here, and here it changes state.
// syscalls/socket*.ts call `UNIX` as the family of a socket; the parts are in unix/, one file a subject.
// A socket is one UnixSocket for life; its state is a class, swapped here and nowhere else:
//
//   state (class)              bind      listen    connect            accept   send, receive  shutdown  last close
//   UnboundUnixSocket          → Bound   EINVAL    → Stream/Seqpacket EINVAL   ENOTCONN¹      stays     → Closed
//   BoundUnixSocket            EINVAL    → Listener → Stream/Seqpacket EINVAL  ENOTCONN¹      stays     → Closed
//   UnixListener               EINVAL    stays     EINVAL             new one  ENOTCONN¹      stays     → Closed²
//   UnixStream, UnixSeqpacket  names it  EINVAL    EISCONN            EINVAL   yes            stays     → Closed³
//   UnixDatagram               names it  EOPNOTSUPP → Connected       EOPNOTSUPP with address stays     → Closed
//   ConnectedUnixDatagram      names it  EOPNOTSUPP → Connected, Datagram⁴ EOPNOTSUPP yes     stays     → Closed
//
// ¹ EINVAL when a stream socket receives. ² what waits in the backlog is reset. ³ the peer sees the end, or a reset
// if something was unread. ⁴ AF_UNSPEC; also when a send finds the peer closed. Only a name's absence lets bind pass.
import {
  AF_UNIX,
  AF_UNSPEC,
  O_NONBLOCK,
  O_RDWR,
  SHUT_RD,
  SHUT_RDWR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../abi/socket.ts';
import {
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  fail,
} from '../errno.ts';
import { notifyOwner } from '../file/async-owner.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { anonymousInode } from '../fs/anonymous.ts';
import { S_IFSOCK } from '../fs/inode.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { notReady } from './blocking.ts';
import type { Incoming, Outgoing, SocketFamily } from './socket.ts';
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK } from './socket-core.ts';
import { asksForAutobind, familyOf, parseAddress } from './unix/address.ts';
import { type PeerCredentials, peerCredentialsOf } from './unix/credentials.ts';
import { disconnected, purge, receiveDatagram, sendDatagram } from './unix/datagram-queue.ts';
import { unixIoctl } from './unix/ioctls.ts';
import { autobind, bindAbstract, bindPath, findSocket, forgetName } from './unix/lookup.ts';
import { getUnixOption, setUnixOption } from './unix/options.ts';
import { collectAncillary, passesCredentials } from './unix/scm.ts';
import {
  BoundUnixSocket,
  ClosedUnixSocket,
  ConnectedUnixDatagram,
  initialState,
  peerOf,
  UnixDatagram,
  UnixListener,
  UnixSeqpacket,
  type UnixState,
  UnixStream,
} from './unix/states.ts';
import { receiveStream } from './unix/stream-receive.ts';
import { sendStream } from './unix/stream-send.ts';
import { UnixSocket } from './unix/unix-socket.ts';

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
  onlyInFlight: (file) => stateOf(file).core.net.collector.suspect(stateOf(file).core),
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
  return openFileOf(makeSocket(thread, kind));
}

/** socketpair(2): two connected sockets of one type. */
export function createUnixPair(
  thread: Thread,
  type: number,
  protocol: number,
): readonly [OpenFile, OpenFile] {
  const files = [createUnixSocket(thread, type, protocol), createUnixSocket(thread, type, protocol)] as const;
  const [left, right] = files.map((file) => stateOf(file).core) as [UnixSocket, UnixSocket];
  const credentials = peerCredentialsOf(thread);
  link(left, right, credentials);
  link(right, left, credentials);
  return files;
}

/** SO_PROTOCOL reads 0 whatever socket(2) was given. */
function makeSocket(thread: Thread, type: number): UnixSocket {
  const { kernel, credentials } = thread;
  const inode = anonymousInode(kernel, 'socket', S_IFSOCK | 0o777);
  inode.uid = credentials.fsuid;
  inode.gid = credentials.fsgid;
  const core = new UnixSocket(kernel, UNIX, type, 0, inode);
  core.become(initialState(core));
  core.net.unixSockets.add(core);
  return core;
}

function openFileOf(core: UnixSocket): OpenFile {
  const file = new OpenFile(core.state as UnixState, O_RDWR);
  core.file = file;
  return file;
}

function stateOf(file: OpenFile): UnixState {
  return file.descriptor as UnixState;
}

/** Puts a socket into its connected state. */
function link(core: UnixSocket, peer: UnixSocket, credentials: PeerCredentials | undefined): void {
  core.peerCredentials = credentials;
  switch (core.type) {
    case SOCK_STREAM:
      core.become(new UnixStream(core, peer));
      break;
    case SOCK_SEQPACKET:
      core.become(new UnixSeqpacket(core, peer));
      break;
    default:
      core.become(new ConnectedUnixDatagram(core, peer));
      core.isConnectedTo = true;
  }
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
      core.become(new BoundUnixSocket(core));
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
      core.become(new UnixListener(core, backlog));
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
      connectDatagram(thread, state.core, sockaddr);
      return 0;
    case 'unix-closed':
      return fail(EINVAL, 'the socket is closed');
    default:
      state satisfies never;
      return 0;
  }
}

/**
 * Queues a new connection at the listener (unix_stream_connect). The listener is looked at before the caller's own
 * state, so a full backlog is EAGAIN even when the caller is connected.
 */
function connectStream(
  thread: Thread,
  state: UnixState,
  file: OpenFile,
  sockaddr: Uint8Array,
): number | Wait {
  const { core } = state;
  const address = parseAddress(sockaddr);
  if (passesCredentials(core) && core.address.kind === 'unnamed') {
    autobind(core);
    if (state.kind === 'unix-unbound') core.become(new BoundUnixSocket(core));
  }
  const target = findSocket(thread, address, core.type);
  const listener = target.state;
  if (listener?.kind !== 'unix-listener' || (target.shutdown & RCV_SHUTDOWN) !== 0) {
    fail(ECONNREFUSED, 'nobody listens on the socket');
  }
  if (listener.isFull) {
    const nonblock = (file.flags & O_NONBLOCK) !== 0;
    return notReady(thread, target.room, { nonblock, timeoutNs: core.settings.sendTimeoutNs });
  }
  const own = core.state as UnixState;
  switch (own.kind) {
    case 'unix-unbound':
    case 'unix-bound':
      break;
    case 'unix-stream':
    case 'unix-seqpacket':
      fail(EISCONN, 'the socket is connected');
      break;
    case 'unix-listener':
    case 'unix-datagram':
    case 'unix-datagram-connected':
    case 'unix-closed':
      fail(EINVAL, 'a listening socket cannot connect');
      break;
    default:
      own satisfies never;
  }
  const server = makeSocket(thread, core.type);
  server.address = target.address;
  server.boundPath = target.boundPath; // SIOCUNIXFILE works on it, yet the name stays the listener's
  server.listener = target;
  const { passCredentials, passPidfd, passSecurity, passRights } = target.settings;
  Object.assign(server.settings, { passCredentials, passPidfd, passSecurity, passRights });
  link(server, core, peerCredentialsOf(thread));
  link(core, server, target.peerCredentials);
  listener.pending.push(server);
  target.wakeReaders();
  return 0;
}

/** Sets, changes or (AF_UNSPEC) dissolves the default peer (unix_dgram_connect). */
function connectDatagram(thread: Thread, core: UnixSocket, sockaddr: Uint8Array): void {
  const family = familyOf(sockaddr) ?? fail(EINVAL, 'the address has no family');
  const old = peerOf(core);
  let peer: UnixSocket | undefined;
  if (family !== AF_UNSPEC) {
    const address = parseAddress(sockaddr);
    if (passesCredentials(core)) autobind(core);
    peer = findSocket(thread, address, core.type);
    const back = peerOf(peer);
    if (back !== undefined && back !== core) fail(EPERM, 'the other socket is connected elsewhere');
    peer.isConnectedTo = true;
  }
  core.become(peer === undefined ? new UnixDatagram(core) : new ConnectedUnixDatagram(core, peer));
  core.isConnectedTo = peer !== undefined || core.isConnectedTo;
  if (old === undefined || old === peer) return;
  if (peer === undefined) core.isConnectedTo = false;
  if (core.relay?.stop()) core.changed.wake(0);
  disconnected(core, old);
  if (peerOf(old) === undefined) old.isConnectedTo = false;
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
    const nonblock = (file.flags & O_NONBLOCK) !== 0;
    if (!nonblock && (core.shutdown & RCV_SHUTDOWN) !== 0) fail(EINVAL, 'the listener is shut down');
    return notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
  }
  core.room.wake();
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
      return refuseSend(thread, state.core, message);
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

function refuseSend(thread: Thread, core: UnixSocket, message: Outgoing): never {
  if (core.type === SOCK_SEQPACKET) reportPending(core);
  else {
    collectAncillary(thread, message);
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

/** The last reference is gone (unix_release_sock). */
function release(file: OpenFile): void {
  destroy(stateOf(file).core, false);
}

/** `wasPending`: a connection that nobody accepted; its client is reset. */
function destroy(core: UnixSocket, wasPending: boolean): void {
  const state = core.state as UnixState;
  forgetName(core);
  core.shutdown = SHUTDOWN_MASK;
  core.become(new ClosedUnixSocket(core));
  core.file = undefined;
  core.listener = undefined;
  core.net.unixSockets.delete(core);
  core.room.wake();
  switch (state.kind) {
    case 'unix-stream':
    case 'unix-seqpacket':
      hangUp(state.peer, hasUnread(core) || wasPending);
      break;
    case 'unix-listener':
      for (const pending of state.pending.splice(0)) destroy(pending, true);
      break;
    case 'unix-unbound':
    case 'unix-bound':
    case 'unix-datagram':
    case 'unix-datagram-connected':
    case 'unix-closed':
      break;
    default:
      state satisfies never;
  }
  core.relay?.stop();
  purge(core);
}

function hangUp(peer: UnixSocket, isReset: boolean): void {
  peer.shutdown = SHUTDOWN_MASK;
  if (isReset) peer.pendingError = ECONNRESET;
  peer.wakeAll();
  notifyOwner(peer.kernel, peer.file, 'hup');
}

/** Anything but the mark of a read urgent byte at the front. */
function hasUnread(core: UnixSocket): boolean {
  const { first } = core.queue;
  return first !== undefined && (first.length > 0 || first.next !== undefined);
}

/** Descriptors queued here, or for a listener in the connections that wait. */
function rightsWaiting(state: UnixState): number {
  if (state.kind !== 'unix-listener') return state.core.queue.rightsCount;
  return state.pending.reduce((sum, pending) => sum + pending.queue.rightsCount, 0);
}
