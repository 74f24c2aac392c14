// What single instructions do inside a region: the semantics table's back end with guest registers in locals.
// emit-region.ts begins each instruction here and runs its semantics line; arithmetic is isa/emit's.
// A failed check leaves with every register as before the instruction, to be interpreted.

import { emitPageByte, emitPlace } from '../cpu/place.ts';
import type { HelperName } from '../fp/helpers.ts';
import { type Expression, expression } from '../isa/emit/expression.ts';
import { FloatEmitter } from '../isa/emit/float-emitter.ts';
import type {
  AtomicWidth,
  Backend,
  CsrAction,
  FloatSource,
  Format,
  IntegerSource,
  Width,
} from '../isa/semantics/backend.ts';
import { FastBit } from '../memory/guest-memory.ts';
import { ADDRESS_BITS, BIAS, FAST_MAP, RESERVATION } from '../memory/layout.ts';
import { Mem, Op, ValueType, VOID } from '../wasm/opcodes.ts';
import type { AccessGroup } from './access-groups.ts';
import { emitPermissionCheck, emitWindowCheck, pushPageByte } from './permission-check.ts';
import type { Located } from './region.ts';
import type { RegionFrame } from './region-frame.ts';
import { RegionReason } from './region-reason.ts';

/** Functions that a region module imports, by index. */
export interface RegionImports {
  helper(name: HelperName): number;
  readonly fusesMultiplyAdd: boolean;
  readonly windowed: boolean;
}

const DYNAMIC = 7;
const NO_REGISTER = -1;
const CANONICAL_NAN_S = 0x7fc0_0000;
const BOX_HIGH = -0x1_0000_0000;

export class RegionBackend extends FloatEmitter implements Backend<Expression, Expression, Expression> {
  protected override readonly fusesMultiplyAdd: boolean;
  readonly #frame: RegionFrame;
  readonly #imports: RegionImports;
  #at!: Located;
  #group: AccessGroup | undefined;
  /** Registers that hold sign-extended words, as far as this block has shown. */
  readonly #words = new Set<number>();
  #steady: ReadonlySet<number> = new Set();

  constructor(frame: RegionFrame, imports: RegionImports) {
    super(frame.code);
    this.#frame = frame;
    this.#imports = imports;
    this.fusesMultiplyAdd = imports.fusesMultiplyAdd;
  }

  /** Nothing is known of the registers, but that accesses off the `steady` ones tend to stay on a page. */
  beginBlock(steady: ReadonlySet<number>): void {
    this.#words.clear();
    this.#steady = steady;
  }

  /** The instruction that the following calls are about, and the access group it belongs to. */
  begin(located: Located, group: AccessGroup | undefined): void {
    this.#at = located;
    this.#group = group;
  }

  /** The instruction is done; temporaries may be reused. */
  finish(): void {
    this.releaseTemporaries();
  }

  /** A local until finish(), for the emitter's own use. */
  scratch(type: ValueType): number {
    return this.temporary(type);
  }

  protected override if(type: number = VOID): void {
    super.if(type);
    this.#frame.open();
  }

  protected override end(): void {
    super.end();
    this.#frame.forget();
  }

  // Operands

