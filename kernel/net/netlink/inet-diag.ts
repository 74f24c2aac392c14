// NETLINK_SOCK_DIAG for TCP and UDP, as ss(8) asks for them (sock_diag(7), net/ipv4/inet_diag.c).
// sock-diag.ts calls it. Filters in byte code are not run: ss looks through what it gets once more itself.

import { IP_TOS, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP } from '../../abi/inet.ts';
import { InetDiagMsg, InetDiagReq, SOCK_DIAG_BY_FAMILY } from '../../abi/netlink.ts';
import { AF_INET6 } from '../../abi/socket.ts';
import { ENOENT, ESTALE, fail } from '../../errno.ts';
import { textToBytes } from '../../mm/user-memory.ts';
import {
  inoOf,
  isOfV6Only,
  localOf,
  receiveQueueOf,
  remoteOf,
  stateNumber,
  TCP_CLOSE,
  TCP_LISTEN,
  tabled,
} from '../inet/diagnosis.ts';
import { type Endpoint, encodeEndpoint } from '../inet/endpoint.ts';
import type { InetSocket } from '../inet/inet-socket.ts';
import { tcpInfo } from '../inet/options.ts';
import { protocolOption } from '../inet/stored-options.ts';
import type { NetNamespace } from '../net-namespace.ts';
import { type Answer, attribute, bodyOf, words } from './message.ts';

const TCP_BOUND_INACTIVE = 13;
/** INET_DIAG_NOCOOKIE. */
const NO_COOKIE = 0xffff_ffff;

const INET_DIAG_MEMINFO = 1;
const INET_DIAG_INFO = 2;
const INET_DIAG_CONG = 4;
const INET_DIAG_TOS = 5;
const INET_DIAG_SKMEMINFO = 7;
const INET_DIAG_SHUTDOWN = 8;
const INET_DIAG_SKV6ONLY = 11;

/** All sockets of a protocol and family that are in one of the states asked for. */
export function dumpOfInet(net: NetNamespace, body: Uint8Array): Answer[] {
  const request = InetDiagReq.decode(body);
  const { sdiag_family, sdiag_protocol } = request;
  const inactive = [...net.inetSockets].filter(
    (socket) => isBoundInactive(socket, sdiag_protocol) && socket.family.number === sdiag_family,
  );
  return [...candidates(net, sdiag_family, sdiag_protocol), ...inactive]
    .filter((socket) => ((request.idiag_states >>> askedState(socket)) & 1) !== 0)
    .filter(({ local }) => request.id_sport === 0 || swapped(local?.port ?? 0) === request.id_sport)
    .filter((socket) => request.id_dport === 0 || swapped(remoteOf(socket).port) === request.id_dport)
    .map((socket) => ({ type: SOCK_DIAG_BY_FAMILY, body: describe(socket, request.idiag_ext) }));
}

/** Bound, neither listening nor connected: asked for by a state of its own, and shown as closed. */
function isBoundInactive({ state, local, protocol }: InetSocket, asked: number): boolean {
  return protocol === asked && state?.kind === 'tcp-idle' && local !== undefined;
}

function askedState(socket: InetSocket): number {
  return socket.state?.kind === 'tcp-idle' ? TCP_BOUND_INACTIVE : stateNumber(socket);
}

export function hasDiagnosis(protocol: number): boolean {
  return protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
}

/** The socket between two addresses. ENOENT: there is none. ESTALE: it has another cookie. */
export function oneOfInet(net: NetNamespace, body: Uint8Array): Answer {
  const request = InetDiagReq.decode(body);
  const { sdiag_family, sdiag_protocol, idiag_cookie, idiag_ext } = request;
  for (const socket of candidates(net, sdiag_family, sdiag_protocol)) {
    const { port, ip } = socketId(localOf(socket), sdiag_family);
    const remote = socketId(remoteOf(socket), sdiag_family);
    const isMeant =
      port === request.id_sport &&
      remote.port === request.id_dport &&
      isEqual(ip, request.id_src, sdiag_family) &&
      isEqual(remote.ip, request.id_dst, sdiag_family);
    if (!isMeant) continue;
    const [low, high] = idiag_cookie as [number, number];
    const isAny = low === NO_COOKIE && high === NO_COOKIE;
    if (!isAny && (low !== net.kernel.net.cookieOf(socket) || high !== 0))
      fail(ESTALE, 'another socket is meant');
    return { type: SOCK_DIAG_BY_FAMILY, body: describe(socket, idiag_ext) };
  }
  return fail(ENOENT, 'no such socket');
}

