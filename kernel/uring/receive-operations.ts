// Operations of an io_uring that receive (io_uring/net.c, rw.c): into memory of the program's or into provided buffers, once
// or as often as something comes, into one buffer or a bundle of them.
import { firstBytes } from '../abi/first-bytes.ts';
import type { OperationName } from '../abi/io-uring.ts';
import {
  IORING_CQE_F_SOCK_NONEMPTY,
  IORING_RECV_MULTISHOT,
  IORING_RECVSEND_BUNDLE,
  IORING_RECVSEND_POLL_FIRST,
  IoUringRecvmsgOut,
} from '../abi/io-uring.ts';
import { MSG_DONTWAIT, MSG_WAITALL, Msghdr } from '../abi/socket.ts';
import { EAGAIN, EBADF, EFAULT, EINVAL, EOVERFLOW, fail } from '../errno.ts';
import type { Iovec } from '../mm/user-memory.ts';
import { SocketDescriptor } from '../net/socket.ts';
import { READ_WRITE_CALLS } from '../syscalls/read-write.ts';
import { MESSAGE_CALLS } from '../syscalls/socket-messages.ts';
import { isWait, type Wait, wait } from '../wait.ts';
import { rowOf } from './file-operations.ts';
import { keepMessage, LARGEST_BUNDLE, lengthOf, MessageHeader } from './messages.ts';
import {
  asTransfer,
  DATA_EVENTS,
  demandPatience,
  demandSocket,
  isReadyFor,
  type Operation,
  receivesLater,
  repeat,
  socketReceivesLater,
  startAnew,
} from './operation.ts';
import type { Request } from './request.ts';
import {
  commitBuffers,
  demandGroup,
  runWithBuffer,
  selectBuffers,
  selectsBuffer,
  withBuffer,
} from './with-buffer.ts';

const RECVFROM = rowOf(MESSAGE_CALLS, 207);
const RECVMSG = rowOf(MESSAGE_CALLS, 212);

/** Bytes that a stream has left, which a completion tells of; undefined where nobody counts them. */
function bytesLeft({ file }: Request): number | undefined {
  const descriptor = file?.descriptor;
  if (file === undefined || !(descriptor instanceof SocketDescriptor)) return undefined;
  return descriptor.core.family.bytesLeft?.(file);
}

/** What it was woken for, or is to wait for first, is not there: then no buffer is looked for. */
function mustWait(request: Request): Wait | undefined {
  const { file, sqe, hasWaited, happened } = request;
  if (file === undefined || happened !== 0) return undefined;
  if (!hasWaited && (sqe.ioprio & IORING_RECVSEND_POLL_FIRST) === 0) return undefined;
  const { changed } = file.descriptor;
  return changed === undefined || isReadyFor(file, DATA_EVENTS) ? undefined : wait(changed);
}

/** What is waited for before anything else: ENOTSOCK, EAGAIN. */
function firstWait(request: Request): Wait | undefined {
  demandSocket(request);
  demandPatience(request);
  return mustWait(request);
}

/** The same where the file is polled before it is asked whether it is a socket (io_uring/net.c, io_recv). */
function firstPoll(request: Request): Wait | undefined {
  demandPatience(request);
  const first = mustWait(request);
  if (first !== undefined) return first;
  const { file, sqe } = request;
  if ((sqe.ioprio & IORING_RECVSEND_POLL_FIRST) !== 0 && file?.descriptor.changed === undefined)
    fail(EAGAIN, 'a file that cannot be polled');
  demandSocket(request);
  return undefined;
}

/** One receive, or one for each arrival: a stream that is known to be empty is waited for. */
function receive(
  request: Request,
  once: () => number | Wait,
  isLast: (result: number) => boolean,
): number | Wait {
  const { isMultishot } = request;
  for (;;) {
    const answer = once();
    if (isWait(answer)) return (request.sqe.op_flags & MSG_DONTWAIT) === 0 ? answer : -EAGAIN;
    const left = bytesLeft(request);
    if (answer >= 0 && left !== undefined && left > 0) request.resultFlags |= IORING_CQE_F_SOCK_NONEMPTY;
    if (!isMultishot || isLast(answer) || !request.ring.postMore(request, answer)) return answer;
    startAnew(request);
    const { changed } = (request.file as NonNullable<Request['file']>).descriptor;
    if (left === 0 && changed !== undefined) return wait(changed);
  }
}

/** EINVAL. */
function demandReceive(request: Request, flags: number): void {
  const { sqe } = request;
  if ((sqe.ioprio & ~(IORING_RECVSEND_POLL_FIRST | flags)) !== 0) fail(EINVAL, 'unknown flags');
  request.isMultishot = (sqe.ioprio & IORING_RECV_MULTISHOT) !== 0;
  if (!request.isMultishot) return;
  if (!selectsBuffer(request) || (sqe.op_flags & MSG_WAITALL) !== 0)
    fail(EINVAL, 'many results need buffers of their own');
}

