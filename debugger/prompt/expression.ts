// Expressions as gdb has them: C's operators over registers, symbols, memory, casts and convenience variables.
// `p`, `x`, `set`, `break if` and every command that takes an address evaluate them here.
// Evaluation reads the guest through a Scope and writes nothing; assignments are the caller's.
import { PromptError } from './prompt-error.ts';
import { type Token, tokenize } from './tokens.ts';
import {
  addressOf,
  CHAR,
  type CType,
  convert,
  DOUBLE,
  fromBytes,
  INT,
  type IntegerType,
  isTrue,
  LONG,
  longValue,
  makeInteger,
  type PointerType,
  pointerTo,
  sizeOf,
  TYPE_NAMES,
  UNSIGNED_LONG,
  type Value,
  VOID,
} from './values.ts';

/** What names mean at the moment. Each throws PromptError for what is not there. */
export interface Scope {
  /** `$a0`, `$pc`, `$_exitcode`, `$1`, `$my_variable`, without the dollar. */
  dollar(name: string): Value;
  /** A symbol of the program: its address, and its size when it is data of a plain size. */
  symbol(name: string): { readonly address: number; readonly isFunction: boolean; readonly size: number };
  /** A variable whose type is known, if it is no structure or array; undefined when there is none of this name. */
  variable?(name: string): Value | undefined;
  read(address: number, length: number): Uint8Array;
}

/** Throws PromptError with one line. */
export function evaluate(text: string, scope: Scope): Value {
  const parser = new Parser(text, scope);
  const value = parser.expression(0);
  parser.expectEnd();
  return value;
}

/** The value of a leading expression, and what follows it; ends where no operator goes on. */
export function evaluatePrefix(text: string, scope: Scope): { value: Value; rest: string } {
  const parser = new Parser(text, scope);
  const value = parser.expression(0);
  return { value, rest: parser.rest };
}

const BINARY: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
  '@': 11,
};

