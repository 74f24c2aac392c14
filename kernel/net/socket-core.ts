// What stays the same object over all states of one socket: inode, options, error, shutdown, wait queues.
// Descriptor states (kernel/net/unix/*.ts …) refer to it and change it; socket-options.ts reads and sets options.
// `file` is not a reference: it is cleared when the description closes, and unset while nobody accepted the socket.
import { POLLERR } from '../abi/poll.ts';
import type { BpfInstruction } from '../bpf/classic-bpf.ts';
import { ENOMEM, fail } from '../errno.ts';
import { notifyOwner } from '../file/async-owner.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Kernel } from '../kernel.ts';
import type { Domain } from '../landlock/domain.ts';
import { WaitQueue } from '../wait.ts';
import type { NetNamespace } from './net-namespace.ts';
import type { SocketFamily } from './socket.ts';

/** sk_shutdown bits. */
export const RCV_SHUTDOWN = 1;
export const SEND_SHUTDOWN = 2;
export const SHUTDOWN_MASK = 3;

/** net.core.wmem_default and rmem_default. */
const DEFAULT_BUFFER = 212_992;

/** ~0UL: as fast as it goes. */
export const NO_PACING = 0xffff_ffff_ffff_ffffn;

/** SOL_SOCKET options as stored. */
export class SocketSettings {
  sendBuffer = DEFAULT_BUFFER;
  receiveBuffer = DEFAULT_BUFFER;
  /** SO_BUF_LOCK: which of the two were set by hand (1 send, 2 receive). */
  bufferLock = 0;
  /** ns; Infinity = none. */
  receiveTimeoutNs = Number.POSITIVE_INFINITY;
  sendTimeoutNs = Number.POSITIVE_INFINITY;
  receiveLowWater = 1;
  peekOffset = -1;
  lingerOn = false;
  lingerSeconds = 0;
  passCredentials = false;
  passPidfd = false;
  passSecurity = false;
  passRights = true;
  /** SO_INQ. */
  reportQueued = false;
  oobInline = false;
  /** SO_TIMESTAMP (us), SO_TIMESTAMPNS (ns). */
  timestamps: 'off' | 'us' | 'ns' = 'off';
  /** They were turned on, or SO_TIMESTAMPING was set, by the numbers with _NEW. */
  newStamps = false;
  /** SO_BINDTODEVICE: a device's number, 0 for none. */
  device = 0;
  /** SO_TIMESTAMPING. */
  stampFlags = 0;
  /** SO_MAX_PACING_RATE, bytes a second. */
  pacingRate = NO_PACING;
  /** SO_TXTIME. */
  sendingClock = 0;
  sendingFlags = 0;
  /** Options that are stored and read back, nothing more, by SO_* number; most sockets have none. */
  #stored: Map<number, number> | undefined;

  storedValue(option: number): number | undefined {
    return this.#stored?.get(option);
  }

  store(option: number, value: number): void {
    this.#stored ??= new Map();
    this.#stored.set(option, value);
  }
}

/** What a socket costs of the guest's memory beside what is queued; Linux takes about as much. */
const SOCKET_PAGES = 1;

export abstract class SocketCore {
  readonly kernel: Kernel;
  /** The one it was made in. */
  readonly net: NetNamespace;
  readonly family: SocketFamily;
  /** SOCK_STREAM, SOCK_DGRAM … */
  readonly type: number;
  readonly protocol: number;
  readonly inode: Inode;
  readonly settings = new SocketSettings();
  /** Of who made the socket, as files have it (f_cred). */
  domain: Domain | undefined;
  /** SO_COOKIE: given out on first use. */
  cookie = 0;
  file: OpenFile | undefined;
  /** SO_ATTACH_FILTER: looks at what arrives (socket-filter.ts). */
  filter: readonly BpfInstruction[] | undefined;
  /** SO_ERROR: an errno, reported once. */
  pendingError = 0;
  /** RCV_SHUTDOWN | SEND_SHUTDOWN. */
  shutdown: number;
  /** Bytes of SO_SNDBUF in use by messages that nobody has read (sk_wmem_alloc). */
  outstanding = 0;
  /** A non-blocking send found no room: SIGIO tells when there is some (SOCKWQ_ASYNC_NOSPACE). */
  wantsRoom = false;
  /** poll, select, epoll. */
  readonly changed = new WaitQueue('a socket');
  /** Parked in receive or accept. */
  readonly readers = new WaitQueue('data on a socket');
  /** Parked in send. */
  readonly writers = new WaitQueue("room in a socket's buffer");

  constructor(net: NetNamespace, family: SocketFamily, type: number, protocol: number, inode: Inode) {
    const { kernel } = net;
    if (!kernel.memory.charge(SOCKET_PAGES)) fail(ENOMEM, 'no memory for a socket');
    this.kernel = kernel;
    this.net = net;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    this.inode = inode;
    this.shutdown = 0; // here: docs/decisions/0025
  }

  /** The socket is closed: its part of the guest's memory is free again. To be called once. */
  givePagesBack(): void {
    this.kernel.memory.release(SOCKET_PAGES);
  }

  /** SO_SNDBUF changed: blocked senders look again. */
  abstract sendBufferChanged(): void;

  /** Those who wait for datagrams or connections are woken one by one, readers of streams together (sk_data_ready). */
  protected abstract get readersTakeTurns(): boolean;

  /** Pollers are told of `events`, and those parked in receive or accept. */
  protected tellReaders(events: number): void {
    if (!this.readersTakeTurns) {
      this.readers.wakeNewestFirst();
      this.changed.wake(events);
    } else if (!this.changed.wake(events)) this.readers.wakeOne();
  }

  /** Shutdown, reset or end: everyone looks again (sock_def_wakeup). */
  wakeAll(): void {
    this.readers.wake();
    this.writers.wake();
    this.changed.wake(0);
  }

  /** An error to report at the next call (sk_error_report). */
  reportError(errno: number): void {
    this.pendingError = errno;
    this.writers.wake();
    this.tellReaders(POLLERR);
    notifyOwner(this.kernel, this.file, 'err');
  }

  /** Reports and clears the pending error. */
  takeError(): number {
    const error = this.pendingError;
    this.pendingError = 0;
    return error;
  }
}
