// Operations of an io_uring that wait for something to happen, and those that end them (io_uring/poll.c, timeout.c, cancel.c).
import type { OperationName } from '../abi/io-uring.ts';
import { POLLERR, POLLHUP, POLLNVAL, POLLRDHUP } from '../abi/poll.ts';
import { Timespec, timespecToNs } from '../abi/time.ts';
import { EALREADY, EBADF, EINVAL, ENOENT, ETIME, fail } from '../errno.ts';
import { POLL_CALLS } from '../syscalls/poll.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { WaitQueue, wait } from '../wait.ts';
import type { CountingRequest, IoUring } from './io-uring.ts';
import type { Operation } from './operation.ts';
import type { Request } from './request.ts';

const IORING_POLL_ADD_MULTI = 1;
const IORING_POLL_UPDATE_EVENTS = 2;
const IORING_POLL_UPDATE_USER_DATA = 4;

const IORING_TIMEOUT_ABS = 1;
const IORING_TIMEOUT_UPDATE = 2;
const IORING_TIMEOUT_BOOTTIME = 4;
const IORING_TIMEOUT_REALTIME = 8;
const IORING_LINK_TIMEOUT_UPDATE = 16;
const IORING_TIMEOUT_ETIME_SUCCESS = 32;
const IORING_TIMEOUT_MULTISHOT = 64;

const IORING_ASYNC_CANCEL_ALL = 1;
const IORING_ASYNC_CANCEL_FD = 2;
const IORING_ASYNC_CANCEL_ANY = 4;
const IORING_ASYNC_CANCEL_FD_FIXED = 8;
const IORING_ASYNC_CANCEL_USERDATA = 16;
const IORING_ASYNC_CANCEL_OP = 32;

const ROW = POLL_CALLS[73];
/** Nothing wakes it: timers and cancellations end those that wait here. */
const NEVER = new WaitQueue('its time');

/** IO_POLL_UNMASK. */
const ALWAYS_POLLED = POLLERR | POLLHUP | POLLNVAL | POLLRDHUP;

/** What a poll waits for; POLL_REMOVE can change it. */
interface PollState {
  events: number;
  isMultishot: boolean;
}

const POLL_ADD: Operation = {
  syscall: ROW,
  needsFile: true,
  zero: ['buf_index', 'off', 'addr'],
  beginsLater: ({ sqe }) => (sqe.len & IORING_POLL_ADD_MULTI) !== 0,
  prepare: (request) => {
    const { sqe, hidesSuccess } = request;
    if ((sqe.len & ~IORING_POLL_ADD_MULTI) !== 0) fail(EINVAL, 'unknown flags');
    const isMultishot = (sqe.len & IORING_POLL_ADD_MULTI) !== 0;
    if (isMultishot && hidesSuccess) fail(EINVAL, 'many results that nobody sees');
    const state: PollState = { events: sqe.op_flags | ALWAYS_POLLED, isMultishot };
    request.data = state;
  },
  run: (request) => {
    const { file, ring } = request;
    const state = request.data as PollState;
    if (file === undefined) throw new Error('a poll without a file');
    const { changed } = file.descriptor;
    const ready = file.descriptor.poll(file) & state.events;
    const goesOn = state.isMultishot && (ready === 0 || ring.postMore(request, ready));
    if (ready !== 0 && !goesOn) return ready;
    return changed === undefined ? wait(NEVER) : wait(changed);
  },
};

/** Pending requests with this user data, the oldest first. */
function find(ring: IoUring, userData: bigint, isRight: (request: Request) => boolean): Request | undefined {
  for (const request of ring.requests)
    if (request.userData === userData && request.isPending && isRight(request)) return request;
  return undefined;
}

const POLL_REMOVE: Operation = {
  syscall: ROW,
  needsFile: false,
  zero: ['buf_index', 'file_index'],
  prepare: ({ sqe }) => {
    const known = IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA | IORING_POLL_ADD_MULTI;
    if ((sqe.len & ~known) !== 0 || sqe.len === IORING_POLL_ADD_MULTI) fail(EINVAL, 'unknown flags');
    if ((sqe.len & IORING_POLL_UPDATE_USER_DATA) === 0 && sqe.off !== 0)
      fail(EINVAL, 'user data, not to be set');
    if ((sqe.len & IORING_POLL_UPDATE_EVENTS) === 0 && sqe.op_flags !== 0)
      fail(EINVAL, 'events, not to be set');
  },
  run: ({ ring, sqe }) => {
    const poll = find(ring, sqe.addrBits, ({ operation }) => operation === POLL_ADD);
    if (poll === undefined) fail(ENOENT, 'no such poll');
    if ((sqe.len & (IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA)) === 0) {
      poll.cancelLater();
      return 0;
    }
    const state = poll.data as PollState;
    if ((sqe.len & IORING_POLL_UPDATE_EVENTS) !== 0) {
      state.events = sqe.op_flags | ALWAYS_POLLED;
      state.isMultishot = (sqe.len & IORING_POLL_ADD_MULTI) !== 0;
    }
    if ((sqe.len & IORING_POLL_UPDATE_USER_DATA) !== 0) poll.userData = sqe.offBits;
    poll.wakeAnew();
    return 0;
  },
};

