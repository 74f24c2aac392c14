// Breakpoints on code that is not loaded yet: a library that the program opens, and a program that is executed.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../scripts/setup/command.ts';
import { inDirectory, notBuilt, rivulet } from './rivulet.ts';

const LIBRARIES = '/usr/riscv64-linux-gnu/lib';
const LOADER = 'ld-linux-riscv64-lp64d.so.1';
const hasCompiler = existsSync(join(LIBRARIES, LOADER)) && existsSync('/usr/bin/riscv64-linux-gnu-gcc');
const cannot = notBuilt ?? (hasCompiler ? undefined : 'needs gcc-riscv64-linux-gnu');
const suffix = cannot ? ` [skipped: ${cannot}]` : '';

const PLUG = `int plugged;
int plug_work(int n) {
  plugged += n;
  return plugged;
}
`;
const HOST = `#include <dlfcn.h>
#include <stdio.h>
int main(void) {
  void *plug = dlopen("/lib/plug.so", RTLD_NOW);
  int (*work)(int) = (int (*)(int))dlsym(plug, "plug_work");
  printf("%d\\n", work(1));
  printf("%d\\n", work(2));
  return 0;
}
`;

const FIRST = `#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  if (fork() == 0) { execl("/bin/second", "second", (char *)0); _exit(1); }
  wait(0);
  return 0;
}
`;
const SECOND = 'int in_second(void) { return 0; }\nint main(void) { return in_second(); }\n';

test.skipIf(cannot)(`a breakpoint waits for the library it is in, and is found going back${suffix}`, () =>
  inDirectory(async (directory) => {
    const root = join(directory, 'root');
    mkdirSync(join(root, 'lib'), { recursive: true });
    mkdirSync(join(root, 'bin'));
    for (const library of [LOADER, 'libc.so.6'])
      copyFileSync(join(LIBRARIES, library), join(root, 'lib', library));
    writeFileSync(join(directory, 'plug.c'), PLUG);
    writeFileSync(join(directory, 'host.c'), HOST);
    for (const [name, ...flags] of [
      ['plug.c', '-shared', '-fPIC', '-o', join(root, 'lib/plug.so')],
      ['host.c', '-o', join(root, 'bin/host')],
    ] as const) {
      const compiled = await run('riscv64-linux-gnu-gcc', ['-g', '-O0', join(directory, name), ...flags]);
      expect(compiled.stderr).toBe('');
    }
    const script = join(directory, 'script');
    const lines = ['set breakpoint pending on', 'break plug_work', 'tbreak plug.c:4', 'info break'];
    const later = ['continue', 'backtrace', 'continue', 'continue', 'reverse-continue', 'info break'];
    writeFileSync(script, [...lines, ...later, ''].join('\n'));
    const program = ['--root', root, '/bin/host'];
    const { stdout, stderr, status } = await rivulet(['debug', '--batch', '-x', script, ...program]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^Function "plug_work" not defined\.\nBreakpoint 1 \(plug_work\) pending\.\nNo source file named plug\.c\.\nTemporary breakpoint 2 \(plug\.c:4\) pending\.\n/,
    );
    const imported = await rivulet([
      'debug',
      '--batch',
      '-ex',
      'break printf',
      '-ex',
      'disassemble main',
      ...program,
    ]);
    expect(imported.stdout).toMatch(/^Breakpoint 1 \(printf\) pending\.\n/); // nobody has to be asked
    expect(imported.stdout).toMatch(/\tjal\t0x[0-9a-f]+ <dlopen@plt>$/m);
    expect(stdout).toMatch(/^1 +breakpoint +keep +y +<PENDING> +plug_work$/m);
    expect(stdout).toMatch(/^2 +breakpoint +del +y +<PENDING> +plug\.c:4$/m);
    expect(stdout).toMatch(/^Breakpoint 1, plug_work \(n=1\) at .*plug\.c:3\n/m);
    expect(stdout).toMatch(/^#1 .* in main \(\) at .*host\.c:6\n/m);
    expect(stdout).toMatch(/^Temporary breakpoint 2, plug_work \(n=1\) at .*plug\.c:4\n/m);
    expect(stdout.match(/^Breakpoint 1, plug_work \(/gm)).toHaveLength(3);
    expect(stdout).toMatch(
      /^1 +breakpoint +keep +y +0x[0-9a-f]+ in plug_work at .*plug\.c:3\n\tbreakpoint already hit 2 times\n$/m,
    );
  }),
);

test.skipIf(cannot)(`a breakpoint waits for the program it is in${suffix}`, () =>
  inDirectory(async (directory) => {
    const root = join(directory, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    writeFileSync(join(directory, 'first.c'), FIRST);
    writeFileSync(join(directory, 'second.c'), SECOND);
    for (const name of ['first', 'second']) {
      const source = join(directory, `${name}.c`);
      const compiled = await run('riscv64-linux-gnu-gcc', ['-static', '-o', join(root, 'bin', name), source]);
      expect(compiled.stderr).toBe('');
    }
    const debug = (...commands: string[]): ReturnType<typeof rivulet> =>
      rivulet([
        ...['debug', '--batch', '--root', root],
        ...commands.flatMap((command) => ['-ex', command]),
        '/bin/first',
      ]);
    const waited = await debug(
      'set breakpoint pending on',
      'break in_second',
      'c',
      'p $_pid',
      'c',
      'rc',
      'p $_pid',
    );
    expect(waited.stdout).toMatch(
      /^Thread 3 "second" hit Breakpoint 1, 0x[0-9a-f]+ in in_second \(\)\n=> 0x.*\n\$1 = 3\n/m,
    );
    expect(waited.stdout).toMatch(
      /The program has ended\.\n\nThread 3 "second" hit Breakpoint 1, .*\n=> 0x.*\n\$2 = 3\n$/,
    );
    const refused = await debug('break in_second');
    expect(refused.stdout).toBe(
      'Function "in_second" not defined.\nMake breakpoint pending on future shared library load? (y or [n]) [answered N; input not from terminal]\n',
    );
    expect(refused.status).toBe(1);
    const never = await debug('set breakpoint pending off', 'break in_second');
    expect(never.stdout).toBe('Function "in_second" not defined.\n');
  }),
);
