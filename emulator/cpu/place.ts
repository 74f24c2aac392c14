// From a guest address to its bytes in a Memory with windows (memory/windows.ts), in generated code.
// cpu/handler-emitter.ts and jit/permission-check.ts use it where the space has windows.
// What is nowhere, and what is no address at all, leads to some offset whose page allows nothing or that is not used.
import {
  byOffset,
  PAGE_SHIFT,
  WINDOW_COUNT,
  WINDOW_SHIFT,
  WINDOW_SIZE,
  WINDOW_TABLE,
} from '../memory/layout.ts';
import type { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op } from '../wasm/opcodes.ts';

const ENTRY_SHIFT = 2;

/** Sets the local `place` (i32) to the offset in the Memory of the address in the local `address` (i64). */
export function emitPlace(code: CodeBuilder, address: number, place: number): void {
  code
    .get(address)
    .i64(WINDOW_SHIFT - ENTRY_SHIFT)
    .op(Op.i64_shr_u, Op.i32_wrap_i64)
    .i32((WINDOW_COUNT - 1) << ENTRY_SHIFT)
    .op(Op.i32_and)
    .mem(Mem.i32_load, 2, WINDOW_TABLE);
  code
    .get(address)
    .op(Op.i32_wrap_i64)
    .i32(WINDOW_SIZE - 1)
    .op(Op.i32_and, Op.i32_add)
    .set(place);
}

/** Pushes the byte (i32) that a map has of the page of an offset in the Memory. */
export function emitPageByte(code: CodeBuilder, place: number, map: number): void {
  code.get(place).i32(PAGE_SHIFT).op(Op.i32_shr_u).mem(Mem.i32_load8_u, 0, byOffset(map));
}
