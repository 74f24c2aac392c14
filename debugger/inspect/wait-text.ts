// The wait graph as lines: each sleeper with what it waits for, and rings of them, which are deadlocks.
// `info wait` prints it, and every stop where nothing can go on.
// Times are those of the machine's own clock.
import type { Kernel } from '../../kernel/kernel.ts';
import type { Symbols } from '../symbols.ts';
import { cycleText, reasonText, threadName, waitGraph } from './wait-graph.ts';

export function waitLines(kernel: Kernel, symbols: Symbols): string[] {
  const { sleepers, cycles } = waitGraph(kernel, symbols);
  const lines = sleepers.map(({ thread, reasons, untilNs }) => {
    const call = thread.call?.syscall.name ?? 'a call';
    const what = reasons.map(reasonText).join('; or ');
    const until =
      untilNs === undefined
        ? ''
        : `${what === '' ? '' : '; or '}until ${secondsText(untilNs - kernel.clock.monotonicNs())} from now`;
    return `${threadName(thread)} sleeps in ${call}: waits for ${what}${until}`;
  });
  if (lines.length === 0) lines.push('No thread sleeps.');
  for (const cycle of cycles) lines.push(`Deadlock: ${cycleText(cycle)}.`);
  return lines;
}

function secondsText(ns: number): string {
  return `${(Math.max(ns, 0) / 1e9).toFixed(6).replace(/0+$/, '').replace(/\.$/, '')} s`;
}
