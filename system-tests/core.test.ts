// Cores as gdb-multiarch reads them: of a program that dies, of one that lives on at the prompt, and through gdb's connection.
// Needs gdb-multiarch and the cross compiler's programs; without them the tests are skipped and say so.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HANG_MS, run } from '../scripts/setup/command.ts';
import { serveGdb } from './gdb-server.ts';
import { inDirectory, notBuilt, rivulet } from './rivulet.ts';

const GDB = '/usr/bin/gdb-multiarch';
const PROGRAMS = resolve('build/guests/riscv64/debug');

const missing =
  notBuilt ??
  (existsSync(GDB) ? undefined : 'gdb-multiarch is not installed') ??
  (existsSync(`${PROGRAMS}/signals`) ? undefined : 'guest programs are not compiled: npm test does it');
const why = missing ? ` [skipped: ${missing}]` : '';

/** What gdb says to `commands`; its complaints too. */
async function gdb(commands: readonly string[], ...files: readonly string[]): Promise<string> {
  const words = ['set width 0', ...commands].flatMap((command) => ['-ex', command]);
  const { stdout, stderr } = await run(GDB, ['-nx', '-q', '-batch', ...words, ...files], {
    timeoutMs: HANG_MS,
  });
  return stdout + stderr;
}

describe.skipIf(missing)(`a core${why}`, () => {
  test('that a program leaves shows where it died, of what, and its memory', async () => {
    await inDirectory(async (directory) => {
      const options = ['--ulimit', 'core=unlimited', '--mount', `${directory}:/cores:rw`, '--cwd', '/cores'];
      const outcome = await rivulet(['run', ...options, `${PROGRAMS}/signals`]);
      expect(outcome).toMatchObject({ status: 139, stdout: 'handled 10\n' });
      expect(readdirSync(directory)).toEqual(['core']);
      const said = await gdb(
        ['backtrace', 'print count', 'print $_siginfo._sifields._sigfault.si_addr', 'info auxv'],
        `${PROGRAMS}/signals`,
        join(directory, 'core'),
      );
      expect(said).toMatch(/Program terminated with signal SIGSEGV, Segmentation fault\./);
      expect(said).toMatch(
        /#0 .* crash \(nowhere=0x0\) at .*signals\.c:\d+\n#1 .* main \(\) at .*signals\.c:\d+\n/,
      );
      expect(said).toMatch(/\$1 = 10\n\$2 = \(void \*\) 0x0\n/);
      expect(said).toMatch(/AT_EXECFN .*\/debug\/signals"/);
      expect(said).not.toMatch(/warning/i);
    });
  });

  test('that the prompt saves shows all threads where they stand, and the program lives on', async () => {
    await inDirectory(async (directory) => {
      const file = join(directory, 'core');
      const commands = ['break worker', 'continue', `generate-core-file ${file}`, 'delete', 'continue'];
      const words = commands.flatMap((command) => ['-ex', command]);
      const debugged = await rivulet(['debug', '--batch', ...words, `${PROGRAMS}/threads`]);
      expect(debugged.stdout).toContain(`Saved corefile ${file}\n`);
      expect(debugged.stdout).toContain('all met\n');
      const said = await gdb(['thread apply all -s backtrace'], `${PROGRAMS}/threads`, file);
      expect(said).toMatch(/Program terminated with signal SIGTRAP/);
      expect(said).toMatch(/#0 +worker \(argument=0x[0-9a-f]+\) at .*threads\.c:\d+\n/);
      expect(said).toMatch(/#\d .* in meet \(number=0\) at .*threads\.c:\d+\n#\d .* in main \(\)/);
      expect(said).not.toMatch(/warning/i);
    });
  });

  test('that cannot be saved is one line, and no file', async () => {
    await inDirectory(async (directory) => {
      const below = join(directory, 'missing', 'core');
      const words = ['-ex', `gcore ${below}`, '-ex', 'gcore /dev/full'];
      const { stdout } = await rivulet(['debug', '--batch', ...words, `${PROGRAMS}/steps`]);
      expect(stdout).toBe(
        `The core cannot be saved in '${below}': No such file or directory\n` +
          "The core cannot be saved in '/dev/full': No space left on device\n",
      );
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  test('comes through the connection of gdb', async () => {
    await inDirectory(async (directory) => {
      const file = join(directory, 'core');
      const { port, ended } = await serveGdb(`${PROGRAMS}/signals`);
      const commands = ['set sysroot /', `target remote :${port}`, 'handle SIGUSR1 nostop', 'continue'];
      await gdb([...commands, `remote get /proc/2/core ${file}`, 'kill'], `${PROGRAMS}/signals`);
      await ended;
      const said = await gdb(['backtrace', 'print count'], `${PROGRAMS}/signals`, file);
      expect(said).toMatch(/Program terminated with signal SIGSEGV/);
      expect(said).toMatch(/#0 .* crash \(nowhere=0x0\) at/);
      expect(said).toMatch(/\$1 = 10\n/);
    });
  });
});
