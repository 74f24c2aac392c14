// From an entry of an io_uring to a request (io_uring/io_uring.c, io_init_req): which operation it is, and whether it can be.
// What is wrong with it is kept in the request, whose completion tells.
import {
  IORING_OPS,
  IOSQE_BUFFER_SELECT,
  IOSQE_CQE_SKIP_SUCCESS,
  IOSQE_IO_DRAIN,
  type OperationName,
} from '../abi/io-uring.ts';
import { POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from '../abi/poll.ts';
import { EACCES, EINVAL, EOPNOTSUPP, fail, isFailure } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import { COMMAND_OPERATIONS } from './command-operations.ts';
import { FILE_OPERATIONS } from './file-operations.ts';
import type { IoUring } from './io-uring.ts';
import { NET_OPERATIONS } from './net-operations.ts';
import { demandZero, type Operation } from './operation.ts';
import { PROCESS_OPERATIONS } from './process-operations.ts';
import { Request, type Sqe } from './request.ts';
import { RESOURCE_OPERATIONS } from './resource-operations.ts';
import { ALWAYS_POLLED, WAITING_OPERATIONS } from './waiting-operations.ts';

const KNOWN = {
  ...FILE_OPERATIONS,
  ...NET_OPERATIONS,
  ...COMMAND_OPERATIONS,
  ...WAITING_OPERATIONS,
  ...PROCESS_OPERATIONS,
  ...RESOURCE_OPERATIONS,
};

/** By number; undefined is what this kernel does not have. */
export const OPERATIONS: readonly (Operation | undefined)[] = IORING_OPS.map((name) => KNOWN[name]);

const READ_EVENTS = POLLIN | POLLRDNORM | POLLPRI | ALWAYS_POLLED;
const WRITE_EVENTS = POLLOUT | POLLWRNORM | POLLPRI | ALWAYS_POLLED;
const READERS = [
  ...(['READ', 'READV', 'READ_FIXED', 'READ_MULTISHOT', 'RECV', 'RECVMSG'] as const),
  ...(['READV_FIXED', 'ACCEPT', 'EPOLL_WAIT'] as const),
];
const WRITERS = [
  ...(['WRITE', 'WRITEV', 'WRITE_FIXED', 'WRITEV_FIXED', 'CONNECT'] as const),
  ...(['SEND', 'SENDMSG', 'SEND_ZC', 'SENDMSG_ZC'] as const),
];
/** What files are polled for (io_uring/opdef.c, pollin and pollout). */
const EVENTS: ReadonlyMap<OperationName | undefined, number> = new Map([
  ...READERS.map((name) => [name, READ_EVENTS] as const),
  ...WRITERS.map((name) => [name, WRITE_EVENTS] as const),
]);

/** Calls that workers make, and whose errors break no chain (io_uring/sync.c, fs.c, xattr.c …). */
const FORGIVEN = [
  ...(['FSYNC', 'SYNC_FILE_RANGE', 'FALLOCATE', 'STATX', 'MADVISE', 'SHUTDOWN', 'FTRUNCATE'] as const),
  ...(['RENAMEAT', 'UNLINKAT', 'MKDIRAT', 'SYMLINKAT', 'LINKAT'] as const),
  ...(['FSETXATTR', 'SETXATTR', 'FGETXATTR', 'GETXATTR'] as const),
];
const FORGIVEN_OPERATIONS: ReadonlySet<OperationName | undefined> = new Set(FORGIVEN);
/** What workers always do (REQ_F_FORCE_ASYNC). */
const BY_WORKERS: ReadonlySet<OperationName | undefined> = new Set([...FORGIVEN, 'SPLICE', 'TEE']);

const ALL_FLAGS = 0x7f;
const NOP = OPERATIONS[0] as Operation;

export function prepareRequest(
  ring: IoUring,
  thread: Thread,
  sqe: Sqe,
  previous: Request | undefined,
): Request {
  const operation = OPERATIONS[sqe.opcode];
  const request = new Request(ring, thread, sqe, operation ?? NOP);
  const name = IORING_OPS[sqe.opcode];
  request.isByWorker ||= BY_WORKERS.has(name);
  request.isForgiven = FORGIVEN_OPERATIONS.has(name);
  request.events = EVENTS.get(name) ?? 0;
  if (operation?.limitsPrevious === true && previous?.operation.limitsPrevious !== true)
    request.limits = previous;
  try {
    if (operation === undefined) fail(EINVAL, 'no such operation');
    demandFlags(ring, operation, sqe);
    if (sqe.personality !== 0)
      request.personality = ring.personalities.get(sqe.personality) ?? fail(EINVAL, 'no such personality');
    if (operation.zero !== undefined) demandZero(sqe, operation.zero);
    operation.prepare?.(request);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    request.failure = thrown.errno;
    request.limits = undefined;
  }
  return request;
}

function demandFlags(ring: IoUring, operation: Operation, { opcode, flags, ioprio }: Sqe): void {
  if ((flags & ~ALL_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  if ((flags & IOSQE_BUFFER_SELECT) !== 0 && operation.selectsBuffer !== true)
    fail(EOPNOTSUPP, 'the operation takes no provided buffers');
  if ((flags & IOSQE_CQE_SKIP_SUCCESS) !== 0) ring.cannotDrain = true;
  if ((flags & IOSQE_IO_DRAIN) !== 0 && ring.cannotDrain)
    fail(EOPNOTSUPP, 'there are entries without completions');
  const { restrictions } = ring;
  if (restrictions !== undefined) {
    const { operations, allowedFlags, requiredFlags } = restrictions;
    if (!operations.has(opcode)) fail(EACCES, 'an operation that is not allowed');
    if ((flags & requiredFlags) !== requiredFlags || (flags & ~(allowedFlags | requiredFlags)) !== 0)
      fail(EACCES, 'flags that are not allowed');
  }
  if (ioprio !== 0 && operation.usesPriority !== true) fail(EINVAL, 'no flags of its own');
}
