// Routes that NETLINK_ROUTE makes: those to multicast groups, over the loopback (rtnetlink(7); inet_rtm_newroute,
// inet6_rtm_newroute). Without one, groups of IPv6 cannot be sent to at all, and those of IPv4 by name of the interface only.
// route-changes.ts and route.ts call it. Other routes would lead out of this machine.
import {
  NLM_F_CREATE,
  RTM_NEWROUTE,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  Rtmsg,
} from '../../abi/netlink.ts';
import { AF_INET, AF_INET6 } from '../../abi/socket.ts';
import { EEXIST, EINVAL, ENETDOWN, ENODEV, ENOENT, EOPNOTSUPP, ESRCH, fail } from '../../errno.ts';
import { ipOf, isGroup, isV4 } from '../inet/endpoint.ts';
import { bytesOf, type GroupRoute, LOOPBACK_INDEX, type Loopback } from '../loopback.ts';
import { type Answer, attribute, attributesOf, bodyOf, type Request, words } from './message.ts';

const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_CACHEINFO = 12;
const RTA_TABLE = 15;
const RTA_PREF = 20;
const KNOWN = new Set([RTA_DST, RTA_OIF, RTA_PRIORITY, RTA_PREFSRC, RTA_TABLE]);
const RT_TABLE_MAIN = 254;
/** Bits of a prefix that are the same for all groups. */
const LEAST_BITS = { [AF_INET]: 4, [AF_INET6]: 8 };
/** IP6_RT_PRIO_USER. */
const METRIC_V6 = 1024;

/** EOPNOTSUPP: no route to groups, or of another type. ENODEV, ENETDOWN. EINVAL. EEXIST; ENOENT, ESRCH: it is not there. */
export function changeGroupRoute(loopback: Loopback, { type, flags, body }: Request): void {
  const isNew = type === RTM_NEWROUTE;
  const route = routeOf(loopback, body, isNew);
  const routes = loopback.groupRoutes;
  const at = routes.findIndex((other) => isSame(other, route));
  if (!isNew) {
    if (at < 0) fail(ESRCH, 'there is no such route');
    routes.splice(at, 1);
    return;
  }
  const types: readonly number[] = isV4(route.group) ? [RTN_UNICAST, RTN_MULTICAST] : [RTN_LOCAL];
  if (!types.includes(route.type)) fail(EOPNOTSUPP, 'routes of this type lead nowhere');
  if (!loopback.isUp) fail(ENETDOWN, 'the loopback is down');
  if (at >= 0) fail(EEXIST, 'there is such a route');
  if ((flags & NLM_F_CREATE) === 0) fail(ENOENT, 'there is no such route to change');
  routes.push(route);
}

function isSame(one: GroupRoute, other: GroupRoute): boolean {
  return one.group === other.group && one.prefix === other.prefix && one.table === other.table;
}

function routeOf(loopback: Loopback, body: Uint8Array, isNew: boolean): GroupRoute {
  if (body.length < Rtmsg.size) fail(EINVAL, 'the request is too short');
  const { rtm_family, rtm_dst_len, rtm_table, rtm_protocol, rtm_scope, rtm_type } = Rtmsg.decode(body);
  const attributes = attributesOf(body, Rtmsg.size);
  const given = attributes.get(RTA_DST);
  const isKnownFamily = rtm_family === AF_INET || rtm_family === AF_INET6;
  const length = rtm_family === AF_INET ? 4 : 16;
  if (isKnownFamily && rtm_dst_len > length * 8) fail(EINVAL, 'no such prefix');
  if (!isKnownFamily || given === undefined || rtm_dst_len < LEAST_BITS[rtm_family] || !isGroup(ipOf(given)))
    fail(EOPNOTSUPP, 'this machine has a loopback alone');
  if (given.length !== length) fail(EINVAL, 'no such address');
  if ([...attributes.keys()].some((one) => !KNOWN.has(one)))
    fail(EOPNOTSUPP, 'the loopback is all there is on the way');
  const word = (key: number): number | undefined => {
    const value = attributes.get(key);
    return value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0, true) : undefined;
  };
  const link = word(RTA_OIF);
  if (link !== LOOPBACK_INDEX && (isNew || link !== undefined)) fail(ENODEV, 'there is no such link');
  const group = ipOf(masked(given, rtm_dst_len));
  if (rtm_family === AF_INET && group !== ipOf(given)) fail(EINVAL, 'bits behind the prefix');
  const preferred = attributes.get(RTA_PREFSRC);
  const source = preferred === undefined ? undefined : ipOf(preferred);
  if (source !== undefined && !loopback.hasRoute(source)) fail(EINVAL, 'not an address of this machine');
  return {
    group,
    prefix: rtm_dst_len,
    source,
    type: rtm_type,
    table: word(RTA_TABLE) ?? (rtm_table === 0 ? RT_TABLE_MAIN : rtm_table),
    protocol: rtm_protocol,
    scope: rtm_scope,
    metric: word(RTA_PRIORITY) ?? (rtm_family === AF_INET6 ? METRIC_V6 : 0),
  };
}

function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  return bytes.map((byte, i) => byte & (0xff << Math.min(8, Math.max(0, 8 - (prefix - i * 8)))));
}

/** The routes that were made, as a dump shows them. */
export function groupRoutesOf({ groupRoutes }: Loopback, family: number): Answer[] {
  return groupRoutes
    .filter(({ group }) => isV4(group) === (family === AF_INET))
    .map((route) => describe(route, family));
}

function describe(
  { group, prefix, source, type, table, protocol, scope, metric }: GroupRoute,
  family: number,
): Answer {
  const head = Rtmsg.encode({
    rtm_family: family,
    rtm_dst_len: prefix,
    rtm_src_len: 0,
    rtm_tos: 0,
    rtm_table: table > 255 ? 0 : table,
    rtm_protocol: protocol,
    rtm_scope: scope,
    rtm_type: type,
    rtm_flags: 0,
  });
  const isSixth = family === AF_INET6;
  const attributes = [
    attribute(RTA_TABLE, words(table)),
    attribute(RTA_DST, bytesOf(group, family)),
    ...(metric === 0 ? [] : [attribute(RTA_PRIORITY, words(metric))]),
    ...(source === undefined ? [] : [attribute(RTA_PREFSRC, bytesOf(source, family))]),
    attribute(RTA_OIF, words(LOOPBACK_INDEX)),
    ...(isSixth ? [attribute(RTA_CACHEINFO, new Uint8Array(32)), attribute(RTA_PREF, Uint8Array.of(0))] : []),
  ];
  return { type: RTM_NEWROUTE, body: bodyOf(head, attributes) };
}
