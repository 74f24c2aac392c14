// Where a program is: a path as it stands, or a name looked up through PATH, as execvp does.
// Machine.spawn calls it with the guest's tree; nothing here follows permissions beyond the execute bits.
import { EACCES, ENOENT, fail, isFailure } from '../kernel/errno.ts';
import type { Path } from '../kernel/fs/path.ts';
import type { Tree } from '../kernel/fs/tree.ts';

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** `text` as an absolute path; relative ones start at `cwd`. */
export function absolute(cwd: string, text: string): string {
  if (text.startsWith('/')) return text;
  return cwd.endsWith('/') ? `${cwd}${text}` : `${cwd}/${text}`;
}

export interface FoundProgram {
  readonly path: Path;
  /** The name it is called by: what was asked for, or where PATH led. */
  readonly filename: string;
}

/** The program's file. ENOENT, EACCES (found, but not executable), ENOTDIR, ELOOP. */
export function findProgram(tree: Tree, cwd: string, name: string, searchPath: string): FoundProgram {
  if (name.includes('/')) return { path: tree.find(absolute(cwd, name)), filename: name };
  let isForbidden = false;
  for (const directory of searchPath.split(':')) {
    const filename = directory === '' ? name : `${directory}/${name}`;
    const path = tryFind(tree, absolute(cwd, filename));
    if (path === undefined || path.inode.isDirectory) continue;
    if ((path.inode.mode & 0o111) !== 0) return { path, filename };
    isForbidden = true;
  }
  fail(
    isForbidden ? EACCES : ENOENT,
    isForbidden ? 'found in PATH, but not executable' : `not found in PATH (${searchPath})`,
  );
}

function tryFind(tree: Tree, text: string): Path | undefined {
  try {
    return tree.find(text);
  } catch (thrown) {
    if (isFailure(thrown)) return undefined;
    throw thrown;
  }
}
