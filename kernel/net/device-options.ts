// SOL_SOCKET options about devices and pacing of packets (net/core/sock.c, sk_setsockopt, sk_getsockopt).
// Rows of socket-options.ts. There is one device, lo, and it has no queues: values are checked, stored and read back.
import {
  SO_BINDTODEVICE,
  SO_BINDTOIFINDEX,
  SO_BPF_EXTENSIONS,
  SO_BUSY_POLL_BUDGET,
  SO_CNX_ADVICE,
  SO_INCOMING_NAPI_ID,
  SO_MAX_PACING_RATE,
  SO_NETNS_COOKIE,
  SO_TXTIME,
} from '../abi/socket.ts';
import { EINVAL, ENODEV, EPERM, fail } from '../errno.ts';
import { bytesToText, textToBytes } from '../mm/user-memory.ts';
import { CAP_NET_ADMIN, CAP_NET_RAW, capableIn } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { LOOPBACK_INDEX, LOOPBACK_NAME } from './loopback.ts';
import { NO_PACING, type SocketCore } from './socket-core.ts';
import type { OptionRow } from './socket-options.ts';

const IFNAMSIZ = 16;
/** SKF_AD_MAX: how many extensions the filter language has. */
const FILTER_EXTENSIONS = 64;

const CLOCK_MONOTONIC = 1;
/** CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_TAI. */
const SENDING_CLOCKS = new Set([0, CLOCK_MONOTONIC, 11]);

/** Two ints, as struct so_timestamping and struct sock_txtime are. */
function pair(first: number, second: number): Uint8Array {
  return new Uint8Array(Int32Array.of(first, second).buffer);
}

function intsOf(value: Uint8Array): DataView {
  return new DataView(value.buffer, value.byteOffset, value.byteLength);
}

/** sock_bindtoindex_locked: a socket that is bound to a device stays so without CAP_NET_RAW. */
function bindToIndex(core: SocketCore, index: number, thread: Thread): void {
  if (core.settings.device !== 0 && !capableIn(thread.credentials, CAP_NET_RAW, core.net.owner))
    fail(EPERM, 'the socket is bound to a device already');
  if (index < 0) fail(EINVAL, 'a device number is not negative');
  core.settings.device = index;
}

export const DEVICE_OPTIONS: Readonly<Record<number, OptionRow>> = {
  [SO_BINDTODEVICE]: {
    least: 0,
    size: IFNAMSIZ - 1,
    getBytes: ({ core }, _thread, length) => {
      const { device } = core.settings;
      if (device === 0) return new Uint8Array(0);
      if (length < IFNAMSIZ) fail(EINVAL, 'the name of a device takes 16 bytes');
      if (device !== LOOPBACK_INDEX) fail(ENODEV, 'there is no such device');
      return textToBytes(`${LOOPBACK_NAME}\0`);
    },
    setBytes: ({ core }, value, thread) => {
      const end = value.indexOf(0);
      const name = bytesToText(end < 0 ? value : value.subarray(0, end));
      if (name !== '' && name !== LOOPBACK_NAME) fail(ENODEV, 'there is no such device');
      bindToIndex(core, name === '' ? 0 : LOOPBACK_INDEX, thread);
    },
  },
  [SO_BINDTOIFINDEX]: {
    get: ({ core }) => core.settings.device,
    set: ({ core }, value, thread) => bindToIndex(core, value, thread),
  },
  [SO_MAX_PACING_RATE]: {
    size: 8,
    getBytes: ({ core }, _thread, length) => {
      const { pacingRate } = core.settings;
      if (length >= 8) return new Uint8Array(BigUint64Array.of(pacingRate).buffer);
      const most = 0xffff_ffffn;
      return new Uint8Array(Uint32Array.of(Number(pacingRate < most ? pacingRate : most)).buffer);
    },
    setBytes: ({ core }, value) => {
      const ints = intsOf(value);
      const rate = ints.getUint32(0, true);
      if (value.length >= 8) core.settings.pacingRate = ints.getBigUint64(0, true);
      else core.settings.pacingRate = rate === 0xffff_ffff ? NO_PACING : BigInt(rate);
    },
  },
  [SO_TXTIME]: {
    size: 8,
    getBytes: ({ core }) => pair(core.settings.sendingClock, core.settings.sendingFlags),
    setBytes: ({ core }, value, thread, length) => {
      if (length !== 8) fail(EINVAL, 'SO_TXTIME takes a struct sock_txtime');
      const ints = intsOf(value);
      const [clock, flags] = [ints.getInt32(0, true), ints.getInt32(4, true)];
      if ((flags & ~3) !== 0) fail(EINVAL, 'only SOF_TXTIME_DEADLINE_MODE and SOF_TXTIME_REPORT_ERRORS');
      if (clock !== CLOCK_MONOTONIC && !capableIn(thread.credentials, CAP_NET_ADMIN, core.net.owner))
        fail(EPERM, 'clocks other than CLOCK_MONOTONIC need CAP_NET_ADMIN');
      if (!SENDING_CLOCKS.has(clock)) fail(EINVAL, 'not a clock to send by');
      core.settings.sendingClock = clock;
      core.settings.sendingFlags = flags;
    },
  },
  [SO_BUSY_POLL_BUDGET]: {
    set: ({ core }, value, thread) => {
      const { settings } = core;
      const isMore = value > (settings.storedValue(SO_BUSY_POLL_BUDGET) ?? 0);
      if (isMore && !capableIn(thread.credentials, CAP_NET_ADMIN, core.net.owner))
        fail(EPERM, 'more needs CAP_NET_ADMIN');
      if (value < 0 || value > 0xffff) fail(EINVAL, 'the budget has 16 bits');
      settings.store(SO_BUSY_POLL_BUDGET, value);
    },
  },
  [SO_INCOMING_NAPI_ID]: { get: () => 0 },
  [SO_CNX_ADVICE]: { set: () => {} },
  [SO_BPF_EXTENSIONS]: { get: () => FILTER_EXTENSIONS },
  [SO_NETNS_COOKIE]: {
    getBytes: ({ core }, _thread, length) => {
      if (length !== 8) fail(EINVAL, 'a cookie has 8 bytes');
      return new Uint8Array(BigUint64Array.of(BigInt(core.net.cookie)).buffer);
    },
  },
};
