// `rivulet test`: runs a directory of programs, compares, reports, records; clear about everything that is wrong.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { binaryOf } from '../scripts/guests/compile.ts';
import { inDirectory, looksLikeCrash, notBuilt, prebuilt, rivulet, whySkipped } from './rivulet.ts';

/** Copies prebuilt programs and writes texts, by name, into `directory`. */
function fill(directory: string, programs: Record<string, string>, texts: Record<string, string>): void {
  mkdirSync(join(directory, 'sub'));
  for (const [name, program] of Object.entries(programs))
    copyFileSync(prebuilt(program), join(directory, name));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text, 'latin1');
}

const HELLO = 'exit 0\nhello from a riscv64 program\n';

describe.skipIf(notBuilt)(`rivulet test${whySkipped}`, () => {
  test('passes what is as expected, with arguments from the header', async () => {
    await inDirectory(async (directory) => {
      fill(
        directory,
        { hello: 'hello', 'sub/named': 'hello', both: 'both', unused: 'hello' },
        {
          'hello.txt': `# by hand\n${HELLO}`,
          'sub/named.txt': '# args: "you there" x\nexit 0\nhello from you there\n',
          'both.txt': '# skip: talks in any order\n',
          'notes.txt': 'no test\n',
        },
      );
      const { status, stdout, stderr } = await rivulet(['test', '-j', '2', directory]);
      expect(stdout.replace(/\(\d+\.\d+ s\)/g, '(s)')).toBe(
        'skip both (s): talks in any order\nok   hello (s)\nok   sub/named (s)\n' +
          'skip unused (s): nothing says what is expected; --update writes it down\n2 passed, 0 failed, 2 skipped (s)\n',
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const one = await rivulet(['test', directory, 'named']);
      expect(one.stdout).toMatch(/^ok {3}sub\/named .*\n1 passed, 0 failed .*\n$/);
      const single = await rivulet(['test', join(directory, 'hello')]);
      expect(single).toMatchObject({ status: 0 });
    });
  });

  test('fails what differs, with the difference, in lines, TAP and JUnit', async () => {
    await inDirectory(async (directory) => {
      fill(
        directory,
        { hello: 'hello', 'sub/hello': 'hello' },
        {
          'hello.txt': 'exit 0\nhello from <another> program\n',
          'sub/hello.txt': HELLO.replace('exit 0', 'exit 3'),
          'gone.txt': 'exit 0\n',
          'script.txt': 'exit 0\n',
          script: 'text only\n',
          'wrong.txt': '# arg: x\nexit 0\n',
          wrong: '',
        },
      );
      const plain = await rivulet(['test', directory]);
      expect(plain.status).toBe(1);
      expect(plain.stdout).toContain('the output differs\n     --- expected\n     +++ seen\n');
      expect(plain.stdout).toContain(
        '     -hello from <another> program\n     +hello from a riscv64 program\n',
      );
      expect(plain.stdout).toMatch(/FAIL sub\/hello .*: exit 0, expected exit 3\n/);
      expect(plain.stdout).toMatch(/FAIL gone .*: there is no such program\n/);
      expect(plain.stdout).toMatch(/FAIL script .*: not an ELF program\n/);
      expect(plain.stdout).toMatch(/FAIL wrong .*: wrong.txt: "# arg:" is none of/);
      expect(plain.stdout).toContain('0 passed, 5 failed');
      const xml = join(directory, 'report.xml');
      const tap = await rivulet(['test', '--tap', '--junit', xml, directory]);
      expect(tap.status).toBe(1);
      expect(tap.stdout).toMatch(/^TAP version 14\n1\.\.5\nnot ok 1 - gone\n/);
      const report = readFileSync(xml, 'utf8');
      expect(report).toContain('<testsuites tests="5" failures="5" errors="0" skipped="0"');
      expect(report).toContain('-hello from &lt;another&gt; program\n+hello from a riscv64 program');
    });
  });

  test('writes down what programs do, and keeps the header’s directives', async () => {
    await inDirectory(async (directory) => {
      fill(
        directory,
        { hello: 'hello', named: 'hello' },
        { 'named.txt': '# Linux 1.0\n# args: old\nexit 0\nhello from new\n' },
      );
      expect((await rivulet(['test', '--update', directory])).stdout).toContain('2 written down');
      expect(readFileSync(join(directory, 'hello.txt'), 'latin1')).toMatch(
        /^# Rivulet \d+\.\d+\.\d+, \d{4}-\d\d-\d\d\nexit 0\nhello from a riscv64 program\n$/,
      );
      expect(readFileSync(join(directory, 'named.txt'), 'latin1')).toMatch(
        /^# Rivulet .*\n# args: old\nexit 0\nhello from old\n$/,
      );
      expect((await rivulet(['test', directory])).stdout).toContain('2 passed, 0 failed');
    });
  });

  test('says in one line what keeps it from starting', async () => {
    await inDirectory(async (directory) => {
      const cases: [string[], string][] = [
        [[join(directory, 'nowhere')], 'there is no such directory'],
        [[directory], 'no riscv64 programs are there'],
        [['--expected', join(directory, 'nowhere'), directory], 'there is no such directory'],
        [['-j', 'many', directory], 'must be a whole number'],
      ];
      for (const [args, message] of cases) {
        const outcome = await rivulet(['test', ...args]);
        expect(outcome).toMatchObject({ status: 125, stdout: '' });
        expect(outcome.stderr).toMatch(new RegExp(`^rivulet: .*${message}.*\n$`));
      }
      fill(directory, { hello: 'hello' }, {});
      expect((await rivulet(['test', directory])).stderr).toContain('--update writes it');
      expect((await rivulet(['test', directory, 'other'])).stderr).toContain(
        'no program is named like other',
      );
      const unwritable = await rivulet(['test', '--update', '--junit', '/nowhere/x.xml', directory]);
      expect(unwritable.stderr).toMatch(/^rivulet: --junit \/nowhere\/x\.xml: cannot be written: ENOENT\n$/);
      expect(looksLikeCrash(unwritable.stderr)).toBe(false);
    });
  });

  const loop = resolve(binaryOf('hostile/endless-loop', 'riscv64'));
  test.skipIf(!existsSync(loop))('ends a program that does not end', async () => {
    await inDirectory(async (directory) => {
      copyFileSync(loop, join(directory, 'loop'));
      writeFileSync(join(directory, 'loop.txt'), '# timeout: 0.5\nexit 0\n');
      const { status, stdout } = await rivulet(['test', directory]);
      expect(status).toBe(1);
      expect(stdout).toMatch(/FAIL loop .*: did not end within 0\.5 s\n/);
    });
  });

  const programs = resolve('build/guests/riscv64/process');
  test.skipIf(!existsSync(programs))('runs the project’s own programs and goldens', async () => {
    const { status, stdout } = await rivulet([
      ...['test', '--expected', resolve('system-tests/golden/process'), programs, 'arguments', 'clone3'],
    ]);
    expect(stdout).toContain('2 passed, 0 failed');
    expect(status).toBe(0);
  });
});
