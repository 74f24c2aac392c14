// The debugger driven by scripts on the built command line: descriptors on their way, a changed call, the other branch.
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inDirectory, notBuilt, prebuilt, rivulet, whySkipped } from './rivulet.ts';

/** Runs the commands on `program`, or on a recording of it, and gives what was printed. */
function debug(
  program: string,
  commands: readonly string[],
  from: 'program' | 'recording' = 'program',
  options: readonly string[] = [],
): Promise<string> {
  return inDirectory(async (directory) => {
    const script = join(directory, 'script');
    const recording = join(directory, 'run.rec');
    writeFileSync(script, `${commands.join('\n')}\n`);
    if (from === 'recording') await rivulet(['record', '-o', recording, prebuilt(program)]);
    const target = from === 'recording' ? ['replay', '--debug'] : ['debug'];
    const { stdout, stderr, status } = await rivulet([
      ...target,
      ...options,
      '--batch',
      '-x',
      script,
      from === 'recording' ? recording : prebuilt(program),
    ]);
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  });
}

describe(`a scripted debugger${whySkipped}`, () => {
  test.skipIf(notBuilt)('shows a descriptor leave one process and arrive in the other', async () => {
    const text = await debug('rights', [
      'catch syscall sendmsg recvmsg',
      'continue',
      'syscall',
      'info sockets',
      'continue',
      'syscall',
    ]);
    expect(text).toMatch(/\[pid 2\] sendmsg\(3, .*cmsg_type=SCM_RIGHTS, cmsg_data=\[\d\].* = 1/);
    expect(text).toMatch(/in flight to UNIX:\[(\d+)->\d+\] \(fd 4 of pid 3\): \/tmp\/rivulet-demo-rights/);
    expect(text).toMatch(/1 of \d+ B +\/tmp\/rivulet-demo-rights +3:4/);
    expect(text).toMatch(/\[pid 3\] recvmsg\(4, .*SCM_RIGHTS/);
    expect(text).toMatch(/arrived as fd \d: \/tmp\/rivulet-demo-rights/);
  });

  const branches = [
    'catch syscall socketpair',
    'continue',
    'return EMFILE',
    'syscall',
    'reverse-syscall',
    'continue',
    'continue',
  ];
  for (const from of ['program', 'recording'] as const) {
    test.skipIf(notBuilt)(
      `makes a call of a ${from} fail, goes back, and takes the other branch`,
      async () => {
        const text = await debug('pair', branches, from);
        const failed = text.indexOf('= -1 EMFILE (Too many open files) (INJECTED)');
        const worked = text.indexOf('socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0');
        expect(failed).toBeGreaterThan(0);
        expect(worked).toBeGreaterThan(failed);
        expect(text).toContain('parent: the child exited with 7');
      },
    );
  }

  const goingBack = [
    ...[
      'catch syscall write',
      'continue 5',
      'break *$pc+4',
      'continue',
      'reverse-stepi',
      'when',
      'reverse-continue',
    ],
    ...[
      'when',
      'reverse-continue',
      'when',
      'goto 60',
      'reverse-syscall',
      'info registers',
      'x/8xg $sp',
      'continue',
    ],
  ];

  test.skipIf(notBuilt)('goes back to the same places whatever memory it may take for that', async () => {
    const usual = await debug('both', goingBack);
    expect(usual).toContain('Position ');
    for (const size of ['0', '1M', '40M', '1G'])
      expect(await debug('both', goingBack, 'program', ['--history-memory', size])).toBe(usual);
    const recorded = await debug('both', goingBack, 'recording');
    expect(await debug('both', goingBack, 'recording', ['--history-memory', '0'])).toBe(recorded);
  });

  const traced = resolve('build/guests/riscv64/process/ptrace-signals');
  test.skipIf(notBuilt || !existsSync(traced))(
    'stops before a deadly signal of a traced thread only when its tracer lets it through',
    async () => {
      const { stdout, stderr } = await rivulet([
        'debug',
        '--batch',
        '-e',
        'run',
        '-e',
        'info threads',
        traced,
      ]);
      expect(stderr).toBe('');
      expect(stdout).not.toContain('received signal SIGTERM');
      expect(stdout).toContain('received signal SIGSEGV');
    },
  );

  test.skipIf(notBuilt)('ends with the status of quit, or of the last command, as gdb does', async () => {
    const ended = async (...commands: string[]): Promise<number> =>
      (
        await rivulet([
          'debug',
          '-batch',
          ...commands.flatMap((command) => ['-ex', command]),
          prebuilt('hello'),
        ])
      ).status;
    expect(await ended('p $nosuch.x', 'p 1')).toBe(0);
    expect(await ended('p 1', 'p $nosuch.x')).toBe(1);
    expect(await ended('p $nosuch.x', 'quit 3 + 4')).toBe(7);
    expect(await ended('p $nosuch.x', 'quit')).toBe(0);
  });

  test.skipIf(notBuilt)('leaves to the program what looks like an option of gdb', async () => {
    const { stdout } = await rivulet(['debug', '-batch', '-ex', 'run', prebuilt('hello'), '-ex']);
    expect(stdout).toContain('hello from -ex\n');
  });

  test.skipIf(notBuilt)('wants a size of memory for going back, or none', async () => {
    for (const size of ['x', '1', '-5', '99999999T', '1K', '']) {
      for (const command of [
        ['debug', '--batch', '--history-memory', size, prebuilt('hello')],
        ['replay', '--debug', '--batch', '--history-memory', size, 'none.rec'],
      ]) {
        const { status, stdout, stderr } = await rivulet(command);
        expect([status, stdout]).toEqual([125, '']);
        expect(stderr).toMatch(/^rivulet: --history-memory .*: must be a size of at least 1M.*\n$/);
      }
    }
  });
});
