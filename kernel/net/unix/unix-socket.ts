// The stable core of one unix socket: its name, queue, credentials and present state.
// unix.ts moves it between states; queues and the collector know sockets by this object alone.
// `state` and the descriptor of `file` are always the same object, once there is a file.
import { POLLIN, POLLPRI, POLLRDBAND, POLLRDNORM, SOCKET_WRITE_EVENTS } from '../../abi/poll.ts';
import { FASYNC, SOCK_STREAM } from '../../abi/socket.ts';
import { notifyOwner } from '../../file/async-owner.ts';
import type { Inode } from '../../fs/inode.ts';
import type { Path } from '../../fs/path.ts';
import { WaitQueue } from '../../wait.ts';
import type { NetNamespace } from '../net-namespace.ts';
import type { SocketFamily } from '../socket.ts';
import { SocketCore } from '../socket-core.ts';
import { UNNAMED, type UnixAddress } from './address.ts';
import type { PeerCredentials } from './credentials.ts';
import { type Message, MessageQueue } from './message-queue.ts';
import type { RoomRelay } from './room-relay.ts';
import type { UnixState } from './states.ts';

const READABLE = POLLIN | POLLPRI | POLLRDNORM | POLLRDBAND;

export class UnixSocket extends SocketCore {
  /** Set by the constructor's caller at once (`become`). */
  state: UnixState | undefined;
  address: UnixAddress = UNNAMED;
  /** Where a path name was bound; outlives unlink and rename. */
  boundPath: Path | undefined;
  readonly queue: MessageQueue;
  /** Of the other side; of a listener, its own. */
  peerCredentials: PeerCredentials | undefined;
  /** The listener in whose backlog this connection still waits. */
  listener: UnixSocket | undefined;
  /** Parked in connect (backlog full) or in a datagram send (queue full) towards this socket (peer_wait). */
  readonly room = new WaitQueue('room in a receive queue');
  /** Tells this datagram socket's pollers of room at its peer. */
  relay: RoomRelay | undefined;
  /** How many datagrams may wait here unread; net.unix.max_dgram_qlen as of the making. */
  readonly datagramBacklog: number;
  /** The urgent byte that was not yet read (MSG_OOB). */
  urgent: Message | undefined;
  /** Datagram sockets: TCP_ESTABLISHED, which connect gives to both ends; /proc/net/unix shows it. */
  isConnectedTo = false;
  /** Sockets in whose queues this one lies, with how often. Kept by in-flight.ts. */
  holders: Map<UnixSocket, number> | undefined;

  constructor(net: NetNamespace, family: SocketFamily, type: number, protocol: number, inode: Inode) {
    super(net, family, type, protocol, inode);
    this.queue = new MessageQueue(this.kernel.net.buffers);
    this.datagramBacklog = net.maxDatagramQueue;
    // what its end changes: docs/decisions/0025
    this.listener = undefined;
    this.urgent = undefined;
  }

  /** Moves the socket to a state, for every holder of its file. */
  become(state: UnixState): void {
    this.state = state;
    if (this.file !== undefined) this.file.descriptor = state;
  }

  /** unix_writable: enough of the send buffer is free to be worth a wake-up. sk_wmem_alloc has 1 for the socket itself. */
  get hasRoom(): boolean {
    return (this.outstanding + 1) * 4 <= this.settings.sendBuffer;
  }

  /** A send or a poll found no room: SIGIO tells when there is some, if O_ASYNC is on by now (sk_set_bit). */
  missRoom(): void {
    this.wantsRoom ||= this.file !== undefined && (this.file.flags & FASYNC) !== 0;
  }

  /** Pays for a message. */
  charge(amount: number): void {
    this.outstanding += amount;
  }

  /** A message is gone; senders and pollers learn of room (sock_wfree, unix_write_space). */
  uncharge(amount: number): void {
    this.outstanding -= amount;
    if (!this.hasRoom || this.state?.kind === 'unix-listener') return;
    this.writers.wakeNewestFirst();
    this.changed.wake(SOCKET_WRITE_EVENTS);
    if (this.wantsRoom) {
      this.wantsRoom = false;
      notifyOwner(this.kernel, this.file, 'out');
    }
  }

  override sendBufferChanged(): void {
    this.uncharge(0);
  }

  protected override get readersTakeTurns(): boolean {
    return this.type !== SOCK_STREAM || this.state?.kind === 'unix-listener';
  }

  /** Something arrived (sock_def_readable). */
  wakeReaders(): void {
    const isAwaited = !this.readers.isEmpty && this.type === SOCK_STREAM;
    this.tellReaders(READABLE);
    if (!isAwaited) notifyOwner(this.kernel, this.file, 'in'); // SOCKWQ_ASYNC_WAITDATA
  }
}
