// fflags, frm and fcsr in generated code: CSRs 1 to 3, three views of one register.
// Called by cpu/handler-emitter.ts for csrrw and kin; cpu/csr.ts does the same for a single step.
// FP_FAST follows every write. Source: RISC-V unprivileged ISA, F, 20.2.
import type { Expression } from '../isa/emit/expression.ts';
import type { CsrAction } from '../isa/semantics/backend.ts';
import { FFLAGS, FP_FAST, FRM } from '../memory/layout.ts';
import type { CodeBuilder } from '../wasm/code-builder.ts';
import { Op } from '../wasm/opcodes.ts';

export const FLOAT_CSR_COUNT = 3;
const FFLAGS_MASK = 0x1f;
const FRM_SHIFT = 5;
const FRM_MASK = 0xe0;
const FCSR_MASK = 0xff;
const INEXACT = 1;

/** i32 locals; `number` is the CSR's, from 1 to FLOAT_CSR_COUNT. */
export interface FloatCsrLocals {
  readonly number: number;
  readonly fcsr: number;
  readonly old: number;
  readonly value: number;
}

/** Updates the CSR and pushes its old value (i64). */
export function emitFloatCsr(
  code: CodeBuilder,
  { number, fcsr, old, value }: FloatCsrLocals,
  action: CsrAction,
  operand: Expression,
): void {
  code.loadI32(FRM).i32(FRM_SHIFT).op(Op.i32_shl).loadI32(FFLAGS).op(Op.i32_or).set(fcsr);
  code.loadI32(FFLAGS).loadI32(FRM).get(fcsr);
  chooseByNumber(code, number);
  code.set(old);

  if (action !== 'write') code.get(old);
  operand.emit();
  code.op(Op.i32_wrap_i64);
  if (action === 'set') code.op(Op.i32_or);
  if (action === 'clear') code.i32(-1).op(Op.i32_xor, Op.i32_and);
  code.set(value);

  code.get(fcsr).i32(~FFLAGS_MASK).op(Op.i32_and).get(value).i32(FFLAGS_MASK).op(Op.i32_and, Op.i32_or);
  code.get(fcsr).i32(FFLAGS_MASK).op(Op.i32_and).get(value).i32(FRM_SHIFT).op(Op.i32_shl, Op.i32_or);
  code.get(value);
  chooseByNumber(code, number);
  code.i32(FCSR_MASK).op(Op.i32_and).set(fcsr);

  code.storeI32(FFLAGS, () => code.get(fcsr).i32(FFLAGS_MASK).op(Op.i32_and));
  code.storeI32(FRM, () => code.get(fcsr).i32(FRM_SHIFT).op(Op.i32_shr_u));
  code.storeI32(FP_FAST, () =>
    code
      .get(fcsr)
      .i32(FRM_MASK | INEXACT)
      .op(Op.i32_and)
      .i32(INEXACT)
      .op(Op.i32_eq),
  );
  code.get(old).op(Op.i64_extend_i32_u);
}

/** Of three i32 on the stack: the one for fflags, frm, fcsr. */
function chooseByNumber(code: CodeBuilder, number: number): void {
  code.get(number).i32(2).op(Op.i32_eq, Op.select);
  code.get(number).i32(1).op(Op.i32_eq, Op.select);
}
