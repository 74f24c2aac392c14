// Exceptions of the running instruction that are not system calls: page faults first to the mm, the rest as signals.
// The kernel's loop calls it with the hart's trap cause; pc is the instruction that trapped.
// arch/riscv/kernel/traps.c says which signal and code each cause becomes.
import { TrapCause } from '../../emulator/cpu/trap.ts';
import { BUS_ADRALN, ILL_ILLOPC, SIGBUS, SIGILL, SIGTRAP, TRAP_BRKPT } from '../abi/signal.ts';
import { forceSignal } from './send-signal.ts';
import type { Thread } from './thread.ts';

/** Resolves the trap, or forces the signal that it means. */
export function handleTrap(thread: Thread, cause: TrapCause): void {
  const { kernel, hart } = thread;
  switch (cause) {
    case TrapCause.FetchFault:
    case TrapCause.LoadFault:
    case TrapCause.StoreFault: {
      const { trapAddress, trapAddressBig } = kernel.cpu;
      const info = thread.mm.handleFault(thread, cause, trapAddress);
      if (info === undefined) return;
      // As a number, an address at the top of the 64 bits is not exact.
      forceSignal(thread, info.addr === undefined ? info : { ...info, addr: trapAddressBig });
      return;
    }
    case TrapCause.Breakpoint:
      forceSignal(thread, { signo: SIGTRAP, code: TRAP_BRKPT, addr: hart.pc });
      return;
    case TrapCause.IllegalInstruction:
      forceSignal(thread, { signo: SIGILL, code: ILL_ILLOPC, addr: hart.pc });
      return;
    case TrapCause.MisalignedFetch:
    case TrapCause.MisalignedAmo:
      forceSignal(thread, { signo: SIGBUS, code: BUS_ADRALN, addr: hart.pc });
      return;
    default:
      return; // ecall, tick budget and single step are the loop's own business
  }
}
