// Why a region function returned, as it leaves it in REGION_REASON.
// Written by generated code; read by callers in generated code (0 or not) and by the interpreter's region handler.
import { InternalReason } from '../cpu/record.ts';
import { TrapCause } from '../cpu/trap.ts';

export const RegionReason = {
  /** Go on at the returned pc: a return, a jump out, an instruction for the interpreter. */
  Continue: 0,
  /** The instruction at the returned pc must be interpreted, even when a region begins there. */
  Interpret: InternalReason.Interpret,
  /** The budget ran out at a tick that led to the returned pc. */
  Budget: TrapCause.TickBudget,
} as const;

export type RegionReason = (typeof RegionReason)[keyof typeof RegionReason];
