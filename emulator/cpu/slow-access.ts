// The interpreter's second look at a load or store that the quick check refused: page by page, at any alignment.
// cpu/handler-emitter.ts emits one for all loads and one for all stores; what they let through is done behind them.
// `address` holds the access's address and `last` its length less 1. A fault leaves with the first byte that was refused.
import { FastBit } from '../memory/guest-memory.ts';
import { ADDRESS_BITS, FAST_MAP, PAGE_SHIFT, PAGE_SIZE, TRAP_ADDRESS } from '../memory/layout.ts';
import type { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op } from '../wasm/opcodes.ts';
import type { InterpreterLocals } from './lookup.ts';
import { emitPageByte, emitPlace } from './place.ts';
import { InternalReason } from './record.ts';
import { TrapCause } from './trap.ts';

/** What of a handler is needed here. */
interface Handler {
  /** `if`, counted, and its end. */
  open(): void;
  close(): void;
  exit(reason: number): void;
}

type SlowLocals = Pick<InterpreterLocals, 'address' | 'last' | 'place'>;

export function emitSlowCheck(
  handler: Handler,
  code: CodeBuilder,
  { address, last }: SlowLocals,
  isLoad: boolean,
): void {
  const bit = isLoad ? FastBit.R : FastBit.W;
  const permission = () => {
    code.i32(PAGE_SHIFT).op(Op.i32_shr_u).mem(Mem.i32_load8_u, 0, FAST_MAP).i32(bit).op(Op.i32_and);
  };
  const fault = () => {
    code.storeI64(TRAP_ADDRESS, () => code.get(address));
    handler.exit(isLoad ? TrapCause.LoadFault : TrapCause.StoreFault);
    handler.close();
  };
  code.get(address).i64(32).op(Op.i64_shr_u, Op.i64_eqz);
  code.get(address).op(Op.i32_wrap_i64);
  permission();
  code.i32(bit).op(Op.i32_eq, Op.i32_and, Op.i32_eqz);
  handler.open();
  fault();
  code.get(address).op(Op.i32_wrap_i64).get(last).op(Op.i32_add);
  permission();
  code.op(Op.i32_eqz);
  handler.open();
  code.get(address).get(last).op(Op.i64_extend_i32_u, Op.i64_add);
  code
    .i64(-1 << PAGE_SHIFT)
    .op(Op.i64_and)
    .set(address);
  fault();
}

/** In spaces with windows: within a page. The rest, and what is refused, is for cpu/step.ts. */
export function emitSlowWindowCheck(
  handler: Handler,
  code: CodeBuilder,
  { address, last, place }: SlowLocals,
  isLoad: boolean,
): void {
  emitPlace(code, address, place);
  code.get(address).i64(ADDRESS_BITS).op(Op.i64_shr_u, Op.i64_eqz);
  emitPageByte(code, place, FAST_MAP);
  code
    .i32(isLoad ? FastBit.R : FastBit.W)
    .op(Op.i32_and)
    .i32(0)
    .op(Op.i32_ne, Op.i32_and);
  code
    .get(place)
    .i32(PAGE_SIZE - 1)
    .op(Op.i32_and)
    .get(last)
    .op(Op.i32_add)
    .i32(PAGE_SIZE)
    .op(Op.i32_lt_u, Op.i32_and, Op.i32_eqz);
  handler.open();
  handler.exit(InternalReason.Alone);
  handler.close();
}
