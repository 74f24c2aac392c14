// Operations of an io_uring on sockets (io_uring/net.c): the socket calls. What moves bytes is receive-operations.ts and
// send-operations.ts.
import { IORING_CQE_F_SOCK_NONEMPTY, type OperationName } from '../abi/io-uring.ts';
import { POLLIN } from '../abi/poll.ts';
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_TYPE_MASK, SOCKADDR_STORAGE_SIZE } from '../abi/socket.ts';
import { EAGAIN, EINVAL, fail } from '../errno.ts';
import { TcpListener } from '../net/inet/states.ts';
import { EPOLL_CALLS } from '../syscalls/epoll.ts';
import { SOCKET_CALLS } from '../syscalls/socket.ts';
import { isWait, type Wait } from '../wait.ts';
import { rowOf } from './file-operations.ts';
import { intoSlot } from './files.ts';
import { asCall, DATA_EVENTS, isReadyFor, type Operation, repeat } from './operation.ts';
import { RECEIVE_OPERATIONS } from './receive-operations.ts';
import type { Request } from './request.ts';
import { SEND_OPERATIONS } from './send-operations.ts';

const IORING_ACCEPT_MULTISHOT = 1;
const IORING_ACCEPT_DONTWAIT = 2;
const IORING_ACCEPT_POLL_FIRST = 4;

const SOCKET = rowOf(SOCKET_CALLS, 198);
const ACCEPT4 = rowOf(SOCKET_CALLS, 242);

function acceptOnce(request: Request): number | Wait {
  const { sqe, thread, fd } = request;
  const answer = ACCEPT4.handler(thread, { fd, addr: sqe.addr, addrlen: sqe.off, flags: sqe.op_flags });
  if (isWait(answer)) return answer;
  // only TCP says whether others wait (inet_csk_accept)
  const listener = request.file?.descriptor;
  if (listener instanceof TcpListener && (listener.poll() & POLLIN) !== 0)
    request.resultFlags |= IORING_CQE_F_SOCK_NONEMPTY;
  return intoSlot(request, answer);
}

const ACCEPT: Operation = {
  syscall: ACCEPT4,
  needsFile: true,
  pollsAlone: true,
  usesPriority: true,
  beginsLater: ({ sqe, namedFile }) =>
    (sqe.ioprio & IORING_ACCEPT_POLL_FIRST) !== 0 &&
    namedFile !== undefined &&
    isReadyFor(namedFile, DATA_EVENTS),
  zero: ['len', 'buf_index'],
  prepare: (request) => {
    const { sqe } = request;
    const { ioprio } = sqe;
    if ((ioprio & ~(IORING_ACCEPT_MULTISHOT | IORING_ACCEPT_DONTWAIT | IORING_ACCEPT_POLL_FIRST)) !== 0)
      fail(EINVAL, 'unknown flags');
    if ((sqe.op_flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) fail(EINVAL, 'unknown flags of the socket');
    if (sqe.file_index !== 0 && (sqe.op_flags & SOCK_CLOEXEC) !== 0)
      fail(EINVAL, 'slots are not closed by execve');
    request.isMultishot = (ioprio & IORING_ACCEPT_MULTISHOT) !== 0;
    if (request.isMultishot && sqe.file_index !== 0 && sqe.file_index !== 0xffff_ffff)
      fail(EINVAL, 'many connections for one slot');
  },
  run: (request) => {
    const { ioprio } = request.sqe;
    const answer = request.isMultishot
      ? repeat(
          request,
          () => acceptOnce(request),
          () => false,
        )
      : acceptOnce(request);
    return refuseToWait(answer, (ioprio & IORING_ACCEPT_DONTWAIT) !== 0);
  },
};

/** EAGAIN in place of a Wait. */
function refuseToWait(answer: number | Wait, isHasty: boolean): number | Wait {
  return isWait(answer) && isHasty ? -EAGAIN : answer;
}

/** EINVAL for a length that no address has, EFAULT. */
function keepAddress({ sqe, memory }: Request): void {
  const length = sqe.off | 0;
  if (length < 0 || length > SOCKADDR_STORAGE_SIZE) fail(EINVAL, 'no such length of an address');
  memory.keep(sqe.addr, length);
}

export const NET_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  ACCEPT,
  ...RECEIVE_OPERATIONS,
  ...SEND_OPERATIONS,
  CONNECT: asCall(
    rowOf(SOCKET_CALLS, 203),
    true,
    (sqe, { fd }) => ({ fd, addr: sqe.addr, addrlen: sqe.off | 0 }),
    { zero: ['len', 'buf_index', 'op_flags', 'file_index'], prepare: keepAddress },
  ),
  SHUTDOWN: asCall(rowOf(SOCKET_CALLS, 210), true, (sqe, { fd }) => ({ fd, how: sqe.len | 0 }), {
    zero: ['off', 'addr', 'op_flags', 'buf_index', 'file_index'],
  }),
  BIND: asCall(
    rowOf(SOCKET_CALLS, 200),
    true,
    (sqe, { fd }) => ({ fd, addr: sqe.addr, addrlen: sqe.off | 0 }),
    { zero: ['len', 'buf_index', 'op_flags', 'file_index'], prepare: keepAddress },
  ),
  LISTEN: asCall(rowOf(SOCKET_CALLS, 201), true, (sqe, { fd }) => ({ fd, backlog: sqe.len | 0 }), {
    zero: ['addr', 'buf_index', 'op_flags', 'file_index', 'off'],
  }),
  SOCKET: asCall(SOCKET, false, (sqe) => ({ domain: sqe.fd, type: sqe.off | 0, protocol: sqe.len | 0 }), {
    zero: ['addr', 'op_flags', 'buf_index'],
    prepare: ({ sqe }) => {
      const flags = (sqe.off | 0) & ~SOCK_TYPE_MASK;
      const isUnknown = (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0;
      if (isUnknown || (sqe.file_index !== 0 && (flags & SOCK_CLOEXEC) !== 0))
        fail(EINVAL, 'unknown flags, or a slot that execve does not close');
    },
    run: (request) => {
      const { sqe, thread } = request;
      const args = { domain: sqe.fd, type: sqe.off | 0, protocol: sqe.len | 0 };
      return intoSlot(request, SOCKET.handler(thread, args) as number);
    },
  }),
  EPOLL_WAIT: asCall(
    EPOLL_CALLS[22],
    true,
    (sqe, { fd }) => ({
      epfd: fd,
      events: sqe.addr,
      maxevents: sqe.len | 0,
      timeout: -1,
      sigmask: 0,
      sigsetsize: 0,
    }),
    { zero: ['off', 'op_flags', 'buf_index', 'file_index'] },
  ),
};
