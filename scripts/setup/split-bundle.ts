// Splits what a plain run loads in two: the start, and the rest of the kernel (kernel/late.ts and all that only it needs).
// build.ts calls it. Every module is in one of the bundles, so that its classes and its state exist once; the late
// bundle gets what it imports of early modules from the early bundle, when that loads it.
import { dirname, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const DOOR = /kernel[\\/]late\.ts$/;

export interface SplitOptions {
  /** For both bundles; their format is CommonJS. */
  readonly common: BuildOptions;
  readonly early: { readonly entry: string; readonly outfile: string };
  /** `name` is what the early bundle asks `module.load` of launch.cjs for. */
  readonly late: { readonly entry: string; readonly outfile: string; readonly name: string };
}

/** Writes both bundles. Throws esbuild's BuildFailure. */
export async function buildSplit({ common, early, late }: SplitOptions): Promise<void> {
  const { plugins = [] } = common;
  const draft = { ...common, write: false, metafile: true, minify: false, format: 'esm' } as const;
  const first = await build({
    ...draft,
    entryPoints: [early.entry],
    plugins: [...plugins, door(late.name)],
  });
  // in the order in which they are evaluated
  const modules = Object.values(first.metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs)
      .filter((path) => !path.includes(':') && !DOOR.test(path))
      .map((path) => resolve(path)),
  );
  const second = await build({
    ...draft,
    entryPoints: [late.entry],
    plugins: [...plugins, shared(new Map(modules.map((path) => [path, []])), 'external')],
  });
  const imported = importedNames(second.outputFiles.map(({ text }) => text).join('\n'));
  const names = new Map(
    modules.flatMap((path) => (imported.has(path) ? [[path, imported.get(path) ?? []]] : [])),
  );
  await build({
    ...common,
    stdin: { contents: `import 'registry'; export * from './${early.entry}';`, resolveDir: process.cwd() },
    outfile: early.outfile,
    plugins: [...plugins, door(late.name), registry(names)],
  });
  await build({
    ...common,
    entryPoints: [late.entry],
    outfile: late.outfile,
    plugins: [...plugins, shared(new Map(modules.map((path) => [path, names.get(path) ?? []])), 'copied')],
  });
}

/** In the early bundle, what is behind the door is loaded at its first use. */
function door(name: string): Plugin {
  return {
    name: 'door',
    setup: ({ onLoad }) => {
      onLoad({ filter: DOOR }, () => ({
        contents:
          'let all;' +
          `export const late = new Proxy({}, { get: (_, name) => (all ??= module.load('${name}', module.shared()).late)[name] });`,
      }));
    },
  };
}

/** In the early bundle: `module.shared` gives what late modules import, by module and name. */
function registry(names: ReadonlyMap<string, readonly string[]>): Plugin {
  const modules = [...names];
  const imports = modules.map(([path, list], i) => {
    const bindings = list.map((name) => `${name} as ${name}${i}`).join(', ');
    return `import { ${bindings} } from ${JSON.stringify(path)};`;
  });
  const values = modules.map(([path, list], i) => {
    const fields = list.map((name) => `${name}: ${name}${i}`).join(', ');
    return `${JSON.stringify(idOf(path))}: { ${fields} }`;
  });
  // a module with exports: without them esbuild takes what names `module` for CommonJS
  const contents = `${imports.join('\n')}\nmodule.shared = () => ({ ${values.join(',\n')} });\nexport {};`;
  return {
    name: 'registry',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^registry$/ }, ({ path }) => ({ path, namespace: 'registry' }));
      onLoad({ filter: /.*/, namespace: 'registry' }, () => ({ contents, resolveDir: process.cwd() }));
    },
  };
}

/** In the late bundle, early modules are what `module.shared` of launch.cjs has; or nothing yet, to see which names are asked for. */
function shared(modules: ReadonlyMap<string, readonly string[]>, as: 'external' | 'copied'): Plugin {
  return {
    name: 'shared',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^\./ }, ({ path, importer }) => {
        const file = resolve(dirname(importer), path);
        if (!modules.has(file)) return undefined;
        return as === 'external' ? { path: file, external: true } : { path: file, namespace: 'shared' };
      });
      onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
        contents: `export const { ${(modules.get(path) ?? []).join(', ')} } = module.shared[${JSON.stringify(idOf(path))}];`,
      }));
    },
  };
}

/** What esbuild's output imports from each of the files that it left outside. */
function importedNames(text: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, Set<string>>();
  for (const [, bindings = '', path = ''] of text.matchAll(/^import \{([^}]*)\} from "([^"]+)";$/gm)) {
    const file = resolve(path);
    const known = names.get(file) ?? new Set();
    for (const binding of bindings.split(',')) {
      const name = binding.trim().split(' as ')[0];
      if (name) known.add(name);
    }
    names.set(file, known);
  }
  return new Map([...names].map(([path, known]) => [path, [...known]]));
}

function idOf(path: string): string {
  return relative('.', path).replaceAll('\\', '/');
}
