// AF_PACKET: sockets that see what passes the loopback, with its link header or without (packet(7); net/packet/af_packet.c).
// syscalls/socket*.ts call it as the family of a socket; inet/ip-layer.ts shows it packets. There is one device, lo, and
// one state.

import { O_RDWR } from '../abi/fcntl.ts';
import { firstBytes } from '../abi/first-bytes.ts';
import { ARPHRD_LOOPBACK } from '../abi/inet.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import {
  PACKET_ADD_MEMBERSHIP,
  PACKET_AUXDATA,
  PACKET_DROP_MEMBERSHIP,
  PACKET_HDRLEN,
  PACKET_HOST,
  PACKET_OUTGOING,
  PACKET_RESERVE,
  PACKET_RX_RING,
  PACKET_STATISTICS,
  PACKET_VERSION,
  SockaddrLl,
  TP_STATUS_USER,
  TPACKET_V2,
  Tpacket2Hdr,
  TpacketAuxdata,
  TpacketReq,
  TpacketStats,
} from '../abi/packet.ts';
import { READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import {
  AF_PACKET,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SIOCOUTQ,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_PACKET,
  SOL_SOCKET,
} from '../abi/socket.ts';
import { splitTime } from '../abi/split-time.ts';
import {
  EBUSY,
  EINVAL,
  ENETDOWN,
  ENODEV,
  ENOPROTOOPT,
  ENOTTY,
  ENXIO,
  EOPNOTSUPP,
  EPERM,
  ESOCKTNOSUPPORT,
  fail,
} from '../errno.ts';
import { notifyOwner } from '../file/async-owner.ts';
import type { MappedPages, Sink, Source } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import { CAP_NET_RAW, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { notReady } from './blocking.ts';
import { etherType, IpLayer, type Tap } from './inet/ip-layer.ts';
import { udpCharge } from './inet/udp-accounting.ts';
import { collect } from './inet/udp-transfer.ts';
import { LOOPBACK_INDEX } from './loopback.ts';
import { Packet } from './packet.ts';
import { PacketRing } from './packet-ring.ts';
import {
  type Incoming,
  type OptionCall,
  type Outgoing,
  SocketDescriptor,
  type SocketFamily,
} from './socket.ts';
import { SocketCore } from './socket-core.ts';
import { filtered } from './socket-filter.ts';
import { socketInode } from './socket-inode.ts';
import { socketIoctl } from './socket-ioctls.ts';
import { getOption, type OptionRow, SOCKET_OPTIONS, setOption } from './socket-options.ts';
import { putTimestamps, wantsStamp } from './timestamps.ts';

const ETH_P_ALL = 3;
/** Ethernet's header, which on the loopback has no addresses. */
const LINK_HEADER = 14;
const ADDRESS_LENGTH = 6;
const RING_HEADER = 52;
const ALIGNMENT = 16;

/** A packet that waits to be read. */
interface Seen {
  /** As the socket shows it, as far as its filter lets it. */
  readonly bytes: Uint8Array;
  /** How long it was. */
  readonly length: number;
  readonly protocol: number;
  readonly isOutgoing: boolean;
  readonly charge: number;
  readonly sentNs: bigint;
}

class PacketCore extends SocketCore implements Tap {
  /** ETH_P_*, 0 for none. */
  wanted: number;
  /** bind named the device. */
  isBound = false;
  readonly seen: Seen[] = [];
  queued = 0;
  counted = 0;
  dropped = 0;
  hasAuxdata = false;
  version = 0;
  reserve = 0;
  ring: PacketRing | undefined;

  constructor(thread: Thread, type: number, protocol: number) {
    super(thread.namespaces.net, PACKET, type, protocol, socketInode(thread, 'PACKET'));
    this.wanted = protocol;
    IpLayer.of(this.net).taps.add(this);
  }

  see(packet: Uint8Array, isOutgoing: boolean): void {
    const protocol = etherType(packet);
    const isWanted = this.wanted === ETH_P_ALL || (this.wanted === protocol && !isOutgoing);
    if (!isWanted) return;
    const frame = new Uint8Array(LINK_HEADER + packet.length);
    new DataView(frame.buffer).setUint16(LINK_HEADER - 2, protocol);
    frame.set(packet, LINK_HEADER);
    const start = this.type === SOCK_RAW ? 0 : LINK_HEADER;
    const view = new Packet(frame, this.kernel.random, {
      start,
      network: LINK_HEADER,
      link: 0,
      device: LOOPBACK_INDEX,
      hardware: ARPHRD_LOOPBACK,
      protocol,
      payload: LINK_HEADER - start,
    });
    const kept = filtered(this, view, 0);
    if (kept === undefined) return;
    this.counted++;
    const { length } = view;
    const sentNs = this.kernel.clock.realtimeNs();
    const charge = udpCharge(length, true);
    const one = { bytes: frame.subarray(start, start + kept), length, protocol, isOutgoing, charge, sentNs };
    const isKept = this.ring === undefined ? this.#queue(one) : this.#toRing(this.ring, one);
    if (!isKept) {
      this.dropped++;
      return;
    }
    this.tellReaders(READ_EVENTS);
    notifyOwner(this.kernel, this.file, 'in');
  }

  #queue(one: Seen): boolean {
    if (this.queued > 0 && this.queued + one.charge > this.settings.receiveBuffer) return false;
    if (!this.kernel.memory.charge(Math.ceil(one.charge / 4096))) return false;
    this.queued += one.charge;
    this.seen.push(one);
    return true;
  }

  take(): void {
    const one = this.seen.shift();
    if (one === undefined) return;
    this.queued -= one.charge;
    this.kernel.memory.release(Math.ceil(one.charge / 4096));
  }

  /** tpacket_rcv: header, address and packet in one frame. */
  #toRing(ring: PacketRing, one: Seen): boolean {
    if (!ring.hasRoom) return false;
    const isRaw = this.type === SOCK_RAW;
    const room = RING_HEADER + (isRaw ? Math.max(LINK_HEADER, ALIGNMENT) : ALIGNMENT);
    const net = Math.ceil(room / ALIGNMENT) * ALIGNMENT + this.reserve;
    const mac = isRaw ? net - LINK_HEADER : net;
    const bytes = one.bytes.subarray(0, Math.max(0, ring.frameSize - mac));
    const { sec, nsec } = splitTime(one.sentNs);
    const header = {
      tp_status: 0,
      tp_len: one.length,
      tp_snaplen: bytes.length,
      tp_mac: mac,
      tp_net: net,
      tp_sec: sec,
      tp_nsec: nsec,
      tp_vlan_tci: 0,
      tp_vlan_tpid: 0,
      tp_padding: 0,
    };
    ring.put(header, [
      [Tpacket2Hdr.size, addressOf(one)],
      [mac, bytes],
    ]);
    return true;
  }

  protected override get readersTakeTurns(): boolean {
    return true;
  }

  override sendBufferChanged(): void {}

  forget(): void {
    IpLayer.of(this.net).taps.delete(this);
    while (this.seen.length > 0) this.take();
    this.ring?.free();
    this.ring = undefined;
  }
}

