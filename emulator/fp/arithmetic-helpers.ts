// Sum, difference, product, quotient, square root: exact flags by error-free transformations, in WebAssembly.
// Called by fp/helper-functions.ts for what the inline fast path leaves over.
// Only to-nearest rounding in the normal range is decided here; the rest is returnSoft.
import type { Format } from '../isa/semantics/backend.ts';
import { Op, ValueType } from '../wasm/opcodes.ts';
import { FLOAT_OPS, type HelperWriter, SMALLEST_NORMAL } from './helper-writer.ts';
import { Flag } from './helpers.ts';

const A = 0;
const B = 1;
const INFINITY = Number.POSITIVE_INFINITY;
/** Within these, products of doubles have a representable error and splitting does not overflow. */
const TINY = 2 ** -960;
const HUGE = 2 ** 990;

/** Infinite results: exact from an infinite operand, else an overflow. */
function returnInfinity(w: HelperWriter, format: Format, operands: readonly number[], result: number): void {
  w.anyInfinite(format, operands);
  w.code.op(Op.i32_eqz);
  w.when(() => w.raise(Flag.OVERFLOW | Flag.INEXACT));
  w.code.get(result).return();
}

/** NaN and infinite results, as for sums and products. */
function returnSpecial(w: HelperWriter, format: Format, result: number): void {
  w.isNan(format, result).when(() => w.returnNan(format, [A, B]));
  w.magnitude(format, result, 'eq', INFINITY).when(() => returnInfinity(w, format, [A, B], result));
}

export function writeSum(w: HelperWriter, format: Format, subtract: boolean): void {
  const { code } = w;
  const ops = FLOAT_OPS[format];
  w.demandNearestEven();
  const [sum, error] = [w.local(ops.type), w.local(ops.type)];
  w.push(subtract ? ops.sub : ops.add, A, B).code.set(sum);
  returnSpecial(w, format, sum);
  if (subtract) code.get(B).op(ops.neg).set(B);
  w.twoSum(format, A, B, sum, error);
  // An intermediate step may overflow although the sum does not.
  w.isNan(format, error).when(() => {
    if (subtract) code.get(B).op(ops.neg).set(B);
    w.returnSoft();
  });
  code.get(error);
  w.constant(format, 0).code.op(ops.ne);
  w.when(() => w.raise(Flag.INEXACT));
  code.get(sum);
}

/** Returns the result, inexact if the i32 on the stack says so. */
function returnInexactIf(w: HelperWriter, result: number): void {
  w.when(() => w.raise(Flag.INEXACT));
  w.code.get(result).return();
}

export function writeProduct(w: HelperWriter, format: Format): void {
  const { code } = w;
  const ops = FLOAT_OPS[format];
  w.demandNearestEven();
  const product = w.local(ops.type);
  w.push(ops.mul, A, B).code.set(product);
  returnSpecial(w, format, product);
  if (format === 's') {
    // Exact in double precision.
    const wide = w.local(ValueType.F64);
    code.get(A).op(Op.f64_promote_f32).get(B).op(Op.f64_promote_f32, Op.f64_mul).set(wide);
    code.get(product).op(Op.f64_promote_f32).get(wide).op(Op.f64_eq);
    w.when(() => code.get(product).return());
    w.magnitude('s', product, 'gt', SMALLEST_NORMAL.s).when(() => {
      w.raise(Flag.INEXACT).code.get(product).return();
    });
    w.returnSoft();
    code.op(Op.unreachable);
    return;
  }
  w.any(
    () => code.get(A).f64(0).op(Op.f64_eq),
    () => code.get(B).f64(0).op(Op.f64_eq),
  );
  w.when(() => code.get(product).return());
  w.all(
    () => w.magnitude('d', product, 'gt', TINY),
    () => w.magnitude('d', A, 'lt', HUGE),
    () => w.magnitude('d', B, 'lt', HUGE),
  );
  w.when(() => {
    const error = w.local(ValueType.F64);
    w.productError(A, B, product, error);
    code.get(error).f64(0).op(Op.f64_ne);
    returnInexactIf(w, product);
  });
  w.returnSoft();
  code.op(Op.unreachable);
}

