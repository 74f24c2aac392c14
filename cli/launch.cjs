#!/usr/bin/env node
// What dist/rivulet.js is: loads the bundled command line with V8's code cache, which halves the time to start.
// The build writes bundles and caches beside it. A cache of another Node is ignored, and nothing but time is lost.
'use strict';
const fs = require('node:fs');
const vm = require('node:vm');

// Arguments need not be UTF-8 on Linux, but Node has U+FFFD for what is not. They are kept as halves of surrogate pairs,
// U+DC80 to U+DCFF; byteString of host-paths.ts makes the bytes of them again.
if (process.platform === 'linux' && process.argv.some((word) => word.includes('\ufffd'))) {
  const words = fs.readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  for (let back = 1; back <= process.argv.length - 2; back++)
    process.argv[process.argv.length - back] = escaped(words[words.length - back]);
}

/** Text of a string of bytes; what is no UTF-8 becomes halves of surrogate pairs. */
function escaped(bytes) {
  const UTF8 =
    /[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}|(.)/gs;
  return bytes.replace(UTF8, (all, other) =>
    other === undefined
      ? Buffer.from(all, 'latin1').toString()
      : String.fromCharCode(0xdc00 + other.charCodeAt(0)),
  );
}

const V8 = Number.parseFloat(process.versions.v8);
const loaded = [];
/** While the build fills the caches, flags stay those of a fresh process; this is what was asked for. */
const postponed = process.env.RIVULET_WRITE_CACHE === undefined ? undefined : [];
/**
 * V8's defaults, of flags that Node 22 has no more; and modules without dynamic tiering are not optimised, see compileRegion
 * in guest.ts.
 */
const OPTIMISING =
  V8 < 12
    ? ['--ticks-before-optimization=3', '--max-bytecode-size-for-early-opt=81', '--no-wasm-tier-up']
    : [];

/** Runs NAME.bundle.js and returns what it exports. `shared`: what that has from the bundle that asks for it. */
function load(name, shared) {
  // the guest is past its start: see cli/run-guest.ts
  if (name === 'late' || name === 'kernel') setFlags(...OPTIMISING);
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
  const self = { exports: {}, load, setFlags, shared };
  script.runInThisContext()(self.exports, require, self, bundle, __dirname);
  return self.exports;
}

if (postponed !== undefined) process.on('exit', writeCaches);

/** For the build. A cache is valid for the flags with which it was made: those with which it will be loaded. */
function writeCaches() {
  const [first, ...later] = loaded;
  fs.writeFileSync(first.cache, first.script.createCachedData());
  for (const flag of postponed) v8Flags()(flag);
  for (const { cache, script } of later) fs.writeFileSync(cache, script.createCachedData());
}

/** Sets flags of V8. */
function setFlags(...flags) {
  if (postponed === undefined) for (const flag of flags) v8Flags()(flag);
  else postponed.push(...flags);
}

let setFlag;

/**
 * The function that sets one. Node's v8 module would load all streams for it, a twentieth of our start, so it is asked
 * only where the function below it cannot be had.
 */
function v8Flags() {
  setFlag ??= bindingOfFlags() ?? require('node:v8').setFlagsFromString;
  return setFlag;
}

function bindingOfFlags() {
  const { noDeprecation = false } = process;
  try {
    process.noDeprecation = true; // process.binding says so on stderr
    return process.binding('v8').setFlagsFromString;
  } catch {
    return undefined; // there is none any more, or Node's permission model forbids it
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

if (process.argv[2] !== 'run' || !load('start').isTaken) load('rivulet');
