// Why a hart stopped, as the kernel sees it.
// Called by the kernel after Cpu.run and Cpu.step; the causes are the ISA's exceptions plus two of our own.
// Registers and pc are exact at every cause; pc is the faulting instruction unless said otherwise.

/** RISC-V privileged ISA, table of mcause values; our names, since the kernel maps them to signals. */
export const TrapCause = {
  /** pc is the ecall; the kernel adds 4. */
  Ecall: 1,
  Breakpoint: 2,
  IllegalInstruction: 3,
  /** trapAddress is the halfword that could not be fetched: it may be on the page after pc. */
  FetchFault: 4,
  LoadFault: 5,
  /** Stores, SC and AMOs. */
  StoreFault: 6,
  /** Only after a jump to an odd address, which the ISA's jalr cannot make: kept for debuggers that set pc. */
  MisalignedFetch: 7,
  /** LR, SC and AMO must be naturally aligned; plain loads and stores need not. */
  MisalignedAmo: 8,
  /** The budget ran out at a tick; pc is the transfer's target. */
  TickBudget: 9,
  /** Cpu.step did its instruction. */
  Stepped: 10,
} as const;

export type TrapCause = (typeof TrapCause)[keyof typeof TrapCause];
