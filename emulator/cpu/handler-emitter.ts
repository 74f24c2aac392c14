// The interpreter's back end: emits one handler, which reads its operands from the current record.
// Called through the semantics table by cpu/interpreter.ts, once for each operation.
// Every handler ends by branching: to the next record, or out with a reason.
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
import {
  ADDRESS_BITS,
  BIAS,
  F_REGISTERS,
  FAST_MAP,
  PAGE_SHIFT,
  RECORD_BIAS,
  RECORD_SCALE_SHIFT,
  RESERVATION,
  TRAP_ADDRESS,
  X_REGISTERS,
} from '../memory/layout.ts';
import type { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import { emitFloatCsr, FLOAT_CSR_COUNT } from './float-csr.ts';
import { emitLookup, type InterpreterLocals } from './lookup.ts';
import { emitPageByte, emitPlace } from './place.ts';
import { Field, Internal, InternalReason, type Operation, type Reach } from './record.ts';
import { emitSlowCheck, emitSlowWindowCheck } from './slow-access.ts';
import { TrapCause } from './trap.ts';

/** What encloses the handlers, from the inside out. */
export const Label = { Top: 0, ExitHere: 1, ExitTarget: 2 } as const;
type Label = (typeof Label)[keyof typeof Label];

/** What is the same for all functions of the interpreter. */
export interface InterpreterMeans {
  readonly countHeat: boolean;
  readonly fusesMultiplyAdd: boolean;
  /** For spaces where addresses lie where a table says. */
  readonly windowed: boolean;
  readonly helper: (name: HelperName) => number;
}

export interface HandlerContext extends InterpreterMeans {
  readonly handlerCount: number;
  readonly slowLoad: number;
  readonly slowStore: number;
  readonly slowVariants: readonly Operation[];
}

const LOADS: Record<Width, { signed: number; unsigned: number; align: number }> = {
  1: { signed: Mem.i64_load8_s, unsigned: Mem.i64_load8_u, align: 0 },
  2: { signed: Mem.i64_load16_s, unsigned: Mem.i64_load16_u, align: 1 },
  4: { signed: Mem.i64_load32_s, unsigned: Mem.i64_load32_u, align: 2 },
  8: { signed: Mem.i64_load, unsigned: Mem.i64_load, align: 3 },
};
const STORES: Record<Width, number> = {
  1: Mem.i64_store8,
  2: Mem.i64_store16,
  4: Mem.i64_store32,
  8: Mem.i64_store,
};
const REGISTER_FIELD = { rs1: Field.RS1, rs2: Field.RS2, rs3: Field.RS3 } as const;

export class HandlerEmitter extends FloatEmitter implements Backend<Expression, Expression, Expression> {
  protected readonly fusesMultiplyAdd: boolean;
  readonly #locals: InterpreterLocals;
  readonly #context: HandlerContext;
  #index = -1;
  #operation: Operation | null = null;
  /** Blocks of the slow handlers around the current one. */
  #around = 0;
  /** The address is in its local and known to be allowed. */
  #checked = false;
  #ended = false;

  constructor(code: CodeBuilder, locals: InterpreterLocals, context: HandlerContext) {
    super(code);
    this.#locals = locals;
    this.#context = context;
    this.fusesMultiplyAdd = context.fusesMultiplyAdd;
  }

  // Frame of a handler

  begin(operation: Operation | null): void {
    this.#index++;
    this.#operation = operation;
    this.#ended = false;
  }

  /** Goes on with the next record, unless the semantics transferred control. */
  finish(): void {
    if (!this.#ended) this.#goOn();
    this.releaseTemporaries();
  }

  /** The instruction is done: the following calls are about the next one, whose operation is known. */
  goOnWith(operation: Operation): void {
    this.releaseTemporaries();
    this.#advance();
    this.#operation = operation;
  }

  /** The handler that looks twice at an access; see slow-access.ts. */
  beginSlow(isLoad: boolean): void {
    this.begin(null);
    const emit = this.#context.windowed ? emitSlowWindowCheck : emitSlowCheck;
    emit(this, this.code, this.#locals, isLoad);
    this.#checked = true;
  }

  beginVariant(operation: Operation, around: number): void {
    this.#operation = operation;
    this.#around = around;
    this.#ended = false;
  }

  finishSlow(): void {
    this.#checked = false;
    this.#around = 0;
  }

  /** `if`, counted. */
  open(): void {
    this.if();
  }

  close(): void {
    this.end();
  }

  branchTo(label: Label): void {
    const blocks = this.#context.handlerCount - 1 - this.#index;
    this.code.br(this.nesting + this.#around + blocks + label);
  }

  /**
   * Goes to the handler of the operation whose number is on the stack. `handlers` gives their places by number; those that
   * do not come after this one have the next one's. So the loop has one way back to its top, and no other loop is around
   * this: V8 would compute at each dispatch what any handler may need.
   */
  dispatchBelow(handlers: readonly number[]): void {
    const first = this.#index + 1;
    this.code.brTable(
      handlers.map((handler) => this.nesting + Math.max(0, handler - first)),
      this.nesting,
    );
  }

  /** Has the function `index` execute the record's instruction. */
  callRare(index: number): void {
    const { code } = this;
    const { record, reason } = this.#locals;
    code.get(record).call(index).tee(reason);
    this.open();
    code.rarely();
    this.branchTo(Label.ExitHere);
    this.close();
    this.#goOn();
  }

  exit(reason: number): void {
    this.code.i32(reason).set(this.#locals.reason);
    this.branchTo(Label.ExitHere);
  }

  /** Pushes the current pc (i32). */
  pushPc(): void {
    const { record } = this.#locals;
    this.code.get(record).i32(RECORD_SCALE_SHIFT).op(Op.i32_shr_u).loadI32(RECORD_BIAS).op(Op.i32_add);
  }

  get #length(): number {
    return this.#operation?.length ?? 4;
  }

  #goOn(): void {
    this.#advance();
    this.branchTo(Label.Top);
  }

  /** To the record of the next instruction. */
  #advance(): void {
    const { record } = this.#locals;
    this.code
      .get(record)
      .i32(this.#length << RECORD_SCALE_SHIFT)
      .op(Op.i32_add)
      .set(record);
  }

  #pushRegisterOffset(field: number): void {
    this.code.get(this.#locals.record).mem(Mem.i32_load16_u, 1, field);
  }

  // Operands

  x(register: IntegerSource): Expression {
    return expression(() => {
      this.#pushRegisterOffset(REGISTER_FIELD[register]);
      this.code.mem(Mem.i64_load, 3, X_REGISTERS);
    });
  }

  imm(): Expression {
    return expression(() => {
      this.code.get(this.#locals.record).mem(Mem.i64_load32_s, 2, Field.IMMEDIATE);
    });
  }

  /** In the place of rs1, scaled as a register would be. */
  zimm(): Expression {
    return expression(() => {
      this.#pushRegisterOffset(Field.RS1);
      this.code.i32(3).op(Op.i32_shr_u, Op.i64_extend_i32_u);
    });
  }

  pc(): Expression {
    return expression(() => {
      this.pushPc();
      this.code.op(Op.i64_extend_i32_u);
    });
  }

  next(): Expression {
    return expression(() => {
      this.pushPc();
      this.code.i32(this.#length).op(Op.i32_add, Op.i64_extend_i32_u);
    });
  }

  rd(value: Expression): void {
    if (this.#ended) return;
    this.#pushRegisterOffset(Field.RD);
    value.emit();
    this.code.mem(Mem.i64_store, 3, X_REGISTERS);
  }

  // Memory

  /** Evaluates base + offset into its local and leaves by the slow handler unless plainly allowed. */
  #pushAddress(width: Width, base: Expression, offset: Expression, isLoad: boolean): void {
    const { code } = this;
    const { address, variant, last } = this.#locals;
    if (!this.#checked) {
      this.add(base, offset).emit();
      code.set(address);
      this.#unlessAllowed(width, isLoad, () => {
        code.i32(this.#context.slowVariants.indexOf(this.#operation as Operation)).set(variant);
        code.i32(width - 1).set(last);
        const slow = isLoad ? this.#context.slowLoad : this.#context.slowStore;
        code.br(this.nesting + slow - this.#index - 1);
      });
    }
    this.#pushPlace();
  }

  /** Pushes the i32 that, with #bias, leads to the bytes of the address in its local, which was checked. */
  #pushPlace(): void {
    if (this.#context.windowed) this.code.get(this.#locals.place);
    else this.code.get(this.#locals.address).op(Op.i32_wrap_i64);
  }

  get #bias(): number {
    return this.#context.windowed ? 0 : BIAS;
  }

  /**
   * Runs `otherwise`, which goes elsewhere, unless the page allows it and the address is aligned and no higher than any. Two
   * branches take fewer instructions, and fewer registers, than one on both answers.
   */
  #unlessAllowed(width: Width, isLoad: boolean, otherwise: () => void): void {
    const { code } = this;
    const { address, place } = this.#locals;
    const { windowed } = this.#context;
    code.block();
    code.block();
    this.nesting += 2;
    // rotated, the bits that must be 0 are all at the top: no constant of 64 bits, which would take a register
    const { align } = LOADS[width];
    code.get(address);
    if (align > 0) code.i64(align).op(Op.i64_rotr);
    code.i64((windowed ? ADDRESS_BITS : 32) - align).op(Op.i64_shr_u, Op.i64_eqz, Op.i32_eqz);
    code.brIf(0).rarely();
    if (windowed) {
      emitPlace(code, address, place);
      emitPageByte(code, place, FAST_MAP);
    } else {
      code
        .get(address)
        .op(Op.i32_wrap_i64)
        .i32(PAGE_SHIFT)
        .op(Op.i32_shr_u)
        .mem(Mem.i32_load8_u, 0, FAST_MAP);
    }
    code
      .i32(isLoad ? FastBit.R : FastBit.W)
      .op(Op.i32_and)
      .brIf(1);
    this.end();
    otherwise();
    this.end();
  }

  #fault(cause: number): void {
    this.code.storeI64(TRAP_ADDRESS, () => this.code.get(this.#locals.address));
    this.exit(cause);
  }

  load(width: Width, signed: boolean, base: Expression, offset: Expression): Expression {
    return expression(() => {
      this.#pushAddress(width, base, offset, true);
      const { align, ...opcodes } = LOADS[width];
      this.code.mem(signed ? opcodes.signed : opcodes.unsigned, align, this.#bias);
    });
  }

  store(width: Width, base: Expression, offset: Expression, value: Expression): void {
    this.#pushAddress(width, base, offset, false);
    value.emit();
    this.code.mem(STORES[width], LOADS[width].align, this.#bias);
  }

  loadF(format: Format, base: Expression, offset: Expression): Expression {
    return expression(() => {
      this.#pushAddress(format === 's' ? 4 : 8, base, offset, true);
      if (format === 's') this.code.mem(Mem.f32_load, 2, this.#bias);
      else this.code.mem(Mem.f64_load, 3, this.#bias);
    });
  }

  storeF(format: Format, base: Expression, offset: Expression, register: FloatSource): void {
    this.store(format === 's' ? 4 : 8, base, offset, this.fRaw(register));
  }

  /** Leaves unless the access is aligned and allowed; the address stays in its local. */
  #demandAtomic(width: AtomicWidth, address: Expression, isLoad: boolean): void {
    const { code } = this;
    address.emit();
    code.set(this.#locals.address);
    this.#unlessAllowed(width, isLoad, () => {
      if (this.#context.windowed) {
        this.exit(InternalReason.Alone);
        return;
      }
      code
        .get(this.#locals.address)
        .i64(width - 1)
        .op(Op.i64_and, Op.i64_eqz);
      this.open();
      this.#fault(isLoad ? TrapCause.LoadFault : TrapCause.StoreFault);
      this.close();
      this.#fault(TrapCause.MisalignedAmo);
    });
  }

  #loadAtomic(width: AtomicWidth): Expression {
    return expression(() => {
      const { signed, align } = LOADS[width];
      this.#pushPlace();
      this.code.mem(signed, align, this.#bias);
    });
  }

  #storeAtomic(width: AtomicWidth, value: Expression): void {
    this.#pushPlace();
    value.emit();
    this.code.mem(STORES[width], LOADS[width].align, this.#bias);
  }

  amo(width: AtomicWidth, address: Expression, modify: (old: Expression) => Expression): Expression {
    return expression(() => {
      this.#demandAtomic(width, address, false);
      const old = this.keep(this.#loadAtomic(width));
      const modified = this.keep(modify(old));
      this.#storeAtomic(width, modified);
      old.emit();
    });
  }

  loadReserved(width: AtomicWidth, address: Expression): Expression {
    return expression(() => {
      this.#demandAtomic(width, address, true);
      this.code.storeI64(RESERVATION, () => this.code.get(this.#locals.address));
      this.#loadAtomic(width).emit();
    });
  }

  storeConditional(width: AtomicWidth, address: Expression, value: Expression): Expression {
    return expression(() => {
      const { code } = this;
      this.#demandAtomic(width, address, false);
      code.loadI64(RESERVATION).get(this.#locals.address).op(Op.i64_eq);
      this.if(ValueType.I64);
      this.#storeAtomic(width, value);
      code.i64(0);
      this.else();
      code.i64(1);
      this.end();
      code.storeI64(RESERVATION, () => code.i64(-1));
    });
  }

  // Control

  branch(condition: Expression): void {
    condition.emit();
    this.open();
    this.#transfer(this.#operation?.reach ?? 'far-backward', false);
    this.close();
    this.#goOn();
    this.#ended = true;
  }

  jump(): void {
    this.#transfer(this.#operation?.reach ?? 'far-backward', true);
    this.#ended = true;
  }

  /** To the target that the record's immediate gives. */
  #transfer(reach: Reach, mayBeCall: boolean): void {
    const { code } = this;
    const { record, pc } = this.#locals;
    const immediate = () => code.get(record).mem(Mem.i32_load, 2, Field.IMMEDIATE).op(Op.i32_add);
    if (reach === 'near-forward' || reach === 'near-backward') {
      code.get(record);
      immediate().set(record);
    } else {
      this.pushPc();
      immediate().set(pc);
      emitLookup(code, this.#locals);
    }
    if (reach === 'near-backward' || reach === 'far-backward') {
      this.#tick(Label.ExitHere);
      this.heat();
    } else if (mayBeCall) {
      this.heat();
    }
    this.branchTo(Label.Top);
  }

  jumpTo(address: Expression): void {
    const { code } = this;
    const { target, pc } = this.#locals;
    address.emit();
    code.set(target);
    this.#tick(Label.ExitTarget);
    code.get(target).i64(32).op(Op.i64_shr_u, Op.i64_eqz, Op.i32_eqz);
    this.open();
    code.rarely();
    code.storeI64(TRAP_ADDRESS, () => code.get(target));
    code.i32(TrapCause.FetchFault).set(this.#locals.reason);
    this.branchTo(Label.ExitTarget);
    this.close();
    code.get(target).op(Op.i32_wrap_i64).set(pc);
    emitLookup(code, this.#locals);
    this.heat();
    this.branchTo(Label.Top);
    this.#ended = true;
  }

  #tick(exit: Label): void {
    const { code } = this;
    const { budget, reason } = this.#locals;
    code.get(budget).i32(1).op(Op.i32_sub).tee(budget).op(Op.i32_eqz);
    this.open();
    code.rarely();
    code.i32(TrapCause.TickBudget).set(reason);
    this.branchTo(exit);
    this.close();
  }

  /** Counts a visit of the record that was just reached; in a region's record the field is no counter. */
  heat(): void {
    if (!this.#context.countHeat) return;
    const { code } = this;
    const { record, variant } = this.#locals;
    code.get(record).mem(Mem.i32_load16_u, 1, Field.OPCODE).i32(Internal.REGION).op(Op.i32_ne);
    this.open();
    code.get(record).get(record).mem(Mem.i32_load16_u, 1, Field.HEAT).i32(1).op(Op.i32_sub).tee(variant);
    code.mem(Mem.i32_store16, 1, Field.HEAT).get(variant).op(Op.i32_eqz);
    this.open();
    code.rarely();
    this.exit(InternalReason.Hot);
    this.close();
    this.close();
  }

  ecall(): void {
    this.exit(TrapCause.Ecall);
    this.#ended = true;
  }

  ebreak(): void {
    this.exit(TrapCause.Breakpoint);
    this.#ended = true;
  }

  /** One hart runs at a time, and stores to code invalidate it: nothing is left to order. */
  fence(): void {}

  fenceI(): void {}

  /** fcsr and its parts are handled here, since mathematical functions save and restore them; the rest outside. */
  csr(action: CsrAction, operand: Expression): Expression {
    return expression(() => {
      const { code } = this;
      const [number, fcsr, old, value] = [0, 1, 2, 3].map(() => this.temporary(ValueType.I32));
      const locals = { number: number ?? 0, fcsr: fcsr ?? 0, old: old ?? 0, value: value ?? 0 };
      code.get(this.#locals.record).mem(Mem.i32_load, 2, Field.IMMEDIATE).tee(locals.number);
      code.i32(1).op(Op.i32_sub).i32(FLOAT_CSR_COUNT).op(Op.i32_ge_u);
      this.open();
      code.rarely();
      this.exit(InternalReason.Alone);
      this.close();
      emitFloatCsr(code, locals, action, operand);
    });
  }

  // Floating point

  protected helper(name: HelperName): number {
    return this.#context.helper(name);
  }

  protected pushRounding(): void {
    this.code.get(this.#locals.record).mem(Mem.i32_load16_u, 1, Field.ROUNDING);
  }

  protected mayRoundToNearest(): boolean {
    return this.#operation?.directed !== true;
  }

  protected exitIllegal(): void {
    this.exit(TrapCause.IllegalInstruction);
  }

  /** A single's box is the upper half of its register, all ones. */
  f(format: Format, register: FloatSource): Expression {
    const field = REGISTER_FIELD[register];
    return expression(() => {
      const { code } = this;
      this.#pushRegisterOffset(field);
      if (format === 'd') {
        code.mem(Mem.f64_load, 3, F_REGISTERS);
        return;
      }
      code.mem(Mem.f32_load, 2, F_REGISTERS).f32(Number.NaN);
      this.#pushRegisterOffset(field);
      code
        .mem(Mem.i32_load, 2, F_REGISTERS + 4)
        .i32(-1)
        .op(Op.i32_eq, Op.select);
    });
  }

  fRaw(register: FloatSource): Expression {
    return expression(() => {
      this.#pushRegisterOffset(REGISTER_FIELD[register]);
      this.code.mem(Mem.i64_load, 3, F_REGISTERS);
    });
  }

  fd(format: Format, value: Expression): void {
    const { code } = this;
    this.#pushRegisterOffset(Field.RD);
    value.emit();
    if (format === 'd') {
      code.mem(Mem.f64_store, 3, F_REGISTERS);
      return;
    }
    code.mem(Mem.f32_store, 2, F_REGISTERS);
    this.#pushRegisterOffset(Field.RD);
    code.i32(-1).mem(Mem.i32_store, 2, F_REGISTERS + 4);
  }
}
