// What has arrived at a socket and was not yet read: messages in order, their bytes in one ring.
// stream-queue.ts and datagram-queue.ts read from it; senders append; release and the collector purge it.
// Every message is paid for by its sender until it is gone, and what was attached to it goes with it.
import type { Source } from '../../file/file-descriptor.ts';
import { type PageRun, releaseBlock } from '../../file/page-run.ts';
import { type BufferPool, ByteRing } from '../byte-ring.ts';
import type { SenderCredentials } from './credentials.ts';
import type { Rights } from './rights.ts';
import type { UnixSocket } from './unix-socket.ts';

/** One send (of a stream: one piece of a send), Linux's sk_buff. */
export interface Message {
  previous: Message | undefined;
  next: Message | undefined;
  /** Whose buffer pays, and whose name recvfrom returns. */
  readonly sender: UnixSocket;
  /** Position of the first unread byte in the ring. */
  start: number;
  /** Unread bytes. */
  length: number;
  /** How many it began with. */
  readonly whole: number;
  /** Where those lie, if pages were spliced in or out. */
  runs: readonly PageRun[] | undefined;
  readonly charge: number;
  rights: Rights | undefined;
  readonly credentials: SenderCredentials | undefined;
  /** A peek has seen it; SO_PEEK_OFF then passes over it although it is empty. */
  wasPeeked: boolean;
  /** When it was sent, if the receiver wants to know; 0 when nobody noted it. */
  sentNs: bigint;
}

export class MessageQueue {
  readonly ring: ByteRing;
  first: Message | undefined;
  last: Message | undefined;
  count = 0;
  /** Unread bytes. */
  byteCount = 0;
  /**
   * What SIOCINQ and SO_INQ report of streams. An urgent byte that reads pass over stays counted, as on Linux.
   */
  reportedCount = 0;
  /** Descriptors attached to queued messages: `scm_fds` of fdinfo. */
  rightsCount = 0;

  constructor(pool: BufferPool) {
    this.ring = new ByteRing(pool);
  }

  /**
   * Copies `length` bytes of `source` in and makes them a message. EFAULT leaves the queue as it was.
   * The caller charges the sender and wakes the receiver.
   */
  append(
    sender: UnixSocket,
    source: Source,
    length: number,
    charge: number,
    rights: Rights | undefined,
    credentials: SenderCredentials | undefined,
  ): Message {
    const start = this.ring.append(source, length);
    const { last } = this;
    const message: Message = {
      previous: last,
      next: undefined,
      sender,
      start,
      length,
      whole: length,
      runs: undefined,
      charge,
      rights,
      credentials,
      wasPeeked: false,
      sentNs: 0n,
    };
    if (last === undefined) this.first = message;
    else last.next = message;
    this.last = message;
    this.count++;
    this.byteCount += length;
    this.reportedCount += length;
    if (rights !== undefined) this.rightsCount += rights.files.length;
    return message;
  }

  /** Takes `count` bytes off a message's front. */
  consume(message: Message, count: number): void {
    message.start += count;
    message.length -= count;
    this.byteCount -= count;
    this.reportedCount -= count;
    if (message === this.first) this.#discard();
  }

  /** The rights of a message, which the caller now holds. */
  takeRights(message: Message): Rights | undefined {
    const { rights } = message;
    if (rights === undefined) return undefined;
    message.rights = undefined;
    this.rightsCount -= rights.files.length;
    return rights;
  }

  /** Takes a message out, with what it still holds. The caller uncharges the sender and releases rights. */
  remove(message: Message): void {
    const { previous, next } = message;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    this.count--;
    this.byteCount -= message.length;
    if (message.rights !== undefined) this.rightsCount -= message.rights.files.length;
    if (message.runs !== undefined) for (const { block } of message.runs) releaseBlock(block);
    if (previous === undefined) this.#discard();
  }

  #discard(): void {
    let message = this.first;
    // A consumed out-of-band byte leaves an empty message, whose position means nothing any more.
    while (message !== undefined && message.length === 0) message = message.next;
    this.ring.discardTo(message === undefined ? this.ring.tail : message.start);
  }
}
