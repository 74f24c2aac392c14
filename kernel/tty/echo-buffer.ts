// Echoes on their way out, as Linux keeps them (drivers/tty/n_tty.c, echo_buf): characters, and operations on columns.
// Input processing adds them; output.ts takes them out when a batch of input is through, or more than a block is committed.
// Positions only grow; a byte's place in the ring is its position modulo the size.

const SIZE = 4096;
const BLOCK = 256;
/** ECHO_DISCARD_WATERMARK. */
const DISCARD_FROM = SIZE - (BLOCK + 32);

/** Begins an operation; doubled, it stands for itself. */
const START = 0xff;
const MOVE_BACK = 0x80;
const MARK_COLUMN = 0x81;
const ERASE_TAB = 0x82;
/** In an operation that erases a tab: the columns are counted from a tab before it. */
const AFTER_TAB = 0x80;

/** What comes next: `size` bytes of the buffer. */
export type Echo =
  | { readonly kind: 'character' | 'control' | 'start'; readonly size: number; readonly c: number }
  | { readonly kind: 'mark-column'; readonly size: 2 }
  | { readonly kind: 'move-back'; readonly size: 2 }
  | { readonly kind: 'erase-tab'; readonly size: 3; readonly columns: number; readonly isAfterTab: boolean };

export class EchoBuffer {
  readonly #bytes = new Uint8Array(SIZE);
  #head = 0;
  #tail = 0;
  /** Up to here whole characters were typed. */
  #mark = 0;
  /** Up to here echoes may go out. */
  #commit = 0;

  #add(...bytes: number[]): void {
    for (const byte of bytes) this.#bytes[this.#head++ % SIZE] = byte;
  }

  #at(position: number): number {
    return this.#bytes[position % SIZE] as number;
  }

  /** As it is, but for output processing. */
  addRaw(c: number): void {
    if (c === START) this.#add(START, START);
    else this.#add(c);
  }

  /** As ^X. */
  addControl(c: number): void {
    this.#add(START, c);
  }

  /** The line begins at this column. */
  addMark(): void {
    this.#add(START, MARK_COLUMN);
  }

  addMoveBack(): void {
    this.#add(START, MOVE_BACK);
  }

  addEraseTab(columns: number, isAfterTab: boolean): void {
    this.#add(START, ERASE_TAB, (columns & 7) | (isAfterTab ? AFTER_TAB : 0));
  }

  /** A character was typed. True when echoes should go out already: a block of them is there. */
  commit(): boolean {
    this.#mark = this.#head;
    const old = this.#commit - this.#tail;
    const count = this.#head - this.#tail;
    if (count < BLOCK || count % BLOCK > old % BLOCK) return false;
    this.#commit = this.#head;
    return true;
  }

  /** All that was typed may go out; false when there is nothing. */
  commitTyped(): boolean {
    if (this.#mark === this.#tail) return false;
    this.#commit = this.#mark;
    return true;
  }

  /** The batch is over; false when all of it was committed before. */
  commitAll(): boolean {
    if (this.#commit === this.#head) return false;
    this.#commit = this.#head;
    return true;
  }

  /** The next committed echo. */
  get next(): Echo | undefined {
    if (this.#tail === this.#commit) return undefined;
    const first = this.#at(this.#tail);
    if (first !== START) return { kind: 'character', size: 1, c: first };
    const operation = this.#at(this.#tail + 1);
    if (operation === MARK_COLUMN) return { kind: 'mark-column', size: 2 };
    if (operation === MOVE_BACK) return { kind: 'move-back', size: 2 };
    if (operation === START) return { kind: 'start', size: 2, c: START };
    if (operation !== ERASE_TAB) return { kind: 'control', size: 2, c: operation };
    const columns = this.#at(this.#tail + 2);
    return { kind: 'erase-tab', size: 3, columns: columns & 7, isAfterTab: (columns & AFTER_TAB) !== 0 };
  }

  drop({ size }: Echo): void {
    this.#tail += size;
  }

  /** Makes room for the next batch when echoes could not go out for long. */
  discardOldest(): void {
    for (let echo = this.next; echo !== undefined; echo = this.next) {
      if (this.#commit - this.#tail < DISCARD_FROM) return;
      this.drop(echo);
    }
  }

  clear(): void {
    this.#head = this.#tail = this.#mark = this.#commit = 0;
  }
}
