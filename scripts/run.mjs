// Runs scripts/<name>.ts: installs the locked npm packages when they are missing, bundles the script with
// esbuild (Node 20 cannot run TypeScript), and imports the result. Called by every `npm run` entry.
// Plain JavaScript without dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...args] = process.argv.slice(2);

if (!name || !existsSync(join(root, 'scripts', `${name}.ts`))) {
  console.error('usage: node scripts/run.mjs NAME [ARGUMENTS]   (NAME.ts is in scripts/)');
  process.exit(2);
}

/** The locked packages that are not installed in their locked version; optional ones may be absent. */
function missingPackages() {
  const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return ['all'];
  const installed = read('node_modules/.package-lock.json');
  return Object.entries(read('package-lock.json'))
    .filter(([path, wanted]) => path !== '' && !wanted.optional && !wanted.devOptional && !wanted.peer)
    .filter(([path, wanted]) => installed[path]?.version !== wanted.version)
    .map(([path]) => path);
}

if (missingPackages().length > 0) {
  console.log('setting up: npm ci');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('npm ci failed: the packages of package-lock.json could not be installed');
    process.exit(1);
  }
}

const esbuild = createRequire(import.meta.url)('esbuild');
const outfile = join(root, 'build/scripts', `${name}.mjs`);
await esbuild.build({
  entryPoints: [join(root, 'scripts', `${name}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'error',
});
process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], outfile, ...args];
process.chdir(root);
await import(pathToFileURL(outfile).href);
