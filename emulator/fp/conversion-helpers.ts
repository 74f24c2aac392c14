// Conversions, comparisons with NaNs, fmin, fmax and fclass, in WebAssembly.
// Called by fp/helper-functions.ts.
// Conversions to integers are decided here in every rounding mode; the others only when rounding to nearest even.
import type { Comparison, Format, IntegerFormat } from '../isa/semantics/backend.ts';
import { Op, Trunc, ValueType } from '../wasm/opcodes.ts';
import { Rounding } from './format.ts';
import { FLOAT_OPS, type HelperWriter, SMALLEST_NORMAL } from './helper-writer.ts';
import { Flag } from './helpers.ts';

const A = 0;
const B = 1;
const INFINITY = Number.POSITIVE_INFINITY;

/** First and last integer as doubles; where the last is not one, the first beyond. */
const LIMITS: Readonly<
  Record<IntegerFormat, { low: number; high: number; highAllowed: boolean; max: bigint; min: bigint }>
> = {
  w: { low: -(2 ** 31), high: 2 ** 31 - 1, highAllowed: true, max: 0x7fff_ffffn, min: -0x8000_0000n },
  wu: { low: 0, high: 2 ** 32 - 1, highAllowed: true, max: -1n, min: 0n },
  l: { low: -(2 ** 63), high: 2 ** 63, highAllowed: false, max: (1n << 63n) - 1n, min: -(1n << 63n) },
  lu: { low: 0, high: 2 ** 64, highAllowed: false, max: -1n, min: 0n },
};

/** Limits and NaN: F, 20.7, table "Domains of float-to-integer conversions". */
export function writeToInteger(w: HelperWriter, integer: IntegerFormat): void {
  const { code } = w;
  const { low, high, highAllowed, max, min } = LIMITS[integer];
  const [whole, mode] = [w.local(ValueType.F64), w.local(ValueType.I32)];
  w.rounding().code.set(mode);
  pushWhole(w, mode);
  code.set(whole);
  code.get(whole).f64(low).op(Op.f64_ge);
  code
    .get(whole)
    .f64(high)
    .op(highAllowed ? Op.f64_le : Op.f64_lt, Op.i32_and);
  w.when(() => {
    w.push(Op.f64_ne, whole, A).when(() => w.raise(Flag.INEXACT));
    code.get(whole).truncate(integer === 'lu' || integer === 'wu' ? Trunc.i64_f64_u : Trunc.i64_f64_s);
    if (integer === 'wu') code.op(Op.i64_extend32_s);
    code.return();
  });
  w.raise(Flag.INVALID);
  code.i64(min).i64(max).get(A).f64(0).op(Op.f64_lt, Op.select);
}

/** Pushes A rounded to an integral number in the mode. */
function pushWhole(w: HelperWriter, mode: number): void {
  const { code } = w;
  const F64 = ValueType.F64;
  const is = (value: number) => code.get(mode).i32(value).op(Op.i32_eq);
  is(Rounding.TO_ZERO).if(F64).get(A).op(Op.f64_trunc);
  code.else();
  code.get(mode).op(Op.i32_eqz).if(F64).get(A).op(Op.f64_nearest);
  code.else();
  is(Rounding.DOWN).if(F64).get(A).op(Op.f64_floor);
  code.else();
  is(Rounding.UP).if(F64).get(A).op(Op.f64_ceil);
  code.else();
  // Ties away from zero: the fraction is exact, and so is one more.
  const truncated = w.local(F64);
  code.get(A).op(Op.f64_trunc).set(truncated);
  code.get(truncated).f64(1).get(A).op(Op.f64_copysign, Op.f64_add).get(truncated);
  code.get(A).get(truncated).op(Op.f64_sub, Op.f64_abs).f64(0.5).op(Op.f64_ge, Op.select);
  code.end().end().end().end();
}

export function writeFromInteger(w: HelperWriter, integer: IntegerFormat, format: Format): void {
  const { code } = w;
  const { type } = FLOAT_OPS[format];
  const result = w.local(type);
  w.demandNearestEven();
  if (integer === 'w' || integer === 'wu') {
    const signed = integer === 'w';
    const single = signed ? Op.f32_convert_i32_s : Op.f32_convert_i32_u;
    const double = signed ? Op.f64_convert_i32_s : Op.f64_convert_i32_u;
    code
      .get(A)
      .op(Op.i32_wrap_i64, format === 's' ? single : double)
      .set(result);
    if (format === 's') {
      code.get(result).op(Op.f64_promote_f32).get(A).op(Op.i32_wrap_i64, double, Op.f64_ne);
      w.when(() => w.raise(Flag.INEXACT));
    }
  } else {
    const signed = integer === 'l';
    const single = signed ? Op.f32_convert_i64_s : Op.f32_convert_i64_u;
    const double = signed ? Op.f64_convert_i64_s : Op.f64_convert_i64_u;
    code
      .get(A)
      .op(format === 's' ? single : double)
      .set(result);
    // Back again: the same, unless the result is one past the largest, where truncation saturates.
    code.get(result);
    if (format === 's') code.truncate(signed ? Trunc.i64_f32_s : Trunc.i64_f32_u);
    else code.truncate(signed ? Trunc.i64_f64_s : Trunc.i64_f64_u);
    code.get(A).op(Op.i64_ne).get(result);
    w.constant(format, signed ? 2 ** 63 : 2 ** 64).code.op(FLOAT_OPS[format].eq, Op.i32_or);
    w.when(() => w.raise(Flag.INEXACT));
  }
  code.get(result);
}

