// Makes a script that differs smaller: leaves out lines, as many at once as the difference survives.
// Called by fuzz.ts, which runs all candidates of a round in one process.
import type { Script } from './family.ts';

/** Which of these scripts still show the difference. */
export type Differing = (candidates: readonly Script[]) => Promise<readonly boolean[]>;

const ROUNDS = 60;

export async function shrinkScript(script: Script, differing: Differing): Promise<Script> {
  let smallest = script;
  let size = Math.max(1, script.length >> 1);
  for (let round = 0; round < ROUNDS && smallest.length > 1; round++) {
    const candidates = withoutLines(smallest, size);
    const differs = await differing(candidates);
    const found = candidates.find((_, index) => differs[index]);
    if (found !== undefined) smallest = found;
    else if (size === 1) break;
    else size >>= 1;
    size = Math.min(size, Math.max(1, smallest.length >> 1));
  }
  return smallest;
}

/** The script without `size` lines at each place, the later ones first: they are the least likely to matter. */
function withoutLines(script: Script, size: number): Script[] {
  const starts = Array.from({ length: Math.ceil(script.length / size) }, (_, index) => index * size);
  return starts.reverse().map((start) => [...script.slice(0, start), ...script.slice(start + size)]);
}
