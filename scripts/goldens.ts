// `npm run goldens [NAME…]`: records what each guest program does on this machine's own Linux kernel.
// A golden is rewritten only when its text changes, so that its date says when it last did. docs/af-unix.md follows.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { dirname } from 'node:path';
import { AF_UNIX_PAGE, afUnixPage } from './guests/af-unix-page.ts';
import { listGuestPrograms } from './guests/catalogue.ts';
import { compileAll } from './guests/compile.ts';
import { runNative, whyNotNative } from './guests/native.ts';
import {
  describeObservation,
  directivesOf,
  formatGolden,
  goldenPath,
  readGolden,
} from './guests/observation.ts';
import { inParallel } from './setup/command.ts';

const words = process.argv.slice(2);
const programs = listGuestPrograms();
const problems = await compileAll(programs, 'native');
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

const kernel = /^\d+\.\d+\.\d+/.exec(release())?.[0] ?? release();
const recorded = `Linux ${kernel} ${arch() === 'x64' ? 'x86_64' : arch()}, ${new Date().toISOString().slice(0, 10)}`;
const chosen = programs.filter(
  (program) => !program.isPart && (words.length === 0 || words.some((word) => program.name.includes(word))),
);
let written = 0;
await inParallel(chosen, 2, async (program) => {
  if (whyNotNative(program)) return;
  const first = describeObservation(await runNative(program));
  const again = describeObservation(await runNative(program));
  if (first !== again) {
    console.log(`${program.name}: two runs differ; not recorded`);
    process.exitCode = 1;
    return;
  }
  const path = goldenPath(program.name);
  const directives = directivesOf(program);
  const old = existsSync(path) ? readGolden(program.name) : undefined;
  const isSame = old?.text === first;
  if (isSame && old.directives.join('\n') === directives.join('\n')) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    formatGolden({ recorded: isSame ? old.recorded : recorded, directives, text: first }),
    'latin1',
  );
  written++;
  console.log(`recorded ${program.name}`);
});
writeFileSync(AF_UNIX_PAGE, afUnixPage(programs));
console.log(`${written} goldens written, ${chosen.length} programs`);
