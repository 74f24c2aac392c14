// Options that join and leave multicast groups, filter their senders, and choose the interface to send to them by
// (ip(7), ipv6(7); do_ip_setsockopt, do_ipv6_setsockopt): rows that options.ts takes. They read what programs ask for,
// group-requests.ts answers.
import {
  GroupFilter,
  GroupReq,
  GroupSourceReq,
  IP_ADD_MEMBERSHIP,
  IP_ADD_SOURCE_MEMBERSHIP,
  IP_BLOCK_SOURCE,
  IP_DROP_MEMBERSHIP,
  IP_DROP_SOURCE_MEMBERSHIP,
  IP_MREQ_SIZE,
  IP_MSFILTER,
  IP_MULTICAST_IF,
  IP_UNBLOCK_SOURCE,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_MULTICAST_IF,
  IpMreqn,
  IpMreqSource,
  IpMsfilter,
  Ipv6Mreq,
  MCAST_BLOCK_SOURCE,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  MCAST_JOIN_GROUP,
  MCAST_JOIN_SOURCE_GROUP,
  MCAST_LEAVE_GROUP,
  MCAST_LEAVE_SOURCE_GROUP,
  MCAST_MSFILTER,
  MCAST_UNBLOCK_SOURCE,
  SOCKADDR_STORAGE_SIZE,
} from '../../abi/inet.ts';
import { AF_INET, AF_INET6, SOCK_STREAM } from '../../abi/socket.ts';
import { EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV, ENOPROTOOPT, EPROTO, fail } from '../../errno.ts';
import type { Thread } from '../../task/thread.ts';
import { bytesOf, LOOPBACK_INDEX } from '../loopback.ts';
import type { SocketDescriptor } from '../socket.ts';
import type { OptionRow } from '../socket-options.ts';
import { ANY_V4, ANY_V6, encodeEndpoint, familyOf, ipOf, isAny } from './endpoint.ts';
import {
  demandGroup,
  demandInterface,
  join,
  joinForSource,
  leave,
  mostSources,
  type Place,
  requestFilter,
  requestSource,
} from './group-requests.ts';
import type { InetSocket } from './inet-socket.ts';
import { type Membership, membershipOf, OPTION_MEMORY } from './multicast.ts';

type Request = (core: InetSocket, place: Place) => void;

const V4_LENGTH = 4;

function coreOf(state: SocketDescriptor): InetSocket {
  return state.core as InetSocket;
}

/** The address in a sockaddr_storage; undefined when it is of another family. */
function addressIn(storage: Uint8Array, family: number): string | undefined {
  if (familyOf(storage) !== family) return undefined;
  return ipOf(family === AF_INET ? storage.subarray(4, 8) : storage.subarray(8, 24));
}

function anyOf(family: number): string {
  return family === AF_INET ? ANY_V4 : ANY_V6;
}

/** A struct ip_mreqn of which `length` bytes were given: struct ip_mreq, or an address alone, are its beginnings. */
function mreqOf(value: Uint8Array, length: number): Place {
  const whole = new Uint8Array(IpMreqn.size);
  if (length >= IpMreqn.size) whole.set(value.subarray(0, IpMreqn.size));
  else if (length >= IP_MREQ_SIZE) whole.set(value.subarray(0, IP_MREQ_SIZE));
  else whole.set(value.subarray(0, V4_LENGTH), V4_LENGTH);
  const { imr_multiaddr, imr_address, imr_ifindex } = IpMreqn.decode(whole);
  return { family: AF_INET, group: ipOf(imr_multiaddr), address: ipOf(imr_address), index: imr_ifindex };
}

/** IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP. EPROTO: of TCP. */
function membership4(request: Request): OptionRow {
  return {
    least: 0,
    size: IpMreqn.size,
    setBytes: (state, value, _thread, length) => {
      const core = coreOf(state);
      if (length < IP_MREQ_SIZE) fail(EINVAL, 'shorter than struct ip_mreq');
      request(core, mreqOf(value, length));
    },
  };
}

/** EPROTO: TCP has no members, whatever is given. */
const NO_MEMBERSHIP: OptionRow = { least: 0, set: () => fail(EPROTO, 'TCP has no groups') };

/** IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP. EPROTO: of TCP. */
function membership6(request: Request): OptionRow {
  return {
    least: 0,
    size: Ipv6Mreq.size,
    setBytes: (state, value, _thread, length) => {
      if (length < Ipv6Mreq.size) fail(EINVAL, 'shorter than struct ipv6_mreq');
      if (state.core.type === SOCK_STREAM) fail(EPROTO, 'TCP has no groups');
      const { ipv6mr_multiaddr, ipv6mr_interface } = Ipv6Mreq.decode(value);
      const place = {
        family: AF_INET6,
        group: ipOf(ipv6mr_multiaddr),
        index: ipv6mr_interface,
        address: ANY_V6,
      };
      request(coreOf(state), place);
    },
  };
}

/** MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP. EINVAL, with IPv6 EADDRNOTAVAIL: an address of another family. */
function groupRequest(family: number, request: Request): OptionRow {
  return {
    least: GroupReq.size,
    size: GroupReq.size,
    setBytes: (state, value) => {
      const { gr_interface, gr_group } = GroupReq.decode(value);
      const group = addressIn(gr_group, family) ?? failForFamily(family);
      request(coreOf(state), { family, group, index: gr_interface, address: anyOf(family) });
    },
  };
}

/** How an option changes a filter; 'join' joins the group where that has to be. */
interface Change {
  readonly mode: typeof MCAST_EXCLUDE | typeof MCAST_INCLUDE;
  readonly how: 'join' | 'add' | 'remove';
}

const BLOCK: Change = { mode: MCAST_EXCLUDE, how: 'add' };
const UNBLOCK: Change = { mode: MCAST_EXCLUDE, how: 'remove' };
const JOIN: Change = { mode: MCAST_INCLUDE, how: 'join' };
const LEAVE: Change = { mode: MCAST_INCLUDE, how: 'remove' };

function change(core: InetSocket, place: Place, { mode, how }: Change, source: string): void {
  if (how === 'join') joinForSource(core, place, source);
  else requestSource(core, place, { mode, source, isAdded: how === 'add' });
}

/** IP_BLOCK_SOURCE and the like, of struct ip_mreq_source. */
function source4(kind: Change): OptionRow {
  return {
    least: IpMreqSource.size,
    size: IpMreqSource.size,
    setBytes: (state, value, _thread, length) => {
      if (length !== IpMreqSource.size) fail(EINVAL, 'not a struct ip_mreq_source');
      const { imr_multiaddr, imr_interface, imr_sourceaddr } = IpMreqSource.decode(value);
      const place = {
        family: AF_INET,
        group: ipOf(imr_multiaddr),
        address: ipOf(imr_interface),
        index: 0,
      };
      change(coreOf(state), place, kind, ipOf(imr_sourceaddr));
    },
  };
}

/** MCAST_BLOCK_SOURCE and the like. EADDRNOTAVAIL: an address of another family. */
function sourceRequest(family: number, kind: Change): OptionRow {
  return {
    least: GroupSourceReq.size,
    size: GroupSourceReq.size,
    setBytes: (state, value) => {
      const { gsr_interface, gsr_group, gsr_source } = GroupSourceReq.decode(value);
      const group = addressIn(gsr_group, family);
      const source = addressIn(gsr_source, family);
      if (group === undefined || source === undefined) fail(EADDRNOTAVAIL, 'an address of another family');
      change(coreOf(state), { family, group, index: gsr_interface, address: anyOf(family) }, kind, source);
    },
  };
}

/** IP_MSFILTER: a whole filter is set and read. ENOBUFS: too long, or too many senders. */
const FILTER4: OptionRow = {
  least: IpMsfilter.size,
  most: OPTION_MEMORY,
  size: OPTION_MEMORY,
  setBytes: (state, value) => {
    const { place, mode, count } = filterOf(value);
    const core = coreOf(state);
    demandSources(core, place, count, IpMsfilter.size + count * V4_LENGTH, value.length);
    const sources = Array.from({ length: count }, (_, i) => {
      const at = IpMsfilter.size + i * V4_LENGTH;
      return ipOf(value.subarray(at, at + V4_LENGTH));
    });
    requestFilter(core, place, mode, sources);
  },
  store: (state, { user }, address, room) => {
    if (room < IpMsfilter.size) fail(EINVAL, 'shorter than struct ip_msfilter');
    const head = user.read(address, IpMsfilter.size);
    const { place, count } = filterOf(head);
    const core = coreOf(state);
    demandGroup(place);
    demandInterface(core, place);
    const { mode, sources = [] } = filterFor(core, place);
    const shown = sources.slice(0, count);
    const [imsf_fmode, imsf_numsrc] = [mode, sources.length];
    user.write(address, IpMsfilter.encode({ ...IpMsfilter.decode(head), imsf_fmode, imsf_numsrc }));
    for (const [i, source] of shown.entries())
      user.write(address + IpMsfilter.size + i * V4_LENGTH, bytesOf(source, AF_INET));
    return IpMsfilter.size + shown.length * V4_LENGTH;
  },
};

