// Exceptions of the running instruction that are not system calls: page faults first to the mm, the rest as signals.
// The kernel's loop calls it with the hart's trap cause; pc is the instruction that trapped.
// arch/riscv/kernel/traps.c says which signal and code each cause becomes.
import { TrapCause } from '../../emulator/cpu/trap.ts';
import {
  BUS_ADRALN,
  ILL_ILLOPC,
  SIG_DFL,
  SIG_IGN,
  SIGBUS,
  SIGILL,
  SIGTRAP,
  TRAP_BRKPT,
} from '../abi/signal.ts';
import { late } from '../late.ts';
import { isTraced } from '../ptrace/tracee.ts';
import { forceSignal } from './send-signal.ts';
import type { SignalInfo } from './signal-info.ts';
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
      const exact = info.addr === undefined ? info : { ...info, addr: trapAddressBig };
      raise(thread, exact, cause, trapAddressBig);
      return;
    }
    case TrapCause.Breakpoint:
      forceSignal(thread, { signo: SIGTRAP, code: TRAP_BRKPT, addr: hart.pc });
      return;
    case TrapCause.IllegalInstruction:
      raise(thread, { signo: SIGILL, code: ILL_ILLOPC, addr: hart.pc }, cause, 0n);
      return;
    case TrapCause.MisalignedFetch:
    case TrapCause.MisalignedAmo:
      raise(thread, { signo: SIGBUS, code: BUS_ADRALN, addr: hart.pc }, cause, hart.pcBig);
      return;
    default:
      return; // ecall, tick budget and single step are the loop's own business
  }
}

/** do_trap: a fault that nobody handles is told of in the kernel's log. */
function raise(thread: Thread, info: SignalInfo, cause: TrapCause, badAddress: bigint): void {
  if (isUnhandled(thread, info.signo)) late.tellUnhandled(thread, info, cause, badAddress);
  forceSignal(thread, info);
}

/** unhandled_signal (kernel/signal.c). */
function isUnhandled(thread: Thread, signo: number): boolean {
  const { handler } = thread.process.signals.actions.get(signo);
  if (handler !== SIG_DFL && handler !== SIG_IGN) return false;
  return thread.process.signals.fatal === undefined && !isTraced(thread);
}
