// `npm run build`: the command line as dist/rivulet.js, the library as dist/lib/ (with types).
// Also called by test and demo. Start-up time matters here: the command line is one CommonJS bundle with V8's code
// cache and the processor's interpreter ready beside it. The new dist/ replaces the old one in one step.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type BuildOptions, build } from 'esbuild';
import { interpreterModule } from '../emulator/cpu/cpu.ts';
import { builtIn, fusedProbe, late, lazyChildProcess, unprintedKinds } from './setup/bundle-plugins.ts';
import { run } from './setup/command.ts';
import { buildSplit } from './setup/split-bundle.ts';
import { trainingProgram } from './setup/training.ts';

const wantTypes = !process.argv.includes('--no-types');
const started = Date.now();
const OUT = `build/dist-${process.pid}`;
const HELLO = 'guest-programs/prebuilt/hello';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minify: true,
  keepNames: false,
  logLevel: 'warning',
} as const;

rmSync(OUT, { recursive: true, force: true });
mkdirSync(`${OUT}/lib`, { recursive: true });
const program = {
  ...common,
  format: 'cjs',
  // the function that a CommonJS module is; cli/launch.cjs calls it, and to add it there would copy the whole text
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
} satisfies BuildOptions;
for (const [name, entry, plugins] of [
  ['rivulet', 'cli/main.ts', [lazyChildProcess, late]],
  ['late', 'emulator/late.ts', []],
] as const) {
  const outfile = `${OUT}/${name}.bundle.js`;
  await build({ ...program, entryPoints: [entry], outfile, plugins: [...plugins] }).catch(() =>
    process.exit(1),
  );
}
await buildSplit({
  common: { ...program, plugins: [builtIn, fusedProbe, late, unprintedKinds] },
  early: { entry: 'cli/start.ts', outfile: `${OUT}/start.bundle.js` },
  late: { entry: 'kernel/late.ts', outfile: `${OUT}/kernel.bundle.js`, name: 'kernel' },
}).catch(() => process.exit(1));
await build({
  ...common,
  entryPoints: { machine: 'machine/machine.ts', node: 'cli/node-host.ts' },
  outdir: `${OUT}/lib`,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
}).catch(() => process.exit(1));

copyFileSync('cli/launch.cjs', `${OUT}/rivulet.js`);
chmodSync(`${OUT}/rivulet.js`, 0o755);
writeFileSync(`${OUT}/package.json`, '{ "type": "commonjs" }\n');
writeFileSync(`${OUT}/lib/package.json`, '{ "type": "module" }\n');
writeFileSync(`${OUT}/interpreter-fused.wasm`, interpreterModule(true));
writeFileSync(`${OUT}/interpreter-exact.wasm`, interpreterModule(false));

// First runs compile what later runs find in the caches.
if (existsSync(HELLO)) {
  const training = `${OUT}/training`;
  writeFileSync(training, trainingProgram(HELLO), { mode: 0o755 });
  const env = { ...process.env, RIVULET_WRITE_CACHE: '1' };
  for (const command of ['trace', 'run']) {
    await run(process.execPath, [`${OUT}/rivulet.js`, command, training], { env });
  }
  rmSync(training);
}
if (wantTypes) {
  const types = await run(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json', '--outDir', `${OUT}/types`],
    {
      show: true,
    },
  );
  if (types.status !== 0) process.exit(1);
}

rmSync(`${OUT}.old`, { recursive: true, force: true });
if (existsSync('dist')) renameSync('dist', `${OUT}.old`);
renameSync(OUT, 'dist');
rmSync(`${OUT}.old`, { recursive: true, force: true });

for (const name of ['start.bundle.js', 'rivulet.bundle.js', 'lib/machine.js']) {
  console.log(`dist/${name}  ${(statSync(`dist/${name}`).size / 1024).toFixed(0)} KiB`);
}
console.log(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
