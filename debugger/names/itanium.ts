// C++ names out of mangled ones: `_ZN4shop3addEii` is `shop::add(int, int)`. Itanium C++ ABI, section 5.1.
// demangle.ts asks. Names that are not understood give undefined, and are shown as they are.
// A type is the text left and right of what it declares, so that pointers to functions come out as C writes them.

import { MangledExpressions } from './itanium-expressions.ts';
import { BUILTIN, D_BUILTIN, OPERATORS, SPECIAL, STANDARD } from './itanium-tables.ts';
import {
  arrayType,
  functionType,
  plain,
  pointer,
  reference,
  type Type,
  text,
  withQualifiers,
} from './itanium-types.ts';

/** A name that is not understood; caught in `demangleItanium`. */
class NotUnderstood extends Error {}

const DEEPEST = 256;
/** Some short names stand for ever longer ones. */
const LONGEST = 1 << 16;

interface Name {
  readonly text: string;
  /** The last part without template arguments: what constructors are called by. */
  readonly last: string;
  /** Do template arguments end it? Then the function's result is part of its mangled name. */
  readonly isTemplate: boolean;
  /** A constructor, destructor or conversion has no result in its name. */
  readonly hasNoResult?: boolean;
  /** Of a member function: ` const`, ` &`. */
  readonly suffix?: string;
}

