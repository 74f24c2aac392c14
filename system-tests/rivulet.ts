// Starts the built command line, as a person would. Used by every system test that looks at it from outside.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HANG_MS, type Outcome, type RunOptions, run } from '../scripts/setup/command.ts';

const DIST = resolve('dist/rivulet.js');

/** Why nothing can be run, or undefined. `npm test` builds first; vitest alone does not. */
export const notBuilt: string | undefined = existsSync(DIST)
  ? undefined
  : 'dist/rivulet.js is not built: npm run build';

/** For test names: what `npm test` lists at its end. */
export const whySkipped = notBuilt ? ` [skipped: ${notBuilt}]` : '';

export function rivulet(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(process.execPath, [DIST, ...args], { timeoutMs: HANG_MS, ...options });
}

/** A prebuilt guest program, which needs no compiler. */
export function prebuilt(name: string): string {
  return resolve('guest-programs/prebuilt', name);
}

/** Calls `use` with a fresh host directory and removes it afterwards. */
export async function inDirectory<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'rivulet-test-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Fails when the text looks like a crash of ours rather than a message for a person. */
export function looksLikeCrash(text: string): boolean {
  return /\n\s+at .*(\.js|\.ts|node:)|^\w*Error: |UnhandledPromise|Node\.js v\d/m.test(text);
}
