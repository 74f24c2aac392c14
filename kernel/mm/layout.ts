// Where things lie in a guest's address space, low and close together so that its Memory stays small.
// exec places programs by it, mmap searches by it, /proc and auxv tell programs the result.
// A Memory's size is virtual, but V8 counts it and collects when many were made; so Memories are small and pooled.
import { ADDRESS_LIMIT, GUEST_LIMIT, PAGE_SIZE } from '../../emulator/memory/layout.ts';

/** /proc/sys/vm/mmap_min_addr: nothing is mapped below, so that null dereferences fault. */
export const MMAP_MIN_ADDRESS = 0x1_0000;
/** First address past user space: what Linux calls TASK_SIZE, with Sv39. Hints above are only hints. */
export const TASK_SIZE = ADDRESS_LIMIT;
/** What nobody asks to lie higher lies below if it can: addresses from here on cost more (docs/decisions/0021). */
export const LOW_LIMIT = GUEST_LIMIT;
/**
 * Where position-independent programs are loaded; others lie where they were linked (0x10000 for riscv64). Far enough
 * from 0 that programs may unmap what they take to lie there: Samba's tdb does, by the size of its file.
 */
export const PIE_BASE = 0x40_0000;
/** Between the program's end and the stack's lowest address: what brk can grow to before malloc turns to mmap. */
export const BRK_SPAN = 8 << 20;
/** Address space kept free for the stack whatever RLIMIT_STACK says; the mmap area begins above. */
export const STACK_SPAN_MIN = 8 << 20;
export const STACK_SPAN_MAX = 1 << 30;
/** A stack above the program leaves at least this for mappings above it. */
const ROOM_ABOVE = 256 << 20;
/** stack_guard_gap of Linux: a stack does not grow closer than this to the mapping below it. */
export const STACK_GUARD_GAP = 256 * PAGE_SIZE;
/** /proc/sys/vm/max_map_count. */
export const MAX_MAP_COUNT = 65_530;

/** The parts of one address space whose places exec decides. */
export interface SpaceLayout {
  /** First address of the heap: the end of the program's data. */
  readonly brkStart: number;
  readonly stackTop: number;
  /** mmap without a hint searches upwards from here. */
  readonly mmapBase: number;
}

/** What an address space has before exec has loaded anything. */
export const EMPTY_LAYOUT: SpaceLayout = {
  brkStart: MMAP_MIN_ADDRESS,
  stackTop: MMAP_MIN_ADDRESS,
  mmapBase: MMAP_MIN_ADDRESS,
};

/**
 * The layout of a space whose program ends at `programEnd` and whose stack may become `stackLimit` bytes.
 * `freeRoom` finds a place for the stack below a program that was linked near the top; undefined when there is none.
 */
export function layoutFor(
  programEnd: number,
  stackLimit: number,
  freeRoom: (length: number) => number | undefined = () => undefined,
): SpaceLayout | undefined {
  const brkStart = pageCeil(programEnd);
  const stackSpan =
    Math.min(STACK_SPAN_MAX, Math.max(STACK_SPAN_MIN, pageCeil(stackLimit))) + STACK_GUARD_GAP;
  const stackTop = brkStart + BRK_SPAN + stackSpan;
  if (stackTop <= LOW_LIMIT - ROOM_ABOVE) return { brkStart, stackTop, mmapBase: stackTop };
  const room = freeRoom(stackSpan);
  return room === undefined
    ? undefined
    : { brkStart, stackTop: room + stackSpan, mmapBase: MMAP_MIN_ADDRESS };
}

export function pageFloor(address: number): number {
  return address - (address % PAGE_SIZE);
}

/**
 * PAGE_ALIGN(length + offset) of 64 bits: the last lengths wrap around. `offset` is below a page. What is so close to
 * 2⁶⁴ that a number cannot tell it apart counts as -1.
 */
export function pageCeilWrapping(length: number, offset = 0): number {
  const rest = length === 2 ** 64 ? -1 : length % PAGE_SIZE;
  return wrapped(pageFloor(length) + pageCeil(rest + offset));
}

/** A sum of two multiples of the page size, as 64 bits hold it. */
export function wrapped(sum: number): number {
  return sum >= 2 ** 64 ? sum - 2 ** 64 : sum;
}

export function pageCeil(address: number): number {
  return Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;
}
