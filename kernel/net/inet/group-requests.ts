// What programs ask of multicast groups: to join, to leave, to filter senders; and what they are refused for
// (__ip_mc_join_group and the others of net/ipv4/igmp.c, __ipv6_sock_mc_join and the others of net/ipv6/mcast.c).
// multicast-options.ts reads the requests, multicast.ts does what is allowed.
import { type FilterMode, MCAST_EXCLUDE, MCAST_INCLUDE } from '../../abi/inet.ts';
import { AF_INET } from '../../abi/socket.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV, fail } from '../../errno.ts';
import { LOOPBACK_INDEX } from '../loopback.ts';
import { isAny, isGroup, isV4 } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';
import {
  changeSource,
  enterGroup,
  leaveGroup,
  type Membership,
  membershipOf,
  setFilter,
} from './multicast.ts';

/** A group on an interface: by the interface's number, else by an address that it has, else where a route leads. */
export interface Place {
  /** Of the option's level, whatever the address is. */
  readonly family: number;
  readonly group: string;
  readonly index: number;
  /** A wildcard where requests have none. */
  readonly address: string;
}

/** A sender in the filter of a membership that must be of this mode. */
export interface SourceChange {
  readonly mode: FilterMode;
  readonly source: string;
  readonly isAdded: boolean;
}

/** EINVAL: no group. ENODEV: no such interface. EADDRINUSE: joined already. ENOBUFS: in too many. ENOMEM. */
export function join(core: InetSocket, place: Place, mode: FilterMode = MCAST_EXCLUDE): void {
  const { family, group, index, address } = place;
  demandGroup(place);
  const isKnown = membershipOf(core, group) !== undefined;
  if (family === AF_INET) {
    demandInterface(core, place);
    if (isKnown) fail(EADDRINUSE, 'the socket is in the group');
    const joined = core.memberships.filter((membership) => isV4(membership.group)).length;
    if (joined >= core.net.mostMemberships) fail(ENOBUFS, 'igmp_max_memberships');
  } else {
    if (isKnown && (index === 0 || index === LOOPBACK_INDEX)) fail(EADDRINUSE, 'the socket is in the group');
    demandInterface(core, place);
  }
  enterGroup(core, group, address, mode);
}

/** EINVAL: no group of IPv6. ENODEV: no interface is meant. EADDRNOTAVAIL: not joined. */
export function leave(core: InetSocket, place: Place): void {
  const { family, group, address } = place;
  const membership = membershipOf(core, group);
  let isMeant: boolean;
  if (family === AF_INET) {
    const index = place.index || interfaceOf(core, place);
    if (index === 0 && isAny(address)) fail(ENODEV, 'no interface is meant');
    isMeant = index === 0 ? address === membership?.address : index === LOOPBACK_INDEX;
  } else {
    demandGroup(place);
    isMeant = place.index === 0 || place.index === LOOPBACK_INDEX;
  }
  if (membership === undefined || !isMeant) fail(EADDRNOTAVAIL, 'the socket is not in the group');
  leaveGroup(core, membership);
}

/** EINVAL: no group, or not joined, or the filter has the other mode. ENODEV. EADDRNOTAVAIL, ENOBUFS of changeSource. */
export function requestSource(core: InetSocket, place: Place, { mode, source, isAdded }: SourceChange): void {
  changeSource(core, joined(core, place), mode, source, isAdded, mostSources(core, place));
}

/** Joins a group for one sender alone; one more sender when it was joined so before. */
export function joinForSource(core: InetSocket, place: Place, source: string): void {
  demandGroup(place);
  const { group, index } = place;
  // who has joined is told so only by what follows (ip_mc_join_group_ssm, EADDRINUSE)
  const isKnown =
    membershipOf(core, group) !== undefined &&
    (interfaceOf(core, place) !== 0 || (place.family !== AF_INET && index === 0));
  if (!isKnown) join(core, place, MCAST_INCLUDE);
  requestSource(core, place, { mode: MCAST_INCLUDE, source, isAdded: true });
}

/** A whole filter; one that lets nobody through leaves the group. EINVAL: no group, mode, membership. ENODEV, ENOBUFS. */
export function requestFilter(
  core: InetSocket,
  place: Place,
  mode: number,
  sources: readonly string[],
): void {
  demandGroup(place);
  if (mode !== MCAST_INCLUDE && mode !== MCAST_EXCLUDE) fail(EINVAL, 'no mode of a filter');
  demandInterface(core, place);
  if (mode === MCAST_INCLUDE && sources.length === 0) leave(core, place);
  else setFilter(core, joined(core, place), mode, sources);
}

/** How many senders a filter may name: igmp_max_msf, mld_max_msf; below zero without end, as it is compared unsigned. */
export function mostSources(core: InetSocket, { family }: Place): number {
  return (family === AF_INET ? core.net.mostSources4 : core.kernel.net.mostSources6) >>> 0;
}

/** EINVAL: it is no group of the family. */
export function demandGroup({ family, group }: Place): void {
  if (!isGroup(group) || isV4(group) !== (family === AF_INET)) fail(EINVAL, 'not a group');
}

/** ENODEV: no interface is meant (ip_mc_find_dev, ip6_mc_find_dev). */
export function demandInterface(core: InetSocket, place: Place): void {
  if (interfaceOf(core, place) === 0) fail(ENODEV, 'no such interface, or no route to the group');
}

function joined(core: InetSocket, place: Place): Membership {
  demandGroup(place);
  demandInterface(core, place);
  return membershipOf(core, place.group) ?? fail(EINVAL, 'the socket is not in the group');
}

/** The number of the interface that is meant; 0 when there is none. */
function interfaceOf({ net: { loopback } }: InetSocket, { index, address, group }: Place): number {
  if (index !== 0) return index === LOOPBACK_INDEX ? index : 0;
  const isMeant = isAny(address) ? loopback.groupRoute(group) !== undefined : loopback.hasRoute(address);
  return isMeant ? LOOPBACK_INDEX : 0;
}
