// `npm run fuzz:isa -- [--count N] [--seed S] [--case N] [--batch N]`: random instruction sequences from random states,
// in qemu-riscv64, the interpreter and the JIT; all must leave the same registers, memory, flags, pc and faults.
// A difference is shrunk and printed with the command that repeats it.
import { parseArgs } from 'node:util';
import { fuzz, fuzzOne } from './fuzz/isa/fuzz.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    batch: { type: 'string', default: '1000' },
  },
});
const [count, seed, batch] = [Number(values.count), Number(values.seed), Number(values.batch)];
if (![count, seed, batch, Number(values.case ?? 0)].every(Number.isSafeInteger) || batch < 1) {
  console.error('usage: npm run fuzz:isa -- [--count N] [--seed S] [--case N] [--batch N]');
  process.exit(2);
}
const differences =
  values.case === undefined
    ? await fuzz({ count, seed, batch, log: console.log })
    : await fuzzOne(seed, Number(values.case), console.log);
process.exitCode = differences === 0 ? 0 : 1;