interface TimeoutState {
  deadlineNs: number;
  readonly periodNs: number;
  /** Repetitions left; Infinity without an end. */
  rounds: number;
  counter: CountingRequest | undefined;
}

/** The time that a timeout's entry gives, monotonic. EFAULT, EINVAL. */
function readDeadline(
  request: Request,
  address: number,
  flags: number,
): { deadlineNs: number; spanNs: number } {
  const { thread } = request;
  const { clock } = thread.kernel;
  const value = thread.user.readStruct(address, Timespec);
  if (value.sec < 0 || value.nsec < 0) fail(EINVAL, 'a negative time'); // more than a second of nanoseconds will do
  const spanNs = timespecToNs(value);
  if ((flags & IORING_TIMEOUT_ABS) === 0) return { deadlineNs: clock.monotonicNs() + spanNs, spanNs };
  return { deadlineNs: absoluteDeadline(clock, value, (flags & IORING_TIMEOUT_REALTIME) !== 0), spanNs };
}

function prepareTimeout(request: Request, known: number): void {
  const { sqe } = request;
  const flags = sqe.op_flags;
  if (sqe.len !== 1 || (flags & ~known) !== 0) fail(EINVAL, 'one timespec, and no unknown flags');
  const clocks = flags & (IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME);
  if (clocks === (IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME)) fail(EINVAL, 'two clocks');
  const isMultishot = (flags & IORING_TIMEOUT_MULTISHOT) !== 0;
  if (isMultishot && (flags & IORING_TIMEOUT_ABS) !== 0) fail(EINVAL, 'many times, of which one is given');
  const { deadlineNs, spanNs } = readDeadline(request, sqe.addr, flags);
  const state: TimeoutState = {
    deadlineNs,
    periodNs: spanNs,
    rounds: !isMultishot ? 1 : sqe.off === 0 ? Number.POSITIVE_INFINITY : sqe.off,
    counter: undefined,
  };
  request.data = state;
}

function arm(request: Request, fire: () => void): void {
  const { timers } = request.thread.kernel;
  if (request.timer !== undefined) timers.cancel(request.timer);
  request.timer = timers.at((request.data as TimeoutState).deadlineNs, fire);
}

/** A timeout's time has come. */
function expire(request: Request): void {
  const state = request.data as TimeoutState;
  const { ring } = request;
  request.timer = undefined;
  state.rounds--;
  if (state.rounds > 0 && ring.postMore(request, -ETIME)) {
    state.deadlineNs += Math.max(state.periodNs, 1);
    arm(request, () => expire(request));
  } else ring.complete(request, -ETIME);
}

const TIMEOUT: Operation = {
  syscall: ROW,
  needsFile: false,
  isTimeout: true,
  zero: ['buf_index', 'file_index'],
  prepare: (request) =>
    prepareTimeout(
      request,
      IORING_TIMEOUT_ABS |
        IORING_TIMEOUT_BOOTTIME |
        IORING_TIMEOUT_REALTIME |
        IORING_TIMEOUT_ETIME_SUCCESS |
        IORING_TIMEOUT_MULTISHOT,
    ),
  run: () => wait(NEVER),
  began: (request) => {
    const { sqe, ring } = request;
    arm(request, () => expire(request));
    if (sqe.off === 0 || (sqe.op_flags & IORING_TIMEOUT_MULTISHOT) !== 0) return;
    const counter = { target: ring.completionCount + sqe.off, reached: () => ring.complete(request, 0) };
    (request.data as TimeoutState).counter = counter;
    ring.counting.add(counter);
  },
  ended: ({ ring, data }) => {
    const counter = (data as TimeoutState | undefined)?.counter;
    if (counter !== undefined) ring.counting.delete(counter);
  },
  isFailure: ({ sqe }, result) => result !== -ETIME || (sqe.op_flags & IORING_TIMEOUT_ETIME_SUCCESS) === 0,
};

