// Operations of an io_uring that send (io_uring/net.c): from memory of the program's, from provided buffers or bundles of them.
import type { OperationName } from '../abi/io-uring.ts';
import {
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  IORING_RECVSEND_BUNDLE,
  IORING_RECVSEND_FIXED_BUF,
  IORING_RECVSEND_POLL_FIRST,
  IORING_SEND_VECTORIZED,
  IORING_SEND_ZC_REPORT_USAGE,
} from '../abi/io-uring.ts';
import { MSG_NOSIGNAL, MSG_WAITALL, SOCKADDR_STORAGE_SIZE } from '../abi/socket.ts';
import { IOV_MAX } from '../abi/uio.ts';
import { EINVAL, EOPNOTSUPP, fail, isFailure } from '../errno.ts';
import { InetSocket } from '../net/inet/inet-socket.ts';
import { SocketDescriptor } from '../net/socket.ts';
import { MESSAGE_CALLS } from '../syscalls/socket-messages.ts';
import { ended, isWait, type Wait, wait } from '../wait.ts';
import type { Selection } from './buffers.ts';
import { demandRegistered, rowOf } from './file-operations.ts';
import { keepMessage, LARGEST_BUNDLE, lengthOf, MessageHeader } from './messages.ts';
import {
  asTransfer,
  demandPatience,
  demandSocket,
  isReadyFor,
  type Operation,
  ROOM_EVENTS,
  repeat,
  sendsLater,
} from './operation.ts';
import type { Request } from './request.ts';
import { commitBuffers, demandGroup, selectBuffers, selectsBuffer } from './with-buffer.ts';

const SENDTO = rowOf(MESSAGE_CALLS, 206);
const SENDMSG_CALL = rowOf(MESSAGE_CALLS, 211);
const NOTIF_USAGE_ZC_COPIED = 0x8000_0000 | 0;

/** EINVAL. */
function demandFlags({ sqe }: Request, more: number): void {
  if ((sqe.ioprio & ~(IORING_RECVSEND_POLL_FIRST | IORING_SEND_VECTORIZED | more)) !== 0)
    fail(EINVAL, 'unknown flags');
}

/** The destination shares fields with an offset and a slot. */
function destination({ sqe }: Request): { addr: number; addrlen: number } {
  const { off: addr, file_index } = sqe;
  return { addr, addrlen: addr === 0 ? 0 : file_index & 0xffff };
}

function waitsForAll({ op_flags, ioprio }: Request['sqe']): boolean {
  return (op_flags & MSG_WAITALL) !== 0 || (ioprio & IORING_RECVSEND_BUNDLE) !== 0;
}

const FROM_MEMORY = asTransfer(
  SENDTO,
  (sqe, request) => ({
    ...{ fd: request.fd, buf: sqe.addr, len: sqe.len, flags: sqe.op_flags | MSG_NOSIGNAL },
    ...destination(request),
  }),
  { waitsForAll },
);

/** What is sent is named by vectors: those of the entry, or buffers that were provided. */
const FROM_VECTORS = asTransfer(
  SENDMSG_CALL,
  (sqe, { fd, data }) => ({
    fd,
    msg: (data as MessageHeader).address,
    flags: sqe.op_flags | MSG_NOSIGNAL,
  }),
  { waitsForAll },
);

/** Room is waited for before anything else, if that was asked for. ENOTSOCK, EAGAIN. */
function firstWait(request: Request): Wait | undefined {
  demandSocket(request);
  demandPatience(request);
  const { file, sqe, happened } = request;
  if ((sqe.ioprio & IORING_RECVSEND_POLL_FIRST) === 0 || file === undefined || happened !== 0)
    return undefined;
  const { changed } = file.descriptor;
  return changed === undefined || isReadyFor(file, ROOM_EVENTS) ? undefined : wait(changed);
}

function prepareSend(request: Request): void {
  const { sqe, memory } = request;
  if (sqe.file_index >>> 16 !== 0) fail(EINVAL, 'padding that is not 0');
  const { addr, addrlen } = destination(request);
  if (addrlen > SOCKADDR_STORAGE_SIZE) fail(EINVAL, 'no such length of an address');
  const name = memory.keep(addr, addrlen);
  const isVectorized = (sqe.ioprio & IORING_SEND_VECTORIZED) !== 0;
  if (!isVectorized && !selectsBuffer(request)) return;
  const header = new MessageHeader(memory, isVectorized ? IOV_MAX : LARGEST_BUNDLE);
  header.name.set(name);
  if (!selectsBuffer(request)) {
    if (sqe.len > IOV_MAX) fail(EINVAL, 'more than 1024 vectors');
    const pieces = memory.readIovecs(sqe.addr, sqe.len);
    if (pieces.some(({ length }) => length >= 2 ** 63)) fail(EINVAL, 'a buffer length is negative');
    header.write({ pieces, nameLength: addrlen });
  }
  request.data = header;
}

