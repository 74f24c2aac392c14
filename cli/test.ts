// `rivulet test DIR [NAME…]`: runs a directory of guest programs and compares with what is expected of them.
// main.ts calls it; finding, running and reporting are in testing/.
// Standard output carries the report and nothing else, so that it can be piped to a TAP reader.
import fs from 'node:fs';
import os from 'node:os';
import { CommandError, UsageError } from './failure.ts';
import { writeAll } from './node-host.ts';
import { type RawOptions, readRunOptions, runOptionWords } from './run-options.ts';
import { countResults, formatJunit, PLAIN, TAP } from './testing/reports.ts';
import { runTests, type TestResult } from './testing/runner.ts';
import { findTests } from './testing/suite.ts';

/** What commander hands over. */
export interface TestOptions extends RawOptions {
  jobs?: string;
  expected?: string;
  update?: boolean;
  tap?: boolean;
  junit?: string;
}

const DEFAULT_TIMEOUT_SECONDS = 60;

/** Returns the status for the shell. Throws UsageError, CommandError. */
export async function testCommand(
  directory: string,
  names: readonly string[],
  options: TestOptions,
  version: string,
): Promise<number> {
  const { timeoutMs } = readRunOptions(options); // complains about wrong ones before anything runs
  const jobs = options.jobs === undefined ? os.availableParallelism() : Number(options.jobs);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new UsageError(`--jobs ${options.jobs}: must be a whole number from 1`);
  const tests = findTests(directory, options.expected).filter(
    ({ name }) => names.length === 0 || names.some((word) => name.includes(word)),
  );
  if (tests.length === 0)
    throw new CommandError(`${directory}: no program is named like ${names.join(', ')}`);
  if (tests.every((test) => test.expectation === undefined && test.problem === undefined) && !options.update)
    throw new CommandError(
      `${directory}: no program has a .txt that says what is expected; --update writes it (docs/testing.md)`,
    );

  const { timeout: _, ...runOptions } = options;
  const started = performance.now();
  const report = options.tap ? TAP : PLAIN;
  const results: TestResult[] = [];
  say(report.head(tests.length));
  await runTests(
    tests,
    {
      jobs,
      timeoutSeconds: timeoutMs === undefined ? DEFAULT_TIMEOUT_SECONDS : timeoutMs / 1000,
      runOptions: [...runOptionWords(runOptions), ...switches(options)],
      update: options.update === true,
      directory: fs.realpathSync(fs.statSync(directory).isDirectory() ? directory : `${directory}/..`),
      recordedBy: `Rivulet ${version}, ${new Date().toISOString().slice(0, 10)}`,
    },
    (result) => {
      results.push(result);
      say(report.line(result, results.length));
    },
  );
  const counts = countResults(results, (performance.now() - started) / 1000);
  say(report.tail(counts));
  if (options.junit !== undefined) writeJunit(options.junit, formatJunit(directory, results, counts));
  return counts.failed > 0 ? 1 : 0;
}

function switches({ virtualTime, schedule, jit, strace, warn }: TestOptions): string[] {
  return [
    ...(virtualTime ? ['--virtual-time'] : []),
    ...(schedule === undefined ? [] : ['--schedule', schedule]),
    ...(jit === false ? ['--no-jit'] : []),
    ...(strace ? ['--strace'] : []),
    ...(warn ? ['--warn'] : []),
  ];
}

function say(text: string): void {
  writeAll(1, Buffer.from(text));
}

function writeJunit(path: string, document: string): void {
  try {
    fs.writeFileSync(path, document);
  } catch (error) {
    throw new CommandError(`--junit ${path}: cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}
