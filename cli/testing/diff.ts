// The difference of two texts by lines (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986).
// `rivulet test` shows it for a failing program, `npm run compare:linux` for two kernels.
// Texts that have next to nothing in common are shown as one replacement: nobody reads a longer script.

/** One step from the old text to the new one. */
export interface Edit {
  readonly kind: 'same' | 'removed' | 'added';
  readonly line: string;
}

/** Edits beyond which the rest counts as replaced. */
const MOST_EDITS = 1500;

/** What leads from `before` to `after`, in order; within a change, removed lines come first. */
export function diffLines(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  while (
    tail < before.length - start &&
    tail < after.length - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const same = (line: string): Edit => ({ kind: 'same', line });
  const edits = [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - tail), after.slice(start, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
  return removedFirst(edits);
}

/** The greedy forward search; `reached[k]` is how far into `before` diagonal k got with so many edits. */
function middle(before: readonly string[], after: readonly string[]): Edit[] {
  const reached = new Map<number, number>([[1, 0]]);
  const history: Map<number, number>[] = [];
  const at = (map: Map<number, number>, k: number): number => map.get(k) ?? -1;
  for (let edits = 0; edits <= Math.min(MOST_EDITS, before.length + after.length); edits++) {
    history.push(new Map(reached));
    for (let k = -edits; k <= edits; k += 2) {
      const isDown = k === -edits || (k !== edits && at(reached, k - 1) < at(reached, k + 1));
      let x = isDown ? at(reached, k + 1) : at(reached, k - 1) + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      reached.set(k, x);
      if (x >= before.length && x - k >= after.length) return walkBack(before, after, history);
    }
  }
  return [
    ...before.map((line): Edit => ({ kind: 'removed', line })),
    ...after.map((line): Edit => ({ kind: 'added', line })),
  ];
}

function walkBack(
  before: readonly string[],
  after: readonly string[],
  history: readonly Map<number, number>[],
): Edit[] {
  const edits: Edit[] = [];
  let x = before.length;
  let y = after.length;
  for (let depth = history.length - 1; depth >= 0; depth--) {
    const reached = history[depth] as Map<number, number>;
    const k = x - y;
    const isDown = k === -depth || (k !== depth && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
    const fromX = reached.get(isDown ? k + 1 : k - 1) ?? 0;
    const fromY = fromX - (isDown ? k + 1 : k - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      edits.push({ kind: 'same', line: before[--x] as string });
      y--;
    }
    if (depth === 0) break;
    if (isDown) edits.push({ kind: 'added', line: after[--y] as string });
    else edits.push({ kind: 'removed', line: before[--x] as string });
  }
  return edits.reverse();
}

function removedFirst(edits: readonly Edit[]): Edit[] {
  const ordered: Edit[] = [];
  let added: Edit[] = [];
  for (const edit of edits) {
    if (edit.kind === 'added') added.push(edit);
    else if (edit.kind === 'removed') ordered.push(edit);
    else {
      ordered.push(...added, edit);
      added = [];
    }
  }
  return [...ordered, ...added];
}

export interface DiffLabels {
  readonly before: string;
  readonly after: string;
}

/** A unified diff with three lines of context; empty when the texts are equal. At most `limit` lines, then a count. */
export function formatDiff(before: string, after: string, labels: DiffLabels, limit = 60): string {
  if (before === after) return '';
  const edits = diffLines(splitLines(before), splitLines(after));
  const shown = edits.map((_, index) =>
    edits.slice(Math.max(0, index - 3), index + 4).some((near) => near.kind !== 'same'),
  );
  const lines = [`--- ${labels.before}`, `+++ ${labels.after}`];
  let number = 1;
  edits.forEach((edit, index) => {
    if (shown[index] && !shown[index - 1]) lines.push(`@@ line ${number} @@`);
    if (shown[index]) lines.push(`${MARKS[edit.kind]}${edit.line}`);
    if (edit.kind !== 'added') number++;
  });
  if (lines.length > limit)
    lines.splice(limit, lines.length, `… ${lines.length - limit} more lines of difference`);
  return lines.join('\n');
}

const MARKS = { same: ' ', removed: '-', added: '+' } as const;

/** The lines of a text; one that does not end in a line feed says so. */
function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push('\\ no line feed at the end');
  return lines;
}
