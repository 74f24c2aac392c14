// Who runs a benchmark program: Rivulet (JIT, interpreter alone, or recording), qemu-riscv64, and the host itself.
// bench.ts alternates between them within one minute, since only such ratios mean something on a noisy machine.
import { existsSync } from 'node:fs';
import { binaryOf } from '../guests/compile.ts';
import { type Outcome, run } from '../setup/command.ts';

export type RunnerName = 'rivulet' | 'interpreter' | 'record' | 'qemu' | 'native';

export interface Runner {
  readonly name: RunnerName;
  /** Why it cannot run here; undefined when it can. */
  readonly missing: string | undefined;
  start(program: string, args: readonly string[]): Promise<Outcome>;
}

const RIVULET = 'dist/rivulet.js';
const TIMEOUT_MS = 300_000;

function rivulet(name: RunnerName, command: readonly string[], nodeOptions: readonly string[] = []): Runner {
  return {
    name,
    missing: existsSync(RIVULET) ? undefined : `${RIVULET} is not built`,
    start: (program, args) =>
      run(
        process.execPath,
        [...nodeOptions, RIVULET, ...command, '--', binaryOf(program, 'riscv64'), ...args],
        { timeoutMs: TIMEOUT_MS },
      ),
  };
}

/** A plain run and a recording of it, which goes to `file`; Node loads the script `preload` first. */
export function recordingRunners(file: string, preload: string): readonly Runner[] {
  const options = ['--require', preload];
  return [rivulet('rivulet', ['run'], options), rivulet('record', ['record', '-o', file], options)];
}

/** The runners in the order they take turns. */
export async function listRunners(): Promise<readonly Runner[]> {
  const qemu = await run('qemu-riscv64', ['--version']);
  return [
    rivulet('rivulet', ['run']),
    rivulet('interpreter', ['run', '--no-jit']),
    {
      name: 'qemu',
      missing: qemu.status === 0 ? undefined : 'qemu-riscv64 is not installed (Debian package qemu-user)',
      start: (program, args) =>
        run('qemu-riscv64', [binaryOf(program, 'riscv64'), ...args], { timeoutMs: TIMEOUT_MS }),
    },
    {
      name: 'native',
      missing: process.platform === 'linux' ? undefined : 'the host is not Linux',
      start: (program, args) => run(binaryOf(program, 'native'), args, { timeoutMs: TIMEOUT_MS }),
    },
  ];
}
