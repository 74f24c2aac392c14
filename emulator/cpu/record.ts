// A predecoded instruction as the interpreter reads it, and the numbers of its operations.
// Called by cpu/decode-cache.ts, which writes records, and cpu/interpreter.ts, which emits their reader.
// A record is 16 bytes; register fields are byte offsets into the hart's state, so no scaling is left to do.
import { COMPRESSIBLE } from '../isa/compressed.ts';
import { ENCODINGS, type Encoding } from '../isa/encodings.ts';

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
const INTERNAL_COUNT = 5;

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

/** In the order of their numbers, which start at INTERNAL_COUNT. */
export const OPERATIONS: readonly Operation[] = [];
/** By encoding, then in the order in which its operations are listed. */
const numbers: readonly (readonly number[])[] = ENCODINGS.map(listOperations);
export const OPERATION_COUNT = INTERNAL_COUNT + OPERATIONS.length;

/** Adds the encoding's operations to OPERATIONS and returns their numbers. */
function listOperations({ name, transfers, rounds }: Encoding): number[] {
  const own: number[] = [];
  const add = (reach: Reach | null, directed: boolean, length: 2 | 4): void => {
    own.push((OPERATIONS as Operation[]).push({ name, reach, directed, length }) - 1 + INTERNAL_COUNT);
  };
  const addAll = (length: 2 | 4): void => {
    if (transfers) for (const reach of REACHES) add(reach, false, length);
    else add(null, false, length);
    if (rounds) add(null, true, length);
  };
  addAll(4);
  if (COMPRESSIBLE.has(name)) addAll(2);
  return own;
}

/** `variant` is an index into REACHES, or 1 for directed rounding, else 0. */
export function operationNumber(encoding: Encoding, variant: number, length: 2 | 4): number {
  const index = length === 4 ? variant : variant + (encoding.transfers ? REACHES.length : 1);
  return numbers[encoding.index]?.[index] ?? Internal.ILLEGAL;
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
