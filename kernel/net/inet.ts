// The door for AF_INET and AF_INET6: TCP and UDP inside this machine, over the loopback alone (ip(7), tcp(7), udp(7)).
// syscalls/socket*.ts call it as the family of a socket. There are no packets: a connection is two sockets that know
// each other. States are classes, swapped here and nowhere else:
//
//   state             bind            listen      connect              accept     close
//   TcpIdle           takes a port    → Listener  → Stream             EINVAL     → Closed
//   TcpListener       EINVAL          stays       EISCONN              a Stream   → Closed, resets its backlog
//   TcpStream         EINVAL          EINVAL      EISCONN              EINVAL     → Closed, the peer sees the end
//   UdpSocket         takes a port    EOPNOTSUPP  → ConnectedUdp       EOPNOTSUPP → Closed
//   ConnectedUdp      EINVAL          EOPNOTSUPP  → ConnectedUdp, Udp  EOPNOTSUPP → Closed

import { O_RDWR } from '../abi/fcntl.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../abi/inet.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  MSG_ERRQUEUE,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCATMARK,
  SIOCOUTQ,
  SOCK_DGRAM,
  SOCK_STREAM,
} from '../abi/socket.ts';
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EDESTADDRREQ,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  ENOTTY,
  EOPNOTSUPP,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  ETIMEDOUT,
  fail,
} from '../errno.ts';
import { refusesToWait } from '../file/blocking.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { CAP_NET_BIND_SERVICE, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { notReady } from './blocking.ts';
import { ANY_WAY, bindScope, connectScope, demandBroadcast, sourceOf } from './inet/departure.ts';
import {
  destination,
  type Endpoint,
  encodeEndpoint,
  isAny,
  isV4,
  LOOPBACK_V4,
  LOOPBACK_V6,
  parseEndpoint,
  unboundEndpoint,
} from './inet/endpoint.ts';
import { receiveError } from './inet/error-queue.ts';
import { InetSocket } from './inet/inet-socket.ts';
import { leaveAllGroups } from './inet/multicast.ts';
import { getInetOption, setInetOption } from './inet/options.ts';
import {
  ClosedInetSocket,
  ConnectedUdp,
  type InetState,
  TcpIdle,
  TcpListener,
  TcpStream,
  UdpSocket,
} from './inet/states.ts';
import { brokenPipe, hangUp, receiveTcp, sendTcp } from './inet/tcp-transfer.ts';
import { autobindUdp, receiveUdp, sendUdp } from './inet/udp-transfer.ts';
import { isAtMark, readableNow } from './inet/urgent.ts';
import type { NetNamespace } from './net-namespace.ts';
import { createPacketSocket, isPacketSocket } from './raw.ts';
import type { Incoming, Outgoing, SocketFamily } from './socket.ts';
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK } from './socket-core.ts';
import { socketInode } from './socket-inode.ts';
import { socketIoctl } from './socket-ioctls.ts';

const OPERATIONS = {
  bind,
  listen,
  connect,
  accept,
  socketName: (file: OpenFile) => {
    const { core } = stateOf(file);
    return encodeEndpoint(core.local ?? unboundEndpoint(core.family.number), core.family.number);
  },
  peerName: (file: OpenFile) => encodeEndpoint(remoteOf(stateOf(file)), stateOf(file).core.family.number),
  shutdown,
  send,
  receive,
  setOption: (thread, file, option) => setInetOption(thread, stateOf(file), option),
  getOption: (thread, file, option) => getInetOption(thread, stateOf(file), option),
  ioctl,
  release: (file: OpenFile) => destroy(stateOf(file).core),
  bytesLeft: (file: OpenFile) => {
    const { core } = stateOf(file);
    if (core.type !== SOCK_STREAM) return undefined;
    // an end that is there to be read counts as a byte (tcp_inq_hint)
    return readableNow(core) || Number((core.shutdown & RCV_SHUTDOWN) !== 0);
  },
} satisfies Omit<SocketFamily, 'number' | 'name'>;

export const INET: SocketFamily = { number: AF_INET, name: 'INET', ...OPERATIONS };
export const INET6: SocketFamily = { number: AF_INET6, name: 'INET6', ...OPERATIONS };

/** Protocol numbers end here (IPPROTO_MPTCP is the last). */
const IPPROTO_MAX = 263;
/** Ports below this need CAP_NET_BIND_SERVICE. */
const FIRST_FREE_PORT = 1024;

