// A predecoded instruction as the interpreter reads it, and the numbers of its operations.
// Called by cpu/decode-cache.ts, which writes records, and cpu/interpreter.ts, which emits their reader.
// A record is 16 bytes; register fields are byte offsets into the hart's state, so no scaling is left to do.
import { COMPRESSIBLE } from '../isa/compressed.ts';
import { ENCODINGS, type Encoding } from '../isa/encodings.ts';
import { SLOT_SIZE } from '../memory/layout.ts';

/** Byte offsets within a record. */
export const Field = {
  /** u16: number of the operation. */
  OPCODE: 0,
  /** u16 */
  RD: 2,
  /** u16 */
  RS1: 4,
  /** u16 */
  RS2: 6,
  /** i32: immediate; for a transfer within the page, the distance between records. */
  IMMEDIATE: 8,
  /** u16, in place of the immediate. */
  RS3: 8,
  /** u16, in place of the immediate. */
  ROUNDING: 10,
  /** u16: counts down to a hot exit; in a region's record, the number of the region's entry. */
  HEAT: 14,
} as const;

/** In a slot, behind the operation of its last record: a byte that is 1 when its page was looked up since it was cleared. */
export const SLOT_USED = SLOT_SIZE - 8;

/** Operations that are no instructions. */
export const Internal = {
  /** Nothing is known: the decode cache is asked. */
  UNDECODED: 0,
  ILLEGAL: 1,
  /** After the last record of a page. */
  NEXT_PAGE: 2,
  /** A compiled region starts here. */
  REGION: 3,
  /** One for cpu/step.ts, after a look: a transfer to an address that is no 32-bit number, or a breakpoint. */
  ALONE: 4,
} as const;
export const INTERNAL_COUNT = 5;

/** How a transfer's target relates to it: only a backward one ticks, only one within the page is quick. */
export type Reach = 'near-forward' | 'near-backward' | 'far-forward' | 'far-backward';
export const REACHES: readonly Reach[] = ['near-forward', 'near-backward', 'far-forward', 'far-backward'];

export interface Operation {
  readonly name: string;
  readonly reach: Reach | null;
  /** The instruction rounds in a static mode other than to-nearest. */
  readonly directed: boolean;
  /** Known here, so that the next record's address does not wait for a load. */
  readonly length: 2 | 4;
}

/** In the order of their numbers, which start at INTERNAL_COUNT. For the emitter: decoding needs the numbers alone. */
export function listOperations(): Operation[] {
  const list: Operation[] = [];
  for (const { name, transfers, rounds } of ENCODINGS) {
    for (const length of COMPRESSIBLE.has(name) ? ([4, 2] as const) : ([4] as const)) {
      if (transfers) for (const reach of REACHES) list.push({ name, reach, directed: false, length });
      else list.push({ name, reach: null, directed: false, length });
      if (rounds) list.push({ name, reach: null, directed: true, length });
    }
  }
  return list;
}

/** By encoding, the number of the first of its operations. */
const firstNumbers: number[] = [];
/** The number of the first pair, see cpu/fused-pairs.ts. */
export const FIRST_FUSED: number = numberEncodings(firstNumbers);

function numberEncodings(first: number[]): number {
  let next = INTERNAL_COUNT;
  for (const { name, transfers, rounds } of ENCODINGS) {
    first.push(next);
    const forms = (transfers ? REACHES.length : 1) + (rounds ? 1 : 0);
    next += COMPRESSIBLE.has(name) ? 2 * forms : forms;
  }
  return next;
}

/** `variant` is an index into REACHES, or 1 for directed rounding, else 0. */
export function operationNumber(encoding: Encoding, variant: number, length: 2 | 4): number {
  const first = firstNumbers[encoding.index] as number;
  return length === 4 ? first + variant : first + variant + (encoding.transfers ? REACHES.length : 1);
}

/** Why the interpreter came back, besides TrapCause: the emulator's own business. */
export const InternalReason = {
  /** No record at pc. */
  Decode: 100,
  /** The record at pc was reached often. */
  Hot: 101,
  /** The instruction at pc is one for cpu/step.ts. */
  Alone: 102,
  /** A region gives up at pc: the instruction there goes to the interpreter. */
  Interpret: 103,
} as const;