  x(register: IntegerSource): Expression {
    const number = this.#at.instruction[register];
    return number === 0
      ? this.constant(0)
      : this.local(this.#frame.x(number), this.#words.has(number) ? 'word' : 'any');
  }

  imm(): Expression {
    return this.constant(this.#at.instruction.imm);
  }

  zimm(): Expression {
    return this.constant(this.#at.instruction.rs1);
  }

  pc(): Expression {
    return this.constant(this.#at.pc);
  }

  next(): Expression {
    return this.constant(this.#at.pc + this.#at.instruction.length);
  }

  /** The link of jalr is written by jumpTo, once nothing can go wrong any more. */
  rd(value: Expression): void {
    if (this.#at.instruction.name !== 'jalr') this.#write(value);
  }

  #write(value: Expression): void {
    value.emit();
    const { rd } = this.#at.instruction;
    if (rd === 0) {
      this.code.op(Op.drop);
      return;
    }
    this.code.set(this.#frame.x(rd));
    if (value.shape === 'word') this.#words.add(rd);
    else this.#words.delete(rd);
  }

  // Memory

  load(width: Width, signed: boolean): Expression {
    return expression(
      () => {
        const offset = this.#address(width, false);
        this.code.mem(LOADS[width][signed ? 1 : 0], 0, offset);
      },
      width < 4 || (width === 4 && signed) ? 'word' : 'any',
    );
  }

  store(width: Width, _base: Expression, _offset: Expression, value: Expression): void {
    const offset = this.#address(width, true);
    value.emit();
    this.code.mem(STORES[width], 0, offset);
  }

  loadF(format: Format): Expression {
    return expression(() => {
      const offset = this.#address(format === 's' ? 4 : 8, false);
      this.code.mem(format === 's' ? Mem.f32_load : Mem.f64_load, 0, offset);
    });
  }

  storeF(format: Format, _base: Expression, _offset: Expression, register: FloatSource): void {
    const offset = this.#address(format === 's' ? 4 : 8, true);
    this.code.get(this.#frame.f(this.#at.instruction[register]));
    if (format === 'd') this.code.mem(Mem.f64_store, 0, offset);
    else this.code.op(Op.i64_reinterpret_f64).mem(Mem.i64_store32, 0, offset);
  }

  /** Makes sure the access is allowed, pushes the i32 base, and returns the memarg offset to use with it. */
  #address(width: number, writes: boolean): number {
    const { instruction } = this.#at;
    const group = this.#group ?? {
      base: instruction.rs1,
      low: instruction.imm,
      high: instruction.imm + width,
      writes,
      checked: false,
    };
    const place = this.#imports.windowed ? this.#frame.place(group.base) : undefined;
    if (!group.checked) {
      const address = this.temporary(ValueType.I64);
      this.add(this.x('rs1'), this.constant(group.low)).emit();
      this.code.set(address);
      const check = { address, length: group.high - group.low, writes: group.writes, pc: this.#at.pc };
      if (place !== undefined) emitWindowCheck(this.#frame, check, place);
      else
        emitPermissionCheck(this.#frame, check, {
          remembered: this.#steady.has(group.base)
            ? this.#frame.checkedPage(group.base, group.writes)
            : undefined,
          scratch: () => this.temporary(ValueType.I64),
        });
      group.checked = true;
    }
    if (place !== undefined) {
      this.code.get(place);
      return instruction.imm - group.low;
    }
    this.x('rs1').emit();
    this.code.op(Op.i32_wrap_i64);
    return BIAS + instruction.imm;
  }

  /** Checks an aligned atomic access; anything amiss is the interpreter's. Afterwards #pushChecked pushes where it is. */
  #atomic(width: AtomicWidth, address: number, writes: boolean): void {
    const { code } = this;
    if (this.#imports.windowed) {
      emitPlace(code, address, this.#atomicPlace);
      emitPageByte(code, this.#atomicPlace, FAST_MAP);
    } else {
      pushPageByte(code, address);
    }
    code.i32(writes ? FastBit.W : FastBit.R).op(Op.i32_and, Op.i32_eqz);
    code.get(address).i64(this.#imports.windowed ? ADDRESS_BITS : 32);
    code.op(Op.i64_shr_u, Op.i32_wrap_i64, Op.i32_or);
    code
      .get(address)
      .op(Op.i32_wrap_i64)
      .i32(width - 1)
      .op(Op.i32_and, Op.i32_or);
    this.#frame.rarely(() => this.#frame.exitBecause(RegionReason.Interpret, this.#at.pc));
  }

  /** Of an instruction with one access, by no register's value alone. */
  get #atomicPlace(): number {
    return this.#frame.place(NO_REGISTER);
  }

  /** Pushes the i32 that, with #bias, leads to the bytes of the address in a local, which #atomic has checked. */
  #pushChecked(address: number): void {
    if (this.#imports.windowed) this.code.get(this.#atomicPlace);
    else this.code.get(address).op(Op.i32_wrap_i64);
  }

  get #bias(): number {
    return this.#imports.windowed ? 0 : BIAS;
  }

  #held(address: Expression): number {
    const local = this.temporary(ValueType.I64);
    address.emit();
    this.code.set(local);
    return local;
  }

  amo(width: AtomicWidth, address: Expression, modify: (old: Expression) => Expression): Expression {
    return expression(() => {
      const { code } = this;
      const at = this.#held(address);
      this.#atomic(width, at, true);
      const old = this.temporary(ValueType.I64);
      this.#pushChecked(at);
      code.mem(width === 4 ? Mem.i64_load32_s : Mem.i64_load, 0, this.#bias).set(old);
      // modify may keep, so its result is evaluated before the address is pushed for the store
      const result = this.temporary(ValueType.I64);
      modify(this.local(old)).emit();
      code.set(result);
      this.#pushChecked(at);
      code.get(result).mem(width === 4 ? Mem.i64_store32 : Mem.i64_store, 0, this.#bias);
      code.get(old);
    });
  }

  loadReserved(width: AtomicWidth, address: Expression): Expression {
    return expression(() => {
      const { code } = this;
      const at = this.#held(address);
      this.#atomic(width, at, false);
      code.storeI64(RESERVATION, () => code.get(at));
      this.#pushChecked(at);
      code.mem(width === 4 ? Mem.i64_load32_s : Mem.i64_load, 0, this.#bias);
    });
  }

  storeConditional(width: AtomicWidth, address: Expression, value: Expression): Expression {
    return expression(() => {
      const { code } = this;
      const at = this.#held(address);
      this.#atomic(width, at, true);
      const failed = this.temporary(ValueType.I64);
      code.get(at).loadI64(RESERVATION).op(Op.i64_ne, Op.i64_extend_i32_u).set(failed);
      code.storeI64(RESERVATION, () => code.i64(-1));
      code.get(failed).op(Op.i64_eqz);
      this.if();
      this.#pushChecked(at);
      value.emit();
      code.mem(width === 4 ? Mem.i64_store32 : Mem.i64_store, 0, this.#bias);
      this.end();
      code.get(failed);
    });
  }

  // Control: the block's ending in emit-region.ts does the jumping.

  branch(condition: Expression): void {
    condition.emit();
  }

  jump(): void {}

  /** Leaves the target's low word in the frame; a jump to what is no 32-bit address is the interpreter's. */
  jumpTo(address: Expression): void {
    const { code } = this;
    const frame = this.#frame;
    const to = this.#held(address);
    code.get(to).i64(32).op(Op.i64_shr_u, Op.i32_wrap_i64);
    frame.rarely(() => frame.exitBecause(RegionReason.Interpret, this.#at.pc));
    code.get(to).op(Op.i32_wrap_i64).set(frame.target);
    this.#write(this.next());
  }

  ecall(): void {
    unreachable('ecall');
  }

  ebreak(): void {
    unreachable('ebreak');
  }

  /** One host thread runs all harts, so order is always program order. */
  fence(): void {}

  fenceI(): void {
    unreachable('fence.i');
  }

  csr(_action: CsrAction, _operand: Expression): Expression {
    return unreachable('csr');
  }

  // Floating point

  /** A single that is not NaN-boxed reads as the canonical NaN (RISC-V unprivileged ISA, D, 21.2). */
  f(format: Format, register: FloatSource): Expression {
    const local = this.#frame.f(this.#at.instruction[register]);
    if (format === 'd') return this.local(local);
    return expression(() => {
      const { code } = this;
      code.get(local).op(Op.i64_reinterpret_f64, Op.i32_wrap_i64).i32(CANONICAL_NAN_S);
      code
        .get(local)
        .op(Op.i64_reinterpret_f64)
        .i64(BOX_HIGH)
        .op(Op.i64_ge_u, Op.select, Op.f32_reinterpret_i32);
    });
  }

  fd(format: Format, value: Expression): void {
    value.emit();
    if (format === 's') {
      this.code
        .op(Op.i32_reinterpret_f32, Op.i64_extend_i32_u)
        .i64(BOX_HIGH)
        .op(Op.i64_or, Op.f64_reinterpret_i64);
    }
    this.code.set(this.#frame.f(this.#at.instruction.rd));
  }

  fRaw(register: FloatSource): Expression {
    return this.unary(this.local(this.#frame.f(this.#at.instruction[register])), Op.i64_reinterpret_f64);
  }

  protected override pushFastSpan(format: Format): void {
    this.code.get(this.#frame.fastSpan(format));
  }

  protected override flagsChanged(): void {
    this.#frame.loadFastSpans();
  }

  protected override helper(name: HelperName): number {
    return this.#imports.helper(name);
  }

  protected override pushRounding(): void {
    this.code.i32(this.#at.instruction.rm);
  }

  protected override mayRoundToNearest(): boolean {
    const { rm } = this.#at.instruction;
    return rm === 0 || rm === DYNAMIC;
  }

  protected override exitIllegal(): void {
    this.#frame.exitBecause(RegionReason.Interpret, this.#at.pc);
  }
}

/** Opcodes by width: unsigned, signed. */
const LOADS: Readonly<Record<Width, readonly [number, number]>> = {
  1: [Mem.i64_load8_u, Mem.i64_load8_s],
  2: [Mem.i64_load16_u, Mem.i64_load16_s],
  4: [Mem.i64_load32_u, Mem.i64_load32_s],
  8: [Mem.i64_load, Mem.i64_load],
};

const STORES: Readonly<Record<Width, number>> = {
  1: Mem.i64_store8,
  2: Mem.i64_store16,
  4: Mem.i64_store32,
  8: Mem.i64_store,
};

function unreachable(what: string): never {
  throw new Error(`${what} is not for regions`);
}
