// The last lines that stood below the panels: written again after a new size, and left to the shell's screen at the end.
// prompt-screen.ts keeps one.
// Only what a screen can hold is kept.

const LINES_KEPT = 500;
const LONGEST_LINE = 4096;

export class Transcript {
  /** Complete lines, and the one that is being written. */
  #lines: string[] = [];
  #open = '';
  #total = 0;
  #mark = 0;

  add(text: string): void {
    const [first = '', ...rest] = text.split('\n');
    this.#open = (this.#open + first).slice(-LONGEST_LINE);
    for (const line of rest) {
      this.#lines.push(this.#open);
      this.#total++;
      this.#open = line.slice(-LONGEST_LINE);
    }
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT);
  }

  get isAtLineStart(): boolean {
    return this.#open === '';
  }

  /** `sinceMark` begins here. */
  mark(): void {
    this.#mark = this.#total;
  }

  /** The last `count` lines, the open one among them, as they are to be written. */
  last(count: number): string {
    return count <= 0 ? '' : [...this.#lines.slice(-count), this.#open].join('\n');
  }

  /** As `last`, of those since `mark`. */
  sinceMark(count: number): string {
    return this.last(Math.min(count, this.#total - this.#mark));
  }
}
