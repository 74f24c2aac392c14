// The benchmark suites: which guest programs they run, with which arguments, and how often.
// A program prints lines `metric value unit [checksum]`; checksums must agree between all runners.
import type { Unit } from './samples.ts';

export interface Suite {
  readonly name: string;
  readonly summary: string;
  /** One entry per process that is started alternately on every runner. */
  readonly jobs: readonly Job[];
  /** Runs with the interpreter alone too. */
  readonly withInterpreter: boolean;
}

export interface Job {
  readonly program: string;
  readonly args: readonly string[];
}

export interface Line {
  readonly metric: string;
  readonly value: number;
  readonly unit: Unit;
  readonly checksum: string | undefined;
}

const CPU_KERNELS = [
  'sieve',
  'bytecpy',
  'wordcpy',
  'libcmem',
  'chase',
  'qsort',
  'libqsort',
  'sha256',
  'crc32',
  'matmul',
  'nbody',
  'fib',
  'vm',
]; // prettier-ignore
/** Floating-point kernels; the rest are the integer kernels of the report's second mean. */
export const FLOAT_KERNELS: readonly string[] = ['matmul', 'nbody'];
/** First and last of metrics that measure the same with ever more processes or sockets around. */
export const SERIES: readonly (readonly [string, string])[] = [
  ['switch-2-processes', 'switch-100-processes'],
  ['switch-2-processes', 'switch-1000-processes'],
  ['epoll-10-sockets', 'epoll-10000-sockets'],
];
/** Repetitions inside a process: the best counts, so translation and warm-up do not. */
const CPU_REPETITIONS = '20';

export const SUITES: readonly Suite[] = [
  {
    name: 'cpu',
    summary: 'thirteen kernels of computation; guest time of the best repetition',
    jobs: CPU_KERNELS.map((kernel) => ({ program: 'bench/cpu-kernels', args: [CPU_REPETITIONS, kernel] })),
    withInterpreter: true,
  },
  {
    name: 'ipc',
    summary: 'system calls, pipes, AF_UNIX, fork, exec, switches, epoll',
    jobs: ['getpid', 'pipe', 'unix', 'bandwidth', 'rights', 'fork', 'exec', 'switch', 'epoll'].map(
      (part) => ({
        program: 'bench/ipc',
        args: [part],
      }),
    ),
    withInterpreter: false,
  },
];

/** Reads what a benchmark program printed; lines of another form are not measurements. */
export function parseLines(stdout: string): Line[] {
  const lines: Line[] = [];
  for (const text of stdout.split('\n')) {
    const found = /^(\S+) ([\d.]+) (ns|MB\/s|1\/s|kB)(?: (\S+))?$/.exec(text);
    if (found === null) continue;
    const [, metric = '', value = '', unit, checksum] = found;
    lines.push({ metric, value: Number(value), unit: unit as Unit, checksum });
  }
  return lines;
}
