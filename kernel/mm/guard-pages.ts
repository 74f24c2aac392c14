// Guard regions (MADV_GUARD_INSTALL; mm/madvise.c): pages of an area that fault until the guard is taken away.
// madvise changes them, the page fault asks, unmapping forgets them. Areas are not split for them: they are ranges of page numbers.
import { ENOMEM, fail } from '../errno.ts';

/** So that looking one up stays quick. */
const MOST_RANGES = 65_536;

interface PageRange {
  readonly first: number;
  readonly end: number;
}

export class GuardPages {
  /** In order; none touch. */
  #ranges: PageRange[] = [];

  /** Where the first range begins that ends behind `page`. */
  #indexOf(page: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle] as PageRange).end > page) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  has(page: number): boolean {
    return this.firstFrom(page) === page;
  }

  /** The first guard at `page` or behind it; Infinity: there is none. */
  firstFrom(page: number): number {
    const range = this.#ranges[this.#indexOf(page)];
    return range === undefined ? Number.POSITIVE_INFINITY : Math.max(range.first, page);
  }

  /** ENOMEM. */
  add(first: number, end: number): void {
    if (this.#ranges.length >= MOST_RANGES) fail(ENOMEM, 'too many guard regions');
    let range = { first, end };
    const at = this.#indexOf(first - 1);
    let stop = at;
    for (; stop < this.#ranges.length; stop++) {
      const known = this.#ranges[stop] as PageRange;
      if (known.first > end) break;
      range = { first: Math.min(range.first, known.first), end: Math.max(range.end, known.end) };
    }
    this.#ranges.splice(at, stop - at, range);
  }

  remove(first: number, end: number): void {
    const at = this.#indexOf(first);
    const kept: PageRange[] = [];
    let stop = at;
    for (; stop < this.#ranges.length; stop++) {
      const known = this.#ranges[stop] as PageRange;
      if (known.first >= end) break;
      if (known.first < first) kept.push({ first: known.first, end: first });
      if (known.end > end) kept.push({ first: end, end: known.end });
    }
    this.#ranges.splice(at, stop - at, ...kept);
  }

  /** mremap: what guards [first, end) guards the same pages from `target` on. */
  move(first: number, end: number, target: number): void {
    const moved: PageRange[] = [];
    for (let i = this.#indexOf(first); i < this.#ranges.length; i++) {
      const known = this.#ranges[i] as PageRange;
      if (known.first >= end) break;
      moved.push({ first: Math.max(known.first, first), end: Math.min(known.end, end) });
    }
    this.remove(first, end);
    for (const range of moved) this.add(range.first - first + target, range.end - first + target);
  }

  copy(): GuardPages {
    const copy = new GuardPages();
    copy.#ranges = [...this.#ranges];
    return copy;
  }
}
