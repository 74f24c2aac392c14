// Kinds of adjtimex and clock_adjtime: struct timex, and the state of the clock that they return.
// syscalls/timex.ts names them.
// Layout and words are strace's (print_timex.c).
import type { Kind } from '../kind.ts';
import { STA_UNSYNC, Timex } from '../timex.ts';
import { kind, outKind } from './basic.ts';
import { flagText, type NameTable, nameOf, names } from './format.ts';
import { braces, structText } from './peek.ts';
import { timevalText } from './time-kinds.ts';

const MODES: NameTable = names({
  ADJ_OFFSET_SS_READ: 0xa001,
  ADJ_OFFSET_SINGLESHOT: 0x8001,
  ADJ_OFFSET: 0x0001,
  ADJ_FREQUENCY: 0x0002,
  ADJ_MAXERROR: 0x0004,
  ADJ_ESTERROR: 0x0008,
  ADJ_STATUS: 0x0010,
  ADJ_TIMECONST: 0x0020,
  ADJ_TAI: 0x0080,
  ADJ_SETOFFSET: 0x0100,
  ADJ_MICRO: 0x1000,
  ADJ_NANO: 0x2000,
  ADJ_TICK: 0x4000,
});
const STATUS: NameTable = names({
  STA_PLL: 0x0001,
  STA_PPSFREQ: 0x0002,
  STA_PPSTIME: 0x0004,
  STA_FLL: 0x0008,
  STA_INS: 0x0010,
  STA_DEL: 0x0020,
  STA_UNSYNC,
  STA_FREQHOLD: 0x0080,
  STA_PPSSIGNAL: 0x0100,
  STA_PPSJITTER: 0x0200,
  STA_PPSWANDER: 0x0400,
  STA_PPSERROR: 0x0800,
  STA_CLOCKERR: 0x1000,
  STA_NANO: 0x2000,
  STA_MODE: 0x4000,
  STA_CLK: 0x8000,
});
const STATES: NameTable = names({
  TIME_OK: 0,
  TIME_INS: 1,
  TIME_DEL: 2,
  TIME_OOP: 3,
  TIME_WAIT: 4,
  TIME_ERROR: 5,
});

function timexText(value: ReturnType<typeof Timex.decode>): string {
  const number = (name: Exclude<keyof typeof value, 'time'>): string => `${name}=${value[name]}`;
  return braces([
    `modes=${flagText(value.modes, MODES, 'ADJ_???')}`,
    ...(['offset', 'freq', 'maxerror', 'esterror'] as const).map(number),
    `status=${flagText(value.status, STATUS, 'STA_???')}`,
    ...(['constant', 'precision', 'tolerance'] as const).map(number),
    `time=${timevalText(value.time)}`,
    ...(
      ['tick', 'ppsfreq', 'jitter', 'shift', 'stabil', 'jitcnt', 'calcnt', 'errcnt', 'stbcnt', 'tai'] as const
    ).map(number),
  ]);
}

export const TimexInOut: Kind = outKind('struct timex', 'u64', (value, context) =>
  structText(context, value, Timex, timexText, context.result >= 0),
);

/** `5 (TIME_ERROR)`. */
export const ClockState: Kind = kind(
  'clock state',
  'i32',
  (value) => `${value} (${nameOf(value, STATES, 'TIME_???')})`,
);
