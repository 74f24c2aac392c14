// Runs scripts of socket calls on the host's kernel and on Rivulet's, compares what they printed, shrinks differences.
// Many scripts share one process of the guest program, which gives each a process and a directory of its own.
// Called by scripts/fuzz-sockets.ts and the short run of `npm test`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { nodeHost } from '../../../cli/node-host.ts';
import { Machine } from '../../../machine/machine.ts';
import { listGuestPrograms } from '../../guests/catalogue.ts';
import { binaryOf, compileAll, compilerRelease } from '../../guests/compile.ts';
import { run } from '../../setup/command.ts';
import { type Script, scripts, scriptText } from './generate.ts';

const PROGRAM = 'fuzz/socket-script';
const BATCH = 250;
const TIMEOUT_MS = 120_000;

export interface SocketFuzzOptions {
  readonly seed: number;
  readonly count: number;
  /** fast-check's path to one script of the seed. */
  readonly path?: string;
  /** Stop looking for more after this time. */
  readonly timeMs?: number;
  readonly log: (line: string) => void;
}

/** Why scripts cannot be compared here, or undefined; compiles the guest program. */
export async function whyNoSocketFuzz(): Promise<string | undefined> {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (process.platform !== 'linux' || major < 6 || (major === 6 && minor < 17))
    return 'needs Linux 6.17 or later';
  const program = listGuestPrograms().filter(({ name }) => name === PROGRAM);
  for (const target of ['native', 'riscv64'] as const) {
    if ((await compilerRelease(target)) === undefined) return `needs a C compiler for ${target}`;
    const problems = await compileAll(program, target);
    if (problems.length > 0) return problems.join('\n');
  }
  return undefined;
}

/** How many scripts were run, and how many of them differ. */
export async function fuzzSockets(
  options: SocketFuzzOptions,
): Promise<{ done: number; differences: number }> {
  const { seed, count, path, log } = options;
  if (path !== undefined) return { done: 1, differences: (await shrink(seed, path, true, log)) ? 1 : 0 };
  const end = Date.now() + (options.timeMs ?? Number.POSITIVE_INFINITY);
  let done = 0;
  let differences = 0;
  for (let own = seed; done < count && Date.now() < end; own++) {
    const size = Math.min(BATCH, count - done);
    const batch = fc.sample(scripts, { seed: own, numRuns: size, unbiased: true });
    const { ours, theirs } = await runBoth(batch.map(scriptText).join(''));
    const different = batch.flatMap((_, index) => (isSame(ours[index], theirs[index]) ? [] : [index]));
    for (const index of different) {
      const reproduced = await shrink(own, String(index), false, log);
      if (!reproduced) {
        log(`--seed ${own} --path ${index} differs among its neighbours only`);
        log(sideBySide(scriptText(batch[index] ?? []), ours[index] ?? '', theirs[index] ?? ''));
      }
      differences++;
      if (differences >= 10) return { done: done + size, differences };
    }
    done += size;
  }
  return { done, differences };
}

/** Runs the text of one script and shows what differs; true when something does. */
export async function compareScript(text: string, log: (line: string) => void): Promise<boolean> {
  const { ours, theirs } = await runBoth(text);
  log(sideBySide(text, ours[0] ?? '', theirs[0] ?? ''));
  return ours.join() !== theirs.join();
}

async function shrink(
  seed: number,
  path: string,
  endOnFailure: boolean,
  log: (line: string) => void,
): Promise<boolean> {
  const differs = async (script: Script): Promise<boolean> => {
    const { ours, theirs } = await runBoth(scriptText(script));
    return !isSame(ours[0], theirs[0]);
  };
  const property = fc.asyncProperty(scripts, async (script) => !(await differs(script)));
  const numRuns = Number(path.split(':')[0]) + 1;
  const details = await fc.check(property, {
    seed,
    path,
    numRuns,
    unbiased: true,
    endOnFailure,
    interruptAfterTimeLimit: 20_000,
  });
  const script = details.counterexample?.[0];
  if (script === undefined) return false;
  log(`difference: npm run fuzz:sockets -- --seed ${seed} --path ${details.counterexamplePath ?? path}`);
  await compareScript(scriptText(script), log);
  return true;
}

async function runBoth(text: string): Promise<{ ours: string[]; theirs: string[] }> {
  // The same on both sides, because names and their lengths are compared; of this process, to be free on the host.
  const prefix = `rv${process.pid.toString(36).padStart(6, '0')}`;
  const [ours, theirs] = await Promise.all([runHere(text, prefix), runOnHost(text, prefix)]);
  return { ours: split(ours), theirs: split(theirs) };
}

async function runOnHost(text: string, prefix: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'rivulet-fuzz-'));
  try {
    const binary = resolve(binaryOf(PROGRAM, 'native'));
    const { stdout } = await run(binary, [prefix], { cwd: directory, stdin: text, timeoutMs: TIMEOUT_MS });
    return stdout;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runHere(text: string, prefix: string): Promise<string> {
  const machine = new Machine({ host: nodeHost(), seed: 1, timeoutMs: TIMEOUT_MS });
  const bytes = readFileSync(binaryOf(PROGRAM, 'riscv64'));
  const guest = machine.spawn({
    path: '/socket-script',
    bytes,
    argv: ['socket-script', prefix],
    stdin: 'pipe',
  });
  guest.write(Buffer.from(text));
  guest.end();
  await guest.wait();
  return Buffer.from(guest.output).toString('latin1');
}

/** A script that printed nothing on either side was not run, and proves nothing. */
function isSame(ours: string | undefined, theirs: string | undefined): boolean {
  return ours !== undefined && ours === theirs;
}

function split(output: string): string[] {
  return output.split(/^= \d+\n/m).slice(1);
}

function sideBySide(text: string, ours: string, theirs: string): string {
  const [script, here, there] = [text, ours, theirs].map((part) => part.split('\n'));
  const lines = (script ?? []).slice(1).flatMap((line, index) => {
    const [mine, linux] = [here?.[index] ?? '', there?.[index] ?? ''];
    if (line === '' && mine === linux) return [];
    return mine === linux
      ? [`  ${line}  ->  ${mine}`]
      : [`! ${line}`, `    linux:   ${linux}`, `    rivulet: ${mine}`];
  });
  return lines.join('\n');
}
