// Time namespaces where times pass: what a thread reads is ahead of the machine's clocks, what it waits for is given so.
// clock_gettime adds the offset; absolute times of timers, sleeps and futexes come through machineTime.
// A thread that nobody moved has no set of namespaces, and pays one comparison.
import type { TimespecValue } from '../abi/time.ts';
import type { Thread } from '../task/thread.ts';
import { CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, isMonotonic } from './clocks.ts';

/** By how much the clocks of a time namespace are ahead. */
export interface TimeOffsets {
  readonly monotonic: TimespecValue;
  readonly boottime: TimespecValue;
}

const NONE: TimespecValue = { sec: 0, nsec: 0 };

/** What is added to the machine's time since boot for the thread to see. */
export function clockOffset({ ownNamespaces }: Thread, clockId: number): TimespecValue {
  const offsets = ownNamespaces?.time.offsets;
  if (offsets === undefined) return NONE;
  if (clockId === CLOCK_BOOTTIME || clockId === CLOCK_BOOTTIME_ALARM) return offsets.boottime;
  return isMonotonic(clockId) ? offsets.monotonic : NONE;
}

/** An absolute time of one of the thread's clocks as the machine's clock shows it; 0 when that was before boot (timens_ktime_to_host). */
export function machineTime(thread: Thread, clockId: number, value: TimespecValue): TimespecValue {
  const offset = clockOffset(thread, clockId);
  const sec = value.sec - offset.sec;
  const nsec = value.nsec - offset.nsec;
  const isPast = sec < 0 || (sec === 0 && nsec < 0);
  return isPast ? NONE : { sec, nsec };
}
