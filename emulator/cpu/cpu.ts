// The processor: runs harts in address spaces and says why they stopped.
// Called by the kernel, one per machine; everything below it is generated code and its tables.
// Nothing here is global: two machines share no state.
import { GuestMemory } from '../memory/guest-memory.ts';
import type { Hart } from './hart.ts';
import { TrapCause } from './trap.ts';

export interface CpuOptions {
  /** The `time` CSR, in the unit the kernel told programs about. */
  readonly time?: (hart: Hart) => bigint;
}

export class Cpu {
  /** The faulting guest address after a fault; exact below 2^53. */
  trapAddress = 0;
  trapAddressBig = 0n;
  /** Ticks that the last run used. */
  ticksUsed = 0;

  constructor(_options: CpuOptions = {}) {}

  createMemory(): GuestMemory {
    return new GuestMemory();
  }

  /** Runs until a trap; see TrapCause. */
  run(_hart: Hart, _memory: GuestMemory, _tickBudget: number): TrapCause {
    return TrapCause.IllegalInstruction;
  }

  /** Executes exactly one instruction: Stepped, or the trap it raised. */
  step(_hart: Hart, _memory: GuestMemory): TrapCause {
    return TrapCause.IllegalInstruction;
  }
}
