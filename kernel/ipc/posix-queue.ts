// POSIX message queues (mq_overview(7), ipc/mqueue.c): messages by priority behind a descriptor, with a name of its own
// kind. syscalls/posix-queues.ts opens, fills and empties them; read gives a line about the state, as in /dev/mqueue.
import { READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { SI_MESGQ, SIGEV_SIGNAL } from '../abi/signal.ts';
import { FileDescriptor, type Sink } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { type NetlinkCore, tellNetlink } from '../net/netlink.ts';
import type { Process } from '../task/process.ts';
import { sendToProcess } from '../task/send-signal.ts';
import type { Thread } from '../task/thread.ts';
import { WaitQueue } from '../wait.ts';

/** fs.mqueue.queues_max and the limits of those without CAP_SYS_RESOURCE. */
export const QUEUES_MAX = 256;
export const MSG_MAX = 10;
export const MSGSIZE_MAX = 8192;
/** The limits of all. */
export const HARD_MSG_MAX = 65_536;
export const HARD_MSGSIZE_MAX = 16_777_216;

/** The last byte of a cookie says what happened. */
const NOTIFY_WOKENUP = 1;
const NOTIFY_REMOVED = 2;

/** Who wants to hear of the next message in an empty queue. */
export interface QueueNotification {
  readonly process: Process;
  /** SIGEV_SIGNAL, SIGEV_NONE or SIGEV_THREAD. */
  readonly notify: number;
  readonly signo: number;
  readonly value: bigint;
  /** SIGEV_THREAD: what is sent to which socket. */
  readonly cookie: { readonly socket: NetlinkCore; readonly bytes: Uint8Array } | undefined;
}

interface PosixMessage {
  readonly priority: number;
  readonly bytes: Uint8Array;
}

export class PosixQueue {
  readonly inode: Inode;
  readonly maxMessages: number;
  readonly messageSize: number;
  readonly arrived = new WaitQueue('a message of a POSIX queue');
  readonly room = new WaitQueue('room in a POSIX queue');
  readonly changed = new WaitQueue('a POSIX queue');
  notification: QueueNotification | undefined;
  /** Highest priority first, then in order of arrival. */
  readonly #messages: PosixMessage[] = [];

  constructor(inode: Inode, { maxMessages, messageSize }: { maxMessages: number; messageSize: number }) {
    this.inode = inode;
    this.maxMessages = maxMessages;
    this.messageSize = messageSize;
  }

  get count(): number {
    return this.#messages.length;
  }

  get bytes(): number {
    return this.#messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  get isFull(): boolean {
    return this.count >= this.maxMessages;
  }

  /** A message for an empty queue that nobody waits at is told to who asked for it, once (__do_notify). */
  add(sender: Thread, bytes: Uint8Array, priority: number): void {
    const isNews = this.count === 0 && this.arrived.isEmpty;
    let at = this.#messages.findIndex((message) => message.priority < priority);
    if (at < 0) at = this.count;
    this.#messages.splice(at, 0, { priority, bytes });
    this.arrived.wake();
    this.changed.wake(READ_EVENTS);
    if (isNews) this.#notify(sender);
  }

  #notify({ process, credentials }: Thread): void {
    const { notification } = this;
    this.notification = undefined;
    if (notification === undefined) return;
    sendCookie(notification, NOTIFY_WOKENUP);
    if (notification.notify !== SIGEV_SIGNAL || notification.signo === 0) return;
    const { signo, value } = notification;
    sendToProcess(notification.process, {
      signo,
      code: SI_MESGQ,
      pid: notification.process.shownPid(process.pid),
      uid: credentials.ruid,
      value,
    });
  }

  /** Takes back what `process` asked for (remove_notification). */
  forgetNotification(process: Process): void {
    const { notification } = this;
    if (notification?.process !== process) return;
    sendCookie(notification, NOTIFY_REMOVED);
    this.notification = undefined;
  }

  take(): PosixMessage | undefined {
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    this.room.wake();
    this.changed.wake(WRITE_EVENTS);
    return message;
  }
}

function sendCookie({ cookie }: QueueNotification, what: number): void {
  if (cookie === undefined) return;
  const bytes = cookie.bytes.slice();
  bytes[bytes.length - 1] = what;
  tellNetlink(cookie.socket, bytes);
}

/** An open description of a queue. */
export class PosixQueueFile extends FileDescriptor {
  readonly kind = 'mqueue';
  readonly queue: PosixQueue;

  constructor(queue: PosixQueue) {
    super();
    this.queue = queue;
  }

  override get inode(): Inode {
    return this.queue.inode;
  }

  override get changed(): WaitQueue {
    return this.queue.changed;
  }

  override get seekable(): boolean {
    return true;
  }

  override poll(): number {
    const { queue } = this;
    const readable = queue.count > 0 ? READ_EVENTS : 0;
    return readable | (queue.isFull ? 0 : WRITE_EVENTS);
  }

  override tryRead(reader: Thread, _file: OpenFile, sink: Sink, position: number): number {
    const { bytes, notification } = this.queue;
    const { notify = 0, signo = 0, process } = notification ?? {};
    const signal = notify === SIGEV_SIGNAL ? signo : 0;
    const pid = reader.process.shownPid(process?.pid ?? 0);
    const text = `QSIZE:${String(bytes).padEnd(10)} NOTIFY:${String(notify).padEnd(5)} SIGNO:${String(signal).padEnd(5)} NOTIFY_PID:${String(pid).padEnd(6)}\n`;
    const rest = textToBytes(text).subarray(position);
    return rest.length === 0 ? 0 : sink.put(rest.subarray(0, sink.remaining));
  }

  /** A process that closes a descriptor of the queue no longer hears of messages (mq_close(3)). */
  override flush({ process }: Thread): void {
    this.queue.forgetNotification(process);
  }
}
