// May these bytes be accessed? The check that compiled code makes before loads and stores, one for each access group.
// region-backend.ts emits it; a check that fails leaves the region at the access, with every register as before it.
// The pair maps (this page and the next) answer at once; the page that answered last may be remembered in a local.
import { emitPageByte, emitPlace } from '../cpu/place.ts';
import { FastBit } from '../memory/guest-memory.ts';
import {
  ADDRESS_BITS,
  FAST_MAP,
  PAGE_SHIFT,
  PAGE_SIZE,
  READ_PAIR_MAP,
  WRITE_PAIR_MAP,
} from '../memory/layout.ts';
import type { CodeBuilder } from '../wasm/code-builder.ts';
import { Mem, Op } from '../wasm/opcodes.ts';
import type { RegionFrame } from './region-frame.ts';
import { RegionReason } from './region-reason.ts';

const PAGE_INDEX_MASK = 0xf_ffff;

export interface CheckedAccess {
  /** The local (i64) that holds the first byte's address. */
  readonly address: number;
  /** Bytes, less than a page. */
  readonly length: number;
  readonly writes: boolean;
  /** Where to leave to. */
  readonly pc: number;
}

export interface CheckMeans {
  /** The local (i64) of the page that passed last, -1 when none did; undefined: not worth remembering. */
  readonly remembered: number | undefined;
  /** A fresh local (i64). */
  scratch(): number;
}

/** Leaves the region unless the bytes are accessible. */
export function emitPermissionCheck(frame: RegionFrame, access: CheckedAccess, means: CheckMeans): void {
  const { code } = frame;
  const { remembered } = means;
  if (remembered === undefined) {
    emitPairCheck(frame, access, means);
    return;
  }
  const page = means.scratch();
  code.get(access.address).i64(PAGE_SHIFT).op(Op.i64_shr_u).tee(page).get(remembered).op(Op.i64_ne);
  frame.rarely(() => {
    code.get(page).set(remembered);
    emitPairCheck(frame, access, means);
  });
}

/**
 * The pair maps answer at once; at the end of a mapping, where the next page is another's, the exact check decides,
 * and nothing is remembered.
 */
function emitPairCheck(
  frame: RegionFrame,
  { address, length, writes, pc }: CheckedAccess,
  means: CheckMeans,
): void {
  const { code } = frame;
  // 0 or 1 is not above the upper half of the address unless both are as they should be
  code.get(address).op(Op.i32_wrap_i64).i32(PAGE_SHIFT).op(Op.i32_shr_u);
  code.mem(Mem.i32_load8_u, 0, writes ? WRITE_PAIR_MAP : READ_PAIR_MAP);
  code.get(address).i64(32).op(Op.i64_shr_u, Op.i32_wrap_i64, Op.i32_le_u);
  frame.rarely(() => {
    if (means.remembered !== undefined) code.i64(-1).set(means.remembered);
    pushExactCheck(code, {
      first: address,
      last: means.scratch(),
      length,
      bit: writes ? FastBit.W : FastBit.R,
    });
    code.op(Op.i32_eqz);
    frame.rarely(() => frame.exitBecause(RegionReason.Interpret, pc));
  });
}

/** i32: are the pages of the first and the last byte accessible? Inline, since a call would cost the hot path. */
function pushExactCheck(
  code: CodeBuilder,
  { first, last, length, bit }: { first: number; last: number; length: number; bit: number },
): void {
  code
    .get(first)
    .i64(length - 1)
    .op(Op.i64_add)
    .tee(last)
    .get(first)
    .op(Op.i64_or);
  code.i64(32).op(Op.i64_shr_u, Op.i64_eqz);
  pushPageByte(code, first);
  pushPageByte(code, last);
  code.op(Op.i32_and).i32(bit).op(Op.i32_and).i32(0).op(Op.i32_ne, Op.i32_and);
}

/** The FAST_MAP byte of the page of the address in a local (i64). */
export function pushPageByte(code: CodeBuilder, address: number): void {
  code.get(address).i64(PAGE_SHIFT).op(Op.i64_shr_u, Op.i32_wrap_i64);
  code.i32(PAGE_INDEX_MASK).op(Op.i32_and).mem(Mem.i32_load8_u, 0, FAST_MAP);
}

/**
 * The same in spaces with windows; sets the local `place` (i32) to the offset of the first byte in the Memory. The pair maps
 * know of no pair that does not lie together, so what the exact check lets through is on one page.
 */
export function emitWindowCheck(
  frame: RegionFrame,
  { address, length, writes, pc }: CheckedAccess,
  place: number,
): void {
  const { code } = frame;
  emitPlace(code, address, place);
  emitPageByte(code, place, writes ? WRITE_PAIR_MAP : READ_PAIR_MAP);
  code.get(address).i64(ADDRESS_BITS).op(Op.i64_shr_u, Op.i32_wrap_i64, Op.i32_le_u);
  frame.rarely(() => {
    emitPageByte(code, place, FAST_MAP);
    code.i32(writes ? FastBit.W : FastBit.R).op(Op.i32_and, Op.i32_eqz);
    code.get(address).i64(ADDRESS_BITS).op(Op.i64_shr_u, Op.i32_wrap_i64, Op.i32_or);
    code
      .get(place)
      .i32(PAGE_SIZE - 1)
      .op(Op.i32_and)
      .i32(PAGE_SIZE - length)
      .op(Op.i32_gt_u, Op.i32_or);
    frame.rarely(() => frame.exitBecause(RegionReason.Interpret, pc));
  });
}
