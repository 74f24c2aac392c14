// A network namespace (network_namespaces(7)): its loopback, who has which port, abstract name and netlink address, and
// the sysctls that are its own. A socket stays in the one it was made in, whatever becomes of the thread.
// Path names of unix sockets are the file system's: they connect sockets across namespaces.
import type { Kernel } from '../kernel.ts';
import { Namespace } from '../namespaces/namespace.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import type { InetSocket } from './inet/inet-socket.ts';
import type { IpLayer } from './inet/ip-layer.ts';
import { Ports } from './inet/ports.ts';
import { Loopback } from './loopback.ts';
import type { NetlinkCore } from './netlink.ts';
import { AbstractNames } from './unix/names.ts';
import type { UnixSocket } from './unix/unix-socket.ts';

export class NetNamespace extends Namespace {
  readonly kernel: Kernel;
  /** SO_NETNS_COOKIE. */
  readonly cookie: number;
  readonly loopback: Loopback;
  readonly abstractNames = new AbstractNames();
  /** Who has which netlink address, by protocol and port. */
  readonly netlinkSockets = new Map<string, NetlinkCore>();
  readonly tcpPorts = new Ports();
  readonly udpPorts = new Ports();
  /** net.unix.max_dgram_qlen; new sockets take it. */
  maxDatagramQueue = 10;
  /** net.ipv4.ping_group_range: groups whose members may have ping sockets; none at first. */
  pingGroups: readonly [first: number, last: number] = [1, 0];
  /** Packets, once somebody can see them. */
  ip: IpLayer | undefined;
  /** net.ipv4.igmp_max_memberships: in how many groups a socket may be. */
  mostMemberships = 20;
  /** net.ipv4.igmp_max_msf: how many senders a filter may name. */
  mostSources4 = 10;
  /** net.core.somaxconn. */
  somaxconn = 4096;

  constructor(kernel: Kernel, ino: number, owner: UserNamespace, isFirst = false) {
    super('net', ino, owner);
    this.kernel = kernel;
    this.cookie = kernel.net.takeNamespaceCookie();
    this.loopback = new Loopback(isFirst);
  }

  /** Unix sockets that are not closed, in the order they were made. */
  get unixSockets(): Iterable<UnixSocket> {
    return this.#own(this.kernel.net.unixSockets);
  }

  get inetSockets(): Iterable<InetSocket> {
    return this.#own(this.kernel.net.inetSockets);
  }

  /** Sockets of all families that are open or in a backlog (`used` of /proc/net/sockstat). */
  get socketCount(): number {
    return [...this.unixSockets, ...this.inetSockets].length;
  }

  *#own<Socket extends { readonly net: NetNamespace }>(sockets: Iterable<Socket>): Iterable<Socket> {
    for (const socket of sockets) if (socket.net === this) yield socket;
  }
}
