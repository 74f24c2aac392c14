// ioctl(2) requests about network interfaces (netdevice(7); net/core/dev_ioctl.c, net/ipv4/devinet.c): there is one, lo.
// socket-ioctls.ts calls it for every kind of socket; addresses are for internet sockets to ask.
import { ARPHRD_LOOPBACK } from '../abi/inet.ts';
import { AF_INET, AF_INET6 } from '../abi/socket.ts';
import { EADDRNOTAVAIL, ENODEV, EOPNOTSUPP, EPERM, fail } from '../errno.ts';
import { bytesToText, textToBytes } from '../mm/user-memory.ts';
import { CAP_NET_ADMIN, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { isV4 } from './inet/endpoint.ts';
import {
  bytesOf,
  IFF_UP,
  type InterfaceAddress,
  LOOPBACK_INDEX,
  LOOPBACK_MTU,
  LOOPBACK_NAME,
  type Loopback,
} from './loopback.ts';
import type { SocketCore } from './socket-core.ts';

const NAME_SIZE = 16;
/** struct ifreq: a name and a union of 24 bytes. */
const IFREQ_SIZE = 40;
const QUEUE_LENGTH = 1000;
const SIOCGIFNAME = 0x8910;
const SIOCGIFCONF = 0x8912;
const SIOCSIFFLAGS = 0x8914;
const SIOCETHTOOL = 0x8946;
/** What the drivers of devices give a meaning to, 16 of them. */
const SIOCDEVPRIVATE = 0x89f0;
/** Second byte of the requests about sockets. */
const SOCK_IOC_TYPE = 0x89;
const ETHTOOL_GLINK = 0xa;
const ETHTOOL_GET_TS_INFO = 0x41;
/** Software stamps packets when they come and go, and no clock of a card does. */
const STAMPS = [ETHTOOL_GET_TS_INFO, 0x1a, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/** A sockaddr_in of the union. */
function inetAddress(parts: Iterable<number>): Uint8Array {
  return Uint8Array.from([AF_INET, 0, 0, 0, ...parts, 0, 0, 0, 0, 0, 0, 0, 0]);
}

function maskOf(prefix: number): number[] {
  const mask = prefix === 0 ? 0 : -1 << (32 - prefix);
  return [mask >>> 24, (mask >>> 16) & 0xff, (mask >>> 8) & 0xff, mask & 0xff];
}

function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** The union's bytes by request, for the interface that the ifreq names. */
const FACTS: Readonly<Record<number, (loopback: Loopback) => Uint8Array>> = {
  35091: (loopback) => new Uint8Array(Uint16Array.of(loopback.flags(false)).buffer), // SIOCGIFFLAGS
  35101: () => word(0), // SIOCGIFMETRIC
  35105: () => word(LOOPBACK_MTU), // SIOCGIFMTU
  35111: () => new Uint8Array(Uint16Array.of(ARPHRD_LOOPBACK, 0, 0, 0).buffer), // SIOCGIFHWADDR
  35123: () => word(LOOPBACK_INDEX), // SIOCGIFINDEX
  35138: () => word(QUEUE_LENGTH), // SIOCGIFTXQLEN
};

/** Of the first IPv4 address. */
const ADDRESSES: Readonly<Record<number, (first: InterfaceAddress) => Uint8Array>> = {
  35093: ({ ip }) => inetAddress(bytesOf(ip, AF_INET)), // SIOCGIFADDR
  35095: ({ ip }) => inetAddress(bytesOf(ip, AF_INET)), // SIOCGIFDSTADDR
  35097: () => inetAddress([0, 0, 0, 0]), // SIOCGIFBRDADDR
  35099: ({ prefix }) => inetAddress(maskOf(prefix)), // SIOCGIFNETMASK
};

function v4AddressesOf({ addresses }: Loopback): InterfaceAddress[] {
  return addresses.filter(({ ip }) => isV4(ip));
}

/** The answer, or undefined for another request. ENODEV: no such interface. EADDRNOTAVAIL: no address. EPERM, EFAULT. */
export function interfaceIoctl(
  thread: Thread,
  { family, net }: SocketCore,
  request: number,
  argument: number,
): number | undefined {
  const { user } = thread;
  const { loopback } = net;
  if (request === SIOCGIFCONF) return listInterfaces(thread, loopback, argument);
  if (request === SIOCGIFNAME) {
    const ifreq = user.read(argument, IFREQ_SIZE);
    if (new DataView(ifreq.buffer, ifreq.byteOffset).getInt32(NAME_SIZE, true) !== LOOPBACK_INDEX)
      fail(ENODEV, 'no interface of that number');
    user.write(argument, nameBytes());
    return 0;
  }
  const isInternet = family.number === AF_INET || family.number === AF_INET6;
  const fact = FACTS[request];
  const ofAddress = isInternet ? ADDRESSES[request] : undefined;
  const isChange = request === SIOCSIFFLAGS;
  const isKnown = fact !== undefined || ofAddress !== undefined || isChange || request === SIOCETHTOOL;
  if (!isKnown && ((request >>> 8) & 0xff) !== SOCK_IOC_TYPE) return undefined;
  const ifreq = user.read(argument, IFREQ_SIZE); // before it is known whether anything answers (sock_do_ioctl)
  const isPrivate = request >= SIOCDEVPRIVATE && request < SIOCDEVPRIVATE + 16;
  if (!isKnown && !isPrivate) return undefined;
  if (isChange && !capableIn(thread.credentials, CAP_NET_ADMIN, net.owner))
    fail(EPERM, 'changing needs CAP_NET_ADMIN');
  const name = bytesToText(ifreq.subarray(0, NAME_SIZE)).split('\0', 1)[0];
  if (name !== LOOPBACK_NAME) fail(ENODEV, 'no interface of that name');
  if (isPrivate) fail(EOPNOTSUPP, 'the loopback has no requests of its own');
  if (isChange) loopback.isUp = ((ifreq[NAME_SIZE] as number) & IFF_UP) !== 0;
  else if (request === SIOCETHTOOL) askDriver(thread, loopback, ifreq);
  else if (fact !== undefined) user.write(argument + NAME_SIZE, fact(loopback));
  else if (ofAddress !== undefined) {
    const first = v4AddressesOf(loopback)[0] ?? fail(EADDRNOTAVAIL, 'the interface has no address');
    user.write(argument + NAME_SIZE, ofAddress(first));
  }
  return 0;
}

/** ethtool(8): the ifreq points to a command. EOPNOTSUPP, EFAULT. */
function askDriver({ user }: Thread, loopback: Loopback, ifreq: Uint8Array): void {
  const at = Number(new DataView(ifreq.buffer, ifreq.byteOffset).getBigUint64(NAME_SIZE, true));
  switch (user.readU32(at)) {
    case ETHTOOL_GLINK:
      user.writeU32(at + 4, Number(loopback.isUp));
      return;
    case ETHTOOL_GET_TS_INFO:
      user.write(at, new Uint8Array(Int32Array.from(STAMPS).buffer));
      return;
    default:
      fail(EOPNOTSUPP, 'the loopback has no such setting');
  }
}

function nameBytes(): Uint8Array {
  const bytes = new Uint8Array(NAME_SIZE);
  bytes.set(textToBytes(LOOPBACK_NAME));
  return bytes;
}

/** struct ifconf: a length and a buffer; without a buffer the length that is needed. */
function listInterfaces(thread: Thread, loopback: Loopback, argument: number): number {
  const { user } = thread;
  const room = user.readI32(argument);
  const buffer = Number(user.readB64(argument + 8));
  let length = 0;
  for (const { ip } of v4AddressesOf(loopback)) {
    if (buffer !== 0 && room < length + IFREQ_SIZE) break;
    const ifreq = new Uint8Array(IFREQ_SIZE);
    ifreq.set(nameBytes());
    ifreq.set(inetAddress(bytesOf(ip, AF_INET)), NAME_SIZE);
    if (buffer !== 0) user.write(buffer + length, ifreq);
    length += IFREQ_SIZE;
  }
  user.writeU32(argument, length);
  return 0;
}
