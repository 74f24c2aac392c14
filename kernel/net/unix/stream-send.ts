// Sending on a connected stream socket, in pieces that are messages of the receiver's queue (unix_stream_sendmsg).
// unix.ts calls it for sockets in the UnixStream state; stream-receive.ts is the other half.
// Rights travel with the first piece; the sender pays for each piece until it is read.

import { SI_USER, SIGPIPE } from '../../abi/signal.ts';
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB } from '../../abi/socket.ts';
import { EISCONN, EOPNOTSUPP, EPERM, EPIPE, fail, isFailure } from '../../errno.ts';
import { notifyUrgent } from '../../file/async-owner.ts';
import type { Source } from '../../file/file-descriptor.ts';
import { holdBlock, type PageRun } from '../../file/page-run.ts';
import { sendToThread } from '../../task/send-signal.ts';
import type { Call, Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { notReady, restartTimeout } from '../blocking.ts';
import type { Outgoing } from '../socket.ts';
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../socket-core.ts';
import { MAX_PARTS, splicedCharge, streamCharge, streamPiece } from './buffer-accounting.ts';
import type { Message } from './message-queue.ts';
import { type Ancillary, collectAncillary, messageCredentials, NO_ANCILLARY } from './scm.ts';
import type { UnixStream } from './states.ts';
import type { UnixSocket } from './unix-socket.ts';

/** Marks a send that slept before it could move anything: a broken pipe then comes without SIGPIPE, as on Linux. */
const SLEPT = 'slept in send';

/**
 * Sends what fits now. EISCONN: an address was given. EPIPE (with SIGPIPE when nothing was sent): either side is
 * shut down. EAGAIN, EFAULT; EPERM: rights to a receiver without SO_PASSRIGHTS; ETOOMANYREFS.
 */
export function sendStream(
  thread: Thread,
  state: UnixStream,
  message: Outgoing,
  source: Source,
): number | Wait {
  const { core: sender, peer: receiver } = state;
  const call = thread.call as Call;
  const isUrgent = (message.flags & MSG_OOB) !== 0;
  const ancillary = collectAncillary(thread, message);
  const total = source.remaining;
  if (isUrgent && total === 0) fail(EOPNOTSUPP, 'an urgent send needs its byte');
  if (message.name !== undefined) fail(EISCONN, 'a connected stream takes no address');
  if ((sender.shutdown & SEND_SHUTDOWN) !== 0 && call.data !== SLEPT) brokenPipe(thread, message);

  let sent = 0;
  try {
    const plain = isUrgent ? total - 1 : total;
    while (sent < plain) {
      const noRoom = claimRoom(thread, sender, message);
      if (noRoom !== undefined) return sent > 0 ? sent : noRoom;
      const pages = source.layout?.(MAX_PARTS);
      const piece = sendPiece(
        thread,
        sender,
        receiver,
        message,
        source,
        pages ?? streamPiece(plain - sent, sender.settings.sendBuffer),
        call.progress + sent === 0 ? ancillary : NO_ANCILLARY,
      );
      sent += piece.whole;
      receiver.wakeReaders();
      if (call.deadlineNs !== undefined) restartTimeout(thread);
    }
    if (isUrgent) {
      const noRoom = claimRoom(thread, sender, message);
      if (noRoom !== undefined) return sent > 0 ? sent : noRoom;
      const urgent = sendPiece(
        thread,
        sender,
        receiver,
        message,
        source,
        1,
        call.progress + sent === 0 ? ancillary : NO_ANCILLARY,
      );
      receiver.urgent = urgent;
      notifyUrgent(thread.kernel, receiver.file);
      receiver.wakeReaders();
      sent++;
    }
  } catch (thrown) {
    if (sent > 0 && isFailure(thrown)) return sent;
    throw thrown;
  }
  return sent;
}

/** sock_alloc_send_pskb: the error, the shutdown and the room, in this order. */
export function claimRoom(thread: Thread, sender: UnixSocket, message: Outgoing): Wait | undefined {
  if (sender.pendingError !== 0) fail(sender.takeError(), 'an error was pending on the socket');
  if ((sender.shutdown & SEND_SHUTDOWN) !== 0) fail(EPIPE, 'the sending side is shut down');
  if (sender.outstanding < sender.settings.sendBuffer) return undefined;
  sender.missRoom();
  const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
  const answer = notReady(thread, sender.writers, { nonblock, timeoutNs: sender.settings.sendTimeoutNs });
  (thread.call as Call).data = SLEPT;
  return answer;
}

/** `what`: the length of a piece that is copied, or the pages that one brings along. */
function sendPiece(
  thread: Thread,
  sender: UnixSocket,
  receiver: UnixSocket,
  message: Outgoing,
  source: Source,
  what: number | readonly PageRun[],
  ancillary: Ancillary,
): Message {
  try {
    return queuePiece(thread, sender, receiver, message, source, what, ancillary);
  } catch (thrown) {
    sender.uncharge(0); // the piece had its room already, and whoever polls for room is woken when it goes
    throw thrown;
  }
}

function queuePiece(
  thread: Thread,
  sender: UnixSocket,
  receiver: UnixSocket,
  message: Outgoing,
  source: Source,
  what: number | readonly PageRun[],
  ancillary: Ancillary,
): Message {
  const { files } = ancillary;
  if (files.length > 0) sender.kernel.net.inFlight.check(thread);
  if (receiver.state?.kind === 'unix-closed' || (receiver.shutdown & RCV_SHUTDOWN) !== 0)
    brokenPipe(thread, message);
  if (files.length > 0 && !receiver.settings.passRights)
    fail(EPERM, 'the receiver takes no rights (SO_PASSRIGHTS)');
  if (typeof what === 'number')
    return enqueue(thread, sender, receiver, source, what, streamCharge(what), ancillary);
  const length = what.reduce((sum, run) => sum + run.length, 0);
  const piece = enqueue(thread, sender, receiver, source, length, splicedCharge(length), ancillary);
  for (const { block } of what) holdBlock(block);
  piece.runs = what;
  return piece;
}

/** Appends one message to the receiver's queue and charges the sender. EFAULT leaves no trace. */
export function enqueue(
  thread: Thread,
  sender: UnixSocket,
  receiver: UnixSocket,
  source: Source,
  length: number,
  charge: number,
  ancillary: Ancillary,
): Message {
  const credentials = messageCredentials(thread, sender, receiver, ancillary);
  const message = receiver.queue.append(sender, source, length, charge, undefined, credentials);
  sender.charge(charge);
  if (ancillary.files.length > 0) {
    message.rights = sender.kernel.net.inFlight.attach(ancillary.files, thread.credentials.ruid, receiver);
    receiver.queue.rightsCount += ancillary.files.length;
  }
  return message;
}

/** EPIPE, and SIGPIPE unless something was sent before or MSG_NOSIGNAL says no. */
export function brokenPipe(thread: Thread, message: Outgoing): never {
  const call = thread.call as Call;
  if (call.progress === 0 && (message.flags & MSG_NOSIGNAL) === 0) {
    sendToThread(thread, {
      signo: SIGPIPE,
      code: SI_USER,
      pid: thread.process.ownPid,
      uid: thread.credentials.ruid,
    });
  }
  fail(EPIPE, 'the other end reads no more');
}
