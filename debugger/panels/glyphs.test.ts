// What a terminal is given of any text: glyphs with their widths, and nothing that moves its cursor.
import { describe, expect, it } from 'vitest';
import { cellsOf, fitted, lineText } from './cells.ts';
import { glyphsOf, safeText } from './glyphs.ts';

describe('glyphs', () => {
  it.each([
    ['abc', 'abc', 3],
    ['\x1b[2J\x00\x7f', '^[[2J^@^?', 9],
    ['a\u202eb', 'a\\u{202e}b', 10],
    ['\x9b', '\\u{9b}', 6],
    ['漢字', '漢字', 4],
    ['한글', '한글', 4],
    ['🙂', '🙂', 2],
    ['e\u0301x', 'e\u0301x', 2],
    ['\u0301', '◌\u0301', 1],
    ['a\ufe0f', 'a', 1],
    ['\ud800', '\ufffd', 1],
    [`a${'\u0301'.repeat(9)}`, `a${'\u0301'.repeat(4)}`, 1],
  ])('%j are %j in %d columns', (text, shown, width) => {
    const glyphs = glyphsOf(text);
    expect(glyphs.map((glyph) => glyph.text).join('')).toBe(shown);
    expect(glyphs.reduce((sum, glyph) => sum + glyph.width, 0)).toBe(width);
  });

  it('of output keep lines and tabs', () => {
    expect(safeText('a\tb\r\n\x1bcd\n')).toBe('a\tb\r\n^[cd\n');
  });
});

describe('cells', () => {
  it('go to every eighth column at a tab', () => {
    expect(lineText(cellsOf('\ta\t漢\tb'))).toBe('        a       漢      b');
    expect(cellsOf('\ta\t漢\tb')).toHaveLength(25);
  });

  it('are cut to a width with a mark, wide glyphs never in halves', () => {
    expect(lineText(fitted(cellsOf('abcdef'), 4))).toBe('abc…');
    expect(lineText(fitted(cellsOf('ab漢d'), 4))).toBe('ab …');
    expect(lineText(fitted(cellsOf('ab'), 4))).toBe('ab  ');
    expect(fitted(cellsOf('ab'), 0)).toEqual([]);
  });
});