function filterOf(value: Uint8Array): { place: Place; mode: number; count: number } {
  const { imsf_multiaddr, imsf_interface, imsf_fmode, imsf_numsrc } = IpMsfilter.decode(value);
  const place = { family: AF_INET, group: ipOf(imsf_multiaddr), address: ipOf(imsf_interface), index: 0 };
  return { place, mode: imsf_fmode, count: imsf_numsrc };
}

/** ENOBUFS: more senders than may be. EINVAL: fewer bytes than they need. */
function demandSources(core: InetSocket, place: Place, count: number, needed: number, length: number): void {
  if (count > mostSources(core, place)) fail(ENOBUFS, 'a filter may not name so many');
  if (needed > length) fail(EINVAL, 'shorter than the filter says');
}

function filterFor(core: InetSocket, { group }: Place): Membership {
  return membershipOf(core, group) ?? fail(EADDRNOTAVAIL, 'the socket is not in the group');
}

/** MCAST_MSFILTER: the same with addresses of either family. */
function filterRequest(family: number): OptionRow {
  return {
    least: GroupFilter.size,
    most: OPTION_MEMORY,
    size: OPTION_MEMORY,
    setBytes: (state, value) => setGroupFilter(coreOf(state), value, family),
    store: (state, thread, address, room) => storeGroupFilter(coreOf(state), thread, address, room, family),
  };
}

/** EADDRNOTAVAIL: an address of another family; with IPv6 one that has none is no group, which is EINVAL. */
function setGroupFilter(core: InetSocket, value: Uint8Array, family: number): void {
  const { gf_interface, gf_group, gf_fmode, gf_numsrc } = GroupFilter.decode(value);
  const given = addressIn(gf_group, family) ?? (family === AF_INET ? undefined : ANY_V6);
  const place = { family, group: given ?? ANY_V4, index: gf_interface, address: anyOf(family) };
  const needed = GroupFilter.size + gf_numsrc * SOCKADDR_STORAGE_SIZE;
  demandSources(core, place, gf_numsrc, needed, value.length);
  if (given === undefined) fail(EADDRNOTAVAIL, 'an address of another family');
  const sources = Array.from({ length: gf_numsrc }, (_, i) => {
    const at = GroupFilter.size + i * SOCKADDR_STORAGE_SIZE;
    const storage = value.subarray(at, at + SOCKADDR_STORAGE_SIZE);
    if (family === AF_INET6) return ipOf(storage.subarray(8, 24)); // nobody asks for its family
    return addressIn(storage, family) ?? fail(EADDRNOTAVAIL, 'an address of another family');
  });
  requestFilter(core, place, gf_fmode, sources);
}

/** Returns how long the whole is. EINVAL, with IPv6 EADDRNOTAVAIL: an address of another family. EADDRNOTAVAIL: not joined. */
function storeGroupFilter(
  core: InetSocket,
  { user }: Thread,
  address: number,
  room: number,
  family: number,
): number {
  if (room < GroupFilter.size) fail(EINVAL, 'shorter than struct group_filter');
  const head = GroupFilter.decode(user.read(address, GroupFilter.size));
  const place = {
    family,
    group: addressIn(head.gf_group, family) ?? failForFamily(family),
    index: head.gf_interface,
    address: anyOf(family),
  };
  demandGroup(place);
  if (place.index !== LOOPBACK_INDEX) fail(EADDRNOTAVAIL, 'not joined on this interface');
  const { mode, sources = [] } = filterFor(core, place);
  const shown = sources.slice(0, head.gf_numsrc);
  for (const [i, source] of shown.entries()) {
    const storage = new Uint8Array(SOCKADDR_STORAGE_SIZE);
    storage.set(encodeEndpoint({ ip: source, port: 0 }, family));
    user.write(address + GroupFilter.size + i * SOCKADDR_STORAGE_SIZE, storage);
  }
  user.write(address, GroupFilter.encode({ ...head, gf_fmode: mode, gf_numsrc: sources.length }));
  return GroupFilter.size + shown.length * SOCKADDR_STORAGE_SIZE;
}

