// Starts the built command line so that it waits for gdb. Used by the tests that attach one.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { HANG_MS } from '../scripts/setup/command.ts';

const DIST = resolve('dist/rivulet.js');

export interface Served {
  readonly port: number;
  /** The guest's end: our status, and all that was printed. */
  readonly ended: Promise<{ status: number; stdout: string; stderr: string }>;
}

/** Starts a program that waits for gdb at a free port. */
export function serveGdb(program: string): Promise<Served> {
  const child = spawn(process.execPath, [DIST, 'debug', '--gdb', '0', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HANG_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  const ended = new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
    child.on('close', (code) => done({ status: code ?? -1, stdout, stderr }));
  });
  return new Promise((found, failed) => {
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
      const port = /target remote .*:(\d+)\n/.exec(stderr)?.[1];
      if (port !== undefined) found({ port: Number(port), ended });
    });
    child.on('close', () => failed(new Error(`it did not wait for gdb: ${stderr}`)));
  });
}
