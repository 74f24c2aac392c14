// A run that is watched: --stats, --leaks, a schedule to its standstill, and what trace and record attach.
// main.ts, trace.ts and record.ts call it; run-guest.ts does the running.
import { standstillLines } from '../debugger/explore/standstill.ts';
import type { Machine } from '../machine/machine.ts';
import { complain } from './failure.ts';
import { attachLeaks, type LeakReport } from './leaks.ts';
import { type GuestOptions, runGuest } from './run-guest.ts';
import type { RunSettings } from './run-options.ts';
import { attachStats } from './stats.ts';

export interface SessionOptions extends Omit<GuestOptions, 'onIdle'> {
  /** With a schedule: all sleep and nothing will wake them. They are killed afterwards. */
  readonly onStandstill?: () => void;
}

/** What a shell says of a program that SIGKILL ended. */
export const STATUS_KILLED = 128 + 9;

/** Runs `program` with `args` to its end and returns the status for the shell. */
export function runSession(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  options: SessionOptions = {},
): Promise<number> {
  let leaks: LeakReport | undefined;
  return runGuest(program, args, settings, {
    ...options,
    prepare: (machine) => {
      const finish = options.prepare?.(machine);
      const stats = settings.stats ? attachStats(machine) : undefined;
      leaks = settings.leaks ? attachLeaks(machine) : undefined;
      return () => {
        finish?.();
        leaks?.print();
        stats?.();
      };
    },
    beforeRun: (machine, guest) => {
      leaks?.load(guest);
      options.beforeRun?.(machine, guest);
    },
    onIdle: (machine) => endStandstill(machine, options),
  });
}

/** A repeated run gets nothing from outside: when all sleep and no timer runs, it is over. */
function endStandstill(machine: Machine, options: SessionOptions): void {
  const { kernel } = machine;
  if (kernel.scheduler.runnableCount > 0 || kernel.timers.nextNs !== undefined) return;
  options.onStandstill?.();
  complain('every thread sleeps, nothing will wake them; they are killed');
  for (const line of standstillLines(kernel)) complain(line);
  machine.killAll();
}
