#!/usr/bin/env node
// What dist/rivulet.js is: loads the bundled command line with V8's code cache, which halves the time to start.
// The build writes bundles and caches beside it. A cache of another Node is ignored, and nothing but time is lost.
'use strict';
const fs = require('node:fs');
const vm = require('node:vm');

const loaded = [];
/** V8's defaults. */
const OPTIMISING = ['--ticks-before-optimization=3', '--max-bytecode-size-for-early-opt=81'];

/** Runs NAME.bundle.js and returns what it exports. */
function load(name) {
  if (name === 'late') setFlags(...OPTIMISING); // the guest is hot: see cli/run-guest.ts
  const bundle = `${__dirname}/${name}.bundle.js`;
  const cache = `${__dirname}/${name}.cache`;
  let cachedData;
  try {
    cachedData = fs.readFileSync(cache);
  } catch {
    // not written yet
  }
  const source = fs.readFileSync(bundle, 'latin1'); // esbuild writes ASCII, and the build the function around it
  const script = new vm.Script(source, { filename: bundle, cachedData });
  loaded.push({ cache, script });
  const self = { exports: {}, load };
  script.runInThisContext()(self.exports, require, self, bundle, __dirname);
  return self.exports;
}

if (process.env.RIVULET_WRITE_CACHE !== undefined) process.on('exit', writeCaches);

/** For the build. A cache is valid for the flags with which it was made: those with which it will be loaded. */
function writeCaches() {
  const [first, ...later] = loaded;
  setFlags(...OPTIMISING);
  for (const { cache, script } of later) fs.writeFileSync(cache, script.createCachedData());
  setFlags(
    '--no-experimental-wasm-relaxed-simd',
    '--no-experimental-wasm-branch-hinting',
    '--wasm-stack-checks',
  );
  fs.writeFileSync(first.cache, first.script.createCachedData());
}

function setFlags(...flags) {
  for (const flag of flags) process.getBuiltinModule('node:v8').setFlagsFromString(flag);
}

if (process.argv[2] !== 'run' || !load('start').isTaken) load('rivulet');