export function writeQuotient(w: HelperWriter, format: Format): void {
  const { code } = w;
  const ops = FLOAT_OPS[format];
  w.demandNearestEven();
  const quotient = w.local(ops.type);
  w.push(ops.div, A, B).code.set(quotient);
  w.isNan(format, quotient).when(() => w.returnNan(format, [A, B]));
  w.magnitude(format, quotient, 'eq', INFINITY).when(() => {
    w.magnitude(format, A, 'eq', INFINITY).when(() => code.get(quotient).return());
    code.get(B);
    w.constant(format, 0).code.op(ops.eq);
    w.when(
      () => w.raise(Flag.DIVIDE_BY_ZERO),
      () => w.raise(Flag.OVERFLOW | Flag.INEXACT),
    );
    code.get(quotient).return();
  });
  // 0 ÷ x and x ÷ ∞ are exact.
  code.get(A);
  w.constant(format, 0).code.op(ops.eq);
  w.magnitude(format, B, 'eq', INFINITY).code.op(Op.i32_or);
  w.when(() => code.get(quotient).return());
  if (format === 's') {
    code.get(quotient).op(Op.f64_promote_f32).get(B).op(Op.f64_promote_f32, Op.f64_mul);
    code.get(A).op(Op.f64_promote_f32, Op.f64_eq);
    w.when(() => code.get(quotient).return());
    w.magnitude('s', quotient, 'gt', SMALLEST_NORMAL.s).when(() => {
      w.raise(Flag.INEXACT).code.get(quotient).return();
    });
  } else {
    w.all(
      () => w.magnitude('d', quotient, 'gt', TINY),
      () => w.magnitude('d', quotient, 'lt', HUGE),
      () => w.magnitude('d', A, 'gt', TINY),
      () => w.magnitude('d', A, 'lt', HUGE),
      () => w.magnitude('d', B, 'lt', HUGE),
    );
    w.when(() => {
      pushProductDiffers(w, quotient, B, A);
      returnInexactIf(w, quotient);
    });
  }
  w.returnSoft();
  code.op(Op.unreachable);
}

/** i32: x × y is not exactly z (doubles). */
function pushProductDiffers(w: HelperWriter, x: number, y: number, z: number): void {
  const [product, error] = [w.local(ValueType.F64), w.local(ValueType.F64)];
  w.push(Op.f64_mul, x, y).code.set(product);
  w.productError(x, y, product, error);
  w.any(
    () => w.push(Op.f64_ne, product, z),
    () => w.code.get(error).f64(0).op(Op.f64_ne),
  );
}

export function writeSquareRoot(w: HelperWriter, format: Format): void {
  const { code } = w;
  const ops = FLOAT_OPS[format];
  w.demandNearestEven();
  const root = w.local(ops.type);
  w.push(ops.sqrt, A).code.set(root);
  w.isNan(format, root).when(() => w.returnNan(format, [A]));
  // ±0 and ∞ are their own roots.
  code.get(A);
  w.constant(format, 0).code.op(ops.eq);
  w.magnitude(format, A, 'eq', INFINITY).code.op(Op.i32_or);
  w.when(() => code.get(root).return());
  if (format === 's') {
    code.get(root).op(Op.f64_promote_f32).get(root).op(Op.f64_promote_f32, Op.f64_mul);
    code.get(A).op(Op.f64_promote_f32, Op.f64_ne);
    returnInexactIf(w, root);
  } else {
    w.all(
      () => w.magnitude('d', A, 'gt', TINY),
      () => w.magnitude('d', A, 'lt', HUGE),
    );
    w.when(() => {
      pushProductDiffers(w, root, root, A);
      returnInexactIf(w, root);
    });
    w.returnSoft();
  }
  code.op(Op.unreachable);
}
