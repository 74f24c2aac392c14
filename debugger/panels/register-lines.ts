// The registers as columns of a panel, those first that one looks at most; what changed is marked.
// layout.ts puts them beside the code.
// When not all fit, the heading names those that changed unseen.
import { blank, type Cell, cellsOf, fitted, type Line } from './cells.ts';
import type { RegisterRow, Size } from './view.ts';

const REGISTERS = 32;
/** A mark, a name, a space. */
const HEAD = 5;
/** Digits with 0x: all of 64 bits, and what addresses of a guest have. */
const LONG_VALUE = 18;
const SHORT_VALUE = 10;
/** From this width on all digits have room. */
const LONG_FROM = 120;
const SHARE = 0.42;

/** How registers are laid out: columns of them, and how many digits each has room for. */
export interface RegisterGrid {
  readonly columns: number;
  readonly rows: number;
  readonly digits: number;
  /** Columns of the screen. */
  readonly width: number;
}

/** What the registers take of a screen's width beside `rows` rows of code. */
export function registerGrid({ columns: screen }: Size, rows: number): RegisterGrid {
  const digits = screen >= LONG_FROM ? LONG_VALUE : SHORT_VALUE;
  const each = HEAD + digits + 1;
  const most = Math.max(1, Math.floor((screen * SHARE) / each));
  const columns = Math.min(Math.ceil(REGISTERS / rows), most);
  return { columns, rows, digits, width: columns * each };
}

export function registerLines(registers: readonly RegisterRow[], grid: RegisterGrid): Line[] {
  const { columns, rows, digits, width } = grid;
  return Array.from({ length: rows }, (_, row) => {
    const cells: Cell[] = [];
    for (let column = 0; column < columns; column++) {
      const register = registers[column * rows + row];
      cells.push(...(register === undefined ? blank(width / columns) : registerCells(register, digits)));
    }
    return cells;
  });
}

/** `registers`, with those that changed and are not to be seen. */
export function registerTitle(registers: readonly RegisterRow[], { columns, rows }: RegisterGrid): string {
  const hidden = registers.slice(columns * rows).filter(({ isChanged }) => isChanged);
  return ['registers', ...hidden.map(({ name }) => `*${name}`)].join(' ');
}

function registerCells({ name, bits, isChanged }: RegisterRow, digits: number): Cell[] {
  const style = isChanged ? 'changed' : 'plain';
  const text = bits === undefined ? '?' : bitsText(bits, digits);
  return fitted(
    [
      ...cellsOf(isChanged ? '*' : ' ', style),
      ...cellsOf(name.padEnd(HEAD - 1), isChanged ? 'changed' : 'quiet'),
      ...cellsOf(text, style),
    ],
    HEAD + digits + 1,
  );
}

/** In hex: whole, else as a negative number, else with its middle left out. */
function bitsText(bits: bigint, width: number): string {
  const whole = `0x${bits.toString(16)}`;
  if (whole.length <= width) return whole;
  const negative = `-0x${(-BigInt.asIntN(64, bits)).toString(16)}`;
  if (BigInt.asIntN(64, bits) < 0n && negative.length <= width) return negative;
  const end = Math.floor((width - 1) / 2);
  return `${whole.slice(0, width - 1 - end)}…${whole.slice(-end)}`;
}
