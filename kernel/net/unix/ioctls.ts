// ioctl(2) on unix sockets: bytes queued and outstanding, the urgent mark, the bound inode (unix_ioctl).
// unix.ts calls it; the owner requests (FIOSETOWN …) are the same for all sockets and in ../socket-ioctls.ts.
import { O_PATH } from '../../abi/fcntl.ts';
import { SIOCATMARK, SIOCINQ, SIOCOUTQ, SIOCUNIXFILE, SOCK_DGRAM, SOCK_STREAM } from '../../abi/socket.ts';
import { EINVAL, ENOENT, ENOTTY, EOPNOTSUPP, EPERM, fail } from '../../errno.ts';
import { OpenFile } from '../../file/open-file.ts';
import { PathOnlyFile } from '../../file/path-only-file.ts';
import { CAP_NET_ADMIN, capable } from '../../task/credentials.ts';
import { RLIMIT_NOFILE } from '../../task/rlimits.ts';
import type { Thread } from '../../task/thread.ts';
import { socketIoctl } from '../socket-ioctls.ts';
import { isAtMark } from './out-of-band.ts';
import type { UnixState } from './states.ts';

type Row = (thread: Thread, state: UnixState, argument: number) => number;

const ROWS: Readonly<Record<number, Row>> = {
  [SIOCOUTQ]: (thread, { core }, argument) => store(thread, argument, core.outstanding),
  [SIOCINQ]: (thread, state, argument) => store(thread, argument, queued(state)),
  [SIOCATMARK]: (thread, state, argument) => {
    if (state.core.type !== SOCK_STREAM) fail(EOPNOTSUPP, 'messages have no urgent mark');
    // what is queued at a listener for each connection looks like a mark that was read
    const isConnectionNext = state.kind === 'unix-listener' && state.pending.length > 0;
    return store(thread, argument, Number(isConnectionNext || isAtMark(state.core)));
  },
  [SIOCUNIXFILE]: (thread, state) => openBoundInode(thread, state),
};

export function unixIoctl(
  thread: Thread,
  state: UnixState,
  file: OpenFile,
  request: number,
  argument: number,
): number {
  const row = ROWS[request];
  if (row !== undefined) return row(thread, state, argument);
  return socketIoctl(thread, file, request, argument) ?? fail(ENOTTY, 'no such ioctl for unix sockets');
}

function store(thread: Thread, address: number, value: number): number {
  thread.user.writeU32(address, value);
  return 0;
}

/** Streams and records: everything; datagrams: the first one. EINVAL for a listener (unix_inq_len). */
function queued(state: UnixState): number {
  const { core } = state;
  if (state.kind === 'unix-listener') fail(EINVAL, 'a listener has no bytes');
  switch (core.type) {
    case SOCK_STREAM:
      return core.queue.reportedCount;
    case SOCK_DGRAM:
      return core.queue.first?.length ?? 0;
    default:
      return core.queue.byteCount;
  }
}

/** SIOCUNIXFILE: an O_PATH descriptor of the inode the socket is bound to. EPERM, ENOENT. */
function openBoundInode(thread: Thread, { core }: UnixState): number {
  if (!capable(thread.credentials, CAP_NET_ADMIN)) fail(EPERM, 'SIOCUNIXFILE needs CAP_NET_ADMIN');
  const path = core.boundPath ?? fail(ENOENT, 'the socket is not bound to a path');
  const file = new OpenFile(new PathOnlyFile(path.inode), O_PATH, path);
  return thread.files.install(file, thread.process.limits.get(RLIMIT_NOFILE).soft, true);
}
