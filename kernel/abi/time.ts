// Time structs of the riscv64 ABI and how their values become ns (timespec(3type), timeval(3type)).
// The time, signal, futex, poll and timer families read and write them.
// A time too long for Linux to count in ns (292 years) is Infinity, which every deadline understands.
import { EINVAL, fail } from '../errno.ts';
import type { UserMemory } from '../mm/user-memory.ts';
import { i32, i64, struct } from './struct.ts';

export const Timespec = struct('timespec', { sec: i64, nsec: i64 });
export const Timeval = struct('timeval', { sec: i64, usec: i64 });
export const Itimerspec = struct('itimerspec', { interval: Timespec, value: Timespec });
export const Itimerval = struct('itimerval', { interval: Timeval, value: Timeval });
export const Timezone = struct('timezone', { minuteswest: i32, dsttime: i32 });

/** timer_settime, timerfd_settime, clock_nanosleep. */
export const TIMER_ABSTIME = 1;
export const NS_PER_SEC = 1_000_000_000;

export interface TimespecValue {
  readonly sec: number;
  readonly nsec: number;
}

/** timespec64_valid: not negative, and a proper fraction. */
export function isValidTimespec({ sec, nsec }: TimespecValue): boolean {
  return sec >= 0 && nsec >= 0 && nsec < NS_PER_SEC;
}

/** The longest time in ns (KTIME_MAX), as its timespec. */
const LONGEST: TimespecValue = { sec: 9_223_372_036, nsec: 854_775_807 };

/** A valid timespec in ns, exact to 2^53 (104 days); Infinity beyond 2^63. */
export function timespecToNs({ sec, nsec }: TimespecValue): number {
  const ns = sec * NS_PER_SEC + nsec;
  return ns < 2 ** 63 ? ns : Number.POSITIVE_INFINITY;
}

/** The struct at `address`. EFAULT, then EINVAL when it is not valid. */
export function readTimespec(user: UserMemory, address: number): TimespecValue {
  const value = user.readStruct(address, Timespec);
  return isValidTimespec(value) ? value : fail(EINVAL, 'not a valid timespec');
}

/** The same in ns. */
export function readTimespecNs(user: UserMemory, address: number): number {
  return timespecToNs(readTimespec(user, address));
}

export function nsToTimespec(ns: number): TimespecValue {
  if (ns === Number.POSITIVE_INFINITY) return LONGEST;
  const sec = Math.floor(ns / NS_PER_SEC);
  return { sec, nsec: ns - sec * NS_PER_SEC };
}

export function nsToTimeval(ns: number): { sec: number; usec: number } {
  const { sec, nsec } = nsToTimespec(ns);
  return { sec, usec: Math.floor(nsec / 1000) };
}

/** A timeval in ns; undefined when negative or not a proper fraction. */
export function timevalToNs({ sec, usec }: { sec: number; usec: number }): number | undefined {
  if (sec < 0 || usec < 0 || usec >= 1_000_000) return undefined;
  return timespecToNs({ sec, nsec: usec * 1000 });
}
