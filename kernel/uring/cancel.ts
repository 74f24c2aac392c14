// Which requests of an io_uring a cancellation ends, and in which order (io_uring/cancel.c, poll.c).
// Called for IORING_OP_ASYNC_CANCEL, IORING_REGISTER_SYNC_CANCEL and IORING_OP_POLL_REMOVE.
import { EALREADY, EBADF, EINVAL, ENOENT, fail } from '../errno.ts';
import type { IoUring } from './io-uring.ts';
import type { Request } from './request.ts';

const IORING_ASYNC_CANCEL_ALL = 1;
const IORING_ASYNC_CANCEL_FD = 2;
const IORING_ASYNC_CANCEL_ANY = 4;
const IORING_ASYNC_CANCEL_FD_FIXED = 8;
const IORING_ASYNC_CANCEL_USERDATA = 16;
const IORING_ASYNC_CANCEL_OP = 32;

/** include/linux/hash.h, hash_64. */
const GOLDEN_RATIO_64 = 0x61c8_8646_80b5_83ebn;

/** What requests a cancellation means. */
export interface CancelWish {
  readonly userData: bigint;
  readonly fd: number;
  readonly flags: number;
  readonly opcode: number;
}

const CANCEL_FLAGS =
  IORING_ASYNC_CANCEL_ALL |
  IORING_ASYNC_CANCEL_FD |
  IORING_ASYNC_CANCEL_ANY |
  IORING_ASYNC_CANCEL_FD_FIXED |
  IORING_ASYNC_CANCEL_USERDATA |
  IORING_ASYNC_CANCEL_OP;

/** EINVAL for flags that are unknown. */
export function demandCancelFlags(flags: number): void {
  if ((flags & ~CANCEL_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
}

/** EINVAL also for flags that exclude each other, which only entries are asked about (io_async_cancel_prep). */
export function demandCancelEntry(flags: number): void {
  demandCancelFlags(flags);
  const narrowing = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP;
  if ((flags & IORING_ASYNC_CANCEL_ANY) !== 0 && (flags & narrowing) !== 0) fail(EINVAL, 'any, of a kind');
}

function isPending(request: Request): boolean {
  return request.isPending;
}

/** A cancellation finds what polls its file until it is over: also what another one is about to end (io_poll_cancel). */
function isFound(request: Request): boolean {
  return request.isPending || request.isCancelledPoll;
}

/** Those that can be cancelled: what polls its file, the newest first in each chain of a hash of user data; then the others. */
export function pendingRequests(ring: IoUring, isMeant = isPending): readonly Request[] {
  const pending = [...ring.requests].filter(isMeant);
  const bits = Math.min(Math.max(Math.log2(ring.shape.cqEntries) - 5, 1), 8);
  const chainOf = ({ userData }: Request): number =>
    Number(BigInt.asUintN(64, userData * GOLDEN_RATIO_64) >> BigInt(64 - bits));
  const polling = pending.filter(({ isPolling }) => isPolling);
  polling.sort((one, other) => chainOf(one) - chainOf(other) || other.armedAt - one.armedAt);
  return [...polling, ...pending.filter(({ isPolling }) => !isPolling)];
}

/** Ends requests; 0, or how many they were when more than one was meant. ENOENT, EALREADY, EBADF. */
export function cancelRequests(ring: IoUring, self: Request | undefined, wish: CancelWish): number {
  const { flags, fd } = wish;
  const isAny = (flags & IORING_ASYNC_CANCEL_ANY) !== 0;
  const isNamed =
    (flags & (IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP)) === 0 ||
    (flags & IORING_ASYNC_CANCEL_USERDATA) !== 0;
  const isMany = (flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY)) !== 0;
  const byFile = (flags & IORING_ASYNC_CANCEL_FD) !== 0;
  const isFixed = (flags & IORING_ASYNC_CANCEL_FD_FIXED) !== 0;
  const thread = self?.thread ?? ring.kernel.running;
  const file = !byFile ? undefined : isFixed ? ring.files.get(fd) : thread?.files.lookup(fd);
  if (byFile && file === undefined) fail(EBADF, 'no such file');
  // io_cancel_req_match
  const isMeant = (request: Request): boolean =>
    request !== self &&
    (isAny ||
      ((!isNamed || request.userData === wish.userData) &&
        (file === undefined || request.file === file) &&
        ((flags & IORING_ASYNC_CANCEL_OP) === 0 || request.sqe.opcode === wish.opcode)));
  let count = 0;
  for (const request of pendingRequests(ring, isFound)) {
    if (!isFound(request) || !isMeant(request)) continue;
    if (self === undefined) request.cancel();
    else request.cancelLater();
    count++;
    if (!isMany) return request.operation.isCounted === true ? 1 : 0;
  }
  if (isMany) return count;
  const isBusy = [...ring.requests].some((one) => one.state === 'running' && isMeant(one));
  return fail(isBusy ? EALREADY : ENOENT, 'no such request');
}
