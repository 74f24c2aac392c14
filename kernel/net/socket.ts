// What every kind of socket is to the rest of the kernel: a file with an address family behind it.
// syscalls/socket*.ts calls the family's operations; unix.ts (and the internet families) implement them.
// A socket's descriptor object is its state and may be replaced by any operation; its core stays.
import { POLLERR, POLLHUP, POLLRDHUP, READ_EVENTS } from '../abi/poll.ts';
import { MSG_DONTWAIT, MSG_EOR, MSG_NOSIGNAL, SOCK_SEQPACKET, SOCK_STREAM } from '../abi/socket.ts';
import { ENOTSOCK, ESPIPE, fail } from '../errno.ts';
import { refusesToWait } from '../file/blocking.ts';
import { FileDescriptor, type Sink, type Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait, WaitQueue } from '../wait.ts';
import type { ControlWriter } from './control-messages.ts';
import { RCV_SHUTDOWN, SHUTDOWN_MASK, type SocketCore } from './socket-core.ts';

/** A message to send. */
export interface Outgoing {
  /** MSG_*; MSG_DONTWAIT also stands for O_NONBLOCK. */
  readonly flags: number;
  /** msg_name, undefined when absent or empty. */
  readonly name: Uint8Array | undefined;
  /** msg_control, undefined when absent or empty. */
  readonly control: Uint8Array | undefined;
}

/** Where a received message's other parts go. */
export interface Incoming {
  readonly flags: number;
  /** The receiver's control buffer; undefined when msg_control is null. */
  readonly control: ControlWriter | undefined;
  /** The sender's address, when it has one and the receiver asked. */
  name: Uint8Array | undefined;
  /** msg_flags to report: MSG_TRUNC, MSG_CTRUNC, MSG_OOB … */
  outFlags: number;
}

/** getsockopt's and setsockopt's arguments. */
export interface OptionCall {
  readonly level: number;
  readonly option: number;
  /** Guest address of the value. */
  readonly value: number;
  /** setsockopt: the length; getsockopt: the guest address of the length. */
  readonly length: number;
}

/** One address family's operations: Linux's struct proto_ops. Each fails with the errno its man page gives. */
export interface SocketFamily {
  readonly number: number;
  readonly name: string;
  bind(thread: Thread, file: OpenFile, address: Uint8Array): void;
  listen(thread: Thread, file: OpenFile, backlog: number): void;
  connect(thread: Thread, file: OpenFile, address: Uint8Array): number | Wait;
  /** The accepted connection as a description of its own with one reference, flags O_RDWR. */
  accept(thread: Thread, file: OpenFile): OpenFile | Wait;
  socketName(file: OpenFile): Uint8Array;
  peerName(file: OpenFile): Uint8Array;
  shutdown(thread: Thread, file: OpenFile, how: number): void;
  /** Bytes moved in this try (streams may move fewer than asked), or "no room yet". */
  send(thread: Thread, file: OpenFile, message: Outgoing, source: Source): number | Wait;
  receive(thread: Thread, file: OpenFile, message: Incoming, sink: Sink): number | Wait;
  setOption(thread: Thread, file: OpenFile, option: OptionCall): void;
  /** Writes value and length to guest memory. */
  getOption(thread: Thread, file: OpenFile, option: OptionCall): void;
  ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number | Wait;
  /** The last reference is gone. */
  release(file: OpenFile): void;
  /** Bytes that a stream has left after a receive (msg_inq); undefined where Linux does not count them. */
  bytesLeft?(file: OpenFile): number | undefined;
  onlyInFlight?(file: OpenFile): void;
  fdinfo?(file: OpenFile): string;
}

export abstract class SocketDescriptor<Core extends SocketCore = SocketCore> extends FileDescriptor {
  /** Only declared: see Inode. */
  declare readonly core: Core;

  constructor(core: Core) {
    super();
    this.core = core;
  }

  /** SO_ACCEPTCONN. */
  get isListening(): boolean {
    return false;
  }

  override get knowsNowait(): boolean {
    return true;
  }

  /** A blocking write to a stream goes on until all is written. */
  override get writesEverything(): boolean {
    return this.core.type === SOCK_STREAM;
  }

  override get looksAtModeOnce(): boolean {
    return true;
  }

  override get signalsOwner(): boolean {
    return true;
  }

  override get inode(): Inode {
    return this.core.inode;
  }

  override get changed(): WaitQueue {
    return this.core.changed;
  }

  /** What poll sees in every state: an error that waits, ends that were shut down. */
  protected endEvents(): number {
    const { core } = this;
    let events = core.pendingError === 0 ? 0 : POLLERR;
    if (core.shutdown === SHUTDOWN_MASK) events |= POLLHUP;
    if ((core.shutdown & RCV_SHUTDOWN) !== 0) events |= POLLRDHUP | READ_EVENTS;
    return events;
  }

  override tryRead(thread: Thread, file: OpenFile, sink: Sink, position: number): number | Wait {
    if (position !== 0) fail(ESPIPE, 'sockets have no position');
    if (sink.remaining === 0) return 0;
    const flags = refusesToWait(thread, file) ? MSG_DONTWAIT : 0;
    return this.core.family.receive(
      thread,
      file,
      { flags, control: undefined, name: undefined, outFlags: 0 },
      sink,
    );
  }

  override tryWrite(thread: Thread, file: OpenFile, source: Source, position: number): number | Wait {
    if (position !== 0) fail(ESPIPE, 'sockets have no position');
    let flags = refusesToWait(thread, file) ? MSG_DONTWAIT : 0;
    if (this.core.type === SOCK_SEQPACKET) flags |= MSG_EOR;
    if (thread.call?.isQuiet === true) flags |= MSG_NOSIGNAL;
    return this.core.family.send(thread, file, { flags, name: undefined, control: undefined }, source);
  }

  override ioctl(thread: Thread, file: OpenFile, request: number, argument: number): number | Wait {
    return this.core.family.ioctl(thread, file, request, argument);
  }

  override close(file: OpenFile): void {
    this.core.family.release(file);
  }

  override onlyInFlight(file: OpenFile): void {
    this.core.family.onlyInFlight?.(file);
  }

  override fdinfo(file: OpenFile): string {
    return this.core.family.fdinfo?.(file) ?? '';
  }
}

/** The file behind `fd`, which must be a socket. EBADF, ENOTSOCK. */
export function socketFile(thread: Thread, fd: number): OpenFile {
  const file = thread.files.get(fd);
  if (!(file.descriptor instanceof SocketDescriptor)) fail(ENOTSOCK, 'the descriptor is not a socket');
  return file;
}

/** The stable object behind a socket file. */
export function coreOf(file: OpenFile): SocketCore {
  return (file.descriptor as SocketDescriptor).core;
}
