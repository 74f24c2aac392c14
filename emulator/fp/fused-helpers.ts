// Fused multiply-add without a fused instruction: exact products, sums with their errors, rounding to odd.
// Called by fp/helper-functions.ts.
// Source: Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd".
import type { Format } from '../isa/semantics/backend.ts';
import { Op, ValueType } from '../wasm/opcodes.ts';
import { FLOAT_OPS, type HelperWriter, SMALLEST_NORMAL } from './helper-writer.ts';
import { Flag } from './helpers.ts';

const A = 0;
const B = 1;
const C = 2;
const INFINITY = Number.POSITIVE_INFINITY;
const TINY = 2 ** -900;
const HUGE = 2 ** 990;

/** Results that infinite or NaN operands give; `unfused` is a × b + c with two roundings. */
function returnSpecial(w: HelperWriter, format: Format, product: number, unfused: number): void {
  const operands = [A, B, C];
  w.isNan(format, unfused).when(() => {
    // ∞ × 0 is invalid even beside a quiet NaN; so is ∞ − ∞. Otherwise only signaling NaNs are.
    w.isNan(format, product);
    w.any(
      () => w.isNan(format, A),
      () => w.isNan(format, B),
    );
    w.code.op(Op.i32_eqz, Op.i32_and);
    w.when(() => w.raise(Flag.INVALID));
    w.any(...operands.map((operand) => () => w.isNan(format, operand)));
    w.when(
      () => w.returnNan(format, operands),
      () => {
        w.anyInfinite(format, [A, B]).when(() => w.raise(Flag.INVALID).canonicalNan(format).code.return());
        // A finite product that overflowed, beside the opposite infinity.
        w.code.get(C).return();
      },
    );
  });
  w.anyInfinite(format, operands).when(() => w.code.get(unfused).return());
}

export function writeFused(w: HelperWriter, format: Format): void {
  w.demandNearestEven();
  if (format === 's') writeSingle(w);
  else writeDouble(w);
  w.returnSoft();
  w.code.op(Op.unreachable);
}

/** The product is exact in double precision; the sum, rounded to odd, may be rounded again. */
function writeSingle(w: HelperWriter): void {
  const { code } = w;
  const { F32, F64 } = ValueType;
  const [product, unfused, result] = [w.local(F32), w.local(F32), w.local(F32)];
  w.push(Op.f32_mul, A, B).code.tee(product).get(C).op(Op.f32_add).set(unfused);
  // Overflow of the single product is not an infinity of the operands: tested on the operands alone.
  returnSpecial(w, 's', product, unfused);
  const [exact, addend, sum, error] = [w.local(F64), w.local(F64), w.local(F64), w.local(F64)];
  code.get(A).op(Op.f64_promote_f32).get(B).op(Op.f64_promote_f32, Op.f64_mul).set(exact);
  code.get(C).op(Op.f64_promote_f32).set(addend);
  w.twoSum('d', exact, addend, sum, error);
  w.roundToOdd(sum, error);
  code.get(sum).op(Op.f32_demote_f64).set(result);
  w.all(
    () => code.get(result).op(Op.f64_promote_f32).get(sum).op(Op.f64_eq),
    () => code.get(error).f64(0).op(Op.f64_eq),
  );
  w.when(() => code.get(result).return());
  w.magnitude('s', result, 'eq', INFINITY).when(() => {
    w.raise(Flag.OVERFLOW | Flag.INEXACT)
      .code.get(result)
      .return();
  });
  w.magnitude('s', result, 'gt', SMALLEST_NORMAL.s).when(() => {
    w.raise(Flag.INEXACT).code.get(result).return();
  });
}

function writeDouble(w: HelperWriter): void {
  const { code } = w;
  const local = () => w.local(FLOAT_OPS.d.type);
  const [product, unfused, result] = [local(), local(), local()];
  w.push(Op.f64_mul, A, B).code.tee(product).get(C).op(Op.f64_add).set(unfused);
  returnSpecial(w, 'd', product, unfused);
  // A zero factor: the sum is exact, and has the right sign.
  w.any(
    () => code.get(A).f64(0).op(Op.f64_eq),
    () => code.get(B).f64(0).op(Op.f64_eq),
  );
  w.when(() => code.get(unfused).return());
  w.all(
    () => w.magnitude('d', product, 'gt', TINY),
    () => w.magnitude('d', product, 'lt', HUGE),
    () => w.magnitude('d', A, 'lt', HUGE),
    () => w.magnitude('d', B, 'lt', HUGE),
    () => w.magnitude('d', C, 'lt', HUGE),
  );
  w.when(() => {
    const [productError, high, low, sum, sumError, rest, restError, lost] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    w.productError(A, B, product, productError);
    w.twoSum('d', C, productError, high, low);
    w.twoSum('d', product, high, sum, sumError);
    w.twoSum('d', low, sumError, rest, restError);
    w.roundToOdd(rest, restError);
    w.twoSum('d', sum, rest, result, lost);
    w.all(
      () => code.get(lost).f64(0).op(Op.f64_eq),
      () => code.get(restError).f64(0).op(Op.f64_eq),
    );
    w.when(() => code.get(result).return());
    w.magnitude('d', result, 'gt', SMALLEST_NORMAL.d).when(() => {
      w.raise(Flag.INEXACT).code.get(result).return();
    });
  });
}
