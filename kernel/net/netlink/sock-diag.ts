// NETLINK_SOCK_DIAG for unix sockets, as ss(8) asks for them (sock_diag(7), net/unix/diag.c).
// netlink.ts calls it; inet-diag.ts answers for internet sockets.

import {
  InetDiagReq,
  SOCK_DESTROY,
  SOCK_DIAG_BY_FAMILY,
  UnixDiagMsg,
  UnixDiagReq,
} from '../../abi/netlink.ts';
import { AF_INET, AF_INET6, AF_MAX, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../abi/socket.ts';
import { EINVAL, ENOENT, EOPNOTSUPP, ESTALE, fail } from '../../errno.ts';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../inet/diagnosis.ts';
import type { NetNamespace } from '../net-namespace.ts';
import { PATH_OFFSET } from '../unix/address.ts';
import { peerOf } from '../unix/states.ts';
import type { UnixSocket } from '../unix/unix-socket.ts';
import { dumpOfInet, hasDiagnosis, oneOfInet } from './inet-diag.ts';
import { type Answer, attribute, bodyOf, type Request, words } from './message.ts';

/** INET_DIAG_NOCOOKIE. */
const NO_COOKIE = 0xffff_ffff;

const SHOW_NAME = 1;
const SHOW_VFS = 2;
const SHOW_PEER = 4;
const SHOW_ICONS = 8;
const SHOW_RQLEN = 16;
const SHOW_MEMINFO = 32;
const SHOW_UID = 64;

export interface Diagnosis {
  readonly answers: Answer[];
  /** What the end of a dump says: 0 or a negative errno. */
  readonly status: number;
}

/**
 * EINVAL: another request, too short, no family's number. ENOENT: a family without diagnosis, or no such socket.
 * EOPNOTSUPP: closing sockets from outside. ESTALE: the socket has another cookie.
 */
export function answerSockDiag(net: NetNamespace, request: Request, isDump: boolean): Diagnosis {
  const { type, body } = request;
  if ((type !== SOCK_DIAG_BY_FAMILY && type !== SOCK_DESTROY) || body.length < 2)
    fail(EINVAL, 'not a sock_diag request');
  const family = body[0] as number;
  if (family >= AF_MAX) fail(EINVAL, 'no such address family');
  const isInet = family === AF_INET || family === AF_INET6;
  if (!isInet && family !== AF_UNIX) fail(ENOENT, 'this family has no diagnosis');
  if (type === SOCK_DESTROY) fail(EOPNOTSUPP, 'sockets are closed by their owners');
  if (body.length < (isInet ? InetDiagReq.size : UnixDiagReq.size)) fail(EINVAL, 'the request is too short');
  if (isInet) return isDump ? dumpFor(net, body) : { answers: [oneOfInet(net, body)], status: 0 };
  return isDump ? dumpOfUnix(net, body) : { answers: [oneOfUnix(net, body)], status: 0 };
}

/** A dump's failure comes in its last message. */
function dumpFor(net: NetNamespace, body: Uint8Array): Diagnosis {
  if (!hasDiagnosis(body[1] as number)) return { answers: [], status: -ENOENT };
  return { answers: dumpOfInet(net, body), status: 0 };
}

/** All but connections that nobody accepted: they have no inode (sk_diag_dump in net/unix/diag.c). */
function dumpOfUnix(net: NetNamespace, body: Uint8Array): Diagnosis {
  const { udiag_states, udiag_show } = UnixDiagReq.decode(body);
  const answers: Answer[] = [];
  for (const socket of net.unixSockets) {
    if (((udiag_states >>> stateOf(socket)) & 1) === 0 || inoOf(socket) === 0) continue;
    answers.push({ type: SOCK_DIAG_BY_FAMILY, body: describe(socket, udiag_show) });
  }
  return { answers, status: 0 };
}

/** The socket with an inode number, whose cookie must be right unless all its bits are set (unix_diag_get_exact). */
function oneOfUnix(net: NetNamespace, body: Uint8Array): Answer {
  const { udiag_ino, udiag_show, udiag_cookie } = UnixDiagReq.decode(body);
  if (udiag_ino === 0) fail(EINVAL, 'no inode number is given');
  for (const socket of net.unixSockets) {
    if (inoOf(socket) !== udiag_ino) continue;
    const [low, high] = udiag_cookie as [number, number];
    const isAny = low === NO_COOKIE && high === NO_COOKIE;
    if (!isAny && (low !== socket.kernel.net.cookieOf(socket) || high !== 0))
      fail(ESTALE, 'another socket is meant');
    return { type: SOCK_DIAG_BY_FAMILY, body: describe(socket, udiag_show) };
  }
  return fail(ENOENT, 'no such socket');
}

function stateOf(socket: UnixSocket): number {
  if (socket.state?.kind === 'unix-listener') return TCP_LISTEN;
  return peerOf(socket) !== undefined || socket.isConnectedTo ? TCP_ESTABLISHED : TCP_CLOSE;
}

/** A connection that nobody accepted has no file, so no inode to show. */
function inoOf(socket: UnixSocket): number {
  return socket.file === undefined ? 0 : socket.inode.ino;
}

function describe(socket: UnixSocket, show: number): Uint8Array {
  const { address, boundPath, queue, settings, state } = socket;
  const head = UnixDiagMsg.encode({
    udiag_family: AF_UNIX,
    udiag_type: socket.type,
    udiag_state: stateOf(socket),
    pad: 0,
    udiag_ino: inoOf(socket),
    udiag_cookie: [socket.kernel.net.cookieOf(socket), 0],
  });
  const parts: Uint8Array[] = [];
  if ((show & SHOW_NAME) !== 0 && address.kind !== 'unnamed')
    parts.push(attribute(0, address.bytes.subarray(PATH_OFFSET)));
  if ((show & SHOW_VFS) !== 0 && boundPath !== undefined) {
    parts.push(attribute(1, words(boundPath.inode.ino, boundPath.inode.fs.dev)));
  }
  const peer = peerOf(socket);
  if ((show & SHOW_PEER) !== 0 && peer !== undefined) parts.push(attribute(2, words(inoOf(peer))));
  const pending = state?.kind === 'unix-listener' ? state.pending : undefined;
  if ((show & SHOW_ICONS) !== 0 && pending !== undefined) {
    parts.push(attribute(3, words(...pending.map((server) => inoOf(peerOf(server) ?? server)))));
  }
  if ((show & SHOW_RQLEN) !== 0) {
    const lengths =
      state?.kind === 'unix-listener'
        ? words(state.pending.length, state.backlog)
        : words(unread(socket), socket.outstanding);
    parts.push(attribute(4, lengths));
  }
  if ((show & SHOW_MEMINFO) !== 0) {
    const { receiveBuffer, sendBuffer } = settings;
    parts.push(attribute(5, words(0, receiveBuffer, socket.outstanding, sendBuffer, 0, 0, 0, 0, 0)));
  }
  parts.push(attribute(6, Uint8Array.of(socket.shutdown)));
  if ((show & SHOW_UID) !== 0) parts.push(attribute(7, words(socket.inode.uid)));
  return bodyOf(head, parts);

  function unread({ type }: UnixSocket): number {
    if (type === SOCK_STREAM) return queue.reportedCount;
    return type === SOCK_DGRAM ? (queue.first?.length ?? 0) : queue.byteCount;
  }
}
