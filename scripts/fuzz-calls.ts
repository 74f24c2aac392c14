// `npm run fuzz:calls -- [--family F] [--count N] [--seed S] [--time SECONDS] [--path P] [--script FILE]`: random scripts of
// system calls on the host's kernel and on Rivulet's; both must print the same. A difference is shrunk and printed with the
// command that repeats it. `npm run fuzz:sockets` is the family of sockets.
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { FAMILIES } from './fuzz/calls/families.ts';
import type { Family } from './fuzz/calls/family.ts';
import { compareScript, fuzzCalls, repeatScript, whyNoFuzz } from './fuzz/calls/fuzz.ts';
import { positiveNumber, scriptCommand, wholeNumber } from './setup/command-line.ts';

interface Values {
  readonly family: string;
  readonly count: number;
  readonly seed: number;
  readonly most: number;
  readonly time?: number;
  readonly path?: number;
  readonly script?: string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const description =
    "Random system calls on this machine's kernel and on Rivulet's: both must print the same.";
  const names = FAMILIES.map(({ name }) => name);
  const values = scriptCommand('fuzz:calls', description)
    .addOption(new Option('--family <name>', 'which calls').choices([...names, 'all']).default('all'))
    .option('--count <count>', 'scripts of each family', wholeNumber, 100_000)
    .option('--seed <seed>', 'of the random numbers', wholeNumber, 1)
    .option('--time <seconds>', 'stop a family after that', positiveNumber)
    .option('--most <differences>', 'stop a family after that many', positiveNumber, 10)
    .option('--path <number>', 'the one script of that seed that a difference was found in', wholeNumber)
    .option('--script <file>', 'compare this script')
    .parse()
    .opts<Values>();
  const families = FAMILIES.filter(({ name }) => values.family === 'all' || values.family === name);
  const [only] = families;
  const isOneScript = values.script !== undefined || values.path !== undefined;
  const problem = isOneScript && families.length > 1 ? 'say which --family the script is of' : undefined;
  if (problem !== undefined || only === undefined) {
    console.error(problem);
    return 2;
  }
  for (const family of families) {
    const reason = await whyNoFuzz(family);
    if (reason === undefined) continue;
    console.error(`${family.name}: ${reason}`);
    return 2;
  }
  if (values.script !== undefined) {
    const lines = readFileSync(values.script, 'utf8').split('\n');
    return (await compareScript(only, lines.filter(isCall), console.log)) ? 1 : 0;
  }
  if (values.path !== undefined)
    return (await repeatScript({ family: only, seed: values.seed, index: values.path }, console.log)) ? 1 : 0;
  let found = 0;
  for (const family of families) found += await runFamily(family, values);
  return found === 0 ? 0 : 1;
}

/** Lines of a script file; the rest is for people. */
function isCall(line: string): boolean {
  return /^\d /.test(line);
}

async function runFamily(family: Family, values: Values): Promise<number> {
  const started = Date.now();
  const { seed, count, most } = values;
  const { done, differences, unsteady } = await fuzzCalls({
    family,
    seed,
    count,
    most,
    ...(values.time === undefined ? {} : { timeMs: values.time * 1000 }),
    log: console.log,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const steadiness = unsteady === 0 ? '' : ` (${unsteady} scripts that are not the same each time)`;
  console.log(
    `${family.name}: ${done} scripts from seed ${seed}: ${differences} differences${steadiness}, ${seconds} s; not generated:`,
  );
  for (const line of family.excluded) console.log(`  ${line}`);
  return differences;
}
