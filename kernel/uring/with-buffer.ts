// IOSQE_BUFFER_SELECT: an operation gets its memory from a group of provided buffers when it has something to put there.
import { IORING_CQE_BUFFER_SHIFT, IORING_CQE_F_BUFFER, IOSQE_BUFFER_SELECT } from '../abi/io-uring.ts';
import { ENOBUFS, ENOENT, fail } from '../errno.ts';
import { isWait, type Wait } from '../wait.ts';
import type { Selection } from './buffers.ts';
import type { Operation } from './operation.ts';
import type { Request, Sqe } from './request.ts';

/** Does the end of the file use a buffer up? Reads do, receives do not. */
type AtEnd = 'consumed' | 'kept';

export function selectsBuffer({ sqe }: Request): boolean {
  return (sqe.flags & IOSQE_BUFFER_SELECT) !== 0;
}

/** ENOENT: sends and bundles look for the group first (io_buffers_select, io_buffers_peek). */
export function demandGroup({ ring, sqe }: Request): void {
  if (!ring.groups.has(sqe.buf_index)) fail(ENOENT, 'no such group of buffers');
}

/** Up to `count` buffers of the entry's group for `most` bytes (0: what they hold). ENOBUFS. */
export function selectBuffers({ ring, sqe }: Request, most: number, count: number): Selection {
  return ring.groups.get(sqe.buf_index)?.select(most, count) ?? fail(ENOBUFS, 'no buffer is provided');
}

/** The completion's flags for buffers that `bytes` were moved through; they leave their group. */
export function commitBuffers({ id, commit }: Selection, bytes: number): number {
  return IORING_CQE_F_BUFFER | (id << IORING_CQE_BUFFER_SHIFT) | commit(bytes);
}

/** A read that fails tells of its buffer; one of a list is lost with it (io_req_defer_failed). */
function lostBuffer({ id, drop }: Selection): number {
  drop();
  return IORING_CQE_F_BUFFER | (id << IORING_CQE_BUFFER_SHIFT);
}

/** One try with the next buffer of the group, of which `most` bytes count. ENOBUFS. */
export function runWithBuffer(
  operation: Operation,
  request: Request,
  atEnd: AtEnd,
  most = request.sqe.len,
): number | Wait {
  if (!selectsBuffer(request)) return operation.run(request);
  request.resultFlags = 0;
  // what has begun to fill goes on being filled: it has left its group
  const begun = request.begunBuffer;
  const selection = begun ?? selectBuffers(request, most, 1);
  const [piece] = selection.pieces;
  if (piece === undefined) throw new Error('a selection of no buffers');
  const entry = { ...request.sqe, addr: piece.base, len: piece.length, buf_index: 0 };
  request.wanted = entry;
  const answer = withEntry(request, entry, operation, () => {
    const { changed } = request.file?.descriptor ?? {};
    // files that can be polled give a ring's buffer back (io_should_commit)
    if (atEnd === 'consumed' && (selection.isOfList || changed === undefined))
      request.resultFlags = lostBuffer(selection);
  });
  if (isWait(answer)) {
    const isHeld = atEnd === 'consumed' && selection.isOfList; // reads keep such a buffer while they wait
    if (begun === undefined && (isHeld || request.call.progress > 0)) {
      request.begunBuffer = { ...selection, commit: () => 0, drop: () => {} };
      if (isHeld) selection.drop();
      else selection.commit(request.call.progress);
    }
    if (isHeld) request.resultFlags = lostBuffer(request.begunBuffer ?? selection);
    return answer;
  }
  if (answer !== 0 || atEnd === 'consumed' || begun !== undefined)
    request.resultFlags = commitBuffers(selection, answer);
  return answer;
}

/** Runs the operation as if the entry were another. */
function withEntry(request: Request, sqe: Sqe, operation: Operation, failed: () => void): number | Wait {
  const { sqe: own } = request;
  request.sqe = sqe;
  try {
    return operation.run(request);
  } catch (failure) {
    failed();
    throw failure;
  } finally {
    request.sqe = own;
  }
}

export function withBuffer(operation: Operation, atEnd: AtEnd): Operation {
  return {
    ...operation,
    selectsBuffer: true,
    run: (request) => runWithBuffer(operation, request, atEnd),
  };
}
