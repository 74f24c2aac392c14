// The trace says what strace says: guest programs run natively under the host's strace and in the guest under `rivulet
// trace`, and print the same sorts of lines: calls, decoded arguments, results, signals, ends.
// Compared are shapes, lines without numbers and strings: pids, addresses and times differ, and so do the calls by which
// the C libraries of two architectures do the same. Which lines there are counts, not how often or in which order.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type GuestProgram, listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { binaryOf } from '../scripts/guests/compile.ts';
import { GUEST_ENVIRONMENT, isReferenceKernel, whyNotNative } from '../scripts/guests/native.ts';
import { runOurs, whyNotOurs } from '../scripts/guests/ours.ts';
import { MOST_RUNS, persistentDifference } from '../scripts/guests/persistent-difference.ts';
import { run } from '../scripts/setup/command.ts';
import { traceShapes } from './trace-shapes.ts';

const STRACE = '/usr/bin/strace';
/** Later ones have other names for some things. */
const isSameStrace = /version 6\.1\b/.test(
  spawnSync(STRACE, ['--version'], { encoding: 'utf8' }).stdout ?? '',
);
const NATIVE_TIMEOUT_MS = 10_000;

/** Short, alone on the machine, and the same on every run; each shows arguments that no other one does. */
const PROGRAMS = [
  'fs/locks',
  'fs/open-flags',
  'inet/interface-ioctls',
  'inet/option-levels',
  'ipc/semaphores',
  'memory/memfd',
  'poll/eventfd',
  'poll/signalfd',
  'process/credentials',
  'process/namespace-ioctls',
  'process/threads-own',
  'process/waitid',
  'signal/altstack',
  'signal/queue',
  'signal/stop-and-go',
  'time/timerfd',
  'unix/u24-peercred',
  'unix/u26-passcred',
  'unix/u45-readiness',
  'unix/u48-many-messages',
];

function whyNot(program: GuestProgram): string | undefined {
  if (!existsSync(STRACE)) return 'strace is not installed';
  if (!isReferenceKernel()) return 'the host is not Linux 6.17 or later';
  if (!isSameStrace) return `${STRACE} is not 6.1, whose words the trace has`;
  if (!existsSync(binaryOf(program.name, 'native'))) return 'not compiled: needs gcc and libc6-dev';
  return whyNotNative(program) ?? whyNotOurs(program);
}

async function byStrace(program: GuestProgram, output: string): Promise<string> {
  const cwd = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rivulet-'));
  const environment = Object.entries({ ...GUEST_ENVIRONMENT, ...program.env }).map((pair) => pair.join('='));
  const binary = resolve(binaryOf(program.name, 'native'));
  // the pipes that Node makes are sockets, which programs could tell
  const [input, sink] = [openSync('/dev/null', 'r'), openSync('/dev/null', 'w')];
  try {
    await run(
      'setsid',
      ['--wait', 'env', '-i', ...environment, STRACE, '-f', '-o', output, binary, ...program.args],
      { cwd, timeoutMs: NATIVE_TIMEOUT_MS, stdio: [input, sink] },
    );
    return readFileSync(output, 'utf8');
  } finally {
    closeSync(input);
    closeSync(sink);
    rmSync(cwd, { recursive: true, force: true });
  }
}

for (const program of listGuestPrograms().filter(({ name }) => PROGRAMS.includes(name))) {
  const reason = whyNot(program);
  const title = `${program.name}${reason === undefined ? '' : ` [skipped: ${reason}]`}`;
  const timeout = NATIVE_TIMEOUT_MS * MOST_RUNS;
  test.skipIf(reason !== undefined)(title, { timeout }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rivulet-strace-'));
    try {
      await runOurs(program, ['trace', '-o', join(directory, 'ours')]);
      const ours = traceShapes(readFileSync(join(directory, 'ours'), 'utf8'));
      expect(ours.length).toBeGreaterThan(5);
      // what comes between two processes natively can make a line more or less
      const native = async () => traceShapes(await byStrace(program, join(directory, 'native'))).join('\n');
      expect(await persistentDifference(ours.join('\n'), native)).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