const RECV_ONCE = asTransfer(
  RECVFROM,
  (sqe, { fd }) => ({ fd, buf: sqe.addr, len: sqe.len, flags: sqe.op_flags, addr: 0, addrlen: 0 }),
  {
    waitsForAll: (sqe) => (sqe.op_flags & MSG_WAITALL) !== 0,
    isShort: ({ op_flags, len }, result) => (op_flags & MSG_WAITALL) !== 0 && result < len,
  },
);

/** What a receive keeps between tries. */
interface ReceiveState {
  /** Bytes until many receives end (`optlen`); Infinity without a limit. */
  left: number;
  /** Of bundles. */
  readonly header: MessageHeader | undefined;
}

const RECV: Operation = {
  ...withBuffer(RECV_ONCE, 'kept'),
  usesPriority: true,
  beginsLater: receivesLater,
  zero: ['off'],
  prepare: (request) => {
    demandReceive(request, IORING_RECV_MULTISHOT | IORING_RECVSEND_BUNDLE);
    const { file_index: limit, ioprio } = request.sqe;
    if (limit !== 0 && !request.isMultishot) fail(EINVAL, 'a limit of one receive');
    const isBundle = (ioprio & IORING_RECVSEND_BUNDLE) !== 0 && selectsBuffer(request);
    const state: ReceiveState = {
      left: limit === 0 ? Number.POSITIVE_INFINITY : limit,
      header: isBundle ? new MessageHeader(request.memory, LARGEST_BUNDLE) : undefined,
    };
    request.data = state;
  },
  run: (request) => {
    const state = request.data as ReceiveState;
    const { header } = state;
    let isLast = false;
    const once = (): number | Wait => {
      const isBundle = header !== undefined;
      const answer = isBundle ? receiveBundle(request, header, state.left) : undefined;
      const result = answer?.result ?? runWithBuffer(RECV_ONCE, request, 'kept');
      if (isWait(result)) return result;
      state.left -= Math.max(0, result);
      isLast = result <= 0 || state.left <= 0 || answer?.isLast === true;
      return result;
    };
    return firstPoll(request) ?? receive(request, once, () => isLast);
  },
};

/** A receive that may be the last of many. */
interface Received {
  readonly result: number | Wait;
  readonly isLast: boolean;
}

/** Fills as many buffers as there are bytes for; it is the last when none is left. ENOBUFS. */
function receiveBundle(request: Request, header: MessageHeader, limit: number): Received {
  const { sqe, thread, fd } = request;
  demandGroup(request);
  const most = Math.min(sqe.len === 0 ? Number.POSITIVE_INFINITY : sqe.len, limit);
  const selection = selectBuffers(request, Number.isFinite(most) ? most : 0, LARGEST_BUNDLE);
  header.write({ pieces: selection.pieces, nameLength: 0 });
  const result = RECVMSG.handler(thread, { fd, msg: header.address, flags: sqe.op_flags }) as number | Wait;
  if (isWait(result) || result <= 0) return { result, isLast: true };
  request.resultFlags = commitBuffers(selection, result);
  const roomBeforeLast = lengthOf(selection.pieces.slice(0, -1));
  return { result, isLast: selection.isLast && result > roomBeforeLast };
}

const RECVMSG_ONCE = asTransfer(
  RECVMSG,
  (sqe, { fd, data }) => ({
    fd,
    msg: (data as MessageState | undefined)?.address ?? sqe.addr,
    flags: sqe.op_flags,
  }),
  { waitsForAll: (sqe) => (sqe.op_flags & MSG_WAITALL) !== 0, isShort: () => false },
);

/** What a receive of messages into provided buffers keeps. */
interface MessageState {
  /** Of the program's header, and what it was when the entry was submitted. */
  readonly address: number;
  readonly own: Uint8Array;
  /** Bytes of a buffer that the first of many wants; 0: all, as those behind it do (io_mshot_prep_retry). */
  wanted: number;
  /** Room for names and for control data in each buffer. */
  readonly nameRoom: number;
  readonly controlRoom: number;
  /** The header that handlers are given. */
  readonly header: MessageHeader;
}

function prepareMessage(request: Request): void {
  demandReceive(request, IORING_RECV_MULTISHOT);
  const { sqe, memory } = request;
  const own = keepMessage(request, false);
  if (!selectsBuffer(request)) return;
  const { msg_namelen, msg_iov, msg_iovlen, msg_controllen } = Msghdr.decode(own);
  if (msg_iovlen > 1) fail(EINVAL, 'one vector at most');
  const wanted = msg_iovlen === 0 ? 0 : (memory.readIovecs(msg_iov, 1)[0]?.length ?? 0);
  if (request.isMultishot) {
    const room = IoUringRecvmsgOut.size + msg_namelen + msg_controllen;
    if (msg_namelen < 0 || room > 0x7fff_ffff) fail(EOVERFLOW, 'more than an int counts');
  }
  const state: MessageState = {
    address: sqe.addr,
    own,
    wanted,
    nameRoom: msg_namelen,
    controlRoom: msg_controllen,
    header: new MessageHeader(memory, 1),
  };
  request.data = state;
}

