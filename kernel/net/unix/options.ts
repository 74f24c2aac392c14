// Options of unix sockets beside the general ones: credentials, what to pass along, queued bytes (unix(7)).
// unix.ts calls it for getsockopt and setsockopt; rows not here are in ../socket-options.ts.
// Only level SOL_SOCKET exists for this family.
import {
  SO_INQ,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSRIGHTS,
  SO_PASSSEC,
  SO_PEERCRED,
  SO_PEERGROUPS,
  SO_PEERNAME,
  SO_PEERPIDFD,
  SOCK_STREAM,
  SOL_SOCKET,
  Ucred,
} from '../../abi/socket.ts';
import { bytesOf, i32 } from '../../abi/struct.ts';
import { EINVAL, ENODATA, ENOTCONN, EOPNOTSUPP, ERANGE, fail } from '../../errno.ts';
import { shownGid } from '../../task/credentials.ts';
import { openPidFd } from '../../task/pid-fd.ts';
import type { Thread } from '../../task/thread.ts';
import type { OptionCall } from '../socket.ts';
import { flag, getOption, type OptionRow, SOCKET_OPTIONS, setOption } from '../socket-options.ts';
import { encodeUcred } from './credentials.ts';
import { peerOf, type UnixState } from './states.ts';
import type { UnixSocket } from './unix-socket.ts';

const UNIX_OPTIONS: Readonly<Record<number, OptionRow>> = {
  [SO_PASSCRED]: flag('passCredentials'),
  [SO_PASSPIDFD]: flag('passPidfd'),
  [SO_PASSSEC]: flag('passSecurity'),
  [SO_PASSRIGHTS]: flag('passRights'),
  [SO_PEERCRED]: {
    getBytes: ({ core }, thread) => {
      const { peerCredentials } = core as UnixSocket;
      if (peerCredentials === undefined) return Ucred.encode({ pid: 0, uid: -1, gid: -1 });
      return encodeUcred(thread, peerCredentials);
    },
  },
  [SO_PEERNAME]: {
    getBytes: ({ core }, _thread, length) => {
      const peer = peerOf(core as UnixSocket) ?? fail(ENOTCONN, 'the socket has no peer');
      const { bytes } = peer.address;
      if (bytes.length < length) fail(EINVAL, "the room asked for is longer than the peer's name");
      return bytes;
    },
  },
  [SO_PEERPIDFD]: {
    getBytes: ({ core }, thread) => {
      const peer = (core as UnixSocket).peerCredentials ?? fail(ENODATA, 'the socket has no peer');
      return bytesOf(i32, openPidFd(thread, peer.process, undefined, 0));
    },
  },
};

export function setUnixOption(thread: Thread, state: UnixState, call: OptionCall): void {
  if (call.level !== SOL_SOCKET) fail(EOPNOTSUPP, 'unix sockets have options of level SOL_SOCKET only');
  if (call.option === SO_INQ && state.core.type === SOCK_STREAM) setInq(thread, state, call);
  else setOption(thread, state, rowOf(call.option), call);
}

export function getUnixOption(thread: Thread, state: UnixState, call: OptionCall): void {
  if (call.level !== SOL_SOCKET) fail(EOPNOTSUPP, 'unix sockets have options of level SOL_SOCKET only');
  if (call.option === SO_PEERGROUPS) getPeerGroups(thread, state, call);
  else getOption(thread, state, rowOf(call.option), call);
}

function rowOf(option: number): OptionRow | undefined {
  return UNIX_OPTIONS[option] ?? SOCKET_OPTIONS[option];
}

/** SO_INQ is of streams, exactly an int, 0 or 1, and cannot be read back (unix_setsockopt). */
function setInq(thread: Thread, state: UnixState, call: OptionCall): void {
  if (call.length !== 4) fail(EINVAL, 'SO_INQ takes an int');
  const value = thread.user.readI32(call.value);
  if (value !== 0 && value !== 1) fail(EINVAL, 'SO_INQ is 0 or 1');
  state.core.settings.reportQueued = value === 1;
}

/** The peer's supplementary groups. ENODATA: no peer. ERANGE: too little room; the length needed is stored. */
function getPeerGroups(thread: Thread, state: UnixState, call: OptionCall): void {
  const { user } = thread;
  const room = user.readI32(call.length);
  if (room < 0) fail(EINVAL, 'the length is negative');
  const { groups } = state.core.peerCredentials ?? fail(ENODATA, 'the socket has no peer');
  const needed = groups.length * 4;
  if (room < needed) {
    user.writeU32(call.length, needed);
    fail(ERANGE, 'the groups do not fit');
  }
  const value = new Uint8Array(needed);
  for (const [i, gid] of groups.entries())
    new DataView(value.buffer).setUint32(i * 4, shownGid(thread.credentials, gid), true);
  user.write(call.value, value);
  user.writeU32(call.length, needed);
}
