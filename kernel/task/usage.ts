// What a thread has cost besides time (getrusage(2)): page faults, and how often it gave the processor away or lost it.
// The fault path and the scheduler count on the thread; exit.ts and reap.ts add it to what has ended.
import type { Process } from './process.ts';

export interface Usage {
  /** Faults that needed no reading; others there are none, since files are in memory. */
  minorFaults: number;
  voluntarySwitches: number;
  involuntarySwitches: number;
}

export function noUsage(): Usage {
  return { minorFaults: 0, voluntarySwitches: 0, involuntarySwitches: 0 };
}

export function addUsage(sum: Usage, more: Usage): void {
  sum.minorFaults += more.minorFaults;
  sum.voluntarySwitches += more.voluntarySwitches;
  sum.involuntarySwitches += more.involuntarySwitches;
}

/** All threads, the ended ones too. */
export function processUsage({ endedUsage, threads }: Process): Usage {
  const sum = { ...endedUsage };
  for (const { usage } of threads.values()) addUsage(sum, usage);
  return sum;
}
