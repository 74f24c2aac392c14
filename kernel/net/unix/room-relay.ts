// Wakes the pollers of a connected datagram socket when its peer's full queue has room again.
// poll and a failed send register it at the peer; the peer's next read fires it once (unix_dgram_peer_wake_relay).
import { SOCKET_WRITE_EVENTS } from '../../abi/poll.ts';
import type { Waiter } from '../../wait.ts';
import type { UnixSocket } from './unix-socket.ts';

export class RoomRelay implements Waiter {
  readonly hearsAll = true;
  readonly #sender: UnixSocket;
  #receiver: UnixSocket | undefined;

  constructor(sender: UnixSocket) {
    this.#sender = sender;
  }

  watch(receiver: UnixSocket): void {
    if (this.#receiver === receiver) return;
    this.stop();
    this.#receiver = receiver;
    receiver.room.add(this);
  }

  /** Forgets the peer (disconnect, release). True when it was being watched. */
  stop(): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined) return false;
    this.#receiver = undefined;
    receiver.room.remove(this);
    return true;
  }

  wake(): void {
    this.stop();
    this.#sender.changed.wake(SOCKET_WRITE_EVENTS);
  }
}
