// What goes over the loopback of a network namespace as packets, for those who see packets (ip(7), raw(7), packet(7)).
// It is there as soon as a raw, ping or packet socket is: TCP and UDP reach each other without it and only show it
// what they do.
import { IPPROTO_UDP } from '../../abi/inet.ts';
import type { NetNamespace } from '../net-namespace.ts';
import { isGroup, isV4, LOOPBACK_V4 } from './endpoint.ts';
import { echoReply, icmpOf, isIntact, unreachable } from './icmp.ts';
import { decodeIp, encodeIp, type IpPacket, UDP_HEADER } from './ip-packet.ts';
import { deliverUdp } from './udp-delivery.ts';

/** Sees all packets of the loopback, twice: on their way out, and when they come in. */
export interface Tap {
  see(packet: Uint8Array, isOutgoing: boolean): void;
}

/** A raw or ping socket. */
export interface PacketReceiver {
  /** True when the packet is for it: a protocol that has one is no unknown one. */
  accept(packet: IpPacket, bytes: Uint8Array): boolean;
}

export class IpLayer {
  readonly receivers = new Set<PacketReceiver>();
  readonly taps = new Set<Tap>();
  readonly #net: NetNamespace;
  #lastId = 0;

  private constructor(net: NetNamespace) {
    this.#net = net;
  }

  static of(net: NetNamespace): IpLayer {
    net.ip ??= new IpLayer(net);
    return net.ip;
  }

  /** The packet goes out and comes in again; answers follow. */
  send(packet: IpPacket): void {
    this.sendBytes(encodeIp(packet, this.#nextId()));
  }

  /** The same for a packet that has its header. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.#net.loopback.isUp) return;
    const packet = decodeIp(bytes);
    this.#tell(bytes);
    if (packet !== undefined && this.#takes(packet)) this.#deliver(packet, bytes);
  }

  /**
   * A packet socket puts it on the device. Nobody believes that IPv4 packets with addresses of the loopback come from
   * outside (ip_route_input_slow, martians), and the sender does not see it go out.
   */
  inject(bytes: Uint8Array, sender: Tap): void {
    const packet = decodeIp(bytes);
    this.#tell(bytes, sender);
    const isMartian = packet !== undefined && isV4(packet.to) && [packet.from, packet.to].some(isOfLoopback);
    if (packet !== undefined && !isMartian && this.#takes(packet)) this.#deliver(packet, bytes);
  }

  /** UDP or TCP has delivered a packet itself. */
  show(packet: IpPacket): void {
    const bytes = encodeIp(packet, this.#nextId());
    this.#tell(bytes);
    if (this.#takes(packet)) for (const receiver of [...this.receivers]) receiver.accept(packet, bytes);
  }

  /** UDP found nobody: its sender is told, here as a packet. */
  refuse(packet: IpPacket): void {
    const bytes = encodeIp(packet, this.#nextId());
    this.#tell(bytes);
    for (const receiver of [...this.receivers]) receiver.accept(packet, bytes);
    this.send(unreachable(bytes, packet, 'port'));
  }

  #takes({ to, from }: IpPacket): boolean {
    return this.#net.loopback.takes(to, from);
  }

  #nextId(): number {
    this.#lastId = (this.#lastId + 1) & 0xffff;
    return this.#lastId;
  }

  #tell(bytes: Uint8Array, sender?: Tap): void {
    for (const isOutgoing of [true, false])
      for (const tap of [...this.taps]) if (!isOutgoing || tap !== sender) tap.see(bytes, isOutgoing);
  }

  #deliver(packet: IpPacket, bytes: Uint8Array): void {
    let isKnown = false;
    for (const receiver of [...this.receivers]) isKnown = receiver.accept(packet, bytes) || isKnown;
    if (packet.protocol === icmpOf(packet.to)) {
      const reply = isIntact(packet) ? echoReply(packet) : undefined;
      if (reply !== undefined) this.send(reply);
    } else if (packet.protocol === IPPROTO_UDP) {
      if (!this.#deliverUdp(packet)) this.send(unreachable(bytes, packet, 'port'));
    } else if (!isKnown && !isGroup(packet.to)) this.send(unreachable(bytes, packet, 'protocol'));
  }

  /** A raw socket sent a datagram. False when nobody has the port; what is no datagram is lost. */
  #deliverUdp({ from, to, payload, hops, trafficClass }: IpPacket): boolean {
    if (payload.length < UDP_HEADER) return true;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const length = view.getUint16(4);
    if (length < UDP_HEADER || length > payload.length) return true;
    return deliverUdp(this.#net, {
      bytes: payload.slice(UDP_HEADER, length),
      from: { ip: from, port: view.getUint16(0) },
      to: { ip: to, port: view.getUint16(2) },
      hops,
      trafficClass,
    });
  }
}

/** 127.0.0.0/8. */
function isOfLoopback(ip: string): boolean {
  return ip[12] === LOOPBACK_V4[12];
}

/** Ethernet's number of the protocol. */
export function etherType(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800;
}
