// The fuzzer's loop: batches of cases through all tiers, differences shrunk and reported.
// Called by scripts/fuzz-isa.ts and, with a short run, by the tests.
// Case N of seed S does not depend on the batch it runs in.
import type { Case } from './case.ts';
import { generateCase } from './generate.ts';
import { CASE_RESULT_SIZE, WINDOW_SIZE } from './layout.ts';
import { writeProgram } from './program.ts';
import { compareCase, type Difference, outcomeOf, suspects } from './records.ts';
import { reportCase } from './report.ts';
import { shrink } from './shrink.ts';
import { type Results, runTiers } from './tiers.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** The first case. */
  readonly from: number;
  readonly count: number;
  readonly batch: number;
  readonly log: (line: string) => void;
}

export interface Tally {
  readonly cases: number;
  readonly differences: number;
  /** How the cases' first passes ended, how often. */
  readonly outcomes: readonly (readonly [name: string, times: number])[];
}

/** After so many differences there is no point in going on. */
export const MOST_DIFFERENCES = 10;
const PROGRESS_MS = 30_000;

/** Runs `count` cases of a seed. */
export async function fuzz({ seed, from, count, batch, log }: FuzzOptions): Promise<Tally> {
  const started = Date.now();
  let shown = started;
  let differences = 0;
  const outcomes = new Map<string, number>();
  let done = 0;
  while (done < count && differences < MOST_DIFFERENCES) {
    const size = Math.min(batch, count - done);
    const first = from + done;
    const name = `cases ${first} to ${first + size - 1} of seed ${seed}`;
    const cases = Array.from({ length: size }, (_, i) => generateCase(seed, first + i));
    const results = await runTiers(writeProgram(cases));
    const broken = brokenDown(results, size);
    if (broken !== '' && size > 1) {
      // Some case destroyed the runner: alone, the others still count.
      for (const [start, length] of halves(first, size)) {
        const part = await fuzz({ seed, from: start, count: length, batch: length, log });
        differences += part.differences;
        for (const [outcome, times] of part.outcomes)
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + times);
      }
      done += size;
      continue;
    }
    if (broken !== '') {
      const isSame = sameBytes(results);
      if (!isSame) log(`${name}: ${broken}`);
      return { cases: 1, differences: isSame ? 0 : 1, outcomes: [['runner destroyed', 1]] };
    }
    const found = suspects(results, size).flatMap((index) => {
      const difference = compareCase(results, index);
      return difference === undefined ? [] : [{ index, difference }];
    });
    for (const { index, difference } of found.slice(0, MOST_DIFFERENCES - differences)) {
      await reportDifference(cases[index] as Case, difference, seed, first + index, log);
    }
    differences += found.length;
    if (found.length === 0 && !sameWindow(results)) {
      differences++;
      log(`${name}: memory differs outside what each case records`);
    }
    for (let index = 0; index < size; index++) {
      const outcome = outcomeOf(results, index);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    done += size;
    if (Date.now() - shown > PROGRESS_MS) {
      shown = Date.now();
      const seconds = ((shown - started) / 1000).toFixed(0);
      log(`seed ${seed}, from ${from}: ${done} cases, ${differences} differences, ${seconds} s`);
    }
  }
  return { cases: done, differences, outcomes: [...outcomes] };
}

/** Runs one case by itself; gives 1 if the tiers differ about it. */
export async function fuzzOne(seed: number, index: number, log: (line: string) => void): Promise<number> {
  const test = generateCase(seed, index);
  const results = await runTiers(writeProgram([test]));
  const broken = brokenDown(results, 1);
  const difference = broken === '' ? compareCase(results, 0) : undefined;
  if (broken === '' && difference === undefined) {
    log(`case ${index} of seed ${seed}: no difference`);
    log(reportCase(test));
    return 0;
  }
  if (difference === undefined) {
    log(`case ${index} of seed ${seed}: ${broken}`);
    log(reportCase(test));
  } else await reportDifference(test, difference, seed, index, log);
  return 1;
}

async function reportDifference(
  test: Case,
  seen: Difference,
  seed: number,
  index: number,
  log: (line: string) => void,
): Promise<void> {
  const { smallest, difference } = await shrink(test);
  log(`\ncase ${index} of seed ${seed}: npm run fuzz:isa -- --seed ${seed} --case ${index}`);
  if (difference === undefined) log('differs only after the cases before it (--from, --count), not alone:');
  const { pass, tiers, lines } = difference ?? seen;
  log(`pass ${pass}, ${tiers.join(' | ')}:`);
  for (const line of lines.slice(0, 12)) log(`  ${line}`);
  log(reportCase(smallest));
}

/** What a tier said if it did not run the whole program. */
function brokenDown(results: Results, size: number): string {
  const expected = size * CASE_RESULT_SIZE + WINDOW_SIZE;
  return Object.entries(results)
    .filter(([, { bytes, problem }]) => problem !== '' || bytes.length !== expected)
    .map(([name, { bytes, problem }]) => `${name} wrote ${bytes.length} of ${expected} bytes: ${problem}`)
    .join('; ');
}

function halves(first: number, size: number): readonly (readonly [first: number, size: number])[] {
  const half = size >> 1;
  return [
    [first, half],
    [first + half, size - half],
  ];
}

/** All broke down in the same place. */
function sameBytes({ qemu, ...ours }: Results): boolean {
  return Object.values(ours).every(
    ({ bytes, problem }) => problem !== '' && bytes.length === qemu.bytes.length,
  );
}

function sameWindow({ qemu, ...ours }: Results): boolean {
  const theirs = Buffer.from(qemu.bytes.slice(-WINDOW_SIZE));
  return Object.values(ours).every(({ bytes }) => theirs.equals(bytes.slice(-WINDOW_SIZE)));
}
