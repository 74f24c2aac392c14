// `npm test [VITEST ARGUMENTS]`: sets everything up on a fresh clone (compilers, dist, guest programs), then runs
// the unit and system tests. The last lines are vitest's own summary and "N passed, N failed".
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { listGuestPrograms } from './guests/catalogue.ts';
import { compileAll, compilerRelease, type Target } from './guests/compile.ts';
import { run } from './setup/command.ts';
import { installDebianPackages } from './setup/debian.ts';

const REPORT = 'build/test-report.json';

await installDebianPackages();

const built = await run(process.execPath, ['scripts/run.mjs', 'build', '--no-types']);
if (built.status !== 0) {
  console.error(`build failed:\n${built.stdout}${built.stderr}`);
  process.exit(1);
}

const programs = listGuestPrograms();
for (const target of ['native', 'riscv64'] satisfies Target[]) {
  if (!(await compilerRelease(target))) continue;
  const started = Date.now();
  const problems = await compileAll(programs, target);
  if (problems.length > 0) {
    console.error(`guest programs that do not compile:\n${problems.join('\n')}`);
    process.exit(1);
  }
  console.log(
    `guest programs: ${programs.length} for ${target} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  );
}

mkdirSync('build', { recursive: true });
rmSync(REPORT, { force: true });
const arguments_ = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
const tests = await run('node_modules/.bin/vitest', [...arguments_, ...process.argv.slice(2)], {
  show: true,
});
if (existsSync(REPORT)) {
  const report: Report = JSON.parse(readFileSync(REPORT, 'utf8'));
  for (const [reason, count] of skipReasons(report)) console.log(`${count} skipped: ${reason}`);
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
}
process.exitCode = tests.status === 0 ? 0 : 1;

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

/** Why tests were skipped, from the `[skipped: …]` that their names end in, with how many each. */
function skipReasons(report: Report): Map<string, number> {
  const reasons = new Map<string, number>();
  for (const test of report.testResults.flatMap((file) => file.assertionResults)) {
    if (test.status !== 'skipped' && test.status !== 'pending') continue;
    const reason = /\[skipped: (.*?)\]/.exec(test.fullName)?.[1] ?? 'no reason given';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return reasons;
}