const SEND: Operation = {
  ...FROM_MEMORY,
  usesPriority: true,
  beginsLater: sendsLater,
  selectsBuffer: true,
  prepare: (request) => {
    demandFlags(request, IORING_RECVSEND_BUNDLE);
    prepareSend(request);
  },
  run: (request) => {
    const first = firstWait(request);
    if (first !== undefined) return first;
    if ((request.sqe.ioprio & IORING_RECVSEND_BUNDLE) === 0) return sendOnce(request, 1).result;
    let isLast = false;
    let isFirst = true;
    const once = (): number | Wait => {
      // bundles after the first are not limited (io_mshot_prep_retry)
      const entry = request.sqe;
      if (!isFirst) request.sqe = { ...entry, len: 0 };
      isFirst = false;
      try {
        const sent = sendOnce(request, LARGEST_BUNDLE);
        isLast = sent.isLast;
        return sent.result;
      } finally {
        request.sqe = entry;
      }
    };
    return repeat(request, once, (result) => result <= 0 || isLast || request.hasWaited);
  },
  isShort: ({ op_flags, len }, result) => (op_flags & MSG_WAITALL) !== 0 && result < len,
};

/** From memory, or from up to `count` buffers, which leave their group whatever comes of it. ENOBUFS. */
function sendOnce(request: Request, count: number): { result: number | Wait; isLast: boolean } {
  const header = request.data as MessageHeader | undefined;
  if (header === undefined) return { result: FROM_MEMORY.run(request), isLast: false };
  if (!selectsBuffer(request)) return { result: FROM_VECTORS.run(request), isLast: false };
  const selection = request.begunBuffer ?? takeBuffers(request, count);
  request.begunBuffer = selection;
  header.write({ pieces: selection.pieces, nameLength: destination(request).addrlen });
  const result = runOrFail(request);
  if (!isWait(result)) request.resultFlags = commitBuffers(selection, result);
  return { result, isLast: selection.isLast };
}

function takeBuffers(request: Request, count: number): Selection {
  demandGroup(request);
  const selection = selectBuffers(request, request.sqe.len, count);
  const flags = selection.commit(lengthOf(selection.pieces));
  return { ...selection, commit: () => flags };
}

/** A negative errno is a result that has flags. */
function runOrFail(request: Request): number | Wait {
  try {
    return ended(FROM_VECTORS.run(request));
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return -failure.errno;
  }
}

const WHOLE_MESSAGE = asTransfer(
  SENDMSG_CALL,
  (sqe, { fd }) => ({ fd, msg: sqe.addr, flags: sqe.op_flags | MSG_NOSIGNAL }),
  { waitsForAll, isShort: () => false },
);

const SENDMSG: Operation = {
  ...WHOLE_MESSAGE,
  usesPriority: true,
  beginsLater: sendsLater,
  zero: ['off', 'file_index'],
  prepare: (request) => {
    demandFlags(request, 0);
    keepMessage(request, true);
  },
  run: (request) => firstWait(request) ?? WHOLE_MESSAGE.run(request),
};

/**
 * Copies as any other, and says so in a second completion: the memory is free again. Only internet sockets know it:
 * EOPNOTSUPP (SOCK_SUPPORT_ZC). The bytes can lie in a registered buffer: EFAULT.
 */
function withNotification(
  operation: Operation,
  flags: number,
  prepare: (request: Request) => void,
): Operation {
  return {
    ...operation,
    selectsBuffer: false,
    usesPriority: true,
    beginsLater: sendsLater,
    prepare: (request) => {
      demandFlags(request, IORING_SEND_ZC_REPORT_USAGE | flags);
      if (request.hidesSuccess) fail(EINVAL, 'the second completion cannot be hidden');
      prepare(request);
    },
    run: (request) => {
      const { file, sqe } = request;
      request.resultFlags = IORING_CQE_F_MORE;
      const descriptor = file?.descriptor;
      if (descriptor instanceof SocketDescriptor && !(descriptor.core instanceof InetSocket))
        fail(EOPNOTSUPP, 'the socket copies always');
      if ((sqe.ioprio & IORING_RECVSEND_FIXED_BUF) !== 0) demandRegistered(request);
      return operation.run(request);
    },
    ended: ({ ring, userData, sqe, resultFlags }) => {
      if (resultFlags === 0) return; // it was not begun
      const isReported = (sqe.ioprio & IORING_SEND_ZC_REPORT_USAGE) !== 0;
      ring.post(userData, isReported ? NOTIF_USAGE_ZC_COPIED : 0, IORING_CQE_F_NOTIF);
    },
  };
}

export const SEND_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  SEND,
  SENDMSG,
  SEND_ZC: withNotification(SEND, IORING_RECVSEND_FIXED_BUF, prepareSend),
  SENDMSG_ZC: withNotification(SENDMSG, 0, (request) => keepMessage(request, true)),
};
