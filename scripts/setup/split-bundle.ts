// Splits what a plain run loads in two: the start, and the rest of the kernel (kernel/late.ts and all that only it needs).
// build.ts calls it. Every module is in one of the bundles, so that its classes and its state exist once; the late
// bundle gets what it imports of early modules from the early bundle, when that loads it.
import { dirname, resolve } from 'node:path';
import { type BuildOptions, build, type OnResolveResult, type Plugin } from 'esbuild';
import { evaluated } from './bundle-plugins.ts';

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
    plugins: [...plugins, replaced(modules, (path) => ({ path, external: true }))],
  });
  const imported = importedNames(second.outputFiles.map(({ text }) => text).join('\n'));
  const asked = modules.filter((path) => imported.has(path));
  const exported = await evaluated({
    stdin: {
      contents: asked.map((path, i) => `export * as m${i} from ${JSON.stringify(path)};`).join('\n'),
      resolveDir: process.cwd(),
    },
    plugins: [...plugins, door(late.name)],
  });
  const sharedModules = asked.map((path, i): SharedModule => {
    const values = exported[`m${i}`] as Readonly<Record<string, unknown>>;
    const names = (imported.get(path) ?? []).filter((name) => name in values);
    const isNumber = (name: string): boolean => typeof values[name] === 'number';
    return {
      path,
      names: names.filter((name) => !isNumber(name)),
      numbers: names.filter(isNumber).map((name) => [name, values[name] as number]),
    };
  });
  await build({
    ...common,
    stdin: { contents: `import 'registry'; export * from './${early.entry}';`, resolveDir: process.cwd() },
    outfile: early.outfile,
    plugins: [...plugins, door(late.name), registry(sharedModules)],
  });
  await build({
    ...common,
    entryPoints: [late.entry],
    outfile: late.outfile,
    plugins: [...plugins, shared(modules, sharedModules)],
  });
}

/** An early module, as far as late ones import it. */
interface SharedModule {
  readonly path: string;
  /** What exists once. */
  readonly names: readonly string[];
  /** Constants, which may exist twice. */
  readonly numbers: readonly (readonly [string, number])[];
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

/** In the early bundle: `module.shared` gives a list of what late modules import, in the modules' order. */
function registry(modules: readonly SharedModule[]): Plugin {
  const asked = modules.filter(({ names }) => names.length > 0);
  const imports = asked.map(({ path, names }, i) => {
    const bindings = names.map((name) => `${name} as ${name}${i}`).join(', ');
    return `import { ${bindings} } from ${JSON.stringify(path)};`;
  });
  const values = asked.flatMap(({ names }, i) => names.map((name) => `${name}${i}`));
  // a module with exports: without them esbuild takes what names `module` for CommonJS
  const contents = `${imports.join('\n')}\nmodule.shared = () => [${values.join(', ')}];\nexport {};`;
  return {
    name: 'registry',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^registry$/ }, ({ path }) => ({ path, namespace: 'registry' }));
      onLoad({ filter: /.*/, namespace: 'registry' }, () => ({ contents, resolveDir: process.cwd() }));
    },
  };
}

/** In the late bundle, early modules are what the list `module.shared` of launch.cjs has. */
function shared(early: readonly string[], modules: readonly SharedModule[]): Plugin {
  const contents = new Map<string, string>();
  let slot = 0;
  for (const { path, names, numbers } of modules) {
    const lines = names.map((name) => `export const ${name} = module.shared[${slot++}];`);
    lines.push(...numbers.map(([name, value]) => `export const ${name} = ${value};`));
    contents.set(path, lines.join('\n'));
  }
  const { name, setup } = replaced(early, (path) => ({ path, namespace: 'shared' }));
  return {
    name,
    setup: async (build) => {
      await setup(build);
      build.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
        contents: contents.get(path) ?? '',
      }));
    },
  };
}

/** Takes these files from elsewhere. */
function replaced(files: readonly string[], by: (path: string) => OnResolveResult): Plugin {
  const all = new Set(files);
  return {
    name: 'replaced',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^\./ }, ({ path, importer }) => {
        const file = resolve(dirname(importer), path);
        return all.has(file) ? by(file) : undefined;
      });
    },
  };
}

/** What esbuild's output imports from each of the files that it left outside. */
function importedNames(text: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, Set<string>>();
  const add = (path: string, found: Iterable<string | undefined>): void => {
    const file = resolve(path);
    const known = names.get(file) ?? new Set();
    for (const name of found) if (name) known.add(name);
    names.set(file, known);
  };
  for (const [, bindings = '', path = ''] of text.matchAll(/^import \{([^}]*)\} from "([^"]+)";$/gm))
    add(
      path,
      bindings.split(',').map((binding) => binding.trim().split(' as ')[0]),
    );
  for (const [, whole = '', path = ''] of text.matchAll(/^import \* as ([\w$]+) from "([^"]+)";$/gm)) {
    const uses = text.matchAll(new RegExp(`(?<![\\w$.])${whole.replaceAll('$', '\\$')}\\.([\\w$]+)`, 'g'));
    add(
      path,
      Array.from(uses, ([, name]) => name),
    );
  }
  return new Map([...names].map(([path, known]) => [path, [...known]]));
}
