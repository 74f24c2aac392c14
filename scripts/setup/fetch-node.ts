// Other builds of Node, from the npm packages node-PLATFORM-ARCH that hold one executable each.
// test-windows.ts and test-nodes.ts call it; what is there already is not fetched again.
import { existsSync, mkdirSync } from 'node:fs';
import { run } from './command.ts';

/**
 * Fetches Node below `work` and returns the path of its executable. `version` may be a range: `24` is the last 24.x
 * that the registry had when it was first asked for. Throws when npm or tar fail.
 */
export async function fetchNode(platform: string, version: string, work: string): Promise<string> {
  const name = `node-${platform}-${process.arch}@${version}`;
  const directory = `${work}/${name}`;
  const program = `${directory}/package/bin/${platform === 'win' ? 'node.exe' : 'node'}`;
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  const packed = await run('npm', ['pack', '--silent', name], { cwd: directory });
  if (packed.status !== 0) throw new Error(`npm pack ${name}: ${packed.stderr}`);
  const archive = packed.stdout.trim().split('\n').at(-1) ?? '';
  const untarred = await run('tar', ['xzf', archive], { cwd: directory });
  if (untarred.status !== 0) throw new Error(`tar: ${untarred.stderr}`);
  return program;
}