class PacketDescriptor extends SocketDescriptor<PacketCore> {
  override readonly kind = 'packet';

  override poll(): number {
    const { seen, ring } = this.core;
    const isReadable = ring === undefined ? seen.length > 0 : ring.hasPackets;
    return (isReadable ? READ_EVENTS : 0) | WRITE_EVENTS | this.endEvents();
  }

  /** The ring, as a whole. EINVAL. */
  override mapped(offset: number, length: number): MappedPages | undefined {
    const { ring } = this.core;
    if (offset !== 0 || ring === undefined || length !== ring.size) fail(EINVAL, 'no ring, or a part of it');
    return { cache: ring.cache, offset: 0 };
  }
}

const PACKET: SocketFamily = {
  number: AF_PACKET,
  name: 'PACKET',
  bind,
  listen: () => fail(EOPNOTSUPP, 'no connections'),
  connect: () => fail(EOPNOTSUPP, 'no connections'),
  accept: () => fail(EOPNOTSUPP, 'no connections'),
  socketName: (file) => {
    const core = coreOf(file);
    const address = { protocol: core.wanted, isOutgoing: false };
    const bytes = addressOf(address, core.isBound);
    return bytes.subarray(0, core.isBound ? 12 + ADDRESS_LENGTH : 12);
  },
  peerName: () => fail(EOPNOTSUPP, 'no connections'),
  shutdown: () => fail(EOPNOTSUPP, 'no connections'),
  send,
  receive,
  setOption: (thread, file, call) => setOption(thread, stateOf(file), rowOf(call), call),
  getOption: (thread, file, call) => getOption(thread, stateOf(file), rowOf(call), call),
  ioctl: (thread, file, request, argument) => {
    const core = coreOf(file);
    if (request === FIONREAD) thread.user.writeU32(argument, core.seen[0]?.bytes.length ?? 0);
    else if (request === SIOCOUTQ) thread.user.writeU32(argument, 0);
    else return socketIoctl(thread, file, request, argument) ?? fail(ENOTTY, 'no such ioctl for packets');
    return 0;
  },
  release: (file) => {
    const core = coreOf(file);
    core.file = undefined;
    core.forget();
  },
};

