// When messages were sent: SO_TIMESTAMP, SO_TIMESTAMPNS and SO_TIMESTAMPING (Documentation/networking/timestamping.rst).
// socket-options.ts takes its rows from here; families keep the time of a message where `wantsStamp` says so, and hand it to
// `putTimestamps` when it is read. There is one clock and no card: all times are those of the system clock.

import {
  MSG_CTRUNC,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOL_SOCKET,
} from '../abi/socket.ts';
import { splitTime } from '../abi/split-time.ts';
import { Timespec, Timeval } from '../abi/time.ts';
import { EINVAL, EOPNOTSUPP, fail } from '../errno.ts';
import { LOOPBACK_INDEX } from './loopback.ts';
import type { Incoming } from './socket.ts';
import type { SocketCore, SocketSettings } from './socket-core.ts';
import type { OptionRow } from './socket-options.ts';

/** SOF_TIMESTAMPING_*. */
const RX_SOFTWARE = 1 << 3;
const SOFTWARE = 1 << 4;
const OPT_ID = 1 << 7;
const OPT_TSONLY = 1 << 11;
const OPT_STATS = 1 << 12;
const BIND_PHC = 1 << 15;
const OPT_ID_TCP = 1 << 16;
const OPT_RX_FILTER = 1 << 17;
const ALL = (1 << 19) - 1;

/** The time of a message must be noted when it is sent to this socket. */
export function wantsStamp({ settings }: SocketCore): boolean {
  return settings.timestamps !== 'off';
}

/** SO_TIMESTAMPING asks for the times of packets that come in; unix sockets do without. */
export function reportsReceiving({ settings }: SocketCore): boolean {
  return (settings.stampFlags & RX_SOFTWARE) !== 0;
}

/** The time of a message, as the receiver asked for it; 0 for one without (__sock_recv_timestamp). */
export function putTimestamps({ settings }: SocketCore, message: Incoming, arrivedNs: bigint): void {
  const { timestamps } = settings;
  if (timestamps !== 'off') putOne(message, numberOf(settings), stampOf(arrivedNs, timestamps));
  if (arrivedNs === 0n || !reportsAll(settings)) return;
  const three = new Uint8Array(3 * Timespec.size); // software, unused, hardware
  three.set(stampOf(arrivedNs, 'ns'));
  putOne(message, settings.newStamps ? SO_TIMESTAMPING_NEW : SO_TIMESTAMPING_OLD, three);
}

function reportsAll({ stampFlags }: SocketSettings): boolean {
  return (stampFlags & SOFTWARE) !== 0 && (stampFlags & (RX_SOFTWARE | OPT_RX_FILTER)) !== OPT_RX_FILTER;
}

function numberOf({ timestamps, newStamps }: SocketSettings): number {
  if (timestamps === 'ns') return newStamps ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD;
  return newStamps ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD;
}

function stampOf(ns: bigint, unit: 'us' | 'ns'): Uint8Array {
  const { sec, nsec } = splitTime(ns);
  return unit === 'ns'
    ? Timespec.encode({ sec, nsec })
    : Timeval.encode({ sec, usec: Math.trunc(nsec / 1000) });
}

function putOne(message: Incoming, type: number, data: Uint8Array): void {
  if (message.control === undefined) message.outFlags |= MSG_CTRUNC;
  else message.control.put(SOL_SOCKET, type, data);
}

/** Each number turns the time on in its own form; setting one that is off turns all off (__sock_set_timestamps). */
function timestamp(unit: 'us' | 'ns', isNew: boolean): OptionRow {
  return {
    get: ({ core }) => {
      const { timestamps, newStamps } = core.settings;
      const isUnit = timestamps === unit || (unit === 'us' && isNew && timestamps === 'ns');
      return Number(isUnit && newStamps === isNew);
    },
    set: ({ core }, value) => {
      core.settings.timestamps = value === 0 ? 'off' : unit;
      if (value !== 0) core.settings.newStamps = isNew;
    },
  };
}

/** sock_set_timestamping: which stamps of packets are wanted, and which clock of a network card. */
function timestamping(isNew: boolean): OptionRow {
  return {
    size: 8,
    getBytes: ({ core }) => {
      const { newStamps, stampFlags } = core.settings;
      return new Uint8Array(Int32Array.of(!isNew || newStamps ? stampFlags : 0, 0).buffer);
    },
    setBytes: ({ core }, value) => {
      const flags = new DataView(value.buffer, value.byteOffset).getInt32(0, true);
      if ((flags & ~ALL) !== 0) fail(EINVAL, 'unknown SOF_TIMESTAMPING_ flags');
      if ((flags & OPT_ID_TCP) !== 0 && (flags & OPT_ID) === 0)
        fail(EINVAL, 'SOF_TIMESTAMPING_OPT_ID_TCP needs SOF_TIMESTAMPING_OPT_ID');
      if ((flags & OPT_STATS) !== 0 && (flags & OPT_TSONLY) === 0)
        fail(EINVAL, 'SOF_TIMESTAMPING_OPT_STATS needs SOF_TIMESTAMPING_OPT_TSONLY');
      if ((flags & BIND_PHC) !== 0)
        fail(core.settings.device === LOOPBACK_INDEX ? EINVAL : EOPNOTSUPP, 'no network card with a clock');
      core.settings.stampFlags = flags;
      core.settings.newStamps = isNew;
    },
  };
}

/** Rows of socket-options.ts. */
export const TIMESTAMP_OPTIONS: Readonly<Record<number, OptionRow>> = {
  [SO_TIMESTAMP_OLD]: timestamp('us', false),
  [SO_TIMESTAMP_NEW]: timestamp('us', true),
  [SO_TIMESTAMPNS_OLD]: timestamp('ns', false),
  [SO_TIMESTAMPNS_NEW]: timestamp('ns', true),
  [SO_TIMESTAMPING_OLD]: timestamping(false),
  [SO_TIMESTAMPING_NEW]: timestamping(true),
};
