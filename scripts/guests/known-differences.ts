// The differences between Linux and Rivulet that cannot be avoided: one table, each with its reason.
// `npm run compare:linux` reads it, takes what it explains out of a difference, and reports what is no longer there.
import { readFileSync } from 'node:fs';
import type { Edit } from '../../cli/testing/diff.ts';

export const KNOWN_DIFFERENCES = 'guest-programs/known-differences.md';

export interface KnownDifference {
  readonly program: string;
  /** The line that Linux prints; empty when it prints none. */
  readonly linux: string;
  /** The line that Rivulet prints; empty when it prints none. */
  readonly rivulet: string;
  readonly reason: string;
}

/** Reads the rows of the file's table. Throws an Error about a row that is not whole. */
export function readKnownDifferences(text = readFileSync(KNOWN_DIFFERENCES, 'utf8')): KnownDifference[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const cells = line
        .slice(1)
        .split(/(?<!\\)\|/)
        .map((cell) =>
          cell
            .trim()
            .replaceAll('\\|', '|')
            .replace(/^`(.*)`$/, '$1'),
        );
      const [program = '', linux = '', rivulet = '', reason = ''] = cells;
      if (program === '' || reason === '' || linux === rivulet) {
        throw new Error(
          `${KNOWN_DIFFERENCES}: a row needs a program, two different lines and a reason: ${line}`,
        );
      }
      return { program, linux, rivulet, reason };
    });
}

/**
 * The edits of one program's difference without those that `known` explains (both lines of an entry, in one change),
 * and the entries that explained something.
 */
export function explain(
  edits: readonly Edit[],
  known: readonly KnownDifference[],
): { unexplained: Edit[]; used: Set<KnownDifference> } {
  const used = new Set<KnownDifference>();
  const unexplained: Edit[] = [];
  let change: Edit[] = [];
  const close = (): void => {
    for (const entry of known) change = without(change, entry, used);
    unexplained.push(...change);
    change = [];
  };
  for (const edit of edits) {
    if (edit.kind === 'same') close();
    else change.push(edit);
  }
  close();
  return { unexplained, used };
}

function without(change: Edit[], entry: KnownDifference, used: Set<KnownDifference>): Edit[] {
  const find = (kind: Edit['kind'], line: string): number =>
    change.findIndex((edit) => edit.kind === kind && edit.line.trim() === line);
  const removed = find('removed', entry.linux);
  const added = find('added', entry.rivulet);
  if ((entry.linux !== '' && removed < 0) || (entry.rivulet !== '' && added < 0)) return change;
  used.add(entry);
  const gone = [entry.linux === '' ? -1 : removed, entry.rivulet === '' ? -1 : added];
  return change.filter((_, index) => !gone.includes(index));
}
