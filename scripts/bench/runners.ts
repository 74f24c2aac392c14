// Who runs a benchmark program: Rivulet (JIT or interpreter alone), qemu-riscv64, and the host itself.
// bench.ts alternates between them within one minute, since only such ratios mean something on a noisy machine.
import { existsSync } from 'node:fs';
import { binaryOf } from '../guests/compile.ts';
import { type Outcome, run } from '../setup/command.ts';

export type RunnerName = 'rivulet' | 'interpreter' | 'qemu' | 'native';

export interface Runner {
  readonly name: RunnerName;
  /** Why it cannot run here; undefined when it can. */
  readonly missing: string | undefined;
  start(program: string, args: readonly string[]): Promise<Outcome>;
}

const RIVULET = 'dist/rivulet.js';
const TIMEOUT_MS = 300_000;

/** The runners in the order they take turns. */
export async function listRunners(): Promise<readonly Runner[]> {
  const qemu = await run('qemu-riscv64', ['--version']);
  const rivulet = (name: RunnerName, options: readonly string[]): Runner => ({
    name,
    missing: existsSync(RIVULET) ? undefined : `${RIVULET} is not built`,
    start: (program, args) =>
      run(process.execPath, [RIVULET, 'run', ...options, '--', binaryOf(program, 'riscv64'), ...args], {
        timeoutMs: TIMEOUT_MS,
      }),
  });
  return [
    rivulet('rivulet', []),
    rivulet('interpreter', ['--no-jit']),
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
