// Floating point as WebAssembly: a guarded fast path inline, a helper for everything else.
// Called through the semantics table; subclasses add registers and say where helpers are.
// The guard: rounding to nearest even, inexact already set, result finite and normal. Then no flag can change.
import type { HelperName } from '../../fp/helpers.ts';
import { FP_FAST, FRM } from '../../memory/layout.ts';
import type { CodeBuilder } from '../../wasm/code-builder.ts';
import { Op, ValueType } from '../../wasm/opcodes.ts';
import type { Arithmetic, Comparison, Format, IntegerFormat } from '../semantics/backend.ts';
import { type Expression, expression } from './expression.ts';
import { IntegerEmitter } from './integer-emitter.ts';

/**
 * Sign out of the way, exponent on top: a float's upper 32 bits shifted left by one. Ordinary results, whose flags
 * other than inexact are out of the question, are `first` and the `span` numbers after it: above the smallest normal,
 * below infinity. Sums need no lower end, being exact when tiny; for them the same span counts from 0.
 */
const ORDINARY: Readonly<Record<Format, { readonly first: number; readonly span: number }>> = {
  s: { first: 0x0100_0002, span: 0xff00_0000 - 0x0100_0002 },
  d: { first: 0x0020_0002, span: 0xffe0_0000 - 0x0020_0002 },
};
const LAST_ROUNDING_MODE = 4;

/** Opcodes by format. */
const FLOAT_OPS: Record<Format, Record<Arithmetic | 'sqrt' | 'abs' | 'neg' | 'min' | 'max', number>> = {
  s: {
    add: Op.f32_add,
    sub: Op.f32_sub,
    mul: Op.f32_mul,
    div: Op.f32_div,
    sqrt: Op.f32_sqrt,
    abs: Op.f32_abs,
    neg: Op.f32_neg,
    min: Op.f32_min,
    max: Op.f32_max,
  },
  d: {
    add: Op.f64_add,
    sub: Op.f64_sub,
    mul: Op.f64_mul,
    div: Op.f64_div,
    sqrt: Op.f64_sqrt,
    abs: Op.f64_abs,
    neg: Op.f64_neg,
    min: Op.f64_min,
    max: Op.f64_max,
  },
};
const COMPARISONS: Record<Format, Record<Comparison | 'gt' | 'ne', number>> = {
  s: { eq: Op.f32_eq, lt: Op.f32_lt, le: Op.f32_le, gt: Op.f32_gt, ne: Op.f32_ne },
  d: { eq: Op.f64_eq, lt: Op.f64_lt, le: Op.f64_le, gt: Op.f64_gt, ne: Op.f64_ne },
};

export function floatType(format: Format): ValueType {
  return format === 's' ? ValueType.F32 : ValueType.F64;
}

/** Pushes (i32) how many values from ORDINARY's first need no helper: none while the fast path is closed. */
export function pushFastSpan(code: CodeBuilder, format: Format): void {
  code.i32(ORDINARY[format].span).i32(0).loadI32(FP_FAST).op(Op.select);
}

export abstract class FloatEmitter extends IntegerEmitter {
  /** Index of a helper function. */
  protected abstract helper(name: HelperName): number;
  /** Pushes the instruction's rm field (i32). */
  protected abstract pushRounding(): void;
  /** False when the instruction rounds in a static mode that is not to-nearest: no fast path then. */
  protected abstract mayRoundToNearest(): boolean;
  /** Leaves with IllegalInstruction, from inside an unlikely `if`. */
  protected abstract exitIllegal(): void;
  /** Fused multiply-add as one vector instruction, if the host has been proved to fuse. */
  protected abstract readonly fusesMultiplyAdd: boolean;

  bits(format: Format, value: Expression): Expression {
    return format === 's'
      ? this.unary(value, Op.i32_reinterpret_f32, Op.i64_extend_i32_u)
      : this.unary(value, Op.i64_reinterpret_f64);
  }

  fromBits(format: Format, bits: Expression): Expression {
    return format === 's'
      ? this.unary(bits, Op.i32_wrap_i64, Op.f32_reinterpret_i32)
      : this.unary(bits, Op.f64_reinterpret_i64);
  }

