// A mangled name that is read from left to right.
// itanium.ts and rust-v0.ts are built on it.
// `fail` ends the reading: the name is none of that scheme, or is not understood.

export abstract class MangledText {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  abstract fail(): never;

  get isAtEnd(): boolean {
    return this.at >= this.#text.length;
  }

  ahead(count: number): string {
    return this.#text.slice(this.at, this.at + count);
  }

  peek(text: string): boolean {
    return this.#text.startsWith(text, this.at);
  }

  accept(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }

  skip(count: number): void {
    this.at += count;
  }

  take(): string {
    return this.#text[this.at++] ?? this.fail();
  }

  /** What a sticky pattern finds here, maybe nothing. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  /** `n` stands for a minus. */
  number(): number {
    const digits = this.match(/n?\d+/y);
    if (digits === '') this.fail();
    return Number(digits.replace('n', '-'));
  }

  /** A length and as many characters. */
  sourceName(): string {
    const length = Number(this.match(/\d+/y) || this.fail());
    const name = this.ahead(length);
    if (name.length < length) this.fail();
    this.at += length;
    return name;
  }
}
