// Reading a connected stream socket, across the messages of its queue (unix_stream_read_generic).
// unix.ts calls it for sockets in the UnixStream state; stream-send.ts is the other half.
// A read never joins bytes of different senders once credentials are passed, nor goes past a message with rights.
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_WAITALL } from '../../abi/socket.ts';
import { EFAULT, fail, isFailure } from '../../errno.ts';
import type { Sink } from '../../file/file-descriptor.ts';
import type { Call, Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { notReady } from '../blocking.ts';
import type { Incoming } from '../socket.ts';
import { RCV_SHUTDOWN } from '../socket-core.ts';
import { type SenderCredentials, sameSender } from './credentials.ts';
import type { Message } from './message-queue.ts';
import { receiveUrgent, skipUrgent } from './out-of-band.ts';
import {
  deliverAncillary,
  deliverQueued,
  passesCredentials,
  type Received,
  receiveRights,
  releaseReceived,
} from './scm.ts';
import { spliceOut } from './splice-out.ts';
import { peerOf, type UnixStream } from './states.ts';
import type { UnixSocket } from './unix-socket.ts';

/** A read in progress; kept in `call.data` while MSG_WAITALL sleeps. */
interface StreamRead extends Received {
  readonly socket: UnixSocket;
  /** Bytes moved since the call began. */
  copied: number;
  /** Bytes the call still wants. */
  left: number;
  /** Whose bytes these are, once the first message was read with credentials passed. */
  sender: SenderCredentials | undefined;
  checksSender: boolean;
  name: Uint8Array | undefined;
}

/**
 * Reads what is there: at least SO_RCVLOWAT bytes, all that are wanted with MSG_WAITALL, fewer before an end or error.
 * Returns the bytes of the whole call; while it sleeps `call.progress` says how many the next try's sink must skip.
 * EAGAIN; EINVAL: MSG_OOB without an urgent byte; ECONNRESET and other pending errors; EFAULT.
 */
export function receiveStream(
  thread: Thread,
  state: UnixStream,
  message: Incoming,
  sink: Sink,
): number | Wait {
  const { core: socket } = state;
  if ((message.flags & MSG_OOB) !== 0) return receiveUrgent(socket, message, sink);
  const call = thread.call as Call;
  const read = resume(call, socket, sink);
  const end = isWorthReading(call, read, message) ? readMessages(thread, read, message, sink) : 'dry';
  if (end === 'dry') {
    const answer = atTheEnd(thread, read, message);
    if (answer !== undefined) return answer;
  }
  message.name = read.name;
  deliverAncillary(thread, socket, message, read);
  deliverQueued(socket, message);
  if (read.rights !== undefined) releaseReceived(socket, read.rights);
  return read.copied;
}

function resume(call: Call, socket: UnixSocket, sink: Sink): StreamRead {
  if (call.progress > 0) return call.data as StreamRead;
  return {
    socket,
    copied: 0,
    left: sink.remaining,
    sender: undefined,
    checksSender: false,
    name: undefined,
    credentials: undefined,
    rights: undefined,
  };
}

/**
 * SO_RCVLOWAT: below it nothing is taken, so that the next try starts afresh - unless no more can come.
 * MSG_PEEK never waits for more than one byte.
 */
function isWorthReading(call: Call, read: StreamRead, message: Incoming): boolean {
  const { socket } = read;
  const lowWater = Math.min(socket.settings.receiveLowWater, read.left);
  if (lowWater <= 1 || socket.queue.byteCount >= lowWater) return true;
  if ((message.flags & (MSG_PEEK | MSG_DONTWAIT | MSG_WAITALL)) !== 0 || call.timedOut || call.interrupted)
    return true;
  const peer = peerOf(socket);
  return socket.shutdown !== 0 || socket.pendingError !== 0 || peer === undefined || !peer.hasRoom;
}

/** Nothing more to read now: undefined = return what there is. */
function atTheEnd(thread: Thread, read: StreamRead, message: Incoming): Wait | undefined {
  const { socket, copied } = read;
  const call = thread.call as Call;
  const wanted = copied + read.left;
  const target =
    (message.flags & MSG_WAITALL) !== 0 ? wanted : Math.min(socket.settings.receiveLowWater, wanted);
  if (copied >= Math.max(1, target)) return undefined;
  const error = socket.takeError();
  if (error !== 0) {
    if (copied === 0) fail(error, 'an error was pending on the socket');
    return undefined;
  }
  if ((socket.shutdown & RCV_SHUTDOWN) !== 0) return undefined;
  const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
  if (copied > 0 && (nonblock || call.timedOut || call.interrupted)) return undefined;
  const answer = notReady(thread, socket.readers, { nonblock, timeoutNs: socket.settings.receiveTimeoutNs });
  if (copied > 0) {
    call.data = read;
    call.progress = copied;
  }
  return answer;
}

/** 'dry': the queue has no more to give; 'done': a boundary or the buffer's end was reached. */
function readMessages(thread: Thread, read: StreamRead, message: Incoming, sink: Sink): 'dry' | 'done' {
  const { socket } = read;
  const { queue, settings } = socket;
  const isPeek = (message.flags & MSG_PEEK) !== 0;
  let skip = isPeek ? Math.max(0, settings.peekOffset) : 0;
  let next: Message | undefined = queue.first;
  do {
    let current: Message | undefined = next;
    if (current !== undefined) {
      current = skipUrgent(socket, current, isPeek, read.copied);
      if (current === undefined && read.copied > 0) return 'done';
    }
    while (current !== undefined && skip >= current.length) {
      skip -= current.length;
      current = current.next;
    }
    if (current === undefined) return 'dry';
    if (!belongs(read, current)) return 'done';
    if (read.name === undefined && current.sender.address.kind !== 'unnamed')
      read.name = current.sender.address.bytes;

    const count = Math.min(current.length - skip, read.left);
    const moved =
      sink.putRun === undefined
        ? copyOut(read, current.start + skip, count, sink)
        : spliceOut(thread, queue, current, count, sink);
    if (moved === undefined) return 'done';
    read.copied += moved;
    read.left -= moved;
    if (isPeek) {
      // Linux goes on to the next message even when the buffer is full: rights there are seen, bytes are not.
      if (settings.peekOffset >= 0) settings.peekOffset += moved;
      receiveRights(socket, current, read, true);
      if (current.rights !== undefined) return 'done';
      skip = 0;
      next = current.next;
      if (next === undefined) return 'done';
    } else {
      queue.consume(current, moved);
      if (settings.peekOffset >= 0) settings.peekOffset = Math.max(0, settings.peekOffset - moved);
      receiveRights(socket, current, read, false);
      if (current.length > 0) return 'done';
      queue.remove(current);
      current.sender.uncharge(current.charge);
      if (read.rights !== undefined) return 'done';
      next = queue.first;
    }
  } while (read.left > 0 || isPeek);
  return 'done';
}

/** Never glue messages of different senders when credentials are passed. */
function belongs(read: StreamRead, message: Message): boolean {
  if (read.checksSender) return sameSender(read.sender, message.credentials);
  if (passesCredentials(read.socket)) {
    read.checksSender = true;
    read.sender = message.credentials;
    read.credentials = message.credentials ?? 'unknown';
  }
  return true;
}

/** undefined: the buffer faulted, nothing of this message was read. EFAULT when nothing was read before either. */
function copyOut(read: StreamRead, from: number, count: number, sink: Sink): number | undefined {
  if (count > 0) {
    let taken = 0;
    try {
      taken = read.socket.queue.ring.copyOut(sink, from, count);
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
    }
    if (taken < count) {
      if (read.copied === 0) fail(EFAULT, 'the receive buffer is not writable');
      return undefined;
    }
  }
  return count;
}
