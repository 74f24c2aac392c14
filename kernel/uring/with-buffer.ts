// IOSQE_BUFFER_SELECT: an operation gets its memory from a group of provided buffers when it has something to put there.
import { IORING_CQE_BUFFER_SHIFT, IORING_CQE_F_BUFFER, IOSQE_BUFFER_SELECT } from '../abi/io-uring.ts';
import { ENOBUFS, fail } from '../errno.ts';
import { isWait, type Wait } from '../wait.ts';
import type { Operation } from './operation.ts';
import type { Request, Sqe } from './request.ts';

/** Does the end of the file use a buffer up? Reads do, receives do not. */
type AtEnd = 'consumed' | 'kept';

export function selectsBuffer({ sqe }: Request): boolean {
  return (sqe.flags & IOSQE_BUFFER_SELECT) !== 0;
}

/** One try with the next buffer of the group. ENOBUFS. */
export function runWithBuffer(operation: Operation, request: Request, atEnd: AtEnd): number | Wait {
  if (!selectsBuffer(request)) return operation.run(request);
  const { ring, thread, sqe } = request;
  const group = ring.groups.get(sqe.buf_index);
  const buffer = group?.first(thread) ?? fail(ENOBUFS, 'no buffer is provided');
  const len = sqe.len === 0 ? buffer.length : Math.min(sqe.len, buffer.length);
  const answer = withEntry(request, { ...sqe, addr: buffer.address, len, buf_index: 0 }, operation);
  request.resultFlags = 0;
  if (isWait(answer) || (answer === 0 && atEnd === 'kept')) return answer;
  group?.take();
  request.resultFlags = IORING_CQE_F_BUFFER | (buffer.id << IORING_CQE_BUFFER_SHIFT);
  return answer;
}

/** Runs the operation as if the entry were another. */
function withEntry(request: Request, sqe: Sqe, operation: Operation): number | Wait {
  const { sqe: own } = request;
  request.sqe = sqe;
  try {
    return operation.run(request);
  } finally {
    request.sqe = own;
  }
}

export function withBuffer(operation: Operation, atEnd: AtEnd): Operation {
  return {
    ...operation,
    selectsBuffer: true,
    run: (request) => runWithBuffer(operation, request, atEnd),
    isShort: (request, result) => !selectsBuffer(request) && operation.isShort?.(request, result) === true,
  };
}
