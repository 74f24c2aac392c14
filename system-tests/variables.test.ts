// Variables in code of other compilers' settings: DWARF 4, and optimised code, where they move and some are gone.
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../scripts/setup/command.ts';
import { inDirectory, notBuilt, rivulet } from './rivulet.ts';

const SOURCE = resolve('guest-programs/debug/variables.c');
const cannot =
  notBuilt ?? (existsSync('/usr/bin/riscv64-linux-gnu-gcc') ? undefined : 'needs gcc-riscv64-linux-gnu');
const suffix = cannot ? ` [skipped: ${cannot}]` : '';

function debug(flags: readonly string[], commands: readonly string[]): Promise<string> {
  return inDirectory(async (directory) => {
    const program = join(directory, 'program');
    const compiled = await run('riscv64-linux-gnu-gcc', ['-static', ...flags, '-o', program, SOURCE]);
    expect(compiled.stderr).toBe('');
    const script = join(directory, 'script');
    writeFileSync(script, `${commands.join('\n')}\n`);
    const { stdout, stderr, status } = await rivulet(['debug', '--batch', '-x', script, program]);
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  });
}

test.skipIf(cannot)(`variables are the same in DWARF 4 and 5${suffix}`, async () => {
  const commands = [
    'break work',
    'continue',
    'up',
    'info locals',
    'down',
    'next 4',
    'info locals',
    'info args',
  ];
  const [four, five] = await Promise.all([
    debug(['-O0', '-gdwarf-4'], commands),
    debug(['-O0', '-gdwarf-5'], commands),
  ]);
  expect(five).toContain('low = 5, high = 17, tiny = -3');
  expect(four).toBe(five);
});

const TRACKED = ['-O2', '-g', '-fno-inline', '-fno-ipa-cp', '-fno-ipa-sra'];

test.skipIf(cannot)(
  `variables of optimised code are found in registers, or say that they are not there${suffix}`,
  async () => {
    const commands = ['break work', 'continue', 'info args', 'next 3', 'info args', 'info locals', 'bt'];
    const [four, five] = await Promise.all([
      debug([...TRACKED, '-gdwarf-4'], commands),
      debug([...TRACKED, '-gdwarf-5'], commands),
    ]);
    expect(five).toMatch(/^count = 4$/m);
    expect(five).toMatch(/^label = 0x[0-9a-f]+ "label"$/m);
    expect(five).toMatch(/^p = \{x = 10, y = 20\}$/m);
    expect(five).toMatch(/^zeros = (?:<optimized out>|\{.*)$/m);
    expect(five).toMatch(/^#0 .*work \(count=/m);
    expect(five).not.toContain('undefined');
    // GNU's numbers of operations and separate sections in the older version
    expect(four).toBe(five);
  },
);
