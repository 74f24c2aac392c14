// The panels of the debugger: from a view of the session and the size of a screen to lines of cells.
// A painter puts them above the prompt. Nothing here knows a terminal.
// Where things stand depends on the size alone, so that the eye finds them again after each step.
import { blank, type Cell, cellsOf, fitted, fittedInside, type Line, type Style } from './cells.ts';
import { type RegisterGrid, registerGrid, registerLines, registerTitle } from './register-lines.ts';
import type { CallRow, CodeRow, CodeView, PanelView, Size, ThreadRow } from './view.ts';

const LEAST: Size = { columns: 60, rows: 16 };
const LEAST_PROMPT_ROWS = 7;
const PROMPT_SHARE = 0.35;
/** From this width on calls and threads stand side by side. */
const WIDE_COLUMNS = 120;
const CALL_SHARE = 0.55;

/** Rows of each part, without its heading. */
interface Parts {
  readonly code: number;
  readonly calls: number;
  readonly threads: number;
  readonly registers: RegisterGrid;
}

/** How many rows the panels take; undefined where they have no room and plain lines serve better. */
export function panelRows({ columns, rows }: Size): number | undefined {
  if (columns < LEAST.columns || rows < LEAST.rows) return undefined;
  return rows - Math.max(LEAST_PROMPT_ROWS, Math.floor(rows * PROMPT_SHARE));
}

function partsOf(size: Size, height: number): Parts {
  const { columns } = size;
  const isWide = columns >= WIDE_COLUMNS;
  const rows = height - (isWide ? 3 : 4); // headings and the status
  const threads = Math.max(1, Math.round(rows * (isWide ? 0.35 : 0.2)));
  const calls = isWide ? threads : Math.max(1, Math.round(rows * 0.27));
  const code = rows - threads - (isWide ? 0 : calls);
  return { code, calls, threads, registers: registerGrid(size, code) };
}

/** As many lines as `panelRows` says, each as wide as the screen. `size` must have room for them. */
export function panelLines(view: PanelView, size: Size): Line[] {
  const { columns } = size;
  const isWide = columns >= WIDE_COLUMNS;
  const parts = partsOf(size, panelRows(size) ?? 0);
  const codeColumns = columns - parts.registers.width - 1;
  const callColumns = isWide ? Math.floor(columns * CALL_SHARE) : columns;
  const threadColumns = isWide ? columns - callColumns - 1 : columns;
  const calls = callLines(view.calls, callColumns, parts.calls);
  const threads = threadLines(view.threads, threadColumns, parts.threads);
  const deadlock = view.deadlocks.length > 0;
  const threadTitle = deadlock ? `deadlock: ${view.deadlocks.join('; ')}` : 'processes';
  const threadStyle: Style = deadlock ? 'alarm' : 'title';

  const title = registerTitle(view.registers, parts.registers);
  const lines: Line[] = [
    [...heading(view.code.title, codeColumns), joint('┬'), ...heading(title, parts.registers.width)],
    ...beside(codeLines(view.code, codeColumns, parts.code), registerLines(view.registers, parts.registers)),
  ];
  const middle = heading('system calls', callColumns);
  if (isWide) {
    const whole = [...middle, joint('┬'), ...heading(threadTitle, threadColumns, threadStyle)];
    lines.push(withJoint(whole, codeColumns), ...beside(calls, threads));
  } else {
    lines.push(withJoint(middle, codeColumns), ...calls);
    lines.push(heading(threadTitle, columns, threadStyle), ...threads);
  }
  lines.push(statusLine(view.status, columns));
  return lines;
}

/** The line under the panels: where the session is. */
export function statusLine({ left, right }: PanelView['status'], width: number): Line {
  const end = cellsOf(`  ${right} `, 'status'); // apart from what is cut off
  const room = width - end.length;
  if (room < width / 2) return fitted(cellsOf(` ${left}`, 'status'), width, 'status');
  return [...fitted(cellsOf(` ${left}`, 'status'), room, 'status'), ...end];
}

function joint(glyph: string): Cell {
  return { glyph, style: 'rule' };
}

