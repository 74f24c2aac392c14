// What NETLINK_ROUTE changes: the loopback goes up and down and gets addresses (rtnetlink(7); net/core/rtnetlink.c).
// route.ts calls it for what it does not answer itself. ip(8) and programs that set up a network namespace ask for it.
import {
  Ifaddrmsg,
  Ifinfomsg,
  NLM_F_CREATE,
  RTM_DELADDR,
  RTM_DELROUTE,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTM_SETLINK,
} from '../../abi/netlink.ts';
import { AF_INET, AF_INET6 } from '../../abi/socket.ts';
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, EOPNOTSUPP, EPERM, fail } from '../../errno.ts';
import { bytesToText } from '../../mm/user-memory.ts';
import { CAP_NET_ADMIN, capableIn } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import { ipOf } from '../inet/endpoint.ts';
import { IFF_UP, LOOPBACK_INDEX, LOOPBACK_NAME, type Loopback } from '../loopback.ts';
import type { NetNamespace } from '../net-namespace.ts';
import { changeGroupRoute } from './group-routes.ts';
import { attributesOf, type Request } from './message.ts';

const IFLA_IFNAME = 3;
/** IFLA_NET_NS_PID and _FD: a loopback stays where it is. */
const IFLA_PLACES = [19, 28];
/** Attributes that say which link is meant, or how much to answer (IFLA_ALT_IFNAME, IFLA_EXT_MASK). */
const IFLA_NO_CHANGE = new Set([IFLA_IFNAME, 53, 29]);
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
/** The lowest two bits of a type that asks for something. */
const KIND = 3;

/** RTM_GET…: nothing is changed. */
export function isQuestion(type: number): boolean {
  return (type & KIND) === (RTM_GETLINK & KIND);
}

/** EPERM: without CAP_NET_ADMIN. EOPNOTSUPP: other links, rules, routes to other places. */
export function changeRoute(thread: Thread, { loopback, owner }: NetNamespace, request: Request): void {
  const { type, flags, body } = request;
  if (!isQuestion(type) && !capableIn(thread.credentials, CAP_NET_ADMIN, owner))
    fail(EPERM, 'changing the network needs CAP_NET_ADMIN');
  switch (type) {
    case RTM_NEWLINK:
    case RTM_SETLINK:
      changeLink(loopback, body, (flags & NLM_F_CREATE) !== 0 && type === RTM_NEWLINK);
      break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      changeAddress(loopback, body, type === RTM_NEWADDR);
      break;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      changeGroupRoute(loopback, request);
      break;
    default:
      fail(EOPNOTSUPP, 'this machine has a loopback alone');
  }
}

/** EINVAL: no link is named, or it shall go elsewhere. ENODEV: there is no such link. EOPNOTSUPP: another kind of link. */
function changeLink(loopback: Loopback, body: Uint8Array, mayCreate: boolean): void {
  if (body.length < Ifinfomsg.size) fail(EINVAL, 'the request is too short');
  const { ifi_index, ifi_flags, ifi_change } = Ifinfomsg.decode(body);
  const attributes = attributesOf(body, Ifinfomsg.size);
  const name = attributes.get(IFLA_IFNAME);
  if (ifi_index < 0 || (ifi_index === 0 && name === undefined)) fail(EINVAL, 'no link is named');
  const isMeant = ifi_index > 0 ? ifi_index === LOOPBACK_INDEX : name !== undefined && isLoopbackName(name);
  if (!isMeant && mayCreate) fail(EOPNOTSUPP, 'links of this kind cannot be made');
  if (!isMeant) fail(ENODEV, 'there is no such link');
  if (mayCreate && attributes.size > 1) fail(EEXIST, 'there is such a link');
  if (IFLA_PLACES.some((place) => attributes.has(place))) fail(EINVAL, 'a loopback stays in its namespace');
  if ([...attributes.keys()].some((one) => !IFLA_NO_CHANGE.has(one))) fail(EOPNOTSUPP, 'this stays as it is');
  const changed = ifi_change === 0 ? (ifi_flags === 0 ? 0 : IFF_UP) : ifi_change;
  if ((changed & IFF_UP) !== 0) loopback.isUp = (ifi_flags & IFF_UP) !== 0;
}

export function isLoopbackName(name: Uint8Array): boolean {
  return bytesToText(name).split('\0', 1)[0] === LOOPBACK_NAME;
}

/** EINVAL: no such prefix, or no address. ENODEV. EEXIST: the address is there. EADDRNOTAVAIL: it is not. */
function changeAddress(loopback: Loopback, body: Uint8Array, isNew: boolean): void {
  if (body.length < Ifaddrmsg.size) fail(EINVAL, 'the request is too short');
  const { ifa_family, ifa_prefixlen, ifa_scope, ifa_index } = Ifaddrmsg.decode(body);
  if (ifa_family !== AF_INET && ifa_family !== AF_INET6) fail(EOPNOTSUPP, 'a family without addresses');
  const attributes = attributesOf(body, Ifaddrmsg.size);
  const bytes =
    attributes.get(IFA_LOCAL) ?? (ifa_family === AF_INET6 ? attributes.get(IFA_ADDRESS) : undefined);
  const length = ifa_family === AF_INET ? 4 : 16;
  if (ifa_prefixlen > length * 8 || bytes?.length !== length) fail(EINVAL, 'no such address');
  if (ifa_index !== LOOPBACK_INDEX) fail(ENODEV, 'there is no such link');
  const ip = ipOf(bytes);
  const known = loopback.addresses.find((other) => other.ip === ip && other.prefix === ifa_prefixlen);
  if (!isNew) loopback.remove(known ?? fail(EADDRNOTAVAIL, 'the interface does not have it'));
  else if (known !== undefined) fail(EEXIST, 'the interface has it already');
  else loopback.add({ ip, prefix: ifa_prefixlen, scope: ifa_scope });
}
