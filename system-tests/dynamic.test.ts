// Dynamically linked programs start through their loader when the root has it.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../scripts/setup/command.ts';
import { inDirectory, notBuilt, rivulet } from './rivulet.ts';

const LIBRARIES = '/usr/riscv64-linux-gnu/lib';
const LOADER = 'ld-linux-riscv64-lp64d.so.1';
const hasCompiler = existsSync(join(LIBRARIES, LOADER)) && existsSync('/usr/bin/riscv64-linux-gnu-gcc');
const cannot = notBuilt ?? (hasCompiler ? undefined : 'needs gcc-riscv64-linux-gnu');
const suffix = cannot ? ` [skipped: ${cannot}]` : '';

const SOURCE = `
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static __thread int own = 5;
static void *work(void *argument) { own++; return (void *)(long)(own + *(int *)argument); }
static void last(void) { puts("at exit"); }
int main(int argc, char **argv) {
  atexit(last);
  int ten = 10;
  void *result;
  pthread_t thread;
  pthread_create(&thread, NULL, work, &ten);
  pthread_join(thread, &result);
  printf("%s %d %ld %.6f\\n", argv[argc - 1], own, (long)result, cos(argc));
  return 4;
}
`;

/** Builds the program and a root directory with the loader and libraries it wants. */
async function makeRoot(directory: string, ...flags: string[]): Promise<string> {
  const root = join(directory, 'root');
  mkdirSync(join(root, 'lib'), { recursive: true });
  mkdirSync(join(root, 'bin'));
  for (const library of [LOADER, 'libc.so.6', 'libm.so.6']) {
    copyFileSync(join(LIBRARIES, library), join(root, 'lib', library));
  }
  const source = join(directory, 'program.c');
  writeFileSync(source, SOURCE);
  const compiled = await run('riscv64-linux-gnu-gcc', [
    ...flags,
    '-O1',
    '-o',
    join(root, 'bin/program'),
    source,
    '-lm',
    '-pthread',
  ]);
  expect(compiled.stderr).toBe('');
  return root;
}

for (const [kind, ...flags] of [
  ['position-independent', '-pie', '-fPIE'],
  ['fixed-address', '-no-pie'],
] as const) {
  test.skipIf(cannot)(`a ${kind} dynamic program runs inside --root${suffix}`, async () => {
    await inDirectory(async (directory) => {
      const root = await makeRoot(directory, ...flags);
      for (const name of ['/bin/program', 'program']) {
        const outcome = await rivulet(['run', '--root', root, '--env', 'PATH=/bin', name, 'last']);
        expect(outcome).toMatchObject({ status: 4, stderr: '', stdout: 'last 5 16 -0.416147\nat exit\n' });
      }
    });
  });
}

test.skipIf(cannot)(`a dynamic program is replayed without its root${suffix}`, async () => {
  await inDirectory(async (directory) => {
    const root = await makeRoot(directory, '-pie', '-fPIE');
    const file = join(directory, 'dynamic.rec');
    const recorded = await rivulet(['record', '-o', file, '--root', root, '/bin/program', 'last']);
    expect(recorded).toMatchObject({ status: 4, stderr: '' });
    rmSync(root, { recursive: true });
    for (const options of [[], ['--no-jit']]) {
      expect(await rivulet(['replay', ...options, file])).toEqual(recorded);
    }
  });
});

test.skipIf(cannot)(
  `a debugger finds each thread's variables, of the program and of a library${suffix}`,
  async () => {
    await inDirectory(async (directory) => {
      const root = await makeRoot(directory, '-pie', '-fPIE');
      const own = ['print own', 'print &own', 'print errno', 'print &errno'];
      const commands = ['break main', 'continue', 'break work', 'continue', ...own, 'thread 2', ...own];
      const { stdout } = await rivulet([
        ...['debug', '--batch', '--root', root],
        ...commands.flatMap((command) => ['-ex', command]),
        ...['/bin/program', 'last'],
      ]);
      const addresses = [...stdout.matchAll(/= \((?:int|long) \*\) (0x[0-9a-f]+)/g)].map(([, at]) => at);
      expect(addresses.length, stdout).toBe(4);
      expect(new Set(addresses).size, stdout).toBe(4);
      expect(stdout).toMatch(/\$1 = 5\n[\s\S]*\$3 = 0\n[\s\S]*\$5 = 5\n[\s\S]*\$7 = 0\n/);
    });
  },
);

test.skipIf(cannot)(`a missing loader is one line and 127${suffix}`, async () => {
  await inDirectory(async (directory) => {
    const root = await makeRoot(directory, '-pie', '-fPIE');
    const outcome = await rivulet(['run', '--root', join(root, 'bin'), '/program']);
    expect(outcome.status).toBe(127);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  });
});
