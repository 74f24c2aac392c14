// How a hart is put back to work: regions are entered at once where they are known, else the interpreter goes on.
// cpu/interpreter.ts exports the function as `run`; kernel and JIT never see the difference.
// A resumption that finds its region touches one page beside what the region needs: the hart's state.
import {
  PC,
  REGION_ENTRIES,
  REGION_ENTRY_SIZE,
  REGION_REASON,
  RESUME_TARGET_COUNT,
  RESUME_TARGETS,
} from '../memory/layout.ts';
import { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import { emitRecordOf } from './lookup.ts';
import { Field, Internal, InternalReason } from './record.ts';

const { I32 } = ValueType;
/** The bits of an address that choose its slot of RESUME_TARGETS, and how far they are from the slot's offset. */
const SLOT_BITS = (RESUME_TARGET_COUNT - 1) << 1;
const SLOT_SHIFT = 2;

/**
 * run(pc, bypass) → reason, with the same parameters and results as `interpret`, the index of the interpreter's function.
 * With bypass, a region at pc is passed over once.
 */
export function emitResume(interpret: number, regionType: number, countHeat: boolean): CodeBuilder {
  const code = new CodeBuilder(2);
  const [pc, bypass] = [0, 1];
  const [slot, cell, record, heat] = [0, 1, 2, 3].map(() => code.local(I32)) as [
    number,
    number,
    number,
    number,
  ];
  const cameFromRegion = code.local(I32);
  code.block();
  code.get(bypass).brIf(0);
  code.loop();

  code.get(pc).i32(SLOT_BITS).op(Op.i32_and).i32(SLOT_SHIFT).op(Op.i32_shl).tee(slot);
  code
    .mem(Mem.i32_load, 2, RESUME_TARGETS + 4)
    .tee(cell)
    .mem(Mem.i32_load, 2, REGION_ENTRIES + 4)
    .op(Op.i32_eqz);
  code.get(slot).mem(Mem.i32_load, 2, RESUME_TARGETS).get(pc).op(Op.i32_ne, Op.i32_or);
  code.if().rarely();
  emitRecordOf(code, { pc, record });
  code.get(record).mem(Mem.i32_load16_u, 1, Field.OPCODE).i32(Internal.REGION).op(Op.i32_ne);
  code.if();
  if (countHeat) {
    // what regions jump to becomes hot as well
    code.get(cameFromRegion).op(Op.i32_eqz).brIf(3);
    code.get(record).get(record).mem(Mem.i32_load16_u, 1, Field.HEAT).i32(1).op(Op.i32_sub).tee(heat);
    code.mem(Mem.i32_store16, 1, Field.HEAT).get(heat).brIf(3);
    code.storeI64(PC, () => code.get(pc).op(Op.i64_extend_i32_u));
    code.i32(InternalReason.Hot).return();
  } else {
    code.br(3);
  }
  code.end();
  code.get(record).mem(Mem.i32_load16_u, 1, Field.HEAT).i32(REGION_ENTRY_SIZE).op(Op.i32_mul).set(cell);
  code.get(slot).get(pc).mem(Mem.i32_store, 2, RESUME_TARGETS);
  code
    .get(slot)
    .get(cell)
    .mem(Mem.i32_store, 2, RESUME_TARGETS + 4);
  code.end();

  code.get(cell).mem(Mem.i32_load16_u, 1, REGION_ENTRIES + 2);
  code.i32(0);
  code.get(cell).mem(Mem.i32_load, 2, REGION_ENTRIES + 4);
  code.callIndirect(regionType).set(pc);
  code.i32(1).set(cameFromRegion);
  code.loadI32(REGION_REASON).tee(heat).op(Op.i32_eqz).brIf(0);
  code.storeI32(REGION_REASON, () => code.i32(0));
  code.i32(1).set(bypass);
  code.get(heat).i32(InternalReason.Interpret).op(Op.i32_eq).brIf(1);
  code.storeI64(PC, () => code.get(pc).op(Op.i64_extend_i32_u));
  code.get(heat).return();

  code.end();
  code.end();
  code.get(pc).get(bypass).call(interpret);
  return code;
}
