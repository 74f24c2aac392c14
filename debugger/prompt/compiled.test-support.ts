// Programs of guest-programs/debug/ in languages other than C, compiled when a test first wants them.
// Tests of this folder skip themselves where the compiler is not installed; `npm test` installs it where it may.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const COMPILERS: Readonly<Record<string, string>> = {
  cpp: 'riscv64-linux-gnu-g++',
  s: 'riscv64-linux-gnu-gcc',
};

export interface Compiled {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/** Undefined without the compiler. `file`: below guest-programs/debug/. */
export function compiled(file: string, ...flags: string[]): Compiled | undefined {
  const [base = '', kind = ''] = file.split('.');
  const compiler = COMPILERS[kind];
  if (compiler === undefined) throw new Error(`no compiler for ${file}`);
  const source = `guest-programs/debug/${file}`;
  const output = `build/guests/riscv64/debug/${base}${flags.join('')}`;
  if (!existsSync(output) || statSync(output).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(dirname(output), { recursive: true });
    const args = ['-g', '-static', '-ffile-prefix-map=./=', ...flags, '-o', output, source];
    const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
    if (error !== undefined) return undefined;
    if (status !== 0) throw new Error(`${source}: ${stderr}`);
  }
  return { bytes: readFileSync(output), source: readFileSync(source, 'utf8') };
}