/** socket(2). ESOCKTNOSUPPORT: neither stream nor datagram. EPROTONOSUPPORT: a protocol of another type. */
export function createInetSocket(
  family: SocketFamily,
  thread: Thread,
  type: number,
  protocol: number,
): OpenFile {
  if (protocol < 0 || protocol >= IPPROTO_MAX) fail(EINVAL, 'not a protocol number');
  if (isPacketSocket(family.number, type, protocol))
    return createPacketSocket(family.number, thread, type, protocol);
  if (type !== SOCK_STREAM && type !== SOCK_DGRAM) fail(ESOCKTNOSUPPORT, 'only TCP, UDP and packets');
  const own = type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  if (protocol !== 0 && protocol !== own) fail(EPROTONOSUPPORT, 'a protocol of another socket type');
  return openFileOf(makeSocket(thread, thread.namespaces.net, family, type));
}

function makeSocket(thread: Thread, net: NetNamespace, family: SocketFamily, type: number): InetSocket {
  const protocol = type === SOCK_STREAM ? 'TCP' : 'UDP';
  const inode = socketInode(thread, family.number === AF_INET6 ? `${protocol}v6` : protocol);
  const isTcp = type === SOCK_STREAM;
  const ports = isTcp ? net.tcpPorts : net.udpPorts;
  const core = new InetSocket(net, family, type, isTcp ? IPPROTO_TCP : IPPROTO_UDP, inode, ports);
  core.become(isTcp ? new TcpIdle(core) : new UdpSocket(core));
  net.kernel.net.inetSockets.add(core);
  return core;
}

function openFileOf(core: InetSocket): OpenFile {
  const file = new OpenFile(core.state as InetState, O_RDWR);
  core.file = file;
  return file;
}

function stateOf(file: OpenFile): InetState {
  return file.descriptor as InetState;
}

function remoteOf(state: InetState): Endpoint {
  const isEnded = state.kind === 'tcp-stream' && state.core.shutdown === SHUTDOWN_MASK;
  if (state.kind === 'udp-connected' || (state.kind === 'tcp-stream' && !isEnded)) return state.remote;
  return fail(ENOTCONN, 'the socket has no peer');
}

/** EADDRNOTAVAIL: not an address of this machine. EACCES: a port below 1024. EINVAL: bound already. EADDRINUSE. */
function bind(thread: Thread, file: OpenFile, sockaddr: Uint8Array): void {
  const state = stateOf(file);
  const { core } = state;
  const wanted = parseEndpoint(sockaddr, core.family.number, true);
  bindScope(core, wanted.ip, sockaddr);
  if (!isAny(wanted.ip) && !core.net.loopback.mayBind(wanted.ip))
    fail(EADDRNOTAVAIL, 'not an address of this machine');
  if (
    wanted.port !== 0 &&
    wanted.port < FIRST_FREE_PORT &&
    !capableIn(thread.credentials, CAP_NET_BIND_SERVICE, core.net.owner)
  ) {
    fail(EACCES, 'ports below 1024 need CAP_NET_BIND_SERVICE');
  }
  const isFresh = state.kind === 'tcp-idle' || state.kind === 'udp';
  if (!isFresh || core.local !== undefined) fail(EINVAL, 'the socket is bound already');
  if (wanted.port === 0) core.local = core.ports.claimFree(core, wanted.ip, thread.kernel.random);
  else {
    core.ports.claim(core, wanted);
    core.keepsPort = true;
    core.local = wanted;
  }
}

function listen(thread: Thread, file: OpenFile, backlog: number): void {
  const state = stateOf(file);
  const { core } = state;
  switch (state.kind) {
    case 'tcp-idle':
      core.local ??= core.ports.claimFree(core, unboundEndpoint(core.family.number).ip, thread.kernel.random);
      demandOnlyListener(core);
      core.become(new TcpListener(core, backlog));
      return;
    case 'tcp-listener':
      state.backlog = backlog;
      return;
    case 'tcp-stream':
    case 'inet-closed':
      fail(EINVAL, 'a connected socket cannot listen');
      break;
    case 'udp':
    case 'udp-connected':
      fail(EOPNOTSUPP, 'UDP has no connections to accept');
      break;
    default:
      state satisfies never;
  }
}

/** SO_REUSEADDR lets two bind, but only one listen. */
function demandOnlyListener(core: InetSocket): void {
  const other = core.local && core.ports.find(core.local, (socket) => socket !== core && socket.isListening);
  if (other !== undefined && !(other.reusesPort && core.reusesPort))
    fail(EADDRINUSE, 'another socket listens there');
}

