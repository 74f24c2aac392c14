// The urgent byte of a stream (MSG_OOB): reading it, and how ordinary reads stop at it or pass it.
// stream-receive.ts asks before each message; ioctl SIOCATMARK asks where the mark is (manage_oob, unix_stream_recv_urg).
// A read urgent byte stays queued as an empty message: it is the mark at which the next read stops.
import { MSG_OOB, MSG_PEEK } from '../../abi/socket.ts';
import { EFAULT, EINVAL, fail } from '../../errno.ts';
import type { Sink } from '../../file/file-descriptor.ts';
import type { Incoming } from '../socket.ts';
import type { Message } from './message-queue.ts';
import type { UnixSocket } from './unix-socket.ts';

/** recv with MSG_OOB. EINVAL: there is no urgent byte, or it is read in line (SO_OOBINLINE). */
export function receiveUrgent(socket: UnixSocket, message: Incoming, sink: Sink): number {
  const { urgent, queue } = socket;
  if (urgent === undefined || socket.settings.oobInline) fail(EINVAL, 'no urgent byte to read out of band');
  const position = urgent.start;
  const isPeek = (message.flags & MSG_PEEK) !== 0;
  const wanted = sink.remaining > 0 ? 1 : 0;
  const taken = wanted === 0 ? 0 : queue.ring.copyOut(sink, position, 1);
  if (!isPeek) {
    socket.urgent = undefined;
    const { previous } = urgent;
    if (previous !== undefined && previous.length === 0) removeFrom(socket, previous);
    queue.consume(urgent, 1);
  }
  if (taken < wanted) fail(EFAULT, 'the receive buffer is not writable');
  message.outFlags |= MSG_OOB;
  return 1;
}

/**
 * Where an ordinary read goes on from `message`: past a read urgent byte, past an unread one that nobody wants any
 * more, or nowhere (undefined) because the mark ends this read. `copied`: bytes this call has read so far.
 */
export function skipUrgent(
  socket: UnixSocket,
  message: Message,
  isPeek: boolean,
  copied: number,
): Message | undefined {
  if (message.length > 0 && message !== socket.urgent) return message;
  let current: Message | undefined = message;
  if (message.length === 0) {
    if (copied > 0 && (socket.urgent === undefined || message === socket.urgent)) return undefined;
    current = message.next;
    if (!isPeek) removeFrom(socket, message);
    if (current === undefined) return undefined;
  }
  if (current !== socket.urgent) return current;
  if (copied > 0) return undefined;
  if (isPeek) return socket.settings.oobInline ? current : current.next;
  socket.urgent = undefined;
  if (socket.settings.oobInline) return current;
  removeFrom(socket, current);
  return socket.queue.first;
}

/** The read position is at the mark (SIOCATMARK). */
export function isAtMark(socket: UnixSocket): boolean {
  const { first } = socket.queue;
  if (first === undefined) return false;
  const { urgent } = socket;
  if (first === urgent) return true;
  return first.length === 0 && (urgent === undefined || first.next === urgent);
}

function removeFrom(socket: UnixSocket, message: Message): void {
  const { queue, kernel } = socket;
  const rights = queue.takeRights(message);
  queue.remove(message);
  message.sender.uncharge(message.charge);
  if (rights === undefined) return;
  queue.rightsCount += rights.files.length; // Linux goes on counting them in fdinfo (manage_oob has no scm_stat_del)
  kernel.net.inFlight.drop(rights, socket);
}
