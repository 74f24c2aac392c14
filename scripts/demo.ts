// `npm run demo`: builds the command line and runs the prebuilt guest programs that talk over AF_UNIX sockets, first
// plainly, then under `rivulet trace`. Needs no cross compiler.
import { spawn } from 'node:child_process';
import { run } from './setup/command.ts';

const DIST = 'dist/rivulet.js';
const PROGRAMS = 'guest-programs/prebuilt';

const built = await run(process.execPath, ['scripts/run.mjs', 'build', '--no-types']);
if (built.status !== 0) {
  console.error(`build failed:\n${built.stdout}${built.stderr}`);
  process.exit(1);
}

let failures = 0;

/** Shows a command as one would type it, runs it on our own terminal, and notes a bad end. */
async function show(title: string, ...args: string[]): Promise<void> {
  console.log(`\n\x1b[1m${title}\x1b[0m\n$ npx rivulet ${args.join(' ')}`);
  const status = await new Promise<number>((resolve) => {
    const child = spawn(process.execPath, [DIST, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('close', (code) => resolve(code ?? 1));
  });
  if (status !== 0) {
    failures++;
    console.log(`(ended with status ${status})`);
  }
}

for (const verb of ['run', 'trace']) {
  const how = verb === 'run' ? '' : ', every system call shown';
  await show(`A server and a client over /tmp/test.sock${how}`, verb, `${PROGRAMS}/both`);
  await show(`Parent and child over a socketpair${how}`, verb, `${PROGRAMS}/pair`);
  await show(`An open file passed by SCM_RIGHTS${how}`, verb, `${PROGRAMS}/rights`);
}
process.exitCode = failures === 0 ? 0 : 1;
