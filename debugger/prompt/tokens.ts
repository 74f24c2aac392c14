// The words of an expression: numbers, characters, names, registers and operators.
// expression.ts parses them.
// Numbers are C's: decimal, 0x, 0b, leading 0 for octal, with suffixes that are ignored.
import { PromptError } from './prompt-error.ts';

export interface Token {
  readonly kind: 'integer' | 'float' | 'character' | 'name' | 'dollar' | 'operator';
  readonly text: string;
  readonly value?: bigint | number;
  readonly start: number;
}

const PATTERN =
  /\s*(?:(?<float>\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|(?<integer>0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*(?![\w.])|'(?<character>\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)|[^'\\])'|\$(?<dollar>\w*|\$\d*)|(?<name>[A-Za-z_][\w.]*|"[^"]*")|(?<operator>->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>()[\]{}?:.@,=]))/y;

const ESCAPED: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, e: 27 };

/** Throws PromptError at what is no word. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const before = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null || match.groups === undefined) {
      throw new PromptError(
        `Invalid character or number in expression, near \`${text.slice(before).trim()}'.`,
      );
    }
    const start = before + (match[0].match(/^\s*/) as RegExpMatchArray)[0].length;
    tokens.push({ ...tokenOf(match.groups), start });
  }
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): Omit<Token, 'start'> {
  const { float, integer, character, dollar, name, operator } = groups;
  if (float !== undefined) return { kind: 'float', text: float, value: Number(float) };
  if (integer !== undefined) {
    const isOctal = /^0\d+$/.test(integer);
    if (isOctal && /[89]/.test(integer)) throw new PromptError(`Invalid number "${integer}".`);
    return { kind: 'integer', text: integer, value: BigInt(isOctal ? `0o${integer.slice(1)}` : integer) };
  }
  if (character !== undefined)
    return { kind: 'character', text: character, value: characterValue(character) };
  if (dollar !== undefined) return { kind: 'dollar', text: dollar };
  if (name !== undefined) return { kind: 'name', text: name.replaceAll('"', '') };
  return { kind: 'operator', text: operator ?? '' };
}

function characterValue(text: string): bigint {
  if (!text.startsWith('\\')) return BigInt(text.codePointAt(0) ?? 0) & 0xffn;
  const rest = text.slice(1);
  if (/^[0-7]+$/.test(rest)) return BigInt(`0o${rest}`);
  if (/^x./.test(rest)) return BigInt(`0${rest}`);
  return BigInt(ESCAPED[rest] ?? rest.charCodeAt(0));
}

/** `a = b` and `a += b` as their parts; undefined when the text assigns nothing. */
export function splitAssignment(
  text: string,
): { target: string; operator: string; value: string } | undefined {
  const tokens = tokenize(text);
  const at = tokens.findIndex(({ kind, text: word }) => kind === 'operator' && word === '=');
  const equals = tokens[at];
  if (equals === undefined) return undefined;
  const value = text.slice(equals.start + 1);
  const before = tokens[at - 1];
  const isCompound =
    before?.kind === 'operator' &&
    /^(?:[-+*/%&|^]|<<|>>)$/.test(before.text) &&
    before.start + before.text.length === equals.start;
  const target = text.slice(0, isCompound ? before.start : equals.start);
  if (target.trim() === '' || value.trim() === '') throw new PromptError('PLACE = EXPRESSION is expected.');
  return { target, operator: isCompound ? before.text : '', value };
}
