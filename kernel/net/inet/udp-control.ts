// Control messages of UDP: where a datagram came to and with which hop limit and class (ip(7), IP_PKTINFO; ipv6(7)),
// and from which address it is to be sent. udp-transfer.ts calls it; servers bound to a wildcard answer with it.
// There is one interface, the loopback.
import {
  In6Pktinfo,
  InPktinfo,
  IP_MULTICAST_TTL,
  IP_ORIGDSTADDR,
  IP_PKTINFO,
  IP_PROTOCOL,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_RETOPTS,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_2292HOPLIMIT,
  IPV6_2292PKTINFO,
  IPV6_DONTFRAG,
  IPV6_HOPLIMIT,
  IPV6_MULTICAST_HOPS,
  IPV6_ORIGDSTADDR,
  IPV6_PKTINFO,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
} from '../../abi/inet.ts';
import { AF_INET, AF_INET6, MSG_CTRUNC, SOL_SOCKET } from '../../abi/socket.ts';
import { EINVAL, ENETUNREACH, ENODEV, fail } from '../../errno.ts';
import { type ControlMessage, eachControlMessage } from '../control-messages.ts';
import { bytesOf, LOOPBACK_INDEX } from '../loopback.ts';
import type { Incoming, Outgoing } from '../socket.ts';
import { type Endpoint, encodeEndpoint, ipOf, isAny, isGroup, isV4 } from './endpoint.ts';
import type { Datagram, InetSocket } from './inet-socket.ts';
import { protocolOption } from './stored-options.ts';

/** How a datagram travels, as its sender's options and control messages say. */
export interface Travel {
  /** The address to send from; undefined: that of the socket. */
  readonly source: string | undefined;
  /** The interface to send by, 0: that of the socket. */
  readonly index: number;
  /** IP_TTL, or the hop limit. */
  readonly hops: number;
  /** IP_TOS, or the traffic class. */
  readonly trafficClass: number;
}

/** EINVAL: a message of another size, value or type. ENODEV: not our interface. ENETUNREACH: a source that is not ours. */
export function travelOf(core: InetSocket, { control }: Outgoing, target: string): Travel {
  const isOfV4 = isV4(target);
  const travel = {
    source: undefined as string | undefined,
    index: 0,
    hops: hopsOf(core, target),
    trafficClass: isOfV4
      ? protocolOption(core, IPPROTO_IP, IP_TOS)
      : protocolOption(core, IPPROTO_IPV6, IPV6_TCLASS),
  };
  if (control === undefined) return travel;
  eachControlMessage(control, (message) => {
    if (message.level === SOL_SOCKET) return;
    if (message.level === IPPROTO_IP && isOfV4) Object.assign(travel, fromV4(core, message));
    else if (message.level === IPPROTO_IPV6 && core.family.number === AF_INET6)
      Object.assign(travel, fromV6(core, message, isOfV4));
  });
  return travel;
}

function hopsOf(core: InetSocket, target: string): number {
  if (isV4(target)) return protocolOption(core, IPPROTO_IP, isGroup(target) ? IP_MULTICAST_TTL : IP_TTL);
  return protocolOption(core, IPPROTO_IPV6, isGroup(target) ? IPV6_MULTICAST_HOPS : IPV6_UNICAST_HOPS);
}

/** ip_cmsg_send. */
function fromV4(core: InetSocket, { type, data }: ControlMessage): Partial<Travel> {
  switch (type) {
    case IP_PKTINFO: {
      if (data.length !== InPktinfo.size) fail(EINVAL, 'not a struct in_pktinfo');
      const { ipi_ifindex, ipi_spec_dst } = InPktinfo.decode(data);
      demandLoopback(ipi_ifindex);
      return { index: ipi_ifindex, source: sourceOf(core, ipOf(ipi_spec_dst)) };
    }
    case IP_TTL: {
      const hops = intOf(data);
      if (hops < 1 || hops > 255) fail(EINVAL, 'hops are 1 to 255');
      return { hops };
    }
    case IP_TOS: {
      const value = data.length === 1 ? (data[0] as number) : intOf(data);
      if (value < 0 || value > 255) fail(EINVAL, 'a type of service has eight bits');
      return { trafficClass: value };
    }
    case IP_PROTOCOL:
    case IP_RETOPTS:
      return {};
    default:
      return fail(EINVAL, 'no such control message');
  }
}

