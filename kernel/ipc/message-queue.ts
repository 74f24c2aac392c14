// System V message queues (msgop(2), ipc/msg.c): typed messages, taken by type in the order they came.
// syscalls/message-queues.ts calls it; receivers and senders that find nothing or no room wait on the queues here.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Thread } from '../task/thread.ts';
import { WaitQueue } from '../wait.ts';
import { IpcObject, IpcTable, seconds } from './ipc-table.ts';

export const MSGMAX = 8192;
export const MSGMNB = 16_384;
export const MSGMNI = 32_000;

/** Bytes of the host that a message takes besides its own, about. */
const MESSAGE_COST = 64;

export interface Message {
  readonly type: bigint;
  readonly bytes: Uint8Array;
}

export class MessageQueue extends IpcObject {
  readonly arrived = new WaitQueue('a message');
  readonly room = new WaitQueue('room for a message');
  /** msg_qbytes. */
  byteLimit = MSGMNB;
  bytes = 0;
  sendTime = 0;
  receiveTime = 0;
  lastSender = 0;
  lastReceiver = 0;
  readonly #messages: Message[] = [];

  get count(): number {
    return this.#messages.length;
  }

  /** By bytes and, for empty messages, by number (msg_fits_inqueue). */
  hasRoomFor(length: number): boolean {
    return this.bytes + length <= this.byteLimit && this.count + 1 <= this.byteLimit;
  }

  /** Takes a message in; false when the machine has no memory for it. */
  append(thread: Thread, message: Message): boolean {
    const { memory } = thread.kernel;
    if (!memory.charge(this.#pagesFor(message.bytes.length))) return false;
    this.#messages.push(message);
    this.bytes += message.bytes.length;
    this.lastSender = thread.process.pid;
    this.sendTime = seconds(thread);
    this.arrived.wake();
    return true;
  }

  /** The message that `wanted` picks: an index for MSG_COPY, else as msgrcv(2) reads its type. */
  find(wanted: bigint, how: 'index' | 'except' | 'type'): Message | undefined {
    if (how === 'index') return this.#messages[Number(wanted)];
    if (wanted === 0n) return this.#messages[0];
    if (how === 'except') return this.#messages.find(({ type }) => type !== wanted);
    if (wanted > 0n) return this.#messages.find(({ type }) => type === wanted);
    let lowest: Message | undefined;
    for (const message of this.#messages) {
      if (message.type <= -wanted && (lowest === undefined || message.type < lowest.type)) lowest = message;
    }
    return lowest;
  }

  take(thread: Thread, message: Message): void {
    this.#messages.splice(this.#messages.indexOf(message), 1);
    this.bytes -= message.bytes.length;
    thread.kernel.memory.release(this.#pagesFor(message.bytes.length));
    this.lastReceiver = thread.process.pid;
    this.receiveTime = seconds(thread);
    this.room.wake();
  }

  /** Removed: what it held goes back. */
  clear(thread: Thread): void {
    const held = Math.ceil((this.bytes + this.count * MESSAGE_COST) / PAGE_SIZE);
    this.#messages.length = 0;
    this.bytes = 0;
    thread.kernel.memory.release(held);
  }

  /** By how many pages the queue is larger with one more message of `length` bytes than as it is. */
  #pagesFor(length: number): number {
    const now = this.bytes + this.count * MESSAGE_COST;
    return Math.ceil((now + length + MESSAGE_COST) / PAGE_SIZE) - Math.ceil(now / PAGE_SIZE);
  }

  /** Removed, or its owner or limit changed: who waits looks again. */
  changed(): void {
    this.arrived.wake();
    this.room.wake();
  }
}

/** All queues of a machine. */
export class MessageQueueTable extends IpcTable<MessageQueue> {
  constructor() {
    super(MSGMNI);
  }
}
