#!/usr/bin/env node
// What dist/rivulet.js is: loads the bundled command line with V8's code cache, which halves the time to start.
// The build writes bundles and caches beside it. A cache of another Node is ignored, and nothing but time is lost.
'use strict';
const fs = require('node:fs');
const vm = require('node:vm');

/** Runs NAME.bundle.js and returns what it exports. */
function load(name) {
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
  const self = { exports: {} };
  script.runInThisContext()(self.exports, require, self, bundle, __dirname);
  if (process.env.RIVULET_WRITE_CACHE === name) process.on('exit', () => write(cache, script));
  return self.exports;
}

/** For the build: the cache is valid for the flags it was made with, so they become those of a fresh process. */
function write(cache, script) {
  const v8 = require('node:v8');
  v8.setFlagsFromString('--no-experimental-wasm-relaxed-simd');
  v8.setFlagsFromString('--no-experimental-wasm-branch-hinting');
  v8.setFlagsFromString('--wasm-stack-checks');
  fs.writeFileSync(cache, script.createCachedData());
}

if (process.argv[2] !== 'run' || !load('start').isTaken) load('rivulet');
