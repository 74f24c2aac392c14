// Messages with boundaries: datagram sockets, and seqpacket sockets once connected (unix_dgram_sendmsg, _recvmsg).
// unix.ts calls it for the states UnixDatagram, ConnectedUnixDatagram and UnixSeqpacket.
// A message is sent whole or not at all, read once, and cut when the reader's buffer is too small.
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOCK_SEQPACKET } from '../../abi/socket.ts';
import {
  ECONNREFUSED,
  ECONNRESET,
  EFAULT,
  EMSGSIZE,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  EPIPE,
  fail,
  isFailure,
} from '../../errno.ts';
import type { Sink, Source } from '../../file/file-descriptor.ts';
import type { Thread } from '../../task/thread.ts';
import type { Wait } from '../../wait.ts';
import { notReady } from '../blocking.ts';
import { Packet } from '../packet.ts';
import type { Incoming, Outgoing } from '../socket.ts';
import { RCV_SHUTDOWN } from '../socket-core.ts';
import { filtered } from '../socket-filter.ts';
import { putTimestamps, wantsStamp } from '../timestamps.ts';
import { type AbstractAddress, type PathAddress, parseAddress } from './address.ts';
import { datagramCharge } from './buffer-accounting.ts';
import { autobind, demandReach, findSocket } from './lookup.ts';
import type { Message } from './message-queue.ts';
import { RoomRelay } from './room-relay.ts';
import {
  type Ancillary,
  collectAncillary,
  deliverAncillary,
  passesCredentials,
  type Received,
  receiveRights,
  releaseReceived,
} from './scm.ts';
import {
  type ConnectedUnixDatagram,
  isQueueFull,
  peerOf,
  type UnixDatagram,
  type UnixSeqpacket,
} from './states.ts';
import { claimRoom, enqueue } from './stream-send.ts';
import { toPeerless } from './transitions.ts';
import type { UnixSocket } from './unix-socket.ts';

type DatagramState = UnixDatagram | ConnectedUnixDatagram | UnixSeqpacket;

/**
 * Sends one message. EMSGSIZE: longer than SO_SNDBUF - 32. ENOTCONN: no address and no peer. EPERM: the receiver is
 * connected to another. ECONNREFUSED: the peer is closed (it is forgotten). EPIPE: shut down. EAGAIN, EFAULT.
 */
export function sendDatagram(
  thread: Thread,
  state: DatagramState,
  message: Outgoing,
  source: Source,
): number | Wait {
  const { core: sender } = state;
  const isRecord = sender.type === SOCK_SEQPACKET;
  const length = source.remaining;
  const ancillary = collectAncillary(thread, message);
  if ((message.flags & MSG_OOB) !== 0) fail(EOPNOTSUPP, 'messages have no urgent byte');
  const name = message.name === undefined || isRecord ? undefined : parseAddress(message.name);
  if (passesCredentials(sender)) autobind(sender);
  if (length > sender.settings.sendBuffer - 32) fail(EMSGSIZE, 'longer than SO_SNDBUF - 32');
  const noRoom = claimRoom(thread, sender, message);
  if (noRoom !== undefined) return noRoom;
  try {
    return deliver(thread, sender, { message, source, name, ancillary });
  } catch (thrown) {
    sender.uncharge(0); // the message had its room already, and whoever polls for room is woken when it goes
    throw thrown;
  }
}

interface Sending {
  readonly message: Outgoing;
  readonly source: Source;
  readonly name: PathAddress | AbstractAddress | undefined;
  readonly ancillary: Ancillary;
}