function connect(thread: Thread, file: OpenFile, sockaddr: Uint8Array): number | Wait {
  const state = stateOf(file);
  const { core } = state;
  if (sockaddr.length < 2) fail(EINVAL, 'the address has no family');
  const isUnspecified = ((sockaddr[0] as number) | ((sockaddr[1] as number) << 8)) === AF_UNSPEC;
  switch (state.kind) {
    case 'tcp-idle':
      if (isUnspecified) return 0;
      if (core.unreported === 'failed') {
        core.unreported = undefined;
        const error = core.takeError();
        return fail(error === 0 ? ECONNABORTED : error, 'the connection could not be made');
      }
      return connectTcp(thread, core, file, parseEndpoint(sockaddr, core.family.number));
    case 'tcp-listener':
    case 'tcp-stream':
      if (isUnspecified) return disconnectTcp(state);
      if (core.unreported !== 'connected') return fail(EISCONN, 'the socket is connected or listens');
      core.unreported = undefined;
      return 0;
    case 'udp':
    case 'udp-connected': {
      if (isUnspecified) {
        core.become(new UdpSocket(core));
        return 0;
      }
      const remote = parseEndpoint(sockaddr, core.family.number);
      const ip = destination(remote.ip);
      connectScope(core, ip, sockaddr);
      const local = autobindUdp(core);
      const own = sourceOf(core, ip, ANY_WAY);
      demandBroadcast(core, ip);
      if (isAny(local.ip)) core.local = { ip: own, port: local.port };
      core.become(new ConnectedUdp(core, { ip, port: remote.port }));
      return 0;
    }
    case 'inet-closed':
      return fail(EINVAL, 'the socket is closed');
    default:
      state satisfies never;
      return 0;
  }
}

/**
 * ECONNREFUSED: nobody listens. Without waiting it is EINPROGRESS, as the answer takes a moment even on the loopback:
 * success and failure are then seen by poll and SO_ERROR.
 */
function connectTcp(thread: Thread, core: InetSocket, file: OpenFile, wanted: Endpoint): number | Wait {
  const { loopback } = core.net;
  if (loopback.isShared(wanted.ip)) fail(ENETUNREACH, 'TCP talks to one machine');
  loopback.demandRoute(destination(wanted.ip));
  if (!loopback.isUp) fail(ETIMEDOUT, 'the loopback is down'); // Linux says so when it has tried for a while
  const nonblock = refusesToWait(thread, file);
  const to = { ip: destination(wanted.ip), port: wanted.port };
  const target = core.ports.find(to, (socket) => socket.isListening);
  const listener = target?.state;
  if (target === undefined || listener?.kind !== 'tcp-listener') {
    if (!nonblock) fail(ECONNREFUSED, 'nobody listens on the port');
    core.shutdown = SHUTDOWN_MASK;
    core.reportError(ECONNREFUSED);
    core.unreported = 'failed';
    return fail(EINPROGRESS, 'the connection is being made');
  }
  if (listener.pending.length > listener.backlog && !nonblock) {
    return notReady(thread, target.writers, { nonblock, timeoutNs: core.settings.sendTimeoutNs });
  }
  core.shutdown = 0;
  core.local ??= core.ports.claimFree(core, unboundEndpoint(core.family.number).ip, thread.kernel.random);
  if (isAny(core.local.ip))
    core.local = { ip: isV4(to.ip) ? LOOPBACK_V4 : LOOPBACK_V6, port: core.local.port };
  const server = makeSocket(thread, core.net, target.family, SOCK_STREAM);
  server.local = to;
  const { sendBuffer, receiveBuffer, bufferLock } = target.settings;
  Object.assign(server.settings, { sendBuffer, receiveBuffer, bufferLock });
  server.congestionControl = target.congestionControl;
  server.become(new TcpStream(server, core, core.local));
  core.become(new TcpStream(core, server, to));
  listener.pending.push(server);
  target.wakeReaders();
  if (!nonblock) return 0;
  core.unreported = 'connected';
  return fail(EINPROGRESS, 'the connection is being made');
}

/** connect to AF_UNSPEC (tcp_disconnect): a reset for the peer, and the socket may connect anew. */
function disconnectTcp(state: TcpListener | TcpStream): number {
  const { core } = state;
  if (state.kind === 'tcp-listener') dropBacklog(state);
  else {
    if (state.peer.state?.kind === 'tcp-stream') hangUp(state.peer, true);
    core.reportError(ECONNRESET);
  }
  core.forgetQueued();
  core.givePagesBack();
  core.shutdown = 0;
  core.unreported = undefined;
  if (!core.keepsPort) core.leavePort();
  core.become(new TcpIdle(core));
  core.wakeAll();
  return 0;
}

function accept(thread: Thread, file: OpenFile): OpenFile | Wait {
  const state = stateOf(file);
  const { core } = state;
  switch (state.kind) {
    case 'tcp-listener': {
      const server = state.pending.shift();
      if (server === undefined) {
        const nonblock = refusesToWait(thread, file);
        return notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
      }
      core.writers.wake();
      return openFileOf(server);
    }
    case 'tcp-idle':
    case 'tcp-stream':
    case 'inet-closed':
      return fail(EINVAL, 'the socket does not listen');
    case 'udp':
    case 'udp-connected':
      return fail(EOPNOTSUPP, 'UDP has no connections to accept');
    default:
      state satisfies never;
      return fail(EINVAL);
  }
}

