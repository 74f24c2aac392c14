// Every guest program under Rivulet prints what it printed on a real Linux kernel, and ends with the same status.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GuestProgram, listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf } from '../scripts/guests/compile.ts';
import { GUEST_ENVIRONMENT } from '../scripts/guests/native.ts';
import { describeObservation, goldenPath, readGolden } from '../scripts/guests/observation.ts';
import { prebuiltPath } from '../scripts/guests/prebuilt.ts';
import { inDirectory, notBuilt, rivulet } from './rivulet.ts';

/** The project, which the guest sees at its own path. */
const HERE = resolve('.');

function binary(program: GuestProgram): string {
  return resolve(program.isPrebuilt ? prebuiltPath(program) : binaryOf(program.name, 'riscv64'));
}

/** What to run: the program, or both programs at once through tools/together, which prints what an Observation has. */
function commandLine(program: GuestProgram): string[] {
  const own = [binary(program), ...program.args];
  if (!program.partner) return own;
  const together = resolve(binaryOf('tools/together', 'riscv64'));
  const partner = resolve(binaryOf(program.partner.program, 'riscv64'));
  return [together, ...own, '--', partner, ...program.partner.args];
}

/** Why a program cannot be run here, or undefined. */
function whyNot(program: GuestProgram): string | undefined {
  if (notBuilt) return notBuilt;
  if (program.skipGuest) return program.skipGuest;
  if (!existsSync(binary(program))) return 'not compiled: needs gcc-riscv64-linux-gnu';
  return undefined;
}

const programs = listGuestPrograms().filter(
  (program) => !program.isPart && existsSync(goldenPath(program.name)),
);

describe.each([...new Set(programs.map((program) => program.area))])('%s', (area) => {
  for (const program of programs.filter((one) => one.area === area)) {
    const reason = whyNot(program);
    const title = `${program.name}: ${program.summary}${reason ? ` [skipped: ${reason}]` : ''}`;
    test.skipIf(reason)(title, async () => {
      const env = Object.entries(program.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
      // as natively: in an empty directory of its own, with the other programs where they are
      const options = ['--uid', '0', '--gid', '0', '--mount', `${HERE}:${HERE}`, ...env];
      const outcome = await inDirectory((cwd) =>
        rivulet(['run', ...options, ...commandLine(program)], {
          cwd,
          env: GUEST_ENVIRONMENT,
          stdin: program.stdin,
        }),
      );
      const golden = readGolden(program.name);
      const seen = program.partner
        ? outcome.stdout
        : describeObservation({ status: outcome.status, stdout: outcome.stdout });
      expect(seen, `${outcome.stderr}\nrecorded on ${golden.recorded}`).toBe(golden.text);
    });
  }
});
