// long double, which on RISC-V is the quadruple precision of IEEE 754: 15 bits of exponent and 112 of fraction.
// values.ts reads and writes it; float-text.ts prints its digits exactly.
// Computing is done with the nearest double.

export interface Quadruple {
  readonly isNegative: boolean;
  /** The value is mantissa × 2^exponent; undefined for infinities and what is no number. */
  readonly exact: { readonly mantissa: bigint; readonly exponent: number } | undefined;
  /** As a double. */
  readonly nearest: number;
}

const BIAS = 16_383;
const FRACTION_BITS = 112n;
const ALL_ONES = 0x7fff;
/** More than a double has. */
const DIGITS_KEPT = 64n;

/** Out of 16 bytes, the lowest first. */
export function quadrupleOf(bytes: Uint8Array): Quadruple {
  const bits = bytes.subarray(0, 16).reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  const isNegative = bits >> 127n === 1n;
  const biased = Number((bits >> FRACTION_BITS) & BigInt(ALL_ONES));
  const fraction = bits & ((1n << FRACTION_BITS) - 1n);
  const sign = isNegative ? -1 : 1;
  if (biased === ALL_ONES)
    return {
      isNegative,
      exact: undefined,
      nearest: fraction === 0n ? sign * Number.POSITIVE_INFINITY : Number.NaN,
    };
  const mantissa = biased === 0 ? fraction : fraction | (1n << FRACTION_BITS);
  const exponent = (biased === 0 ? 1 : biased) - BIAS - Number(FRACTION_BITS);
  const shift = FRACTION_BITS - DIGITS_KEPT;
  const nearest = sign * Number(mantissa >> shift) * 2 ** (exponent + Number(shift));
  return { isNegative, exact: { mantissa, exponent }, nearest };
}

/** A double as 16 bytes. */
export function quadrupleBytes(number: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n;
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  let all: bigint;
  if (exponent === 0)
    all = 0n; // a denormal is nothing beside what a quadruple can hold
  else {
    const biased = exponent === 0x7ff ? ALL_ONES : exponent - 1023 + BIAS;
    all = (BigInt(biased) << FRACTION_BITS) | (fraction << (FRACTION_BITS - 52n));
  }
  all |= sign << 127n;
  return Uint8Array.from({ length: 16 }, (_, at) => Number((all >> BigInt(8 * at)) & 0xffn));
}
