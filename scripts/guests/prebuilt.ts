// The prebuilt demo programs: which they are, which compiler release made them, and how to make them again.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { GuestProgram } from './catalogue.ts';
import { binaryOf, compilerRelease } from './compile.ts';

const FOLDER = 'guest-programs/prebuilt';
const RELEASE_FILE = `${FOLDER}/COMPILER`;

export function prebuiltPath(program: { name: string }): string {
  return `${FOLDER}/${program.name.split('/').at(-1)}`;
}

/** The release line of the compiler that made the committed binaries. */
export function prebuiltRelease(): string {
  return existsSync(RELEASE_FILE) ? readFileSync(RELEASE_FILE, 'utf8').trim() : '';
}

/** Copies freshly compiled demo programs over the committed ones. */
export async function updatePrebuilt(programs: readonly GuestProgram[]): Promise<void> {
  for (const program of programs.filter((one) => one.isPrebuilt)) {
    copyFileSync(binaryOf(program.name, 'riscv64'), prebuiltPath(program));
  }
  writeFileSync(RELEASE_FILE, `${await compilerRelease('riscv64')}\n`);
}
