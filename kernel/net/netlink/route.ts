// NETLINK_ROUTE, as much as C libraries ask: the links and addresses of this machine, which has a loopback alone.
// getifaddrs, if_nametoindex and getaddrinfo read it (rtnetlink(7)).
import { ARPHRD_LOOPBACK } from '../../abi/inet.ts';
import {
  Ifaddrmsg,
  Ifinfomsg,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_GETROUTE,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from '../../abi/netlink.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../abi/socket.ts';
import { EOPNOTSUPP, fail } from '../../errno.ts';
import { type Answer, attribute, bodyOf, type Request, words } from './message.ts';

const NAME = Uint8Array.from([0x6c, 0x6f, 0]); // "lo"
export const LOOPBACK_INDEX = 1;
export const LOOPBACK_MTU = 65_536;
/** IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP. */
const FLAGS = 0x10049;
const IFA_F_PERMANENT = 0x80;
const RT_SCOPE_HOST = 254;

/** EOPNOTSUPP: changing links, addresses or routes. */
export function answerRoute(request: Request): Answer[] {
  const family = request.body[0] ?? AF_UNSPEC;
  switch (request.type) {
    case RTM_GETLINK:
      return [loopbackLink()];
    case RTM_GETADDR:
      return [AF_INET, AF_INET6].filter((one) => family === AF_UNSPEC || family === one).map(loopbackAddress);
    case RTM_GETROUTE:
    case RTM_GETNEIGH:
      return [];
    default:
      return fail(EOPNOTSUPP, 'the network of this machine cannot be changed');
  }
}

function loopbackLink(): Answer {
  const head = Ifinfomsg.encode({
    ifi_family: AF_UNSPEC,
    pad: 0,
    ifi_type: ARPHRD_LOOPBACK,
    ifi_index: LOOPBACK_INDEX,
    ifi_flags: FLAGS,
    ifi_change: 0,
  });
  const noAddress = new Uint8Array(6);
  const attributes = [
    attribute(3, NAME),
    attribute(4, words(LOOPBACK_MTU)),
    attribute(1, noAddress),
    attribute(2, noAddress),
  ];
  return { type: RTM_NEWLINK, body: bodyOf(head, attributes) };
}

function loopbackAddress(family: number): Answer {
  const head = Ifaddrmsg.encode({
    ifa_family: family,
    ifa_prefixlen: family === AF_INET ? 8 : 128,
    ifa_flags: IFA_F_PERMANENT,
    ifa_scope: RT_SCOPE_HOST,
    ifa_index: LOOPBACK_INDEX,
  });
  const own = family === AF_INET ? Uint8Array.of(127, 0, 0, 1) : Uint8Array.from([...new Uint8Array(15), 1]);
  const attributes =
    family === AF_INET ? [attribute(1, own), attribute(2, own), attribute(3, NAME)] : [attribute(1, own)];
  return { type: RTM_NEWADDR, body: bodyOf(head, attributes) };
}
