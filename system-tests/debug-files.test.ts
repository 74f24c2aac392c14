// Debug information in all the forms it comes in: compressed, split off, in older versions, with types of their own.
// Each is the same program as one with plain DWARF 5, and the debugger must print the same of it.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { HANG_MS, run } from '../scripts/setup/command.ts';
import { inDirectory, notBuilt, rivulet } from './rivulet.ts';

const GCC = '/usr/bin/riscv64-linux-gnu-gcc';
const SOURCE = resolve('guest-programs/debug/values.c');
const cannot = notBuilt ?? (existsSync(GCC) ? undefined : 'needs gcc-riscv64-linux-gnu');
const hasDwz = existsSync('/usr/bin/dwz');
const suffix = cannot ? ` [skipped: ${cannot}]` : '';

async function command(name: string, ...args: string[]): Promise<void> {
  const done = await run(name, args, { timeoutMs: HANG_MS });
  expect(done.stderr).toBe('');
}

const compile = (to: string, ...flags: string[]): Promise<void> =>
  command(GCC, '-static', '-O0', ...flags, '-o', to, SOURCE);

const LOOKS = [
  'break mean',
  'continue',
  'bt',
  'info locals',
  'p *values@2',
  'p outer',
  'p first',
  'ptype colour',
];

/** Without addresses of the stack, which begin where the program's name ends. */
async function said(program: string, ...options: string[]): Promise<string> {
  const lines = LOOKS.flatMap((line) => ['-ex', line]);
  const done = await rivulet(['debug', '--batch', ...options, ...lines, program]);
  expect(done.stderr).toBe('');
  return done.stdout.replaceAll(/argv=0x\w+/g, 'argv=...');
}

describe.skipIf(cannot)(`debug information${suffix}`, () => {
  let expected = '';

  beforeAll(async () => {
    await inDirectory(async (directory) => {
      await compile(join(directory, 'plain'), '-g');
      expected = await said(join(directory, 'plain'));
    });
    expect(expected).toContain('mean (values=');
    expect(expected).toContain('type = enum colour {RED, GREEN = 5, BLUE}');
  });

  for (const [what, ...flags] of [
    ['compressed with zlib', '-g', '-gz=zlib'],
    ['compressed as GNU did it once', '-g', '-gz=zlib-gnu'],
    ['in the format of 64 bits', '-g', '-gdwarf64'],
    ['of DWARF 4', '-g', '-gdwarf-4'],
    ['of DWARF 3', '-g', '-gdwarf-3'],
    ['of DWARF 2', '-g', '-gdwarf-2'],
    ['with types in units of their own', '-g', '-fdebug-types-section'],
    ['with types in a section of their own', '-gdwarf-4', '-fdebug-types-section'],
  ] as const) {
    test(`${what} is read`, async () => {
      await inDirectory(async (directory) => {
        const program = join(directory, 'plain');
        await compile(program, ...flags);
        expect(await said(program)).toBe(expected);
      });
    });
  }

  test('in a separate file is found by its name, and refused when it is of another program', async () => {
    await inDirectory(async (directory) => {
      const program = join(directory, 'plain');
      const separate = join(directory, 'plain.debug');
      await compile(program, '-g');
      await command('riscv64-linux-gnu-objcopy', '--only-keep-debug', program, separate);
      await command('riscv64-linux-gnu-strip', program);
      await command('riscv64-linux-gnu-objcopy', `--add-gnu-debuglink=${separate}`, program);
      expect(await said(program)).toBe(expected);
      mkdirSync(join(directory, '.debug'));
      copyFileSync(separate, join(directory, '.debug/plain.debug'));
      rmSync(separate);
      expect(await said(program)).toBe(expected);
      await compile(join(directory, '.debug/plain.debug'), '-g', '-O2');
      const other = await said(program);
      expect(other).toContain(
        `warning: the debug information found in "${directory}/.debug/plain.debug" does not match "${program}" (CRC mismatch).`,
      );
      expect(other).not.toContain('values=');
    });
  });

  test('in a separate file is found by the build ID, inside the root directory', async () => {
    await inDirectory(async (directory) => {
      const program = join(directory, 'plain');
      await compile(program, '-g', `-Wl,--build-id=0xab${'cd'.repeat(19)}`);
      const folder = join(directory, 'usr/lib/debug/.build-id/ab');
      mkdirSync(folder, { recursive: true });
      await command(
        'riscv64-linux-gnu-objcopy',
        '--only-keep-debug',
        '--compress-debug-sections',
        program,
        join(folder, `${'cd'.repeat(19)}.debug`),
      );
      await command('riscv64-linux-gnu-strip', program);
      expect(await said('/plain', '--root', directory)).toBe(expected);
    });
  });

  test.skipIf(!hasDwz)(
    `that several programs share is found by its name and build ID${hasDwz ? '' : ' [skipped: needs dwz]'}`,
    async () => {
      await inDirectory(async (directory) => {
        const [program, other, shared] = ['plain', 'other', 'shared'].map((name) => join(directory, name));
        if (program === undefined || other === undefined || shared === undefined) return;
        await compile(program, '-g');
        copyFileSync(program, other);
        await command('dwz', '-m', shared, '-h', program, other);
        expect(await said(program)).toBe(expected);
        const folder = join(directory, 'usr/lib/debug/.dwz');
        mkdirSync(folder, { recursive: true });
        renameSync(shared, join(folder, 'shared'));
        const missing = await said(program);
        expect(missing).toContain(
          `warning: could not find supplementary DWARF file (${shared}) for ${program}`,
        );
        expect(missing).toContain('mean () at ');
        await command('cp', join(folder, 'shared'), shared);
        expect(await said('/plain', '--root', directory)).toBe(expected);
      });
    },
  );

  test('in a file for each source that is missing is said to be missing', async () => {
    await inDirectory(async (directory) => {
      const program = join(directory, 'plain');
      await compile(program, '-g', '-gsplit-dwarf');
      rmSync(join(directory, 'plain-values.dwo'));
      expect(await said(program)).toContain(
        `warning: Could not find ${directory}/plain-values.dwo, which has the debug information of a part of ${program}.\n`,
      );
    });
  });
});
