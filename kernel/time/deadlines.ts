// Absolute times that programs give, as deadlines on the kernel's monotonic clock.
// Futexes, POSIX timers and sleeps use it.
// A real time is taken as the clock is set now; who must follow clock_settime waits on `clock.realtimeSet` too.
import { type TimespecValue, timespecToNs } from '../abi/time.ts';
import type { Clock } from './clock.ts';

/** `value` is valid; a real time before boot gives a deadline in the past. */
export function absoluteDeadline(clock: Clock, value: TimespecValue, isRealtime: boolean): number {
  if (!isRealtime) return timespecToNs(value);
  const sec = value.sec - clock.realtimeSeconds;
  if (sec < 0) return 0;
  return Math.max(0, timespecToNs({ sec, nsec: value.nsec }) - clock.realtimeFraction);
}
