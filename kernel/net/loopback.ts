// The loopback of a network namespace: whether it is up and which addresses it has (net/ipv4/devinet.c, inetdev_event).
// ioctls and rtnetlink change it; bind, connect and sends ask what can be reached by it.
// In a new namespace it is down and has no address; the machine's first one has come up before any program runs.
import { MCAST_EXCLUDE } from '../abi/inet.ts';
import { AF_INET } from '../abi/socket.ts';
import { EADDRNOTAVAIL, ENETUNREACH, fail } from '../errno.ts';
import {
  ANY_V4,
  BROADCAST_V4,
  ipOf,
  isAny,
  isGroup,
  isV4,
  LOOPBACK_V4,
  LOOPBACK_V6,
} from './inet/endpoint.ts';
import { ListenedGroups } from './inet/multicast-groups.ts';

export const LOOPBACK_INDEX = 1;
export const LOOPBACK_MTU = 65_536;
export const LOOPBACK_NAME = 'lo';

export const IFF_UP = 1;
const IFF_LOOPBACK = 8;
const IFF_RUNNING = 0x40;
const IFF_LOWER_UP = 0x1_0000;

export interface InterfaceAddress {
  /** As endpoint.ts keeps addresses. */
  readonly ip: string;
  /** Bits of the address that name its network. */
  readonly prefix: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
}

export const RT_SCOPE_HOST = 254;

/** A route over the loopback to the groups of a prefix. */
export interface GroupRoute {
  /** Its first address. */
  readonly group: string;
  readonly prefix: number;
  /** The address to send from, where one was chosen. */
  readonly source: string | undefined;
  /** RTN_*, a table's number, RTPROT_*, RT_SCOPE_*. */
  readonly type: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly metric: number;
}

/** Whom every machine listens to while its interface is up, and always with IPv6: 224.0.0.1, ff01::1, ff02::1. */
const ALL_HOSTS_V4 = ipOf(Uint8Array.of(224, 0, 0, 1));
const ALL_NODES_OF_INTERFACE = `\xff\x01${'\0'.repeat(13)}\x01`;
const ALL_NODES_OF_LINK = `\xff\x02${'\0'.repeat(13)}\x01`;

const OWN_V4: InterfaceAddress = { ip: LOOPBACK_V4, prefix: 8, scope: RT_SCOPE_HOST };
const OWN_V6: InterfaceAddress = { ip: LOOPBACK_V6, prefix: 128, scope: RT_SCOPE_HOST };
const V4_BYTES = 12;
/** Networks of two addresses have no broadcast address. */
const LEAST_NETWORK = 31;

export class Loopback {
  #isUp = false;
  readonly groups = new ListenedGroups();
  /** In the order in which they were made. */
  readonly groupRoutes: GroupRoute[] = [];
  /** In the order in which they were given. */
  #addresses: readonly InterfaceAddress[] = [];
  /** It has been up: its queueing discipline is known. */
  hasQueue = false;
  /** IPv4 has had an address: before that nothing tells own addresses from others. */
  #knowsOwn = false;