const DEEPEST = 200;

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #scope: Scope;
  #at = 0;
  #depth = 0;

  constructor(text: string, scope: Scope) {
    this.#text = text;
    this.#tokens = tokenize(text);
    this.#scope = scope;
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
    const token = this.#token;
    if (token !== undefined) throw new PromptError(`A syntax error in expression, near \`${this.rest}'.`);
  }

  /** Precedence climbing; `least` is the lowest operator taken. */
  expression(least: number): Value {
    let left = this.#unary();
    for (;;) {
      const token = this.#token;
      const level = token?.kind === 'operator' ? BINARY[token.text] : undefined;
      if (token === undefined || level === undefined || level < least) break;
      this.#at++;
      left = this.#binary(token.text, left, level);
    }
    if (least === 0 && this.#accept('?')) {
      const condition = isTrue(left);
      const whenTrue = this.expression(0);
      this.#expect(':');
      const whenFalse = this.expression(0);
      left = condition ? whenTrue : whenFalse;
    }
    return left;
  }

  #binary(operator: string, left: Value, level: number): Value {
    if (operator === '&&' || operator === '||') {
      const decided = isTrue(left) === (operator === '||');
      const right = this.#quietly(decided, () => this.expression(level + 1));
      return makeInteger(INT, decided ? BigInt(operator === '||') : BigInt(isTrue(right)));
    }
    const right = this.expression(level + 1);
    if (operator === '@') throw new PromptError('arrays by `@` are not known here: use x/NFU');
    return arithmetic(operator, left, right);
  }

  /** The right side of && and || need not be readable when the left has decided. */
  #quietly(mayFail: boolean, parse: () => Value): Value {
    const start = this.#at;
    try {
      return parse();
    } catch (error) {
      if (!mayFail || !(error instanceof PromptError)) throw error;
      if (this.#at === start) throw error;
      return longValue(0);
    }
  }

  #unary(): Value {
    if (++this.#depth > DEEPEST) throw new PromptError('The expression is nested too deeply.');
    const value = this.#operand();
    this.#depth--;
    return value;
  }

  #operand(): Value {
    const token = this.#next();
    if (token.kind === 'operator') {
      switch (token.text) {
        case '-': {
          const value = promote(this.#unary());
          if (typeof value.content === 'number') return { type: value.type, content: -value.content };
          return makeInteger(value.type as IntegerType, -value.content);
        }
        case '+':
          return promote(this.#unary());
        case '~': {
          const value = promote(this.#unary());
          if (typeof value.content === 'number') throw new PromptError('~ is for integers');
          return makeInteger(value.type as IntegerType, ~value.content);
        }
        case '!':
          return makeInteger(INT, BigInt(!isTrue(this.#unary())));
        case '*':
          return this.#dereference(this.#unary());
        case '&':
          return this.#addressOfNext();
        case '(':
          return this.#parenthesis();
        case '{': {
          const type = this.typeName();
          this.#expect('}');
          if (type === undefined) throw new PromptError('{TYPE} ADDRESS: a type such as int is expected');
          return this.#load(type, addressOf(this.#unary()));
        }
        default:
          throw new PromptError(`A syntax error in expression, near \`${this.#text.slice(token.start)}'.`);
      }
    }
    return this.#postfix(this.#primary(token));
  }

  #primary(token: Token): Value {
    switch (token.kind) {
      case 'integer': {
        const value = token.value as bigint;
        const fitsInt = value < 0x8000_0000n;
        return makeInteger(fitsInt ? INT : value < 1n << 63n ? LONG : UNSIGNED_LONG, value);
      }
      case 'float':
        return { type: DOUBLE, content: token.value as number };
      case 'character':
        return makeInteger(CHAR, token.value as bigint);
      case 'dollar':
        return this.#scope.dollar(token.text);
      case 'name':
        return this.#name(token);
      default:
        throw new PromptError(`A syntax error in expression, near \`${this.#text.slice(token.start)}'.`);
    }
  }

  #name(token: Token): Value {
    if (token.text === 'sizeof') {
      const isParenthesised = this.#accept('(');
      const type = this.typeName();
      if (isParenthesised) this.#expect(')');
      if (type === undefined) throw new PromptError('sizeof: a type such as int is expected');
      return makeInteger(UNSIGNED_LONG, BigInt(sizeOf(type)));
    }
    const variable = this.#scope.variable?.(token.text);
    if (variable !== undefined) return variable;
    const { address, isFunction, size } = this.#scope.symbol(token.text);
    if (isFunction) return makeInteger(pointerTo(VOID), BigInt(address));
    const type = ({ 1: CHAR, 2: TYPE_NAMES.short, 4: INT, 8: LONG } as Record<number, CType>)[size];
    if (type === undefined) {
      throw new PromptError(
        `'${token.text}' has ${size} bytes and no known type; use &${token.text}, x, or cast it: *(int *)&${token.text}`,
      );
    }
    return this.#load(type, address);
  }

  #postfix(start: Value): Value {
    let value = start;
    for (;;) {
      if (this.#accept('[')) {
        const index = this.expression(0);
        this.#expect(']');
        value = this.#dereference(arithmetic('+', value, index));
      } else if (this.#token?.kind === 'operator' && ['.', '->'].includes(this.#token.text)) {
        throw new PromptError('fields of structures are not known in expressions; print the structure whole');
      } else return value;
    }
  }

  #parenthesis(): Value {
    const type = this.typeName();
    if (type !== undefined) {
      this.#expect(')');
      return convert(this.#unary(), type);
    }
    const value = this.expression(0);
    this.#expect(')');
    return this.#postfix(value);
  }

  #addressOfNext(): Value {
    const token = this.#token;
    if (token?.kind === 'name') {
      this.#at++;
      const variable = this.#scope.variable?.(token.text);
      if (variable?.place?.kind === 'memory')
        return makeInteger(pointerTo(variable.type), BigInt(variable.place.address));
      const { address, isFunction, size } = this.#scope.symbol(token.text);
      const type = ({ 1: CHAR, 2: TYPE_NAMES.short, 4: INT, 8: LONG } as Record<number, CType>)[size];
      return makeInteger(pointerTo(isFunction || type === undefined ? VOID : type), BigInt(address));
    }
    const value = this.#unary();
    if (value.place?.kind !== 'memory')
      throw new PromptError('Attempt to take address of value not located in memory.');
    return makeInteger(pointerTo(value.type), BigInt(value.place.address));
  }

  #dereference(value: Value): Value {
    const { type } = value;
    if (type.kind === 'float') throw new PromptError('a floating-point number points nowhere');
    if (type.kind === 'pointer' && type.to.kind === 'void')
      throw new PromptError('Attempt to take contents of a void pointer; cast it: *(long *)…');
    return this.#load(type.kind === 'pointer' ? type.to : LONG, addressOf(value));
  }

  #load(type: CType, address: number): Value {
    if (type.kind === 'void') throw new PromptError('Attempt to take contents of a void pointer.');
    const bytes = this.#scope.read(address, sizeOf(type));
    return { ...fromBytes(type, bytes), place: { kind: 'memory', address } };
  }

  /** Takes a type name if one stands here. */
  typeName(): CType | undefined {
    const start = this.#at;
    const words: string[] = [];
    while (this.#token?.kind === 'name' && isTypeWord(this.#token.text)) {
      words.push(this.#token.text);
      this.#at++;
    }
    if (words.includes('struct') || words.includes('union'))
      throw new PromptError('structures have no known shape in expressions; print the variable whole');
    let type = typeOfWords(words);
    if (type === undefined) {
      this.#at = start;
      return undefined;
    }
    while (this.#accept('*')) type = pointerTo(type);
    return type;
  }

  #next(): Token {
    const token = this.#token;
    if (token === undefined)
      throw new PromptError(
        this.#tokens.length === 0
          ? 'Argument required (expression to compute).'
          : 'The expression ends too early.',
      );
    this.#at++;
    return token;
  }

  #accept(text: string): boolean {
    if (this.#token?.kind !== 'operator' || this.#token.text !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw new PromptError(`A \`${text}' is missing in the expression.`);
  }
}

