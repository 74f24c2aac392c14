// NETLINK_ROUTE, as much as programs look at: the link and addresses of a network namespace, which has a loopback alone, and
// the rules that every one has. getifaddrs, if_nametoindex, getaddrinfo and ip(8) read it (rtnetlink(7)).
// route-changes.ts does what is asked for otherwise.
import { ARPHRD_LOOPBACK } from '../../abi/inet.ts';
import {
  FibRuleHdr,
  Ifaddrmsg,
  Ifinfomsg,
  NLM_F_DUMP,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_GETNSID,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNSID,
  RTM_NEWRULE,
} from '../../abi/netlink.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../abi/socket.ts';
import { EINVAL, ENODEV, EOPNOTSUPP, ESRCH, fail } from '../../errno.ts';
import { textToBytes } from '../../mm/user-memory.ts';
import type { Thread } from '../../task/thread.ts';
import { isV4, LOOPBACK_V6 } from '../inet/endpoint.ts';
import {
  bytesOf,
  type InterfaceAddress,
  LOOPBACK_INDEX,
  LOOPBACK_MTU,
  LOOPBACK_NAME,
  type Loopback,
} from '../loopback.ts';
import type { NetNamespace } from '../net-namespace.ts';
import { groupRoutesOf } from './group-routes.ts';
import { type Answer, attribute, attributesOf, bodyOf, type Request, words } from './message.ts';
import { changeRoute, isLoopbackName } from './route-changes.ts';

const NAME = textToBytes(`${LOOPBACK_NAME}\0`);
const QUEUE_LENGTH = 1000;
const IFLA_IFNAME = 3;
const NETNSA_NSID = 1;
const NETNSA_PID = 2;
const NETNSA_FD = 3;
/** IF_OPER_*. */
const OPER_UNKNOWN = 0;
const OPER_DOWN = 2;
const IFA_F_PERMANENT = 0x80;
const IFAPROT_KERNEL_LO = 1;
const FR_ACT_TO_TBL = 1;
const RTPROT_KERNEL = 2;
/** RT_TABLE_LOCAL, _MAIN and _DEFAULT by the priority of their rules; IPv6 has no default table. */
const RULES = [
  { table: 255, priority: 0, families: [AF_INET, AF_INET6] },
  { table: 254, priority: 32_766, families: [AF_INET, AF_INET6] },
  { table: 253, priority: 32_767, families: [AF_INET] },
];

/** ENODEV: no such link. What route-changes.ts fails with, for requests to change something. */
export function answerRoute(thread: Thread, net: NetNamespace, request: Request): Answer[] {
  const family = request.body[0] ?? AF_UNSPEC;
  switch (request.type) {
    case RTM_GETLINK:
      if ((request.flags & NLM_F_DUMP) === 0) demandLoopback(request.body);
      return [loopbackLink(net.loopback)];
    case RTM_GETADDR:
      return familiesOf(family).flatMap((one) => addressesOf(net.loopback, one));
    case RTM_GETRULE:
      return familiesOf(family).flatMap(rulesOf);
    case RTM_GETNSID:
      return (request.flags & NLM_F_DUMP) === 0 ? [namespaceId(thread, request.body)] : [];
    case RTM_GETROUTE:
      if ((request.flags & NLM_F_DUMP) === 0) fail(EOPNOTSUPP, 'only all routes are told');
      return familiesOf(family).flatMap((one) => groupRoutesOf(net.loopback, one));
    case RTM_GETNEIGH:
      return [];
    default:
      changeRoute(thread, net, request);
      return [];
  }
}

/**
 * Which number a network namespace has here (rtnl_net_getid): none, as links to others are what numbers are for.
 * EINVAL: it is not said which one. EBADF, ESRCH.
 */
function namespaceId(thread: Thread, body: Uint8Array): Answer {
  const attributes = attributesOf(body, 1);
  const number = (type: number): number | undefined => {
    const value = attributes.get(type);
    return value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getInt32(0, true) : undefined;
  };
  const fd = number(NETNSA_FD);
  const pid = number(NETNSA_PID);
  if (pid !== undefined) {
    if (thread.kernel.pids.thread(thread.process.kernelPid(pid)) === undefined)
      fail(ESRCH, 'no such process');
  } else if (fd !== undefined) {
    if (thread.files.get(fd).descriptor.kind !== 'namespace') fail(EINVAL, 'not a namespace');
  } else if (number(NETNSA_NSID) === undefined) fail(EINVAL, 'no namespace is named');
  return { type: RTM_NEWNSID, body: bodyOf(new Uint8Array(4), [attribute(NETNSA_NSID, words(-1))]) };
}

