// How packets leave: which address they come from and whether there is a way (ip_route_output_key_hash_rcu,
// ip6_route_output), and the interface that an IPv6 address of a link needs to mean something (its scope).
// udp-transfer.ts, raw.ts and inet.ts ask before they send, connect or bind.
import { AF_INET6, SO_BROADCAST, SOCK_STREAM } from '../../abi/socket.ts';
import { EACCES, EINVAL, ENETUNREACH, ENODEV, fail } from '../../errno.ts';
import { LOOPBACK_INDEX } from '../loopback.ts';
import { BROADCAST_V4, isAny, isGroup, isV4, LOOPBACK_V4, LOOPBACK_V6, needsScope } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';

/** What a sender says of the way of one packet. */
export interface Way {
  /** The address to send from; undefined: that of the socket. */
  readonly source: string | undefined;
  /** The interface's number; 0: that of the socket. */
  readonly index: number;
}

export const ANY_WAY: Way = { source: undefined, index: 0 };

/** The address that a packet to `to` comes from. ENETUNREACH, EADDRNOTAVAIL: there is no way. */
export function sourceOf(core: InetSocket, to: string, way: Way): string {
  if (isGroup(to) && !isV4(to)) return sourceToGroup6(core, to, way);
  if (isGroup(to) || to === BROADCAST_V4) return sourceToGroup4(core, to, way);
  core.net.loopback.demandRoute(to);
  return localSource(core, to, way);
}

/** EACCES: a broadcast address without SO_BROADCAST. */
export function demandBroadcast({ net, settings }: InetSocket, to: string): void {
  if (net.loopback.isBroadcast(to) && (settings.storedValue(SO_BROADCAST) ?? 0) === 0)
    fail(EACCES, 'broadcasting needs SO_BROADCAST');
}

/** The address that a packet to this machine comes from: a socket that has none takes the nearest. */
export function localSource(core: InetSocket, to: string, way: Way): string {
  return way.source ?? boundAddress(core) ?? (isV4(to) ? LOOPBACK_V4 : LOOPBACK_V6);
}

/** What is sent by a socket that is bound to a group or a broadcast address comes from elsewhere. */
function boundAddress({ local, net }: InetSocket): string | undefined {
  return local === undefined || isAny(local.ip) || net.loopback.isShared(local.ip) ? undefined : local.ip;
}

/** The same for 255.255.255.255. Without a route, an interface or an own address shows the way. */
function sourceToGroup4(core: InetSocket, group: string, way: Way): string {
  const { loopback } = core.net;
  const isOfGroup = isGroup(group);
  const index = way.index || core.settings.device || (isOfGroup ? core.groupInterface4 : 0);
  const chosen = !isOfGroup || isAny(core.groupAddress) ? undefined : core.groupAddress;
  const source = way.source ?? boundAddress(core) ?? chosen;
  const isKnown = source === undefined || loopback.hasRoute(source);
  const route = loopback.groupRoute(group);
  const leads = index !== 0 ? loopback.isUp : source !== undefined || route !== undefined;
  if (!isKnown || !leads) fail(ENETUNREACH, 'no way to the group');
  const isRouted = index === 0 || !isOfLink4(group);
  return source ?? (isRouted ? route?.source : undefined) ?? loopback.linkAddress;
}

/** 224.0.0.0/24: with an interface, no route is looked for. */
function isOfLink4(group: string): boolean {
  return group.slice(12, 15) === '\xe0\0\0';
}

/** There must be a route. */
function sourceToGroup6(core: InetSocket, group: string, way: Way): string {
  const index = way.index || core.settings.device || core.groupInterface6;
  const route = core.net.loopback.groupRoute(group);
  if ((index !== 0 && index !== LOOPBACK_INDEX) || route === undefined)
    fail(ENETUNREACH, 'no route to the group');
  return way.source ?? boundAddress(core) ?? route.source ?? LOOPBACK_V6;
}

/** sin6_scope_id where the address needs it; 0 elsewhere. */
export function scopeOf(sockaddr: Uint8Array, ip: string): number {
  if (!needsScope(ip) || sockaddr.length < 28) return 0;
  return new DataView(sockaddr.buffer, sockaddr.byteOffset).getUint32(24, true);
}

/** bind takes the interface from the address. EINVAL: none is named, or TCP is bound to a group. ENODEV. */
export function bindScope(core: InetSocket, ip: string, sockaddr: Uint8Array): void {
  if (core.family.number !== AF_INET6) return;
  if (isGroup(ip) && !isV4(ip) && core.type === SOCK_STREAM) fail(EINVAL, 'TCP has no groups');
  if (!needsScope(ip)) return;
  const device = scopeOf(sockaddr, ip) || core.settings.device;
  if (device === 0) fail(EINVAL, 'an address of a link needs an interface');
  if (device !== LOOPBACK_INDEX) fail(ENODEV, 'no such interface');
  core.settings.device = device;
}

/** The same for connect; groups have IPV6_MULTICAST_IF too. EINVAL: no interface is named. */
export function connectScope(core: InetSocket, ip: string, sockaddr: Uint8Array): void {
  if (!needsScope(ip)) return;
  const { settings, groupInterface6 } = core;
  const device = scopeOf(sockaddr, ip) || settings.device || (isGroup(ip) ? groupInterface6 : 0);
  if (device === 0) fail(EINVAL, 'an address of a link needs an interface');
  settings.device = device;
}
