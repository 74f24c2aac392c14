// Who has which port: one table for TCP and one for UDP (ip(7), SO_REUSEADDR in socket(7)).
// bind claims a port, connect and send without bind get a free one, packets find their socket here.
// A wildcard address conflicts with every address of its family; a v6 one with IPv4 too unless IPV6_V6ONLY.
import { AF_INET } from '../../abi/socket.ts';
import { EADDRINUSE, fail } from '../../errno.ts';
import type { Random } from '../../random.ts';
import { ANY_V4, ANY_V6, type Endpoint, isV4 } from './endpoint.ts';
import type { InetSocket } from './inet-socket.ts';

/** net.ipv4.ip_local_port_range. */
const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;

export class Ports {
  readonly #byPort = new Map<number, Set<InetSocket>>();

  /** Claims `local` for the socket; EADDRINUSE when someone else is in the way. */
  claim(socket: InetSocket, local: Endpoint): void {
    const holders = this.#byPort.get(local.port) ?? new Set();
    for (const other of holders) if (conflicts(socket, local, other)) fail(EADDRINUSE, 'the port is taken');
    holders.add(socket);
    this.#byPort.set(local.port, holders);
  }

  /** A free port for `ip`. EADDRINUSE when all are taken. */
  claimFree(socket: InetSocket, ip: string, random: Random): Endpoint {
    const count = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
    const first = random.below(count);
    for (let i = 0; i < count; i++) {
      const port = FIRST_EPHEMERAL + ((first + i) % count);
      if (this.#byPort.has(port)) continue;
      const local = { ip, port };
      this.claim(socket, local);
      return local;
    }
    return fail(EADDRINUSE, 'no port is free');
  }

  /** The socket leaves its port. */
  release(socket: InetSocket, port: number): void {
    const holders = this.#byPort.get(port);
    holders?.delete(socket);
    if (holders?.size === 0) this.#byPort.delete(port);
  }

  /** All that `accepts` allows and whose address fits `to`, newest first. */
  all(to: Endpoint, accepts: (socket: InetSocket) => boolean): InetSocket[] {
    const fits = (socket: InetSocket): boolean =>
      socket.local !== undefined && covers(socket, socket.local.ip, to.ip) && accepts(socket);
    return [...(this.#byPort.get(to.port) ?? [])].filter(fits).reverse();
  }

  /**
   * Of those that `accepts` allows, the socket that fits `to` best, and of several the newest; the oldest of those that
   * share the port by SO_REUSEPORT, of which Linux takes any.
   */
  find(to: Endpoint, accepts: (socket: InetSocket) => boolean): InetSocket | undefined {
    let found: InetSocket | undefined;
    let best = -1;
    for (const socket of this.#byPort.get(to.port) ?? []) {
      const { local } = socket;
      if (local === undefined || !accepts(socket) || !covers(socket, local.ip, to.ip)) continue;
      const score = scoreOf(socket, local.ip, to.ip);
      if (score < best || (score === best && socket.reusesPort)) continue;
      found = socket;
      best = score;
    }
    return found;
  }
}

/** compute_score: a peer counts more than an address, an address more than the family. */
function scoreOf({ state, family }: InetSocket, own: string, ip: string): number {
  const isConnected = state?.kind === 'udp-connected';
  return (isConnected ? 8 : 0) + (own === ip ? 4 : 0) + (family.number === AF_INET ? 1 : 0);
}

/** Does a socket at `own` receive what is sent to `ip`? */
function covers(socket: InetSocket, own: string, ip: string): boolean {
  if (own === ip) return true;
  if (own === ANY_V4) return isV4(ip);
  return own === ANY_V6 && (!isV4(ip) || !socket.v6Only);
}

function conflicts(socket: InetSocket, local: Endpoint, other: InetSocket): boolean {
  if (other.local === undefined || other === socket) return false;
  if (!covers(other, other.local.ip, local.ip) && !covers(socket, local.ip, other.local.ip)) return false;
  if (socket.reusesPort && other.reusesPort) return false;
  return !(socket.reusesAddress && other.reusesAddress && !other.isListening);
}
