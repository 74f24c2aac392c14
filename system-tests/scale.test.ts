// Sockets in great numbers and long transfers: right, and with host memory bounded by what the guest's buffers hold.
// RIVULET_FULL=1 runs the long ones at full length (a gibibyte byte by byte, a million cycles).
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { binaryOf } from '../scripts/guests/compile.ts';
import { notBuilt, prebuilt, rivulet } from './rivulet.ts';

const FULL = process.env.RIVULET_FULL === '1';
const TIMEOUT = FULL ? 3_600_000 : 120_000;

const binary = (name: string) => resolve(binaryOf(`scale/${name}`, 'riscv64'));
const cannot =
  notBuilt ?? (existsSync(binary('cycles')) ? undefined : 'not compiled: needs gcc-riscv64-linux-gnu');

/** Runs a program with --stats, and reads from them how much memory we took and what the collector did. */
async function measure(program: string, ...args: string[]) {
  const outcome = await rivulet(['run', '--stats', program, ...args], { timeoutMs: TIMEOUT });
  const { status, stdout, stderr } = outcome;
  expect(status, stderr).toBe(0);
  const memoryMiB = Number(/host memory +(\d+) MiB/.exec(stderr)?.[1]);
  return { stdout, memoryMiB, collector: /collector +(.*)/.exec(stderr)?.[1] };
}

const received = (mebibytes: number) =>
  `received: ${mebibytes * 2 ** 20} bytes\nreads with wrong bytes: 0\nwriter: exited 0\n`;

describe.skipIf(cannot)(`at scale${cannot ? ` [skipped: ${cannot}]` : ''}`, () => {
  test('ten thousand sockets are open at once, and none of them is collection work', {
    timeout: TIMEOUT,
  }, async () => {
    const { stdout, memoryMiB, collector } = await measure(binary('many-sockets'));
    expect(stdout).toContain('open sockets: 10000\n');
    expect(stdout).toContain('wrong messages: 0\n');
    expect(memoryMiB).toBeLessThan(400);
    expect(collector).toBeUndefined();
  });

  test('passing files that are no sockets is no collection work either', { timeout: TIMEOUT }, async () => {
    expect((await measure(prebuilt('rights'))).collector).toBeUndefined();
  });

  test('a gibibyte in writes of a mebibyte takes no more memory than its buffers', {
    timeout: TIMEOUT,
  }, async () => {
    const { stdout, memoryMiB } = await measure(binary('transfer'), '1024', '1048576');
    expect(stdout).toBe(received(1024));
    expect(memoryMiB).toBeLessThan(200);
  });

  const mebibytes = FULL ? 1024 : 4;
  test(`${mebibytes} MiB byte by byte take no more memory than their buffers`, {
    timeout: TIMEOUT,
  }, async () => {
    const { stdout, memoryMiB } = await measure(binary('transfer-bytes'), String(mebibytes), '1');
    expect(stdout).toBe(received(mebibytes));
    expect(memoryMiB).toBeLessThan(200);
  });

  const cycles = FULL ? 1_000_000 : 100_000;
  test(`${cycles} unreachable cycles leave nothing behind`, { timeout: TIMEOUT }, async () => {
    const { stdout, memoryMiB, collector } = await measure(binary('cycles'), String(cycles));
    expect(stdout).toBe(`cycles: ${cycles}\nall collected: 1\n`);
    expect(memoryMiB).toBeLessThan(250);
    // cycles of one, two and three sockets in turn; the last shapes are short by one
    expect(collector).toMatch(new RegExp(`^${2 * cycles - 1} sockets collected`));
  });
});
