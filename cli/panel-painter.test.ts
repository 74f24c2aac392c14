// What the painter writes: only rows that changed, only ASCII where that is asked for, and everything back at the end.
import { beforeEach, describe, expect, it } from 'vitest';
import { cellsOf, fitted, type Line } from '../debugger/panels/cells.ts';
import { type Looks, PanelPainter } from './panel-painter.ts';

const SIZE = { columns: 60, rows: 20 };
let written = '';

function painter(looks: Partial<Looks> = {}): PanelPainter {
  return new PanelPainter((text) => (written += text), { hasColour: true, hasUnicode: true, ...looks });
}

/** What was written since the last time, with ESC as ␛. */
function taken(): string {
  const text = written.replaceAll('\x1b', '␛');
  written = '';
  return text;
}

function lines(...texts: string[]): Line[] {
  return texts.map((text) => fitted(cellsOf(text), 6));
}

describe('the painter', () => {
  beforeEach(() => {
    written = '';
  });

  it('lets only the rows below the panels scroll, and gives all of them back', () => {
    const painting = painter();
    painting.close();
    expect(taken()).toBe('');
    painting.open(SIZE, 12);
    expect(taken()).toBe('␛[?1049h␛[m␛[?7h␛[2J␛[13;20r␛[13;1H␛[?25h');
    painting.open({ columns: 60, rows: 30 }, 19); // another size: the screen has been switched
    expect(taken()).toBe('␛[m␛[?7h␛[2J␛[20;30r␛[20;1H␛[?25h');
    painting.close();
    expect(taken()).toBe('␛[m␛[?7h␛[r␛[2J␛[?25h␛[?1049l');
    painting.close();
    painting.paint(lines('late'));
    expect(taken()).toBe('');
  });

  it('writes the rows that changed, and leaves the cursor where it is', () => {
    const painting = painter();
    painting.open(SIZE, 2);
    painting.paint(lines('one', 'two', 'beyond'));
    taken();
    painting.paint(lines('one', '2'));
    expect(taken()).toBe('␛[?25l␛7␛[?7l␛[2;1H␛[m2     ␛[m␛[?7h␛8␛[?25h');
    painting.paint(lines('one', '2'));
    expect(taken()).toBe('');
    painting.paint(lines('zwei'), 1);
    expect(taken()).toContain('␛[2;1H␛[mzwei  ');
    painting.forget();
    painting.paint(lines('one', 'zwei'));
    expect(taken()).toContain('␛[1;1H␛[mone   ␛[2;1H␛[mzwei  ');
  });

  it('says the column behind glyphs whose widths terminals disagree about', () => {
    const painting = painter();
    painting.open(SIZE, 1);
    painting.paint(lines('a漢é─'));
    expect(taken()).toContain('a漢␛[4Gé␛[5G─ ');
  });

  it('has bold instead of colours, and ASCII, where that is asked for', () => {
    const painting = painter({ hasColour: false, hasUnicode: false });
    painting.open(SIZE, 1);
    painting.paint([[...cellsOf('─│┬…漢é', 'changed')]]);
    expect(taken()).toContain('␛[m␛[0;1m-|+~???␛[m');
    const coloured = painter();
    coloured.open(SIZE, 1);
    taken();
    coloured.paint([[...cellsOf('x', 'changed'), ...cellsOf('y', 'plain')]]);
    expect(taken()).toContain('␛[m␛[0;1;33mx␛[my␛[m');
  });
});