/** A link is asked for by its number or its name. */
function demandLoopback(body: Uint8Array): void {
  if (body.length < Ifinfomsg.size) fail(EINVAL, 'the request is too short');
  const { ifi_index } = Ifinfomsg.decode(body);
  const name = attributesOf(body, Ifinfomsg.size).get(IFLA_IFNAME);
  const isMeant = ifi_index > 0 ? ifi_index === LOOPBACK_INDEX : name !== undefined && isLoopbackName(name);
  if (!isMeant) fail(ENODEV, 'there is no such link');
}

function familiesOf(asked: number): number[] {
  return [AF_INET, AF_INET6].filter((one) => asked === AF_UNSPEC || asked === one);
}

function byte(value: number): Uint8Array {
  return Uint8Array.of(value);
}

/** What rtnl_fill_ifinfo says of any link, with no traffic counted. */
function loopbackLink(loopback: Loopback): Answer {
  const head = Ifinfomsg.encode({
    ifi_family: AF_UNSPEC,
    pad: 0,
    ifi_type: ARPHRD_LOOPBACK,
    ifi_index: LOOPBACK_INDEX,
    ifi_flags: loopback.flags(true),
    ifi_change: 0,
  });
  const noAddress = new Uint8Array(6);
  const attributes = [
    attribute(3, NAME), // IFLA_IFNAME …
    attribute(13, words(QUEUE_LENGTH)),
    attribute(16, byte(loopback.isUp ? OPER_UNKNOWN : OPER_DOWN)),
    attribute(17, byte(0)), // LINKMODE
    attribute(4, words(LOOPBACK_MTU)),
    attribute(50, words(0)), // MIN_MTU
    attribute(51, words(0)), // MAX_MTU
    attribute(27, words(0)), // GROUP
    attribute(30, words(0)), // PROMISCUITY
    attribute(31, words(1)), // NUM_TX_QUEUES
    attribute(32, words(1)), // NUM_RX_QUEUES
    attribute(33, byte(1)), // CARRIER
    attribute(35, words(0)), // CARRIER_CHANGES
    attribute(1, noAddress),
    attribute(2, noAddress),
    attribute(23, new Uint8Array(25 * 8)), // STATS64
    attribute(7, new Uint8Array(24 * 4)), // STATS
    attribute(6, textToBytes(loopback.hasQueue ? 'noqueue\0' : 'noop\0')),
  ];
  return { type: RTM_NEWLINK, body: bodyOf(head, attributes) };
}

function addressesOf({ addresses }: Loopback, family: number): Answer[] {
  return addresses.filter(({ ip }) => isV4(ip) === (family === AF_INET)).map((one) => describe(one, family));
}

function describe({ ip, prefix, scope }: InterfaceAddress, family: number): Answer {
  const head = Ifaddrmsg.encode({
    ifa_family: family,
    ifa_prefixlen: prefix,
    ifa_flags: IFA_F_PERMANENT,
    ifa_scope: scope,
    ifa_index: LOOPBACK_INDEX,
  });
  const own = bytesOf(ip, family);
  const flags = attribute(8, words(IFA_F_PERMANENT));
  const times = attribute(6, words(~0, ~0, 0, 0)); // IFA_CACHEINFO: preferred and valid for ever, made at boot
  const protocol = ip === LOOPBACK_V6 ? [attribute(11, byte(IFAPROT_KERNEL_LO))] : [];
  const attributes =
    family === AF_INET
      ? [attribute(1, own), attribute(2, own), attribute(3, NAME), flags, times]
      : [attribute(1, own), times, flags, ...protocol];
  return { type: RTM_NEWADDR, body: bodyOf(head, attributes) };
}

/** What says in which tables a route is looked for (ip-rule(8)); each selects everything. */
function rulesOf(family: number): Answer[] {
  return RULES.filter(({ families }) => families.includes(family)).map(({ table, priority }) => {
    const head = FibRuleHdr.encode({
      family,
      dst_len: 0,
      src_len: 0,
      tos: 0,
      table,
      res1: 0,
      res2: 0,
      action: FR_ACT_TO_TBL,
      flags: 0,
    });
    const attributes = [
      attribute(15, words(table)), // FRA_TABLE
      attribute(14, words(~0)), // FRA_SUPPRESS_PREFIXLEN
      attribute(21, byte(RTPROT_KERNEL)),
      ...(priority === 0 ? [] : [attribute(6, words(priority))]),
    ];
    return { type: RTM_NEWRULE, body: bodyOf(head, attributes) };
  });
}
