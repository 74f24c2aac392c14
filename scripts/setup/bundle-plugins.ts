// What the build does to the bundles of the command line so that they start quickly; build.ts says which to which.
// Each plugin takes something out of a bundle that a start would pay for and does not use.
import { type BuildOptions, build, type Plugin } from 'esbuild';
import type { Kind } from '../../kernel/abi/kind.ts';

/** commander loads child_process for a feature that is not used here, which would cost 5 ms at every start. */
export const lazyChildProcess: Plugin = {
  name: 'lazy-child-process',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? { path: 'child_process', namespace: 'lazy' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => process.getBuiltinModule('node:child_process')[name] });`,
    }));
  },
};

/** esbuild would copy every property of a module that Node has built in, for each importer. */
export const builtIn: Plugin = {
  name: 'built-in',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'built-in' }));
    onLoad({ filter: /.*/, namespace: 'built-in' }, ({ path }) => ({
      contents: `export default process.getBuiltinModule('${path}');`,
    }));
  },
};

/** Leaves the processor's late parts in a bundle of their own; `module.load` is launch.cjs's. */
export const late: Plugin = {
  name: 'late',
  setup: ({ onLoad }) => {
    onLoad({ filter: /emulator[\\/]late\.ts$/ }, () => ({
      contents:
        'let all;' +
        `export const late = new Proxy({}, { get: (_, name) => (all ??= module.load('late').late)[name] });`,
    }));
  },
};

/** The bytes of the module that finds out about multiply-adds, without all that writes modules. */
export const fusedProbe: Plugin = {
  name: 'fused-probe',
  setup: ({ onLoad }) => {
    onLoad({ filter: /emulator[\\/]fp[\\/]fused-probe\.ts$/, namespace: 'file' }, async ({ path }) => {
      const { PROBE_BYTES } = await evaluated({ entryPoints: [path] });
      return { contents: `export const PROBE_BYTES = ${JSON.stringify(PROBE_BYTES)};` };
    });
  },
};

/** What a bundle exports. Throws esbuild's BuildFailure. */
export async function evaluated(options: BuildOptions): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({ ...options, bundle: true, format: 'esm', write: false });
  const text = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(`data:text/javascript;base64,${text}`)) as Record<string, unknown>;
}

/**
 * Leaves of the kinds of arguments what decodes registers, as plain data: only traces print them, and a plain run has
 * none. Modules that want more of these files than kinds do not bundle.
 */
export const unprintedKinds: Plugin = {
  name: 'unprinted-kinds',
  setup: ({ onLoad }) => {
    // of this namespace alone: what comes from the other bundle is the same object there
    const filter = /kernel[\\/]abi[\\/]kinds[\\/](basic|.*-kinds)\.ts$/;
    onLoad({ filter, namespace: 'file' }, async ({ path }) => {
      const exported = (await evaluated({ entryPoints: [path] })) as Record<string, Kind>;
      const kinds = Object.entries(exported).filter(([, { register }]) => register !== undefined);
      return {
        contents: kinds.map(([name, kind]) => `export const ${name} = ${JSON.stringify(kind)};`).join('\n'),
      };
    });
  },
};
