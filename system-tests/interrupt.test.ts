// Ctrl-C and kill: what reaches the emulator's process reaches the guest, and the guest decides.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { binaryOf } from '../scripts/guests/compile.ts';
import { inDirectory, notBuilt, rivulet } from './rivulet.ts';

const binary = resolve(binaryOf('tools/interruptible', 'riscv64'));
const cannot = notBuilt ?? (existsSync(binary) ? undefined : 'not compiled: needs gcc-riscv64-linux-gnu');
const suffix = cannot ? ` [skipped: ${cannot}]` : '';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.skipIf(cannot)(`${signal} sent to the emulator reaches a sleeping guest${suffix}`, async () => {
    const child = spawn(process.execPath, ['dist/rivulet.js', 'run', binary], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output === 'ready\n') child.kill(signal);
    });
    const status = await new Promise((done) => child.on('close', done));
    expect(output).toBe(`ready\ncaught ${signal}\n`);
    expect(status).toBe(3);
  });
}

const leaver = resolve(binaryOf('process/leaves-child', 'riscv64'));

test.skipIf(cannot)(`SIGTERM ends what a program left running when it ended itself${suffix}`, async () => {
  const child = spawn(process.execPath, ['dist/rivulet.js', 'run', leaver], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', () => setTimeout(() => child.kill('SIGTERM'), 200));
  const status = await new Promise((done) => child.on('close', done));
  expect(status).toBe(0); // the program's own, which had ended before
});

const waiter = resolve(binaryOf('tools/waits-for-child', 'riscv64'));

test.skipIf(cannot)(`SIGTERM that ends the program ends what it waits for as well${suffix}`, async () => {
  const child = spawn(process.execPath, ['dist/rivulet.js', 'run', waiter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', () => child.kill('SIGTERM'));
  expect(await new Promise((done) => child.on('close', done))).toBe(143);
});

test.skipIf(cannot)(`a signal is in a recording, and comes at the same moment again${suffix}`, async () => {
  await inDirectory(async (directory) => {
    const file = join(directory, 'interrupted.rec');
    const child = spawn(process.execPath, ['dist/rivulet.js', 'record', '-o', file, binary], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString() === 'ready\n') child.kill('SIGINT');
    });
    expect(await new Promise((done) => child.on('close', done))).toBe(3);
    for (const options of [[], ['--no-jit']]) {
      const again = await rivulet(['replay', ...options, file]);
      expect(again).toEqual({ status: 3, stdout: 'ready\ncaught SIGINT\n', stderr: '' });
    }
  });
});

test.skipIf(cannot)(
  `SIGTERM that ends a whole process group is in a recording, and ends it again${suffix}`,
  async () => {
    await inDirectory(async (directory) => {
      const file = join(directory, 'terminated.rec');
      const child = spawn(process.execPath, ['dist/rivulet.js', 'record', '-o', file, waiter], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        child.kill('SIGTERM');
      });
      expect(await new Promise((done) => child.on('close', done))).toBe(143);
      for (const options of [[], ['--no-jit']]) {
        const again = await rivulet(['replay', ...options, file]);
        expect(again).toEqual({ status: 143, stdout: output, stderr: '' });
      }
      const looked = await rivulet([
        'replay',
        '--debug',
        '--batch',
        '-ex',
        'c',
        '-ex',
        'c',
        '-ex',
        'c',
        file,
      ]);
      expect(looked.stdout).toMatch(
        /received signal SIGTERM[\s\S]*\[pid 2 .*killed by SIGTERM\][\s\S]*received signal SIGTERM[\s\S]*\[pid 3 .*killed by SIGTERM\]\nThe program has ended\.\n/,
      );
    });
  },
);
