// Every guest program under Rivulet prints what it printed on a real Linux kernel, and ends with the same status.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GuestProgram, listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf } from '../scripts/guests/compile.ts';
import { GUEST_ENVIRONMENT } from '../scripts/guests/native.ts';
import { describeObservation, goldenPath, parseGolden } from '../scripts/guests/observation.ts';
import { prebuiltPath } from '../scripts/guests/prebuilt.ts';
import { notBuilt, rivulet } from './rivulet.ts';

function binary(program: GuestProgram): string {
  return resolve(program.isPrebuilt ? prebuiltPath(program) : binaryOf(program.name, 'riscv64'));
}

/** Why a program cannot be run here, or undefined. */
function whyNot(program: GuestProgram): string | undefined {
  if (notBuilt) return notBuilt;
  if (program.partner) return 'two programs at once: see partners.test.ts';
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
      const options = ['--uid', '0', '--gid', '0', '--cwd', '/tmp', ...env];
      const outcome = await rivulet(['run', ...options, binary(program), ...program.args], {
        env: GUEST_ENVIRONMENT,
        stdin: program.stdin,
      });
      const golden = parseGolden(readFileSync(goldenPath(program.name), 'latin1'));
      const seen = describeObservation({ status: outcome.status, stdout: outcome.stdout });
      expect(seen, `${outcome.stderr}\nrecorded on ${golden.recorded}`).toBe(golden.text);
    });
  }
});
