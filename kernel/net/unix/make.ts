// Makes unix sockets in their first state. socket(2) and socketpair(2) call it through unix.ts, connect(2) for the
// server's end of a new connection, which has no open file until accept(2) gives it one.
// Every socket is in the net's list from here until close.ts takes it out.
import { O_RDWR } from '../../abi/fcntl.ts';
import { SOCK_STREAM } from '../../abi/socket.ts';
import { OpenFile } from '../../file/open-file.ts';
import type { Thread } from '../../task/thread.ts';
import type { NetNamespace } from '../net-namespace.ts';
import type { SocketFamily } from '../socket.ts';
import { socketInode } from '../socket-inode.ts';
import type { UnboundUnixSocket, UnixDatagram, UnixState } from './states.ts';
import { begin } from './transitions.ts';
import { UnixSocket } from './unix-socket.ts';

/** `type` is SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM. SO_PROTOCOL reads 0 whatever socket(2) was given. `net`: the thread's. */
export function makeUnixSocket(
  thread: Thread,
  family: SocketFamily,
  type: number,
  net: NetNamespace = thread.namespaces.net,
): UnboundUnixSocket | UnixDatagram {
  const inode = socketInode(thread, type === SOCK_STREAM ? 'UNIX-STREAM' : 'UNIX');
  const core = new UnixSocket(net, family, type, 0, inode);
  core.domain = thread.credentials.domain;
  core.kernel.net.unixSockets.add(core);
  return begin(core);
}

/** An open file with one reference, for a socket that has none. */
export function openFileOf(core: UnixSocket): OpenFile {
  const file = new OpenFile(core.state as UnixState, O_RDWR);
  core.file = file;
  return file;
}