const IGNORED_WORDS = new Set(['const', 'volatile']);

function isTypeWord(word: string): boolean {
  return (
    IGNORED_WORDS.has(word) ||
    word === 'struct' ||
    word === 'union' ||
    word === 'signed' ||
    word === 'unsigned' ||
    word in TYPE_NAMES
  );
}

/** `long unsigned int` is `unsigned long`. */
function typeOfWords(all: readonly string[]): CType | undefined {
  const words = all.filter((word) => !IGNORED_WORDS.has(word));
  if (words.length === 0) return undefined;
  const direct = TYPE_NAMES[words.join(' ')];
  if (direct !== undefined) return direct;
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

/** Integers below int become int. */
function promote(value: Value): Value {
  const { type, content } = value;
  if (type.kind === 'integer' && type.size < 4) return { type: INT, content };
  return { type, content };
}

/** The usual arithmetic conversions, and pointers. */
function arithmetic(operator: string, leftSide: Value, rightSide: Value): Value {
  const left = promote(leftSide);
  const right = promote(rightSide);
  const isComparison = ['==', '!=', '<', '>', '<=', '>='].includes(operator);
  if (!isComparison && (left.type.kind === 'pointer' || right.type.kind === 'pointer')) {
    return pointerArithmetic(operator, left, right);
  }
  if (left.type.kind === 'float' || right.type.kind === 'float') {
    return floatArithmetic(operator, Number(left.content), Number(right.content));
  }
  const type = commonType(left.type, right.type);
  const a = convert(left, type).content as bigint;
  const b = convert(right, type).content as bigint;
  const result = (bits: bigint): Value => makeInteger(type, bits);
  const truth = (holds: boolean): Value => makeInteger(INT, BigInt(holds));
  switch (operator) {
    case '+':
      return result(a + b);
    case '-':
      return result(a - b);
    case '*':
      return result(a * b);
    case '/':
    case '%':
      if (b === 0n) throw new PromptError('Division by zero');
      return result(operator === '/' ? a / b : a % b);
    case '&':
      return result(a & b);
    case '|':
      return result(a | b);
    case '^':
      return result(a ^ b);
    case '<<':
    case '>>': {
      const count = BigInt.asUintN(64, right.content as bigint) & 63n;
      const value = left.content as bigint;
      return makeInteger(left.type as IntegerType, operator === '<<' ? value << count : value >> count);
    }
    default:
      return truth(compare(operator, a < b ? -1 : a > b ? 1 : 0));
  }
}

function compare(operator: string, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    default:
      return order >= 0;
  }
}

function commonType(left: CType, right: CType): IntegerType {
  if (left.kind !== 'integer' || right.kind !== 'integer') return UNSIGNED_LONG; // addresses compared
  if (left.size !== right.size) return left.size > right.size ? left : right;
  return left.isSigned ? right : left;
}

function floatArithmetic(operator: string, a: number, b: number): Value {
  switch (operator) {
    case '+':
      return { type: DOUBLE, content: a + b };
    case '-':
      return { type: DOUBLE, content: a - b };
    case '*':
      return { type: DOUBLE, content: a * b };
    case '/':
      return { type: DOUBLE, content: a / b };
    case '%':
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      throw new PromptError(`${operator} is for integers`);
    default:
      return makeInteger(
        INT,
        BigInt(
          Number.isNaN(a - b) && a !== b ? operator === '!=' : compare(operator, a < b ? -1 : a > b ? 1 : 0),
        ),
      );
  }
}

function pointerArithmetic(operator: string, left: Value, right: Value): Value {
  const isLeft = left.type.kind === 'pointer';
  const pointer = (isLeft ? left : right).type as PointerType;
  const a = left.content as bigint;
  const b = right.content as bigint;
  if (typeof left.content !== 'bigint' || typeof right.content !== 'bigint')
    throw new PromptError('pointers move by whole numbers');
  const size = BigInt(sizeOf(pointer.to));
  if (operator === '+' && !(isLeft && right.type.kind === 'pointer'))
    return makeInteger(pointer, isLeft ? a + b * size : b + a * size);
  if (operator === '-' && isLeft) {
    return right.type.kind === 'pointer'
      ? makeInteger(LONG, (a - b) / size)
      : makeInteger(pointer, a - b * size);
  }
  return arithmetic(operator, convert(left, UNSIGNED_LONG), convert(right, UNSIGNED_LONG));
}