  constructor(isUp: boolean) {
    for (const group of [ALL_NODES_OF_INTERFACE, ALL_NODES_OF_LINK]) this.groups.enter(group, MCAST_EXCLUDE);
    if (isUp) this.isUp = true;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Coming up gives it its own addresses, going down takes those of IPv6 away. */
  set isUp(isUp: boolean) {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    this.groups.setLoaded(isUp);
    if (isUp) this.groups.enter(ALL_HOSTS_V4, MCAST_EXCLUDE);
    else this.groups.leave(ALL_HOSTS_V4, MCAST_EXCLUDE, []);
    if (!isUp) {
      this.groupRoutes.length = 0;
      this.#addresses = this.#addresses.filter(({ ip }) => isV4(ip));
      return;
    }
    this.hasQueue = true;
    if (!this.#addresses.some(({ ip }) => isV4(ip))) this.add(OWN_V4);
    if (this.find(LOOPBACK_V6) === undefined) this.add(OWN_V6);
  }

  /** IFF_*: `lower` is IFF_LOWER_UP, which ioctls do not tell. */
  flags(lower: boolean): number {
    const ups = IFF_UP | IFF_RUNNING | (lower ? IFF_LOWER_UP : 0);
    return IFF_LOOPBACK | (this.#isUp ? ups : 0);
  }

  get addresses(): readonly InterfaceAddress[] {
    return this.#addresses;
  }

  find(wanted: string): InterfaceAddress | undefined {
    return this.#addresses.find(({ ip }) => ip === wanted);
  }

  add(address: InterfaceAddress): void {
    this.#knowsOwn ||= isV4(address.ip);
    this.#addresses = [...this.#addresses, address];
  }

  remove(address: InterfaceAddress): void {
    this.#addresses = this.#addresses.filter((other) => other !== address);
  }

  /**
   * Is there a route to the address, which is no wildcard? An IPv4 address makes its whole network local
   * (fib_add_ifaddr), and its route outlives going down.
   */
  hasRoute(wanted: string): boolean {
    return this.#addresses.some(
      ({ ip, prefix }) => ip === wanted || (isV4(ip) && sharesPrefix(ip, wanted, prefix)),
    );
  }

  /** May a socket be bound to the address, which is no wildcard (inet_addr_valid_or_nonlocal)? */
  mayBind(wanted: string): boolean {
    return (
      this.hasRoute(wanted) || isGroup(wanted) || wanted === BROADCAST_V4 || (isV4(wanted) && !this.#knowsOwn)
    );
  }

  /** A broadcast address: that of everything, or the last of a network that the loopback has an address in. */
  isBroadcast(wanted: string): boolean {
    // every such address ends with two ones
    if ((wanted.charCodeAt(V4_BYTES + 3) & 3) !== 3 || !isV4(wanted)) return false;
    if (wanted === BROADCAST_V4) return true;
    return this.#addresses.some(
      ({ ip, prefix }) => isV4(ip) && prefix < LEAST_NETWORK && wanted === lastOf(ip, prefix),
    );
  }

  /** Does a packet to the address go to everyone who has the port? */
  isShared(wanted: string): boolean {
    return isGroup(wanted) || this.isBroadcast(wanted);
  }

  /** Is a packet that has come in for this machine? Who has joined a group of IPv6 is asked later. */
  takes(to: string, from: string): boolean {
    if (!isGroup(to)) return this.hasRoute(to) || to === BROADCAST_V4;
    return !isV4(to) || this.groups.accepts(to, from);
  }

  /** The route to the group, that of the longest prefix: no address of the loopback leads there. */
  groupRoute(group: string): GroupRoute | undefined {
    let best: GroupRoute | undefined;
    for (const route of this.groupRoutes)
      if (sharesPrefix(route.group, group, route.prefix) && route.prefix > (best?.prefix ?? -1)) best = route;
    return best;
  }

  /** The address that IPv4 sends from to a group, when nothing else is said: one that means something on a link (inet_select_addr). */
  get linkAddress(): string {
    return this.#addresses.find(({ ip, scope }) => isV4(ip) && scope < RT_SCOPE_HOST)?.ip ?? ANY_V4;
  }

  /** The address to answer from what `sender` sent to a group (fib_compute_spec_dst). */
  specificAddress(sender: string): string {
    const near = this.#addresses.find(
      ({ ip, prefix }) => isV4(ip) && !isAny(sender) && sharesPrefix(ip, sender, prefix),
    );
    return near?.ip ?? this.linkAddress;
  }

  /** ENETUNREACH: no route to the address, which is no wildcard. EADDRNOTAVAIL: no address to send from. */
  demandRoute(wanted: string): void {
    if (this.hasRoute(wanted)) return;
    if (wanted === LOOPBACK_V6) fail(EADDRNOTAVAIL, 'the loopback is down and has no address');
    fail(ENETUNREACH, 'only this machine can be reached');
  }
}

/** The last address of the network. */
function lastOf(ip: string, prefix: number): string {
  const bytes = bytesOf(ip, AF_INET);
  for (let bit = prefix; bit < 32; bit++) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return ipOf(bytes);
}

/** Are the first bits of two addresses the same? */
function sharesPrefix(one: string, other: string, prefix: number): boolean {
  if (isV4(one) !== isV4(other)) return false;
  const start = isV4(one) ? V4_BYTES : 0;
  for (let bit = 0; bit < prefix; bit += 8) {
    const mask = prefix - bit >= 8 ? 0xff : 0xff & (0xff << (8 - (prefix - bit)));
    const at = start + bit / 8;
    if (((one.charCodeAt(at) ^ other.charCodeAt(at)) & mask) !== 0) return false;
  }
  return true;
}

/** The family of an address as endpoint.ts keeps it. */
export function bytesOf(ip: string, family: number): Uint8Array {
  const text = family === AF_INET ? ip.slice(V4_BYTES) : ip;
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}
