// `npm run test:nodes [VERSION…]`: the guest programs under newer releases of Node, against their goldens.
// Not a part of `npm test`: it fetches each Node from the npm registry. A run must print nothing of its own: V8 complains
// on stderr about flags that a release does not know.
import { run } from './setup/command.ts';
import { fetchNode } from './setup/fetch-node.ts';

const VERSIONS = ['22', '24', '26'];
const HELLO = 'guest-programs/prebuilt/hello';

for (const script of ['build', 'guests']) {
  if ((await run('npm', ['run', '-s', script], { show: true })).status !== 0) process.exit(1);
}
const asked = process.argv.slice(2);
for (const version of asked.length > 0 ? asked : VERSIONS) {
  const node = await fetchNode(process.platform, version, 'build/nodes');
  const { stdout } = await run(node, ['--version']);
  const hello = await run(node, ['dist/rivulet.js', 'run', HELLO]);
  const isQuiet = hello.status === 0 && hello.stderr === '';
  if (!isQuiet) console.log(`${HELLO} ended with status ${hello.status} and said: ${hello.stderr}`);
  const tested = await run(node, [
    ...['dist/rivulet.js', 'test', 'build/guests/riscv64'],
    ...['--expected', 'system-tests/golden'],
  ]);
  const failed = tested.stdout.split('\n').filter((line) => line.startsWith('FAIL'));
  const passed = [...tested.stdout.matchAll(/^ok /gm)].length;
  if (tested.stderr !== '') console.log(tested.stderr);
  for (const line of failed) console.log(line);
  console.log(`Node ${stdout.trim()}: ${passed} pass, ${failed.length} fail`);
  if (!isQuiet || tested.status !== 0 || tested.stderr !== '' || passed === 0) process.exitCode = 1;
}