/** From where the message has room in its sender's buffer to where it is queued. */
function deliver(
  thread: Thread,
  sender: UnixSocket,
  { message, source, name, ancillary }: Sending,
): number | Wait {
  const length = source.remaining;
  if (ancillary.files.length > 0) sender.kernel.net.inFlight.check(thread);
  demandReadable(source);

  const receiver =
    name === undefined
      ? (peerOf(sender) ?? fail(ENOTCONN, 'no address and no default peer'))
      : findSocket(thread, name, sender);
  const kept = receiver.filter === undefined ? length : keptBy(receiver, source);
  if (kept === undefined) {
    skip(source); // the sender does not learn of it
    sender.uncharge(0);
    return length;
  }
  const back = peerOf(receiver);
  if (back !== undefined && back !== sender) fail(EPERM, 'the receiver is connected to another socket');
  if (receiver.state?.kind === 'unix-closed') refuse(sender, receiver);
  if ((receiver.shutdown & RCV_SHUTDOWN) !== 0) fail(EPIPE, 'the receiver reads no more');
  if (ancillary.files.length > 0 && !receiver.settings.passRights) {
    fail(EPERM, 'the receiver takes no rights (SO_PASSRIGHTS)');
  }
  if (name !== undefined && peerOf(sender) !== receiver) demandReach(thread, receiver);
  if (receiver !== sender && back !== sender && isQueueFull(receiver)) {
    if ((message.flags & MSG_DONTWAIT) !== 0 && peerOf(sender) === receiver) {
      sender.relay ??= new RoomRelay(sender);
      sender.relay.watch(receiver);
    }
    const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
    return notReady(thread, receiver.room, { nonblock, timeoutNs: sender.settings.sendTimeoutNs });
  }
  const queued = enqueue(thread, sender, receiver, source, kept, datagramCharge(length), ancillary);
  if (wantsStamp(receiver)) queued.sentNs = thread.kernel.clock.realtimeNs();
  skip(source);
  receiver.wakeReaders();
  return length;
}

/** How much of the message the receiver's filter lets through; undefined: nothing of it. */
function keptBy(receiver: UnixSocket, source: Source): number | undefined {
  const bytes = new Uint8Array(source.remaining);
  let taken = 0;
  for (let piece = 1; piece > 0 && taken < bytes.length; taken += piece)
    piece = source.copyTo(bytes, taken, bytes.length - taken);
  source.giveBack(taken);
  return filtered(receiver, new Packet(bytes, receiver.kernel.random), 1);
}

/** What of a message was not queued counts as sent. */
function skip(source: Source): void {
  while (source.remaining > 0 && source.take(source.remaining).length > 0);
}

/** Linux copies the bytes before it looks for the receiver: a bad buffer is EFAULT whatever the address. */
function demandReadable(source: Source): void {
  let taken = 0;
  for (let piece = 1; piece > 0 && source.remaining > 0; taken += piece)
    piece = source.take(source.remaining).length;
  source.giveBack(taken);
}

/** The peer is gone: a connected datagram socket forgets it. */
function refuse(sender: UnixSocket, receiver: UnixSocket): never {
  if (sender.type === SOCK_SEQPACKET) fail(EPIPE, 'the peer is closed');
  const { state } = sender;
  if (state?.kind !== 'unix-datagram-connected' || state.peer !== receiver) {
    fail(ECONNRESET, 'the receiver closed');
  }
  toPeerless(state);
  sender.relay?.stop();
  disconnected(sender, receiver);
  fail(ECONNREFUSED, 'the peer is closed');
}

/** A datagram socket left `old`: what is queued is lost, and `old` is told if it was connected back. */
export function disconnected(socket: UnixSocket, old: UnixSocket): void {
  const { queue } = socket;
  if (queue.first === undefined) return;
  const { rightsCount } = queue;
  purge(socket);
  queue.rightsCount = rightsCount; // scm_fds goes on counting them (af_unix.c, unix_dgram_disconnected)
  socket.room.wake();
  if (old.state?.kind !== 'unix-closed' && peerOf(old) === socket) old.reportError(ECONNRESET);
}

/** Throws away everything queued, with what is attached. */
export function purge(socket: UnixSocket): void {
  const { queue, kernel } = socket;
  socket.urgent = undefined;
  for (let message = queue.first; message !== undefined; message = queue.first) {
    const rights = queue.takeRights(message);
    queue.remove(message);
    message.sender.uncharge(message.charge);
    if (rights !== undefined) kernel.net.inFlight.drop(rights, socket);
  }
}

