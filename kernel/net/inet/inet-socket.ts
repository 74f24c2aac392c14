// The stable core of one TCP or UDP socket: addresses, received bytes, options of the protocol.
// inet.ts moves it between states; ports.ts and the transfer files know it by this object alone.
import { POLLRDBAND, READ_EVENTS, SOCKET_WRITE_EVENTS } from '../../abi/poll.ts';
import { SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM } from '../../abi/socket.ts';
import { notifyOwner } from '../../file/async-owner.ts';
import type { Inode } from '../../fs/inode.ts';
import { ByteRing } from '../byte-ring.ts';
import type { NetNamespace } from '../net-namespace.ts';
import type { SocketFamily } from '../socket.ts';
import { SocketCore } from '../socket-core.ts';
import { ANY_V4, type Endpoint } from './endpoint.ts';
import type { Returned } from './error-queue.ts';
import type { Membership } from './multicast.ts';
import type { Ports } from './ports.ts';
import type { InetState } from './states.ts';

/** What a TCP connection holds in one direction before its sender waits, with buffer sizes left alone. */
const DEFAULT_WINDOW = 2_621_440;

/** One received datagram. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  /** Where it was sent to, as control messages tell the receiver. */
  readonly to: Endpoint;
  /** IP_TTL or the hop limit, and IP_TOS or the traffic class, of its sender. */
  readonly hops: number;
  readonly trafficClass: number;
  /** What it takes of the receiver's SO_RCVBUF. */
  readonly charge: number;
  /** When it was sent, if the receiver wants to know; 0 when nobody noted it. */
  sentNs: bigint;
}

export class InetSocket extends SocketCore {
  readonly ports: Ports;
  state: InetState | undefined;
  /** Bound here; undefined before bind, connect or the first send. */
  local: Endpoint | undefined;
  /** TCP: what has arrived and was not read, from `head` on. */
  readonly bytes: ByteRing;
  head = 0;
  /** TCP: how many bytes that are. UDP: what the datagrams take of SO_RCVBUF. */
  queued = 0;
  /** TCP: the urgent byte that came last, until it is passed (urgent.ts). */
  urgent: { readonly at: number; readonly isRead: boolean } | undefined;
  /** A connect that did not wait: what the next one has to tell (SS_CONNECTING). */
  unreported: 'connected' | 'failed' | undefined;
  /** bind named the port: it outlives a disconnect (SOCK_BINDPORT_LOCK). */
  keepsPort = false;
  /** UDP: what has arrived and was not read. */
  readonly datagrams: Datagram[] = [];
  /** What came back, for MSG_ERRQUEUE. */
  readonly errors: Returned[] = [];
  /** TCP_CONGESTION. */
  congestionControl = 'cubic';
  /** IPV6_V6ONLY. */
  v6Only = false;
  /** Multicast groups that it has joined. */
  readonly memberships: Membership[] = [];
  /** IP_MULTICAST_IF: the interface's number, 0 for none, and the address to send from. */
  groupInterface4 = 0;
  groupAddress = ANY_V4;
  /** IPV6_MULTICAST_IF. */
  groupInterface6 = 0;
  /** Options of levels IPPROTO_* that are stored only, by level * 1000 + number. */
  readonly protocolOptions = new Map<number, number>();

  constructor(
    net: NetNamespace,
    family: SocketFamily,
    type: number,
    protocol: number,
    inode: Inode,
    ports: Ports,
  ) {
    super(net, family, type, protocol, inode);
    this.ports = ports;
    this.bytes = new ByteRing(this.kernel.net.buffers);
  }

  /** A datagram arrives; false when there is no room for it. */
  addDatagram(datagram: Datagram): boolean {
    const { charge } = datagram;
    if (this.queued > 0 && this.queued + charge > this.settings.receiveBuffer) return false;
    if (!this.kernel.memory.charge(pagesOf(charge))) return false;
    this.queued += charge;
    this.datagrams.push(datagram);
    return true;
  }

  /** The first datagram has been read. */
  removeDatagram(): void {
    const datagram = this.datagrams.shift();
    if (datagram === undefined) return;
    this.queued -= datagram.charge;
    this.kernel.memory.release(pagesOf(datagram.charge));
  }

  /** Closed: nobody reads what is queued. */
  forgetQueued(): void {
    this.bytes.clear();
    this.urgent = undefined;
    while (this.datagrams.length > 0) this.removeDatagram();
    this.errors.length = 0;
    this.queued = 0;
  }

  become(state: InetState): void {
    this.state = state;
    if (this.file !== undefined) this.file.descriptor = state;
  }

  get isListening(): boolean {
    return this.state?.kind === 'tcp-listener';
  }

  get reusesAddress(): boolean {
    return (this.settings.storedValue(SO_REUSEADDR) ?? 0) !== 0;
  }

  get reusesPort(): boolean {
    return (this.settings.storedValue(SO_REUSEPORT) ?? 0) !== 0;
  }

  /** How much may be queued here: both ends' buffers once one of them was set by hand. */
  windowFor(sender: InetSocket): number {
    const isSet = this.settings.bufferLock !== 0 || sender.settings.bufferLock !== 0;
    return isSet ? this.settings.receiveBuffer + sender.settings.sendBuffer : DEFAULT_WINDOW;
  }

  /** The port is given up (close, failed connect of an unbound socket). */
  leavePort(): void {
    if (this.local !== undefined) this.ports.release(this, this.local.port);
    this.local = undefined;
  }

  protected override get readersTakeTurns(): boolean {
    return this.type !== SOCK_STREAM || this.isListening;
  }

  wakeReaders(): void {
    this.tellReaders(READ_EVENTS | POLLRDBAND);
    notifyOwner(this.kernel, this.file, 'in');
  }

  wakeWriters(): void {
    this.writers.wakeNewestFirst();
    this.changed.wake(SOCKET_WRITE_EVENTS);
    if (!this.wantsRoom) return;
    this.wantsRoom = false;
    notifyOwner(this.kernel, this.file, 'out');
  }

  override sendBufferChanged(): void {
    this.wakeWriters();
  }
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / 4096);
}
