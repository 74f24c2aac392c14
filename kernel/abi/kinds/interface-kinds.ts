// Arguments of the ioctl(2) requests about network interfaces (netdevice(7)): struct ifreq by request, struct ifconf.
// ioctl-kinds.ts asks here; the kernel answers some of them (kernel/net/interface-ioctls.ts).
import type { PrintContext } from '../kind.ts';
import { flagText, hex, type NameTable, names, pointer } from './format.ts';
import { arrayText, braces, peekBytes, peekNumber } from './peek.ts';
import { addressText } from './socket-address.ts';

export const INTERFACE_REQUESTS: ReadonlyMap<number, string> = new Map([
  [0x8910, 'SIOCGIFNAME'],
  [0x8912, 'SIOCGIFCONF'],
  [0x8913, 'SIOCGIFFLAGS'],
  [0x8914, 'SIOCSIFFLAGS'],
  [0x8915, 'SIOCGIFADDR'],
  [0x8916, 'SIOCSIFADDR'],
  [0x8917, 'SIOCGIFDSTADDR'],
  [0x8918, 'SIOCSIFDSTADDR'],
  [0x8919, 'SIOCGIFBRDADDR'],
  [0x891a, 'SIOCSIFBRDADDR'],
  [0x891b, 'SIOCGIFNETMASK'],
  [0x891c, 'SIOCSIFNETMASK'],
  [0x891d, 'SIOCGIFMETRIC'],
  [0x891e, 'SIOCSIFMETRIC'],
  [0x8921, 'SIOCGIFMTU'],
  [0x8922, 'SIOCSIFMTU'],
  [0x8923, 'SIOCSIFNAME'],
  [0x8924, 'SIOCSIFHWADDR'],
  [0x8927, 'SIOCGIFHWADDR'],
  [0x8933, 'SIOCGIFINDEX'],
  [0x8942, 'SIOCGIFTXQLEN'],
  [0x8943, 'SIOCSIFTXQLEN'],
  [0x8970, 'SIOCGIFMAP'],
]);

const NAME_SIZE = 16;
const IFREQ_SIZE = 40;
const HARDWARE_TYPES: Readonly<Record<number, string>> = { 1: 'ARPHRD_ETHER', 772: 'ARPHRD_LOOPBACK' };
const FLAGS: NameTable = names(
  Object.fromEntries(
    (
      'UP BROADCAST DEBUG LOOPBACK POINTOPOINT NOTRAILERS RUNNING NOARP PROMISC ALLMULTI MASTER SLAVE MULTICAST ' +
      'PORTSEL AUTOMEDIA DYNAMIC'
    )
      .split(' ')
      .map((word, bit) => [`IFF_${word}`, 1 << bit] as const),
  ),
);

const word = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(0, true);
const half = (bytes: Uint8Array): number => (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);

function hardwareText(bytes: Uint8Array): string {
  const type = half(bytes);
  const address = [...bytes.subarray(2, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return braces([`sa_family=${HARDWARE_TYPES[type] ?? hex(type)}`, `sa_data=${address}`]);
}

/** What the union behind the name holds, by the end of the request's name. */
const UNION: Readonly<Record<string, readonly [string, (bytes: Uint8Array) => string]>> = {
  FLAGS: ['ifr_flags', (bytes) => flagText(half(bytes), FLAGS, 'IFF_???')],
  ADDR: ['ifr_addr', (bytes) => addressText(bytes.subarray(0, 16)) ?? ''],
  DSTADDR: ['ifr_dstaddr', (bytes) => addressText(bytes.subarray(0, 16)) ?? ''],
  BRDADDR: ['ifr_broadaddr', (bytes) => addressText(bytes.subarray(0, 16)) ?? ''],
  NETMASK: ['ifr_netmask', (bytes) => addressText(bytes.subarray(0, 16)) ?? ''],
  METRIC: ['ifr_metric', (bytes) => String(word(bytes))],
  MTU: ['ifr_mtu', (bytes) => String(word(bytes))],
  HWADDR: ['ifr_hwaddr', hardwareText],
  INDEX: ['ifr_ifindex', (bytes) => String(word(bytes))],
  TXQLEN: ['ifr_qlen', (bytes) => String(word(bytes))],
};

function nameText(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  const name = String.fromCharCode(
    ...bytes.subarray(0, nul < 0 ? NAME_SIZE - 1 : Math.min(nul, NAME_SIZE - 1)),
  );
  return `"${name}"`;
}

/** The argument of the request called `name`; undefined when it is not about interfaces. */
export function interfaceArgument(context: PrintContext, name: string, address: number): string | undefined {
  const [, verb, what = ''] = /^SIOC(G|S)IF(\w+)$/.exec(name) ?? [];
  if (verb === undefined) return undefined;
  if (what === 'CONF') return configurationText(context, address);
  const bytes = address === 0 ? undefined : peekBytes(context, address, IFREQ_SIZE);
  if (bytes === undefined || bytes.length < IFREQ_SIZE) return pointer(address);
  const union = bytes.subarray(NAME_SIZE);
  if (what === 'NAME') {
    const index = `ifr_ifindex=${word(union)}`;
    if (verb === 'S') return braces([`ifr_name=${nameText(bytes)}`, `ifr_newname=${nameText(union)}`]);
    return context.result < 0 ? braces([index]) : braces([index, `ifr_name=${nameText(bytes)}`]);
  }
  const [field, show] = UNION[what] ?? [];
  const hasUnion = verb === 'S' || context.result >= 0;
  return braces([
    `ifr_name=${nameText(bytes)}`,
    field === undefined || show === undefined || !hasUnion ? undefined : `${field}=${show(union)}`,
  ]);
}

/** struct ifconf: how many bytes there are, and who is in them. */
function configurationText(context: PrintContext, address: number): string {
  const length = address === 0 ? undefined : peekNumber(context, address, 'i32');
  const buffer = length === undefined ? undefined : peekNumber(context, address + 8, 'u64');
  if (length === undefined || buffer === undefined || context.result < 0) return pointer(address);
  const list =
    buffer === 0n
      ? 'NULL'
      : arrayText(context, Number(buffer), Math.floor(Number(length) / IFREQ_SIZE), IFREQ_SIZE, (at) => {
          const entry = peekBytes(context, at, IFREQ_SIZE);
          if (entry === undefined || entry.length < IFREQ_SIZE) return undefined;
          return braces([
            `ifr_name=${nameText(entry)}`,
            `ifr_addr=${addressText(entry.subarray(NAME_SIZE, NAME_SIZE + 16)) ?? ''}`,
          ]);
        });
  return braces([`ifc_len=${length}`, `ifc_buf=${list}`]);
}
