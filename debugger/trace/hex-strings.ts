// -x and -xx: quoted strings with every byte as \x61, those with bytes that are no text or all of them.
// Tracer rewrites the arguments of calls with it, which are there as C strings already.
// What counts as text: strace 6.1, src/util.c, string_quote.

const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/g;
const ESCAPED: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

export type HexStrings = 'never' | 'non-ascii' | 'all';

export function withHexStrings(text: string, which: HexStrings): string {
  if (which === 'never') return text;
  return text.replace(QUOTED, (whole, inner: string) => {
    const bytes = bytesOf(inner);
    if (which === 'non-ascii' && bytes.every(isText)) return whole;
    return `"${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
  });
}

function isText(byte: number): boolean {
  return (byte >= 9 && byte <= 13) || (byte >= 32 && byte <= 126);
}

function bytesOf(text: string): number[] {
  const bytes: number[] = [];
  // some strings are in hexadecimal anyway
  for (const [, hex, octal, letter, plain] of text.matchAll(
    /\\x([0-9a-f]{2})|\\([0-7]{1,3})|\\([\s\S])|([\s\S])/g,
  )) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (letter !== undefined) bytes.push(ESCAPED[letter] ?? letter.charCodeAt(0));
    else bytes.push((plain ?? '').charCodeAt(0) & 0xff);
  }
  return bytes;
}