/** Double to single. */
export function writeNarrow(w: HelperWriter): void {
  const { code } = w;
  const result = w.local(ValueType.F32);
  w.demandNearestEven();
  w.isNan('d', A).when(() => {
    w.isSignaling('d', A).when(() => w.raise(Flag.INVALID));
    w.canonicalNan('s').code.return();
  });
  code.get(A).op(Op.f32_demote_f64).set(result);
  code.get(result).op(Op.f64_promote_f32).get(A).op(Op.f64_eq);
  w.when(() => code.get(result).return());
  w.magnitude('s', result, 'eq', INFINITY).when(() => {
    w.raise(Flag.OVERFLOW | Flag.INEXACT)
      .code.get(result)
      .return();
  });
  w.magnitude('s', result, 'gt', SMALLEST_NORMAL.s).when(() => {
    w.raise(Flag.INEXACT).code.get(result).return();
  });
  w.returnSoft();
  code.op(Op.unreachable);
}

/** A single NaN as a double. */
export function writeWiden(w: HelperWriter): void {
  w.isSignaling('s', A).when(() => w.raise(Flag.INVALID));
  w.canonicalNan('d');
}

/** fmin and fmax when an operand is a NaN: the other one (F, 20.6). */
export function writeExtreme(w: HelperWriter, format: Format): void {
  const { code } = w;
  raiseIfSignaling(w, format);
  w.isNan(format, A).when(() => {
    w.isNan(format, B).when(() => w.canonicalNan(format).code.return());
    code.get(B).return();
  });
  code.get(A);
}

function raiseIfSignaling(w: HelperWriter, format: Format): void {
  w.any(
    () => w.isSignaling(format, A),
    () => w.isSignaling(format, B),
  );
  w.when(() => w.raise(Flag.INVALID));
}

/** The flags of a comparison that a NaN takes part in. */
export function writeCompare(w: HelperWriter, comparison: Comparison, format: Format): void {
  if (comparison === 'eq') raiseIfSignaling(w, format);
  else w.raise(Flag.INVALID);
}

/** One bit per class (F, 20.9). */
export function writeClassify(w: HelperWriter, format: Format): void {
  const { code } = w;
  const { I64, I32 } = ValueType;
  const [fractionBits, exponentMask, width] = format === 's' ? [23, 0xff, 32] : [52, 0x7ff, 64];
  const [bits, exponent, fraction, negative] = [w.local(I64), w.local(I32), w.local(I64), w.local(I32)];
  code.get(A);
  if (format === 's') code.op(Op.i32_reinterpret_f32, Op.i64_extend_i32_u);
  else code.op(Op.i64_reinterpret_f64);
  code.set(bits);
  code
    .get(bits)
    .i64(fractionBits)
    .op(Op.i64_shr_u, Op.i32_wrap_i64)
    .i32(exponentMask)
    .op(Op.i32_and)
    .set(exponent);
  code
    .get(bits)
    .i64((1n << BigInt(fractionBits)) - 1n)
    .op(Op.i64_and)
    .set(fraction);
  code
    .get(bits)
    .i64(width - 1)
    .op(Op.i64_shr_u, Op.i32_wrap_i64)
    .set(negative);
  const bySign = (negativeBit: number, positiveBit: number) =>
    code
      .i64(1 << negativeBit)
      .i64(1 << positiveBit)
      .get(negative)
      .op(Op.select);
  code.get(exponent).i32(exponentMask).op(Op.i32_eq).if(I64);
  code.get(fraction).op(Op.i64_eqz).if(I64);
  bySign(0, 7);
  code.else();
  code
    .i64(1 << 9)
    .i64(1 << 8)
    .get(fraction)
    .i64(fractionBits - 1)
    .op(Op.i64_shr_u, Op.i32_wrap_i64, Op.select);
  code.end();
  code.else();
  code.get(exponent).op(Op.i32_eqz).if(I64);
  code.get(fraction).op(Op.i64_eqz).if(I64);
  bySign(3, 4);
  code.else();
  bySign(2, 5);
  code.end();
  code.else();
  bySign(1, 6);
  code.end().end();
}