/** `─ title ─────`. */
function heading(title: string, width: number, style: Style = 'title'): Cell[] {
  const room = Math.max(width - 4, 0);
  const cells = cellsOf(title, style);
  const shown = cells.length > room ? fitted(cells, room, style) : cells;
  const rest = width - shown.length - 3;
  return [joint('─'), joint(' '), ...shown, joint(' '), ...Array.from({ length: rest }, () => joint('─'))];
}

/** The line above ends at `column`. */
function withJoint(line: Line, column: number): Line {
  const glyphs: Readonly<Record<string, string>> = { '─': '┴', '┬': '┼' };
  const glyph = glyphs[line[column]?.glyph ?? ''];
  return glyph === undefined || line[column]?.style !== 'rule' ? line : line.with(column, joint(glyph));
}

function beside(left: readonly Line[], right: readonly Line[]): Line[] {
  return left.map((line, row) => [...line, joint('│'), ...(right[row] ?? [])]);
}

function filled(lines: readonly Line[], width: number, rows: number): Line[] {
  return Array.from({ length: rows }, (_, row) => lines[row] ?? blank(width));
}

function codeLines({ rows, current }: CodeView, width: number, height: number): Line[] {
  const first = windowStart(rows.length, height, current);
  const shown = rows.slice(first, first + height);
  const labelWidth = Math.max(4, ...shown.map(({ label }) => label.length));
  return filled(
    shown.map((row) => codeLine(row, labelWidth, width)),
    width,
    height,
  );
}

function codeLine(
  { label, text, isCurrent, hasBreakpoint }: CodeRow,
  labelWidth: number,
  width: number,
): Line {
  const style = isCurrent ? 'current' : 'plain';
  const gutter = [
    ...cellsOf(hasBreakpoint ? 'B' : ' ', hasBreakpoint ? 'failed' : style),
    ...cellsOf(isCurrent ? '=> ' : '   ', style),
    ...cellsOf(`${label.padStart(labelWidth)}  `, isCurrent ? 'current' : 'quiet'),
  ];
  return fitted([...gutter, ...cellsOf(text, style)], width, style);
}

/** Where a window of `height` rows begins that has `current` in its middle, as far as there are rows. */
function windowStart(count: number, height: number, current: number): number {
  return Math.max(0, Math.min(current - Math.floor((height - 1) / 2), count - height));
}

const CALL_STYLES: Readonly<Record<CallRow['kind'], Style>> = {
  ended: 'plain',
  failed: 'failed',
  upcoming: 'current',
};

/** The newest stands last. */
function callLines(calls: readonly CallRow[], width: number, height: number): Line[] {
  const shown = calls.slice(-height);
  if (shown.length === 0) return filled([fitted(cellsOf(' none yet', 'quiet'), width)], width, height);
  return filled(
    shown.map(({ text, kept, kind }) => {
      const style = CALL_STYLES[kind];
      const mark = cellsOf(kind === 'upcoming' ? '=> ' : '   ', style);
      return [...mark, ...fittedInside(cellsOf(text, style), width - mark.length, kept)];
    }),
    width,
    height,
  );
}

function threadLines(threads: readonly ThreadRow[], width: number, height: number): Line[] {
  const isTooMany = threads.length > height && height > 1;
  const rows = isTooMany ? height - 1 : height;
  const selected = threads.findIndex(({ isSelected }) => isSelected);
  const first = windowStart(threads.length, rows, Math.max(selected, 0));
  const shown = threads.slice(first, first + rows);
  const idWidth = Math.max(...threads.map(({ id }) => id.length), 0);
  const nameWidth = Math.max(...threads.map(({ name }) => cellsOf(name).length), 0);
  const lines = shown.map(({ id, name, state, isSelected, isStuck }) => {
    const style: Style = isStuck ? 'alarm' : isSelected ? 'current' : 'plain';
    const head = cellsOf(` ${isSelected ? '*' : ' '} ${id.padStart(idWidth)}  `, style);
    const named = fitted(cellsOf(name, style), Math.min(nameWidth, 16), style);
    return fitted([...head, ...named, ...cellsOf(`  ${state}`, style)], width, style);
  });
  if (isTooMany) {
    const more = `${threads.length - rows} more: info threads`;
    lines.push(fitted(cellsOf(`   … ${more}`, 'quiet'), width));
  }
  if (threads.length === 0) lines.push(fitted(cellsOf(' none', 'quiet'), width));
  return filled(lines, width, height);
}
