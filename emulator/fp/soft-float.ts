// IEEE 754 arithmetic on bit patterns, exact by construction: bigint integers, one rounding at the end.
// Called by the reference back end, and by generated code for what its fast paths leave over.
// Operands and results are bit patterns; flags accumulate in the environment.
// Source: RISC-V unprivileged ISA, F chapter (canonical NaNs, conversion limits), IEEE 754-2019.
import type { Arithmetic, Comparison, Format, IntegerFormat } from '../isa/semantics/backend.ts';
import {
  bitLength,
  type Environment,
  FORMATS,
  infinity,
  Rounding,
  round,
  roundShift,
  type Unpacked,
  unpack,
  zero,
} from './format.ts';
import { Flag } from './helpers.ts';

type Finite = Extract<Unpacked, { kind: 'finite' }>;

const isZero = (value: Unpacked) => value.kind === 'finite' && value.significand === 0n;

function invalid(format: Format, environment: Environment): bigint {
  environment.flags |= Flag.INVALID;
  return FORMATS[format].canonicalNan;
}

/** The canonical NaN if an operand is a NaN, and the invalid flag if one is signaling. */
function nanOf(format: Format, environment: Environment, ...operands: Unpacked[]): bigint | null {
  let found = false;
  for (const operand of operands) {
    if (operand.kind !== 'nan') continue;
    found = true;
    if (operand.signaling) environment.flags |= Flag.INVALID;
  }
  return found ? FORMATS[format].canonicalNan : null;
}

export function arithmetic(
  operation: Arithmetic,
  format: Format,
  environment: Environment,
  a: bigint,
  b: bigint,
): bigint {
  switch (operation) {
    case 'add':
      return addUnpacked(format, environment, unpack(format, a), unpack(format, b));
    case 'sub':
      return addUnpacked(format, environment, unpack(format, a), unpack(format, b ^ FORMATS[format].signBit));
    case 'mul':
      return multiply(format, environment, unpack(format, a), unpack(format, b));
    case 'div':
      return divide(format, environment, unpack(format, a), unpack(format, b));
  }
}

function addUnpacked(format: Format, environment: Environment, a: Unpacked, b: Unpacked): bigint {
  const nan = nanOf(format, environment, a, b);
  if (nan !== null) return nan;
  if (a.kind === 'infinite') {
    if (b.kind === 'infinite' && a.negative !== b.negative) return invalid(format, environment);
    return infinity(format, a.negative);
  }
  if (b.kind === 'infinite') return infinity(format, b.negative);
  return addFinite(format, environment, a as Finite, b as Finite);
}

function addFinite(format: Format, environment: Environment, a: Finite, b: Finite): bigint {
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = signedValue(a, exponent) + signedValue(b, exponent);
  if (sum === 0n) {
    const down = environment.rounding === Rounding.DOWN;
    return zero(format, a.negative === b.negative ? a.negative : down);
  }
  const negative = sum < 0n;
  return round(format, environment, negative, negative ? -sum : sum, exponent);
}

function signedValue({ negative, significand, exponent }: Finite, scale: number): bigint {
  const magnitude = significand << BigInt(exponent - scale);
  return negative ? -magnitude : magnitude;
}

function multiply(format: Format, environment: Environment, a: Unpacked, b: Unpacked): bigint {
  const nan = nanOf(format, environment, a, b);
  if (nan !== null) return nan;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    return isZero(a) || isZero(b) ? invalid(format, environment) : infinity(format, negative);
  }
  const { significand, exponent } = product(a as Finite, b as Finite);
  return round(format, environment, negative, significand, exponent);
}

function product(a: Finite, b: Finite): Finite {
  return {
    kind: 'finite',
    negative: a.negative !== b.negative,
    significand: a.significand * b.significand,
    exponent: a.exponent + b.exponent,
  };
}

function divide(format: Format, environment: Environment, a: Unpacked, b: Unpacked): bigint {
  const nan = nanOf(format, environment, a, b);
  if (nan !== null) return nan;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite') {
    return b.kind === 'infinite' ? invalid(format, environment) : infinity(format, negative);
  }
  if (b.kind === 'infinite') return zero(format, negative);
  const dividend = a as Finite;
  const divisor = b as Finite;
  if (divisor.significand === 0n) {
    if (dividend.significand === 0n) return invalid(format, environment);
    environment.flags |= Flag.DIVIDE_BY_ZERO;
    return infinity(format, negative);
  }
  // Enough quotient bits for the rounding, whatever the lengths of the operands.
  const shift = FORMATS[format].precision + 2 + bitLength(divisor.significand);
  const scaled = dividend.significand << BigInt(shift);
  const quotient = scaled / divisor.significand;
  const sticky = quotient * divisor.significand !== scaled;
  const exponent = dividend.exponent - divisor.exponent - shift;
  return round(format, environment, negative, quotient, exponent, sticky);
}

export function squareRoot(format: Format, environment: Environment, bits: bigint): bigint {
  const a = unpack(format, bits);
  const nan = nanOf(format, environment, a);
  if (nan !== null) return nan;
  if (isZero(a)) return bits;
  if (a.negative) return invalid(format, environment);
  if (a.kind !== 'finite') return bits;
  const room = 2 * (FORMATS[format].precision + 2);
  const shift = room + (Math.abs(a.exponent) & 1);
  const radicand = a.significand << BigInt(shift);
  const root = integerSquareRoot(radicand);
  return round(format, environment, false, root, (a.exponent - shift) / 2, root * root !== radicand);
}

