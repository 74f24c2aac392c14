// What the bodies of all floating-point helpers are written with: operations by format, flags, NaNs, the way out.
// Called by fp/*-helpers.ts; one writer emits one function.
// A helper that cannot decide cheaply returns what exact arithmetic outside says, flags included.
import type { Format } from '../isa/semantics/backend.ts';
import { FFLAGS, FP_FAST, FRM } from '../memory/layout.ts';
import { CodeBuilder } from '../wasm/code-builder.ts';
import { Op, ValueType } from '../wasm/opcodes.ts';
import { Flag, type HelperType } from './helpers.ts';

/** Opcodes of one format. */
export interface FloatOps {
  readonly type: ValueType;
  readonly add: number;
  readonly sub: number;
  readonly mul: number;
  readonly div: number;
  readonly sqrt: number;
  readonly abs: number;
  readonly neg: number;
  readonly eq: number;
  readonly ne: number;
  readonly lt: number;
  readonly gt: number;
  readonly ge: number;
}

export const FLOAT_OPS: Readonly<Record<Format, FloatOps>> = {
  s: {
    type: ValueType.F32,
    add: Op.f32_add,
    sub: Op.f32_sub,
    mul: Op.f32_mul,
    div: Op.f32_div,
    sqrt: Op.f32_sqrt,
    abs: Op.f32_abs,
    neg: Op.f32_neg,
    eq: Op.f32_eq,
    ne: Op.f32_ne,
    lt: Op.f32_lt,
    gt: Op.f32_gt,
    ge: Op.f32_ge,
  },
  d: {
    type: ValueType.F64,
    add: Op.f64_add,
    sub: Op.f64_sub,
    mul: Op.f64_mul,
    div: Op.f64_div,
    sqrt: Op.f64_sqrt,
    abs: Op.f64_abs,
    neg: Op.f64_neg,
    eq: Op.f64_eq,
    ne: Op.f64_ne,
    lt: Op.f64_lt,
    gt: Op.f64_gt,
    ge: Op.f64_ge,
  },
};

export const SMALLEST_NORMAL: Readonly<Record<Format, number>> = { s: 2 ** -126, d: 2 ** -1022 };
const DYNAMIC = 7;

export class HelperWriter {
  readonly code: CodeBuilder;
  readonly #operation: number;
  readonly #helper: HelperType;
  readonly #softFloat: number;

  constructor(operation: number, helper: HelperType, softFloat: number) {
    this.code = new CodeBuilder(helper.parameters.length);
    this.#operation = operation;
    this.#helper = helper;
    this.#softFloat = softFloat;
  }

  local(type: ValueType): number {
    return this.code.local(type);
  }

  /** Pushes a local and applies opcodes: `of(a, b)(Op.f64_add)`. */
  push(opcode: number, ...locals: number[]): this {
    for (const local of locals) this.code.get(local);
    this.code.op(opcode);
    return this;
  }

  constant(format: Format, value: number): this {
    if (format === 's') this.code.f32(value);
    else this.code.f64(value);
    return this;
  }

  /** i32: |x| compares so with the constant. */
  magnitude(format: Format, local: number, comparison: 'lt' | 'gt' | 'eq', value: number): this {
    this.code.get(local).op(FLOAT_OPS[format].abs);
    this.constant(format, value);
    this.code.op(FLOAT_OPS[format][comparison]);
    return this;
  }

  /** i32: x is a NaN. */
  isNan(format: Format, local: number): this {
    return this.push(FLOAT_OPS[format].ne, local, local);
  }

  /** i32: x is a signaling NaN: its top fraction bit is clear. */
  isSignaling(format: Format, local: number): this {
    this.isNan(format, local);
    if (format === 's')
      this.code
        .get(local)
        .op(Op.i32_reinterpret_f32)
        .i32(1 << 22)
        .op(Op.i32_and);
    else
      this.code
        .get(local)
        .op(Op.i64_reinterpret_f64)
        .i64(51)
        .op(Op.i64_shr_u, Op.i32_wrap_i64)
        .i32(1)
        .op(Op.i32_and);
    this.code.op(Op.i32_eqz, Op.i32_and);
    return this;
  }

  /** `if`, on the i32 on the stack. */
  when(body: () => void, otherwise?: () => void): this {
    this.code.if();
    body();
    if (otherwise) {
      this.code.else();
      otherwise();
    }
    this.code.end();
    return this;
  }

  /** ors the conditions. */
  any(...conditions: (() => void)[]): this {
    conditions.forEach((condition, i) => {
      condition();
      if (i > 0) this.code.op(Op.i32_or);
    });
    return this;
  }

  all(...conditions: (() => void)[]): this {
    conditions.forEach((condition, i) => {
      condition();
      if (i > 0) this.code.op(Op.i32_and);
    });
    return this;
  }

  /** Accrues exceptions. Inexact also opens the fast path when frm is to-nearest. */
  raise(flags: number): this {
    const { code } = this;
    code.storeI32(FFLAGS, () => code.loadI32(FFLAGS).i32(flags).op(Op.i32_or));
    if ((flags & Flag.INEXACT) !== 0) code.storeI32(FP_FAST, () => code.loadI32(FRM).op(Op.i32_eqz));
    return this;
  }

