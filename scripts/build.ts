// `npm run build`: bundles the command line to dist/rivulet.js and the library to dist/machine.js (with types).
// Also called by test and demo. Start-up time matters here: what is imported lazily becomes its own chunk.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';
import { run } from './setup/command.ts';

const wantTypes = !process.argv.includes('--no-types');
const started = Date.now();

const entryPoints: Record<string, string> = {};
for (const [name, source] of [
  ['rivulet', 'cli/main.ts'],
  ['machine', 'machine/machine.ts'],
] as const) {
  if (existsSync(source)) entryPoints[name] = source;
  else console.error(`build: ${source} is not there; dist/${name}.js is left out`);
}

/** Commander loads child_process for subcommands that are programs of their own; ours are not, and it costs 8 ms. */
const withoutChildProcess: Plugin = {
  name: 'without-child-process',
  setup(build) {
    build.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? { path: 'none', namespace: 'empty' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};

rmSync('dist', { recursive: true, force: true });
const result = await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  minify: true,
  keepNames: false,
  sourcemap: false,
  metafile: true,
  plugins: [withoutChildProcess],
  logLevel: 'warning',
  // Bundled CommonJS packages (commander, elfinfo) call require for Node's own modules.
  banner: {
    js: "import { createRequire as rivuletRequire } from 'node:module'; const require = rivuletRequire(import.meta.url);",
  },
}).catch(() => process.exit(1));
if (existsSync('dist/rivulet.js')) {
  const text = readFileSync('dist/rivulet.js', 'utf8');
  if (!text.startsWith('#!')) writeFileSync('dist/rivulet.js', `#!/usr/bin/env node\n${text}`);
  chmodSync('dist/rivulet.js', 0o755);
}

if (wantTypes && entryPoints.machine) {
  const types = await run('npx', ['tsc', '-p', 'tsconfig.types.json'], { show: true });
  if (types.status !== 0) process.exit(1);
}

for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) console.log(`${path}  ${(output.bytes / 1024).toFixed(0)} KiB`);
}
console.log(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