const RECVMSG_OPERATION: Operation = {
  ...RECVMSG_ONCE,
  usesPriority: true,
  beginsLater: socketReceivesLater,
  selectsBuffer: true,
  zero: ['off', 'file_index'],
  prepare: prepareMessage,
  run: (request) => {
    const state = request.data as MessageState | undefined;
    let isLast = false;
    const once = (): number | Wait => {
      if (state === undefined) return RECVMSG_ONCE.run(request);
      if (!request.isMultishot) return runWithBuffer(RECVMSG_INTO_BUFFER, request, 'kept', state.wanted);
      const received = receiveMessage(request, state);
      isLast = received.isLast;
      return received.result;
    };
    return firstWait(request) ?? receive(request, once, () => isLast);
  },
};

/** One message: the header is the program's, but for the vector. */
const RECVMSG_INTO_BUFFER: Operation = {
  ...RECVMSG_ONCE,
  run: (request) => {
    const { own, header } = request.data as MessageState;
    const { addr: base, len: length } = request.sqe;
    header.write({ pieces: [{ base, length }], nameLength: 0 });
    own.set(Msghdr.encode({ ...Msghdr.decode(own), msg_iov: header.vectors, msg_iovlen: 1 }));
    return RECVMSG_ONCE.run(request);
  },
};

/**
 * One of many messages: the buffer gets a struct io_uring_recvmsg_out, room for the name, room for control data, the bytes.
 * ENOBUFS; EFAULT: a buffer with less room than that. The result counts all of it.
 */
function receiveMessage(request: Request, state: MessageState): Received {
  const { wanted, nameRoom, controlRoom, header } = state;
  const { sqe, thread, fd } = request;
  const selection = selectBuffers(request, wanted, 1);
  const { base, length } = selection.pieces[0] as Iovec;
  const taken = IoUringRecvmsgOut.size + nameRoom + controlRoom;
  if (length < taken) fail(EFAULT, 'no room for the header');
  header.write({
    pieces: [{ base: base + taken, length: length - taken }],
    nameLength: nameRoom > 0 ? header.name.length : 0,
    control: controlRoom === 0 ? undefined : { base: base + taken - controlRoom, length: controlRoom },
  });
  const answer = RECVMSG.handler(thread, { fd, msg: header.address, flags: sqe.op_flags }) as number | Wait;
  if (isWait(answer)) return { result: answer, isLast: false };
  const { msg_namelen: namelen, msg_controllen: controllen, msg_flags: flags } = header.read();
  const out = IoUringRecvmsgOut.encode({ namelen, controllen, payloadlen: answer, flags });
  thread.user.write(base, out);
  thread.user.write(base + out.length, firstBytes(header.name, Math.min(namelen, nameRoom)));
  const result = taken + Math.min(answer, length - taken);
  request.resultFlags = commitBuffers(selection, result);
  state.wanted = 0;
  return { result, isLast: answer === 0 };
}

const READ_ONCE = asTransfer(READ_WRITE_CALLS[63], (sqe, { fd }) => ({ fd, buf: sqe.addr, count: sqe.len }));

const READ_MULTISHOT: Operation = {
  ...withBuffer(READ_ONCE, 'kept'),
  isShort: () => false,
  zero: ['addr', 'len'],
  prepare: (request) => {
    request.isMultishot = true;
    if (!selectsBuffer(request)) fail(EINVAL, 'many results need buffers of their own');
  },
  run: (request) => {
    const changed = request.file?.descriptor.changed ?? fail(EBADF, 'a file that is always ready');
    const isSubmitted = !request.hasWaited;
    let isFirst = true;
    const once = (): number | Wait => {
      // after one read the file is polled, and what it has is read behind all other entries (io_uring/rw.c, io_read_mshot)
      if (isSubmitted && !isFirst) {
        request.ring.retryLater(request);
        return wait(changed);
      }
      isFirst = false;
      return mustWait(request) ?? runWithBuffer(READ_ONCE, request, 'kept');
    };
    return repeat(request, once, (result) => result <= 0);
  },
};

/** No interface has queues that IORING_REGISTER_ZCRX_IFQ could take (io_uring/zcrx.c). */
const RECV_ZC: Operation = {
  syscall: RECVFROM,
  needsFile: true,
  usesPriority: true,
  prepare: () => fail(EINVAL, 'no queue of an interface is registered'),
  run: () => fail(EINVAL, 'no queue of an interface is registered'),
};

export const RECEIVE_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  RECV,
  RECVMSG: RECVMSG_OPERATION,
  READ_MULTISHOT,
  RECV_ZC,
};
