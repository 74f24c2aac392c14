// Operations of an io_uring on sockets (io_uring/net.c): the socket calls, and those that go on giving results.
import type { OperationName } from '../abi/io-uring.ts';
import { IORING_CQE_F_MORE } from '../abi/io-uring.ts';
import { Msghdr, SOCKADDR_STORAGE_SIZE } from '../abi/socket.ts';
import { IOV_MAX } from '../abi/uio.ts';
import { EAGAIN, EBADF, EINVAL, fail } from '../errno.ts';
import { EPOLL_CALLS } from '../syscalls/epoll.ts';
import { READ_WRITE_CALLS } from '../syscalls/read-write.ts';
import { SOCKET_CALLS } from '../syscalls/socket.ts';
import { MESSAGE_CALLS } from '../syscalls/socket-messages.ts';
import { isWait, type Wait } from '../wait.ts';
import { rowOf } from './file-operations.ts';
import { demandSlot, intoSlot } from './files.ts';
import { asCall, asTransfer, type Operation } from './operation.ts';
import type { Request } from './request.ts';
import { runWithBuffer, selectsBuffer, withBuffer } from './with-buffer.ts';

const MSG_WAITALL = 0x100;
const MSG_NOSIGNAL = 0x4000;
const IORING_ACCEPT_MULTISHOT = 1;
const IORING_ACCEPT_DONTWAIT = 2;
const IORING_ACCEPT_POLL_FIRST = 4;
const IORING_RECVSEND_POLL_FIRST = 1;
const IORING_RECV_MULTISHOT = 2;
const IORING_CQE_F_NOTIF = 8;

const SOCKET = rowOf(SOCKET_CALLS, 198);
const ACCEPT4 = rowOf(SOCKET_CALLS, 242);
const SENDTO = rowOf(MESSAGE_CALLS, 206);
const RECVFROM = rowOf(MESSAGE_CALLS, 207);

/** Tries again and again, each time with a result of its own, until it has to wait, has failed, or `isLast` says so. */
function repeat(
  request: Request,
  run: () => number | Wait,
  isLast: (result: number) => boolean,
): number | Wait {
  for (;;) {
    const answer = run();
    if (isWait(answer) || isLast(answer) || !request.ring.postMore(request, answer)) return answer;
    const { call } = request;
    call.progress = 0;
    call.data = undefined;
    request.resultFlags = 0;
  }
}

function acceptOnce(request: Request): number | Wait {
  demandSlot(request);
  const { sqe, thread, fd } = request;
  const answer = ACCEPT4.handler(thread, { fd, addr: sqe.addr, addrlen: sqe.off, flags: sqe.op_flags });
  return isWait(answer) ? answer : intoSlot(request, answer);
}

const ACCEPT: Operation = {
  syscall: ACCEPT4,
  needsFile: true,
  usesPriority: true,
  zero: ['len', 'buf_index'],
  prepare: ({ sqe }) => {
    const { ioprio } = sqe;
    if ((ioprio & ~(IORING_ACCEPT_MULTISHOT | IORING_ACCEPT_DONTWAIT | IORING_ACCEPT_POLL_FIRST)) !== 0)
      fail(EINVAL, 'unknown flags');
    const isMultishot = (ioprio & IORING_ACCEPT_MULTISHOT) !== 0;
    if (isMultishot && sqe.file_index !== 0 && sqe.file_index !== 0xffff_ffff)
      fail(EINVAL, 'many connections for one slot');
  },
  run: (request) => {
    const { ioprio } = request.sqe;
    const answer =
      (ioprio & IORING_ACCEPT_MULTISHOT) === 0
        ? acceptOnce(request)
        : repeat(
            request,
            () => acceptOnce(request),
            () => false,
          );
    return refuseToWait(answer, (ioprio & IORING_ACCEPT_DONTWAIT) !== 0);
  },
};

/** EAGAIN in place of a Wait. */
function refuseToWait(answer: number | Wait, isHasty: boolean): number | Wait {
  return isWait(answer) && isHasty ? -EAGAIN : answer;
}

function demandReceive({ sqe }: Request): void {
  if ((sqe.ioprio & ~(IORING_RECVSEND_POLL_FIRST | IORING_RECV_MULTISHOT)) !== 0)
    fail(EINVAL, 'unknown flags');
}

const RECV_ONCE = asTransfer(
  RECVFROM,
  (sqe, { fd }) => ({ fd, buf: sqe.addr, len: sqe.len, flags: sqe.op_flags, addr: 0, addrlen: 0 }),
  {
    waitsForAll: (sqe) => (sqe.op_flags & MSG_WAITALL) !== 0,
    isShort: ({ sqe }, result) => (sqe.op_flags & MSG_WAITALL) !== 0 && result < sqe.len,
  },
);

