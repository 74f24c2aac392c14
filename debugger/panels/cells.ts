// Lines of cells: what the panels are made of, one cell for each column of the screen.
// layout.ts builds them, a painter turns them into escape sequences or into whatever else shows cells.
// A wide glyph is followed by a cell without one, so that a line has as many cells as columns.
import { glyphsOf } from './glyphs.ts';

/** What a cell is, not how it looks: painters choose colours. */
export type Style =
  | 'plain'
  | 'rule'
  | 'title'
  | 'quiet'
  /** Where the thread stands. */
  | 'current'
  /** Other than at the stop before. */
  | 'changed'
  /** A call that failed. */
  | 'failed'
  /** A deadlock. */
  | 'alarm'
  | 'status';

export interface Cell {
  /** Empty behind a wide glyph. */
  readonly glyph: string;
  readonly style: Style;
}

export type Line = readonly Cell[];

const TAB = 8;
const CUT = '…';

/** `text` as cells; tabs go to every eighth column, counted from its beginning. */
export function cellsOf(text: string, style: Style = 'plain'): Cell[] {
  const cells: Cell[] = [];
  const pieces = text.split('\t');
  pieces.forEach((piece, index) => {
    for (const { text: glyph, width } of glyphsOf(piece)) {
      cells.push({ glyph, style });
      if (width === 2) cells.push({ glyph: '', style });
    }
    if (index < pieces.length - 1) cells.push(...blank(TAB - (cells.length % TAB), style));
  });
  return cells;
}

/** Spaces. */
export function blank(width: number, style: Style = 'plain'): Cell[] {
  return Array.from({ length: Math.max(width, 0) }, () => ({ glyph: ' ', style }));
}

/** Exactly `width` cells: padded, or cut with a mark that something is missing. */
export function fitted(cells: Line, width: number, style: Style = 'plain'): Cell[] {
  if (cells.length <= width) return [...cells, ...blank(width - cells.length, style)];
  return width <= 0 ? [] : [...whole(cells.slice(0, width - 1)), { glyph: CUT, style: 'quiet' }];
}

/** As `fitted`, but what is cut stands before the last `kept` cells. */
export function fittedInside(cells: Line, width: number, kept: number): Cell[] {
  if (cells.length <= width || kept === 0 || kept + 1 >= width) return fitted(cells, width);
  const head = whole(cells.slice(0, width - kept - 1));
  const tail = whole(cells.slice(cells.length - kept));
  return [...head, { glyph: CUT, style: 'quiet' }, ...tail];
}

/** Halves of wide glyphs at the edges of what was cut out become spaces. */
function whole(cells: Line): Cell[] {
  const result = [...cells];
  const first = result[0];
  if (first?.glyph === '') result[0] = { glyph: ' ', style: first.style };
  const last = result.at(-1);
  if (last !== undefined && glyphsOf(last.glyph)[0]?.width === 2) {
    result[result.length - 1] = { glyph: ' ', style: last.style };
  }
  return result;
}

/** The glyphs of a line, for tests and for screens without styles. */
export function lineText(line: Line): string {
  return line.map(({ glyph }) => glyph).join('');
}
