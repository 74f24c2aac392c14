// Rust names in rustc's v0 scheme: `_RNvCsh1OfwwScrvN_5hello4main` is `hello::main`. RFC 2603, with the later kinds of constants.
// demangle.ts asks. Names that are not understood give undefined, and are shown as they are.
// Hashes of crates and the types of constants are left out, as rustc-demangle's alternate form has it.
import { MangledText } from './mangled-text.ts';

class NotUnderstood extends Error {}

const DEEPEST = 256;
const LONGEST = 1 << 16;

const BASIC: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

export function demangleRustV0(mangled: string): string | undefined {
  const body = /^_R(?![0-9])([^.]*)/.exec(mangled)?.[1];
  if (body === undefined) return undefined;
  try {
    return new RustName(body).whole();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

class RustName extends MangledText {
  #depth = 0;
  #written = 0;
  /** How many lifetimes `for<…>` has named around here. */
  #lifetimes = 0;

  whole(): string {
    const found = this.#path(true);
    // the crate that made this copy follows
    if (!this.isAtEnd) this.#path(false);
    if (!this.isAtEnd) this.fail();
    return found;
  }

  override fail(): never {
    throw new NotUnderstood();
  }

  #deeper(read: () => string): string {
    if (++this.#depth > DEEPEST) this.fail();
    const found = read();
    this.#depth--;
    this.#written += found.length;
    if (found.length > LONGEST || this.#written > 64 * LONGEST) this.fail();
    return found;
  }

  /** `isValue`: generic arguments stand behind `::`. */
  #path(isValue: boolean): string {
    return this.#deeper(() => {
      switch (this.take()) {
        case 'C':
          this.#disambiguator();
          return this.#identifier();
        case 'M': {
          this.#disambiguator();
          this.#path(false);
          return `<${this.#type()}>`;
        }
        case 'X': {
          this.#disambiguator();
          this.#path(false);
          return this.#asTrait();
        }
        case 'Y':
          return this.#asTrait();
        case 'N':
          return this.#nested(isValue);
        case 'I': {
          const path = this.#path(isValue);
          const found = this.#list(() => this.#genericArgument());
          return `${path}${isValue ? '::' : ''}<${found}>`;
        }
        case 'B':
          return this.#backReference(() => this.#path(isValue));
        default:
          return this.fail();
      }
    });
  }

  #asTrait(): string {
    const type = this.#type();
    return `<${type} as ${this.#path(false)}>`;
  }

  #nested(isValue: boolean): string {
    const space = this.take();
    const path = this.#path(isValue);
    const number = this.#disambiguator();
    const name = this.#identifier();
    if (/[A-Z]/.test(space)) {
      const kind = { C: 'closure', S: 'shim' }[space] ?? space;
      return `${path}::{${kind}${name === '' ? '' : `:${name}`}#${number}}`;
    }
    return name === '' ? path : `${path}::${name}`;
  }

  #list(read: () => string): string {
    const found: string[] = [];
    while (!this.accept('E')) found.push(read());
    return found.join(', ');
  }

  #genericArgument(): string {
    if (this.accept('L')) return this.#lifetime(this.#base62());
    return this.accept('K') ? this.#constant() : this.#type();
  }

  #lifetime(index: number): string {
    if (index === 0) return "'_";
    const depth = this.#lifetimes - index;
    return depth >= 0 && depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`;
  }

  #type(): string {
    return this.#deeper(() => {
      const letter = this.ahead(1);
      const basic = BASIC[letter];
      if (basic !== undefined) {
        this.skip(1);
        return basic;
      }
      this.skip(1);
      switch (letter) {
        case 'R':
        case 'Q': {
          const lifetime = this.accept('L') ? this.#lifetime(this.#base62()) : "'_";
          const named = lifetime === "'_" ? '' : `${lifetime} `;
          return `&${named}${letter === 'Q' ? 'mut ' : ''}${this.#type()}`;
        }
        case 'P':
          return `*const ${this.#type()}`;
        case 'O':
          return `*mut ${this.#type()}`;
        case 'A': {
          const element = this.#type();
          return `[${element}; ${this.#constant()}]`;
        }
        case 'S':
          return `[${this.#type()}]`;
        case 'T': {
          const found = this.#list(() => this.#type());
          return found !== '' && !hasComma(found) ? `(${found},)` : `(${found})`;
        }
        case 'F':
          return this.#binder(() => this.#function());
        case 'D': {
          const found = this.#binder(() => this.#bounds());
          this.expect('L');
          const lifetime = this.#lifetime(this.#base62());
          return lifetime === "'_" ? `dyn ${found}` : `dyn ${found} + ${lifetime}`;
        }
        case 'B':
          return this.#backReference(() => this.#type());
        default:
          this.at--;
          return this.#path(false);
      }
    });
  }

  #binder(read: () => string): string {
    const count = this.accept('G') ? this.#base62() + 1 : 0;
    if (count > DEEPEST) this.fail();
    const names = Array.from({ length: count }, () => this.#lifetime(++this.#lifetimes && 1));
    const found = read();
    this.#lifetimes -= count;
    return count === 0 ? found : `for<${names.join(', ')}> ${found}`;
  }

  #function(): string {
    const unsafe = this.accept('U') ? 'unsafe ' : '';
    let abi = '';
    if (this.accept('K'))
      abi = `extern "${this.accept('C') ? 'C' : this.#identifier().replaceAll('_', '-')}" `;
    const parameters = this.#list(() => this.#type());
    const returns = this.#type();
    return `${unsafe}${abi}fn(${parameters})${returns === '()' ? '' : ` -> ${returns}`}`;
  }

  #bounds(): string {
    const found: string[] = [];
    while (!this.accept('E')) {
      let path = this.#path(false);
      while (this.accept('p')) {
        const name = this.#identifier();
        const bound = `${name} = ${this.#type()}`;
        path = path.endsWith('>') ? `${path.slice(0, -1)}, ${bound}>` : `${path}<${bound}>`;
      }
      found.push(path);
    }
    return found.join(' + ');
  }

  #constant(): string {
    return this.#deeper(() => {
      if (this.accept('B')) return this.#backReference(() => this.#constant());
      if (this.accept('p')) return '_';
      const kind = this.take();
      if (kind === 'R' && this.accept('e')) return this.#text();
      if (kind === 'R' || kind === 'Q') return `&${kind === 'Q' ? 'mut ' : ''}${this.#constant()}`;
      if (kind === 'A') return `[${this.#list(() => this.#constant())}]`;
      if (kind === 'T') return `(${this.#list(() => this.#constant())})`;
      const type = BASIC[kind];
      if (type === undefined) this.fail();
      const sign = this.accept('n') ? '-' : '';
      const digits = this.match(/[0-9a-f]*/y);
      this.expect('_');
      const value = BigInt(`0x0${digits}`);
      if (type === 'bool') return value === 1n ? 'true' : 'false';
      if (type === 'char') return `'${String.fromCodePoint(Number(value & 0xffffn))}'`;
      return `${sign}${value}`;
    });
  }

  #text(): string {
    const digits = this.match(/[0-9a-f]*/y);
    this.expect('_');
    return JSON.stringify(utf8Of(digits));
  }

  #backReference(read: () => string): string {
    const start = this.at - 1;
    const target = this.#base62();
    if (target >= start) this.fail();
    const end = this.at;
    this.at = target;
    const found = read();
    this.at = end;
    return found;
  }

  #disambiguator(): number {
    return this.accept('s') ? this.#base62() + 1 : 0;
  }

  /** `_` is 0, `0_` 1, `Z_` 62. */
  #base62(): number {
    const digits = this.match(/[0-9a-zA-Z]*/y);
    this.expect('_');
    if (digits === '') return 0;
    let value = 0;
    for (const digit of digits) {
      const code = digit.charCodeAt(0);
      const base = code <= 57 ? 48 : code >= 97 ? 97 - 10 : 65 - 36;
      value = value * 62 + (code - base);
    }
    return value + 1;
  }

  #identifier(): string {
    const isPunycode = this.accept('u');
    const length = Number(this.match(/0|[1-9]\d*/y) || this.fail());
    this.accept('_');
    const bytes = this.ahead(length);
    if (bytes.length < length) this.fail();
    this.skip(length);
    return isPunycode ? fromPunycode(bytes) : bytes;
  }
}

