// The inode of a socket (Linux: sockfs): owned by its maker, with the protocol's name as an extended attribute.
// Every family makes its sockets' inodes here; syscalls/xattr.ts reads the attribute (net/socket.c, sockfs_xattr_get).
import { S_IFSOCK } from '../abi/stat.ts';
import { type AnonymousInode, anonymousInode } from '../fs/anonymous.ts';
import { textToBytes } from '../mm/user-memory.ts';
import type { Thread } from '../task/thread.ts';

/** The names of Linux's struct proto. */
type ProtocolName =
  | 'UNIX'
  | 'UNIX-STREAM'
  | 'TCP'
  | 'UDP'
  | 'TCPv6'
  | 'UDPv6'
  | 'RAW'
  | 'RAWv6'
  | 'PING'
  | 'PINGv6'
  | 'NETLINK'
  | 'PACKET';

/** One for all sockets of a protocol: attributes of sockets cannot be changed. */
const ATTRIBUTES = new Map<ProtocolName, Map<string, Uint8Array>>();

export function socketInode({ kernel, credentials }: Thread, protocol: ProtocolName): AnonymousInode {
  const inode = anonymousInode(kernel, 'socket', S_IFSOCK | 0o777);
  inode.uid = credentials.fsuid;
  inode.gid = credentials.fsgid;
  inode.xattrs = ATTRIBUTES.get(protocol) ?? attributesOf(protocol);
  return inode;
}

function attributesOf(protocol: ProtocolName): Map<string, Uint8Array> {
  const attributes = new Map([['system.sockprotoname', textToBytes(`${protocol}\0`)]]);
  ATTRIBUTES.set(protocol, attributes);
  return attributes;
}