  canonicalNan(format: Format): this {
    if (format === 's') this.code.i32(0x7fc0_0000).op(Op.f32_reinterpret_i32);
    else this.code.i64(0x7ff8_0000_0000_0000n).op(Op.f64_reinterpret_i64);
    return this;
  }

  /** The NaN result of an operation: invalid if an operand is signaling, or if none was a NaN. */
  returnNan(format: Format, operands: readonly number[]): this {
    this.any(...operands.map((operand) => () => this.isSignaling(format, operand)));
    this.any(...operands.map((operand) => () => this.isNan(format, operand)));
    this.code.op(Op.i32_eqz, Op.i32_or);
    this.when(() => this.raise(Flag.INVALID));
    this.canonicalNan(format).code.return();
    return this;
  }

  /** i32: one of them is infinite. */
  anyInfinite(format: Format, operands: readonly number[]): this {
    return this.any(
      ...operands.map((operand) => () => this.magnitude(format, operand, 'eq', Number.POSITIVE_INFINITY)),
    );
  }

  /** Pushes the mode to round in, from the last parameter. */
  rounding(): this {
    const { code } = this;
    const rm = this.#helper.parameters.length - 1;
    code.loadI32(FRM).get(rm).get(rm).i32(DYNAMIC).op(Op.i32_eq, Op.select);
    return this;
  }

  /** Leaves to exact arithmetic unless rounding to nearest even. */
  demandNearestEven(): this {
    this.rounding();
    return this.when(() => this.returnSoft());
  }

  /** Returns what exact arithmetic outside says. */
  returnSoft(): this {
    const { code } = this;
    const { parameters, results } = this.#helper;
    const last = parameters.length - 1;
    const rounds = parameters[last] === ValueType.I32;
    code.i32(this.#operation);
    if (rounds) code.get(last);
    else code.i32(0);
    for (let i = 0; i < 3; i++) {
      const type = i < (rounds ? last : last + 1) ? parameters[i] : undefined;
      if (type === undefined) code.i64(0);
      else code.get(i);
      if (type === ValueType.F32) code.op(Op.i32_reinterpret_f32, Op.i64_extend_i32_u);
      if (type === ValueType.F64) code.op(Op.i64_reinterpret_f64);
    }
    code.call(this.#softFloat);
    if (results[0] === ValueType.F32) code.op(Op.i32_wrap_i64, Op.f32_reinterpret_i32);
    if (results[0] === ValueType.F64) code.op(Op.f64_reinterpret_i64);
    code.return();
    return this;
  }

  /** sum := a + b, error := what rounding lost (Knuth's TwoSum; exact unless something overflows). */
  twoSum(format: Format, a: number, b: number, sum: number, error: number): this {
    const { code } = this;
    const { type, add, sub } = FLOAT_OPS[format];
    const virtual = this.local(type);
    this.push(add, a, b).code.set(sum);
    this.push(sub, sum, a).code.set(virtual);
    code.get(a);
    this.push(sub, sum, virtual).code.op(sub).get(b).get(virtual).op(sub, add).set(error);
    return this;
  }

  /** error := a × b − product, exactly (Dekker; doubles, |a| and |b| below 2^995, no underflow). */
  productError(a: number, b: number, product: number, error: number): this {
    const { code } = this;
    const [aHigh, aLow] = this.#split(a);
    const [bHigh, bLow] = this.#split(b);
    this.push(Op.f64_mul, aHigh, bHigh).code.get(product).op(Op.f64_sub);
    this.push(Op.f64_mul, aHigh, bLow).code.op(Op.f64_add);
    this.push(Op.f64_mul, aLow, bHigh).code.op(Op.f64_add);
    this.push(Op.f64_mul, aLow, bLow).code.op(Op.f64_add);
    code.set(error);
    return this;
  }

  /** Veltkamp's split into halves of 26 bits. */
  #split(x: number): readonly [number, number] {
    const { code } = this;
    const [high, low, scaled] = [0, 1, 2].map(() => this.local(ValueType.F64)) as [number, number, number];
    code.get(x).f64(134217729).op(Op.f64_mul).set(scaled);
    code.get(scaled).get(scaled).get(x).op(Op.f64_sub, Op.f64_sub).set(high);
    code.get(x).get(high).op(Op.f64_sub).set(low);
    return [high, low];
  }

  /** Makes a rounded double odd in its last bit if `error` of it was lost: a second rounding is then right. */
  roundToOdd(x: number, error: number): this {
    const { code } = this;
    const bits = this.local(ValueType.I64);
    code.get(x).op(Op.i64_reinterpret_f64).set(bits);
    this.all(
      () => code.get(error).f64(0).op(Op.f64_ne),
      () => code.get(bits).i64(1).op(Op.i64_and, Op.i64_eqz),
    );
    return this.when(() => {
      // One step away from zero if the error has the sign of x, else one towards it.
      code.get(bits).i64(1).i64(-1);
      code.get(error).f64(0).op(Op.f64_gt).get(x).f64(0).op(Op.f64_gt, Op.i32_eq, Op.select);
      code.op(Op.i64_add, Op.f64_reinterpret_i64).set(x);
    });
  }
}
