// Times of a trace: -t, -tt, -ttt, -r and -T, in strace's widths. Times of day are UTC.
// Tracer puts them before lines and after results; all come from the machine's own clock.
import type { Clock } from '../../kernel/time/clock.ts';
import type { Digits, Stamp } from './options.ts';

function pad(value: bigint | number, width: number): string {
  return String(value).padStart(width, '0');
}

/** `12:00:00 `, `12:00:00.000001 `, `1795237104.000001 `, or nothing. */
export function stampText(clock: Clock, stamp: Stamp, digits: Digits): string {
  if (stamp === 'none') return '';
  const ns = clock.realtimeNs();
  const seconds = ns / 1_000_000_000n;
  const fraction = digits === 0 ? '' : `.${pad(ns % 1_000_000_000n, 9).slice(0, digits)}`;
  if (stamp === 'unix') return `${seconds}${fraction} `;
  const day = seconds % 86_400n;
  return `${pad(day / 3600n, 2)}:${pad((day / 60n) % 60n, 2)}:${pad(day % 60n, 2)}${fraction} `;
}

/** `     0.000123 `: ns since the line before. */
export function relativeText(ns: number, digits: Digits = 6): string {
  return `${secondsText(ns, digits).padStart(digits === 0 ? 6 : 7 + digits)} `;
}

/** ` <0.000123>`. */
export function durationText(ns: number, digits: Digits = 6): string {
  return ` <${secondsText(ns, digits)}>`;
}

export function secondsText(ns: number, digits: Digits = 6): string {
  const scale = 10 ** digits;
  const units = Math.max(0, Math.round((ns * scale) / 1e9));
  const whole = String(Math.floor(units / scale));
  return digits === 0 ? whole : `${whole}.${pad(units % scale, digits)}`;
}
