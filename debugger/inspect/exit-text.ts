// How a process ended, in words: from the status that wait(2) returns.
// The debugger's notices and `info processes` use it.
import { signalName } from '../../kernel/abi/kinds/signal-text.ts';

const CORE_DUMPED = 0x80;

/** `exited with 3`, `killed by SIGSEGV (core dumped)`. */
export function waitStatusText(status: number): string {
  const signo = status & 0x7f;
  if (signo === 0) return `exited with ${(status >> 8) & 0xff}`;
  return `killed by ${signalName(signo)}${(status & CORE_DUMPED) === 0 ? '' : ' (core dumped)'}`;
}