function stateOf(file: OpenFile): PacketDescriptor {
  return file.descriptor as PacketDescriptor;
}

function coreOf(file: OpenFile): PacketCore {
  return stateOf(file).core;
}

/** socket(2); the protocol is in network order. EPERM, ESOCKTNOSUPPORT. */
export function createAfPacketSocket(thread: Thread, type: number, protocol: number): OpenFile {
  const { net } = thread.namespaces;
  if (!capableIn(thread.credentials, CAP_NET_RAW, net.owner)) fail(EPERM, 'packet sockets need CAP_NET_RAW');
  if (type !== SOCK_RAW && type !== SOCK_DGRAM) fail(ESOCKTNOSUPPORT, 'with the link header or without');
  const core = new PacketCore(thread, type, hostOrder(protocol & 0xffff));
  const file = new OpenFile(new PacketDescriptor(core), O_RDWR);
  core.file = file;
  return file;
}

function hostOrder(protocol: number): number {
  return ((protocol & 0xff) << 8) | (protocol >> 8);
}

/** Where a packet came from, in a whole sockaddr_ll. */
function addressOf(
  { protocol, isOutgoing }: Pick<Seen, 'protocol' | 'isOutgoing'>,
  hasDevice = true,
): Uint8Array {
  return SockaddrLl.encode({
    sll_family: AF_PACKET,
    sll_protocol: hostOrder(protocol),
    sll_ifindex: hasDevice ? LOOPBACK_INDEX : 0,
    sll_hatype: hasDevice ? ARPHRD_LOOPBACK : 0,
    sll_pkttype: isOutgoing ? PACKET_OUTGOING : PACKET_HOST,
    sll_halen: hasDevice ? ADDRESS_LENGTH : 0,
    sll_addr: new Uint8Array(8),
  });
}

/** EINVAL: no sockaddr_ll. ENODEV: not our device. */
function bind(_thread: Thread, file: OpenFile, sockaddr: Uint8Array): void {
  const core = coreOf(file);
  if (sockaddr.length < SockaddrLl.size) fail(EINVAL, 'no sockaddr_ll');
  const { sll_family, sll_protocol, sll_ifindex } = SockaddrLl.decode(sockaddr);
  if (sll_family !== AF_PACKET) fail(EINVAL, 'another family');
  if (sll_ifindex !== 0 && sll_ifindex !== LOOPBACK_INDEX) fail(ENODEV, 'there is only the loopback');
  if (sll_protocol !== 0) core.wanted = hostOrder(sll_protocol);
  core.isBound = sll_ifindex !== 0;
}

/** EINVAL, ENXIO: no device. ENETDOWN. */
function send(_thread: Thread, file: OpenFile, message: Outgoing, source: Source): number {
  const core = coreOf(file);
  let isSet = core.isBound;
  let protocol = core.wanted;
  if (message.name !== undefined) {
    if (message.name.length < 12 || message.name.length < 12 + (message.name[11] ?? 0))
      fail(EINVAL, 'no sockaddr_ll');
    const padded = new Uint8Array(SockaddrLl.size);
    padded.set(message.name.subarray(0, padded.length));
    const { sll_ifindex, sll_protocol } = SockaddrLl.decode(padded);
    isSet = sll_ifindex === LOOPBACK_INDEX;
    protocol = hostOrder(sll_protocol);
  }
  if (!isSet) fail(ENXIO, 'no such device');
  if (!core.net.loopback.isUp) fail(ENETDOWN, 'the loopback is down');
  const length = source.remaining;
  const bytes = collect(source, length);
  if (core.type === SOCK_RAW) {
    if (length < LINK_HEADER) fail(EINVAL, 'no link header');
    protocol = new DataView(bytes.buffer, bytes.byteOffset).getUint16(LINK_HEADER - 2);
  }
  const packet = core.type === SOCK_RAW ? bytes.subarray(LINK_HEADER) : bytes;
  if (packet.length > 0 && protocol === etherType(packet)) IpLayer.of(core.net).inject(packet.slice(), core);
  return length;
}

