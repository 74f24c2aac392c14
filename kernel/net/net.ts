// The machine's network state: names, sockets, descriptors in flight, and the sysctls under /proc/sys/net.
// The kernel owns one; socket families, /proc/net and sock_diag read it.
// There is one network namespace.

import type { MemoryAccount } from '../mm/account.ts';
import { BufferPool } from './byte-ring.ts';
import type { InetSocket } from './inet/inet-socket.ts';
import { Ports } from './inet/ports.ts';
import type { NetlinkCore } from './netlink.ts';
import type { SocketCore } from './socket-core.ts';
import { Collector } from './unix/collector.ts';
import { InFlight } from './unix/in-flight.ts';
import { AbstractNames } from './unix/names.ts';
import type { UnixSocket } from './unix/unix-socket.ts';

export class Net {
  readonly buffers: BufferPool;
  readonly abstractNames = new AbstractNames();
  readonly collector = new Collector();
  readonly inFlight: InFlight;
  /** Every unix socket that is not closed, in the order they were made (/proc/net/unix, sock_diag). */
  readonly unixSockets = new Set<UnixSocket>();
  readonly inetSockets = new Set<InetSocket>();
  /** Who has which netlink address, by protocol and port. */
  readonly netlinkSockets = new Map<string, NetlinkCore>();
  readonly tcpPorts = new Ports();
  readonly udpPorts = new Ports();
  /** Sockets of all families that are open or in a backlog (`used` of /proc/net/sockstat). */
  get socketCount(): number {
    return this.unixSockets.size + this.inetSockets.size;
  }

  /** net.unix.max_dgram_qlen; new sockets take it. */
  maxDatagramQueue = 10;
  /** net.core.somaxconn. */
  somaxconn = 4096;
  /** net.core.wmem_max and rmem_max. */
  wmemMax = 4_194_304;
  rmemMax = 4_194_304;
  #lastCookie = 0;

  constructor(memory: MemoryAccount) {
    this.buffers = new BufferPool(memory);
    this.inFlight = new InFlight(this.collector, memory);
  }

  /** SO_COOKIE: unique while the machine runs. */
  cookieOf(core: SocketCore): number {
    if (core.cookie === 0) core.cookie = ++this.#lastCookie;
    return core.cookie;
  }
}
