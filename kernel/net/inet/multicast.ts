// Which multicast groups a socket has joined and whom it hears in them (net/ipv4/igmp.c, net/ipv6/mcast.c).
// multicast-options.ts changes memberships, deliveries ask `hears`; the interface's part is in multicast-groups.ts.
// There is one interface: a membership is one of the loopback.
import {
  type FilterMode,
  IP_MULTICAST_ALL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_ALL,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
} from '../../abi/inet.ts';
import { EADDRNOTAVAIL, EINVAL, ENOBUFS, ENOMEM, fail } from '../../errno.ts';
import { isGroup, isV4 } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';
import { protocolOption } from './stored-options.ts';

export interface Membership {
  readonly group: string;
  /** The interface's address by which it was joined (imr_address), or a wildcard. */
  readonly address: string;
  mode: FilterMode;
  /** Whom the filter names; undefined while none has been named. */
  sources: string[] | undefined;
}

/** net.core.optmem_max: what a socket's options may take of memory, in bytes. */
export const OPTION_MEMORY = 131_072;
/** sizeof(struct ip_mc_socklist), ipv6_mc_socklist and their lists of sources. */
const V4_SIZE = 48;
const V6_SIZE = 56;
const LIST_SIZE = 24;
const V4_BYTES = 4;
const V6_BYTES = 16;
/** What a page of the guest's memory is charged for. */
const MEMBERSHIPS_PER_PAGE = 16;

export function membershipOf(core: InetSocket, group: string): Membership | undefined {
  return core.memberships.find((membership) => membership.group === group);
}

/** ENOBUFS or ENOMEM: no memory for it. */
export function enterGroup(core: InetSocket, group: string, address: string, mode: FilterMode): void {
  const { memberships, kernel } = core;
  demandMemory(core, isV4(group) ? V4_SIZE : V6_SIZE, group);
  if (memberships.length % MEMBERSHIPS_PER_PAGE === 0 && !kernel.memory.charge(1)) failForMemory(group);
  memberships.push({ group, address, mode, sources: undefined });
  core.net.loopback.groups.enter(group, mode);
}

export function leaveGroup(core: InetSocket, membership: Membership): void {
  const { memberships, kernel } = core;
  const { group, mode, sources = [] } = membership;
  memberships.splice(memberships.indexOf(membership), 1);
  if (memberships.length % MEMBERSHIPS_PER_PAGE === 0) kernel.memory.release(1);
  core.net.loopback.groups.leave(group, mode, sources);
}

/** The socket is closed. */
export function leaveAllGroups(core: InetSocket): void {
  for (const membership of [...core.memberships]) leaveGroup(core, membership);
}

/**
 * ip_mc_source: one sender more or less in a filter of `mode`. EINVAL: the filter names others and has the other mode.
 * EADDRNOTAVAIL: the sender is there already, or is not. ENOBUFS: `most` are there. The last one included takes the
 * membership with it.
 */
export function changeSource(
  core: InetSocket,
  membership: Membership,
  mode: FilterMode,
  source: string,
  isAdded: boolean,
  most: number,
): void {
  const { groups } = core.net.loopback;
  const { group, sources } = membership;
  if (membership.mode !== mode) {
    if (sources !== undefined) fail(EINVAL, 'the filter has the other mode');
    groups.addFilter(group, mode, []);
    groups.removeFilter(group, membership.mode, []);
    membership.mode = mode;
  }
  const at = sources?.indexOf(source) ?? -1;
  if (!isAdded) {
    if (sources === undefined || at < 0) fail(EADDRNOTAVAIL, 'the filter does not name the sender');
    if (sources.length === 1 && mode === MCAST_INCLUDE) leaveGroup(core, membership);
    else {
      groups.countSource(group, mode, source, -1);
      sources.splice(at, 1);
    }
    return;
  }
  if (sources !== undefined && sources.length >= most) fail(ENOBUFS, 'the filter names as many as may be');
  if (at >= 0) fail(EADDRNOTAVAIL, 'the filter names the sender already');
  demandMemory(core, sizeOfSources(group, 1), group);
  membership.sources = [...(sources ?? []), source];
  groups.countSource(group, mode, source, 1);
}

/** ip_mc_msfilter: the filter as a whole. ENOBUFS: no memory for it. */
export function setFilter(
  core: InetSocket,
  membership: Membership,
  mode: FilterMode,
  sources: readonly string[],
): void {
  const { groups } = core.net.loopback;
  const { group } = membership;
  if (sources.length > 0) demandMemory(core, sizeOfSources(group, sources.length), group);
  groups.addFilter(group, mode, sources);
  groups.removeFilter(group, membership.mode, membership.sources ?? []);
  membership.mode = mode;
  membership.sources = sources.length > 0 ? [...sources] : undefined;
}

/** ip_mc_sf_allow, inet6_mc_check: does the socket want what `from` sends to `to`? To what is no group, it does. */
export function hears(core: InetSocket, to: string, from: string): boolean {
  if (!isGroup(to)) return true;
  const membership = membershipOf(core, to);
  if (membership === undefined) {
    return isV4(to)
      ? protocolOption(core, IPPROTO_IP, IP_MULTICAST_ALL) !== 0
      : protocolOption(core, IPPROTO_IPV6, IPV6_MULTICAST_ALL) !== 0;
  }
  const { mode, sources = [] } = membership;
  return sources.includes(from) === (mode !== MCAST_EXCLUDE);
}

/** sock_kmalloc. */
function demandMemory(core: InetSocket, size: number, group: string): void {
  let taken = 0;
  for (const membership of core.memberships) {
    taken += isV4(membership.group) ? V4_SIZE : V6_SIZE;
    if (membership.sources !== undefined) taken += sizeOfSources(membership.group, membership.sources.length);
  }
  if (taken + size >= OPTION_MEMORY) failForMemory(group);
}

function sizeOfSources(group: string, count: number): number {
  return LIST_SIZE + count * (isV4(group) ? V4_BYTES : V6_BYTES);
}

function failForMemory(group: string): never {
  return fail(isV4(group) ? ENOBUFS : ENOMEM, 'no memory for a membership');
}
