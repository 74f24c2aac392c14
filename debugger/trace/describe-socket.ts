// What a socket is, as strace -yy shows it: UNIX-STREAM:[12->13,"/tmp/s"], TCP:[127.0.0.1:80->127.0.0.1:5000].
// describe-fd.ts calls it; names and peers come from the sockets' own address families.

import { quoteBytes } from '../../kernel/abi/kinds/format.ts';
import { ipv6Text } from '../../kernel/abi/kinds/socket-address.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, SOCK_STREAM } from '../../kernel/abi/socket.ts';
import { isFailure } from '../../kernel/errno.ts';
import type { OpenFile } from '../../kernel/file/open-file.ts';
import { SocketDescriptor } from '../../kernel/net/socket.ts';
import { PATH_OFFSET } from '../../kernel/net/unix/address.ts';
import { peerOf } from '../../kernel/net/unix/states.ts';
import { unixSocketOf } from '../../kernel/net/unix/unix-file.ts';

/** The socket's text, or undefined when the file is none. */
export function describeSocket(file: OpenFile): string | undefined {
  const { descriptor } = file;
  if (!(descriptor instanceof SocketDescriptor)) return undefined;
  const { family, type } = descriptor.core;
  const { ino } = descriptor.inode;
  const isStream = type === SOCK_STREAM;
  switch (family.number) {
    case AF_UNIX:
      return `${isStream ? 'UNIX-STREAM' : 'UNIX'}:[${unixText(file, ino)}]`;
    case AF_INET:
      return `${isStream ? 'TCP' : 'UDP'}:[${inetText(file, ino)}]`;
    case AF_INET6:
      return `${isStream ? 'TCPv6' : 'UDPv6'}:[${inetText(file, ino)}]`;
    case AF_NETLINK:
      return `NETLINK:[${ino}]`;
    default:
      return `socket:[${ino}]`;
  }
}

/** `12->13,"/tmp/s"`: inode, peer's inode, own name. */
function unixText(file: OpenFile, ino: number): string {
  const socket = unixSocketOf(file);
  if (socket === undefined) return String(ino);
  const peer = peerOf(socket);
  const { address } = socket;
  const link = peer === undefined ? String(ino) : `${ino}->${peer.inode.ino}`;
  if (address.kind === 'unnamed') return link;
  if (address.kind === 'abstract') return `${link},@${quoteBytes(address.bytes.subarray(PATH_OFFSET + 1))}`;
  return `${link},${quoteBytes(address.bytes.subarray(PATH_OFFSET, -1))}`;
}

/** `local->remote`, `local`, or the inode while it has no port. */
function inetText(file: OpenFile, ino: number): string {
  const local = endpointText(file, 'socketName');
  if (local === undefined) return String(ino);
  const remote = endpointText(file, 'peerName');
  return remote === undefined ? local : `${local}->${remote}`;
}

/** `127.0.0.1:80`, `[::1]:80`; undefined without a port or peer. */
function endpointText(file: OpenFile, which: 'socketName' | 'peerName'): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = (file.descriptor as SocketDescriptor).core.family[which](file);
  } catch (thrown) {
    if (isFailure(thrown)) return undefined; // ENOTCONN
    throw thrown;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const port = view.getUint16(2);
  if (port === 0) return undefined;
  const host =
    bytes.length < 28 ? [...bytes.subarray(4, 8)].join('.') : `[${ipv6Text(bytes.subarray(8, 24))}]`;
  return `${host}:${port}`;
}
