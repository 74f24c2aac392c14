// Runs guest programs on the host's own kernel, each in a fresh directory on tmpfs: this is the oracle that the
// goldens are recorded from and that `npm test` compares with wherever a compiler is at hand.
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../setup/command.ts';
import type { Command, GuestProgram } from './catalogue.ts';
import { binaryOf, type Target } from './compile.ts';
import type { Ended, Observation } from './observation.ts';

export interface NativeOptions {
  target?: Target;
  /** A program that runs the binaries, such as qemu-riscv64. */
  launcher?: string[];
}

export const NATIVE_TIMEOUT_MS = 60_000;

/** The environment every guest program gets, natively and under Rivulet. */
export const GUEST_ENVIRONMENT: Record<string, string> = { PATH: '/usr/bin:/bin', HOME: '/root', LANG: 'C' };

/** The reference is Linux 6.18; behaviour of kernels before 6.17 differs in places and proves nothing. */
export function isReferenceKernel(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 17));
}

/** Why the host's kernel cannot run it now, or undefined when it can. */
export function whyNotNative(program: GuestProgram): string | undefined {
  if (program.skipNative) return program.skipNative;
  if (program.needsRoot && process.getuid?.() !== 0) return 'needs root';
  return undefined;
}

export async function runNative(program: GuestProgram, options: NativeOptions = {}): Promise<Observation> {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rivulet-'));
  const io = mkdtempSync(join(tmpdir(), 'rivulet-io-'));
  // Files, because the pipes that Node makes are sockets, which programs could tell from pipes.
  const start = async (command: Command, stdin: string, label: string): Promise<Ended> => {
    const binary = resolve(binaryOf(command.program, options.target ?? 'native'));
    writeFileSync(join(io, `${label}.in`), stdin);
    const input = openSync(join(io, `${label}.in`), 'r');
    const output = openSync(join(io, `${label}.out`), 'a');
    // setsid gives the program what Rivulet gives it: a session of its own without a controlling terminal.
    // We may run niced, and programs see that: those of root are put back to where everything starts.
    const niceness = getPriority();
    const unniced = niceness > 0 && process.getuid?.() === 0 ? ['nice', '-n', String(-niceness)] : [];
    const launch = [...unniced, ...(options.launcher ?? []), binary, ...command.args];
    const { status } = await run('setsid', ['--wait', 'env', '-i', ...environment(program), ...launch], {
      cwd: directory,
      timeoutMs: NATIVE_TIMEOUT_MS,
      stdio: [input, output],
    });
    closeSync(input);
    closeSync(output);
    return { status, stdout: readFileSync(join(io, `${label}.out`), 'latin1') };
  };
  try {
    const main = start({ program: program.name, args: program.args }, program.stdin, 'main');
    const other = program.partner && start(program.partner, '', 'partner');
    const [outcome, partner] = await Promise.all([main, other]);
    return partner ? { ...outcome, partner } : outcome;
  } finally {
    rmSync(directory, { recursive: true, force: true });
    rmSync(io, { recursive: true, force: true });
  }
}

function environment(program: GuestProgram): string[] {
  return Object.entries({ ...GUEST_ENVIRONMENT, ...program.env }).map(([key, value]) => `${key}=${value}`);
}
