// A time in ns since 1970 as seconds and ns: what stat and its like show.
// In steps of 16 bits, exact in doubles: a division of bigints takes twenty times as long.

const BILLION = 1_000_000_000;
const BITS = new BigInt64Array(1);
const [LOW, HIGH] = [new Uint32Array(BITS.buffer), new Int32Array(BITS.buffer)];

export interface SplitTime {
  readonly sec: number;
  readonly nsec: number;
}

/** Seconds and ns of a time; ns count up also before 1970. */
export function splitTime(time: bigint): SplitTime {
  BITS[0] = time;
  if (BITS[0] !== time) return splitLongTime(time);
  const low = LOW[0] as number;
  const high = HIGH[1] as number;
  const first = Math.floor(high / BILLION);
  const upper = (high - first * BILLION) * 0x1_0000 + (low >>> 16);
  const second = Math.floor(upper / BILLION);
  const lower = (upper - second * BILLION) * 0x1_0000 + (low & 0xffff);
  const third = Math.floor(lower / BILLION);
  return { sec: first * 0x1_0000_0000 + second * 0x1_0000 + third, nsec: lower - third * BILLION };
}

/** The same for what 64 bits do not hold, from the year 2262 on: files can be given such times. */
function splitLongTime(time: bigint): SplitTime {
  const whole = time / BigInt(BILLION); // towards zero
  const nsec = Number(time - whole * BigInt(BILLION));
  return nsec < 0 ? { sec: Number(whole) - 1, nsec: nsec + BILLION } : { sec: Number(whole), nsec };
}
