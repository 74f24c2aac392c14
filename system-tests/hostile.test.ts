// Guests that fork, allocate, write or loop without end stop at their limits; the host is unharmed and told in one line.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { binaryOf } from '../scripts/guests/compile.ts';
import { looksLikeCrash, notBuilt, rivulet } from './rivulet.ts';

const binary = (name: string) => resolve(binaryOf(`hostile/${name}`, 'riscv64'));
const cannot =
  notBuilt ?? (existsSync(binary('fork-bomb')) ? undefined : 'not compiled: needs gcc-riscv64-linux-gnu');

async function runHostile(name: string, ...options: string[]) {
  const outcome = await rivulet(['run', '--cwd', '/tmp', ...options, binary(name)]);
  expect(looksLikeCrash(outcome.stderr), outcome.stderr).toBe(false);
  return outcome;
}

describe.skipIf(cannot)(`hostile guests${cannot ? ` [skipped: ${cannot}]` : ''}`, () => {
  test('an endless loop ends at --timeout', async () => {
    const outcome = await runHostile('endless-loop', '--timeout', '1');
    expect(outcome.stdout).toBe('looping\n');
    expect(outcome.stderr).toBe('rivulet: the time limit of 1 s is reached; every process is killed\n');
    expect(outcome.status).toBe(137);
  });

  test('a fork bomb stops at --max-processes and ends at --timeout', async () => {
    const outcome = await runHostile('fork-bomb', '--max-processes', '50', '--timeout', '5');
    expect(outcome.stdout).toMatch(/^fork: EAGAIN$/m);
    expect(outcome.stdout.split('\n').length).toBeLessThan(60);
  });

  test('memory ends at --memory with ENOMEM', async () => {
    const outcome = await runHostile('memory-eater', '--memory', '256M');
    expect([0, 137]).toContain(outcome.status);
    if (outcome.status === 0) expect(outcome.stdout).toMatch(/^refused: ENOMEM/);
  });

  test('files in memory end at --memory too', async () => {
    const outcome = await runHostile('disk-eater', '--memory', '256M');
    expect([0, 137]).toContain(outcome.status);
    if (outcome.status === 0) expect(outcome.stdout).toMatch(/ended: (limit|ENOSPC|ENOMEM)/);
  });

  test('sockets and what is queued in them end at --memory too', async () => {
    const outcome = await runHostile('socket-eater', '--memory', '256M', '--stats');
    expect(outcome.stdout).toMatch(
      /^(send ended: ENOBUFS|socketpair ended: ENOMEM)\nqueued at least 64 MiB: 1\n$/,
    );
    expect(Number(/host memory +(\d+) MiB/.exec(outcome.stderr)?.[1])).toBeLessThan(700);
  });

  test('descriptors, and their copies in children, end at --memory too', async () => {
    const outcome = await runHostile('table-eater', '--memory', '256M', '--stats');
    expect(outcome.stdout).toBe('eventfd ended: ENOMEM\nat least 50000: 1\nfork ended: ENOMEM\n');
    expect(Number(/host memory +(\d+) MiB/.exec(outcome.stderr)?.[1])).toBeLessThan(1200);
  });

  test('a program cut or damaged anywhere is refused or ends', async () => {
    const outcome = await runHostile('elf-mutations', '--timeout', '240');
    expect(outcome.stdout).toBe(
      'whole: ran 1\ncut anywhere: ended 133\ncut within the headers: refused at least 120\ndamaged anywhere: ended 733\n',
    );
    expect(outcome.status).toBe(0);
  });

  test('every system call with nonsense arguments is answered', async () => {
    const outcome = await runHostile('odd-system-calls', '--timeout', '240');
    expect(outcome.stdout).toMatch(/all answered: 1$/m);
  });

  test('requests to trace that make no sense are answered, and nobody is left behind', async () => {
    const outcome = await runHostile('ptrace-nonsense', '--timeout', '240');
    expect([outcome.stdout, outcome.stderr, outcome.status]).toEqual(['answered: 8000\n', '', 0]);
  });

  test('random system calls are answered, and their traces printed', async () => {
    const run = ['--virtual-time', '--timeout', '240', binary('random-system-calls')];
    const outcome = await runHostile('random-system-calls', '--virtual-time', '--timeout', '240');
    expect([outcome.stdout, outcome.stderr, outcome.status]).toEqual(['rounds: 20\n', '', 0]);
    const traced = await rivulet(['trace', '-f', '-o', '/dev/null', '--cwd', '/tmp', ...run, '21', '10']);
    expect([traced.stdout, traced.stderr, traced.status]).toEqual(['rounds: 10\n', '', 0]);
  });

  test('entries of an io_uring that make no sense harm nobody', async () => {
    const outcome = await runHostile('uring-nonsense', '--timeout', '240');
    expect([outcome.stdout, outcome.stderr, outcome.status]).toEqual(['alive\n', '', 0]);
  });
});
