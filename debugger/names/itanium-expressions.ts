// Expressions in mangled C++ names: literals, parameters, operators, calls. Itanium C++ ABI, section 5.1.6.
// itanium.ts goes on from here to names and types, which expressions contain.
// What is rare is not read: such a name is shown as it is.
import { OPERATORS } from './itanium-tables.ts';
import { type Type, text } from './itanium-types.ts';
import { MangledText } from './mangled-text.ts';

const LITERAL_SUFFIX: Readonly<Record<string, string>> = {
  j: 'u',
  l: 'l',
  m: 'ul',
  x: 'll',
  y: 'ull',
};
const UNARY: ReadonlySet<string> = new Set(['ps', 'ng', 'ad', 'de', 'co', 'nt', 'pp', 'mm']);
const FOLDS: Readonly<Record<string, (operator: string, a: string, b: string) => string>> = {
  fl: (operator, a) => `(...${operator}${a})`,
  fr: (operator, a) => `(${a}${operator}...)`,
  fL: (operator, a, b) => `(${a}${operator}...${operator}${b})`,
  fR: (operator, a, b) => `(${a}${operator}...${operator}${b})`,
};

export abstract class MangledExpressions extends MangledText {
  abstract type(): Type;
  abstract name(): string;
  abstract unqualified(): string;
  abstract encoding(withResult?: boolean): string;
  abstract templateParameter(): string;
  abstract templateArguments(): string;
  abstract expansion<T>(read: () => T): T[];

  literal(): string {
    this.expect('L');
    if (this.accept('_Z')) {
      const found = this.encoding(false);
      this.expect('E');
      return found;
    }
    const letter = this.ahead(1);
    const type = text(this.type());
    const value = this.match(/n?[0-9a-f]*/y);
    this.expect('E');
    const number = value.replace(/^n/, '-');
    if (letter === 'b') return number === '1' ? 'true' : 'false';
    if (letter === 'i') return number;
    const suffix = LITERAL_SUFFIX[letter];
    return suffix === undefined ? `(${type})${number}` : `${number}${suffix}`;
  }

  expression(): string {
    const code = this.ahead(2);
    if (code[0] === 'L') return this.literal();
    if (code[0] === 'T') return this.templateParameter();
    if (code === 'fp' || code === 'fL') {
      const found = this.#functionParameter();
      if (found !== undefined) return found;
    }
    const fold = FOLDS[code];
    if (fold !== undefined) {
      this.skip(2);
      const operator = this.#operator();
      const first = this.expression();
      return fold(operator, first, code === 'fL' || code === 'fR' ? this.expression() : '');
    }
    switch (code) {
      case 'st':
      case 'at':
        this.skip(2);
        return `${code === 'st' ? 'sizeof' : 'alignof'} (${text(this.type())})`;
      case 'sz':
      case 'az':
        this.skip(2);
        return `${code === 'sz' ? 'sizeof' : 'alignof'} (${this.expression()})`;
      case 'sZ':
        this.skip(2);
        return `sizeof...(${this.expression()})`;
      case 'nx':
        this.skip(2);
        return `noexcept (${this.expression()})`;
      case 'sp':
        this.skip(2);
        return this.expansion(() => this.expression()).join(', ');
      case 'cl': {
        this.skip(2);
        const called = this.expression();
        return `${called}(${this.#list()})`;
      }
      case 'cv':
      case 'tl':
        this.skip(2);
        return this.#conversion(code === 'tl');
      case 'il':
        this.skip(2);
        return `{${this.#list()}}`;
      case 'dt':
      case 'pt': {
        this.skip(2);
        const object = this.expression();
        return `${object}${code === 'dt' ? '.' : '->'}${this.#memberName()}`;
      }
      case 'sr':
        return this.#scoped();
      case 'sc':
      case 'dc':
      case 'cc':
      case 'rc': {
        this.skip(2);
        const word = { sc: 'static', dc: 'dynamic', cc: 'const', rc: 'reinterpret' }[code];
        const type = text(this.type());
        return `${word}_cast<${type}>(${this.expression()})`;
      }
      case 'on':
        this.skip(2);
        return this.#memberName();
    }
    if (/^\d/.test(code)) return this.#memberName();
    return this.#operation(code);
  }

  #operation(code: string): string {
    const operator = OPERATORS[code];
    if (operator === undefined) return this.fail();
    this.skip(2);
    if (UNARY.has(code)) {
      if (code === 'pp' || code === 'mm') this.accept('_');
      return `${operator}${this.#grouped()}`;
    }
    const left = this.#grouped();
    if (code === 'qu') {
      const yes = this.#grouped();
      return `${left}?${yes} : ${this.#grouped()}`;
    }
    const right = code === 'ix' ? this.expression() : this.#grouped();
    if (code === 'ix') return `${left}[${right}]`;
    return code === 'gt' ? `(${left}>${right})` : `${left}${operator}${right}`;
  }

  #grouped(): string {
    const isPlain = /^(?:fp|L|T|sr)/.test(this.ahead(2));
    const found = this.expression();
    return isPlain && !found.startsWith('(') ? found : `(${found})`;
  }

  #functionParameter(): string | undefined {
    const found = this.match(/fL\d+p[rVK]*\d*_|fp[rVK]*\d*_|fpT/y);
    if (found === '') return undefined;
    if (found === 'fpT') return 'this';
    const number = /(\d*)_$/.exec(found)?.[1] ?? '';
    return `{parm#${number === '' ? 1 : Number(number) + 2}}`;
  }

  #operator(): string {
    const operator = OPERATORS[this.ahead(2)];
    if (operator === undefined) return this.fail();
    this.skip(2);
    return operator;
  }

  #list(): string {
    const found: string[] = [];
    while (!this.accept('E')) found.push(this.expression());
    return found.filter((each) => each !== '').join(', ');
  }

  #conversion(isBraced: boolean): string {
    const type = text(this.type());
    if (isBraced) return `${type}{${this.#list()}}`;
    return this.accept('_') ? `${type}(${this.#list()})` : `(${type})${this.#grouped()}`;
  }

  #memberName(): string {
    const name = /^on/.test(this.ahead(2)) ? this.#afterOn() : this.unqualified();
    return this.peek('I') ? `${name}${this.templateArguments()}` : name;
  }

  #afterOn(): string {
    this.skip(2);
    return this.unqualified();
  }

  #scoped(): string {
    this.skip(2);
    const isNested = this.accept('N');
    const levels: string[] = [];
    if (isNested || !/\d/.test(this.ahead(1))) levels.push(text(this.type()));
    if (isNested || levels.length === 0) while (!this.accept('E')) levels.push(this.#memberName());
    return [...levels, this.#memberName()].join('::');
  }
}
