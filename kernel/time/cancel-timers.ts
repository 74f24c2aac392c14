// Ending a process's timers: at exit all of them, at execve the POSIX ones (timer_create(2), execve(2)).
// kernel/task/exit.ts and exec call it.
// A cancelled timer never fires; its queued signal, if any, stays pending.
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import type { Process } from '../task/process.ts';

export function cancelTimers(kernel: Kernel, process: Process): void {
  for (const interval of process.timers.intervals)
    if (interval !== undefined) late.timers.disarmInterval(kernel, interval);
  cancelPosixTimers(kernel, process);
  if (process.timers.cpu !== undefined) process.timers.cpu = undefined; // not for nothing: docs/decisions/0025
}

export function cancelPosixTimers(kernel: Kernel, process: Process): void {
  for (const timer of process.timers.posix.values()) late.timers.dropPosix(kernel, timer);
}