/** The largest integer whose square is not above `value` (Newton's iteration from above). */
function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function fusedMultiplyAdd(
  format: Format,
  environment: Environment,
  aBits: bigint,
  bBits: bigint,
  cBits: bigint,
): bigint {
  const a = unpack(format, aBits);
  const b = unpack(format, bBits);
  const c = unpack(format, cBits);
  // ∞ × 0 is invalid even when a quiet NaN is added (F, 20.6).
  const infiniteByZero = (a.kind === 'infinite' && isZero(b)) || (isZero(a) && b.kind === 'infinite');
  if (infiniteByZero) return invalid(format, environment);
  const nan = nanOf(format, environment, a, b, c);
  if (nan !== null) return nan;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    return addUnpacked(format, environment, { kind: 'infinite', negative }, c);
  }
  return addUnpacked(format, environment, product(a as Finite, b as Finite), c);
}

/** The other operand when one is a NaN; −0 is below +0 (F, 20.6). */
export function extreme(
  which: 'min' | 'max',
  format: Format,
  environment: Environment,
  a: bigint,
  b: bigint,
): bigint {
  const x = unpack(format, a);
  const y = unpack(format, b);
  const nan = nanOf(format, environment, x, y);
  if (nan !== null) return x.kind !== 'nan' ? a : y.kind !== 'nan' ? b : nan;
  if (isZero(x) && isZero(y)) return (which === 'min') === x.negative ? a : b;
  return (which === 'min') === less(x, y) ? a : b;
}

function less(a: Unpacked, b: Unpacked): boolean {
  return order(a) < order(b) || (order(a) === order(b) && finiteLess(a, b));
}

/** Sorts infinities around the finite numbers. */
function order(value: Unpacked): number {
  return value.kind === 'infinite' ? (value.negative ? -1 : 1) : 0;
}

function finiteLess(a: Unpacked, b: Unpacked): boolean {
  if (a.kind !== 'finite' || b.kind !== 'finite') return false;
  const exponent = Math.min(a.exponent, b.exponent);
  return signedValue(a, exponent) < signedValue(b, exponent);
}

/** eq is quiet: only signaling NaNs are invalid there (F, 20.8). */
export function compare(
  comparison: Comparison,
  format: Format,
  environment: Environment,
  a: bigint,
  b: bigint,
): boolean {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (nanOf(format, environment, x, y) !== null) {
    if (comparison !== 'eq') environment.flags |= Flag.INVALID;
    return false;
  }
  if (comparison === 'lt') return less(x, y);
  if (comparison === 'le') return !less(y, x);
  return !less(x, y) && !less(y, x);
}

/** Bit numbers of fclass (F, 20.9). */
export function classify(format: Format, bits: bigint): bigint {
  const value = unpack(format, bits);
  const { precision } = FORMATS[format];
  switch (value.kind) {
    case 'infinite':
      return value.negative ? 1n << 0n : 1n << 7n;
    case 'nan':
      return value.signaling ? 1n << 8n : 1n << 9n;
    case 'finite': {
      const { negative, significand } = value;
      if (significand === 0n) return negative ? 1n << 3n : 1n << 4n;
      const normal = bitLength(significand) === precision;
      if (normal) return negative ? 1n << 1n : 1n << 6n;
      return negative ? 1n << 2n : 1n << 5n;
    }
  }
}

const LIMITS: Readonly<Record<IntegerFormat, readonly [bigint, bigint]>> = {
  w: [-(1n << 31n), (1n << 31n) - 1n],
  wu: [0n, (1n << 32n) - 1n],
  l: [-(1n << 63n), (1n << 63n) - 1n],
  lu: [0n, (1n << 64n) - 1n],
};

/** Saturates, NaN to the largest, with invalid and without inexact; words are sign-extended (F, 20.7). */
export function toInteger(
  integer: IntegerFormat,
  format: Format,
  environment: Environment,
  bits: bigint,
): bigint {
  const value = unpack(format, bits);
  const [low, high] = LIMITS[integer];
  const result = (n: bigint) =>
    integer === 'w' || integer === 'wu' ? BigInt.asUintN(64, BigInt.asIntN(32, n)) : BigInt.asUintN(64, n);
  const saturate = (negative: boolean) => {
    environment.flags |= Flag.INVALID;
    return result(negative ? low : high);
  };
  if (value.kind === 'nan') return saturate(false);
  if (value.kind === 'infinite') return saturate(value.negative);
  const { negative, significand, exponent } = value;
  const { value: magnitude, inexact } = roundShift(significand, -exponent, negative, environment.rounding);
  const n = negative ? -magnitude : magnitude;
  if (n < low || n > high) return saturate(negative);
  if (inexact) environment.flags |= Flag.INEXACT;
  return result(n);
}

export function fromInteger(
  format: Format,
  integer: IntegerFormat,
  environment: Environment,
  value: bigint,
): bigint {
  const width = integer === 'w' || integer === 'wu' ? 32 : 64;
  const signed = integer === 'w' || integer === 'l';
  const n = signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
  return round(format, environment, n < 0n, n < 0n ? -n : n, 0);
}

/** From the other format. */
export function convert(to: Format, environment: Environment, bits: bigint): bigint {
  const value = unpack(to === 's' ? 'd' : 's', bits);
  const nan = nanOf(to, environment, value);
  if (nan !== null) return nan;
  if (value.kind === 'infinite') return infinity(to, value.negative);
  const { negative, significand, exponent } = value as Finite;
  return round(to, environment, negative, significand, exponent);
}
