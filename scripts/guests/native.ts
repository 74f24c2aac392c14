// Runs guest programs on the host's own kernel, each in a fresh directory on tmpfs: this is the oracle that the
// goldens are recorded from and that `npm test` compares with wherever a compiler is at hand.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Outcome, run } from '../setup/command.ts';
import type { Command, GuestProgram } from './catalogue.ts';
import { binaryOf, type Target } from './compile.ts';
import type { Observation } from './observation.ts';

export interface NativeOptions {
  target?: Target;
  /** A program that runs the binaries, such as qemu-riscv64. */
  launcher?: string[];
}

export const NATIVE_TIMEOUT_MS = 30_000;

/** The environment every guest program gets, natively and under Rivulet. */
export const GUEST_ENVIRONMENT: Record<string, string> = { PATH: '/usr/bin:/bin', HOME: '/root', LANG: 'C' };

/** Why the host's kernel cannot run it now, or undefined when it can. */
export function whyNotNative(program: GuestProgram): string | undefined {
  if (program.skipNative) return program.skipNative;
  if (program.needsRoot && process.getuid?.() !== 0) return 'needs root';
  return undefined;
}

export async function runNative(program: GuestProgram, options: NativeOptions = {}): Promise<Observation> {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rivulet-'));
  const start = (command: Command, stdin: string): Promise<Outcome> => {
    const binary = resolve(binaryOf(command.program, options.target ?? 'native'));
    const [first, ...rest] = [...(options.launcher ?? []), binary, ...command.args];
    // setsid gives the program what Rivulet gives it: a session of its own without a controlling terminal.
    const launch = ['--wait', 'env', '-i', ...environment(program), first as string, ...rest];
    return run('setsid', launch, { cwd: directory, stdin, timeoutMs: NATIVE_TIMEOUT_MS });
  };
  try {
    const main = start({ program: program.name, args: program.args }, program.stdin);
    const other = program.partner && start(program.partner, '');
    const [outcome, partner] = await Promise.all([main, other]);
    const observation: Observation = { status: outcome.status, stdout: outcome.stdout };
    if (partner) observation.partner = { status: partner.status, stdout: partner.stdout };
    return observation;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function environment(program: GuestProgram): string[] {
  return Object.entries({ ...GUEST_ENVIRONMENT, ...program.env }).map(([key, value]) => `${key}=${value}`);
}
