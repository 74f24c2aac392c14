// Integer arithmetic and truth as WebAssembly: what the interpreter and the JIT emit alike.
// Called through the semantics table; subclasses add registers, immediates, memory and control.
// Code inside a structured instruction is counted in `nesting`, so that subclasses can branch out of it.
import type { CodeBuilder } from '../../wasm/code-builder.ts';
import { Op, ValueType, VOID } from '../../wasm/opcodes.ts';
import { type Expression, expression, type Shape } from './expression.ts';

const LOW_WORD = 0xffff_ffffn;
const SIGN_SHIFT = 63;

export abstract class IntegerEmitter {
  protected readonly code: CodeBuilder;
  /** Structured instructions opened by the emitter itself and not closed yet. */
  protected nesting = 0;
  readonly #free = new Map<ValueType, number[]>();
  readonly #used: [ValueType, number][] = [];

  constructor(code: CodeBuilder) {
    this.code = code;
  }

  /** A local for the rest of this instruction; releaseTemporaries gives all back. */
  protected temporary(type: ValueType): number {
    const index = this.#free.get(type)?.pop() ?? this.code.local(type);
    this.#used.push([type, index]);
    return index;
  }

  protected releaseTemporaries(): void {
    for (const [type, index] of this.#used) {
      const free = this.#free.get(type);
      if (free) free.push(index);
      else this.#free.set(type, [index]);
    }
    this.#used.length = 0;
  }

  protected if(type: number = VOID): void {
    this.code.if(type);
    this.nesting++;
  }

  protected else(): void {
    this.code.else();
  }

  protected end(): void {
    this.code.end();
    this.nesting--;
  }

  protected local(index: number, shape: Shape = 'any'): Expression {
    return expression(() => this.code.get(index), shape);
  }

  /** Evaluates now into a temporary. */
  protected hold(type: ValueType, value: Expression): Expression {
    const index = this.temporary(type);
    value.emit();
    this.code.set(index);
    return this.local(index, value.shape);
  }

  protected unary(value: Expression, ...opcodes: number[]): Expression {
    return expression(() => {
      value.emit();
      this.code.op(...opcodes);
    });
  }

  protected binary(a: Expression, b: Expression, ...opcodes: number[]): Expression {
    return expression(() => {
      a.emit();
      b.emit();
      this.code.op(...opcodes);
    });
  }

  keep(value: Expression): Expression {
    return value.known === null ? this.hold(ValueType.I64, value) : value;
  }

  constant(value: number | bigint): Expression {
    const known =
      typeof value === 'number' ? value : BigInt.asIntN(32, value) === value ? Number(value) : null;
    return { emit: () => this.code.i64(value), known, shape: known === null ? 'any' : 'word' };
  }

  add(a: Expression, b: Expression): Expression {
    if (b.known === 0) return a;
    if (a.known === 0) return b;
    return this.binary(a, b, Op.i64_add);
  }

  sub(a: Expression, b: Expression): Expression {
    return b.known === 0 ? a : this.binary(a, b, Op.i64_sub);
  }

