// ioctl(2) requests about network interfaces (netdevice(7); net/core/dev_ioctl.c, net/ipv4/devinet.c): there is one, lo.
// socket-ioctls.ts calls it for every kind of socket; addresses are for internet sockets to ask.
import { ARPHRD_LOOPBACK } from '../abi/inet.ts';
import { AF_INET, AF_INET6 } from '../abi/socket.ts';
import { ENODEV, fail } from '../errno.ts';
import { bytesToText, textToBytes } from '../mm/user-memory.ts';
import type { Thread } from '../task/thread.ts';
import { LOOPBACK_INDEX, LOOPBACK_MTU } from './netlink/route.ts';

const NAME_SIZE = 16;
/** struct ifreq: a name and a union of 24 bytes. */
const IFREQ_SIZE = 40;
const NAME = 'lo';
/** IFF_UP, IFF_LOOPBACK, IFF_RUNNING. */
const FLAGS = 0x49;
const QUEUE_LENGTH = 1000;
const SIOCGIFNAME = 0x8910;
const SIOCGIFCONF = 0x8912;

/** A sockaddr_in of the union. */
function inetAddress(...parts: readonly [number, number, number, number]): Uint8Array {
  return Uint8Array.from([AF_INET, 0, 0, 0, ...parts, 0, 0, 0, 0, 0, 0, 0, 0]);
}

function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** The union's bytes by request, for the interface that the ifreq names. */
const FACTS: Readonly<Record<number, Uint8Array>> = {
  [0x8913]: new Uint8Array(Uint16Array.of(FLAGS).buffer), // SIOCGIFFLAGS
  [0x891d]: word(0), // SIOCGIFMETRIC
  [0x8921]: word(LOOPBACK_MTU), // SIOCGIFMTU
  [0x8927]: new Uint8Array(Uint16Array.of(ARPHRD_LOOPBACK, 0, 0, 0).buffer), // SIOCGIFHWADDR
  [0x8933]: word(LOOPBACK_INDEX), // SIOCGIFINDEX
  [0x8942]: word(QUEUE_LENGTH), // SIOCGIFTXQLEN
};

const ADDRESSES: Readonly<Record<number, Uint8Array>> = {
  [0x8915]: inetAddress(127, 0, 0, 1), // SIOCGIFADDR
  [0x8917]: inetAddress(127, 0, 0, 1), // SIOCGIFDSTADDR
  [0x8919]: inetAddress(0, 0, 0, 0), // SIOCGIFBRDADDR
  [0x891b]: inetAddress(255, 0, 0, 0), // SIOCGIFNETMASK
};

/** The answer, or undefined for another request. ENODEV: no such interface. EFAULT. */
export function interfaceIoctl(
  thread: Thread,
  family: number,
  request: number,
  argument: number,
): number | undefined {
  const { user } = thread;
  if (request === SIOCGIFCONF) return listInterfaces(thread, argument);
  if (request === SIOCGIFNAME) {
    const ifreq = user.read(argument, IFREQ_SIZE);
    if (new DataView(ifreq.buffer, ifreq.byteOffset).getInt32(NAME_SIZE, true) !== LOOPBACK_INDEX)
      fail(ENODEV, 'no interface of that number');
    user.write(argument, nameBytes());
    return 0;
  }
  const isInternet = family === AF_INET || family === AF_INET6;
  const fact = FACTS[request] ?? (isInternet ? ADDRESSES[request] : undefined);
  if (fact === undefined) return undefined;
  const name = bytesToText(user.read(argument, IFREQ_SIZE).subarray(0, NAME_SIZE)).split('\0', 1)[0];
  if (name !== NAME) fail(ENODEV, 'no interface of that name');
  user.write(argument + NAME_SIZE, fact);
  return 0;
}

function nameBytes(): Uint8Array {
  const bytes = new Uint8Array(NAME_SIZE);
  bytes.set(textToBytes(NAME));
  return bytes;
}

/** struct ifconf: a length and a buffer; without a buffer the length that is needed. */
function listInterfaces(thread: Thread, argument: number): number {
  const { user } = thread;
  const room = user.readI32(argument);
  const buffer = Number(user.readB64(argument + 8));
  let length = IFREQ_SIZE;
  if (buffer !== 0 && room < IFREQ_SIZE) length = 0;
  else if (buffer !== 0) {
    const ifreq = new Uint8Array(IFREQ_SIZE);
    ifreq.set(nameBytes());
    ifreq.set(inetAddress(127, 0, 0, 1), NAME_SIZE);
    user.write(buffer, ifreq);
  }
  user.writeU32(argument, length);
  return 0;
}
