// NETLINK_SOCK_DIAG for unix sockets, as ss(8) asks for them (sock_diag(7), net/unix/diag.c).
// Internet sockets are answered with an empty list: ss then shows none.
import { SOCK_DIAG_BY_FAMILY, UnixDiagMsg, UnixDiagReq } from '../../abi/netlink.ts';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../abi/socket.ts';
import { EINVAL, ENOENT, fail } from '../../errno.ts';
import type { Kernel } from '../../kernel.ts';
import { PATH_OFFSET } from '../unix/address.ts';
import { peerOf } from '../unix/states.ts';
import type { UnixSocket } from '../unix/unix-socket.ts';
import { type Answer, attribute, bodyOf, type Request, words } from './message.ts';

const TCP_ESTABLISHED = 1;
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

const SHOW_NAME = 1;
const SHOW_VFS = 2;
const SHOW_PEER = 4;
const SHOW_ICONS = 8;
const SHOW_RQLEN = 16;
const SHOW_MEMINFO = 32;
const SHOW_UID = 64;

/** EINVAL: too short. ENOENT: a family without diagnosis, or no such socket. */
export function answerSockDiag(kernel: Kernel, request: Request, isDump: boolean): Answer[] {
  if (request.type !== SOCK_DIAG_BY_FAMILY || request.body.length < 2)
    fail(EINVAL, 'not a sock_diag request');
  const family = request.body[0] as number;
  if (family === AF_INET || family === AF_INET6) return isDump ? [] : fail(ENOENT, 'no such socket');
  if (family !== AF_UNIX) fail(ENOENT, 'this family has no diagnosis');
  if (request.body.length < UnixDiagReq.size) fail(EINVAL, 'the request is too short');
  const { udiag_states, udiag_ino, udiag_show } = UnixDiagReq.decode(request.body);
  const answers: Answer[] = [];
  for (const socket of kernel.net.unixSockets) {
    const isWanted = isDump ? ((udiag_states >>> stateOf(socket)) & 1) !== 0 : inoOf(socket) === udiag_ino;
    if (isWanted) answers.push({ type: SOCK_DIAG_BY_FAMILY, body: describe(socket, udiag_show) });
  }
  if (!isDump && answers.length === 0) fail(ENOENT, 'no such socket');
  return isDump ? answers : answers.slice(0, 1);
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
    udiag_cookie: [socket.net.cookieOf(socket), 0],
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
