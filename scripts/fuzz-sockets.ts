// `npm run fuzz:sockets -- [--count N] [--seed S] [--time SECONDS] [--path P] [--script FILE]`: random scripts of socket
// calls on the host's kernel and on Rivulet's; both must print the same. A difference is shrunk and printed with the
// command that repeats it.
import { readFileSync } from 'node:fs';
import { compareScript, fuzzSockets, whyNoSocketFuzz } from './fuzz/sockets/fuzz.ts';
import { EXCLUDED } from './fuzz/sockets/generate.ts';
import { positiveNumber, scriptCommand, wholeNumber } from './setup/command-line.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const description =
    "Random socket calls on this machine's kernel and on Rivulet's: both must print the same.";
  const values = scriptCommand('fuzz:sockets', description)
    .option('--count <count>', 'scripts', wholeNumber, 100_000)
    .option('--seed <seed>', 'of the random numbers', wholeNumber, 1)
    .option('--time <seconds>', 'stop after that', positiveNumber)
    .option('--path <path>', 'the one script that a difference was found in')
    .option('--script <file>', 'compare this script')
    .parse()
    .opts<{ count: number; seed: number; time?: number; path?: string; script?: string }>();
  const { count, seed } = values;
  const problem = await whyNoSocketFuzz();
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  if (values.script !== undefined)
    return (await compareScript(readFileSync(values.script, 'utf8'), console.log)) ? 1 : 0;
  const started = Date.now();
  const { done, differences } = await fuzzSockets({
    seed,
    count,
    ...(values.path === undefined ? {} : { path: values.path }),
    ...(values.time === undefined ? {} : { timeMs: values.time * 1000 }),
    log: console.log,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${done} scripts from seed ${seed}: ${differences} differences, ${seconds} s; not generated:`);
  for (const line of EXCLUDED) console.log(`  ${line}`);
  return differences === 0 ? 0 : 1;
}
