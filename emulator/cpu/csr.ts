// The control and status registers that a user program may touch: floating-point status and counters.
// Called for csrrw and kin when cpu/step.ts executes one of them; generated code leaves for it.
// Counters derive from ticks, so that they are the same in every run. Source: unprivileged ISA, 6, 7 and 20.2.
import type { CsrAction } from '../isa/semantics/backend.ts';
import type { Hart } from './hart.ts';

const Csr = { FFLAGS: 0x001, FRM: 0x002, FCSR: 0x003, CYCLE: 0xc00, TIME: 0xc01, INSTRET: 0xc02 } as const;
const FFLAGS_MASK = 0x1f;
const FRM_MASK = 7;
const FRM_SHIFT = 5;
const FCSR_MASK = 0xff;

/** What the counters read at this moment. */
export interface CounterSource {
  readonly ticks: number;
  time(): bigint;
}

/** Reads and perhaps writes a CSR; null when it does not exist or may not be written. */
export function accessCsr(
  hart: Hart,
  counters: CounterSource,
  action: CsrAction,
  number: number,
  operand: bigint,
  writes: boolean,
): bigint | null {
  const old = readCsr(hart, counters, number);
  if (old === null || !writes) return old;
  const value = Number(BigInt.asUintN(32, modified(action, old, operand)));
  switch (number) {
    case Csr.FFLAGS:
      hart.fcsr = (hart.fcsr & ~FFLAGS_MASK) | (value & FFLAGS_MASK);
      return old;
    case Csr.FRM:
      hart.fcsr = (hart.fcsr & FFLAGS_MASK) | ((value & FRM_MASK) << FRM_SHIFT);
      return old;
    case Csr.FCSR:
      hart.fcsr = value & FCSR_MASK;
      return old;
    default:
      return null;
  }
}

function readCsr(hart: Hart, counters: CounterSource, number: number): bigint | null {
  switch (number) {
    case Csr.FFLAGS:
      return BigInt(hart.fcsr & FFLAGS_MASK);
    case Csr.FRM:
      return BigInt(hart.fcsr >> FRM_SHIFT);
    case Csr.FCSR:
      return BigInt(hart.fcsr);
    case Csr.CYCLE:
    case Csr.INSTRET:
      return BigInt(counters.ticks);
    case Csr.TIME:
      return BigInt.asUintN(64, counters.time());
    default:
      return null;
  }
}

function modified(action: CsrAction, old: bigint, operand: bigint): bigint {
  if (action === 'write') return operand;
  return action === 'set' ? old | operand : old & ~operand;
}
