// Bytes over a TCP connection inside this machine: what is sent lies in the peer's ring at once (tcp(7)).
// inet.ts calls it for sockets in the TcpStream state. Segments, acknowledgements and loss do not exist here.
import { SI_USER, SIGPIPE } from '../../abi/signal.ts';
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL } from '../../abi/socket.ts';
import { ECONNRESET, EPIPE, fail } from '../../errno.ts';
import type { Sink, Source } from '../../file/file-descriptor.ts';
import { sendToThread } from '../../task/send-signal.ts';
import type { Call, Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { notReady, restartTimeout } from '../blocking.ts';
import type { Incoming, Outgoing } from '../socket.ts';
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK } from '../socket-core.ts';
import type { InetSocket } from './inet-socket.ts';
import type { TcpStream } from './states.ts';
import { forgetPassed, isAtMark, passOver, receiveUrgent, upToMark, urgentArrived } from './urgent.ts';

/** Sends what fits now. Pending errors; EPIPE with SIGPIPE after shutdown or reset; EAGAIN, EFAULT. */
export function sendTcp(thread: Thread, state: TcpStream, message: Outgoing, source: Source): number | Wait {
  const { core, peer } = state;
  const error = core.takeError();
  if (error === EPIPE) brokenPipe(thread, message);
  if (error !== 0) fail(error, 'an error was pending on the connection');
  if ((core.shutdown & SEND_SHUTDOWN) !== 0) brokenPipe(thread, message);
  const wanted = source.remaining;
  if (wanted === 0) return 0;
  if (peer.state?.kind === 'inet-closed') {
    // The first write after the peer's close goes out, and its reset comes back.
    discard(source);
    core.shutdown = SHUTDOWN_MASK;
    core.reportError(EPIPE);
    return wanted;
  }
  const room = peer.windowFor(core) - peer.queued;
  if (room <= 0) {
    core.wantsRoom = true;
    const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
    return notReady(thread, core.writers, { nonblock, timeoutNs: core.settings.sendTimeoutNs });
  }
  const count = Math.min(room, wanted);
  const start = peer.bytes.append(source, count);
  if (peer.queued === 0) peer.head = start;
  peer.queued += count;
  if ((message.flags & MSG_OOB) !== 0 && count === wanted) urgentArrived(peer, start + count - 1);
  if (thread.call?.deadlineNs !== undefined) restartTimeout(thread);
  peer.wakeReaders();
  return count;
}

function discard(source: Source): void {
  while (source.remaining > 0 && source.take(source.remaining).length > 0);
}

export function brokenPipe(thread: Thread, message: Outgoing): never {
  if (thread.call?.progress === 0 && (message.flags & MSG_NOSIGNAL) === 0) {
    sendToThread(thread, {
      signo: SIGPIPE,
      code: SI_USER,
      pid: thread.process.ownPid,
      uid: thread.credentials.ruid,
    });
  }
  fail(EPIPE, 'the connection is shut down');
}

/**
 * Reads what is there; with MSG_WAITALL until all has come, the end, or an error. Returns the whole call's bytes;
 * `call.progress` says what earlier tries stored. EAGAIN, ECONNRESET, EFAULT.
 */
export function receiveTcp(thread: Thread, state: TcpStream, message: Incoming, sink: Sink): number | Wait {
  const { core, peer } = state;
  const call = thread.call as Call;
  const { flags } = message;
  if ((flags & MSG_OOB) !== 0) return receiveUrgent(core, message, sink);
  const wanted = call.progress + sink.remaining;
  const lowWater = Math.min(core.settings.receiveLowWater, wanted);
  const target = Math.max(1, (flags & MSG_WAITALL) !== 0 ? wanted : lowWater);
  const isPeek = (flags & MSG_PEEK) !== 0;
  // a read ends at the mark, or begins behind it
  if (isAtMark(core) && call.progress > 0) return call.progress;
  const skipsMark = isAtMark(core) && !core.settings.oobInline;
  if (skipsMark && !isPeek) passOver(core);
  const skipped = skipsMark && isPeek ? 1 : 0;
  const moved = isPeek
    ? peekBytes(core, sink, skipped)
    : takeBytes(core, peer, sink, (flags & MSG_TRUNC) !== 0);
  const copied = call.progress + moved;
  if (copied >= target || (copied > 0 && isAtMark(core))) return copied;
  if (core.pendingError !== 0 && copied === 0)
    fail(core.takeError(), 'an error was pending on the connection');
  if ((core.shutdown & RCV_SHUTDOWN) !== 0 || (wanted === 0 && core.queued > 0)) return copied;
  const nonblock = (flags & MSG_DONTWAIT) !== 0;
  if (copied > 0 && (nonblock || isPeek || call.timedOut || call.interrupted)) return copied;
  const answer = notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
  call.progress = copied;
  return answer;
}

function peekBytes(core: InetSocket, sink: Sink, skipped: number): number {
  const from = core.head + skipped;
  const count = upToMark(core, from, Math.min(core.queued - skipped, Math.max(0, sink.remaining)));
  return count === 0 ? 0 : core.bytes.copyOut(sink, from, count);
}

/** `drop`: MSG_TRUNC throws the bytes away instead of storing them (tcp(7)). */
function takeBytes(core: InetSocket, peer: InetSocket, sink: Sink, drop: boolean): number {
  const count = upToMark(core, core.head, Math.min(core.queued, sink.remaining));
  if (count === 0) return 0;
  const moved = drop ? count : core.bytes.copyOut(sink, core.head, count);
  const wasFull = core.queued * 3 >= core.windowFor(peer) * 2;
  core.head += moved;
  core.queued -= moved;
  forgetPassed(core);
  core.bytes.discardTo(core.head);
  const isRoomy = core.queued * 3 < core.windowFor(peer) * 2;
  if (isRoomy && (wasFull || !peer.writers.isEmpty)) peer.wakeWriters();
  return moved;
}

/** The other side sends no more: a FIN, or a reset when it left bytes unread. */
export function hangUp(peer: InetSocket, isReset: boolean): void {
  if (isReset) {
    peer.shutdown = SHUTDOWN_MASK;
    peer.pendingError = ECONNRESET;
  } else peer.shutdown |= RCV_SHUTDOWN;
  peer.wakeAll();
}
