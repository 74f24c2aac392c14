// Puts lines of cells above the prompt's part of a screen, as escape sequences, and gives the screen back afterwards.
// prompt-screen.ts drives it on our terminal; it knows no Node, so anything that understands a VT100 can be painted.
// While it is open, the other screen (xterm's 1049) is shown and only the rows below the panels scroll.
import type { Cell, Line, Style } from '../debugger/panels/cells.ts';
import type { Size } from '../debugger/panels/view.ts';

export interface Looks {
  /** False: bold, reverse and underline only (NO_COLOR). */
  readonly hasColour: boolean;
  /** False: nothing but ASCII. */
  readonly hasUnicode: boolean;
}

const ESC = '\x1b';
const OTHER_SCREEN = `${ESC}[?1049h`;
const FIRST_SCREEN = `${ESC}[?1049l`;
const WHOLE_REGION = `${ESC}[r`;
const CLEAR = `${ESC}[2J`;
const CLEAR_BELOW = `${ESC}[J`;
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
const SAVE_CURSOR = `${ESC}7`;
const RESTORE_CURSOR = `${ESC}8`;
const NO_WRAP = `${ESC}[?7l`;
const WRAP = `${ESC}[?7h`;
const PLAIN = `${ESC}[m`;

/** SGR parameters, with and without colour. */
const LOOKS: Readonly<Record<Style, readonly [colour: string, mono: string]>> = {
  plain: ['', ''],
  rule: ['36', ''],
  title: ['1;36', '1'],
  quiet: ['2', ''],
  current: ['1;32', '1'],
  changed: ['1;33', '1'],
  failed: ['31', ''],
  alarm: ['1;31', '1;7'],
  status: ['7', '7'],
};

const ASCII: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '┬': '+',
  '┴': '+',
  '┼': '+',
  '…': '~',
};

export class PanelPainter {
  readonly #write: (text: string) => void;
  readonly #looks: Looks;
  #size: Size | undefined;
  #height = 0;
  /** Rows as they stand on the screen. */
  #painted: string[] = [];

  constructor(write: (text: string) => void, looks: Looks) {
    this.#write = write;
    this.#looks = looks;
  }

  get isOpen(): boolean {
    return this.#size !== undefined;
  }

  /** What was opened; undefined when closed. */
  get size(): Size | undefined {
    return this.#size;
  }

  /** Shows the other screen with `height` rows for panels; the cursor stands below them. Also after a new size. */
  open(size: Size, height: number): void {
    const begin = this.isOpen ? '' : OTHER_SCREEN;
    this.#size = size;
    this.#height = height;
    this.#painted = [];
    const region = `${ESC}[${height + 1};${size.rows}r`;
    this.#write(`${begin}${PLAIN}${WRAP}${CLEAR}${region}${ESC}[${height + 1};1H${SHOW_CURSOR}`);
  }

  /** Paints the rows that differ from what is there, from row `first` on. The cursor stays. */
  paint(lines: readonly Line[], first = 0): void {
    if (!this.isOpen) return;
    let text = '';
    lines.forEach((line, index) => {
      const row = first + index;
      const shown = this.#rowText(line);
      if (row >= this.#height || this.#painted[row] === shown) return;
      this.#painted[row] = shown;
      text += `${ESC}[${row + 1};1H${PLAIN}${shown}`;
    });
    if (text === '') return;
    this.#write(
      `${HIDE_CURSOR}${SAVE_CURSOR}${NO_WRAP}${text}${PLAIN}${WRAP}${RESTORE_CURSOR}${SHOW_CURSOR}`,
    );
  }

  /** Whatever stands on the screen may have been overwritten. */
  forget(): void {
    this.#painted = [];
  }

  /** To the first row below the panels, which is all empty then. */
  clearBelow(): void {
    this.#write(`${ESC}[${this.#height + 1};1H${CLEAR_BELOW}`);
  }

  /** Everything as it was before `open`; any number of times. A terminal without another screen is left empty. */
  close(): void {
    if (!this.isOpen) return;
    this.#size = undefined;
    this.#write(`${PLAIN}${WRAP}${WHOLE_REGION}${CLEAR}${SHOW_CURSOR}${FIRST_SCREEN}`);
  }

  #rowText(line: Line): string {
    let text = '';
    let style: Style = 'plain';
    line.forEach((cell, column) => {
      if (cell.glyph === '') return;
      if (cell.style !== style) text += this.#sgr(cell.style);
      style = cell.style;
      text += this.#glyph(cell, line[column + 1], column);
    });
    return text;
  }

  #sgr(style: Style): string {
    const parameters = LOOKS[style][this.#looks.hasColour ? 0 : 1];
    return parameters === '' ? PLAIN : `${ESC}[0;${parameters}m`;
  }

  /** Terminals disagree about the widths of rare characters: the next one's column is said. */
  #glyph({ glyph }: Cell, next: Cell | undefined, column: number): string {
    if (glyph.length === 1 && (glyph <= '~' || ASCII[glyph] !== undefined)) {
      return this.#looks.hasUnicode ? glyph : (ASCII[glyph] ?? glyph);
    }
    const width = next?.glyph === '' ? 2 : 1;
    return this.#looks.hasUnicode ? `${glyph}${ESC}[${column + width + 1}G` : '?'.repeat(width);
  }
}
