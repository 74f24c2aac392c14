// Who has which abstract name (unix(7), "Abstract sockets"): one table for each network namespace, whatever the root.
// bind and autobind enter names, connect and sendto look them up, the last close removes them.
// Names are held per socket type, as Linux hashes them: a stream and a datagram socket may have the same one.
import type { UnixSocket } from './unix-socket.ts';

export class AbstractNames {
  readonly #byKey = new Map<string, UnixSocket>();

  lookup(type: number, name: string): UnixSocket | undefined {
    return this.#byKey.get(`${type}${name}`);
  }

  /** False when the name is taken. */
  add(type: number, name: string, socket: UnixSocket): boolean {
    const key = `${type}${name}`;
    if (this.#byKey.has(key)) return false;
    this.#byKey.set(key, socket);
    return true;
  }

  remove(type: number, name: string): void {
    this.#byKey.delete(`${type}${name}`);
  }
}
