// What an operation of an io_uring is: how its entry is checked, and how it is tried.
// Most are system calls under another name: `asCall` makes them of the call's row and of how the entry gives its arguments.
import { IORING_RECVSEND_POLL_FIRST } from '../abi/io-uring.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } from '../abi/poll.ts';
import { MSG_DONTWAIT } from '../abi/socket.ts';
import { EAGAIN, EINVAL, ENOTSOCK, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { SocketDescriptor } from '../net/socket.ts';
import type { Syscall } from '../syscalls/syscall.ts';
import { isWait, type Wait } from '../wait.ts';
import type { Request, Sqe } from './request.ts';

export const DATA_EVENTS = POLLIN;
export const ROOM_EVENTS = POLLOUT;

export interface Operation {
  /** The row that it is like, for reports. */
  readonly syscall: Syscall;
  /** `fd` names what it acts upon: EBADF. */
  readonly needsFile: boolean;
  /** It can take a provided buffer (IOSQE_BUFFER_SELECT). */
  readonly selectsBuffer?: boolean;
  /** Of several that wait for a file one is woken. */
  readonly pollsAlone?: boolean;
  /** `ioprio` has a meaning. */
  readonly usesPriority?: boolean;
  /** Fields that must be 0. */
  readonly zero?: readonly (keyof Sqe)[];
  /** Looks at the entry when it is submitted. Throws what the result is to be. */
  prepare?(request: Request): void;
  run(request: Request): number | Wait;
  /** It begins behind all entries of its submission, as what was polled for first and found ready does (IORING_RECVSEND_POLL_FIRST). */
  beginsLater?(request: Request): boolean;
  /** Its failures are completed behind them (kiocb_done). */
  readonly failsLater?: boolean;
  /** It waits now; it is over. */
  began?(request: Request): void;
  ended?(request: Request): void;
  /** Completions of timeouts are not counted by other timeouts. */
  readonly isTimeout?: boolean;
  /** IORING_OP_LINK_TIMEOUT: it limits the request before it in the chain. */
  readonly limitsPrevious?: boolean;
  /** False for a negative result that breaks no chain. */
  isFailure?(request: Request, result: number): boolean;
  /** Cancellations of it answer how many they ended, also those of one (io_uring/cancel.c, io_cancel_remove). */
  readonly isCounted?: boolean;
  /** A result that breaks a chain though it is no error: fewer bytes than asked for. */
  isShort?(entry: Sqe, result: number): boolean;
}

type Arguments = (sqe: Sqe, request: Request) => Record<string, number>;

/** An operation that is a system call. */
export function asCall(
  syscall: Syscall,
  needsFile: boolean,
  args: Arguments,
  more: Partial<Operation> = {},
): Operation {
  return {
    syscall,
    needsFile,
    run: (request) => syscall.handler(request.thread, args(request.sqe, request)),
    ...more,
  };
}

/** The same where a call would go on until all is written: here what could be written at once is the result. */
export function asTransfer(
  syscall: Syscall,
  args: Arguments,
  more: Partial<Operation> & { readonly waitsForAll?: (sqe: Sqe) => boolean } = {},
): Operation {
  return asCall(syscall, true, args, {
    run: (request) => {
      const answer = syscall.handler(request.thread, args(request.sqe, request));
      const { progress } = request.call;
      const goesOn = progress === 0 || more.waitsForAll?.(request.sqe) === true;
      return isWait(answer) && !goesOn ? progress : answer;
    },
    isShort: ({ len }, result) => result < len,
    ...more,
  });
}

/** EINVAL unless the fields are 0. */
export function demandZero(sqe: Sqe, fields: readonly (keyof Sqe)[]): void {
  for (const field of fields) if (Number(sqe[field]) !== 0) fail(EINVAL, `${field} has no meaning here`);
}

/** Tries again and again, each time with a result of its own, until it has to wait, has failed, or `isLast` says so. */
export function repeat(
  request: Request,
  run: () => number | Wait,
  isLast: (result: number) => boolean,
): number | Wait {
  for (;;) {
    const answer = run();
    if (isWait(answer) || isLast(answer) || !request.ring.postMore(request, answer)) return answer;
    startAnew(request);
  }
}

/** After a result that is not the last. */
export function startAnew(request: Request): void {
  const { call } = request;
  call.progress = 0;
  call.data = undefined;
  request.begunBuffer = undefined;
  request.resultFlags = 0;
}

/** ENOTSOCK, which comes before what is wrong with buffers. */
export function demandSocket({ file }: Request): void {
  if (!(file?.descriptor instanceof SocketDescriptor)) fail(ENOTSOCK, 'not a socket');
}

/** Of a send: its socket was polled first, and has room. */
export function sendsLater(request: Request): boolean {
  return request.namedFile?.descriptor instanceof SocketDescriptor && isFoundReady(request, ROOM_EVENTS);
}

/** The same of a receive. */
export function socketReceivesLater(request: Request): boolean {
  return request.namedFile?.descriptor instanceof SocketDescriptor && receivesLater(request);
}

/** The same where the file is not asked first whether it is a socket. */
export function receivesLater(request: Request): boolean {
  return isFoundReady(request, DATA_EVENTS);
}

/** IORING_RECVSEND_POLL_FIRST: sends and receives begin when the file is known to be ready. */
function isFoundReady({ sqe, namedFile }: Request, events: number): boolean {
  const pollsFirst = (sqe.ioprio & IORING_RECVSEND_POLL_FIRST) !== 0 && (sqe.op_flags & MSG_DONTWAIT) === 0;
  return pollsFirst && namedFile !== undefined && isReadyFor(namedFile, events);
}

/** Has one of the events happened, or an error or end? Files that cannot be polled are always ready. */
export function isReadyFor(file: OpenFile, events: number): boolean {
  return (
    file.descriptor.changed === undefined ||
    (file.descriptor.poll(file) & (events | POLLPRI | POLLERR | POLLHUP)) !== 0
  );
}

/** EAGAIN: it is to wait first, and not to wait. */
export function demandPatience({ sqe }: Request): void {
  if ((sqe.ioprio & IORING_RECVSEND_POLL_FIRST) !== 0 && (sqe.op_flags & MSG_DONTWAIT) !== 0)
    fail(EAGAIN, 'the first look is not taken');
}
