// Names of types as they are typed: `unsigned long`, `struct node *`, `int (*)[3]`, `char *(*)(int)`.
// syntax.ts asks whether a type stands at a word; if not, an expression does.
// C's declarators without a name: ISO C, "Type names".
import { PromptError } from '../prompt/prompt-error.ts';
import { arrayOf, type CType, HEADER_TYPES, pointerTo, TYPE_NAMES } from './c-types.ts';
import { scopedSpans } from './scoped-spans.ts';
import type { Names } from './syntax.ts';
import type { Token } from './tokens.ts';

const QUALIFIERS: ReadonlySet<string> = new Set(['const', 'volatile', 'restrict']);
const KEYWORDS: ReadonlySet<string> = new Set(['struct', 'union', 'enum', 'class']);
const INTEGER_WORDS: ReadonlySet<string> = new Set(['signed', 'unsigned', 'short', 'long', 'int', 'char']);

interface Found {
  readonly type: CType;
  /** Of the word behind. */
  readonly next: number;
}

export class TypeParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #names: Names;
  readonly #constantAt: (at: number) => { value: number; next: number } | undefined;

  constructor(
    text: string,
    tokens: readonly Token[],
    names: Names,
    constantAt: (at: number) => { value: number; next: number } | undefined,
  ) {
    this.#text = text;
    this.#tokens = tokens;
    this.#names = names;
    this.#constantAt = constantAt;
  }

  /** Throws PromptError for a structure that is not known. */
  typeAt(at: number): Found | undefined {
    const base = this.#baseAt(at);
    return base === undefined ? undefined : this.#declarator(base);
  }

  #is(at: number, text: string): boolean {
    const token = this.#tokens[at];
    return token?.kind === 'operator' && token.text === text;
  }

  #word(at: number): string | undefined {
    const token = this.#tokens[at];
    return token?.kind === 'name' ? token.text : undefined;
  }

  /** What stands before stars and brackets. */
  #baseAt(start: number): Found | undefined {
    const qualifiers: string[] = [];
    const words: string[] = [];
    let named: CType | undefined;
    let at = start;
    for (let word = this.#word(at); word !== undefined; word = this.#word(++at)) {
      if (QUALIFIERS.has(word)) qualifiers.push(word);
      else if (KEYWORDS.has(word) && words.length === 0 && named === undefined)
        ({ type: named, next: at } = this.#tagged(word, at + 1));
      else if (INTEGER_WORDS.has(word) && named === undefined) words.push(word);
      else if (word in TYPE_NAMES && named === undefined && (words.length === 0 || word === 'double'))
        words.push(word);
      else {
        if (words.length > 0 || named !== undefined) break;
        const found = this.#scoped(undefined, at);
        named = found?.type ?? (this.#names.isVariable(word) ? undefined : this.#plainType(word, at));
        if (named === undefined) break;
        if (found !== undefined) at = found.next - 1;
      }
    }
    const type = named ?? (words.length > 0 ? typeOfWords(words) : undefined);
    if (type === undefined) return undefined;
    return { type: qualified(type, qualifiers), next: at };
  }

  #plainType(word: string, at: number): CType | undefined {
    if (this.#is(at + 1, '::')) return undefined;
    return this.#names.typeNamed(undefined, word) ?? HEADER_TYPES[word];
  }

  /** `shop::Item`, `std::vector<int>`: the longest that is a type and no function or variable. */
  #scoped(keyword: string | undefined, at: number): Found | undefined {
    for (const { text, next } of scopedSpans(this.#text, this.#tokens, at)) {
      // the first word alone is looked at by the caller, and what goes on is no type yet
      if (next === at + 1 && keyword === undefined) break;
      if (this.#is(next, '::')) continue;
      const type = this.#names.typeNamed(keyword, text);
      if (type !== undefined && (keyword !== undefined || !this.#names.isVariable(text)))
        return { type, next };
    }
    return undefined;
  }

  /** `next`: of the last word that belongs to it. */
  #tagged(keyword: string, at: number): Found {
    const name = this.#word(at);
    if (name === undefined) throw new PromptError(`A syntax error in expression, near \`'.`);
    const found = this.#scoped(keyword, at);
    if (found === undefined) throw new PromptError(`No ${keyword} type named ${name}.`);
    return { type: found.type, next: found.next - 1 };
  }

  /** Stars, then a group in parentheses, then brackets and parameters, which bind to the group first. */
  #declarator({ type: base, next }: Found): Found {
    let type = base;
    let at = next;
    for (;;) {
      const word = this.#word(at) ?? '';
      if (this.#is(at, '*')) type = pointerTo(type);
      else if (this.#is(at, '&')) type = { kind: 'pointer', to: type, reference: '&' };
      else if (this.#is(at, '&&')) type = { kind: 'pointer', to: type, reference: '&&' };
      else if (QUALIFIERS.has(word)) type = qualified(type, [word]);
      else break;
      at++;
    }
    const isGroup = this.#is(at, '(') && (this.#is(at + 1, '*') || this.#is(at + 1, '('));
    if (!isGroup) return this.#suffixes(type, at);
    const close = this.#closing(at);
    const outer = this.#suffixes(type, close + 1);
    const inner = this.#declarator({ type: outer.type, next: at + 1 });
    return { type: inner.type, next: outer.next };
  }

  #closing(open: number): number {
    let depth = 0;
    for (let at = open; at < this.#tokens.length; at++) {
      if (this.#is(at, '(')) depth++;
      else if (this.#is(at, ')') && --depth === 0) return at;
    }
    throw new PromptError("A syntax error in expression, near `'.");
  }

  #suffixes(type: CType, start: number): Found {
    const counts: (number | undefined)[] = [];
    let at = start;
    while (this.#is(at, '[')) {
      const count = this.#constantAt(at + 1);
      at = count?.next ?? at + 1;
      if (!this.#is(at, ']')) throw new PromptError("A syntax error in expression, near `'.");
      counts.push(count?.value);
      at++;
    }
    if (counts.length > 0)
      return { type: counts.reduceRight<CType>((element, count) => arrayOf(element, count), type), next: at };
    return this.#parameters(type, at) ?? { type, next: at };
  }

  /** `(int, char *)` behind a type: it is a function. */
  #parameters(returns: CType, start: number): Found | undefined {
    if (!this.#is(start, '(')) return undefined;
    const parameters: CType[] = [];
    let at = start + 1;
    while (!this.#is(at, ')')) {
      const found = this.typeAt(at);
      if (found === undefined) return undefined;
      parameters.push(found.type);
      at = found.next;
      if (this.#is(at, ',')) at++;
      else if (!this.#is(at, ')')) return undefined;
    }
    const isVoid = parameters.length === 1 && parameters[0]?.kind === 'void';
    const type: CType = {
      kind: 'function',
      returns,
      parameters: isVoid ? [] : parameters,
      isVariadic: false,
      isPrototyped: parameters.length > 0,
    };
    return { type, next: at + 1 };
  }
}

function qualified(type: CType, words: readonly string[]): CType {
  return words.reduce<CType>(
    (to, qualifier) => ({ kind: 'qualified', qualifier: qualifier as 'const' | 'volatile' | 'restrict', to }),
    type,
  );
}

/** `long unsigned int` is `unsigned long`. */
function typeOfWords(words: readonly string[]): CType {
  const isUnsigned = words.includes('unsigned');
  const isSigned = words.includes('signed');
  const base = words.filter((word) => !['unsigned', 'signed'].includes(word));
  const rest = base.length > 1 ? base.filter((word) => word !== 'int') : base;
  const plain = rest.length === 0 ? 'int' : rest.join(' ');
  const name = isUnsigned ? `unsigned ${plain}` : isSigned && plain === 'char' ? 'signed char' : plain;
  const type = TYPE_NAMES[name];
  if (type === undefined) throw new PromptError(`No type named ${words.join(' ')}.`);
  return type;
}