function hasComma(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if ('<([{'.includes(letter)) depth++;
    else if ('>)]}'.includes(letter)) depth--;
    else if (letter === ',' && depth === 0) return true;
  }
  return false;
}

/** UTF-8 in hexadecimal digits. */
function utf8Of(digits: string): string {
  const bytes = Uint8Array.from({ length: digits.length >> 1 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
  return new TextDecoder().decode(bytes);
}

/** RFC 3492, with an underscore for the delimiter. */
function fromPunycode(text: string): string {
  const split = text.lastIndexOf('_');
  const letters = [...(split < 0 ? '' : text.slice(0, split))];
  let [code, position, bias] = [128, 0, 72];
  const coded = split < 0 ? text : text.slice(split + 1);
  for (let at = 0; at < coded.length; ) {
    const before = position;
    let weight = 1;
    for (let step = 36; at < coded.length; step += 36) {
      const digit = Number.parseInt(coded[at++] as string, 36);
      // letters come before digits
      const value = digit < 10 ? digit + 26 : digit - 10;
      position += value * weight;
      const threshold = Math.min(Math.max(step - bias, 1), 26);
      if (value < threshold) break;
      weight *= 36 - threshold;
    }
    const count = letters.length + 1;
    bias = adapted(position - before, count, before === 0);
    code += Math.floor(position / count);
    position %= count;
    if (code > 0x10ffff) return text;
    letters.splice(position++, 0, String.fromCodePoint(code));
  }
  return letters.join('');
}

function adapted(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / count);
  let steps = 0;
  for (; rest > 455; steps += 36) rest = Math.floor(rest / 35);
  return steps + Math.floor((36 * rest) / (rest + 38));
}
