// From an open file to its unix socket.
// in-flight.ts, the collector and /proc ask for it; a file of another kind has none.

import { AF_UNIX } from '../../abi/socket.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { SocketDescriptor } from '../socket.ts';
import type { UnixSocket } from './unix-socket.ts';

/** The socket behind `file`, or undefined when it is none of ours. */
export function unixSocketOf(file: OpenFile): UnixSocket | undefined {
  const { core } = file.descriptor as Partial<SocketDescriptor>;
  return core?.family?.number === AF_UNIX ? (core as UnixSocket) : undefined;
}
