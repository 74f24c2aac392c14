// Runs tests, several at a time, each in a `rivulet run` of its own: a test that hangs or dies takes no other along.
// test.ts calls it. A program starts in a fresh empty directory, and sees the tests' directory at its own path.
// What it prints is compared byte for byte; standard error is kept for the report only.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { guestPlace, slashed } from '../host-paths.ts';
import { formatDiff } from './diff.ts';
import { describeEnd, formatExpectation } from './expectation.ts';
import type { GuestTest } from './suite.ts';

export interface TestResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'recorded';
  readonly seconds: number;
  /** Why it failed or was skipped, in one line; empty when it passed. */
  readonly message: string;
  /** A diff, when the output differs. */
  readonly difference: string;
  readonly stderr: string;
}

export interface RunnerOptions {
  readonly jobs: number;
  /** For programs whose header says nothing else. */
  readonly timeoutSeconds: number;
  /** Options for every `rivulet run`. */
  readonly runOptions: readonly string[];
  /** Write down what is seen instead of comparing. */
  readonly update: boolean;
  /** Shown to every program at its own path. */
  readonly directory: string;
  /** The first header line of what is written down. */
  readonly recordedBy: string;
}

interface Ended {
  readonly text: string;
  readonly stderr: string;
  /** What stopped it before its own end. */
  readonly problem: string | undefined;
}

const MOST_OUTPUT = 64 * 1024 * 1024;
/** How long `run` itself may take to start and to end what it stopped. */
const GRACE_SECONDS = 10;
const STATUS_OF_RUN_ITSELF = 125;
const STATUS_INTERRUPTED = 130;
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What is running now, for when we are told to stop. */
const running = new Set<ChildProcess>();

/** Runs all tests; `done` gets the results in the order of `tests`, as early as that allows. */
export async function runTests(
  tests: readonly GuestTest[],
  options: RunnerOptions,
  done: (result: TestResult) => void,
): Promise<void> {
  const scratch = fs.mkdtempSync(join(tmpdir(), 'rivulet-test-'));
  const removeScratch = (): void => fs.rmSync(scratch, { recursive: true, force: true });
  const interrupted = (): never => {
    for (const child of running) child.kill('SIGKILL');
    removeScratch();
    process.exit(STATUS_INTERRUPTED);
  };
  for (const signal of STOPPING) process.on(signal, interrupted);
  const results: (TestResult | undefined)[] = tests.map(() => undefined);
  let next = 0;
  let reported = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < tests.length; index = next++) {
      results[index] = await runTest(tests[index] as GuestTest, options, join(scratch, String(index)));
      for (let result = results[reported]; result !== undefined; result = results[++reported]) done(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, tests.length) }, work));
  for (const signal of STOPPING) process.off(signal, interrupted);
  removeScratch();
}

async function runTest(test: GuestTest, options: RunnerOptions, scratch: string): Promise<TestResult> {
  const started = performance.now();
  const result = (outcome: TestResult['outcome'], message = '', difference = '', stderr = ''): TestResult => {
    const seconds = (performance.now() - started) / 1000;
    return { name: test.name, outcome, seconds, message, difference, stderr };
  };
  if (test.problem !== undefined) return result('failed', test.problem);
  const { expectation } = test;
  const skip = expectation?.directives.skip;
  if (skip !== undefined) return result('skipped', skip);
  if (expectation === undefined && !options.update)
    return result('skipped', 'nothing says what is expected; --update writes it down');
  const ended = await runProgram(test, options, scratch);
  if (ended.problem !== undefined) return result('failed', ended.problem, '', ended.stderr);
  if (ended.text === expectation?.text) return result('passed');
  if (options.update) {
    const again = await runProgram(test, options, `${scratch}-again`);
    if (again.text !== ended.text) {
      const difference = formatDiff(ended.text, again.text, { before: 'first run', after: 'second run' });
      return result('failed', 'two runs differ; not written down', difference, ended.stderr);
    }
    writeDown(test, options.recordedBy, ended.text);
    return result('recorded', test.expectationPath);
  }
  const wanted = expectation?.text ?? '';
  const difference = formatDiff(wanted, ended.text, { before: 'expected', after: 'seen' });
  return result('failed', whatDiffers(wanted, ended.text), difference, ended.stderr);
}

