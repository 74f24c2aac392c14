// Operations of an io_uring that wait for something to happen, and those that end them (io_uring/poll.c, timeout.c, cancel.c).
import { EPOLLONESHOT } from '../abi/epoll.ts';
import type { OperationName } from '../abi/io-uring.ts';
import { POLLERR, POLLHUP, POLLNVAL, POLLRDHUP } from '../abi/poll.ts';
import { Timespec, timespecToNs } from '../abi/time.ts';
import { EINVAL, ENOENT, ETIME, fail } from '../errno.ts';
import { POLL_CALLS } from '../syscalls/poll.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { WaitQueue, wait } from '../wait.ts';
import { cancelRequests, demandCancelEntry, pendingRequests } from './cancel.ts';
import type { CountingRequest } from './io-uring.ts';
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

const ROW = POLL_CALLS[73];
/** Nothing wakes it: timers and cancellations end those that wait here. */
const NEVER = new WaitQueue('its time');

/** IO_POLL_UNMASK. */
export const ALWAYS_POLLED = POLLERR | POLLHUP | POLLNVAL | POLLRDHUP;

const POLL_ADD: Operation = {
  syscall: ROW,
  needsFile: true,
  zero: ['buf_index', 'off', 'addr'],
  prepare: (request) => {
    const { sqe, hidesSuccess } = request;
    if ((sqe.len & ~IORING_POLL_ADD_MULTI) !== 0) fail(EINVAL, 'unknown flags');
    request.isMultishot = (sqe.len & IORING_POLL_ADD_MULTI) !== 0;
    if (request.isMultishot && hidesSuccess) fail(EINVAL, 'many results that nobody sees');
    request.events = sqe.op_flags | ALWAYS_POLLED;
    if ((sqe.op_flags & EPOLLONESHOT) !== 0) request.isMultishot = false;
  },
  run: (request) => {
    const { file, ring, happened, events, isMultishot } = request;
    if (file === undefined) throw new Error('a poll without a file');
    const { changed } = file.descriptor;
    if (isMultishot && !request.hasWaited && changed !== undefined) return wait(changed);
    const ready = (happened === 0 ? file.descriptor.poll(file) : happened) & events;
    const goesOn = isMultishot && (ready === 0 || ring.postMore(request, ready));
    if (ready !== 0 && !goesOn) return ready;
    return changed === undefined ? wait(NEVER) : wait(changed);
  },
  /** What is there already is told behind all entries of the submission (__io_poll_execute). */
  began: (request) => {
    const { file, events, isMultishot } = request;
    if (!isMultishot || file?.descriptor.changed === undefined) return;
    const ready = file.descriptor.poll(file) & events;
    if (ready !== 0) request.wake(file.descriptor.changed, ready);
  },
};

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
    const poll = pendingRequests(ring).find(
      ({ operation, userData }) => operation === POLL_ADD && userData === sqe.addrBits,
    );
    if (poll === undefined) fail(ENOENT, 'no such poll');
    if ((sqe.len & (IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA)) === 0) {
      poll.cancelLater();
      return 0;
    }
    if ((sqe.len & IORING_POLL_UPDATE_EVENTS) !== 0) {
      poll.events = sqe.op_flags | ALWAYS_POLLED;
      poll.isMultishot = (sqe.len & IORING_POLL_ADD_MULTI) !== 0;
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

/** It ends behind what the ring does now, and can no longer be removed. */
function expireBy(request: Request, result: number): void {
  const { counter } = request.data as TimeoutState;
  if (counter !== undefined) request.ring.counting.delete(counter);
  request.hasExpired = true;
  request.cancelLater(result);
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
  } else expireBy(request, -ETIME);
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
    const { sqe, ring, thread } = request;
    const { deadlineNs, rounds } = request.data as TimeoutState;
    if (rounds === 1 && deadlineNs <= thread.kernel.clock.monotonicNs()) {
      expire(request);
      return;
    }
    arm(request, () => expire(request));
    if (sqe.off === 0 || (sqe.op_flags & IORING_TIMEOUT_MULTISHOT) !== 0) return;
    const counter = { target: ring.completionCount + sqe.off, reached: () => expireBy(request, 0) };
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
  limitsPrevious: true,
  zero: ['buf_index', 'file_index', 'off'],
  prepare: (request) => {
    prepareTimeout(
      request,
      IORING_TIMEOUT_ABS |
        IORING_TIMEOUT_BOOTTIME |
        IORING_TIMEOUT_REALTIME |
        IORING_TIMEOUT_ETIME_SUCCESS |
        IORING_TIMEOUT_MULTISHOT,
    );
    if (request.limits === undefined) fail(EINVAL, 'nothing before it to limit');
  },
  run: (request) => {
    const { ring, limits, hasExpired } = request;
    if (!hasExpired || limits === undefined) return wait(NEVER);
    // whoever has that user data (io_req_task_link_timeout)
    const wish = { userData: limits.userData, fd: -1, flags: 0, opcode: 0 };
    return cancelRequests(ring, request, wish) || -ETIME;
  },
  began: (request) =>
    arm(request, () => {
      const { limits } = request;
      request.timer = undefined;
      request.hasExpired = true;
      request.isHidden = request.hidesSuccess;
      if (limits !== undefined) limits.next = request.next;
      request.next = undefined;
      request.ring.retryLater(request);
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

const ASYNC_CANCEL: Operation = {
  syscall: ROW,
  needsFile: false,
  zero: ['off', 'file_index'],
  prepare: ({ sqe }) => demandCancelEntry(sqe.op_flags),
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
