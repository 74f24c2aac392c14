// The committed demo binaries are byte for byte what their sources build to.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf, compilerRelease } from '../scripts/guests/compile.ts';
import { prebuiltPath, prebuiltRelease } from '../scripts/guests/prebuilt.ts';

const demos = listGuestPrograms().filter((program) => program.isPrebuilt);
const release = await compilerRelease('riscv64');

const reason =
  release === undefined
    ? 'gcc-riscv64-linux-gnu is not installed'
    : release !== prebuiltRelease()
      ? `built with "${prebuiltRelease()}", and here is "${release}"`
      : undefined;

for (const program of demos) {
  const isCompiled = existsSync(binaryOf(program.name, 'riscv64'));
  const why = reason ?? (isCompiled ? undefined : 'not compiled: npm run guests');
  const title = `${prebuiltPath(program)} is what ${program.source} builds to`;
  test.skipIf(why)(why ? `${title} [skipped: ${why}]` : title, () => {
    const committed = readFileSync(prebuiltPath(program));
    expect(committed.equals(readFileSync(binaryOf(program.name, 'riscv64')))).toBe(true);
  });
}

test('the prebuilt programs are together under 300 KB, and no others lie there', () => {
  const files = readdirSync('guest-programs/prebuilt').filter((name) => name !== 'COMPILER');
  expect(files.sort()).toEqual(demos.map((program) => program.name.slice('demo/'.length)).sort());
  const total = files.reduce((sum, name) => sum + statSync(`guest-programs/prebuilt/${name}`).size, 0);
  expect(total).toBeLessThan(300_000);
});
