// socket, socketpair, bind, listen, accept, connect, getsockname, getpeername, shutdown and the option calls.
// A handler decodes, looks the descriptor up (EBADF, ENOTSOCK) and calls the socket's family (kernel/net/socket.ts).
// Messages are in socket-messages.ts. The families are joined here: a new one is a line of FAMILIES.

import { O_NONBLOCK } from '../abi/fcntl.ts';
import { firstBytes } from '../abi/first-bytes.ts';
import { Fd, I32 } from '../abi/kinds/basic.ts';
import { FdPairOut } from '../abi/kinds/io-kinds.ts';
import {
  AcceptFlags,
  Family,
  LengthInOut,
  Protocol,
  ShutdownHow,
  SockAddrIn,
  SockAddrOut,
  SocketType,
} from '../abi/kinds/socket-kinds.ts';
import {
  OptionIn,
  OptionLevel,
  OptionName,
  OptionNameOut,
  OptionOut,
} from '../abi/kinds/socket-option-kinds.ts';
import {
  AF_INET,
  AF_INET6,
  AF_MAX,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  SOCK_CLOEXEC,
  SOCK_MAX,
  SOCK_NONBLOCK,
  SOCK_TYPE_MASK,
  SOCKADDR_STORAGE_SIZE,
} from '../abi/socket.ts';
import { EAFNOSUPPORT, ECONNABORTED, EINVAL, ENOTSOCK, EOPNOTSUPP, fail, isFailure } from '../errno.ts';
import { OpenFile } from '../file/open-file.ts';
import { demandPort } from '../landlock/ports.ts';
import { createInetSocket, INET, INET6 } from '../net/inet.ts';
import { createNetlinkSocket } from '../net/netlink.ts';
import { createAfPacketSocket } from '../net/packet-socket.ts';
import { coreOf, SocketDescriptor, socketFile } from '../net/socket.ts';
import { createUnixPair, createUnixSocket } from '../net/unix.ts';
import { RLIMIT_NOFILE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { type Syscall, syscall } from './syscall.ts';

/** How an address family makes sockets. */
interface Creation {
  create(thread: Thread, type: number, protocol: number): OpenFile;
  /** Absent where socketpair is EOPNOTSUPP. */
  createPair?(thread: Thread, type: number, protocol: number): readonly [OpenFile, OpenFile];
}

const FAMILIES: Readonly<Record<number, Creation>> = {
  [AF_UNIX]: { create: createUnixSocket, createPair: createUnixPair },
  [AF_NETLINK]: { create: createNetlinkSocket },
  [AF_PACKET]: { create: createAfPacketSocket },
  [AF_INET]: { create: (thread, type, protocol) => createInetSocket(INET, thread, type, protocol) },
  [AF_INET6]: { create: (thread, type, protocol) => createInetSocket(INET6, thread, type, protocol) },
};

export const SOCKET_CALLS: Readonly<Record<number, Syscall>> = {
  198: syscall('socket', { domain: Family, type: SocketType, protocol: Protocol }, socket, { returns: Fd }),
  199: syscall(
    'socketpair',
    { domain: Family, type: SocketType, protocol: Protocol, sv: FdPairOut },
    socketpair,
  ),
  200: syscall('bind', { fd: Fd, addr: SockAddrIn, addrlen: I32 }, bind),
  201: syscall('listen', { fd: Fd, backlog: I32 }, listen),
  202: syscall(
    'accept',
    { fd: Fd, addr: SockAddrOut, addrlen: LengthInOut },
    (thread, { fd, addr, addrlen }) => accept4(thread, { fd, addr, addrlen, flags: 0 }),
    {
      returns: Fd,
    },
  ),
  203: syscall('connect', { fd: Fd, addr: SockAddrIn, addrlen: I32 }, connect),
  204: syscall('getsockname', { fd: Fd, addr: SockAddrOut, addrlen: LengthInOut }, getsockname),
  205: syscall('getpeername', { fd: Fd, addr: SockAddrOut, addrlen: LengthInOut }, getpeername),
  208: syscall(
    'setsockopt',
    { fd: Fd, level: OptionLevel, optname: OptionName, optval: OptionIn, optlen: I32 },
    setsockopt,
  ),
  209: syscall(
    'getsockopt',
    { fd: Fd, level: OptionLevel, optname: OptionNameOut, optval: OptionOut, optlen: LengthInOut },
    getsockopt,
  ),
  210: syscall('shutdown', { fd: Fd, how: ShutdownHow }, shutdown),
  242: syscall('accept4', { fd: Fd, addr: SockAddrOut, addrlen: LengthInOut, flags: AcceptFlags }, accept4, {
    returns: Fd,
  }),
};

/** The family to make sockets with, and the type without its flag bits. EINVAL, EAFNOSUPPORT. */
function familyFor(domain: number, type: number): Creation {
  if ((type & ~SOCK_TYPE_MASK & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0)
    fail(EINVAL, 'unknown bits in the type');
  if (domain < 0 || domain >= AF_MAX) fail(EAFNOSUPPORT, 'no such address family');
  if ((type & SOCK_TYPE_MASK) >= SOCK_MAX) fail(EINVAL, 'no such socket type');
  return FAMILIES[domain] ?? fail(EAFNOSUPPORT, 'this kernel does not have the address family');
}

function socket(
  thread: Thread,
  { domain, type, protocol }: { domain: number; type: number; protocol: number },
): number {
  const family = familyFor(domain, type);
  const file = family.create(thread, type & SOCK_TYPE_MASK, protocol);
  return install(thread, file, type);
}

/** Takes over the file's reference, also when there is no room: EMFILE closes it. */
export function install(thread: Thread, file: OpenFile, flags: number): number {
  if ((flags & SOCK_NONBLOCK) !== 0) file.flags |= O_NONBLOCK;
  try {
    return thread.files.install(
      file,
      thread.process.limits.get(RLIMIT_NOFILE).soft,
      (flags & SOCK_CLOEXEC) !== 0,
    );
  } catch (thrown) {
    if (isFailure(thrown)) file.release();
    throw thrown;
  }
}

/** The two numbers are reserved and stored before the sockets are made (__sys_socketpair). */
function socketpair(
  thread: Thread,
  { domain, type, protocol, sv }: { domain: number; type: number; protocol: number; sv: number },
): number {
  if ((type & ~SOCK_TYPE_MASK & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0)
    fail(EINVAL, 'unknown bits in the type');
  const limit = thread.process.limits.get(RLIMIT_NOFILE).soft;
  const [first, second] = thread.files.freeNumbers(2, limit) as [number, number];
  thread.user.writeU32(sv, first);
  thread.user.writeU32(sv + 4, second);
  const family = familyFor(domain, type);
  if (family.createPair === undefined) fail(EOPNOTSUPP, 'this family makes no pairs');
  const files = family.createPair(thread, type & SOCK_TYPE_MASK, protocol);
  for (const file of files) install(thread, file, type);
  return 0;
}

/** A sockaddr from guest memory (move_addr_to_kernel). EINVAL: a length below 0 or above 128. EFAULT. */
export function readAddress(thread: Thread, address: number, length: number): Uint8Array {
  if (length < 0 || length > SOCKADDR_STORAGE_SIZE) fail(EINVAL, 'an address has at most 128 bytes');
  return thread.user.read(address, length);
}

/**
 * Stores a sockaddr: as much as the caller has room for, and its full length (move_addr_to_user).
 * EFAULT; EINVAL: the room is negative.
 */
export function writeAddress(
  thread: Thread,
  bytes: Uint8Array,
  address: number,
  lengthAddress: number,
): void {
  const { user } = thread;
  const room = user.readI32(lengthAddress);
  if (room < 0) fail(EINVAL, 'the length of the address buffer is negative');
  user.writeU32(lengthAddress, bytes.length);
  user.write(address, firstBytes(bytes, room));
}

function bind(thread: Thread, { fd, addr, addrlen }: { fd: number; addr: number; addrlen: number }): number {
  const file = socketFile(thread, fd);
  const core = coreOf(file);
  const address = readAddress(thread, addr, addrlen);
  demandPort(thread, core, address, 'bind');
  core.family.bind(thread, file, address);
  return 0;
}

function listen(thread: Thread, { fd, backlog }: { fd: number; backlog: number }): number {
  const file = socketFile(thread, fd);
  const { family, net } = coreOf(file);
  family.listen(thread, file, Math.min(backlog >>> 0, net.somaxconn));
  return 0;
}

function connect(
  thread: Thread,
  { fd, addr, addrlen }: { fd: number; addr: number; addrlen: number },
): number | Wait {
  thread.files.get(fd); // EBADF, then EFAULT, then ENOTSOCK (__sys_connect)
  const address = readAddress(thread, addr, addrlen);
  const file = socketFile(thread, fd);
  const core = coreOf(file);
  demandPort(thread, core, address, 'connect');
  return core.family.connect(thread, file, address);
}

function accept4(
  thread: Thread,
  { fd, addr, addrlen, flags }: { fd: number; addr: number; addrlen: number; flags: number },
): number | Wait {
  const file = thread.files.get(fd);
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) fail(EINVAL, 'only SOCK_NONBLOCK and SOCK_CLOEXEC');
  thread.files.freeNumbers(1, thread.process.limits.get(RLIMIT_NOFILE).soft);
  if (!(file.descriptor instanceof SocketDescriptor)) fail(ENOTSOCK, 'the descriptor is not a socket');
  const { family } = coreOf(file);
  const accepted = family.accept(thread, file);
  if (!(accepted instanceof OpenFile)) return accepted;
  if (addr !== 0) {
    try {
      writeAddress(thread, acceptedName(accepted), addr, addrlen);
    } catch (thrown) {
      accepted.release(); // the connection is lost with the bad address
      throw thrown;
    }
  }
  return install(thread, accepted, flags);
}

/** The address of the new connection's peer. ECONNABORTED when it has none any more. */
function acceptedName(accepted: OpenFile): Uint8Array {
  try {
    return coreOf(accepted).family.peerName(accepted);
  } catch (thrown) {
    if (isFailure(thrown)) fail(ECONNABORTED, 'the peer is gone');
    throw thrown;
  }
}

function getsockname(
  thread: Thread,
  { fd, addr, addrlen }: { fd: number; addr: number; addrlen: number },
): number {
  const file = socketFile(thread, fd);
  writeAddress(thread, coreOf(file).family.socketName(file), addr, addrlen);
  return 0;
}

function getpeername(
  thread: Thread,
  { fd, addr, addrlen }: { fd: number; addr: number; addrlen: number },
): number {
  const file = socketFile(thread, fd);
  writeAddress(thread, coreOf(file).family.peerName(file), addr, addrlen);
  return 0;
}

interface OptionArguments {
  fd: number;
  level: number;
  optname: number;
  optval: number;
  optlen: number;
}

function setsockopt(thread: Thread, { fd, level, optname, optval, optlen }: OptionArguments): number {
  const file = socketFile(thread, fd);
  if (optlen < 0) fail(EINVAL, 'the length is negative');
  coreOf(file).family.setOption(thread, file, { level, option: optname, value: optval, length: optlen });
  return 0;
}

function getsockopt(thread: Thread, { fd, level, optname, optval, optlen }: OptionArguments): number {
  const file = socketFile(thread, fd);
  coreOf(file).family.getOption(thread, file, { level, option: optname, value: optval, length: optlen });
  return 0;
}

function shutdown(thread: Thread, { fd, how }: { fd: number; how: number }): number {
  const file = socketFile(thread, fd);
  coreOf(file).family.shutdown(thread, file, how);
  return 0;
}