/** One packet or its beginning; MSG_TRUNC as in recv(2). EAGAIN. */
function receive(thread: Thread, file: OpenFile, message: Incoming, sink: Sink): number | Wait {
  const core = coreOf(file);
  const [one] = core.seen;
  if (one === undefined) {
    const nonblock = (message.flags & MSG_DONTWAIT) !== 0;
    return notReady(thread, core.readers, { nonblock, timeoutNs: core.settings.receiveTimeoutNs });
  }
  const size = Math.min(sink.remaining, one.bytes.length);
  if (size > 0) sink.put(firstBytes(one.bytes, size));
  if ((message.flags & MSG_PEEK) === 0) core.take();
  if (size < one.bytes.length) message.outFlags |= MSG_TRUNC;
  if (wantsStamp(core)) putTimestamps(core, message, one.sentNs);
  if (core.hasAuxdata) message.control?.put(SOL_PACKET, PACKET_AUXDATA, auxdata(core, one));
  message.outFlags |= message.control?.flags ?? 0;
  message.name = addressOf(one);
  return (message.flags & MSG_TRUNC) !== 0 ? one.bytes.length : size;
}

function auxdata({ type }: PacketCore, { bytes, length }: Seen): Uint8Array {
  return TpacketAuxdata.encode({
    tp_status: TP_STATUS_USER,
    tp_len: length,
    tp_snaplen: bytes.length,
    tp_mac: 0,
    tp_net: type === SOCK_RAW ? LINK_HEADER : 0,
    tp_vlan_tci: 0,
    tp_vlan_tpid: 0,
  });
}

function rowOf({ level, option }: OptionCall): OptionRow | undefined {
  if (level === SOL_SOCKET) return SOCKET_OPTIONS[option];
  return level === SOL_PACKET ? ROWS[option] : fail(ENOPROTOOPT, 'not a level of packet sockets');
}

const core = ({ core: of }: SocketDescriptor): PacketCore => of as PacketCore;

/** Every packet of the loopback arrives anyway: members of a group get no more. */
const MEMBERSHIP: OptionRow = {
  least: 16,
  size: 16,
  setBytes: (_state, value) => {
    const index = new DataView(value.buffer, value.byteOffset).getInt32(0, true);
    if (index !== LOOPBACK_INDEX) fail(ENODEV, 'there is only the loopback');
  },
};

const ROWS: Readonly<Record<number, OptionRow>> = {
  [PACKET_ADD_MEMBERSHIP]: MEMBERSHIP,
  [PACKET_DROP_MEMBERSHIP]: MEMBERSHIP,
  [PACKET_AUXDATA]: {
    get: (state) => Number(core(state).hasAuxdata),
    set: (state, value) => {
      core(state).hasAuxdata = value !== 0;
    },
  },
  [PACKET_STATISTICS]: {
    getBytes: (state, _thread, length) => {
      const one = core(state);
      const bytes = TpacketStats.encode({ tp_packets: one.counted, tp_drops: one.dropped });
      one.counted = 0;
      one.dropped = 0;
      return bytes.subarray(0, Math.min(length, bytes.length));
    },
  },
  [PACKET_VERSION]: {
    get: (state) => core(state).version,
    set: (state, value) => {
      if (value !== TPACKET_V2) fail(EINVAL, 'frames of version 2 only');
      if (core(state).ring !== undefined) fail(EBUSY, 'there is a ring');
      core(state).version = value;
    },
  },
  [PACKET_HDRLEN]: {
    // in and out: a version, and the length of its headers
    store: (_state, thread, address, room) => {
      if (room < 4) fail(EINVAL, 'no version');
      if (thread.user.readU32(address) !== TPACKET_V2) fail(EINVAL, 'frames of version 2 only');
      thread.user.writeU32(address, Tpacket2Hdr.size);
      return 4;
    },
  },
  [PACKET_RESERVE]: {
    get: (state) => core(state).reserve,
    set: (state, value) => {
      if (core(state).ring !== undefined) fail(EBUSY, 'there is a ring');
      core(state).reserve = value;
    },
  },
  [PACKET_RX_RING]: {
    least: TpacketReq.size,
    size: TpacketReq.size,
    setBytes: (state, value) => {
      const one = core(state);
      const request = TpacketReq.decode(value);
      if (request.tp_block_nr === 0 ? request.tp_frame_nr !== 0 : one.ring !== undefined)
        fail(request.tp_block_nr === 0 ? EINVAL : EBUSY, 'frames without blocks, or a ring already');
      if (request.tp_block_nr !== 0 && one.version !== TPACKET_V2) fail(EINVAL, 'frames of version 2 only');
      const old = one.ring;
      if (old?.cache.isMapped === true) fail(EBUSY, 'the ring is mapped');
      one.ring =
        request.tp_block_nr === 0 ? undefined : new PacketRing(one.kernel.memory, request, one.reserve);
      old?.free();
    },
  },
};
