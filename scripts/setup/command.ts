// Running other programs from the scripts: one way to start them, to wait for them and to read what they said.
// Called by every script; a failing program is a value here, never an exception.
import { type StdioOptions, spawn } from 'node:child_process';

/** How long a test waits for what should end by itself: long, for a slow host must not look like a program that hangs. */
export const HANG_MS = 240_000;

export interface Outcome {
  /** The exit status, or 128 + the signal's place in POSIX's list when one ended it. */
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  stdin?: string;
  /** Of what it prints; UTF-8 when absent. */
  encoding?: BufferEncoding;
  /** Milliseconds after which the program is killed. */
  timeoutMs?: number;
  /** Open files to be its standard input and output, instead of `stdin` and a collected `stdout`. */
  stdio?: [input: number, output: number];
  /** Let the program write to our own terminal instead of collecting its output. */
  show?: boolean;
}

export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const shown = options.show ? 'inherit' : 'pipe';
    const stdio: StdioOptions = options.stdio
      ? [...options.stdio, shown]
      : [options.stdin === undefined ? 'ignore' : 'pipe', shown, shown];
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio,
      timeout: options.timeoutMs ?? 0,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin);
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString(options.encoding);
    child.on('error', (error) => resolve({ status: 127, stdout: '', stderr: error.message }));
    child.on('close', (code, signal) => {
      const status = code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0);
      resolve({ status, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

// signal(7): the numbers are the same on x86_64 and riscv64.
const SIGNAL_NUMBERS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/** Runs `work` over `items`, at most `width` at a time, and keeps the order of the results. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
