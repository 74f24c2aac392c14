// `npm run fuzz:sockets -- [--count N] [--seed S] [--time SECONDS] [--path P] [--script FILE]`: random scripts of socket
// calls on the host's kernel and on Rivulet's; both must print the same. A difference is shrunk and printed with the
// command that repeats it.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compareScript, fuzzSockets, whyNoSocketFuzz } from './fuzz/sockets/fuzz.ts';
import { EXCLUDED } from './fuzz/sockets/generate.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      time: { type: 'string' },
      path: { type: 'string' },
      script: { type: 'string' },
    },
  });
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const problem = await whyNoSocketFuzz();
  if (problem !== undefined || !Number.isSafeInteger(count) || !Number.isSafeInteger(seed)) {
    console.error(
      problem ??
        'usage: npm run fuzz:sockets -- [--count N] [--seed S] [--time SECONDS] [--path P] [--script FILE]',
    );
    return 2;
  }
  if (values.script !== undefined)
    return (await compareScript(readFileSync(values.script, 'utf8'), console.log)) ? 1 : 0;
  const started = Date.now();
  const { done, differences } = await fuzzSockets({
    seed,
    count,
    ...(values.path === undefined ? {} : { path: values.path }),
    ...(values.time === undefined ? {} : { timeMs: Number(values.time) * 1000 }),
    log: console.log,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${done} scripts from seed ${seed}: ${differences} differences, ${seconds} s; not generated:`);
  for (const line of EXCLUDED) console.log(`  ${line}`);
  return differences === 0 ? 0 : 1;
}
