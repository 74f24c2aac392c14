// The goldens are still what this machine's own kernel does: guest programs run natively, where that is possible.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type GuestProgram, listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf } from '../scripts/guests/compile.ts';
import { isReferenceKernel, runNative, whyNotNative } from '../scripts/guests/native.ts';
import { describeObservation, readGolden } from '../scripts/guests/observation.ts';

function whyNot(program: GuestProgram): string | undefined {
  if (!isReferenceKernel()) return 'the host is not Linux 6.17 or later';
  if (!existsSync(binaryOf(program.name, 'native'))) return 'not compiled: needs gcc and libc6-dev';
  return whyNotNative(program);
}

const programs = listGuestPrograms().filter((program) => !program.isPart);

for (const program of programs) {
  const reason = whyNot(program);
  // Other work on the host can come in between what a program does and what it looks at; a real difference stays on every try.
  test.skipIf(reason)(`${program.name}${reason ? ` [skipped: ${reason}]` : ''}`, { retry: 2 }, async () => {
    const golden = readGolden(program.name);
    const seen = await runNative(program);
    expect(describeObservation(seen)).toBe(golden.text);
    expect(seen.status).toBe(program.exit);
  });
}
