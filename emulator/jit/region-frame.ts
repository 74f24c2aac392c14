// The body under construction: locals for guest registers, labels of open blocks, spills and exits.
// emit-region.ts drives it block by block; region-backend.ts pushes instructions' values through it.
// At every exit the locals hold the architectural registers, and `target` the pc to go on at.

import { pushFastSpan } from '../isa/emit/float-emitter.ts';
import type { Format } from '../isa/semantics/backend.ts';
import { BUDGET, F_REGISTERS, LAST_TICK_IN, REGION_REASON, X_REGISTERS } from '../memory/layout.ts';
import { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import { RegionReason } from './region-reason.ts';
import type { RegisterUse } from './register-use.ts';

/** Parameters of a region function: which entry, and how deeply calls are nested. */
export const ENTRY = 0;
export const DEPTH = 1;

const A0 = 10;

export class RegionFrame {
  readonly code = new CodeBuilder(2);
  readonly use: RegisterUse;
  /** i32: the guest pc that an exit goes on at. */
  readonly target: number;
  /** i32: ticks left. */
  readonly budget: number;
  readonly #x = new Map<number, number>();
  readonly #f = new Map<number, number>();
  /** i64: numbers of pages that passed a check, by base register and kind of access. */
  readonly #checkedPages = new Map<number, number>();
  /** i32: offsets in the Memory of the groups that accesses belong to, by base register; only in spaces with windows. */
  readonly #places = new Map<number, number>();
  /** i32: how wide the fast path of rounding operations is, by format; see FloatEmitter. */
  readonly #fastSpans = new Map<Format, number>();
  #strip: { readonly stop: number; readonly rounds: number } | undefined;
  /** What loadRegisters writes, and spill by what is dirty. */
  #loads: Uint8Array | undefined;
  readonly #spills = new Map<bigint, Uint8Array>();
  readonly #low: number;
  /** Labels of the structured instructions that are open, outermost first, and where among them each is. */
  readonly #open: (string | undefined)[] = [];
  readonly #positions = new Map<string, number>();

  /** For the registers of the region that begins at the address `low`. */
  constructor(use: RegisterUse, low: number) {
    this.use = use;
    this.#low = low;
    for (const register of use.integers) this.#x.set(register, this.code.local(ValueType.I64));
    for (const register of use.floats) this.#f.set(register, this.code.local(ValueType.F64));
    for (const format of use.formats) this.#fastSpans.set(format, this.code.local(ValueType.I32));
    this.target = this.code.local(ValueType.I32);
    this.budget = this.code.local(ValueType.I32);
  }

  /** The local of an integer register other than x0. */
  x(register: number): number {
    return this.#x.get(register) ?? bug(`x${register} has no local`);
  }

  f(register: number): number {
    return this.#f.get(register) ?? bug(`f${register} has no local`);
  }

  fastSpan(format: Format): number {
    return this.#fastSpans.get(format) ?? bug(`nothing was said of format ${format}`);
  }

  /** FP_FAST may be another. */
  loadFastSpans(): void {
    for (const [format, local] of this.#fastSpans) {
      pushFastSpan(this.code, format);
      this.code.set(local);
    }
  }

  /** Declares that checks of accesses off `register` remember their page. Only before any code is emitted. */
  rememberPages(register: number): void {
    for (const writes of [false, true]) {
      this.#checkedPages.set(2 * register + Number(writes), this.code.local(ValueType.I64));
    }
  }

  /** The local of the page that passed last, -1 for none. */
  checkedPage(register: number, writes: boolean): number | undefined {
    return this.#checkedPages.get(2 * register + Number(writes));
  }

  /** The local (i32) of the offset that the last check of accesses off `register` found. */
  place(register: number): number {
    const known = this.#places.get(register);
    if (known !== undefined) return known;
    const local = this.code.local(ValueType.I32);
    this.#places.set(register, local);
    return local;
  }

  /** Locals (i32) of the loop that runs in strips: the ticks left where the strip ends, and the rounds found for it. */
  strip(): { readonly stop: number; readonly rounds: number } {
    this.#strip ??= { stop: this.code.local(ValueType.I32), rounds: this.code.local(ValueType.I32) };
    return this.#strip;
  }

  /** Permissions may have changed. */
  forgetPages(): void {
    for (const local of this.#checkedPages.values()) this.code.i64(-1).set(local);
  }

  // Structured control

  /** Notes that a structured instruction was begun; `label` is what branches to it name, if any do. */
  open(label?: string): void {
    if (label !== undefined) this.#positions.set(label, this.#open.length);
    this.#open.push(label);
  }

  /** Ends the innermost structured instruction. */
  close(): void {
    this.forget();
    this.code.end();
  }

  /** Notes that the innermost structured instruction was ended by someone else. */
  forget(): void {
    const label = this.#open.pop();
    if (label !== undefined) this.#positions.delete(label);
  }

  isOpen(label: string): boolean {
    return this.#positions.has(label);
  }

  depthOf(label: string): number {
    const place = this.#positions.get(label) ?? bug(`label ${label} is not open`);
    return this.#open.length - 1 - place;
  }

  branchTo(label: string): void {
    this.code.br(this.depthOf(label));
  }

  /** An `if` on the i32 on the stack whose body is rarely run. */
  rarely(body: () => void): void {
    this.code.if().rarely();
    this.open();
    body();
    this.close();
  }

  // State

  /** The same code each time, and much of a region: written out once. */
  loadRegisters(): void {
    if (this.#loads === undefined) {
      const start = this.code.length;
      this.#loadRegisters();
      this.#loads = this.code.since(start);
    } else this.code.append(this.#loads);
  }

  #loadRegisters(): void {
    const { code } = this;
    for (const [register, local] of this.#x) code.loadI64(X_REGISTERS + 8 * register).set(local);
    for (const [register, local] of this.#f) {
      code
        .i32(0)
        .mem(Mem.f64_load, 3, F_REGISTERS + 8 * register)
        .set(local);
    }
    code.loadI32(BUDGET).set(this.budget);
    this.loadFastSpans();
    this.forgetPages();
  }

  /** After a system call that was served: a0 and the budget are new. */
  reloadAfterCall(): void {
    const { code } = this;
    const a0 = this.#x.get(A0);
    if (a0 !== undefined) {
      // as the kernel wrote it: a load of both halves would wait until the stores are in the cache
      const at = X_REGISTERS + 8 * A0;
      code
        .loadI32(at + 4)
        .op(Op.i64_extend_i32_u)
        .i64(32n)
        .op(Op.i64_shl);
      code.loadI32(at).op(Op.i64_extend_i32_u).op(Op.i64_or).set(a0);
    }
    code.loadI32(BUDGET).set(this.budget);
    this.forgetPages();
  }

  /** Stores what may differ from memory; `dirty` has bit n for xn and bit 32 + n for fn. */
  spill(dirty: bigint): void {
    const known = this.#spills.get(dirty);
    if (known !== undefined) {
      this.code.append(known);
      return;
    }
    const start = this.code.length;
    this.#spill(dirty);
    this.#spills.set(dirty, this.code.since(start));
  }

  #spill(dirty: bigint): void {
    const { code } = this;
    for (const register of this.use.writtenIntegers) {
      if (((dirty >> BigInt(register)) & 1n) === 1n) {
        code.storeI64(X_REGISTERS + 8 * register, () => code.get(this.x(register)));
      }
    }
    for (const register of this.use.writtenFloats) {
      if (((dirty >> BigInt(32 + register)) & 1n) === 1n) {
        code
          .i32(0)
          .get(this.f(register))
          .mem(Mem.f64_store, 3, F_REGISTERS + 8 * register);
      }
    }
    code.storeI32(BUDGET, () => code.get(this.budget));
  }

  spillAll(): void {
    this.spill((1n << 64n) - 1n);
  }

  // Exits

  /** Leaves the region; the caller or the interpreter goes on at `pc`. */
  exitTo(pc: number): void {
    this.code.i32(pc).set(this.target);
    this.branchTo('exit');
  }

  /** Leaves at `pc`, saying why. */
  exitBecause(reason: RegionReason, pc: number): void {
    this.code.storeI32(REGION_REASON, () => this.code.i32(reason));
    this.exitTo(pc);
  }

  /** One tick; when it was the last one, leaves with `target` as pc (set it first when it is computed). */
  tick(pc?: number): void {
    this.code.get(this.budget).i32(1).op(Op.i32_sub).tee(this.budget).op(Op.i32_eqz);
    this.rarely(() => this.#leaveForBudget(pc));
  }

  /** One tick; when no more than `stop` (i32) are left, does what `ended` emits, or leaves with `pc` if it was the last one. */
  tickUntil(stop: number, pc: number, ended: () => void): void {
    const { code } = this;
    code.get(this.budget).i32(1).op(Op.i32_sub).tee(this.budget).get(stop).op(Op.i32_eq);
    this.rarely(() => {
      code.get(this.budget).op(Op.i32_eqz);
      this.rarely(() => this.#leaveForBudget(pc));
      ended();
    });
  }

  #leaveForBudget(pc: number | undefined): void {
    const { code } = this;
    code.storeI32(REGION_REASON, () => code.i32(RegionReason.Budget));
    code.storeI32(LAST_TICK_IN, () => code.i32(this.#low));
    if (pc === undefined) this.branchTo('exit');
    else this.exitTo(pc);
  }
}

function bug(message: string): never {
  throw new Error(message);
}
