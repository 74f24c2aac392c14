// `npm run bench -- [cpu] [ipc] [startup] [--rounds=N] [--compare OLD.json]`: builds the benchmark programs, runs
// each alternately under Rivulet, qemu-riscv64 and natively, and prints ratios. Writes build/bench/bench.json and,
// for each suite, build/bench/SUITE.svg. Only by name: `record` compares the programs with recordings of them, `debug`
// says how long the debugger takes to go back, `memory` watches the host's memory over long runs instead.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Argument } from 'commander';
import { reportDebugging } from './bench/debugging.ts';
import { measureSuite } from './bench/measure.ts';
import { EXEC_ROUNDS, reportMemory, STEADY_WORK } from './bench/memory.ts';
import { plotRatios } from './bench/plot.ts';
import { formatCosts, measureRecording } from './bench/recording.ts';
import { formatGrowth, formatMeans, formatTable, type Report, slowerThan } from './bench/report.ts';
import { listRunners } from './bench/runners.ts';
import type { Metric } from './bench/samples.ts';
import { describeHost, measureStartup } from './bench/startup.ts';
import { SUITES } from './bench/suites.ts';
import { listGuestPrograms } from './guests/catalogue.ts';
import { compileAll, compilerRelease, type Target } from './guests/compile.ts';
import { run } from './setup/command.ts';
import { positiveNumber, scriptCommand } from './setup/command-line.ts';

const OUTPUT = 'build/bench';
const LONG_RUNS = ['demo/hello', STEADY_WORK, EXEC_ROUNDS];
const suites = new Argument('[suites...]', 'cpu, ipc and startup if none is named').choices([
  ...SUITES.map(({ name }) => name),
  ...['startup', 'record', 'debug', 'memory'],
]);
const command = scriptCommand('bench', 'Times programs here, in qemu-riscv64 and natively, alternately.')
  .addArgument(suites)
  .option('--rounds <count>', 'runs of each', positiveNumber, 5)
  .option('--compare <file>', 'say what is slower than in an older bench.json')
  .parse();
const names = command.args;
const { rounds, compare } = command.opts<{ rounds: number; compare?: string }>();
const isWanted = (name: string): boolean => names.length === 0 || names.includes(name);

const built = await run('npm', ['run', '-s', 'build'], { show: true });
if (built.status !== 0) process.exit(1);
const programs = listGuestPrograms().filter(({ area, name }) => area === 'bench' || LONG_RUNS.includes(name));
for (const target of ['native', 'riscv64'] satisfies Target[]) {
  if (!(await compilerRelease(target))) {
    console.error(`no ${target} compiler: install the Debian packages gcc and gcc-riscv64-linux-gnu`);
    process.exit(1);
  }
  const problems = await compileAll(programs, target);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exit(1);
  }
}

if (names.includes('memory')) {
  await reportMemory(console.log);
  process.exit();
}
if (names.includes('debug')) {
  await reportDebugging(rounds, console.log);
  process.exit();
}

const runners = await listRunners();
for (const { name, missing } of runners) if (missing) console.log(`left out: ${name} (${missing})`);
const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};
const metrics: Metric[] = [];
mkdirSync(OUTPUT, { recursive: true });
const host = describeHost();
console.log(host);
for (const suite of SUITES.filter(({ name }) => isWanted(name))) {
  const measured = await measureSuite(suite, runners, rounds, progress);
  progress('');
  console.log(`\n${formatTable(suite.name, measured)}`);
  if (suite.name === 'cpu') console.log(`\n${formatMeans(measured)}`);
  if (suite.name === 'ipc') console.log(`\n${formatGrowth(measured)}`);
  writeFileSync(`${OUTPUT}/${suite.name}.svg`, plotRatios(`${suite.name}: ${suite.summary}`, measured));
  metrics.push(...measured);
}
if (isWanted('startup')) {
  const measured = await measureStartup(runners, rounds);
  console.log(`\n${formatTable('startup', measured)}`);
  metrics.push(...measured);
}
if (names.includes('record')) {
  const measured = await measureRecording(rounds, progress);
  console.log(`\n${formatCosts(measured)}`);
  metrics.push(...measured);
}

const report: Report = { date: new Date().toISOString(), host, metrics };
writeFileSync(`${OUTPUT}/bench.json`, `${JSON.stringify(report, null, 1)}\n`);
console.log(`\nwrote ${OUTPUT}/bench.json and a plot of each suite beside it`);
if (compare !== undefined) {
  const slower = slowerThan(JSON.parse(readFileSync(compare, 'utf8')) as Report, metrics);
  console.log(slower.length === 0 ? `nothing is slower than in ${compare}` : slower.join('\n'));
  if (slower.length > 0) process.exitCode = 1;
}