/** A group's address that is of another family. */
function failForFamily(family: number): never {
  return fail(family === AF_INET ? EINVAL : EADDRNOTAVAIL, 'an address of another family');
}

/** IP_MULTICAST_IF. EINVAL: of TCP, or too short. EADDRNOTAVAIL: no such interface. It reads as the address alone. */
const INTERFACE4: OptionRow = {
  least: V4_LENGTH,
  size: IpMreqn.size,
  getBytes: (state) => bytesOf(coreOf(state).groupAddress, AF_INET),
  setBytes: (state, value, _thread, length) => {
    const core = coreOf(state);
    if (core.type === SOCK_STREAM) fail(EINVAL, 'TCP has no groups');
    const { address, index } = mreqOf(value, length);
    const isKnown = index === 0 ? core.net.loopback.hasRoute(address) : index === LOOPBACK_INDEX;
    if (index === 0 && isAny(address)) core.groupInterface4 = 0;
    else if (isKnown) core.groupInterface4 = LOOPBACK_INDEX;
    else fail(EADDRNOTAVAIL, 'no such interface');
    core.groupAddress = address;
  },
};

/** IPV6_MULTICAST_IF. ENOPROTOOPT: of TCP. ENODEV: no such interface. */
const INTERFACE6: OptionRow = {
  get: (state) => coreOf(state).groupInterface6,
  set: (state, value) => {
    const core = coreOf(state);
    if (core.type === SOCK_STREAM) fail(ENOPROTOOPT, 'TCP has no groups');
    if (value !== 0 && value !== LOOPBACK_INDEX) fail(ENODEV, 'no such interface');
    core.groupInterface6 = value;
  },
};

function requestsOf(family: number): Readonly<Record<number, OptionRow>> {
  return {
    [MCAST_JOIN_GROUP]: groupRequest(family, join),
    [MCAST_LEAVE_GROUP]: groupRequest(family, leave),
    [MCAST_BLOCK_SOURCE]: sourceRequest(family, BLOCK),
    [MCAST_UNBLOCK_SOURCE]: sourceRequest(family, UNBLOCK),
    [MCAST_JOIN_SOURCE_GROUP]: sourceRequest(family, JOIN),
    [MCAST_LEAVE_SOURCE_GROUP]: sourceRequest(family, LEAVE),
    [MCAST_MSFILTER]: filterRequest(family),
  };
}

const ROWS: Readonly<Record<number, Readonly<Record<number, OptionRow>>>> = {
  [IPPROTO_IP]: {
    ...requestsOf(AF_INET),
    [IP_MULTICAST_IF]: INTERFACE4,
    [IP_ADD_MEMBERSHIP]: membership4(join),
    [IP_DROP_MEMBERSHIP]: membership4(leave),
    [IP_BLOCK_SOURCE]: source4(BLOCK),
    [IP_UNBLOCK_SOURCE]: source4(UNBLOCK),
    [IP_ADD_SOURCE_MEMBERSHIP]: source4(JOIN),
    [IP_DROP_SOURCE_MEMBERSHIP]: source4(LEAVE),
    [IP_MSFILTER]: FILTER4,
  },
  [IPPROTO_IPV6]: {
    ...requestsOf(AF_INET6),
    [IPV6_MULTICAST_IF]: INTERFACE6,
    [IPV6_ADD_MEMBERSHIP]: membership6(join),
    [IPV6_DROP_MEMBERSHIP]: membership6(leave),
  },
};

/** The row of an option about groups; undefined for others. */
export function multicastOption({ type }: InetSocket, level: number, option: number): OptionRow | undefined {
  const isMembership = option === IP_ADD_MEMBERSHIP || option === IP_DROP_MEMBERSHIP;
  if (level === IPPROTO_IP && isMembership && type === SOCK_STREAM) return NO_MEMBERSHIP;
  return ROWS[level]?.[option];
}
