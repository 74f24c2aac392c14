// The goldens are still what this machine's own kernel does: guest programs run natively, where that is possible.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeEnd } from '../cli/testing/expectation.ts';
import { type GuestProgram, listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf } from '../scripts/guests/compile.ts';
import { isReferenceKernel, NATIVE_TIMEOUT_MS, runNative, whyNotNative } from '../scripts/guests/native.ts';
import { describeObservation, readGolden } from '../scripts/guests/observation.ts';
import { MOST_RUNS, persistentDifference } from '../scripts/guests/persistent-difference.ts';

function whyNot(program: GuestProgram): string | undefined {
  if (!isReferenceKernel()) return 'the host is not Linux 6.17 or later';
  if (!existsSync(binaryOf(program.name, 'native'))) return 'not compiled: needs gcc and libc6-dev';
  return whyNotNative(program);
}

const programs = listGuestPrograms().filter((program) => !program.isPart);

for (const program of programs) {
  const reason = whyNot(program);
  // Slow programs on a busy host may need all their runs.
  const timeout = NATIVE_TIMEOUT_MS * MOST_RUNS;
  test.skipIf(reason)(`${program.name}${reason ? ` [skipped: ${reason}]` : ''}`, { timeout }, async () => {
    const golden = readGolden(program.name);
    expect(golden.text.startsWith(describeEnd(program.exit, ''))).toBe(true);
    const run = async () => describeObservation(await runNative(program));
    expect(await persistentDifference(golden.text, run)).toEqual([]);
  });
}
