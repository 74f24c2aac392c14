// The machine's network state: all sockets, descriptors in flight, and the sysctls of all namespaces together.
// The kernel owns one; socket families, /proc/net and sock_diag read it.
// What is separate for each network namespace is in net-namespace.ts.

import type { MemoryAccount } from '../mm/account.ts';
import { BufferPool } from './byte-ring.ts';
import type { InetSocket } from './inet/inet-socket.ts';
import type { SocketCore } from './socket-core.ts';
import { Collector } from './unix/collector.ts';
import { InFlight } from './unix/in-flight.ts';
import type { UnixSocket } from './unix/unix-socket.ts';

export class Net {
  readonly buffers: BufferPool;
  readonly collector = new Collector();
  readonly inFlight: InFlight;
  /** Every unix socket that is not closed, in the order they were made. */
  readonly unixSockets = new Set<UnixSocket>();
  readonly inetSockets = new Set<InetSocket>();
  /** net.core.wmem_max and rmem_max. */
  wmemMax = 4_194_304;
  rmemMax = 4_194_304;
  /** net.ipv6.mld_max_msf. */
  mostSources6 = 64;
  #lastCookie = 0;
  #lastNamespaceCookie = 0;
  #lastEventNumber = 0;

  constructor(memory: MemoryAccount) {
    this.buffers = new BufferPool(memory);
    this.inFlight = new InFlight(this.collector, memory);
  }

  /** SO_COOKIE: unique while the machine runs. */
  cookieOf(core: SocketCore): number {
    if (core.cookie === 0) core.cookie = ++this.#lastCookie;
    return core.cookie;
  }

  /** SO_NETNS_COOKIE of a namespace that is being made. */
  takeNamespaceCookie(): number {
    return ++this.#lastNamespaceCookie;
  }

  /** SEQNUM of an event of NETLINK_KOBJECT_UEVENT. */
  takeEventNumber(): number {
    return ++this.#lastEventNumber;
  }
}