/** It is armed when the request before it waits, and ends with that; its own place in the chain is never reached. */
const LINK_TIMEOUT: Operation = {
  syscall: ROW,
  needsFile: false,
  isTimeout: true,
  limitsPrevious: true,
  zero: ['buf_index', 'file_index', 'off'],
  prepare: (request) => {
    if (request.limits === undefined) fail(EINVAL, 'nothing before it to limit');
    prepareTimeout(
      request,
      IORING_TIMEOUT_ABS | IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME | IORING_TIMEOUT_ETIME_SUCCESS,
    );
  },
  run: () => wait(NEVER),
  began: (request) =>
    arm(request, () => {
      request.timer = undefined;
      request.hasExpired = true;
      request.limits?.cancel();
    }),
};

const TIMEOUT_REMOVE: Operation = {
  syscall: ROW,
  needsFile: false,
  zero: ['buf_index', 'len', 'file_index'],
  prepare: (request) => {
    const { sqe } = request;
    const flags = sqe.op_flags;
    const updates = (flags & (IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE)) !== 0;
    const known = IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE | IORING_TIMEOUT_ABS;
    const clocks = IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME;
    if (!updates && flags !== 0) fail(EINVAL, 'flags of an update');
    if ((flags & ~(known | clocks)) !== 0) fail(EINVAL, 'unknown flags');
    if (updates) request.data = readDeadline(request, sqe.off, flags);
  },
  run: (request) => {
    const { ring, sqe } = request;
    const wanted = (sqe.op_flags & IORING_LINK_TIMEOUT_UPDATE) === 0 ? TIMEOUT : LINK_TIMEOUT;
    const isArmed = (one: Request): boolean => one.operation === wanted && one.timer !== undefined;
    const target = [...ring.requests].find((one) => one.userData === sqe.addrBits && isArmed(one));
    if (target === undefined) fail(ENOENT, 'no such timeout');
    if (request.data === undefined) {
      target.cancelLater();
      return 0;
    }
    const { timer } = target;
    (target.data as TimeoutState).deadlineNs = (request.data as { deadlineNs: number }).deadlineNs;
    if (timer?.fire !== undefined) arm(target, timer.fire);
    return 0;
  },
};

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

/** EINVAL for flags that are unknown or exclude each other. */
export function demandCancelFlags(flags: number): void {
  if ((flags & ~CANCEL_FLAGS) !== 0) fail(EINVAL, 'unknown flags');
  const narrowing = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP;
  if ((flags & IORING_ASYNC_CANCEL_ANY) !== 0 && (flags & narrowing) !== 0) fail(EINVAL, 'any, of a kind');
}

/** Ends requests; 0, or how many they were when more than one was meant. ENOENT, EALREADY, EBADF. */
export function cancelRequests(ring: IoUring, self: Request | undefined, wish: CancelWish): number {
  const { flags, fd } = wish;
  const isNamed =
    (flags & (IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_OP)) === 0 ||
    (flags & IORING_ASYNC_CANCEL_USERDATA) !== 0;
  const isMany = (flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY)) !== 0;
  const byFile = (flags & IORING_ASYNC_CANCEL_FD) !== 0;
  const isFixed = (flags & IORING_ASYNC_CANCEL_FD_FIXED) !== 0;
  const thread = self?.thread ?? ring.kernel.running;
  const file = !byFile ? undefined : isFixed ? ring.files.get(fd) : thread?.files.lookup(fd);
  if (byFile && file === undefined) fail(EBADF, 'no such file');
  let count = 0;
  for (const request of [...ring.requests]) {
    if (request === self || !request.isPending) continue;
    if (isNamed && request.userData !== wish.userData) continue;
    if (file !== undefined && request.file !== file) continue;
    if ((flags & IORING_ASYNC_CANCEL_OP) !== 0 && request.sqe.opcode !== wish.opcode) continue;
    if (self === undefined) request.cancel();
    else request.cancelLater();
    count++;
    if (!isMany) return request.operation.isCounted === true ? 1 : 0;
  }
  if (isMany) return count;
  const isBusy = [...ring.requests].some(
    (one) => one !== self && one.userData === wish.userData && one.state === 'running',
  );
  return fail(isBusy ? EALREADY : ENOENT, 'no such request');
}

const ASYNC_CANCEL: Operation = {
  syscall: ROW,
  needsFile: false,
  zero: ['off', 'file_index'],
  prepare: ({ sqe }) => demandCancelFlags(sqe.op_flags),
  run: (request) => {
    const { ring, sqe } = request;
    const wish = { userData: sqe.addrBits, fd: sqe.fd, flags: sqe.op_flags, opcode: sqe.len };
    return cancelRequests(ring, request, wish);
  },
};

export const WAITING_OPERATIONS: Partial<Record<OperationName, Operation>> = {
  POLL_ADD,
  POLL_REMOVE,
  TIMEOUT,
  TIMEOUT_REMOVE,
  LINK_TIMEOUT,
  ASYNC_CANCEL,
};
