// The rows of AF_UNIX (U01 to U54 without U53, sockets outside of the guest): which guest programs observe each, and how often.
// docs/af-unix.md and `npm run compare:linux` count with it; the rows stand in the programs' leading comments.
import type { GuestProgram } from './catalogue.ts';

export const ROWS: readonly string[] = Array.from(
  { length: 54 },
  (_, index) => `U${String(index + 1).padStart(2, '0')}`,
).filter((row) => row !== 'U53');

/**
 * How many observations a program printed. One is a line that gives a value for a label (`label: value`), in a part
 * of the output that no such line was in before: headings, blank lines and repetitions do not count.
 */
export function countObservations(text: string): number {
  const seen = new Set<string>();
  let heading = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('--') || !/\S: ?\S/.test(line)) heading = line;
    else seen.add(`${heading}\n${line}`);
  }
  return seen.size;
}

export interface Row {
  readonly row: string;
  /** What the row is about, from the program whose name begins with it. */
  readonly behaviour: string;
  /** Those whose first row it is come first; only theirs is counted, so that every observation counts once. */
  readonly programs: readonly GuestProgram[];
  readonly observations: number;
}

/** The table; `observationsOf` gives a program's count. */
export function tableOfRows(
  programs: readonly GuestProgram[],
  observationsOf: (program: GuestProgram) => number,
): Row[] {
  return ROWS.map((row) => {
    const own = programs.filter((program) => program.rows[0] === row);
    const also = programs.filter((program) => program.rows.indexOf(row) > 0);
    const named = own.find((program) => program.summary.startsWith(row));
    return {
      row,
      behaviour: named?.summary.slice(row.length + 1).trim() ?? '',
      programs: [...own, ...also],
      observations: own.reduce((sum, program) => sum + observationsOf(program), 0),
    };
  });
}
