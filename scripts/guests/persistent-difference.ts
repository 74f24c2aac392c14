// What differs between a golden and every one of several runs, on a host whose other work comes in between what a
// program does and what it looks at: each run then misses lines of its own, while a real difference stays in all.
import { diffLines } from '../../cli/testing/diff.ts';

/** How often a program runs before what still differs counts. */
export const MOST_RUNS = 5;

/** The lines that `seen` lacks or has too much, each with its place in `golden`: comparable between runs. */
function differingLines(golden: string, seen: string): Set<string> {
  const found = new Set<string>();
  let number = 1;
  for (const { kind, line } of diffLines(golden.split('\n'), seen.split('\n'))) {
    if (kind !== 'same') found.add(`${kind} at line ${number}: ${line}`);
    if (kind !== 'added') number++;
  }
  return found;
}

/**
 * What differs in every run, empty as soon as nothing does; runs at most `MOST_RUNS` times.
 * Lines that differ only here and there are no difference, but two texts of the same lines in another order are one.
 */
export async function persistentDifference(golden: string, run: () => Promise<string>): Promise<string[]> {
  let left: Set<string> | undefined;
  for (let round = 0; round < MOST_RUNS; round++) {
    const now = differingLines(golden, await run());
    left = left === undefined ? now : new Set([...left].filter((line) => now.has(line)));
    if (left.size === 0) break;
  }
  return [...(left ?? [])];
}
