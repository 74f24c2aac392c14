// The end of a unix socket (unix_release_sock): its name goes, its peer learns, its queue is thrown away.
// unix.ts calls it when the last reference to the open file is gone; the collector's findings come the same way.
// After it the socket is in no list and no lookup finds it; only peers and messages may still refer to it.
import { ECONNRESET } from '../../errno.ts';
import { notifyOwner } from '../../file/async-owner.ts';
import { SHUTDOWN_MASK } from '../socket-core.ts';
import { purge } from './datagram-queue.ts';
import { forgetName } from './lookup.ts';
import type { UnixState } from './states.ts';
import { toClosed } from './transitions.ts';
import type { UnixSocket } from './unix-socket.ts';

/** `wasPending`: a connection that nobody accepted; its client is reset. */
export function closeUnixSocket(core: UnixSocket, wasPending: boolean): void {
  const state = core.state as UnixState;
  forgetName(core);
  core.shutdown = SHUTDOWN_MASK;
  toClosed(state);
  core.file = undefined;
  core.listener = undefined;
  core.kernel.net.unixSockets.delete(core);
  core.room.wake();
  switch (state.kind) {
    case 'unix-stream':
    case 'unix-seqpacket':
      hangUp(state.peer, hasUnread(core) || wasPending);
      break;
    case 'unix-listener':
      for (const pending of state.pending.splice(0)) closeUnixSocket(pending, true);
      break;
    case 'unix-unbound':
    case 'unix-bound':
    case 'unix-datagram':
    case 'unix-datagram-connected':
    case 'unix-closed':
      break;
    default:
      state satisfies never;
  }
  core.relay?.stop();
  purge(core);
  core.givePagesBack();
}

function hangUp(peer: UnixSocket, isReset: boolean): void {
  peer.shutdown = SHUTDOWN_MASK;
  if (isReset) peer.pendingError = ECONNRESET;
  peer.wakeAll();
  notifyOwner(peer.kernel, peer.file, 'hup');
}

/** Anything but the mark of a read urgent byte at the front. */
function hasUnread(core: UnixSocket): boolean {
  const { first } = core.queue;
  return first !== undefined && (first.length > 0 || first.next !== undefined);
}