function candidates(net: NetNamespace, family: number, protocol: number): InetSocket[] {
  if (!hasDiagnosis(protocol)) fail(ENOENT, 'this protocol has no diagnosis');
  return tabled(net.inetSockets, protocol).filter((socket) => socket.family.number === family);
}

/** Port and address as struct inet_diag_sockid has them: in network order, IPv4 in the first of four words. */
function socketId(endpoint: Endpoint, family: number): { port: number; ip: Uint8Array } {
  const sockaddr = encodeEndpoint(endpoint, family);
  return {
    port: swapped(endpoint.port),
    ip: family === AF_INET6 ? sockaddr.subarray(8, 24) : sockaddr.subarray(4, 8),
  };
}

function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >>> 8);
}

function isEqual(own: Uint8Array, asked: Uint8Array, family: number): boolean {
  const length = family === AF_INET6 ? 16 : 4;
  return own.every((byte, i) => i >= length || byte === asked[i]);
}

/** `extensions`: bit N - 1 asks for attribute N. */
function describe(socket: InetSocket, extensions: number): Uint8Array {
  const { settings, family, inode } = socket;
  const { number } = family;
  const state = stateNumber(socket);
  const local = socketId(localOf(socket), number);
  const remote = socketId(remoteOf(socket), number);
  const queued = receiveQueueOf(socket);
  const backlog = socket.state?.kind === 'tcp-listener' ? socket.state.backlog : 0;
  const head = InetDiagMsg.encode({
    idiag_family: number,
    idiag_state: state,
    idiag_timer: 0,
    idiag_retrans: 0,
    id_sport: local.port,
    id_dport: remote.port,
    id_src: local.ip,
    id_dst: remote.ip,
    id_if: 0,
    idiag_cookie: [socket.kernel.net.cookieOf(socket), 0],
    idiag_expires: 0,
    idiag_rqueue: queued,
    idiag_wqueue: backlog,
    idiag_uid: inode.uid,
    idiag_inode: inoOf(socket),
  });
  const asked = (attribute: number): boolean => (extensions & (1 << (attribute - 1))) !== 0;
  const parts = [attribute(INET_DIAG_SHUTDOWN, Uint8Array.of(socket.shutdown))];
  if (asked(INET_DIAG_TOS))
    parts.push(attribute(INET_DIAG_TOS, Uint8Array.of(protocolOption(socket, IPPROTO_IP, IP_TOS))));
  if (number === AF_INET6 && (state === TCP_LISTEN || state === TCP_CLOSE))
    parts.push(attribute(INET_DIAG_SKV6ONLY, Uint8Array.of(Number(isOfV6Only(socket)))));
  const memory = socket.isListening ? 0 : queued;
  if (asked(INET_DIAG_MEMINFO)) parts.push(attribute(INET_DIAG_MEMINFO, words(memory, 0, 0, 0)));
  if (asked(INET_DIAG_SKMEMINFO)) {
    const { receiveBuffer, sendBuffer } = settings;
    parts.push(attribute(INET_DIAG_SKMEMINFO, words(memory, receiveBuffer, 0, sendBuffer, 0, 0, 0, 0, 0)));
  }
  if (asked(INET_DIAG_INFO) && socket.protocol === IPPROTO_TCP)
    parts.push(attribute(INET_DIAG_INFO, tcpInfo(socket)));
  if (asked(INET_DIAG_CONG) && socket.protocol === IPPROTO_TCP && state !== TCP_CLOSE)
    parts.push(attribute(INET_DIAG_CONG, textToBytes('cubic\0')));
  return bodyOf(head, parts);
}
