// adjtimex and clock_adjtime (adjtimex(2); kernel/time/ntp.c, timekeeping.c): what is set about the discipline of the clock
// is kept and shown, and the clock follows the host's all the same. Rows for table.ts.
import { ClockId } from '../abi/kinds/time-kinds.ts';
import { ClockState, TimexInOut } from '../abi/kinds/timex-kinds.ts';
import { STA_UNSYNC, TIME_ERROR, TIMEX_SIZE, Timex } from '../abi/timex.ts';
import { EINVAL, EOPNOTSUPP, EPERM, fail } from '../errno.ts';
import { CAP_SYS_TIME, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import type { Discipline } from '../time/clock.ts';
import { CLOCK_REALTIME, cpuClock, isMonotonic, isRealtime } from '../time/clocks.ts';
import { syscall } from './syscall.ts';

const NS_PER_SEC = 1e9;
/** As clock_settime: thirty years before 64 bits of ns are full. */
const LATEST_NS = 8_277_292_036_000_000_000n;

const ADJ_OFFSET = 1;
const ADJ_FREQUENCY = 2;
const ADJ_MAXERROR = 4;
const ADJ_ESTERROR = 8;
const ADJ_STATUS = 0x10;
const ADJ_TIMECONST = 0x20;
const ADJ_TAI = 0x80;
const ADJ_SETOFFSET = 0x100;
const ADJ_MICRO = 0x1000;
/** With ADJ_ADJTIME the same bit is ADJ_OFFSET_READONLY. */
const ADJ_NANO = 0x2000;
const ADJ_TICK = 0x4000;
const ADJ_ADJTIME = 0x8000;
const STA_CLOCKERR = 0x1000;
const STA_NANO = 0x2000;
/** STA_RONLY. */
const STATUS_OF_KERNEL = 0xff00;
const TIME_OK = 0;
const MOST_FREQUENCY = 32_768_000;
/** What 64 bits have room for (PPM_SCALE). */
const FARTHEST_FREQUENCY = 140_737_488_355;
const MOST_ERROR = 16_000_000;
const MOST_CONSTANT = 10;
const MOST_TAI = 100_000;

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

type TimexValue = ReturnType<typeof Timex.read>;

/** EPERM, EINVAL (timekeeping_validate_timex). */
function demandValid(thread: Thread, { modes, freq, tick, time }: TimexValue): void {
  const isSingle = (modes & ADJ_ADJTIME) !== 0;
  if (isSingle && (modes & ADJ_OFFSET) === 0) fail(EINVAL, 'no offset');
  const isReading = isSingle ? (modes & ADJ_NANO) !== 0 : modes === 0;
  if (!isReading && !capable(thread.credentials, CAP_SYS_TIME)) fail(EPERM, 'needs CAP_SYS_TIME');
  if (!isSingle && (modes & ADJ_TICK) !== 0 && (tick < 9000 || tick > 11_000)) fail(EINVAL, 'no such tick');
  const isFar = (modes & ADJ_FREQUENCY) !== 0 && Math.abs(freq) > FARTHEST_FREQUENCY;
  if (isFar) fail(EINVAL, 'no such frequency');
  if ((modes & ADJ_SETOFFSET) === 0) return;
  if (time.usec < 0 || time.usec >= ((modes & ADJ_NANO) !== 0 ? 1e9 : 1e6)) fail(EINVAL, 'not a valid time');
}

/** process_adjtimex_modes. */
function adjust(state: Discipline, given: TimexValue): void {
  const { modes } = given;
  if ((modes & ADJ_STATUS) !== 0)
    state.status = (state.status & STATUS_OF_KERNEL) | (given.status & ~STATUS_OF_KERNEL);
  if ((modes & ADJ_NANO) !== 0) state.status |= STA_NANO;
  if ((modes & ADJ_MICRO) !== 0) state.status &= ~STA_NANO;
  if ((modes & ADJ_FREQUENCY) !== 0) state.frequency = clamp(given.freq, -MOST_FREQUENCY, MOST_FREQUENCY);
  if ((modes & ADJ_MAXERROR) !== 0) state.maxError = clamp(given.maxerror, 0, MOST_ERROR);
  if ((modes & ADJ_ESTERROR) !== 0) state.estimatedError = clamp(given.esterror, 0, MOST_ERROR);
  if ((modes & ADJ_TIMECONST) !== 0) {
    const constant = Math.max(given.constant, 0) + ((state.status & STA_NANO) === 0 ? 4 : 0);
    state.constant = clamp(constant, 0, MOST_CONSTANT);
  }
  if ((modes & ADJ_TAI) !== 0 && given.constant >= 0 && given.constant <= MOST_TAI)
    state.tai = given.constant;
  if ((modes & ADJ_TICK) !== 0) state.tick = given.tick;
}

/** The state of the clock: TIME_ERROR until somebody says that it is synchronized. EFAULT, EPERM, EINVAL. */
function adjtimex(thread: Thread, { buf }: { buf: number }): number {
  const bytes = thread.user.read(buf, TIMEX_SIZE);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const given = Timex.read(view, 0);
  demandValid(thread, given);
  const { clock } = thread.kernel;
  const state = clock.discipline;
  const { modes } = given;
  if ((modes & ADJ_SETOFFSET) !== 0) {
    const unit = (modes & ADJ_NANO) !== 0 ? 1 : 1000;
    const shift = BigInt(given.time.sec) * 1_000_000_000n + BigInt(given.time.usec * unit);
    const ns = clock.realtimeNs() + shift;
    if (ns < 0n || ns > LATEST_NS) fail(EINVAL, 'out of range');
    clock.setRealtime(ns);
  }
  let offset = 0;
  if ((modes & ADJ_ADJTIME) !== 0) {
    offset = state.slew;
    if ((modes & ADJ_NANO) === 0) state.slew = given.offset;
  } else adjust(state, given);
  const ns = clock.monotonicNs() + clock.realtimeFraction;
  const whole = Math.floor(ns / NS_PER_SEC);
  const fraction = ns - whole * NS_PER_SEC;
  Timex.write(view, 0, {
    modes,
    offset,
    freq: state.frequency,
    maxerror: state.maxError,
    esterror: state.estimatedError,
    status: state.status,
    constant: state.constant,
    precision: 1,
    tolerance: MOST_FREQUENCY,
    time: {
      sec: clock.realtimeSeconds + whole,
      usec: (state.status & STA_NANO) === 0 ? Math.floor(fraction / 1000) : Math.floor(fraction),
    },
    tick: state.tick,
    ppsfreq: 0,
    jitter: 0,
    shift: 0,
    stabil: 0,
    jitcnt: 0,
    calcnt: 0,
    errcnt: 0,
    stbcnt: 0,
    tai: state.tai,
  });
  thread.user.write(buf, bytes);
  return (state.status & (STA_UNSYNC | STA_CLOCKERR)) !== 0 ? TIME_ERROR : TIME_OK;
}

function clockAdjtime(thread: Thread, { clockid, buf }: { clockid: number; buf: number }): number {
  if (clockid > 0 && !isMonotonic(clockid) && !isRealtime(clockid)) cpuClock(thread, clockid); // EINVAL
  if (clockid !== CLOCK_REALTIME) fail(EOPNOTSUPP, 'only the real-time clock could be tuned');
  return adjtimex(thread, { buf });
}

const UNTUNED = {
  returns: ClockState,
  partial: 'what is set is kept and shown; only ADJ_SETOFFSET changes the time',
};

export const TIMEX_CALLS = {
  171: syscall('adjtimex', { buf: TimexInOut }, adjtimex, UNTUNED),
  266: syscall('clock_adjtime', { clockid: ClockId, buf: TimexInOut }, clockAdjtime, UNTUNED),
};