/**
 * Receives one message, or its beginning. MSG_TRUNC asks for the real length; the flag tells of a cut.
 * 0 at the end of a seqpacket connection and after SHUT_RD. EAGAIN, pending errors; EFAULT loses the message.
 */
export function receiveDatagram(
  thread: Thread,
  state: DatagramState,
  message: Incoming,
  sink: Sink,
): number | Wait {
  const { core: socket } = state;
  const { flags } = message;
  const isPeek = (flags & MSG_PEEK) !== 0;
  const nonblock = (flags & MSG_DONTWAIT) !== 0;
  if ((flags & MSG_OOB) !== 0) fail(EOPNOTSUPP, 'messages have no urgent byte');
  const error = socket.takeError();
  if (error !== 0) fail(error, 'an error was pending on the socket');
  const { settings } = socket;
  const found = findMessage(
    socket,
    isPeek ? Math.max(0, settings.peekOffset) : 0,
    isPeek && settings.peekOffset >= 0,
  );
  if (found === undefined) {
    // A non-blocking datagram socket says EAGAIN even after SHUT_RD; a seqpacket socket says end (unix_dgram_recvmsg).
    const isEnd = (socket.shutdown & RCV_SHUTDOWN) !== 0;
    if (isEnd && (!nonblock || socket.type === SOCK_SEQPACKET)) return 0;
    return notReady(thread, socket.readers, { nonblock, timeoutNs: settings.receiveTimeoutNs });
  }
  const { datagram, skip } = found;
  const available = datagram.length - skip;
  const size = Math.min(sink.remaining, available);
  if (size < available) message.outFlags |= MSG_TRUNC;
  const whole = datagram.length;
  const start = datagram.start + skip;
  const received: Received = { credentials: datagram.credentials ?? 'unknown', rights: undefined };
  if (datagram.sender.address.kind !== 'unnamed') message.name = datagram.sender.address.bytes;

  const isCopied = copyOut(socket, sink, start, size);
  if (isPeek) {
    if (!isCopied) fail(EFAULT, 'the receive buffer is not writable');
    if (settings.peekOffset >= 0) settings.peekOffset += size;
    datagram.wasPeeked ||= datagram.length === 0;
    receiveRights(socket, datagram, received, true);
  } else {
    receiveRights(socket, datagram, received, false);
    socket.queue.remove(datagram);
    datagram.sender.uncharge(datagram.charge);
    if (settings.peekOffset >= 0) settings.peekOffset = Math.max(0, settings.peekOffset - whole);
    if (!isCopied) {
      if (received.rights !== undefined) releaseReceived(socket, received.rights);
      fail(EFAULT, 'the receive buffer is not writable');
    }
  }
  socket.room.wakeOne();
  if (wantsStamp(socket)) {
    if (datagram.sentNs === 0n) datagram.sentNs = thread.kernel.clock.realtimeNs(); // sent before anybody asked
    putTimestamps(socket, message, datagram.sentNs);
  }
  deliverAncillary(thread, socket, message, received);
  if (received.rights !== undefined) releaseReceived(socket, received.rights);
  return (flags & MSG_TRUNC) !== 0 ? available : size;
}

function copyOut(socket: UnixSocket, sink: Sink, start: number, size: number): boolean {
  if (size === 0) return true;
  try {
    return socket.queue.ring.copyOut(sink, start, size) === size;
  } catch (thrown) {
    if (isFailure(thrown)) return false;
    throw thrown;
  }
}

/** The first message, or with SO_PEEK_OFF the one that holds the offset (__skb_try_recv_from_queue). */
function findMessage(
  socket: UnixSocket,
  offset: number,
  skipsEmpty: boolean,
): { datagram: Message; skip: number } | undefined {
  let skip = offset;
  for (let datagram = socket.queue.first; datagram !== undefined; datagram = datagram.next) {
    if (skipsEmpty && skip >= datagram.length && (skip > 0 || datagram.wasPeeked)) {
      skip -= datagram.length;
      continue;
    }
    return { datagram, skip };
  }
  return undefined;
}