  neg(format: Format, a: Expression): Expression {
    return this.unary(a, FLOAT_OPS[format].neg);
  }

  arith(operation: Arithmetic, format: Format, a: Expression, b: Expression): Expression {
    const exactWhenTiny = operation === 'add' || operation === 'sub';
    return this.#guarded(format, [a, b], `${operation}.${format}`, exactWhenTiny, () => {
      this.code.op(FLOAT_OPS[format][operation]);
    });
  }

  sqrt(format: Format, a: Expression): Expression {
    return this.#guarded(format, [a], `sqrt.${format}`, false, () => {
      this.code.op(FLOAT_OPS[format].sqrt);
    });
  }

  fma(format: Format, a: Expression, b: Expression, c: Expression): Expression {
    if (!this.fusesMultiplyAdd) {
      return this.#helperOnly(format, [a, b, c], `fma.${format}`);
    }
    // relaxed_madd takes vectors: each operand is splatted and lane 0 taken.
    const [splat, madd, extract] = format === 's' ? [0x13, 0x105, 0x1f] : [0x14, 0x107, 0x21];
    const vector = (value: Expression) =>
      expression(() => {
        value.emit();
        this.code.simd(splat);
      });
    return this.#guarded(
      format,
      [a, b, c],
      `fma.${format}`,
      false,
      () => {
        this.code.simd(madd).simd(extract).byte(0);
      },
      vector,
    );
  }

  /** The fast path, guarded; `compute` finds the operands on the stack. */
  #guarded(
    format: Format,
    operands: readonly Expression[],
    name: HelperName,
    exactWhenTiny: boolean,
    compute: () => void,
    prepare: (operand: Expression) => Expression = (operand) => operand,
  ): Expression {
    if (!this.mayRoundToNearest()) return this.#helperOnly(format, operands, name);
    return expression(() => {
      const { code } = this;
      const type = floatType(format);
      const held = operands.map((operand) => this.hold(type, operand));
      const result = this.temporary(type);
      for (const operand of held) prepare(operand).emit();
      compute();
      code.set(result);
      this.#unlessOrdinary(format, result, exactWhenTiny, () => this.#callRounding(name, held));
      code.get(result);
    });
  }

  /** Takes what `helper` pushes for the result, unless that is ordinary and the fast path is open. */
  #unlessOrdinary(format: Format, result: number, exactWhenTiny: boolean, helper: () => void): void {
    const { code } = this;
    code.get(result);
    if (format === 's') code.op(Op.i32_reinterpret_f32);
    else code.op(Op.i64_reinterpret_f64).i64(32).op(Op.i64_shr_u, Op.i32_wrap_i64);
    code.i32(1).op(Op.i32_shl);
    if (!exactWhenTiny) code.i32(ORDINARY[format].first).op(Op.i32_sub);
    this.pushFastSpan(format);
    code.op(Op.i32_ge_u);
    this.if();
    code.rarely();
    helper();
    code.set(result);
    this.flagsChanged();
    this.end();
  }

  /** As the function of this name; regions have it in a local. */
  protected pushFastSpan(format: Format): void {
    pushFastSpan(this.code, format);
  }

  /** A helper was called, so the fast path may be open now. */
  protected flagsChanged(): void {}

  #helperOnly(format: Format, operands: readonly Expression[], name: HelperName): Expression {
    return expression(() => {
      const type = floatType(format);
      const held = operands.map((operand) => this.hold(type, operand));
      this.#callRounding(name, held);
    });
  }

  /** Calls a helper that rounds, after making sure that there is a mode to round in. */
  #callRounding(name: HelperName, operands: readonly Expression[]): void {
    this.#checkRounding();
    for (const operand of operands) operand.emit();
    this.pushRounding();
    this.code.call(this.helper(name));
  }

  /** A dynamic rounding mode may be an invalid one (F, 20.2): illegal instruction. */
  #checkRounding(): void {
    const { code } = this;
    if (!this.mayRoundToNearest()) return;
    this.pushRounding();
    code.i32(LAST_ROUNDING_MODE).op(Op.i32_gt_u);
    code.loadI32(FRM).i32(LAST_ROUNDING_MODE).op(Op.i32_gt_u, Op.i32_and);
    this.if();
    code.rarely();
    this.exitIllegal();
    this.end();
  }

  min(format: Format, a: Expression, b: Expression): Expression {
    return this.#extreme('min', format, a, b);
  }

  max(format: Format, a: Expression, b: Expression): Expression {
    return this.#extreme('max', format, a, b);
  }

  /** WebAssembly's min and max order the zeros as RISC-V does, but let NaNs through. */
  #extreme(which: 'min' | 'max', format: Format, a: Expression, b: Expression): Expression {
    return expression(() => {
      const { code } = this;
      const type = floatType(format);
      const x = this.hold(type, a);
      const y = this.hold(type, b);
      const result = this.temporary(type);
      x.emit();
      y.emit();
      code.op(FLOAT_OPS[format][which]).tee(result).get(result).op(COMPARISONS[format].ne);
      this.if();
      code.rarely();
      x.emit();
      y.emit();
      code.call(this.helper(`${which}.${format}`)).set(result);
      this.end();
      code.get(result);
    });
  }

  compare(comparison: Comparison, format: Format, a: Expression, b: Expression): Expression {
    return expression(() => {
      const { code } = this;
      const type = floatType(format);
      const { ne } = COMPARISONS[format];
      const x = this.hold(type, a);
      const y = this.hold(type, b);
      for (const operand of [x, y]) {
        operand.emit();
        operand.emit();
        code.op(ne);
      }
      code.op(Op.i32_or);
      this.if();
      code.rarely();
      x.emit();
      y.emit();
      code.call(this.helper(`${comparison}.${format}`));
      this.end();
      x.emit();
      y.emit();
      code.op(COMPARISONS[format][comparison]);
    });
  }

  classify(format: Format, a: Expression): Expression {
    return expression(() => {
      a.emit();
      this.code.call(this.helper(`class.${format}`));
    });
  }

  toInteger(integer: IntegerFormat, format: Format, a: Expression): Expression {
    return expression(() => {
      this.#checkRounding();
      a.emit();
      if (format === 's') this.code.op(Op.f64_promote_f32);
      this.pushRounding();
      this.code.call(this.helper(`to.${integer}`));
    });
  }

  fromInteger(format: Format, integer: IntegerFormat, a: Expression): Expression {
    return expression(() => {
      const { code } = this;
      if (format === 'd' && (integer === 'w' || integer === 'wu')) {
        this.#checkRounding();
        a.emit();
        code.op(Op.i32_wrap_i64, integer === 'w' ? Op.f64_convert_i32_s : Op.f64_convert_i32_u);
        return;
      }
      this.#checkRounding();
      a.emit();
      this.pushRounding();
      code.call(this.helper(`from.${integer}.${format}`));
    });
  }

  convert(to: Format, a: Expression): Expression {
    return to === 'd' ? this.#widen(a) : this.#narrow(a);
  }

  #widen(a: Expression): Expression {
    return expression(() => {
      const { code } = this;
      this.#checkRounding();
      const x = this.hold(ValueType.F32, a);
      const result = this.temporary(ValueType.F64);
      x.emit();
      code.op(Op.f64_promote_f32).tee(result).get(result).op(Op.f64_ne);
      this.if();
      code.rarely();
      x.emit();
      code.call(this.helper('widen')).set(result);
      this.end();
      code.get(result);
    });
  }

  #narrow(a: Expression): Expression {
    return expression(() => {
      const { code } = this;
      const x = this.hold(ValueType.F64, a);
      const result = this.temporary(ValueType.F32);
      if (!this.mayRoundToNearest()) {
        this.#callRounding('narrow', [x]);
        return;
      }
      x.emit();
      code.op(Op.f32_demote_f64).set(result);
      this.#unlessOrdinary('s', result, false, () => this.#callRounding('narrow', [x]));
      code.get(result);
    });
  }
}
