// Raw sockets and ping sockets (raw(7), icmp(7); net/ipv4/raw.c, ping.c): what they get of the packets that pass.
// raw.ts is the family that binds them and sends; ip-layer.ts shows them packets.
import { ARPHRD_LOOPBACK, IPPROTO_ICMP, IPPROTO_ICMPV6 } from '../../abi/inet.ts';
import { POLLERR, READ_EVENTS, WRITE_EVENTS } from '../../abi/poll.ts';
import { SOCK_DGRAM } from '../../abi/socket.ts';
import type { Inode } from '../../fs/inode.ts';
import { LOOPBACK_INDEX } from '../loopback.ts';
import type { NetNamespace } from '../net-namespace.ts';
import { Packet } from '../packet.ts';
import { SocketDescriptor, type SocketFamily } from '../socket.ts';
import { filtered } from '../socket-filter.ts';
import { reportsReceiving, wantsStamp } from '../timestamps.ts';
import { type Endpoint, isAny, isV4 } from './endpoint.ts';
import { ICMP_ECHOREPLY, ICMPV6_ECHO_REPLY, isIntact } from './icmp.ts';
import { InetSocket } from './inet-socket.ts';
import { etherType, IpLayer, type PacketReceiver } from './ip-layer.ts';
import { type IpPacket, V4_HEADER } from './ip-packet.ts';
import { hears } from './multicast.ts';
import { udpCharge } from './udp-accounting.ts';

const LAST_FILTERED_TYPE = 31;

export class RawSocket extends InetSocket implements PacketReceiver {
  /** Where connect has set it to; only packets from there arrive. */
  remote: Endpoint | undefined;
  /** IP_HDRINCL: what is sent has its header. */
  hasHeaders = false;
  /** ICMP_FILTER: types that do not arrive. */
  icmpFilter = 0;
  /** ICMPV6_FILTER: a bit for each type that does not arrive. */
  readonly icmp6Filter = new Uint8Array(32);

  constructor(net: NetNamespace, family: SocketFamily, type: number, protocol: number, inode: Inode) {
    super(net, family, type, protocol, inode, net.udpPorts);
    IpLayer.of(net).receivers.add(this);
  }

  /** Of SOCK_DGRAM: only echo requests, and the answers to its own. */
  get isPing(): boolean {
    return this.type === SOCK_DGRAM;
  }

  get isOfV4(): boolean {
    return this.protocol !== IPPROTO_ICMPV6 && this.family.number === 2;
  }

  accept(packet: IpPacket, bytes: Uint8Array): boolean {
    if (packet.protocol !== this.protocol || isV4(packet.to) !== this.isOfV4) return false;
    const { local, remote } = this;
    if (local !== undefined && !isAny(local.ip) && local.ip !== packet.to) return false;
    if (remote !== undefined && remote.ip !== packet.from) return false;
    if (!hears(this, packet.to, packet.from)) return false;
    if (this.isPing) {
      if (this.#isAnswer(packet)) this.#queue(packet, packet.payload);
      return true;
    }
    if (!this.#isFiltered(packet)) this.#queue(packet, this.isOfV4 ? bytes : packet.payload);
    return true;
  }

  #isAnswer(packet: IpPacket): boolean {
    const { payload } = packet;
    const type = this.isOfV4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
    if (payload[0] !== type || !isIntact(packet)) return false;
    const number = ((payload[4] as number) << 8) | (payload[5] as number);
    return number === this.local?.port && this.#isNewestOf(number);
  }

  /** Of several with a number, the last that came gets its packets. */
  #isNewestOf(number: number): boolean {
    let newest: PacketReceiver = this;
    for (const other of IpLayer.of(this.net).receivers) {
      const isAlike = other instanceof RawSocket && other.isPing && other.isOfV4 === this.isOfV4;
      if (isAlike && other.local?.port === number) newest = other;
    }
    return newest === this;
  }

  #isFiltered({ payload }: IpPacket): boolean {
    const type = payload[0] ?? 0;
    if (this.protocol === IPPROTO_ICMP)
      return type <= LAST_FILTERED_TYPE && ((this.icmpFilter >>> type) & 1) !== 0;
    if (this.protocol !== IPPROTO_ICMPV6) return false;
    // 32-bit words in the order of the processor
    return (((this.icmp6Filter[(type >> 5) * 4 + ((type >> 3) & 3)] as number) >> (type & 7)) & 1) !== 0;
  }

  #queue({ from, to, hops, trafficClass }: IpPacket, bytes: Uint8Array): void {
    const { kernel } = this;
    const packet = new Packet(bytes, kernel.random, {
      device: LOOPBACK_INDEX,
      hardware: ARPHRD_LOOPBACK,
      protocol: etherType(bytes),
      payload: this.isOfV4 ? V4_HEADER : 0,
    });
    const length = filtered(this, packet, 0);
    if (length === undefined) return;
    const sentNs = wantsStamp(this) || reportsReceiving(this) ? kernel.clock.realtimeNs() : 0n;
    const arrival = {
      bytes: bytes.slice(0, length),
      from: { ip: from, port: 0 },
      to: { ip: to, port: 0 },
      hops,
      trafficClass,
      charge: udpCharge(length, true),
      sentNs,
    };
    if (this.addDatagram(arrival)) this.wakeReaders();
  }
}

/** The one state of a raw or ping socket. */
export class RawDescriptor extends SocketDescriptor<RawSocket> {
  override readonly kind = 'raw';

  override poll(): number {
    const { core } = this;
    const events = (core.datagrams.length > 0 ? READ_EVENTS : 0) | (core.errors.length > 0 ? POLLERR : 0);
    return events | WRITE_EVENTS | this.endEvents();
  }
}