/** `withResult`: is a template's result type wanted in front? */
export function demangleItanium(mangled: string, withResult: boolean): string | undefined {
  const clone = /^(_Z[^.]*)((?:\.[\w]+)*)$/.exec(mangled);
  if (clone === null) return undefined;
  try {
    const name = new Demangler(clone[1] ?? '', withResult).whole();
    const suffix = clone[2] ?? '';
    return suffix === '' ? name : `${name} [clone ${suffix}]`;
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

export class Demangler extends MangledExpressions {
  readonly #withResult: boolean;
  readonly #substitutions: Type[] = [];
  /** Of the function that is read; each a text, or several of a pack. */
  #arguments: (Type | Type[])[] = [];
  /** Which one of a pack is read. */
  #inPack: number | undefined;
  #packLength: number | undefined;
  #depth = 0;

  constructor(mangled: string, withResult: boolean) {
    super(mangled);
    this.#withResult = withResult;
  }

  whole(): string {
    this.expect('_Z');
    const found = this.encoding(this.#withResult);
    if (!this.isAtEnd) this.fail();
    return found;
  }

  override fail(): never {
    throw new NotUnderstood();
  }

  /** A function with its parameters, or data. */
  override encoding(withResult = true): string {
    return this.#deeper(() => {
      const special = this.#special();
      if (special !== undefined) return special;
      const name = this.#name();
      if (this.isAtEnd || this.peek('E') || this.peek('.')) return name.text;
      const result = name.isTemplate && name.hasNoResult !== true ? this.type() : undefined;
      const parameters = this.#parameters();
      const whole = `${name.text}(${parameters})${name.suffix ?? ''}`;
      if (result === undefined || !withResult) return whole;
      return `${result.left}${/\(\*+$/.test(result.left) ? '' : ' '}${whole}${result.right}`;
    });
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) this.fail();
    const found = read();
    this.#depth--;
    return found;
  }

  #special(): string | undefined {
    const code = this.ahead(2);
    if (code === 'Th' || code === 'Tv') {
      this.skip(2);
      this.#callOffset(code === 'Tv');
      return `${code === 'Th' ? 'non-virtual' : 'virtual'} thunk to ${this.encoding(false)}`;
    }
    if (code === 'Tc') {
      this.skip(2);
      this.#callOffset(this.take() === 'v');
      this.#callOffset(this.take() === 'v');
      return `covariant return thunk to ${this.encoding(false)}`;
    }
    if (this.accept('GTt') || this.accept('GTn')) return `transaction clone for ${this.encoding(false)}`;
    if (code === 'TC') {
      this.skip(2);
      const derived = text(this.type());
      this.number();
      this.expect('_');
      return `construction vtable for ${text(this.type())}-in-${derived}`;
    }
    if (code === 'TA') return undefined;
    const words = SPECIAL[code];
    if (words === undefined) return undefined;
    this.skip(2);
    if (code === 'GR') {
      const name = this.#name().text;
      const number = this.#sequence();
      return `${words}${number} for ${name}`;
    }
    return `${words}${code[0] === 'G' || code === 'TH' || code === 'TW' ? this.#name().text : text(this.type())}`;
  }

  #callOffset(isVirtual: boolean): void {
    this.number();
    this.expect('_');
    if (!isVirtual) return;
    this.number();
    this.expect('_');
  }

  /** `_` is 0, `0_` 1, `A_` 11. */
  #sequence(): number {
    if (this.accept('_')) return 0;
    const digits = this.match(/[0-9A-Z]+/y);
    this.expect('_');
    return Number.parseInt(digits, 36) + 1;
  }

  #parameters(): string {
    const found: string[] = [];
    while (!this.isAtEnd && !this.peek('E') && !this.peek('.')) found.push(...this.#typesInPack().map(text));
    return found.length === 1 && found[0] === 'void' ? '' : found.join(', ');
  }

  /** One type, or of a pack that is expanded as many as it has. */
  #typesInPack(): Type[] {
    if (!this.accept('Dp')) return [this.type()];
    const found = this.expansion(() => this.type());
    this.#remember(plain(found.map(text).join(', ')));
    return found;
  }

  /** Reads the same again for each element of the pack that it mentions. */
  override expansion<T>(read: () => T): T[] {
    const [start, known, outer, length] = [
      this.at,
      this.#substitutions.length,
      this.#inPack,
      this.#packLength,
    ];
    this.#packLength = undefined;
    this.#inPack = 0;
    const found = [read()];
    const count: number = this.#packLength ?? 1;
    for (let index = 1; index < count; index++) {
      this.at = start;
      this.#substitutions.length = known;
      this.#inPack = index;
      found.push(read());
    }
    this.#inPack = outer;
    this.#packLength = length;
    return count === 0 ? [] : found;
  }

  #name(): Name {
    return this.#deeper(() => {
      if (this.peek('N')) return this.#nested();
      if (this.peek('Z')) return this.#local();
      if (this.peek('S') && !this.peek('St')) {
        const whole = this.#substitution();
        return this.#withArguments({ text: text(whole), last: '', isTemplate: false });
      }
      const isStandard = this.accept('St');
      this.accept('L');
      const own = this.#unqualified('');
      const name = { ...own, text: isStandard ? `std::${own.text}` : own.text };
      if (!this.peek('I')) return name;
      this.#remember(plain(name.text));
      return this.#withArguments(name);
    });
  }

  #withArguments(name: Name): Name {
    if (!this.peek('I')) return name;
    return { ...name, text: appended(name.text, this.templateArguments()), isTemplate: true };
  }

  #nested(): Name {
    this.expect('N');
    const qualifiers = this.#qualifiers();
    const suffix = this.accept('R') ? ' &' : this.accept('O') ? ' &&' : '';
    let name: Name = { text: '', last: '', isTemplate: false };
    while (!this.accept('E')) {
      if (this.peek('I')) {
        name = { ...name, text: appended(name.text, this.templateArguments()), isTemplate: true };
      } else if (this.peek('S') && !this.peek('St')) {
        name = this.#substitutionName();
        continue;
      } else if (this.peek('T')) {
        const type = text(this.#templateParameter());
        name = { text: type, last: type, isTemplate: false };
      } else if (this.ahead(2) === 'Dt' || this.ahead(2) === 'DT') {
        const type = text(this.type());
        name = { text: type, last: type, isTemplate: false };
        continue;
      } else if (this.accept('M')) {
        continue; // the initialiser of a member, before a lambda
      } else if (this.accept('St')) {
        name = { text: 'std', last: 'std', isTemplate: false };
        continue;
      } else {
        this.accept('L');
        const own = this.#unqualified(name.last);
        const text = name.text === '' ? own.text : `${name.text}::${own.text}`;
        name = { ...own, text };
      }
      if (!this.peek('E')) this.#remember(plain(name.text));
      if (name.text.length > LONGEST) this.fail();
    }
    return { ...name, suffix: `${qualifiers}${suffix}` };
  }

  #substitutionName(): Name {
    const letter = this.ahead(2)[1] ?? '';
    const standard = STANDARD[letter];
    if (standard === undefined) {
      const whole = text(this.#substitution());
      return { text: whole, last: lastPart(whole), isTemplate: false };
    }
    this.skip(2);
    const isBefore = this.peek('C') || this.peek('D');
    return { text: isBefore ? standard[1] : standard[0], last: standard[2], isTemplate: false };
  }

  #local(): Name {
    this.expect('Z');
    const outer = this.#arguments;
    const inside = this.encoding(false);
    this.expect('E');
    if (this.accept('s')) {
      this.#discriminator();
      this.#arguments = outer;
      return { text: `${inside}::string literal`, last: '', isTemplate: false };
    }
    if (this.accept('d')) {
      if (!this.peek('_')) this.number();
      this.expect('_');
    }
    const name = this.#name();
    this.#discriminator();
    return { ...name, text: `${inside}::${name.text}` };
  }

  #discriminator(): void {
    if (this.accept('__')) {
      this.number();
      this.expect('_');
    } else if (this.peek('_')) {
      this.skip(1);
      this.match(/\d/y);
    }
  }

  #qualifiers(): string {
    let found = '';
    if (this.accept('r')) found = ' restrict';
    if (this.accept('V')) found = ` volatile${found}`;
    if (this.accept('K')) found = ` const${found}`;
    return found;
  }

  #unqualified(scope: string): Name {
    const name = this.#bareName(scope);
    let tags = '';
    while (this.accept('B')) tags += `[abi:${this.sourceName()}]`;
    return tags === '' ? name : { ...name, text: name.text + tags };
  }

  #bareName(scope: string): Name {
    if (/\d/.test(this.ahead(1))) {
      const name = this.sourceName();
      const shown = name.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : name;
      return { text: shown, last: shown, isTemplate: false };
    }
    const code = this.ahead(2);
    if (/^C[I123459]$/.test(code)) {
      this.skip(2);
      if (code === 'CI') {
        this.skip(1);
        this.type();
      }
      return { text: scope, last: scope, isTemplate: false, hasNoResult: true };
    }
    if (/^D[012459]$/.test(code)) {
      this.skip(2);
      return { text: `~${scope}`, last: scope, isTemplate: false, hasNoResult: true };
    }
    if (code === 'DC') {
      this.skip(2);
      const names: string[] = [];
      while (!this.accept('E')) names.push(this.sourceName());
      return { text: `[${names.join(', ')}]`, last: '', isTemplate: false };
    }
    if (code === 'Ut') {
      this.skip(2);
      const text = `{unnamed type#${this.#sequence() + 1}}`;
      return { text, last: text, isTemplate: false };
    }
    if (code === 'Ul') {
      this.skip(2);
      const parameters = this.#parameters();
      this.expect('E');
      const text = `{lambda(${parameters})#${this.#sequence() + 1}}`;
      return { text, last: text, isTemplate: false };
    }
    return this.#operatorName(code);
  }

  #operatorName(code: string): Name {
    if (code === 'cv') {
      this.skip(2);
      const text_ = `operator ${text(this.type())}`;
      return { text: text_, last: text_, isTemplate: false, hasNoResult: true };
    }
    if (code === 'li') {
      this.skip(2);
      const text_ = `operator"" ${this.sourceName()}`;
      return { text: text_, last: text_, isTemplate: false };
    }
    const word = OPERATORS[code];
    if (word === undefined) this.fail();
    this.skip(2);
    return { text: `operator${word}`, last: `operator${word}`, isTemplate: false };
  }

  override name(): string {
    return this.#name().text;
  }

  override unqualified(): string {
    return this.#unqualified('').text;
  }

  override templateArguments(): string {
    this.expect('I');
    const found: (Type | Type[])[] = [];
    while (!this.accept('E')) found.push(this.#templateArgument());
    this.#arguments = found;
    const inner = found.flat().map(text).join(', ');
    const last = found.at(-1);
    const isPackEmpty = Array.isArray(last) && last.length === 0;
    return `<${inner}${inner.endsWith('>') && !isPackEmpty ? ' ' : ''}>`;
  }

  #templateArgument(): Type | Type[] {
    if (this.accept('J')) {
      const pack: Type[] = [];
      while (!this.accept('E')) pack.push(...[this.#templateArgument()].flat());
      return pack;
    }
    if (this.accept('X')) {
      const found = this.expression();
      this.expect('E');
      return plain(found);
    }
    if (this.peek('L')) return plain(this.literal());
    return this.#typesInPack();
  }

  #remember(type: Type): Type {
    this.#substitutions.push(type);
    return type;
  }

  #substitution(): Type {
    this.expect('S');
    const standard = STANDARD[this.ahead(1)];
    if (standard !== undefined) {
      this.skip(1);
      return plain(standard[0]);
    }
    return this.#substitutions[this.#sequence()] ?? this.fail();
  }

  override templateParameter(): string {
    return text(this.#templateParameter());
  }

  #templateParameter(): Type {
    this.expect('T');
    if (this.accept('L')) {
      this.number();
      this.expect('_');
    }
    const found = this.#arguments[this.#sequence()];
    if (found === undefined) this.fail();
    if (!Array.isArray(found)) return found;
    if (this.#inPack === undefined) {
      if (found.length === 1) return found[0] as Type;
      return plain(found.map(text).join(', '));
    }
    this.#packLength = found.length;
    return found[this.#inPack] ?? plain('');
  }

  override type(): Type {
    return this.#deeper(() => this.#type());
  }

  #type(): Type {
    const letter = this.ahead(1);
    const builtin = BUILTIN[letter];
    if (builtin !== undefined) {
      this.skip(1);
      return plain(builtin);
    }
    switch (letter) {
      case 'P':
      case 'R':
      case 'O': {
        this.skip(1);
        const to = this.type();
        return this.#remember(letter === 'P' ? pointer(to) : reference(to, letter === 'R' ? '&' : '&&'));
      }
      case 'r':
      case 'V':
      case 'K': {
        const qualifiers = this.#qualifiers();
        return this.#remember(withQualifiers(this.type(), qualifiers));
      }
      case 'F':
        return this.#remember(this.#function(''));
      case 'A': {
        this.skip(1);
        const count = this.peek('_') ? '' : /\d/.test(this.ahead(1)) ? this.match(/\d+/y) : this.expression();
        this.expect('_');
        return this.#remember(arrayType(this.type(), count));
      }
      case 'M': {
        this.skip(1);
        const owner = text(this.type());
        return this.#remember(pointer(this.type(), `${owner}::*`));
      }
      case 'T': {
        if (/^T[eus]$/.test(this.ahead(2))) this.skip(2);
        else return this.#maybeTemplate(this.#remember(this.#templateParameter()));
        return this.#remember(plain(this.#ownName()));
      }
      case 'S': {
        if (this.peek('St')) break;
        return this.#maybeTemplate(this.#substitution());
      }
      case 'D':
        return this.#d();
      case 'U':
        return this.#vendorQualified();
      case 'u':
        this.skip(1);
        return this.#remember(plain(this.sourceName()));
      case 'C':
      case 'G':
        this.skip(1);
        return this.#remember(plain(`${text(this.type())} ${letter === 'C' ? '_Complex' : '_Imaginary'}`));
    }
    return this.#remember(plain(this.#ownName()));
  }

  /** A name within a type: its template arguments are not those of the function. */
  #ownName(): string {
    const outer = this.#arguments;
    const found = this.name();
    this.#arguments = outer;
    return found;
  }

  #maybeTemplate(type: Type): Type {
    if (!this.peek('I')) return type;
    const outer = this.#arguments;
    const found = this.#remember(plain(appended(text(type), this.templateArguments())));
    this.#arguments = outer;
    return found;
  }

  #vendorQualified(): Type {
    this.skip(1);
    const name = this.sourceName();
    const extra = this.peek('I') ? this.templateArguments() : '';
    return this.#remember(withQualifiers(this.type(), ` ${name}${extra}`));
  }

  #function(suffix: string): Type {
    this.expect('F');
    this.accept('Y');
    const returns = this.type();
    const parameters: string[] = [];
    let own = suffix;
    while (!this.accept('E')) {
      if (this.accept('RE')) {
        own += ' &';
        break;
      }
      if (this.accept('OE')) {
        own += ' &&';
        break;
      }
      parameters.push(...this.#typesInPack().map(text));
    }
    const list = parameters.length === 1 && parameters[0] === 'void' ? '' : parameters.join(', ');
    return functionType(returns, list, own);
  }

  #d(): Type {
    const code = this.ahead(2);
    const builtin = D_BUILTIN[code[1] ?? ''];
    if (builtin !== undefined) {
      this.skip(2);
      return plain(builtin);
    }
    if (code === 'Dt' || code === 'DT') {
      this.skip(2);
      const inner = this.expression();
      this.expect('E');
      return this.#remember(plain(`decltype (${inner})`));
    }
    if (code === 'Do') {
      this.skip(2);
      return this.#remember(this.#function(' noexcept'));
    }
    if (code === 'DF') {
      this.skip(2);
      const bits = this.match(/\d+/y);
      const isExtended = this.accept('x');
      if (this.accept('b')) return plain('std::bfloat16_t');
      this.accept('_');
      return plain(`_Float${bits}${isExtended ? 'x' : ''}`);
    }
    if (code === 'Dv') {
      this.skip(2);
      const count = this.match(/\d+/y);
      this.expect('_');
      return this.#remember(plain(`${text(this.type())} __vector(${count})`));
    }
    return this.fail();
  }
}

/** `operator<` with arguments keeps a blank between. */
function appended(name: string, args: string): string {
  return name.endsWith('<') ? `${name} ${args}` : `${name}${args}`;
}

/** What a constructor of the class `whole` is called: without scopes and template arguments. */
function lastPart(whole: string): string {
  let depth = 0;
  let start = 0;
  let end = whole.length;
  for (let at = 0; at < whole.length; at++) {
    const letter = whole[at];
    if (letter === '<' || letter === '(' || letter === '{') {
      if (depth++ === 0 && letter === '<') end = at;
    } else if (letter === '>' || letter === ')' || letter === '}') depth--;
    else if (depth === 0 && letter === ':' && whole[at + 1] === ':') {
      start = at + 2;
      end = whole.length;
    }
  }
  return whole.slice(start, end);
}
