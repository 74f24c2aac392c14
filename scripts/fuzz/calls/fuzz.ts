// Runs scripts of system calls on the host's kernel and on Rivulet's, compares what they printed, shrinks differences.
// Many scripts share one process of the guest program, which gives each a process and a directory of its own.
// Called by scripts/fuzz-calls.ts and the short run of `npm test`.
import { readFileSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { nodeHost } from '../../../cli/node-host.ts';
import { Machine } from '../../../machine/machine.ts';
import { listGuestPrograms } from '../../guests/catalogue.ts';
import { binaryOf, compileAll, compilerRelease } from '../../guests/compile.ts';
import { type Outcome, run } from '../../setup/command.ts';
import { type Family, type Script, scriptText } from './family.ts';
import { shrinkScript } from './shrink.ts';

const PROGRAM = 'fuzz/call-script';
const BATCH = 250;
const TIMEOUT_MS = 120_000;

export interface FuzzOptions {
  readonly family: Family;
  readonly seed: number;
  readonly count: number;
  /** Stop looking for more after this time. */
  readonly timeMs?: number;
  /** Stop after that many sorts of differences; 10 when absent. */
  readonly most?: number;
  readonly log: (line: string) => void;
}

/** Why a family's scripts cannot be compared here, or undefined; compiles the guest program. */
export async function whyNoFuzz(family: Family): Promise<string | undefined> {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (process.platform !== 'linux' || major < 6 || (major === 6 && minor < 17))
    return 'needs Linux 6.17 or later';
  const program = listGuestPrograms().filter(({ name }) => name === PROGRAM);
  for (const target of ['native', 'riscv64'] as const) {
    if ((await compilerRelease(target)) === undefined) return `needs a C compiler for ${target}`;
    const problems = await compileAll(program, target);
    if (problems.length > 0) return problems.join('\n');
  }
  // The program keeps its scripts from the machine (guest-programs/lib/script-jail.h), or runs none.
  const { status, stdout } = await runOnHost(family, '', prefixOf());
  return status === 0 ? undefined : `needs root and namespaces of its own: ${stdout.trim()}`;
}

/** How many scripts were run, in how many ways they differ, and how many scripts either side does not repeat. */
export interface FuzzOutcome {
  readonly done: number;
  readonly differences: number;
  readonly unsteady: number;
}

export async function fuzzCalls(options: FuzzOptions): Promise<FuzzOutcome> {
  const { family, seed, count, log } = options;
  const end = Date.now() + (options.timeMs ?? Number.POSITIVE_INFINITY);
  const most = options.most ?? 10;
  const seen = new Map<string, number>();
  let [done, unsteady] = [0, 0];
  for (let own = seed; done < count && Date.now() < end && seen.size < most; own++) {
    const batch = fc.sample(family.scripts, {
      seed: own,
      numRuns: Math.min(BATCH, count - done),
      unbiased: true,
    });
    const results = await runBoth(family, batch);
    for (const [index, script] of batch.entries()) {
      const key = results[index]?.difference;
      if (key === undefined || (!seen.has(key) && seen.size >= most)) continue;
      const times = seen.get(key) ?? 0;
      if (times > 0 || (await report(family, script, `--seed ${own} --path ${index}`, log)))
        seen.set(key, times + 1);
      else unsteady++;
    }
    done += batch.length;
  }
  if (seen.size > 1) for (const [key, times] of seen) log(`${times} times ${key}`);
  return { done, differences: seen.size, unsteady };
}

/** Runs one script of a seed again and shows what differs; true when something does. */
export async function repeatScript(
  options: { family: Family; seed: number; index: number },
  log: (line: string) => void,
): Promise<boolean> {
  const { family, seed, index } = options;
  const script = fc.sample(family.scripts, { seed, numRuns: index + 1, unbiased: true })[index] ?? [];
  const isReported = await report(family, script, `--seed ${seed} --path ${index}`, log);
  if (!isReported) await compareScript(family, script, log);
  return isReported;
}

/** Runs one script and shows what differs; true when something does. */
export async function compareScript(
  family: Family,
  script: Script,
  log: (line: string) => void,
): Promise<boolean> {
  const [result] = await runBoth(family, [script]);
  if (result === undefined) return false;
  log(sideBySide(script, result));
  return result.difference !== undefined;
}

/** Shrinks and shows a script that differs; false when it does not, or when Linux itself does not repeat it. */
async function report(
  family: Family,
  script: Script,
  place: string,
  log: (line: string) => void,
): Promise<boolean> {
  if (!(await isSteady(family, script))) return false;
  const small = await shrinkScript(script, async (candidates) =>
    (await runBoth(family, candidates)).map(({ difference }) => difference !== undefined),
  );
  const isSmallSteady = await isSteady(family, small);
  // Shrinking takes time, after which a host that was busy may do again what it always does.
  if (!isSmallSteady && !(await isSteady(family, script))) return false;
  log(`difference: npm run fuzz:calls -- --family ${family.name} ${place}`);
  await compareScript(family, isSmallSteady ? small : script, log);
  return true;
}

/** Whether a script by itself differs, and gives the same each time on Linux. */
async function isSteady(family: Family, script: Script): Promise<boolean> {
  const [first] = await runBoth(family, [script]);
  if (first?.difference === undefined) return false;
  for (let round = 0; round < 2; round++) {
    const [again] = await runBoth(family, [script]);
    if (again?.theirs !== first.theirs || again.ours !== first.ours) return false;
  }
  return true;
}

interface Result {
  readonly ours: string;
  readonly theirs: string;
  /** What the two differ in first: the call and what both gave; undefined when they are the same. */
  readonly difference: string | undefined;
}

async function runBoth(family: Family, batch: readonly Script[]): Promise<Result[]> {
  const prefix = prefixOf();
  const text = batch.map(scriptText).join('');
  const [here, there] = await Promise.all([runHere(family, text, prefix), runOnHost(family, text, prefix)]);
  const [ours, theirs] = [split(here), split(there.stdout)];
  return batch.map((_, index) => resultOf(ours[index] ?? '', theirs[index] ?? ''));
}

/** A script that printed nothing on either side was not run, and proves nothing. */
function resultOf(ours: string, theirs: string): Result {
  if (ours === theirs) return { ours, theirs, difference: ours === '' ? 'nothing was run' : undefined };
  const [mine, linux] = [ours.split('\n'), theirs.split('\n')];
  const at = linux.findIndex((line, index) => line !== mine[index]);
  const [here, there] = [mine, linux].map((lines) => (lines[at] ?? '').split(' '));
  const [, call = ''] = there ?? [];
  return { ours, theirs, difference: `${call}: ${there?.[2]} on Linux, ${here?.[2]} here` };
}

let runs = 0;

/** The same on both sides, because names and their lengths are compared; of this process and run, to be free on the host. */
function prefixOf(): string {
  return `rv${process.pid.toString(36).padStart(6, '0')}${(runs++).toString(36).padStart(5, '0')}`;
}

async function runOnHost(family: Family, text: string, prefix: string): Promise<Outcome> {
  try {
    const binary = resolve(binaryOf(PROGRAM, 'native'));
    return await run(binary, [prefix, family.name], {
      stdin: text,
      timeoutMs: TIMEOUT_MS,
      encoding: 'latin1',
    });
  } finally {
    rmSync(`/dev/shm/${prefix}`, { recursive: true, force: true });
  }
}

async function runHere(family: Family, text: string, prefix: string): Promise<string> {
  const machine = new Machine({ host: nodeHost(), seed: 1, timeoutMs: TIMEOUT_MS, virtualTime: true });
  const bytes = readFileSync(binaryOf(PROGRAM, 'riscv64'));
  const guest = machine.spawn({
    path: '/call-script',
    bytes,
    argv: ['call-script', prefix, family.name],
    stdin: 'pipe',
  });
  guest.write(Buffer.from(text));
  guest.end();
  await guest.wait();
  return Buffer.from(guest.output).toString('latin1');
}

function split(output: string): string[] {
  return output.split(/^= \d+\n/m).slice(1);
}

function sideBySide(script: Script, { ours, theirs }: Result): string {
  const [here, there] = [ours.split('\n'), theirs.split('\n')];
  const lines = Array.from({ length: Math.max(here.length, there.length) }, (_, index) => {
    const [line, mine, linux] = [script[index] ?? '', here[index] ?? '', there[index] ?? ''];
    if (mine !== linux) return [`! ${line}`, `    linux:   ${linux}`, `    rivulet: ${mine}`];
    return line === '' && mine === '' ? [] : [`  ${line}  ->  ${mine}`];
  });
  return lines.flat().join('\n');
}
