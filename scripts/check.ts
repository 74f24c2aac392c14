// `npm run check`: types, lint and format, layering, dead code, file sizes, and what the lower layers may use.
// Each check prints one line; a failing one also prints what it found.
import { existsSync } from 'node:fs';
import { checkFileSizes } from './check/file-sizes.ts';
import { checkPurity } from './check/purity.ts';
import { LAYERS } from './check/sources.ts';
import { inParallel, run } from './setup/command.ts';

interface Check {
  name: string;
  /** The problems found, one a line; empty when all is well. */
  find(): Promise<string> | string;
}

const program = (name: string, command: string, ...args: string[]): Check => ({
  name,
  find: async () => {
    const outcome = await run(`node_modules/.bin/${command}`, args, { env: { FORCE_COLOR: '0' } });
    return outcome.status === 0
      ? ''
      : `${outcome.stdout}${outcome.stderr}`.trim() || `exit ${outcome.status}`;
  },
});

const folders = [...LAYERS, 'scripts', 'system-tests'].filter((folder) => existsSync(folder));

const checks: Check[] = [
  program('types', 'tsc', '--noEmit', '--pretty', 'false', '-p', '.'),
  program('dead code', 'knip', '--no-progress'),
  program('layers', 'depcruise', '--config', '.dependency-cruiser.json', ...folders),
  program('lint and format', 'biome', 'check', '--colors=off', '--max-diagnostics=40', '.'),
  { name: 'host access', find: () => checkPurity().join('\n') },
  { name: 'file sizes', find: () => checkFileSizes().join('\n') },
];

const only = process.argv.slice(2);
const chosen =
  only.length > 0 ? checks.filter((check) => only.some((word) => check.name.includes(word))) : checks;

const results = await inParallel(chosen, 2, async (check) => {
  const started = Date.now();
  const problems = await check.find();
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${problems ? 'FAIL' : 'ok  '} ${check.name} (${seconds} s)`);
  if (problems) console.log(problems.replace(/^/gm, '     '));
  return problems === '';
});

const failed = results.filter((good) => !good).length;
console.log(
  failed === 0 ? `check: all ${results.length} passed` : `check: ${failed} of ${results.length} failed`,
);
process.exitCode = failed === 0 ? 0 : 1;
