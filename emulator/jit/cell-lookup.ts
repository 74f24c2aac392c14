// From a computed jump's target to the cell of the region that begins there, in generated code.
// emit-region.ts uses it for indirect calls; a small table answers most, else the decode cache's records do.
// Pushes one i32; the i32 local it is given is for its own use.
import { Field, Internal } from '../cpu/record.ts';
import {
  CALL_TARGET_COUNT,
  CALL_TARGETS,
  DECODE_CACHE,
  PAGE_SHIFT,
  PAGE_SIZE,
  RECORD_SCALE_SHIFT,
  REGION_ENTRY_SIZE,
  SLOT_MAP,
  SLOT_SIZE,
} from '../memory/layout.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import type { RegionFrame } from './region-frame.ts';

/** The bits of an address that choose its slot of CALL_TARGETS, and how far they are from the slot's offset. */
const SLOT_BITS = (CALL_TARGET_COUNT - 1) << 1;
const SLOT_SHIFT = 2;

/** Pushes the offset (i32) of the entry cell for the pc in `frame.target`, 0 when no region begins there. */
export function emitCellLookup(frame: RegionFrame, scratch: number): void {
  const { code, target } = frame;
  code.get(target).i32(SLOT_BITS).op(Op.i32_and).i32(SLOT_SHIFT).op(Op.i32_shl).tee(scratch);
  code.mem(Mem.i32_load, 2, CALL_TARGETS).get(target).op(Op.i32_ne);
  code.if(ValueType.I32).rarely();
  emitRecordLookup(frame, scratch);
  code.else();
  code.get(scratch).mem(Mem.i32_load, 2, CALL_TARGETS + 4);
  code.end();
}

/** The same by the record of the pc, which knows every entry. */
function emitRecordLookup(frame: RegionFrame, record: number): void {
  const { code, target } = frame;
  code.get(target).i32(PAGE_SHIFT).op(Op.i32_shr_u).i32(1).op(Op.i32_shl).mem(Mem.i32_load16_u, 1, SLOT_MAP);
  code.i32(SLOT_SIZE).op(Op.i32_mul);
  code
    .get(target)
    .i32(PAGE_SIZE - 1)
    .op(Op.i32_and)
    .i32(RECORD_SCALE_SHIFT)
    .op(Op.i32_shl, Op.i32_add)
    .set(record);
  code
    .get(record)
    .mem(Mem.i32_load16_u, 1, DECODE_CACHE + Field.HEAT)
    .i32(REGION_ENTRY_SIZE)
    .op(Op.i32_mul);
  code.i32(0);
  code
    .get(record)
    .mem(Mem.i32_load16_u, 1, DECODE_CACHE + Field.OPCODE)
    .i32(Internal.REGION)
    .op(Op.i32_eq, Op.select);
}