const RECV: Operation = {
  ...withBuffer(RECV_ONCE, 'kept'),
  usesPriority: true,
  zero: ['off', 'file_index'],
  prepare: (request) => {
    demandReceive(request);
    const { sqe } = request;
    if ((sqe.ioprio & IORING_RECV_MULTISHOT) === 0) return;
    if (!selectsBuffer(request) || (sqe.op_flags & MSG_WAITALL) !== 0)
      fail(EINVAL, 'many results need buffers of their own');
  },
  run: (request) => {
    const once = (): number | Wait => runWithBuffer(RECV_ONCE, request, 'kept');
    const isMultishot = (request.sqe.ioprio & IORING_RECV_MULTISHOT) !== 0;
    return isMultishot ? repeat(request, once, (result) => result <= 0) : once();
  },
};

const READ_ONCE = asTransfer(READ_WRITE_CALLS[63], (sqe, { fd }) => ({ fd, buf: sqe.addr, count: sqe.len }));

const READ_MULTISHOT: Operation = {
  ...withBuffer(READ_ONCE, 'kept'),
  zero: ['addr', 'len'],
  prepare: (request) => {
    if (!selectsBuffer(request)) fail(EINVAL, 'many results need buffers of their own');
  },
  run: (request) => {
    if (request.file?.descriptor.changed === undefined) fail(EBADF, 'a file that is always ready');
    return repeat(
      request,
      () => runWithBuffer(READ_ONCE, request, 'kept'),
      (result) => result <= 0,
    );
  },
};

const SEND = asTransfer(
  SENDTO,
  (sqe, { fd }) => ({
    fd,
    buf: sqe.addr,
    len: sqe.len,
    flags: sqe.op_flags | MSG_NOSIGNAL,
    addr: sqe.off,
    addrlen: sqe.off === 0 ? 0 : sqe.file_index & 0xffff,
  }),
  {
    usesPriority: true,
    prepare: ({ sqe, memory }) => {
      if ((sqe.ioprio & ~IORING_RECVSEND_POLL_FIRST) !== 0) fail(EINVAL, 'unknown flags');
      if (sqe.off !== 0) memory.keep(sqe.off, Math.min(sqe.file_index & 0xffff, SOCKADDR_STORAGE_SIZE));
    },
    waitsForAll: (sqe) => (sqe.op_flags & MSG_WAITALL) !== 0,
    isShort: ({ sqe }, result) => (sqe.op_flags & MSG_WAITALL) !== 0 && result < sqe.len,
  },
);

const SENDMSG = asTransfer(
  rowOf(MESSAGE_CALLS, 211),
  (sqe, { fd }) => ({ fd, msg: sqe.addr, flags: sqe.op_flags | MSG_NOSIGNAL }),
  {
    usesPriority: true,
    zero: ['off', 'file_index'],
    prepare: (request) => {
      if ((request.sqe.ioprio & ~IORING_RECVSEND_POLL_FIRST) !== 0) fail(EINVAL, 'unknown flags');
      keepMessage(request, true);
    },
    waitsForAll: (sqe) => (sqe.op_flags & MSG_WAITALL) !== 0,
    isShort: () => false,
  },
);

/** A message's header, its vectors and the name of whom it is sent to; control data are looked at when it is sent. EFAULT. */
function keepMessage({ sqe, memory }: Request, isSent: boolean): void {
  memory.keep(sqe.addr, Msghdr.size);
  const { msg_name, msg_namelen, msg_iov, msg_iovlen } = memory.readStruct(sqe.addr, Msghdr);
  if (isSent && msg_name !== 0 && msg_namelen > 0)
    memory.keep(msg_name, Math.min(msg_namelen, SOCKADDR_STORAGE_SIZE));
  if (msg_iovlen <= IOV_MAX) memory.keep(msg_iov, msg_iovlen * 16);
}

/** EINVAL for a length that no address has, EFAULT. */
function keepAddress({ sqe, memory }: Request): void {
  const length = sqe.off | 0;
  if (length < 0 || length > SOCKADDR_STORAGE_SIZE) fail(EINVAL, 'no such length of an address');
  memory.keep(sqe.addr, length);
}

/** Copies as any other, and says so in a second completion: the memory is free again. */
function withNotification(operation: Operation): Operation {
  return {
    ...operation,
    zero: [],
    run: (request) => {
      request.resultFlags = IORING_CQE_F_MORE;
      return operation.run(request);
    },
    ended: ({ ring, userData }) => ring.post(userData, 0, IORING_CQE_F_NOTIF),
  };
}

export const NET_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  ACCEPT,
  RECV,
  READ_MULTISHOT,
  SEND,
  SENDMSG,
  SEND_ZC: withNotification(SEND),
  SENDMSG_ZC: withNotification(SENDMSG),
  RECVMSG: asTransfer(
    rowOf(MESSAGE_CALLS, 212),
    (sqe, { fd }) => ({ fd, msg: sqe.addr, flags: sqe.op_flags }),
    {
      usesPriority: true,
      zero: ['off', 'file_index'],
      prepare: (request) => {
        demandReceive(request);
        if ((request.sqe.ioprio & IORING_RECV_MULTISHOT) !== 0)
          fail(EINVAL, 'messages are received one by one');
        keepMessage(request, false);
      },
      waitsForAll: (sqe) => (sqe.op_flags & MSG_WAITALL) !== 0,
      isShort: () => false,
    },
  ),
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
    run: (request) => {
      demandSlot(request);
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
