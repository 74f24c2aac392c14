// The words of an expression: numbers, characters, strings, names, registers and operators.
// syntax.ts parses them.
// Numbers are C's: decimal, 0x, 0b, leading 0 for octal, with suffixes.
import { PromptError } from '../prompt/prompt-error.ts';

export interface Token {
  readonly kind: 'integer' | 'float' | 'character' | 'string' | 'name' | 'dollar' | 'operator';
  readonly text: string;
  readonly value?: bigint | number;
  /** `ul` of `5UL`, in small letters. */
  readonly suffix?: string;
  readonly start: number;
  readonly end: number;
}

const PATTERN =
  /\s*(?:(?<float>(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)(?<floatSuffix>[fFlL]?)(?!\w)|(?<integer>0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)(?<suffix>[uUlL]*)(?![\w])|'(?<character>\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)|[^'\\])'|'(?<quoted>[^'\\]{2,})'|"(?<string>(?:\\.|[^"\\])*)"|\$(?<dollar>\w+|\$\d*|)|(?<name>[A-Za-z_]\w*)|(?<operator>->|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|::|[-+*/%&|^]=|[-+*/%&|^~!<>()[\]{}?:.@,=]))/y;

const ESCAPED: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, e: 27 };

/** Throws PromptError at what is no word. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const before = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null || match.groups === undefined) throw unknownWord(text.slice(before).trim());
    const start = before + (match[0].match(/^\s*/) as RegExpMatchArray)[0].length;
    tokens.push({ ...tokenOf(match.groups), start, end: pattern.lastIndex });
  }
  return tokens;
}

function unknownWord(rest: string): PromptError {
  if (rest.startsWith('"')) return new PromptError('Unterminated string in expression.');
  if (rest.startsWith("'")) return new PromptError('Unmatched single quote.');
  const number = /^\d\w*/.exec(rest)?.[0];
  if (number !== undefined) return new PromptError(`Invalid number "${number}".`);
  return new PromptError('Invalid character in expression.'.replace('character', `character '${rest[0]}'`));
}

function tokenOf(groups: Record<string, string | undefined>): Omit<Token, 'start' | 'end'> {
  const { float, integer, character, dollar, name, operator, quoted, string } = groups;
  if (float !== undefined)
    return {
      kind: 'float',
      text: float,
      value: Number(float),
      suffix: (groups.floatSuffix ?? '').toLowerCase(),
    };
  if (integer !== undefined) {
    const isOctal = /^0\d+$/.test(integer);
    if (isOctal && /[89]/.test(integer)) throw new PromptError(`Invalid number "${integer}".`);
    const value = BigInt(isOctal ? `0o${integer.slice(1)}` : integer);
    if (value >= 1n << 64n) throw new PromptError('Numeric constant too large.');
    return { kind: 'integer', text: integer, value, suffix: (groups.suffix ?? '').toLowerCase() };
  }
  if (character !== undefined)
    return { kind: 'character', text: character, value: characterValue(character) };
  if (string !== undefined) return { kind: 'string', text: unescaped(bytesOf(string)) };
  if (dollar !== undefined) return { kind: 'dollar', text: dollar };
  if (quoted !== undefined) return { kind: 'name', text: quoted };
  if (name !== undefined) return { kind: 'name', text: name };
  return { kind: 'operator', text: operator ?? '' };
}

function characterValue(text: string): bigint {
  if (!text.startsWith('\\')) return BigInt(text.codePointAt(0) ?? 0) & 0xffn;
  return BigInt(escapeValue(text.slice(1)));
}

function escapeValue(text: string): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8) & 0xff;
  if (/^x./.test(text)) return Number.parseInt(text.slice(1), 16) & 0xff;
  return ESCAPED[text] ?? text.charCodeAt(0);
}

/** One code unit a byte of UTF-8. */
function bytesOf(text: string): string {
  return /[^\0-\x7f]/.test(text) ? String.fromCharCode(...new TextEncoder().encode(text)) : text;
}

/** A string between quotes as it is meant; also that of `echo` and printf. */
export function unescaped(text: string): string {
  return text.replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g, (_, code: string) =>
    String.fromCharCode(escapeValue(code)),
  );
}
