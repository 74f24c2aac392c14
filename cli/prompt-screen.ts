// What the debugger writes: plain lines, or below panels that stand above them.
// debug-terminal.ts owns one; everything that reaches the terminal goes through it, so that nothing disturbs the panels.
// Below panels a guest's output cannot move the cursor: its control characters are shown by their names.
import { safeText } from '../debugger/panels/glyphs.ts';
import { panelLines, panelRows, statusLine } from '../debugger/panels/layout.ts';
import type { PanelView, Size } from '../debugger/panels/view.ts';
import { isTerminal, writeAll } from './node-host.ts';
import { type Looks, PanelPainter } from './panel-painter.ts';
import { Transcript } from './transcript.ts';

/** The panels as they are to be shown on so many rows. */
export type TakeView = (rows: number) => PanelView;

export class PromptScreen {
  readonly #painter = new PanelPainter((text) => void writeAll(1, Buffer.from(text)), looks());
  readonly #transcript = new Transcript();
  readonly #decoders = { 1: new TextDecoder(), 2: new TextDecoder() };
  readonly #isTerminal = isTerminal(1);
  #takeView: TakeView | undefined;
  /** The last line is one that the guest has begun. */
  #isGuestLine = false;

  /** The panels are on the screen. */
  get hasPanels(): boolean {
    return this.#painter.isOpen;
  }

  get isAtLineStart(): boolean {
    return this.#transcript.isAtLineStart;
  }

  /** Text of the debugger. On a terminal it does not go on in a line of the guest's. */
  print(text: string): void {
    const begin = this.#isGuestLine && this.#isTerminal && text !== '\n' ? '\n' : '';
    this.#isGuestLine = false;
    this.#add(begin + (this.hasPanels ? safeText(text) : text));
  }

  /** Output of the guest, raw where no panels could suffer. */
  guestOutput(stream: 1 | 2, bytes: Uint8Array): void {
    if (!isTerminal(stream)) {
      writeAll(stream, bytes);
      return;
    }
    const text = this.#decoders[stream].decode(bytes, { stream: true });
    if (this.hasPanels) this.#add(safeText(text));
    else {
      this.#transcript.add(text);
      writeAll(stream, bytes);
    }
    this.#isGuestLine = !this.isAtLineStart;
  }

  /** What the line editor writes: moves of the cursor, and a line that is not final. */
  edit(text: string): void {
    if (this.hasPanels && text === CURSOR_HOME) {
      this.#painter.forget(); // Ctrl-L: whatever was overwritten is painted again
      this.refresh();
      this.#painter.clearBelow();
    } else {
      writeAll(1, Buffer.from(text));
    }
  }

  /** What was typed, and stands on the screen by itself. */
  typed(text: string): void {
    this.#transcript.add(safeText(text));
  }

  #add(text: string): void {
    this.#transcript.add(text);
    writeAll(1, Buffer.from(text));
  }

  /** Shows panels as soon as there is room for them. False when there is none now. */
  showPanels(takeView: TakeView): boolean {
    this.#takeView = takeView;
    this.fit();
    return this.hasPanels;
  }

  /** Plain lines from here on; those since the panels came are shown, also those that have scrolled away. */
  hidePanels(): void {
    this.#takeView = undefined;
    this.close(ALL);
  }

  /** The terminal has another size, or was used by others: draws everything for it, but not the line that is edited. */
  fit(): void {
    const size = terminalSize();
    const height = this.#takeView === undefined ? undefined : panelRows(size);
    if (height === undefined) {
      this.close();
      return;
    }
    if (!this.hasPanels) this.#transcript.mark();
    this.#painter.open(size, height);
    this.refresh();
    writeAll(1, Buffer.from(safeText(this.#transcript.last(size.rows - height - 1))));
  }

  /** Paints what has changed in the panels. */
  refresh(): void {
    if (this.#takeView === undefined || !this.hasPanels) return;
    const size = this.#painter.size;
    if (size !== undefined) this.#painter.paint(panelLines(this.#takeView(size.rows), size));
  }

  /** Says in the panels' last line that the guest runs. */
  tellRunning(): void {
    const { size } = this.#painter;
    const height = size && panelRows(size);
    if (size === undefined || height === undefined) return;
    this.#painter.paint(
      [statusLine({ left: 'running', right: 'Ctrl-C stops it' }, size.columns)],
      height - 1,
    );
  }

  /** Gives the terminal back, and leaves lines on it: the last `count`, those that stood below the panels when absent. */
  close(count?: number): void {
    const { size } = this.#painter;
    if (size === undefined) return;
    this.#painter.close();
    const visible = size.rows - (panelRows(size) ?? 0);
    writeAll(1, Buffer.from(this.#transcript.sinceMark(count ?? visible)));
  }
}

const ALL = Number.POSITIVE_INFINITY;

/** readline clears a screen from its first row on. */
const CURSOR_HOME = '\x1b[1;1H';

export function terminalSize(): Size {
  const { columns = 80, rows = 24 } = process.stdout;
  return { columns, rows };
}

/** False for terminals that know no escape sequences. */
export function canShowPanels(): boolean {
  const { TERM = '' } = process.env;
  return TERM !== '' && TERM !== 'dumb';
}

/** https://no-color.org; locale(7). */
function looks(): Looks {
  const { NO_COLOR = '', LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((name) => name !== undefined && name !== '') ?? '';
  return { hasColour: NO_COLOR === '', hasUnicode: /utf-?8/i.test(locale) };
}
