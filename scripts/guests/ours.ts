// Runs guest programs under Rivulet as people run them: the built command line, in an empty directory on the host.
// The system tests and `npm run compare:linux` use it; native.ts does the same on the host's own kernel.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HANG_MS, type Outcome, run } from '../setup/command.ts';
import type { GuestProgram } from './catalogue.ts';
import { binaryOf } from './compile.ts';
import { GUEST_ENVIRONMENT } from './native.ts';
import { describeObservation } from './observation.ts';
import { prebuiltPath } from './prebuilt.ts';

const RIVULET = resolve('dist/rivulet.js');
/** The project, which the guest sees at its own path. */
const HERE = resolve('.');

export interface GuestRun {
  /** As in a golden. */
  text: string;
  stdout: string;
  status: number;
  stderr: string;
}

/** Why it cannot run under Rivulet here, or undefined when it can. */
export function whyNotOurs(program: GuestProgram): string | undefined {
  if (!existsSync(RIVULET)) return 'dist/rivulet.js is not built: npm run build';
  if (program.skipGuest) return program.skipGuest;
  if (!existsSync(riscvBinary(program))) return 'not compiled: needs gcc-riscv64-linux-gnu';
  return undefined;
}

/** Runs the program; `command` is what comes before the guest's options: the subcommand and options of its own. */
export async function runOurs(
  program: GuestProgram,
  command: readonly string[] = program.isPunctual ? ['run', '--virtual-time'] : ['run'],
): Promise<GuestRun> {
  const env = Object.entries(program.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const options = ['--uid', '0', '--gid', '0', '--mount', `${HERE}:${HERE}`, ...env];
  const cwd = mkdtempSync(join(tmpdir(), 'rivulet-test-'));
  let outcome: Outcome;
  try {
    outcome = await run(process.execPath, [RIVULET, ...command, ...options, ...commandLine(program)], {
      cwd,
      env: GUEST_ENVIRONMENT,
      stdin: program.stdin,
      timeoutMs: HANG_MS,
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
  const { status, stdout, stderr } = outcome;
  return { text: program.partner ? stdout : describeObservation({ status, stdout }), stdout, status, stderr };
}

function riscvBinary(program: GuestProgram): string {
  return resolve(program.isPrebuilt ? prebuiltPath(program) : binaryOf(program.name, 'riscv64'));
}

/** The program, or both programs at once through tools/together, which prints what an Observation has. */
function commandLine(program: GuestProgram): string[] {
  const own = [riscvBinary(program), ...program.args];
  if (!program.partner) return own;
  const together = resolve(binaryOf('tools/together', 'riscv64'));
  const partner = resolve(binaryOf(program.partner.program, 'riscv64'));
  return [together, ...own, '--', partner, ...program.partner.args];
}
