// What a short run loads (docs/decisions/0009): a bundle of a stated size, and nothing beside it.
import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGolden } from '../scripts/guests/observation.ts';
import { HANG_MS, run } from '../scripts/setup/command.ts';
import { inDirectory, notBuilt, prebuilt, whySkipped } from './rivulet.ts';

const DIST = resolve('dist');
/** Bytes; 10 000 more cost a start about 0.3 ms. What this goes beyond belongs behind kernel/late.ts. */
const START_LIMIT = 370_000;
/** A C library's own start: links against glibc, unlike the prebuilt programs. */
const GLIBC = resolve('build/guests/riscv64/process/arguments');
const ALLOWED = /^(rivulet\.js|start\.bundle\.js|package\.json|interpreter-.*\.wasm)$/;

describe.skipIf(notBuilt !== undefined)(`a plain run${whySkipped}`, () => {
  it('starts from a bundle that is not larger than it may be', () => {
    expect(statSync(join(DIST, 'start.bundle.js')).size).toBeLessThan(START_LIMIT);
  });

  it('of hello loads nothing else', async () => {
    expect(await runAlone(prebuilt('hello'))).toEqual({
      status: 0,
      stdout: 'hello from a riscv64 program\n',
      stderr: '',
    });
  });

  const noGlibc = existsSync(GLIBC) ? '' : ' [skipped: not compiled: npm run guests]';
  it.skipIf(noGlibc !== '')(`of a program with a C library loads nothing else${noGlibc}`, async () => {
    expect(await runAlone(GLIBC)).toMatchObject({ status: 0, stderr: '' });
  });

  // the programs of guests.test.ts have options with which everything is in one bundle
  const MOUNTS = ['cgroups/groups', 'namespaces/mount-calls'];
  it.skipIf(noGlibc !== '').each(MOUNTS)(
    'of %s finds in the rest what it has in one bundle',
    async (name) => {
      const program = resolve('build/guests/riscv64', name);
      const { status, stdout } = await run(
        process.execPath,
        [join(DIST, 'rivulet.js'), 'run', '--cwd', '/tmp', program],
        { timeoutMs: HANG_MS },
      );
      expect(`exit ${status}\n${stdout}`).toBe(readGolden(name).text);
    },
  );

  it('of a program that needs sockets does load the rest', async () => {
    const { status, stderr } = await runAlone(prebuilt('pair'));
    expect({ status, isMissed: stderr.includes('kernel.bundle.js') }).toEqual({
      status: 125,
      isMissed: true,
    });
  });
});

/** Runs a program where no bundle but the start's can be found. */
function runAlone(program: string) {
  return inDirectory(async (directory) => {
    for (const name of readdirSync(DIST).filter((each) => ALLOWED.test(each)))
      copyFileSync(join(DIST, name), join(directory, name));
    return run(process.execPath, [join(directory, 'rivulet.js'), 'run', program], { timeoutMs: HANG_MS });
  });
}
