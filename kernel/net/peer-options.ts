// SOL_SOCKET options about the other end and what it passes along, as sockets have them that are not AF_UNIX
// (net/core/sock.c, sk_setsockopt, sk_getsockopt). Rows of socket-options.ts; unix/options.ts has its own.
// Netlink alone passes credentials among these (sk_may_scm_recv).
import {
  AF_NETLINK,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSRIGHTS,
  SO_PASSSEC,
  SO_PEERCRED,
  SO_PEERGROUPS,
  SO_PEERNAME,
  SO_PEERPIDFD,
  Ucred,
} from '../abi/socket.ts';
import { EINVAL, ENODATA, ENOTCONN, EOPNOTSUPP, fail, isFailure } from '../errno.ts';
import type { SocketDescriptor } from './socket.ts';
import type { SocketSettings } from './socket-core.ts';
import type { OptionRow } from './socket-options.ts';

const UNSUPPORTED: OptionRow = {
  get: () => fail(EOPNOTSUPP, 'an option of sockets that carry more than bytes'),
  set: () => fail(EOPNOTSUPP, 'an option of sockets that carry more than bytes'),
};

const NOBODY: OptionRow = { getBytes: () => fail(ENODATA, 'nothing is known of the peer') };

function passed(key: 'passCredentials' | 'passSecurity'): OptionRow {
  const settingsOf = ({ core }: SocketDescriptor): SocketSettings =>
    core.family.number === AF_NETLINK ? core.settings : fail(EOPNOTSUPP, 'the family passes no credentials');
  return {
    get: (state) => Number(settingsOf(state)[key]),
    set: (state, value) => {
      settingsOf(state)[key] = value !== 0;
    },
  };
}

function peerNameOf({ core }: SocketDescriptor): Uint8Array {
  try {
    return core.file === undefined ? fail(ENOTCONN) : core.family.peerName(core.file);
  } catch (thrown) {
    if (isFailure(thrown)) fail(ENOTCONN, 'the socket has no peer');
    throw thrown;
  }
}

export const PEER_OPTIONS: Readonly<Record<number, OptionRow>> = {
  [SO_PASSCRED]: passed('passCredentials'),
  [SO_PASSSEC]: passed('passSecurity'),
  [SO_PASSPIDFD]: UNSUPPORTED,
  [SO_PASSRIGHTS]: UNSUPPORTED,
  [SO_PEERCRED]: { getBytes: () => Ucred.encode({ pid: 0, uid: -1, gid: -1 }) },
  [SO_PEERGROUPS]: NOBODY,
  [SO_PEERPIDFD]: NOBODY,
  [SO_PEERNAME]: {
    getBytes: (state, _thread, length) => {
      const name = peerNameOf(state);
      if (name.length < length) fail(EINVAL, "the room asked for is longer than the peer's name");
      return name;
    },
  },
};
