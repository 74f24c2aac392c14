// How results are shown that are not plain decimal numbers: addresses, flags, names, octal modes.
// Rows name them as `returns`. Failures never come here: they are printed as `-1 ERRNO (text)` by the trace itself.
import type { Kind } from '../kind.ts';
import { kind } from './basic.ts';
import { nameOf, names, octal } from './format.ts';
import { signalName } from './signal-text.ts';

/** `12 (SIGUSR2)`. */
export const SignalResult: Kind = kind('signal', 'i32', (value) => `${value} (${signalName(value)})`);
export const OctalResult: Kind = kind('octal', 'u32', octal);
export const POLICIES = names({
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
});
/** `0 (SCHED_OTHER)`. */
export const PolicyResult: Kind = kind('policy', 'i32', (value) => {
  const name = nameOf(value & 0xff, POLICIES, 'SCHED_???');
  return `${value} (${name})`;
});
export const Policy: Kind = kind('policy', 'i32', (value) => nameOf(value, POLICIES, 'SCHED_???'));
