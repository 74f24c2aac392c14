// `npm run fuzz:isa -- [--count N] [--seed S] [--from N] [--case N] [--jobs N]`: random instruction sequences from
// random states in qemu-riscv64, the interpreter and the JIT; all must leave the same registers, memory, flags, pc, faults.
// A difference is shrunk and printed with the command that repeats it. `--case N` runs one case and shows it.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type FuzzOptions, fuzz, fuzzOne, MOST_DIFFERENCES, type Tally } from './fuzz/isa/fuzz.ts';

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
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      case: { type: 'string' },
      jobs: { type: 'string', default: String(Math.min(8, availableParallelism())) },
    },
  });
  const [count, seed, from, jobs] = [values.count, values.seed, values.from, values.jobs].map(Number);
  const numbers = [count, seed, from, jobs, Number(values.case ?? 0)];
  if (!numbers.every((value) => Number.isSafeInteger(value) && (value ?? 0) >= 0) || !jobs) {
    console.error('usage: npm run fuzz:isa -- [--count N] [--seed S] [--from N] [--case N] [--jobs N]');
    return 1;
  }
  if (values.case !== undefined) return fuzzOne(seed ?? 0, Number(values.case), console.log);

  const started = Date.now();
  const share = Math.ceil((count ?? 0) / jobs / BATCH) * BATCH;
  const ranges: Range[] = [];
  for (let done = 0; done < (count ?? 0); done += share) {
    const size = Math.min(share, (count ?? 0) - done);
    ranges.push({ seed: seed ?? 0, from: (from ?? 0) + done, count: size, batch: BATCH });
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