  /** Bit by bit, two sign-extended words make another. */
  #bitwise(a: Expression, b: Expression, opcode: number): Expression {
    const shape = a.shape === 'word' && b.shape === 'word' ? 'word' : 'any';
    return { ...this.binary(a, b, opcode), shape };
  }

  and(a: Expression, b: Expression): Expression {
    const masked = this.#bitwise(a, b, Op.i64_and);
    return b.known !== null && b.known >= 0 ? { ...masked, shape: 'word' } : masked;
  }

  or(a: Expression, b: Expression): Expression {
    return b.known === 0 ? a : this.#bitwise(a, b, Op.i64_or);
  }

  xor(a: Expression, b: Expression): Expression {
    return this.#bitwise(a, b, Op.i64_xor);
  }

  not(a: Expression): Expression {
    return this.xor(a, this.constant(-1));
  }

  shl(a: Expression, amount: Expression): Expression {
    return amount.known === 0 ? a : this.binary(a, amount, Op.i64_shl);
  }

  shrU(a: Expression, amount: Expression): Expression {
    if (amount.known === 0) return a;
    const shifted = this.binary(a, amount, Op.i64_shr_u);
    return amount.known !== null && a.shape === 'unsigned-word' ? { ...shifted, shape: 'word' } : shifted;
  }

  shrS(a: Expression, amount: Expression): Expression {
    if (amount.known === 0) return a;
    const shifted = this.binary(a, amount, Op.i64_shr_s);
    return a.shape === 'word' ? { ...shifted, shape: 'word' } : shifted;
  }

  rotl(a: Expression, amount: Expression): Expression {
    return this.binary(a, amount, Op.i64_rotl);
  }

  rotr(a: Expression, amount: Expression): Expression {
    return this.binary(a, amount, Op.i64_rotr);
  }

  mul(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_mul);
  }

  /** Schoolbook on 32-bit halves: WebAssembly has no 128-bit product. */
  mulhU(a: Expression, b: Expression): Expression {
    const { code } = this;
    return expression(() => {
      const x = this.keep(a);
      const y = this.keep(b);
      const low = (v: Expression) => {
        v.emit();
        code.i64(LOW_WORD).op(Op.i64_and);
      };
      const high = (v: Expression) => {
        v.emit();
        code.i64(32).op(Op.i64_shr_u);
      };
      const middle = this.temporary(ValueType.I64);
      low(x);
      low(y);
      code.op(Op.i64_mul).i64(32).op(Op.i64_shr_u);
      high(x);
      low(y);
      code.op(Op.i64_mul, Op.i64_add).set(middle);
      code.get(middle).i64(LOW_WORD).op(Op.i64_and);
      low(x);
      high(y);
      code.op(Op.i64_mul, Op.i64_add).i64(32).op(Op.i64_shr_u);
      code.get(middle).i64(32).op(Op.i64_shr_u, Op.i64_add);
      high(x);
      high(y);
      code.op(Op.i64_mul, Op.i64_add);
    });
  }

  /** The unsigned product, less b where a is negative, and less a where b is. */
  mulhS(a: Expression, b: Expression): Expression {
    return expression(() => {
      const x = this.keep(a);
      const y = this.keep(b);
      const partial = this.#lessIfNegative(this.mulhU(x, y), x, y);
      this.#lessIfNegative(partial, y, x).emit();
    });
  }

  mulhSU(a: Expression, b: Expression): Expression {
    return expression(() => {
      const x = this.keep(a);
      const y = this.keep(b);
      this.#lessIfNegative(this.mulhU(x, y), x, y).emit();
    });
  }

  #lessIfNegative(value: Expression, tested: Expression, subtracted: Expression): Expression {
    const mask = this.shrS(tested, this.constant(SIGN_SHIFT));
    return this.sub(value, this.and(mask, subtracted));
  }

  divS(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_div_s);
  }

  divU(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_div_u);
  }

  remS(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_rem_s);
  }

  remU(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_rem_u);
  }

  clz(a: Expression): Expression {
    return this.unary(a, Op.i64_clz);
  }

  ctz(a: Expression): Expression {
    return this.unary(a, Op.i64_ctz);
  }

  popcnt(a: Expression): Expression {
    return this.unary(a, Op.i64_popcnt);
  }

  rotl32(a: Expression, amount: Expression): Expression {
    return this.#rotate32(a, amount, Op.i32_rotl);
  }

  rotr32(a: Expression, amount: Expression): Expression {
    return this.#rotate32(a, amount, Op.i32_rotr);
  }

  #rotate32(a: Expression, amount: Expression, opcode: number): Expression {
    const wrapped = (value: Expression) => this.unary(value, Op.i32_wrap_i64);
    return this.binary(wrapped(a), wrapped(amount), opcode, Op.i64_extend_i32_u);
  }

  sext8(a: Expression): Expression {
    return { ...this.unary(a, Op.i64_extend8_s), shape: 'word' };
  }

  sext16(a: Expression): Expression {
    return { ...this.unary(a, Op.i64_extend16_s), shape: 'word' };
  }

  sext32(a: Expression): Expression {
    return a.shape === 'word' ? a : { ...this.unary(a, Op.i64_extend32_s), shape: 'word' };
  }

  zext32(a: Expression): Expression {
    return { ...this.unary(a, Op.i32_wrap_i64, Op.i64_extend_i32_u), shape: 'unsigned-word' };
  }

  eq(a: Expression, b: Expression): Expression {
    return b.known === 0 ? this.unary(a, Op.i64_eqz) : this.binary(a, b, Op.i64_eq);
  }

  ne(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_ne);
  }

  ltS(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_lt_s);
  }

  ltU(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_lt_u);
  }

  geS(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_ge_s);
  }

  geU(a: Expression, b: Expression): Expression {
    return this.binary(a, b, Op.i64_ge_u);
  }

  bool(condition: Expression): Expression {
    return { ...this.unary(condition, Op.i64_extend_i32_u), shape: 'word' };
  }

  select(condition: Expression, yes: Expression, no: Expression): Expression {
    return expression(() => {
      yes.emit();
      no.emit();
      condition.emit();
      this.code.op(Op.select);
    });
  }

  when(condition: Expression, yes: () => Expression, no: () => Expression): Expression {
    return expression(() => {
      condition.emit();
      this.if(ValueType.I64);
      yes().emit();
      this.else();
      no().emit();
      this.end();
    });
  }
}
