// The interpreter's locals, and the way from a guest address to its record.
// Called by cpu/interpreter.ts and cpu/handler-emitter.ts wherever control leaves a page.
// Afterwards the record and RECORD_BIAS belong together: pc = record / 8 + bias.
import {
  DECODE_CACHE,
  PAGE_SHIFT,
  PAGE_SIZE,
  RECORD_BIAS,
  RECORD_SCALE_SHIFT,
  SLOT_MAP,
  SLOT_SIZE,
} from '../memory/layout.ts';
import type { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op } from '../wasm/opcodes.ts';
import { SLOT_USED } from './record.ts';

export const NO_LOCAL = -1;

/** Indices of parameters and locals. */
export interface InterpreterLocals {
  readonly pc: number;
  readonly record: number;
  readonly budget: number;
  readonly reason: number;
  readonly variant: number;
  readonly last: number;
  readonly address: number;
  readonly target: number;
  /** Where the address's bytes are, in spaces with windows; in others there is no such local. */
  readonly place: number;
}

/** From `pc` to its record, with its bias. */
export function emitLookup(code: CodeBuilder, locals: Pick<InterpreterLocals, 'pc' | 'record'>): void {
  emitRecordOf(code, locals);
  code.storeI32(RECORD_BIAS, () =>
    code.get(locals.pc).get(locals.record).i32(RECORD_SCALE_SHIFT).op(Op.i32_shr_u, Op.i32_sub),
  );
}

/** From `pc` to its record alone; a page without records leads to slot 0, where nothing is decoded. */
export function emitRecordOf(code: CodeBuilder, locals: Pick<InterpreterLocals, 'pc' | 'record'>): void {
  code.get(locals.pc).i32(PAGE_SHIFT).op(Op.i32_shr_u).i32(1).op(Op.i32_shl);
  code.mem(Mem.i32_load16_u, 1, SLOT_MAP).i32(SLOT_SIZE).op(Op.i32_mul).tee(locals.record);
  code.i32(1).mem(Mem.i32_store8, 0, DECODE_CACHE + SLOT_USED);
  code.get(locals.record).i32(DECODE_CACHE).op(Op.i32_add);
  code
    .get(locals.pc)
    .i32(PAGE_SIZE - 1)
    .op(Op.i32_and)
    .i32(RECORD_SCALE_SHIFT)
    .op(Op.i32_shl, Op.i32_add);
  code.set(locals.record);
}
