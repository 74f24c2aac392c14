// How many rounds of a loop can access nothing but what is accessible: the check before a strip.
// emit-region.ts emits it where a strip ends. It looks at the maps of eight pages at once, from where each range begins.
// Too few is always right: the loop goes on with a check before each access.
import { FastBit } from '../memory/guest-memory.ts';
import { FAST_MAP, PAGE_SHIFT, PAGE_SIZE } from '../memory/layout.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import type { RegionFrame } from './region-frame.ts';
import type { StripRange } from './strips.ts';

/** Bytes of the map that one load shows. */
const PAGES = 8;
const EACH_BYTE = 0x0101_0101_0101_0101n;
const UNBOUNDED = 0x7fff_ffff;
/** A stride may be anything. */
const LARGEST_STRIDE = 4096;

/** Sets the local `rounds` (i32): that many, 0 or less for none. */
export function emitRounds(
  frame: RegionFrame,
  ranges: readonly StripRange[],
  rounds: number,
  scratch: (type: ValueType) => number,
): void {
  const { code } = frame;
  const [first, few] = [scratch(ValueType.I64), scratch(ValueType.I32)];
  code.i32(UNBOUNDED).set(rounds);
  for (const range of ranges) {
    const { step } = range;
    pushSpare(frame, range, first);
    code.set(few);
    if (typeof step !== 'number') {
      const stride = frame.x(step.register);
      code.get(few).get(stride).op(Op.i32_wrap_i64).i32(1);
      pushIsStride(frame, stride);
      code.op(Op.select, Op.i32_div_s).i32(0);
      pushIsStride(frame, stride);
      code.op(Op.select);
    } else if (step === 0) code.i32(UNBOUNDED).i32(0).get(few).i32(0).op(Op.i32_ge_s, Op.select);
    else code.get(few).i32(Math.abs(step)).op(Op.i32_div_s);
    code.i32(0).get(first).i64(32).op(Op.i64_shr_u, Op.i64_eqz, Op.select).set(few);
    code.get(few).get(rounds).get(few).get(rounds).op(Op.i32_lt_s, Op.select).set(rounds);
  }
}

/**
 * i32: bytes that are accessible beyond the range itself, negative when not even that is. Sets the local `first` (i64)
 * to the address that it counts from: says nothing unless that is below 4 GiB.
 */
function pushSpare(frame: RegionFrame, { base, low, high, step, writes }: StripRange, first: number): void {
  const { code } = frame;
  const falls = typeof step === 'number' && step < 0;
  const bit = BigInt(writes ? FastBit.W : FastBit.R) * EACH_BYTE;
  code
    .get(frame.x(base))
    .i64(falls ? high - 1 : low)
    .op(Op.i64_add)
    .tee(first);
  // pages in a row that are accessible; the maps end, and begin, with pages that are not
  code.op(Op.i32_wrap_i64).i32(PAGE_SHIFT).op(Op.i32_shr_u);
  code.mem(Mem.i64_load, 0, falls ? FAST_MAP - (PAGES - 1) : FAST_MAP);
  code.i64(bit).op(Op.i64_and).i64(bit).op(Op.i64_xor);
  code
    .op(falls ? Op.i64_clz : Op.i64_ctz, Op.i32_wrap_i64)
    .i32(3)
    .op(Op.i32_shr_u);
  code.i32(PAGE_SHIFT).op(Op.i32_shl);
  code
    .get(first)
    .op(Op.i32_wrap_i64)
    .i32(PAGE_SIZE - 1)
    .op(Op.i32_and);
  if (falls)
    code
      .op(Op.i32_add)
      .i32(PAGE_SIZE - 1)
      .op(Op.i32_sub);
  else code.op(Op.i32_sub);
  code.i32(high - low).op(Op.i32_sub);
}

function pushIsStride(frame: RegionFrame, stride: number): void {
  frame.code.get(stride).i64(1).op(Op.i64_sub).i64(LARGEST_STRIDE).op(Op.i64_lt_u);
}
