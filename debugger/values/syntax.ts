// Expressions as gdb has them, from words to a tree: C's operators, `@`, `{TYPE} ADDRESS`, `FUNCTION::VARIABLE`.
// evaluate.ts computes with the tree. Types are recognised while parsing, so what names types is asked for.
// Precedence is C's; `@` binds between multiplication and unary operators.
import { PromptError } from '../prompt/prompt-error.ts';
import {
  CHAR,
  type CType,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  TYPE_NAMES,
  UNSIGNED_INT,
  UNSIGNED_LONG,
} from './c-types.ts';
import { scopedSpans } from './scoped-spans.ts';
import { type Token, tokenize } from './tokens.ts';
import { TypeParser } from './type-syntax.ts';
import { makeInteger, type Value } from './values.ts';

export type Node =
  | { readonly kind: 'constant'; readonly value: Value }
  /** One code unit a byte. */
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'dollar'; readonly name: string }
  | { readonly kind: 'name'; readonly name: string; readonly scope?: string }
  | { readonly kind: 'type'; readonly type: CType }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'conditional'; readonly test: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'cast'; readonly type: CType; readonly operand: Node }
  | { readonly kind: 'at'; readonly type: CType; readonly address: Node }
  | { readonly kind: 'sizeof'; readonly operand: Node }
  | { readonly kind: 'member'; readonly object: Node; readonly name: string }
  | { readonly kind: 'index'; readonly object: Node; readonly index: Node }
  | { readonly kind: 'call'; readonly called: Node; readonly arguments: readonly Node[] }
  | { readonly kind: 'assign'; readonly operator: string; readonly target: Node; readonly value: Node }
  | { readonly kind: 'step'; readonly operator: '+' | '-'; readonly isBefore: boolean; readonly target: Node }
  | { readonly kind: 'list'; readonly elements: readonly Node[] };

/** What the parser asks of names. */
export interface Names {
  /** Is there a variable or a function of this name, so that it is no type? */
  isVariable(name: string): boolean;
  /** A typedef, or with a keyword a structure, union or enumeration; undefined when there is none. */
  typeNamed(keyword: string | undefined, name: string): CType | undefined;
  /** Is there a symbol of this name with dots, as gcc makes them: `add.part.0`? */
  isSymbol(name: string): boolean;
}

const BINARY: Readonly<Record<string, number>> = {
  ',': 0,
  '||': 3,
  '&&': 4,
  '|': 5,
  '^': 6,
  '&': 7,
  '==': 8,
  '!=': 8,
  '<': 9,
  '>': 9,
  '<=': 9,
  '>=': 9,
  '<<': 10,
  '>>': 10,
  '+': 11,
  '-': 11,
  '*': 12,
  '/': 12,
  '%': 12,
  '@': 13,
};
const ASSIGNMENT = 1;
const CONDITIONAL = 2;
const ASSIGNING = /^(?:=|[-+*/%&|^]=|<<=|>>=)$/;
const DEEPEST = 200;

/** Throws PromptError with one line. */
export function parse(text: string, names: Names): Node {
  const parser = new Parser(text, names);
  const node = parser.expression(0);
  parser.expectEnd();
  return node;
}

/** A leading expression, and what follows it; ends where no operator goes on. */
export function parsePrefix(text: string, names: Names): { node: Node; rest: string } {
  const parser = new Parser(text, names);
  const node = parser.expression(ASSIGNMENT);
  return { node, rest: parser.rest };
}

