// `npm run compare:linux [-- --all | --write | ROW… | NAME…]`: runs guest programs on this machine's own kernel and under
// Rivulet, shows every line that differs, and counts the observations of each AF_UNIX row. Fails on a difference that
// guest-programs/known-differences.md does not explain. `--write` also brings docs/af-unix.md up to date.
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { diffLines, formatDiff } from '../cli/testing/diff.ts';
import { AF_UNIX_PAGE, afUnixPage } from './guests/af-unix-page.ts';
import { type GuestProgram, listGuestPrograms } from './guests/catalogue.ts';
import { compileAll, compilerRelease, type Target } from './guests/compile.ts';
import {
  explain,
  KNOWN_DIFFERENCES,
  type KnownDifference,
  readKnownDifferences,
} from './guests/known-differences.ts';
import { runNative, whyNotNative } from './guests/native.ts';
import { describeObservation } from './guests/observation.ts';
import { runOurs, whyNotOurs } from './guests/ours.ts';
import { countObservations, type Row, tableOfRows } from './guests/rows.ts';
import { inParallel, run } from './setup/command.ts';

interface Comparison {
  program: GuestProgram;
  observations: number;
  /** A diff, empty when both agree or every difference is known. */
  difference: string;
  used: ReadonlySet<KnownDifference>;
}

/** Other work on the host can come between what a program does and what it looks at: a real difference stays. */
const TRIES = 3;
const EVERYTHING = '--all';

const args = process.argv.slice(2);
const words = args.filter((word) => !word.startsWith('--'));
const unknown = args.filter((word) => word.startsWith('--') && ![EVERYTHING, '--write'].includes(word));
if (unknown.length > 0) stop(`${unknown.join(' ')}: the options are --all and --write`);
if (process.platform !== 'linux') stop('the comparison needs a Linux machine');

const all = listGuestPrograms();
const chosen = all.filter((program) => !program.isPart && isChosen(program));
if (chosen.length === 0) stop(`no guest program is named or has a row like ${words.join(', ')}`);
await prepare();

const skipped: string[] = [];
const known = readKnownDifferences();
const comparisons: Comparison[] = [];
await inParallel(chosen, 2, async (program) => {
  const reason = whyNotNative(program) ?? whyNotOurs(program);
  if (reason) skipped.push(`${program.name}: not compared: ${reason}`);
  else comparisons.push(await compare(program));
});
report();

function stop(message: string): never {
  console.error(`compare:linux: ${message}`);
  process.exit(2);
}

function isChosen(program: GuestProgram): boolean {
  if (words.length > 0)
    return words.some((word) => program.name.includes(word) || program.rows.includes(word));
  return args.includes(EVERYTHING) || program.area === 'unix';
}

/** Compiles for both machines and builds the command line. */
async function prepare(): Promise<void> {
  const needed = all.filter(
    (program) => program.isPart || program.area === 'tools' || chosen.includes(program),
  );
  for (const target of ['native', 'riscv64'] satisfies Target[]) {
    if (!(await compilerRelease(target))) stop(`no ${target} C compiler: npm test installs what is needed`);
    const problems = await compileAll(needed, target);
    if (problems.length > 0) stop(`programs that do not compile:\n${problems.join('\n')}`);
  }
  const built = await run(process.execPath, ['scripts/run.mjs', 'build', '--no-types']);
  if (built.status !== 0) stop(`the build fails:\n${built.stdout}${built.stderr}`);
}

async function compare(program: GuestProgram): Promise<Comparison> {
  const entries = known.filter((entry) => entry.program === program.name);
  for (let tries = 1; ; tries++) {
    const linux = describeObservation(await runNative(program));
    const { text: rivulet, stderr } = await runOurs(program);
    const { unexplained, used } = explain(diffLines(linux.split('\n'), rivulet.split('\n')), entries);
    const observations = countObservations(linux);
    if (unexplained.length === 0) return { program, observations, difference: '', used };
    if (tries < TRIES) continue;
    const difference = formatDiff(linux, rivulet, { before: 'Linux', after: 'Rivulet' });
    return { program, observations, difference: `${difference}\n${stderr}`.trimEnd(), used };
  }
}

function report(): void {
  const differing = comparisons.filter(({ difference }) => difference !== '');
  for (const { program, difference } of differing) console.log(`${program.name} differs:\n${difference}\n`);
  const used = new Set(comparisons.flatMap((one) => [...one.used]));
  const stale = known.filter(
    (entry) => !used.has(entry) && comparisons.some(({ program }) => program.name === entry.program),
  );
  for (const { program, linux, rivulet } of stale) {
    console.log(
      `${KNOWN_DIFFERENCES}: ${program} no longer differs in "${linux}" and "${rivulet}": remove the row\n`,
    );
  }
  for (const line of skipped.sort()) console.log(line);
  const counts = new Map(comparisons.map((one) => [one.program, one.observations]));
  const rows = tableOfRows([...counts.keys()], (program) => counts.get(program) ?? 0);
  const covered = rows.filter((row) => row.observations > 0);
  for (const row of words.length === 0 ? rows : covered) console.log(describeRow(row));
  const total = comparisons.reduce((sum, { observations }) => sum + observations, 0);
  const inRows = rows.reduce((sum, { observations }) => sum + observations, 0);
  console.log(
    `\n${comparisons.length} programs compared with Linux ${release()}: ${total} observations, ` +
      `${inRows} of them in ${covered.length} of the ${rows.length} AF_UNIX rows; ` +
      `${differing.length} programs with unexplained differences, ${used.size} known differences, ${stale.length} stale`,
  );
  if (args.includes('--write')) writeFileSync(AF_UNIX_PAGE, afUnixPage(all));
  if (differing.length + stale.length > 0) process.exitCode = 1;
}

function describeRow({ row, behaviour, programs, observations }: Row): string {
  const text = behaviour.length > 74 ? `${behaviour.slice(0, 73)}…` : behaviour;
  return `${row} ${String(observations).padStart(5)}  ${text.padEnd(74)}  ${programs.length}`;
}
