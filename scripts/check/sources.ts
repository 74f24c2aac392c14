// The project's own TypeScript files, as the checks see them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Source {
  /** Relative to the project root, with forward slashes. */
  path: string;
  /** The top folder: emulator, kernel, … */
  layer: string;
  isTest: boolean;
  text: string;
}

export const LAYERS = ['emulator', 'kernel', 'machine', 'debugger', 'cli'] as const;

export function readSources(folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    listTypeScript(folder).map((path) => ({
      path,
      layer: folder,
      isTest: /\.test\.ts$|\/(testing|test-support)\/|\.test-support\.ts$/.test(path),
      text: readFileSync(path, 'utf8'),
    })),
  );
}

function listTypeScript(folder: string): string[] {
  let entries: { name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // a layer that is not written yet
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name).replaceAll('\\', '/');
    if (entry.isDirectory()) return listTypeScript(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}
