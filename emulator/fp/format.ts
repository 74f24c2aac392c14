// IEEE 754 binary formats as integers: taking numbers apart and rounding exact values into them.
// Called by fp/soft-float.ts, whose every result goes through `round`.
// A finite value is significand × 2^exponent with an unbounded integer significand: nothing is lost before rounding.
import type { Format } from '../isa/semantics/backend.ts';
import { Flag } from './helpers.ts';

/** Rounding modes as encoded in rm and frm (RISC-V unprivileged ISA, F, 20.2). */
export const Rounding = { NEAREST_EVEN: 0, TO_ZERO: 1, DOWN: 2, UP: 3, NEAREST_AWAY: 4 } as const;

/** What an operation rounds by, and the flags it raised. */
export interface Environment {
  readonly rounding: number;
  flags: number;
}

interface Parameters {
  /** Bits of a normal significand. */
  readonly precision: number;
  readonly exponentBits: number;
  /** Exponent of the least significant bit of a subnormal number. */
  readonly minExponent: number;
  /** Exponent of the least significant bit of the largest number. */
  readonly maxExponent: number;
  readonly canonicalNan: bigint;
  readonly signBit: bigint;
}

export const FORMATS: Readonly<Record<Format, Parameters>> = {
  s: {
    precision: 24,
    exponentBits: 8,
    minExponent: -149,
    maxExponent: 104,
    canonicalNan: 0x7fc0_0000n,
    signBit: 1n << 31n,
  },
  d: {
    precision: 53,
    exponentBits: 11,
    minExponent: -1074,
    maxExponent: 971,
    canonicalNan: 0x7ff8_0000_0000_0000n,
    signBit: 1n << 63n,
  },
};

export type Unpacked =
  | { readonly kind: 'nan'; readonly signaling: boolean; readonly negative: boolean }
  | { readonly kind: 'infinite'; readonly negative: boolean }
  /** Zero has significand 0. */
  | {
      readonly kind: 'finite';
      readonly negative: boolean;
      readonly significand: bigint;
      readonly exponent: number;
    };

export function unpack(format: Format, bits: bigint): Unpacked {
  const { precision, exponentBits, minExponent, signBit } = FORMATS[format];
  const fractionBits = BigInt(precision - 1);
  const negative = (bits & signBit) !== 0n;
  const fraction = bits & ((1n << fractionBits) - 1n);
  const biased = Number((bits & (signBit - 1n)) >> fractionBits);
  if (biased === (1 << exponentBits) - 1) {
    if (fraction === 0n) return { kind: 'infinite', negative };
    return { kind: 'nan', negative, signaling: fraction >> (fractionBits - 1n) === 0n };
  }
  if (biased === 0) return { kind: 'finite', negative, significand: fraction, exponent: minExponent };
  return {
    kind: 'finite',
    negative,
    significand: fraction | (1n << fractionBits),
    exponent: minExponent + biased - 1,
  };
}

export function infinity(format: Format, negative: boolean): bigint {
  const { precision, exponentBits, signBit } = FORMATS[format];
  const magnitude = ((1n << BigInt(exponentBits)) - 1n) << BigInt(precision - 1);
  return negative ? magnitude | signBit : magnitude;
}

export function zero(format: Format, negative: boolean): bigint {
  return negative ? FORMATS[format].signBit : 0n;
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/**
 * Drops the low `shift` bits of a magnitude, rounding; gives the quotient and whether anything was lost.
 * The mode sees the sign because two modes are directed.
 */
export function roundShift(
  magnitude: bigint,
  shift: number,
  negative: boolean,
  rounding: number,
): { readonly value: bigint; readonly inexact: boolean } {
  if (shift <= 0) return { value: magnitude << BigInt(-shift), inexact: false };
  const count = BigInt(shift);
  const quotient = magnitude >> count;
  const rest = magnitude & ((1n << count) - 1n);
  if (rest === 0n) return { value: quotient, inexact: false };
  const half = 1n << (count - 1n);
  let up = false;
  switch (rounding) {
    case Rounding.NEAREST_EVEN:
      up = rest > half || (rest === half && (quotient & 1n) === 1n);
      break;
    case Rounding.DOWN:
      up = negative;
      break;
    case Rounding.UP:
      up = !negative;
      break;
    case Rounding.NEAREST_AWAY:
      up = rest >= half;
      break;
    default:
      break;
  }
  return { value: up ? quotient + 1n : quotient, inexact: true };
}

/** The number of the format nearest to ±significand × 2^exponent; `sticky` says that a little more is cut off. */
export function round(
  format: Format,
  environment: Environment,
  negative: boolean,
  significand: bigint,
  exponent: number,
  sticky = false,
): bigint {
  const { precision, minExponent, maxExponent, signBit } = FORMATS[format];
  let magnitude = significand;
  let scale = exponent;
  if (sticky) {
    const room = precision + 3;
    magnitude = (magnitude << BigInt(room)) | 1n;
    scale -= room;
  }
  if (magnitude === 0n) return zero(format, negative);
  const { rounding } = environment;
  const normalScale = scale + bitLength(magnitude) - precision;
  const resultScale = Math.max(normalScale, minExponent);
  const { value, inexact } = roundShift(magnitude, resultScale - scale, negative, rounding);
  const carried = value >> BigInt(precision) !== 0n;
  if (resultScale + (carried ? 1 : 0) > maxExponent) return overflow(format, environment, negative);
  if (inexact) {
    environment.flags |= Flag.INEXACT;
    if (isTiny(magnitude, scale, normalScale, precision, minExponent, negative, rounding)) {
      environment.flags |= Flag.UNDERFLOW;
    }
  }
  // Adding, not or-ing: a carry out of the significand moves into the exponent by itself.
  const fractionBits = BigInt(precision - 1);
  const bits = (BigInt(resultScale - minExponent) << fractionBits) + value;
  return negative ? bits | signBit : bits;
}

/** Tininess is detected after rounding, as if the exponent had no lower bound (F, 20.2). */
function isTiny(
  magnitude: bigint,
  scale: number,
  normalScale: number,
  precision: number,
  minExponent: number,
  negative: boolean,
  rounding: number,
): boolean {
  if (normalScale >= minExponent) return false;
  if (normalScale < minExponent - 1) return true;
  const { value } = roundShift(magnitude, normalScale - scale, negative, rounding);
  return value >> BigInt(precision) === 0n;
}

function overflow(format: Format, environment: Environment, negative: boolean): bigint {
  environment.flags |= Flag.OVERFLOW | Flag.INEXACT;
  const { rounding } = environment;
  const toLargest =
    rounding === Rounding.TO_ZERO ||
    (rounding === Rounding.DOWN && !negative) ||
    (rounding === Rounding.UP && negative);
  // The largest number's bits are just below infinity's.
  return toLargest ? infinity(format, negative) - 1n : infinity(format, negative);
}
