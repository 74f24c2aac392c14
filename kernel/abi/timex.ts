// struct timex of adjtimex(2) and clock_adjtime(2): the state of the clock, and what is to be tuned.
// syscalls/timex.ts fills it in, kinds/timex-kinds.ts prints it.
// Between its fields and its end lie eleven unused ints: 208 bytes in all (include/uapi/linux/timex.h).
import { i32, i64, struct, u32 } from './struct.ts';
import { Timeval } from './time.ts';

export const Timex = struct('timex', {
  modes: u32,
  offset: i64,
  freq: i64,
  maxerror: i64,
  esterror: i64,
  status: i32,
  constant: i64,
  precision: i64,
  tolerance: i64,
  time: Timeval,
  tick: i64,
  ppsfreq: i64,
  jitter: i64,
  shift: i32,
  stabil: i64,
  jitcnt: i64,
  calcnt: i64,
  errcnt: i64,
  stbcnt: i64,
  tai: i32,
});
export const TIMEX_SIZE = 208;
export const STA_UNSYNC = 0x40;
/** What the calls return: the clock is not synchronised. */
export const TIME_ERROR = 5;
