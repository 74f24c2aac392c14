// Values of the options that join and leave multicast groups: struct ip_mreq, ipv6_mreq and group_req, as strace shows them.
// socket-option-kinds.ts asks here first. Filters of senders are bytes to strace, and here.
import {
  GroupReq,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MREQ_SIZE,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  Ipv6Mreq,
  MCAST_JOIN_GROUP,
  MCAST_LEAVE_GROUP,
} from '../inet.ts';
import type { PrintContext } from '../kind.ts';
import { pointer } from './format.ts';
import { braces, peekBytes } from './peek.ts';
import { addressText, interfaceText, ipv6Text } from './socket-address.ts';

const IPV6_JOIN_ANYCAST = 27;
const IPV6_LEAVE_ANYCAST = 28;

interface Shape {
  readonly size: number;
  print(bytes: Uint8Array): string;
}

const MREQ: Shape = {
  size: IP_MREQ_SIZE,
  print: (bytes) => {
    const [group, local] = [bytes.subarray(0, 4), bytes.subarray(4, 8)].map((part) => part.join('.'));
    return braces([`imr_multiaddr=inet_addr("${group}")`, `imr_interface=inet_addr("${local}")`]);
  },
};

const MREQ6: Shape = {
  size: Ipv6Mreq.size,
  print: (bytes) => {
    const { ipv6mr_multiaddr, ipv6mr_interface } = Ipv6Mreq.decode(bytes);
    return braces([
      `inet_pton(AF_INET6, "${ipv6Text(ipv6mr_multiaddr)}", &ipv6mr_multiaddr)`,
      `ipv6mr_interface=${interfaceText(ipv6mr_interface)}`,
    ]);
  },
};

const GROUP: Shape = {
  size: GroupReq.size,
  print: (bytes) => {
    const { gr_interface, gr_group } = GroupReq.decode(bytes);
    return braces([`gr_interface=${interfaceText(gr_interface)}`, `gr_group=${addressText(gr_group)}`]);
  },
};

const SHAPES: Readonly<Record<number, Readonly<Record<number, Shape>>>> = {
  [IPPROTO_IP]: {
    [IP_ADD_MEMBERSHIP]: MREQ,
    [IP_DROP_MEMBERSHIP]: MREQ,
    [MCAST_JOIN_GROUP]: GROUP,
    [MCAST_LEAVE_GROUP]: GROUP,
  },
  [IPPROTO_IPV6]: {
    [IPV6_ADD_MEMBERSHIP]: MREQ6,
    [IPV6_DROP_MEMBERSHIP]: MREQ6,
    [IPV6_JOIN_ANYCAST]: MREQ6,
    [IPV6_LEAVE_ANYCAST]: MREQ6,
    [MCAST_JOIN_GROUP]: GROUP,
    [MCAST_LEAVE_GROUP]: GROUP,
  },
};

/** The value of `length` bytes that is set; undefined for an option of another sort. */
export function groupRequestText(context: PrintContext, address: number, length: number): string | undefined {
  const { level = 0, optname = 0 } = context.args;
  const shape = SHAPES[level]?.[optname];
  if (shape === undefined) return undefined;
  const bytes = length < shape.size ? undefined : peekBytes(context, address, shape.size);
  return bytes === undefined ? pointer(address) : shape.print(bytes);
}