function shutdown(_thread: Thread, file: OpenFile, how: number): void {
  if (how < SHUT_RD || how > SHUT_RDWR) fail(EINVAL, 'how is SHUT_RD, SHUT_WR or SHUT_RDWR');
  const state = stateOf(file);
  const { core } = state;
  switch (state.kind) {
    case 'tcp-stream':
      if (core.shutdown === SHUTDOWN_MASK) fail(ENOTCONN, 'the connection has ended');
      core.shutdown |= how + 1;
      core.wakeAll();
      if (how !== SHUT_RD) hangUp(state.peer, false);
      return;
    case 'tcp-listener':
      if (how === SHUT_WR) return;
      dropBacklog(state);
      core.become(new TcpIdle(core));
      core.wakeAll();
      return;
    case 'udp-connected':
      core.shutdown |= how + 1;
      core.wakeAll();
      return;
    case 'udp':
    case 'tcp-idle':
    case 'inet-closed':
      core.shutdown |= how + 1; // Linux shuts it down all the same (inet_shutdown)
      core.wakeAll();
      fail(ENOTCONN, 'the socket is not connected');
      break;
    default:
      state satisfies never;
  }
}

function send(thread: Thread, file: OpenFile, message: Outgoing, source: Source): number | Wait {
  const state = stateOf(file);
  switch (state.kind) {
    case 'tcp-stream':
      return sendTcp(thread, state, message, source);
    case 'udp':
    case 'udp-connected':
      return sendUdp(thread, state, message, source);
    case 'tcp-idle':
    case 'tcp-listener':
    case 'inet-closed':
      return brokenPipe(thread, message);
    default:
      state satisfies never;
      return fail(EDESTADDRREQ);
  }
}

function receive(thread: Thread, file: OpenFile, message: Incoming, sink: Sink): number | Wait {
  const state = stateOf(file);
  if ((message.flags & MSG_ERRQUEUE) !== 0) return receiveError(state.core, message, sink);
  switch (state.kind) {
    case 'tcp-stream':
      return receiveTcp(thread, state, message, sink);
    case 'udp':
    case 'udp-connected':
      return receiveUdp(thread, state, message, sink);
    case 'tcp-idle':
    case 'tcp-listener':
    case 'inet-closed': {
      const error = state.core.takeError();
      return fail(error === 0 ? ENOTCONN : error, 'the socket is not connected');
    }
    default:
      state satisfies never;
      return 0;
  }
}

function ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number {
  const state = stateOf(file);
  const { core } = state;
  switch (request) {
    case FIONREAD:
      if (state.kind === 'tcp-listener') fail(EINVAL, 'a listener has no bytes');
      thread.user.writeU32(
        argument,
        core.type === SOCK_STREAM ? readableNow(core) : (core.datagrams[0]?.bytes.length ?? 0),
      );
      return 0;
    case SIOCOUTQ:
      thread.user.writeU32(argument, 0); // nothing stays behind in a sender
      return 0;
    case SIOCATMARK:
      if (core.type !== SOCK_STREAM) fail(ENOTTY, 'datagrams have no mark');
      thread.user.writeU32(argument, Number(isAtMark(core)));
      return 0;
    default:
      return (
        socketIoctl(thread, file, request, argument) ?? fail(ENOTTY, 'no such ioctl for internet sockets')
      );
  }
}

/** The last reference is gone. */
function destroy(core: InetSocket): void {
  const state = core.state as InetState;
  const wasReading = (core.shutdown & RCV_SHUTDOWN) === 0 || core.queued > 0;
  core.leavePort();
  leaveAllGroups(core);
  core.become(new ClosedInetSocket(core));
  core.file = undefined;
  core.shutdown = RCV_SHUTDOWN | SEND_SHUTDOWN;
  core.kernel.net.inetSockets.delete(core);
  core.writers.wake();
  if (state.kind === 'tcp-stream') {
    const { lingerOn, lingerSeconds } = core.settings;
    const isReset = (wasReading && core.queued > 0) || (lingerOn && lingerSeconds === 0);
    if (state.peer.state?.kind === 'tcp-stream') hangUp(state.peer, isReset);
  } else if (state.kind === 'tcp-listener') dropBacklog(state);
  core.forgetQueued();
  core.givePagesBack();
}

/** Connections nobody accepted are reset. */
function dropBacklog(listener: TcpListener): void {
  for (const server of listener.pending.splice(0)) {
    const { state } = server;
    server.become(new ClosedInetSocket(server));
    server.kernel.net.inetSockets.delete(server);
    server.forgetQueued();
    server.givePagesBack();
    if (state?.kind !== 'tcp-stream') continue;
    state.peer.shutdown = SHUTDOWN_MASK;
    state.peer.reportError(ECONNRESET);
  }
  listener.core.writers.wake();
}
