// SOL_SOCKET options as rows: how each is read and set (socket(7); net/core/sock.c, sk_setsockopt, sk_getsockopt).
// Families look a row up here after their own rows. Values are ints unless a row says otherwise.
// Checks come in the kernel's order: length, then the bytes, then the option.
import { firstBytes } from '../abi/first-bytes.ts';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  Linger,
  SO_ACCEPTCONN,
  SO_BROADCAST,
  SO_BSDCOMPAT,
  SO_BUF_LOCK,
  SO_BUSY_POLL,
  SO_COOKIE,
  SO_DEBUG,
  SO_DEVMEM_DONTNEED,
  SO_DOMAIN,
  SO_DONTROUTE,
  SO_ERROR,
  SO_INCOMING_CPU,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_MEMINFO,
  SO_NO_CHECK,
  SO_NOFCS,
  SO_OOBINLINE,
  SO_PEEK_OFF,
  SO_PREFER_BUSY_POLL,
  SO_PRIORITY,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVMARK,
  SO_RCVPRIORITY,
  SO_RCVTIMEO_NEW,
  SO_RCVTIMEO_OLD,
  SO_RESERVE_MEM,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_RXQ_OVFL,
  SO_SELECT_ERR_QUEUE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDLOWAT,
  SO_SNDTIMEO_NEW,
  SO_SNDTIMEO_OLD,
  SO_TXREHASH,
  SO_TYPE,
  SO_WIFI_STATUS,
  SO_ZEROCOPY,
  SOCK_STREAM,
} from '../abi/socket.ts';
import { bytesOf, i32, u64 } from '../abi/struct.ts';
import { nsToTimeval, Timeval } from '../abi/time.ts';
import {
  EACCES,
  EBADF,
  EDOM,
  EFAULT,
  EINVAL,
  ENOBUFS,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
  fail,
} from '../errno.ts';
import { CAP_NET_ADMIN, CAP_NET_RAW, capable, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { DEVICE_OPTIONS } from './device-options.ts';
import { PEER_OPTIONS } from './peer-options.ts';
import type { OptionCall, SocketDescriptor } from './socket.ts';
import type { SocketCore, SocketSettings } from './socket-core.ts';
import { FILTER_OPTIONS } from './socket-filter.ts';
import { TIMESTAMP_OPTIONS } from './timestamps.ts';

const INT_MAX = 0x7fff_ffff;
/** SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF. */
const LEAST_SEND_BUFFER = 4608;
const LEAST_RECEIVE_BUFFER = 2304;
/** Timeouts are kept in jiffies of 4 ms (CONFIG_HZ=250). */
const JIFFY_NS = 4_000_000;

const LONGEST_LINGER = -1_752_346_657;

/** One option. Without `set` setting is ENOPROTOOPT, without `get` reading is. */
export interface OptionRow {
  /** An int to report. */
  get?(state: SocketDescriptor, thread: Thread): number;
  /** A value of other size. `length` is the room the caller has. */
  getBytes?(state: SocketDescriptor, thread: Thread, length: number): Uint8Array;
  /** Stores a value at an address itself; returns what the caller's length becomes. */
  store?(state: SocketDescriptor, thread: Thread, address: number, room: number): number;
  set?(state: SocketDescriptor, value: number, thread: Thread): void;
  /** A value of other size: `length` bytes were given, the first of them, up to `size`, are there. */
  setBytes?(state: SocketDescriptor, value: Uint8Array, thread: Thread, length: number): void;
  /** How many bytes setting needs, if not four. */
  readonly least?: number;
  /** How many bytes setBytes wants to see. */
  readonly size?: number;
  /** More bytes than this are ENOBUFS. */
  readonly most?: number;
  /** The int may be given as one byte, or none if `least` does not forbid it, and where there is no room for it, it is read as a byte if it fits one. */
  readonly isByteToo?: boolean;
}

type Flag = {
  [K in keyof SocketSettings]: SocketSettings[K] extends boolean ? K : never;
}[keyof SocketSettings];

/** An on/off option kept in a setting. */
export function flag(key: Flag): OptionRow {
  return {
    get: ({ core }) => Number(core.settings[key]),
    set: ({ core }, value) => {
      core.settings[key] = value !== 0;
    },
  };
}

/** An option that is stored and read back; nothing in this kernel depends on it. */
function stored(
  option: number,
  initial: number,
  accept: (value: number, thread: Thread, state: SocketDescriptor) => number,
): OptionRow {
  return {
    get: ({ core }) => core.settings.storedValue(option) ?? initial,
    set: (state, value, thread) => {
      state.core.settings.store(option, accept(value, thread, state));
    },
  };
}

const asFlag = (value: number): number => Number(value !== 0);

const adminFlag =
  (errno: number) =>
  (value: number, thread: Thread, { core }: SocketDescriptor) => {
    if (value !== 0 && !capableIn(thread.credentials, CAP_NET_ADMIN, core.net.owner))
      fail(errno, 'this option needs CAP_NET_ADMIN');
    return asFlag(value);
  };

/** EOPNOTSUPP. */
function demandTcp({ core }: SocketDescriptor): void {
  const isInternet = core.family.number === AF_INET || core.family.number === AF_INET6;
  if (!isInternet || core.type !== SOCK_STREAM) fail(EOPNOTSUPP, 'an option of TCP');
}

/** Options of internet sockets that others may only leave off. */
const forInternet = (value: number, _thread: Thread, { core }: SocketDescriptor): number => {
  const { number } = core.family;
  if (value !== 0 && number !== AF_INET && number !== AF_INET6)
    fail(EOPNOTSUPP, 'an option of internet sockets');
  return asFlag(value);
};

/** Netlink and packet sockets have no place to peek from. */
function peeking({ family, settings }: SocketCore): SocketSettings {
  const has = family.number !== AF_NETLINK && family.number !== AF_PACKET;
  return has ? settings : fail(EOPNOTSUPP, 'the family has no SO_PEEK_OFF');
}

function setSendBuffer(core: SocketCore, value: number): void {
  core.settings.bufferLock |= 1;
  core.settings.sendBuffer = Math.max(Math.min(value, INT_MAX >> 1) * 2, LEAST_SEND_BUFFER);
  core.sendBufferChanged();
}

function setReceiveBuffer(core: SocketCore, value: number): void {
  core.settings.bufferLock |= 2;
  core.settings.receiveBuffer = Math.max(Math.min(value, INT_MAX >> 1) * 2, LEAST_RECEIVE_BUFFER);
}

/** CAP_NET_RAW or CAP_NET_ADMIN where the socket was made. */
function isTrusted({ credentials }: Thread, { net }: SocketCore): boolean {
  return capableIn(credentials, CAP_NET_RAW, net.owner) || capableIn(credentials, CAP_NET_ADMIN, net.owner);
}

function demandAdmin(thread: Thread): void {
  if (!capable(thread.credentials, CAP_NET_ADMIN)) fail(EPERM, 'going beyond the limits needs CAP_NET_ADMIN');
}

function timeout(key: 'receiveTimeoutNs' | 'sendTimeoutNs'): OptionRow {
  return {
    size: Timeval.size,
    getBytes: ({ core }) => {
      const ns = core.settings[key];
      if (ns === Number.POSITIVE_INFINITY) return Timeval.encode({ sec: 0, usec: 0 });
      return Timeval.encode(nsToTimeval(ns));
    },
    setBytes: ({ core }, value) => {
      if (value.length < Timeval.size) fail(EINVAL, 'a timeout is a struct timeval');
      core.settings[key] = timeoutNs(Timeval.decode(value));
    },
  };
}

/** sock_set_timeout: rounded up to jiffies; 0 and what is too long mean for ever, negative ones no wait at all. */
function timeoutNs({ sec, usec }: { sec: number; usec: number }): number {
  if (usec < 0 || usec >= 1_000_000) fail(EDOM, 'tv_usec is below a second');
  if (sec < 0) return 0;
  if (sec === 0 && usec === 0) return Number.POSITIVE_INFINITY;
  const jiffies = sec * 250 + Math.ceil((usec * 1000) / JIFFY_NS);
  return jiffies < 2 ** 40 ? jiffies * JIFFY_NS : Number.POSITIVE_INFINITY;
}

const receiveTimeout = timeout('receiveTimeoutNs');
const sendTimeout = timeout('sendTimeoutNs');

export const SOCKET_OPTIONS: Readonly<Record<number, OptionRow>> = {
  ...DEVICE_OPTIONS,
  ...FILTER_OPTIONS,
  ...PEER_OPTIONS,
  ...TIMESTAMP_OPTIONS,
  [SO_DEBUG]: stored(SO_DEBUG, 0, adminFlag(EACCES)),
  [SO_REUSEADDR]: stored(SO_REUSEADDR, 0, asFlag),
  [SO_TYPE]: { get: ({ core }) => core.type },
  [SO_ERROR]: { get: ({ core }) => core.takeError() },
  [SO_DONTROUTE]: stored(SO_DONTROUTE, 0, asFlag),
  [SO_BROADCAST]: stored(SO_BROADCAST, 0, asFlag),
  [SO_SNDBUF]: {
    get: ({ core }) => core.settings.sendBuffer,
    set: ({ core }, value) => setSendBuffer(core, Math.min(value >>> 0, core.kernel.net.wmemMax)),
  },
  [SO_RCVBUF]: {
    get: ({ core }) => core.settings.receiveBuffer,
    set: ({ core }, value) => setReceiveBuffer(core, Math.min(value >>> 0, core.kernel.net.rmemMax)),
  },
  [SO_SNDBUFFORCE]: {
    set: ({ core }, value, thread) => {
      demandAdmin(thread);
      setSendBuffer(core, Math.max(0, value));
    },
  },
  [SO_RCVBUFFORCE]: {
    set: ({ core }, value, thread) => {
      demandAdmin(thread);
      setReceiveBuffer(core, Math.max(0, value));
    },
  },
  [SO_BUF_LOCK]: {
    get: ({ core }) => core.settings.bufferLock,
    set: ({ core }, value) => {
      if ((value & ~3) !== 0) fail(EINVAL, 'only SOCK_SNDBUF_LOCK and SOCK_RCVBUF_LOCK');
      core.settings.bufferLock = value;
    },
  },
  [SO_KEEPALIVE]: stored(SO_KEEPALIVE, 0, asFlag),
  [SO_OOBINLINE]: flag('oobInline'),
  [SO_NO_CHECK]: stored(SO_NO_CHECK, 0, asFlag),
  [SO_PRIORITY]: stored(SO_PRIORITY, 0, (value, thread, { core }) => {
    const isFree = value >= 0 && value <= 6;
    if (!isFree && !isTrusted(thread, core)) fail(EPERM, 'priorities beyond 0 to 6 need CAP_NET_ADMIN');
    return value;
  }),
  [SO_LINGER]: {
    size: Linger.size,
    getBytes: ({ core }) =>
      Linger.encode({ l_onoff: Number(core.settings.lingerOn), l_linger: core.settings.lingerSeconds }),
    setBytes: ({ core }, value) => {
      if (value.length < Linger.size) fail(EINVAL, 'SO_LINGER takes a struct linger');
      const { l_onoff, l_linger } = Linger.decode(value);
      core.settings.lingerOn = l_onoff !== 0;
      // A negative time is the longest one, which reads back as MAX_SCHEDULE_TIMEOUT / HZ cut to an int.
      if (l_onoff !== 0) core.settings.lingerSeconds = l_linger < 0 ? LONGEST_LINGER : l_linger;
    },
  },
  [SO_REUSEPORT]: stored(SO_REUSEPORT, 0, forInternet),
  [SO_ZEROCOPY]: stored(SO_ZEROCOPY, 0, (value, _thread, { core }) => {
    if (core.family.number !== AF_INET && core.family.number !== AF_INET6)
      fail(EOPNOTSUPP, 'not for this family');
    return value >= 0 && value <= 1 ? value : fail(EINVAL, 'a flag');
  }),
  [SO_RESERVE_MEM]: {
    get: () => 0,
    set: (_state, value) => fail(value < 0 ? EINVAL : EOPNOTSUPP, 'not for this family'),
  },
  [SO_TXREHASH]: {
    get: (state) => {
      demandTcp(state);
      return state.core.settings.storedValue(SO_TXREHASH) ?? 1;
    },
    set: (state, value) => {
      demandTcp(state);
      if (value < -1 || value > 1) fail(EINVAL, 'not -1, 0 or 1');
      state.core.settings.store(SO_TXREHASH, Math.abs(value)); // -1: net.core.txrehash, which is 1
    },
  },
  [SO_BSDCOMPAT]: { get: () => 0, set: () => {} },
  [SO_RCVLOWAT]: {
    get: ({ core }) => core.settings.receiveLowWater,
    set: ({ core }, value) => {
      core.settings.receiveLowWater = value < 0 ? INT_MAX : Math.max(1, value);
    },
  },
  [SO_SNDLOWAT]: { get: () => 1 },
  [SO_RCVTIMEO_OLD]: receiveTimeout,
  [SO_RCVTIMEO_NEW]: receiveTimeout,
  [SO_SNDTIMEO_OLD]: sendTimeout,
  [SO_SNDTIMEO_NEW]: sendTimeout,
  [SO_ACCEPTCONN]: { get: (state) => Number(state.isListening) },
  [SO_MARK]: stored(SO_MARK, 0, (value, thread, { core }) => {
    if (!isTrusted(thread, core)) fail(EPERM, 'marks need CAP_NET_RAW or CAP_NET_ADMIN');
    return value;
  }),
  [SO_RCVMARK]: stored(SO_RCVMARK, 0, asFlag),
  [SO_DEVMEM_DONTNEED]: {
    setBytes: ({ core }, _value, _thread, length) => {
      const { family, type } = core;
      const isTcp = (family.number === AF_INET || family.number === AF_INET6) && type === SOCK_STREAM;
      if (!isTcp) fail(EBADF, 'only TCP receives into the memory of devices');
      if (length % 8 !== 0 || length > 128 * 8)
        fail(EINVAL, 'tokens have 8 bytes, and 128 are taken at once');
    },
  },
  [SO_PROTOCOL]: { get: ({ core }) => core.protocol },
  [SO_DOMAIN]: { get: ({ core }) => core.family.number },
  [SO_RXQ_OVFL]: stored(SO_RXQ_OVFL, 0, asFlag),
  [SO_PEEK_OFF]: {
    get: ({ core }) => peeking(core).peekOffset,
    set: ({ core }, value) => {
      peeking(core).peekOffset = value;
    },
  },
  [SO_NOFCS]: stored(SO_NOFCS, 0, asFlag),
  [SO_WIFI_STATUS]: stored(SO_WIFI_STATUS, 0, asFlag),
  [SO_SELECT_ERR_QUEUE]: stored(SO_SELECT_ERR_QUEUE, 0, asFlag),
  [SO_BUSY_POLL]: stored(SO_BUSY_POLL, 0, (value) => (value < 0 ? fail(EINVAL) : value)),
  [SO_PREFER_BUSY_POLL]: stored(SO_PREFER_BUSY_POLL, 0, adminFlag(EPERM)),
  [SO_INCOMING_CPU]: stored(SO_INCOMING_CPU, -1, (value) => value),
  [SO_RCVPRIORITY]: stored(SO_RCVPRIORITY, 0, asFlag),
  [SO_MEMINFO]: {
    getBytes: ({ core }) => {
      const info = new Uint8Array(36);
      const view = new DataView(info.buffer);
      view.setUint32(4, core.settings.receiveBuffer, true);
      view.setUint32(8, core.outstanding, true);
      view.setUint32(12, core.settings.sendBuffer, true);
      return info;
    },
  },
  [SO_COOKIE]: {
    getBytes: ({ core }, _thread, length) => {
      if (length < 8) fail(EINVAL, 'a cookie has 8 bytes');
      return bytesOf(u64, core.kernel.net.cookieOf(core));
    },
  },
};

/** setsockopt(2) with a row. EINVAL: fewer than four bytes. ENOBUFS: more than the row takes. EFAULT. ENOPROTOOPT: no such option, or only readable. */
export function setOption(
  thread: Thread,
  state: SocketDescriptor,
  row: OptionRow | undefined,
  call: OptionCall,
): void {
  const { user } = thread;
  const least = row?.least ?? (row?.isByteToo === true ? 0 : 4);
  if (call.length < least) fail(EINVAL, 'an option value has at least four bytes');
  if (call.length > (row?.most ?? INT_MAX)) fail(ENOBUFS, 'more bytes than an option may have');
  let value = 0;
  if (least === 4 || (row?.isByteToo === true && call.length >= 4)) value = user.readI32(call.value);
  else if (row?.isByteToo === true && call.length > 0) value = user.read(call.value, 1)[0] ?? 0;
  if (row?.setBytes !== undefined)
    row.setBytes(state, user.read(call.value, Math.min(call.length, row.size ?? 4)), thread, call.length);
  else if (row?.set !== undefined) row.set(state, value, thread);
  else fail(ENOPROTOOPT, 'no such option to set');
}

/** getsockopt(2) with a row: the value, cut to the caller's room, and its length. EINVAL: a negative length. EFAULT. */
export function getOption(
  thread: Thread,
  state: SocketDescriptor,
  row: OptionRow | undefined,
  call: OptionCall,
): void {
  const { user } = thread;
  const room = user.readI32(call.length);
  if (room < 0) fail(EINVAL, 'the length is negative');
  if (row?.store !== undefined) {
    user.writeU32(call.length, row.store(state, thread, call.value, room));
    return;
  }
  let value: Uint8Array;
  if (row?.getBytes !== undefined) value = row.getBytes(state, thread, room);
  else if (row?.get !== undefined) value = bytesOf(i32, row.get(state, thread));
  else fail(ENOPROTOOPT, 'no such option to read');
  const isByte = row.isByteToo === true && room < 4 && value.subarray(1).every((byte) => byte === 0);
  const length = Math.min(room, isByte ? 1 : value.length);
  if (user.accessible(call.value, length, true) < length) fail(EFAULT, 'the value is not writable');
  user.write(call.value, firstBytes(value, length));
  user.writeU32(call.length, length);
}