/** Expressions with commas between them. */
export function parseList(text: string, names: Names): Node[] {
  const parser = new Parser(text, names);
  const nodes: Node[] = [];
  do nodes.push(parser.expression(ASSIGNMENT));
  while (parser.accept(','));
  parser.expectEnd();
  return nodes;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #names: Names;
  readonly #types: TypeParser;
  #at = 0;
  #depth = 0;

  constructor(text: string, names: Names) {
    this.#text = text;
    this.#tokens = tokenize(text);
    this.#names = names;
    this.#types = new TypeParser(text, this.#tokens, names, (at) => this.#constantAt(at));
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#at];
  }

  /** What was not parsed. */
  get rest(): string {
    const token = this.#token;
    return token === undefined ? '' : this.#text.slice(token.start).trim();
  }

  expectEnd(): void {
    if (this.#token !== undefined) throw this.#syntaxError();
  }

  accept(text: string): boolean {
    if (this.#token?.kind !== 'operator' || this.#token.text !== text) return false;
    this.#at++;
    return true;
  }

  #syntaxError(): PromptError {
    if (this.#tokens.length === 0) return new PromptError('Argument required (expression to compute).');
    return new PromptError(`A syntax error in expression, near \`${this.rest}'.`);
  }

  #expect(text: string): void {
    if (!this.accept(text)) throw this.#syntaxError();
  }

  /** Precedence climbing; `least` is the lowest operator taken. */
  expression(least: number): Node {
    if (++this.#depth > DEEPEST) throw new PromptError('The expression is nested too deeply.');
    let left = this.#unary();
    for (;;) {
      const operator = this.#token?.kind === 'operator' ? this.#token.text : '';
      if (operator === '?' && least <= CONDITIONAL) {
        this.#at++;
        const yes = this.expression(ASSIGNMENT);
        this.#expect(':');
        left = { kind: 'conditional', test: left, yes, no: this.expression(CONDITIONAL) };
      } else if (ASSIGNING.test(operator) && least <= ASSIGNMENT) {
        this.#at++;
        const value = this.expression(ASSIGNMENT);
        left = { kind: 'assign', operator: operator.slice(0, -1), target: left, value };
      } else {
        const level = BINARY[operator];
        if (level === undefined || level < least) break;
        this.#at++;
        left = { kind: 'binary', operator, left, right: this.expression(level + 1) };
      }
    }
    this.#depth--;
    return left;
  }

  #unary(): Node {
    const token = this.#token;
    if (token?.kind !== 'operator') return this.#postfix(this.#primary());
    this.#at++;
    switch (token.text) {
      case '-':
      case '+':
      case '~':
      case '!':
      case '*':
      case '&':
        return { kind: 'unary', operator: token.text, operand: this.#deeper() };
      case '&&': // of a label in gcc; here an address of an address
        throw new PromptError('Attempt to take address of value not located in memory.');
      case '++':
      case '--': {
        const operator = token.text === '++' ? '+' : '-';
        return { kind: 'step', operator, isBefore: true, target: this.#deeper() };
      }
      case '(':
        return this.#parenthesis();
      case '{':
        return this.#braces();
      case '::': {
        const name = this.#name();
        return this.#postfix({ kind: 'name', name, scope: '' });
      }
      default:
        this.#at--;
        throw this.#syntaxError();
    }
  }

  #deeper(): Node {
    if (++this.#depth > DEEPEST) throw new PromptError('The expression is nested too deeply.');
    const node = this.#unary();
    this.#depth--;
    return node;
  }

  #primary(): Node {
    const token = this.#token;
    if (token === undefined) throw this.#syntaxError();
    if (token.kind === 'name') {
      if (token.text === 'sizeof') return this.#sizeof();
      const type = this.#type();
      if (type !== undefined) return { kind: 'type', type };
    }
    this.#at++;
    switch (token.kind) {
      case 'integer':
        return { kind: 'constant', value: makeInteger(integerType(token), token.value as bigint) };
      case 'float': {
        const type = { f: FLOAT, l: TYPE_NAMES['long double'] as CType }[token.suffix ?? ''] ?? DOUBLE;
        const content = type === FLOAT ? Math.fround(token.value as number) : (token.value as number);
        return { kind: 'constant', value: { type, content } };
      }
      case 'character':
        return { kind: 'constant', value: makeInteger(CHAR, token.value as bigint) };
      case 'string': {
        let { text } = token;
        while (this.#token?.kind === 'string') {
          text += this.#token.text;
          this.#at++;
        }
        return { kind: 'string', text };
      }
      case 'dollar':
        return { kind: 'dollar', name: token.text };
      case 'name': {
        if (this.#isScoped()) return this.#scopedName(token.text);
        const dotted = this.#dottedSymbol(token.text);
        return { kind: 'name', name: dotted ?? token.text };
      }
      default:
        this.#at--;
        throw this.#syntaxError();
    }
  }

  /** `main.counter` is one name in Go; `gone.constprop.0` when there is such a symbol, and no variable `gone`. */
  #dottedSymbol(first: string): string | undefined {
    if (this.#token?.text !== '.') return undefined;
    const isObject = this.#names.isVariable(first);
    const start = this.#at;
    const from = this.#tokens[start - 1]?.start ?? 0;
    for (let at = start; at < this.#tokens.length; at++) {
      const end = this.#tokens[at]?.end ?? 0;
      const name = this.#text.slice(from, end);
      if (!/^[\w.]+$/.test(name)) break;
      if (!this.#names.isVariable(name) && (isObject || !this.#names.isSymbol(name))) continue;
      this.#at = at + 1;
      return name;
    }
    return undefined;
  }

  #isScoped(): boolean {
    const text = this.#token?.text;
    return text === '::' || (text === '<' && this.#token?.kind === 'operator');
  }

  /** `shop::Item::count` is one name when there is such a thing; else the last part is looked for in the others. */
  #scopedName(first: string): Node {
    const from = this.#at - 1;
    const spans = scopedSpans(this.#text, this.#tokens, from).filter(({ next }) => next > from + 1);
    for (const { text, next } of spans) {
      if (!this.#names.isVariable(text) && !this.#names.isSymbol(text)) continue;
      this.#at = next;
      return { kind: 'name', name: text };
    }
    if (!this.accept('::')) return { kind: 'name', name: first };
    let scope = first;
    let name = this.#name();
    while (this.accept('::')) {
      scope += `::${name}`;
      name = this.#name();
    }
    return { kind: 'name', name, scope };
  }

  #name(): string {
    const token = this.#token;
    if (token?.kind !== 'name') throw this.#syntaxError();
    this.#at++;
    return token.text;
  }

  #sizeof(): Node {
    this.#at++;
    if (this.#token?.text !== '(') return { kind: 'sizeof', operand: this.#deeper() };
    const start = this.#at;
    this.#at++;
    const type = this.#type();
    if (type !== undefined && this.accept(')')) return { kind: 'sizeof', operand: { kind: 'type', type } };
    this.#at = start;
    return { kind: 'sizeof', operand: this.#deeper() };
  }

  #postfix(start: Node): Node {
    let node = start;
    for (;;) {
      if (this.accept('[')) {
        const index = this.expression(0);
        this.#expect(']');
        node = { kind: 'index', object: node, index };
      } else if (this.accept('.') || this.accept('->')) {
        node = { kind: 'member', object: node, name: this.#name() };
      } else if (this.#token?.kind === 'float' && /^\.\d+$/.test(this.#token.text)) {
        node = { kind: 'member', object: node, name: `__${this.#token.text.slice(1)}` }; // of a tuple of Rust
        this.#at++;
      } else if (this.accept('++')) {
        node = { kind: 'step', operator: '+', isBefore: false, target: node };
      } else if (this.accept('--')) {
        node = { kind: 'step', operator: '-', isBefore: false, target: node };
      } else if (this.accept('(')) {
        const values: Node[] = [];
        if (!this.accept(')')) {
          do values.push(this.expression(ASSIGNMENT));
          while (this.accept(','));
          this.#expect(')');
        }
        node = { kind: 'call', called: node, arguments: values };
      } else return node;
    }
  }

  #parenthesis(): Node {
    const type = this.#type();
    if (type !== undefined) {
      this.#expect(')');
      const ends = [undefined, ')', ',', ']'].includes(this.#token?.text);
      return ends ? { kind: 'type', type } : { kind: 'cast', type, operand: this.#deeper() };
    }
    const node = this.expression(0);
    this.#expect(')');
    return this.#postfix(node);
  }

  /** `{int} 0x1000` is what lies there, `{1, 2}` an array. */
  #braces(): Node {
    const start = this.#at;
    const type = this.#type();
    if (type !== undefined && this.accept('}')) return { kind: 'at', type, address: this.#deeper() };
    this.#at = start;
    const elements: Node[] = [];
    do elements.push(this.expression(ASSIGNMENT));
    while (this.accept(','));
    this.#expect('}');
    return { kind: 'list', elements };
  }

  #type(): CType | undefined {
    const found = this.#types.typeAt(this.#at);
    if (found === undefined) return undefined;
    this.#at = found.next;
    return found.type;
  }

  /** The count in the brackets of a type. */
  #constantAt(at: number): { value: number; next: number } | undefined {
    const token = this.#tokens[at];
    return token?.kind === 'integer' ? { value: Number(token.value), next: at + 1 } : undefined;
  }
}

/** As C has it, for decimal numbers and others. */
function integerType({ text, value, suffix = '' }: Token): CType {
  const number = value as bigint;
  const isUnsigned = suffix.includes('u');
  const isDecimal = !text.startsWith('0');
  if (!suffix.includes('l')) {
    if (!isUnsigned && number < 1n << 31n) return INT;
    if ((isUnsigned || !isDecimal) && number < 1n << 32n) return UNSIGNED_INT;
  }
  return !isUnsigned && number < 1n << 63n ? LONG : UNSIGNED_LONG;
}
