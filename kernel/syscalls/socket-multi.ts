// sendmmsg and recvmmsg: several messages in one call (net/socket.c, __sys_sendmmsg, do_recvmmsg).
// Each message is tried as a call of its own; what is done so far and the inner call's state stay in `call.data`.
// An error after the first message ends the call with the count; recvmmsg leaves it for the next call to report.

import { Fd, U32 } from '../abi/kinds/basic.ts';
import { MmsgHdrIn, MmsgHdrOut, ReceivedResult } from '../abi/kinds/message-kinds.ts';
import { MessageFlags } from '../abi/kinds/socket-kinds.ts';
import { TimespecIn } from '../abi/kinds/time-kinds.ts';
import {
  Mmsghdr,
  MSG_CMSG_COMPAT,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_WAITFORONE,
  Msghdr,
} from '../abi/socket.ts';
import { nsToTimespec, readTimespecNs, Timespec } from '../abi/time.ts';
import { IOV_MAX } from '../abi/uio.ts';
import { ERESTARTSYS } from '../call-end.ts';
import { EAGAIN, EINTR, EINVAL, fail, isFailure } from '../errno.ts';
import { coreOf, socketFile } from '../net/socket.ts';
import type { Call, Thread } from '../task/thread.ts';
import { isWait, type Wait, WOULD_BLOCK } from '../wait.ts';
import { isStopped, receiveHeader, sendHeader } from './socket-messages.ts';
import { type Syscall, syscall } from './syscall.ts';

export const MULTI_MESSAGE_CALLS: Readonly<Record<number, Syscall>> = {
  243: syscall(
    'recvmmsg',
    { fd: Fd, msgvec: MmsgHdrOut, vlen: U32, flags: MessageFlags, timeout: TimespecIn },
    recvmmsg,
    { returns: ReceivedResult },
  ),
  269: syscall('sendmmsg', { fd: Fd, msgvec: MmsgHdrIn, vlen: U32, flags: MessageFlags }, sendmmsg),
};

/** What a many-message call remembers while one message blocks. */
interface Batch {
  done: number;
  inner: Call;
  /** recvmmsg: when the timeout ends, monotonic ns. */
  endNs: number;
}

function batchOf(call: Call): Batch {
  call.data ??= { done: 0, inner: innerCall(call), endNs: Number.POSITIVE_INFINITY } satisfies Batch;
  return call.data as Batch;
}

function innerCall(call: Call): Call {
  return { ...call, progress: 0, deadlineNs: undefined, timedOut: false, data: undefined };
}

/** Tries one message with the batch's inner call in place of the thread's. */
function tryInner(thread: Thread, batch: Batch, run: () => number | Wait): number | Wait {
  const outer = thread.call as Call;
  const { inner } = batch;
  inner.interrupted = outer.interrupted;
  inner.timedOut = outer.timedOut;
  inner.hasWaited = outer.hasWaited;
  thread.call = inner;
  try {
    return run();
  } finally {
    thread.call = outer;
    outer.deadlineNs = inner.deadlineNs;
  }
}

/** One message is through: the next starts afresh. */
function nextMessage(call: Call, batch: Batch): void {
  batch.done++;
  call.timedOut = false;
  call.hasWaited = false;
  call.deadlineNs = undefined;
  batch.inner = innerCall(call);
}

function sendmmsg(
  thread: Thread,
  { fd, msgvec, vlen, flags }: { fd: number; msgvec: number; vlen: number; flags: number },
): number | Wait {
  if ((flags & MSG_CMSG_COMPAT) !== 0) fail(EINVAL, 'MSG_CMSG_COMPAT is for the kernel itself');
  const file = socketFile(thread, fd);
  const call = thread.call as Call;
  const batch = batchOf(call);
  const count = Math.min(vlen, IOV_MAX);
  try {
    while (batch.done < count) {
      const entry = msgvec + batch.done * Mmsghdr.size;
      const answer = tryInner(thread, batch, () => sendHeader(thread, file, entry, flags));
      if (isWait(answer)) return isStopped(call, answer) && batch.done > 0 ? batch.done : answer;
      thread.user.writeU32(entry + Mmsghdr.offsets.msg_len, answer);
      nextMessage(call, batch);
      if (answer < lengthOf(thread, entry)) break;
    }
  } catch (thrown) {
    if (batch.done === 0 || !isFailure(thrown)) throw thrown;
  }
  return batch.done;
}

/** How many bytes the message in `entry` has. */
function lengthOf(thread: Thread, entry: number): number {
  const { msg_iov, msg_iovlen } = thread.user.readStruct(entry, Msghdr);
  return thread.user.readIovecs(msg_iov, msg_iovlen).reduce((sum, { length }) => sum + length, 0);
}

function recvmmsg(
  thread: Thread,
  {
    fd,
    msgvec,
    vlen,
    flags,
    timeout,
  }: { fd: number; msgvec: number; vlen: number; flags: number; timeout: number },
): number | Wait {
  if ((flags & MSG_CMSG_COMPAT) !== 0) fail(EINVAL, 'MSG_CMSG_COMPAT is for the kernel itself');
  const call = thread.call as Call;
  const isFirstTry = call.data === undefined;
  const batch = batchOf(call);
  const { clock } = thread.kernel;
  if (isFirstTry && timeout !== 0) batch.endNs = clock.monotonicNs() + readTimespecNs(thread.user, timeout);
  const file = socketFile(thread, fd);
  const core = coreOf(file);
  if (isFirstTry && (flags & MSG_ERRQUEUE) === 0) {
    const error = core.takeError();
    if (error !== 0) fail(error, 'an error was pending on the socket');
  }
  let left = 0;
  try {
    while (batch.done < vlen) {
      const entry = msgvec + batch.done * Mmsghdr.size;
      let mode = flags & ~MSG_WAITFORONE;
      if ((flags & MSG_WAITFORONE) !== 0 && batch.done > 0) mode |= MSG_DONTWAIT;
      const answer = tryInner(thread, batch, () => receiveHeader(thread, file, entry, mode));
      if (isWait(answer)) {
        if (!isStopped(call, answer) || batch.done === 0) return answer;
        if (answer === WOULD_BLOCK) break;
        // the signal counts as an error of the socket, even by the number that no program should see
        core.pendingError = answer.signal === 'interrupt' ? EINTR : ERESTARTSYS;
        break;
      }
      thread.user.writeU32(entry + Mmsghdr.offsets.msg_len, answer);
      nextMessage(call, batch);
      // The timeout is looked at after each message only, as recvmmsg(2) says under BUGS.
      left = batch.endNs - clock.monotonicNs();
      if (left <= 0) break;
      if ((thread.user.readU32(entry + Msghdr.offsets.msg_flags) & MSG_OOB) !== 0) break;
    }
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    if (batch.done === 0) throw thrown;
    if (thrown.errno !== EAGAIN) core.pendingError = thrown.errno;
  }
  if (timeout !== 0 && batch.done > 0) writeTimeout(thread, timeout, Math.max(0, left));
  return batch.done;
}

function writeTimeout(thread: Thread, address: number, ns: number): void {
  thread.user.writeStruct(address, Timespec, nsToTimespec(ns));
}
