// Finds sockets that nothing but messages in flight refers to, in cycles of any shape, and empties their queues
// (Linux: net/unix/garbage.c). OpenFile.release tells of each file that only messages hold any more.
// A suspect is dead when no way back along "lies in the queue of" leads to a socket that somebody has open.
import type { Rights } from './rights.ts';
import type { UnixSocket } from './unix-socket.ts';

/** A search that went this far in vain makes the next ones wait for more suspects. */
const CHEAP_SEARCH = 64;

export class Collector {
  readonly #suspects = new Set<UnixSocket>();
  #collecting = false;
  /** Suspects to gather before the next search. */
  #patience = 1;
  /** For `info sockets`: searches made, sockets looked at, sockets collected. */
  searches = 0;
  visited = 0;
  collected = 0;

  /** The socket's file is held by messages alone. */
  suspect(socket: UnixSocket): void {
    this.#suspects.add(socket);
    if (this.#suspects.size >= this.#patience) this.collectAll();
  }

  /** Looks at all suspects now. */
  collectAll(): void {
    if (this.#collecting) return;
    this.#collecting = true;
    try {
      let vain = 0;
      for (const suspect of this.#suspects) {
        this.#suspects.delete(suspect);
        vain += this.#examine(suspect);
      }
      this.#patience = vain > CHEAP_SEARCH ? Math.ceil(vain / CHEAP_SEARCH) : 1;
    } finally {
      this.#collecting = false;
    }
  }

  /** Collects what hangs together with `suspect` if it is dead; returns how many sockets were looked at in vain. */
  #examine(suspect: UnixSocket): number {
    this.searches++;
    const found = new Set([suspect]);
    for (const socket of found) {
      this.visited++;
      if (isReachable(socket)) return found.size;
      if (socket.listener !== undefined) found.add(socket.listener);
      for (const holder of socket.holders?.keys() ?? []) found.add(holder);
    }
    if (suspect.file === undefined) return 0; // it died meanwhile
    this.collected += found.size;
    // all queues first, so that no end of one socket finds another's queue full and resets its peer (unix_collect_skb)
    const rights = [...found].flatMap((socket) => emptyQueue(socket).map((files) => ({ socket, files })));
    for (const { socket, files } of rights) socket.kernel.net.inFlight.drop(files, socket);
    return 0;
  }
}

/** Somebody has the socket open. One that was never accepted is as reachable as its listener. */
function isReachable(socket: UnixSocket): boolean {
  const { file } = socket;
  return file !== undefined && file.references > file.inFlight;
}

/** Throws every message away; returns what descriptors they carried. */
function emptyQueue(socket: UnixSocket): Rights[] {
  const { queue } = socket;
  const carried: Rights[] = [];
  for (let message = queue.first; message !== undefined; ) {
    const { next } = message;
    const rights = message.rights === undefined ? undefined : queue.takeRights(message);
    if (rights !== undefined) carried.push(rights);
    queue.remove(message);
    message.sender.uncharge(message.charge);
    if (socket.urgent === message) socket.urgent = undefined;
    message = next;
  }
  return carried;
}
