// The end of a process that touches more memory than the machine has (Linux's OOM killer, without the choice).
// Faults of the CPU send the SIGKILL themselves; for copyin and copyout it is sent here.

import { SIGKILL } from '../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import { sendToProcess } from '../task/send-signal.ts';
import { kernelSignal } from '../task/signal-info.ts';

/** Tells the person, once. */
export function warnOfMemory(kernel: Kernel, what: string): void {
  const mebibytes = Math.floor(kernel.options.memoryLimit / 0x10_0000);
  kernel.warnOnce(`out of memory: ${what}; all processes together may use ${mebibytes} MiB, see --memory`);
}

/** Tells the person, and kills the process when `kill` says so. */
export function reportOutOfMemory(kernel: Kernel, process: Process, kill = false): void {
  const name = process.leader?.name ?? '';
  warnOfMemory(kernel, `killed process ${process.pid} (${name})`);
  kernel.log.say(3, `Out of memory: Killed process ${process.pid} (${name})`);
  if (kill) sendToProcess(process, kernelSignal(SIGKILL));
}
