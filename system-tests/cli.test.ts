// The command line: exit status, streams, options, help.
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SEEK_INPUT } from '../machine/tiny-program.test-support.ts';
import { HANG_MS, run } from '../scripts/setup/command.ts';
import { inDirectory, looksLikeCrash, notBuilt, prebuilt, rivulet, whySkipped } from './rivulet.ts';

describe.skipIf(notBuilt)(`rivulet${whySkipped}`, () => {
  test('prints help with examples for itself and every command', async () => {
    const help = await rivulet(['--help']);
    expect(help.status).toBe(0);
    for (const command of ['run', 'trace', 'test', 'info', 'syscalls']) {
      expect(help.stdout).toContain(command);
      const own = await rivulet([command, '--help']);
      expect(own.status).toBe(0);
      expect(own.stdout).toMatch(/example/i);
    }
  });

  test('run passes arguments after the program through, also those that look like options', async () => {
    const outcome = await rivulet(['run', prebuilt('hello'), '--help']);
    expect(outcome).toMatchObject({ status: 0, stdout: 'hello from --help\n', stderr: '' });
  });

  test.skipIf(process.platform !== 'linux')(
    'run takes bytes that are no UTF-8, in arguments, names and the current directory',
    async () => {
      await inDirectory(async (directory) => {
        const script = `cd "$2" && mkdir "$(printf 'd\\351')" && cd "$(printf 'd\\351')" && cp "$3" "$(printf 'p\\351')" &&
          "$0" "$1" run "./$(printf 'p\\351')" "$(printf 'a\\351é\\377')" | od -An -c`;
        const words = [process.execPath, resolve('dist/rivulet.js'), directory, prebuilt('hello')];
        const { stdout, stderr } = await run('/bin/sh', ['-c', script, ...words], { timeoutMs: HANG_MS });
        expect(stderr).toBe('');
        expect(stdout.replace(/\s+/g, ' ')).toBe(' h e l l o f r o m a 351 303 251 377 \\n ');
      });
    },
  );

  test('two programs talk over a path socket in one machine', async () => {
    const outcome = await rivulet(['run', prebuilt('both')]);
    expect(outcome.status).toBe(0);
    const said = (who: string) => outcome.stdout.split('\n').filter((line) => line.startsWith(who));
    expect(said('server')).toEqual([
      'server: listening on /tmp/test.sock',
      'server: a client is here',
      'server: received "hello over the socket"',
      'server: received "and goodbye"',
      'server: the client is gone',
    ]);
    expect(said('client')).toEqual([
      'client: connected to /tmp/test.sock',
      'client: received "you said: hello over the socket"',
      'client: received "you said: and goodbye"',
    ]);
  });

  test('a program whose stdin is /dev/null sees that device, and otherwise a pipe', async () => {
    await inDirectory(async (directory) => {
      const seek = join(directory, 'seek');
      writeFileSync(seek, SEEK_INPUT, { mode: 0o755 });
      expect(await rivulet(['run', seek])).toMatchObject({ status: 0 });
      expect(await rivulet(['run', seek], { stdin: '' })).toMatchObject({ status: 29 });
    });
  });

  test('trace -ff writes a file for each process, and -A goes on in one', async () => {
    await inDirectory(async (directory) => {
      const file = join(directory, 'trace');
      await rivulet(['trace', '-ff', '-e', 'exit_group', '-o', file, prebuilt('pair')]);
      expect(readFileSync(`${file}.3`, 'utf8')).toBe(
        `${'exit_group(7)'.padEnd(40)}= ?\n+++ exited with 7 +++\n`,
      );
      expect(readFileSync(`${file}.2`, 'utf8')).toContain('+++ exited with 0 +++\n');
      for (let run = 0; run < 2; run++)
        await rivulet(['trace', '-A', '-qq', '-e', 'write', '--output', file, prebuilt('hello')]);
      const line = /^2 +write\(1, "hello.*= 29\n/;
      expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`${line.source}${line.source.slice(1)}$`));
    });
  });

  test('trace -o tells once that the disk is full', async () => {
    if (!existsSync('/dev/full')) return;
    const outcome = await rivulet(['trace', '-o', '/dev/full', prebuilt('pair')]);
    expect(outcome.stderr).toBe(
      'rivulet: -o /dev/full: No space left on device: lines of the trace are missing\n',
    );
    expect(outcome.status).toBe(0);
  });

  test('what is wrong with the words of a command leads to the help of that command', async () => {
    const hint = async (...words: string[]): Promise<string | undefined> =>
      /\((rivulet[^()]*) shows how it is used\)\n$/.exec((await rivulet(words)).stderr)?.[1];
    for (const command of [
      'run',
      'trace',
      'debug',
      'explore',
      'test',
      'record',
      'replay',
      'syscalls',
      'info',
    ])
      expect(await hint(command, '--nosuch')).toBe(`rivulet ${command} --help`);
    expect(await hint('run', '--mount', 'x', 'hello')).toBe('rivulet run --help');
    expect(await hint('run', '--leaks', '--mount', 'x', 'hello')).toBe('rivulet run --help');
    expect(await hint('trace', '-e', 'nosuch', 'hello')).toBe('rivulet trace --help');
    expect(await hint('--nosuch')).toBe('rivulet --help');
    expect(await hint('rnu')).toBe('rivulet --help');
  });

  test('trace -p says that there is nothing to attach to, with and without a program', async () => {
    for (const words of [
      ['-p', '1'],
      ['--attach=1', prebuilt('hello')],
    ]) {
      const outcome = await rivulet(['trace', ...words]);
      expect(outcome).toMatchObject({ status: 125, stdout: '' });
      expect(outcome.stderr).toMatch(/^rivulet: -p 1: there is nothing to attach to, .*\n$/);
    }
  });

  test('trace -o |command gives the trace to a command, and waits for it', async () => {
    const pair = ['-e', 'trace=socketpair', prebuilt('pair')];
    const counted = await rivulet(['trace', '-o', '|grep -c SOCK_STREAM', ...pair]);
    expect(counted.stdout.split('\n')).toContain('1');
    expect(counted.stderr).toBe('');
    expect((await rivulet(['trace', '-o', '|exit 3', ...pair])).status).toBe(0);
    expect((await rivulet(['trace', '-ff', '-o', '|cat', ...pair])).stderr).toContain(
      'a command gets one trace',
    );
  });

  test('trace prints strace’s lines on standard error and leaves standard output alone', async () => {
    const outcome = await rivulet(['trace', prebuilt('rights')]);
    expect(outcome.status).toBe(0);
    expect(outcome.stdout).toContain('parent: the shared offset is now 19');
    expect(outcome.stderr).toMatch(/socketpair\(AF_UNIX, SOCK_STREAM, 0, \[\d+, \d+\]\) += 0/);
    expect(outcome.stderr).toMatch(/cmsg_type=SCM_RIGHTS, cmsg_data=\[\d+\]/);
    expect(outcome.stderr).toMatch(/\+\+\+ exited with 0 \+\+\+/);
  });

  test('the current directory is seen copy-on-write and the host’s files do not change', async () => {
    await inDirectory(async (directory) => {
      const outcome = await rivulet(['run', prebuilt('rights')], { cwd: directory });
      expect(outcome.status).toBe(0);
      mkdirSync(join(directory, 'root'));
      writeFileSync(join(directory, 'root', 'hello'), readFileSync(prebuilt('hello')), { mode: 0o755 });
      const rooted = await rivulet(['run', '--root', join(directory, 'root'), '/hello', 'inside']);
      expect(rooted).toMatchObject({ status: 0, stdout: 'hello from inside\n' });
      symlinkSync('root', join(directory, 'lïnk'));
      const linked = await rivulet(['run', '--root', join(directory, 'lïnk'), '/hello', 'linked']);
      expect(linked).toMatchObject({ status: 0, stdout: 'hello from linked\n' });
      const mount = ['--root', join(directory, 'root'), '--mount', `${join(directory, 'lïnk')}:/mnt`];
      const mounted = await rivulet(['run', ...mount, '/mnt/hello', 'mounted']);
      expect(mounted).toMatchObject({ status: 0, stdout: 'hello from mounted\n' });
      const missing = await rivulet(['run', '--root', join(directory, 'root'), prebuilt('hello')]);
      expect(missing.status).toBe(127);
      expect(looksLikeCrash(missing.stderr)).toBe(false);
    });
  });

  test('a root whose proc is a link to /proc, as debootstrap leaves it, starts, and keeps the link', async () => {
    await inDirectory(async (directory) => {
      writeFileSync(join(directory, 'hello'), readFileSync(prebuilt('hello')), { mode: 0o755 });
      symlinkSync('/proc', join(directory, 'proc'));
      const rooted = await rivulet(['run', '--root', directory, '/hello', 'inside']);
      expect(rooted).toMatchObject({ status: 0, stdout: 'hello from inside\n' });
      expect(readlinkSync(join(directory, 'proc'))).toBe('/proc');
    });
  });

  test('a --root or --mount that leads nowhere is one line and 125', async () => {
    await inDirectory(async (directory) => {
      const circle = join(directory, 'circle');
      symlinkSync('circle', circle);
      const below = join(prebuilt('hello'), 'below');
      for (const place of [circle, below, join(directory, 'missing')]) {
        for (const options of [
          ['--root', place],
          ['--mount', `${place}:/mnt`],
        ]) {
          const outcome = await rivulet(['run', ...options, prebuilt('hello')]);
          expect(outcome).toMatchObject({ status: 125, stdout: '' });
          expect(outcome.stderr).toMatch(/^rivulet: --(root|mount) .*: there is no such .*\n$/);
        }
      }
    });
  });

  test('--ulimit sets limits of the program, and a mistake in one is one line and 125', async () => {
    const limited = ['--ulimit', 'nofile=3', prebuilt('pair')];
    expect((await rivulet(['trace', ...limited])).stderr).toContain('= -1 EMFILE (Too many open files)');
    await inDirectory(async (directory) => {
      const file = join(directory, 'limited.rec');
      const recorded = await rivulet(['record', '-o', file, ...limited]);
      expect(await rivulet(['replay', file])).toEqual(recorded);
    });
    for (const [word, why] of [
      ['nofile', /must be NAME=SOFT or NAME=SOFT:HARD, .* nofile, /],
      ['file=3', /NAME is one of as, core, /],
      ['core=-2', /must be NAME=SOFT/],
      ['core=1:2:3', /must be NAME=SOFT/],
      ['stack=2M:1M', /: the soft limit is above the hard one \(/],
      ['nofile=2M', /: more descriptors than fs.nr_open \(/],
    ] as const) {
      const outcome = await rivulet(['run', '--ulimit', word, prebuilt('hello')]);
      expect(outcome).toMatchObject({ status: 125, stdout: '' });
      expect(outcome.stderr).toMatch(why);
      expect(outcome.stderr).toMatch(/^rivulet: --ulimit .*\n$/);
    }
  });

  test('syscalls lists what there is', async () => {
    const outcome = await rivulet(['syscalls']);
    expect(outcome.status).toBe(0);
    for (const name of ['openat', 'clone', 'sendmsg', 'epoll_pwait', 'rt_sigaction']) {
      expect(outcome.stdout).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});
