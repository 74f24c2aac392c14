// Options of level SOL_NETLINK (netlink(7); net/netlink/af_netlink.c, netlink_setsockopt, netlink_getsockopt).
// netlink.ts calls it; two of them change how errors are answered, the rest is stored.
// Multicast groups can be joined; what comes to them is sent by other programs, as udevd does.
import { EINVAL, ENOPROTOOPT, EPERM, fail } from '../../errno.ts';
import { CAP_NET_BROADCAST, capable } from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import type { OptionCall } from '../socket.ts';

const ADD_MEMBERSHIP = 1;
const DROP_MEMBERSHIP = 2;
const PKTINFO = 3;
const BROADCAST_ERROR = 4;
const NO_ENOBUFS = 5;
const LISTEN_ALL_NSID = 8;
const LIST_MEMBERSHIPS = 9;
/** Error messages do not carry the request back. */
export const CAP_ACK = 10;
const EXT_ACK = 11;
const GET_STRICT_CHK = 12;

const SWITCHES: ReadonlySet<number> = new Set([
  PKTINFO,
  BROADCAST_ERROR,
  NO_ENOBUFS,
  LISTEN_ALL_NSID,
  CAP_ACK,
  EXT_ACK,
  GET_STRICT_CHK,
]);

/** How many groups a protocol has. */
const GROUPS = 32;

export interface NetlinkSettings {
  /** Options that are on. */
  readonly switches: Set<number>;
  /** A bit for each group joined; undefined while none was ever asked for. */
  groups: number | undefined;
}

/** A value shorter than an int counts as 0. ENOPROTOOPT; EINVAL: no such group; EPERM; EFAULT. */
export function setNetlinkOption(
  thread: Thread,
  settings: NetlinkSettings,
  { option, value, length }: OptionCall,
): void {
  const given = length >= 4 ? thread.user.readI32(value) : 0;
  if (option === ADD_MEMBERSHIP || option === DROP_MEMBERSHIP) {
    settings.groups ??= 0;
    if (given < 1 || given > GROUPS) fail(EINVAL, 'there is no such group');
    const bit = 1 << (given - 1);
    settings.groups = option === ADD_MEMBERSHIP ? settings.groups | bit : settings.groups & ~bit;
    return;
  }
  if (!SWITCHES.has(option)) fail(ENOPROTOOPT, 'no such netlink option');
  if (option === LISTEN_ALL_NSID && !capable(thread.credentials, CAP_NET_BROADCAST))
    fail(EPERM, 'hearing other namespaces needs CAP_NET_BROADCAST');
  if (given === 0) settings.switches.delete(option);
  else settings.switches.add(option);
}

/** ENOPROTOOPT; EINVAL: room for less than an int; EFAULT. */
export function getNetlinkOption(
  thread: Thread,
  { switches, groups }: Readonly<NetlinkSettings>,
  { option, value, length }: OptionCall,
): void {
  const { user } = thread;
  const room = user.readI32(length);
  if (room < 0) fail(EINVAL, 'the length is negative');
  if (option === LIST_MEMBERSHIPS) {
    if (groups !== undefined && room >= 4) user.writeU32(value, groups);
    user.writeU32(length, groups === undefined ? 0 : GROUPS / 8);
    return;
  }
  if (!SWITCHES.has(option)) fail(ENOPROTOOPT, 'no such netlink option');
  if (room < 4) fail(EINVAL, 'room for less than an int');
  user.writeU32(length, 4);
  user.writeU32(value, Number(switches.has(option)));
}
