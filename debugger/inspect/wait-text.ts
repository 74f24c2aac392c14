// The wait graph as lines: each sleeper with what it waits for, and rings of them, which are deadlocks.
// `info wait` prints it, and every stop where nothing can go on.
// Times are those of the machine's own clock.
import type { Kernel } from '../../kernel/kernel.ts';
import type { Symbols } from '../symbols.ts';
import { cycleText, reasonText, type Sleeper, threadName, waitGraph } from './wait-graph.ts';

export function waitLines(kernel: Kernel, symbols: Symbols): string[] {
  const { sleepers, cycles } = waitGraph(kernel, symbols);
  const lines = sleepers.map((sleeper) => `${threadName(sleeper.thread)} ${sleepText(sleeper, kernel)}`);
  if (lines.length === 0) lines.push('No thread sleeps.');
  for (const cycle of cycles) lines.push(`Deadlock: ${cycleText(cycle)}.`);
  return lines;
}

/** `sleeps in read: waits for data on fd 3 (…), which is up to pid 4`. */
export function sleepText({ thread, reasons, untilNs }: Sleeper, kernel: Kernel): string {
  const call = thread.call?.syscall.name ?? 'a call';
  const what = reasons.map(reasonText);
  if (untilNs !== undefined) what.push(`until ${secondsText(untilNs - kernel.clock.monotonicNs())} from now`);
  return `sleeps in ${call}: waits for ${what.join('; or ')}`;
}

function secondsText(ns: number): string {
  return `${(Math.max(ns, 0) / 1e9).toFixed(6).replace(/0+$/, '').replace(/\.$/, '')} s`;
}