/** ip6_datagram_send_ctl; to an IPv4 address only IPV6_PKTINFO counts (ip_cmsg_send). */
function fromV6(core: InetSocket, { type, data }: ControlMessage, isOfV4: boolean): Partial<Travel> {
  if (isOfV4 && type !== IPV6_PKTINFO) return {};
  switch (type) {
    case IPV6_PKTINFO:
    case IPV6_2292PKTINFO: {
      if (data.length < In6Pktinfo.size) fail(EINVAL, 'not a struct in6_pktinfo');
      const { ipi6_addr, ipi6_ifindex } = In6Pktinfo.decode(data);
      demandLoopback(ipi6_ifindex);
      const source = ipOf(ipi6_addr);
      if (isOfV4 && !isV4(source)) fail(EINVAL, 'not an IPv4 address');
      if (!isOfV4 && !isAny(source) && !core.net.loopback.hasRoute(source))
        fail(EINVAL, 'not an address of this machine');
      return { index: ipi6_ifindex, source: sourceOf(core, source) };
    }
    case IPV6_HOPLIMIT:
    case IPV6_2292HOPLIMIT: {
      const hops = intOf(data);
      if (hops < -1 || hops > 255) fail(EINVAL, 'hops are 0 to 255');
      return hops === -1 ? {} : { hops };
    }
    case IPV6_TCLASS: {
      const value = intOf(data);
      if (value < -1 || value > 255) fail(EINVAL, 'a traffic class has eight bits');
      return { trafficClass: Math.max(0, value) };
    }
    case IPV6_DONTFRAG: {
      const value = intOf(data);
      if (value !== 0 && value !== 1) fail(EINVAL, 'not a flag');
      return {};
    }
    default:
      return fail(EINVAL, 'no such control message');
  }
}

function demandLoopback(index: number): void {
  if (index !== 0 && index !== LOOPBACK_INDEX) fail(ENODEV, 'there is only the loopback');
}

function sourceOf({ net }: InetSocket, ip: string): string | undefined {
  if (isAny(ip)) return undefined;
  if (isGroup(ip)) fail(EINVAL, 'groups send nothing');
  return net.loopback.hasRoute(ip) ? ip : fail(ENETUNREACH, 'not an address of this machine');
}

function intOf(data: Uint8Array): number {
  if (data.length !== 4) fail(EINVAL, 'not an int');
  return new DataView(data.buffer, data.byteOffset).getInt32(0, true);
}

/** What the receiver asked for by its options, in the order of Linux. */
export function putControl(core: InetSocket, message: Incoming, datagram: Datagram): void {
  const { to } = datagram;
  const isOn = (level: number, option: number): boolean => protocolOption(core, level, option) !== 0;
  const put = (level: number, type: number, data: Uint8Array): void => {
    if (message.control === undefined) message.outFlags |= MSG_CTRUNC;
    else message.control.put(level, type, data);
  };
  const isSixth = core.family.number === AF_INET6;
  if (isSixth && isOn(IPPROTO_IPV6, IPV6_RECVPKTINFO)) put(IPPROTO_IPV6, IPV6_PKTINFO, packetInfo6(to));
  if (isV4(to.ip)) putV4();
  else putV6();

  function putV4(): void {
    if (isOn(IPPROTO_IP, IP_PKTINFO)) put(IPPROTO_IP, IP_PKTINFO, packetInfo4(core, datagram));
    if (isOn(IPPROTO_IP, IP_RECVTTL)) put(IPPROTO_IP, IP_TTL, int(datagram.hops));
    if (isOn(IPPROTO_IP, IP_RECVTOS)) put(IPPROTO_IP, IP_TOS, Uint8Array.of(datagram.trafficClass));
    if (isOn(IPPROTO_IP, IP_ORIGDSTADDR)) put(IPPROTO_IP, IP_ORIGDSTADDR, encodeEndpoint(to, AF_INET));
  }

  function putV6(): void {
    if (isOn(IPPROTO_IPV6, IPV6_RECVHOPLIMIT)) put(IPPROTO_IPV6, IPV6_HOPLIMIT, int(datagram.hops));
    if (isOn(IPPROTO_IPV6, IPV6_RECVTCLASS)) put(IPPROTO_IPV6, IPV6_TCLASS, int(datagram.trafficClass));
    if (isOn(IPPROTO_IPV6, IPV6_2292PKTINFO)) put(IPPROTO_IPV6, IPV6_2292PKTINFO, packetInfo6(to));
    if (isOn(IPPROTO_IPV6, IPV6_2292HOPLIMIT)) put(IPPROTO_IPV6, IPV6_2292HOPLIMIT, int(datagram.hops));
    if (isOn(IPPROTO_IPV6, IPV6_ORIGDSTADDR))
      put(IPPROTO_IPV6, IPV6_ORIGDSTADDR, encodeEndpoint(to, AF_INET6));
  }
}

/** The specific address is one to answer from. */
function packetInfo4({ net: { loopback } }: InetSocket, { from, to }: Datagram): Uint8Array {
  const specific = isGroup(to.ip) ? loopback.specificAddress(from.ip) : to.ip;
  return InPktinfo.encode({
    ipi_ifindex: LOOPBACK_INDEX,
    ipi_spec_dst: bytesOf(specific, AF_INET),
    ipi_addr: bytesOf(to.ip, AF_INET),
  });
}

function packetInfo6(to: Endpoint): Uint8Array {
  return In6Pktinfo.encode({
    ipi6_addr: encodeEndpoint(to, AF_INET6).subarray(8, 24),
    ipi6_ifindex: LOOPBACK_INDEX,
  });
}

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}