function whatDiffers(wanted: string, seen: string): string {
  const [wantedEnd = '', seenEnd = ''] = [wanted, seen].map((text) => text.slice(0, text.indexOf('\n')));
  return wantedEnd === seenEnd ? 'the output differs' : `${seenEnd}, expected ${wantedEnd}`;
}

/** Keeps the directives of a header that is there; who recorded it stands above them. */
function writeDown(test: GuestTest, recordedBy: string, text: string): void {
  const directives = (test.expectation?.header ?? []).filter((line) => /^[a-z]+: ?/.test(line));
  fs.mkdirSync(dirname(test.expectationPath), { recursive: true });
  fs.writeFileSync(test.expectationPath, formatExpectation([recordedBy, ...directives], text), 'latin1');
}

function runProgram(test: GuestTest, options: RunnerOptions, scratch: string): Promise<Ended> {
  const directives = test.expectation?.directives;
  const timeoutSeconds = directives?.timeoutSeconds ?? options.timeoutSeconds;
  const here = dirname(test.program);
  const command = directives?.run?.map((word, at) => {
    if (!/^\.\.?\//.test(word)) return word;
    const file = resolve(here, word);
    return at === 0 ? file : inGuest(file);
  }) ?? [test.program, ...(directives?.args ?? [])];
  const flags = [
    ...['--mount', `${options.directory}:${inGuest(options.directory)}`, '--timeout', String(timeoutSeconds)],
    ...options.runOptions,
    ...(directives?.env ?? []).flatMap((word) => ['--env', word]),
    ...(directives?.options ?? []),
  ];
  const input = test.input ?? Buffer.from(directives?.stdin ?? '', 'latin1');
  fs.mkdirSync(scratch, { mode: 0o700 });
  return new Promise((finish) => {
    const { TERM: _terminal, ...env } = process.env;
    const script = process.argv[1] as string;
    const child = spawn(process.execPath, [...process.execArgv, script, 'run', ...flags, ...command], {
      cwd: scratch,
      env,
      stdio: 'pipe',
      timeout: (timeoutSeconds + GRACE_SECONDS) * 1000,
      killSignal: 'SIGKILL',
    });
    running.add(child);
    const outputs = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let size = 0;
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_OUTPUT) outputs[stream].push(chunk);
        else child.kill('SIGKILL');
      });
    }
    child.stdin.on('error', () => {}); // the program did not read it all
    child.stdin.end(input);
    child.on(
      'error',
      (error) => running.delete(child) && finish({ text: '', stderr: '', problem: error.message }),
    );
    child.on('close', (code) => {
      running.delete(child);
      fs.rmSync(scratch, { recursive: true, force: true });
      const stderr = Buffer.concat(outputs.stderr).toString();
      const problem =
        size > MOST_OUTPUT
          ? `printed more than ${MOST_OUTPUT / 1024 / 1024} MiB`
          : whyNoEnd(code, stderr, timeoutSeconds);
      finish({
        text: describeEnd(code ?? 0, Buffer.concat(outputs.stdout).toString('latin1')),
        stderr,
        problem,
      });
    });
  });
}

/** Where a program sees a file of the directory under test. */
function inGuest(path: string): string {
  return guestPlace(slashed(path));
}

/** What kept the program from an end of its own. */
function whyNoEnd(code: number | null, stderr: string, timeoutSeconds: number): string | undefined {
  if (code === null || (code === 137 && /^rivulet: the time limit of /m.test(stderr))) {
    return `did not end within ${timeoutSeconds} s`;
  }
  if (code !== STATUS_OF_RUN_ITSELF) return undefined;
  return /^rivulet: (.*)$/m.exec(stderr)?.[1];
}
