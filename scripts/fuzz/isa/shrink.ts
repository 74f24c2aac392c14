// Makes a case that differs smaller while it still differs: fewer items, simpler registers.
// Called by the fuzzer for each difference; a round of candidates runs as one program.
// The end of the case and the functions' returns stay, so that every candidate ends.
import type { Case } from './case.ts';
import { CASE_RESULT_SIZE } from './layout.ts';
import { writeProgram } from './program.ts';
import { compareCase, type Difference } from './records.ts';
import { runTiers } from './tiers.ts';

const MOST_ROUNDS = 60;
const TIMEOUT_MS = 10_000;

export interface Shrunk {
  readonly smallest: Case;
  /** undefined: alone, even the original does not differ. */
  readonly difference: Difference | undefined;
}

/** The smallest case found that still differs somehow. */
export async function shrink(original: Case): Promise<Shrunk> {
  let smallest = original;
  let difference = (await differences([original]))[0];
  if (difference === undefined) return { smallest, difference };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const candidates = simpler(smallest);
    if (candidates.length === 0) break;
    const found = await differences(candidates);
    const first = found.findIndex((outcome) => outcome !== undefined);
    if (first < 0) break;
    smallest = candidates[first] ?? smallest;
    difference = found[first];
  }
  return { smallest, difference };
}

/** For each case, how it differs; when the program breaks down, one by one. */
async function differences(cases: readonly Case[]): Promise<(Difference | undefined)[]> {
  const results = await runTiers(writeProgram(cases), TIMEOUT_MS);
  const complete = Object.values(results).every(
    ({ bytes }) => bytes.length >= cases.length * CASE_RESULT_SIZE,
  );
  if (complete) return cases.map((_, index) => compareCase(results, index));
  if (cases.length === 1) return [undefined];
  const half = cases.length >> 1;
  return [...(await differences(cases.slice(0, half))), ...(await differences(cases.slice(half)))];
}

/** Candidates, the boldest first. */
function simpler(test: Case): Case[] {
  const candidates: Case[] = [];
  const { items, endId } = test;
  const mayGo = items.filter(({ id }) => id < endId || items.some((other) => other.id === id + 1));
  for (let size = mayGo.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from + size <= mayGo.length; from += size) {
      const gone = new Set(mayGo.slice(from, from + size));
      candidates.push({ ...test, items: items.filter((item) => !gone.has(item)) });
    }
  }
  const used = (values: readonly bigint[]) => [...values.keys()].filter((n) => values[n] !== 0n);
  const without = (values: readonly bigint[], numbers: readonly number[]) =>
    values.map((value, n) => (numbers.includes(n) ? 0n : value));
  for (const file of ['x', 'f'] as const) {
    const numbers = used(test[file]);
    for (let size = numbers.length; size >= 1; size >>= 1) {
      for (let from = 0; from + size <= numbers.length; from += size) {
        candidates.push({ ...test, [file]: without(test[file], numbers.slice(from, from + size)) });
      }
    }
  }
  if (test.skew !== 0) candidates.push({ ...test, skew: 0 });
  if (test.exit === 'jump') candidates.push({ ...test, exit: 'breakpoint' });
  if (test.fcsr !== 0) candidates.push({ ...test, fcsr: 0 }, { ...test, fcsr: test.fcsr & 0xe0 });
  return candidates;
}
