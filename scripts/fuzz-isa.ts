// `npm run fuzz:isa -- [--count N] [--seed S] [--from N] [--case N] [--jobs N]`: random instruction sequences from
// random states in qemu-riscv64, the interpreter and the JIT; all must leave the same registers, memory, flags, pc, faults.
// A difference is shrunk and printed with the command that repeats it. `--case N` runs one case and shows it.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type FuzzOptions, fuzz, fuzzOne, MOST_DIFFERENCES, type Tally } from './fuzz/isa/fuzz.ts';
import { positiveNumber, scriptCommand, wholeNumber } from './setup/command-line.ts';

type Range = Omit<FuzzOptions, 'log'>;
type Message = { readonly line: string } | { readonly tally: Tally };

const BATCH = 1000;

if (isMainThread) process.exitCode = (await main()) === 0 ? 0 : 1;
else {
  const log = (line: string): void => parentPort?.postMessage({ line } satisfies Message);
  parentPort?.postMessage({ tally: await fuzz({ ...(workerData as Range), log }) } satisfies Message);
}

/** The number of differences. */
async function main(): Promise<number> {
  const description =
    'Random instructions in qemu-riscv64, the interpreter and the JIT: all must do the same.';
  const wanted = scriptCommand('fuzz:isa', description)
    .option('--count <count>', 'cases', wholeNumber, 100_000)
    .option('--seed <seed>', 'of the random numbers', wholeNumber, 1)
    .option('--from <number>', 'the first case', wholeNumber, 0)
    .option('--case <number>', 'run one case and show it', wholeNumber)
    .option('--jobs <count>', 'at once', positiveNumber, Math.min(8, availableParallelism()))
    .parse()
    .opts<{ count: number; seed: number; from: number; case?: number; jobs: number }>();
  const { count, seed, from, jobs } = wanted;
  if (wanted.case !== undefined) return fuzzOne(seed, wanted.case, console.log);

  const started = Date.now();
  const share = Math.ceil(count / jobs / BATCH) * BATCH;
  const ranges: Range[] = [];
  for (let done = 0; done < count; done += share) {
    const size = Math.min(share, count - done);
    ranges.push({ seed: seed, from: from + done, count: size, batch: BATCH });
  }
  const tallies = await Promise.all(ranges.map(runRange));
  const outcomes = new Map<string, number>();
  for (const [name, times] of tallies.flatMap((tally) => tally.outcomes)) {
    outcomes.set(name, (outcomes.get(name) ?? 0) + times);
  }
  const total = (what: (tally: Tally) => number) => tallies.reduce((sum, tally) => sum + what(tally), 0);
  const [cases, differences] = [total((tally) => tally.cases), total((tally) => tally.differences)];
  const ends = [...outcomes].map(([name, times]) => `${name} ${times}`).join(', ');
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${cases} cases of seed ${seed}: ${differences} differences, ${seconds} s (${ends})`);
  if (differences >= MOST_DIFFERENCES) console.log('too many differences: not all cases were run');
  return differences;
}

function runRange(range: Range): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: range });
    worker.on('message', (message: Message) => {
      if ('line' in message) console.log(message.line);
      else resolve(message.tally);
    });
    worker.on('error', reject);
  });
}
