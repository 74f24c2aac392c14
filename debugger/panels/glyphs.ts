// Text as what a terminal shows of it: one glyph after the other, each with the columns it takes.
// The panels cut by it, the prompt's screen prints guests' output by it; nothing that comes out of here moves a cursor.
// Widths are those of Unicode's East Asian Width (UAX #11); what terminals disagree about is shown by its number.

export interface Glyph {
  /** A character with the marks that are set upon it. */
  readonly text: string;
  readonly width: 1 | 2;
}

const ESCAPE = 0x1b;
const DELETE = 0x7f;
const MOST_MARKS = 4;
const MARK = /\p{M}/u;
const VARIATION_SELECTOR = /[\ufe00-\ufe0f]/u;
/** Controls, and what has no agreed look: formats (also those that turn the direction of text), private, unassigned. */
const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}]/u;
const WIDE_EMOJI = /\p{Emoji_Presentation}/u;

/** UAX #11, W and F, without emoji: first and last code point of each range. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

/** All glyphs of `text`, in order; controls as `^[`, others that cannot be shown as `\u{202e}`. */
export function glyphsOf(text: string): Glyph[] {
  const glyphs: Glyph[] = [];
  let marks = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0x20 && code < DELETE) {
      glyphs.push({ text: character, width: 1 });
      marks = 0;
    } else if (VARIATION_SELECTOR.test(character)) {
      // a wish about looks that changes widths in some terminals only
    } else if (MARK.test(character)) {
      const base = glyphs.at(-1);
      if (base === undefined) glyphs.push({ text: `◌${character}`, width: 1 });
      else if (marks++ < MOST_MARKS) glyphs[glyphs.length - 1] = { ...base, text: base.text + character };
    } else {
      glyphs.push(...otherGlyphs(character, code));
      marks = 0;
    }
  }
  return glyphs;
}

/** `text` with its lines and tabs, and nothing else that moves the cursor or changes the terminal. */
export function safeText(text: string): string {
  if (/^[\n\t\r -~]*$/.test(text)) return text;
  return text
    .split(/([\n\t\r])/)
    .map((piece, index) =>
      index % 2 === 1
        ? piece
        : glyphsOf(piece)
            .map((glyph) => glyph.text)
            .join(''),
    )
    .join('');
}

function otherGlyphs(character: string, code: number): Glyph[] {
  if (!UNSHOWABLE.test(character)) return [{ text: character, width: isWide(character, code) ? 2 : 1 }];
  return [...nameOf(code)].map((letter) => ({ text: letter, width: 1 }));
}

function nameOf(code: number): string {
  if (code === ESCAPE || code < 0x20 || code === DELETE) return `^${String.fromCharCode(code ^ 0x40)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'; // half of a pair
  return `\\u{${code.toString(16)}}`;
}

function isWide(character: string, code: number): boolean {
  return WIDE.some(([first, last]) => code >= first && code <= last) || WIDE_EMOJI.test(character);
}
