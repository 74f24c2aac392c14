// Where guest addresses lie in a Memory that is smaller than they are high: a MiB of them at a place, each found in a table.
// GuestMemory makes one when the kernel first backs an address above GUEST_LIMIT; generated code reads the same table.
// A place is a MiB of the Memory, named by the low addresses that lie there as long as nothing else does.
import {
  ADDRESS_LIMIT,
  BIAS,
  GUEST_LIMIT,
  PAGE_COUNT,
  PAGE_SHIFT,
  PAGE_SIZE,
  WINDOW_COUNT,
  WINDOW_SHIFT,
  WINDOW_SIZE,
  WINDOW_TABLE,
} from './layout.ts';

/** Places of a Memory; as many windows show the low addresses when no other is open. */
export const PLACE_COUNT = GUEST_LIMIT >>> WINDOW_SHIFT;
export const WINDOW_PAGES = WINDOW_SIZE / PAGE_SIZE;
/** A page of the Memory that nothing can lie at: its bytes in the maps are 0. */
const NO_FRAME = PAGE_COUNT - 1;
/** Places left free behind what is in use, so that what grows there need not move. */
const GAP = 8;

export class Windows {
  #table!: Uint32Array;
  /** Windows of high addresses by place. */
  readonly #holders = new Map<number, number>();

  /** Low addresses lie at their own places. */
  constructor(buffer: ArrayBuffer) {
    this.refresh(buffer);
    for (let place = 0; place < PLACE_COUNT; place++) this.#table[place] = offsetOf(place);
  }

  /** The buffer was replaced. */
  refresh(buffer: ArrayBuffer): void {
    this.#table = new Uint32Array(buffer, WINDOW_TABLE, WINDOW_COUNT);
  }

  /** The table as in a new Memory. */
  clear(): void {
    this.#table.fill(0, 0, PLACE_COUNT);
    for (const window of this.#holders.values()) this.#table[window] = 0;
    this.#holders.clear();
  }

  /** The page of the Memory where `page` of the guest lies; one that allows nothing when it is nowhere. */
  frame(page: number): number {
    const offset = this.#table[Math.floor(page / WINDOW_PAGES)] ?? 0;
    return offset === 0 ? NO_FRAME : ((offset - BIAS) >>> PAGE_SHIFT) + (page % WINDOW_PAGES);
  }

  /** Is the page shown anywhere? */
  isShown(page: number): boolean {
    return this.frame(page) !== NO_FRAME;
  }

  /** Pages from `page` on that lie together and belong to one window, at most `count`. */
  run(page: number, count: number): number {
    return Math.min(count, WINDOW_PAGES - (page % WINDOW_PAGES));
  }

  /** The offset of `address` in the Memory; it is shown. */
  offset(address: number): number {
    return (this.#table[Math.floor(address / WINDOW_SIZE)] ?? 0) + (address % WINDOW_SIZE);
  }

  /** Bytes from `address` on that lie together, at most `length`. */
  together(address: number, length: number): number {
    const window = Math.floor(address / WINDOW_SIZE);
    let count = WINDOW_SIZE - (address % WINDOW_SIZE);
    for (let at = window; count < length && this.#continues(at); at++) count += WINDOW_SIZE;
    return Math.min(length, count);
  }

  /** Does the next window lie behind this one? */
  #continues(window: number): boolean {
    const next = this.#table[window + 1] ?? 0;
    return next !== 0 && next === (this.#table[window] ?? 0) + WINDOW_SIZE;
  }

  placeOf(window: number): number {
    const offset = this.#table[window] ?? 0;
    return offset === 0 ? -1 : (offset - BIAS) >>> WINDOW_SHIFT;
  }

  /** The window of high addresses that took a place from the low ones. */
  holderOf(place: number): number | undefined {
    return this.#holders.get(place);
  }

  /** Shows a window of high addresses at a place: the low addresses there are nowhere. */
  open(window: number, place: number): void {
    this.#table[window] = offsetOf(place);
    this.#table[place] = 0;
    this.#holders.set(place, window);
  }

  /** The opposite. */
  close(window: number): void {
    const place = this.placeOf(window);
    this.#table[window] = 0;
    this.#table[place] = offsetOf(place);
    this.#holders.delete(place);
  }

  /**
   * A place for a window, beside its neighbours if that can be, else behind place `used`; -1 when there is none.
   * `isFree`: nothing lies at a place that no window has.
   */
  findPlace(window: number, used: number, isFree: (place: number) => boolean): number {
    const suits = (place: number) =>
      place > 0 && place < PLACE_COUNT && !this.#holders.has(place) && isFree(place);
    const before = this.placeOf(window - 1);
    if (before >= 0 && suits(before + 1)) return before + 1;
    const behind = this.placeOf(window + 1);
    if (behind >= 0 && suits(behind - 1)) return behind - 1;
    const start = Math.min(used + GAP, PLACE_COUNT);
    for (let place = start; place < PLACE_COUNT; place++) if (suits(place)) return place;
    for (let place = start - 1; place > 0; place--) if (suits(place)) return place;
    return -1;
  }
}

function offsetOf(place: number): number {
  return BIAS + place * WINDOW_SIZE;
}

/** Pages that the user's half of Sv39 has. */
export const HIGHEST_PAGES = ADDRESS_LIMIT / PAGE_SIZE;
