// The VMAs of one address space in order, with the search for free room.
// Mm and the mapping operations use it; nobody else changes VMAs.
// Areas never overlap; `attach` and `detach` of objects happen here and nowhere else, so counts stay right.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { LOW_LIMIT, MMAP_MIN_ADDRESS, STACK_GUARD_GAP, TASK_SIZE } from './layout.ts';
import type { Mm } from './mm.ts';
import { Vma, VmaFlag } from './vma.ts';

export class VmaList implements Iterable<Vma> {
  readonly #mm: Mm;
  #areas: Vma[] = [];
  /** Pages of all areas (total_vm). */
  totalPages = 0;
  /** Below this there is no gap of at least `#knownHole` bytes above the mmap base (free_area_cache of old Linux). */
  #searchFrom = 0;
  #knownHole = 0;

  constructor(mm: Mm) {
    this.#mm = mm;
  }

  get count(): number {
    return this.#areas.length;
  }

  [Symbol.iterator](): IterableIterator<Vma> {
    return this.#areas[Symbol.iterator]();
  }

  /** Index of the first area that ends after `address`. */
  #indexAfter(address: number): number {
    let low = 0;
    let high = this.#areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#areas[middle] as Vma).end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The area that holds `address`. */
  find(address: number): Vma | undefined {
    const area = this.#areas[this.#indexAfter(address)];
    return area !== undefined && area.start <= address ? area : undefined;
  }

  /** The area that holds `address`, or the first above it (find_vma). */
  findFrom(address: number): Vma | undefined {
    return this.#areas[this.#indexAfter(address)];
  }

  /** The last area that ends at or below `address`. */
  before(address: number): Vma | undefined {
    return this.#areas[this.#indexAfter(address - 1) - (this.find(address - 1) === undefined ? 1 : 0)];
  }

  /** Areas that overlap [start, end), a copy that may be kept while the list changes. */
  overlapping(start: number, end: number): Vma[] {
    const list: Vma[] = [];
    for (let i = this.#indexAfter(start); i < this.#areas.length; i++) {
      const area = this.#areas[i] as Vma;
      if (area.start >= end) break;
      list.push(area);
    }
    return list;
  }

  intersects(start: number, end: number): boolean {
    const area = this.findFrom(start);
    return area !== undefined && area.start < end;
  }

  /** Nothing is mapped in [start, end), guard gaps included: a hint can be taken. */
  isRoom(start: number, end: number): boolean {
    const area = this.findFrom(start);
    return area === undefined || roomBelow(area) >= end;
  }

  /** Bytes of [start, end) that are mapped. */
  mappedBytes(start: number, end: number): number {
    let bytes = 0;
    for (const area of this.overlapping(start, end))
      bytes += Math.min(end, area.end) - Math.max(start, area.start);
    return bytes;
  }

  /** Adds an area where nothing is. The object's file reference is the caller's to have taken. */
  insert(vma: Vma): void {
    this.#areas.splice(this.#indexAfter(vma.start), 0, vma);
    this.totalPages += vma.pageCount;
    vma.backing?.cache.attach(vma);
  }

  /** Takes an area out and drops its references; its pages must have been dropped before. */
  remove(vma: Vma): void {
    const index = this.#areas.indexOf(vma, this.#indexAfter(vma.start));
    if (index < 0) return;
    this.#areas.splice(index, 1);
    this.totalPages -= vma.pageCount;
    this.#forgetSearch(vma.start);
    vma.backing?.cache.detach(vma);
    vma.backing?.file?.release();
  }

  /** Cuts `vma` at `address` and returns the upper part. */
  split(vma: Vma, address: number): Vma {
    const upper = new Vma(this.#mm, vma);
    upper.name = vma.name;
    upper.policy = vma.policy;
    upper.watch = vma.watch;
    upper.start = address;
    upper.offset = vma.offset + (address - vma.start);
    vma.end = address;
    this.#areas.splice(this.#areas.indexOf(vma, this.#indexAfter(vma.start)) + 1, 0, upper);
    vma.backing?.file?.retain();
    upper.backing?.cache.attach(upper);
    return upper;
  }

  /** Areas that exactly cover what is mapped of [start, end), cut where needed. */
  isolate(start: number, end: number): Vma[] {
    const first = this.find(start);
    if (first !== undefined && first.start < start) this.split(first, start);
    const last = this.find(end - 1);
    if (last !== undefined && last.end > end) this.split(last, end);
    return this.overlapping(start, end);
  }

  /** Moves an area's edges; the caller keeps it free of overlaps. Pages outside must have been dropped. */
  resize(vma: Vma, start: number, end: number): void {
    this.totalPages += (end - start - (vma.end - vma.start)) / PAGE_SIZE;
    if (end < vma.end || start > vma.start) this.#forgetSearch(Math.min(end, vma.start));
    vma.offset += start - vma.start;
    vma.start = start;
    vma.end = end;
  }

  /** Joins neighbours that are alike around [start, end]. */
  join(start: number, end: number): void {
    let index = Math.max(0, this.#indexAfter(start - 1) - 1);
    while (index + 1 < this.#areas.length) {
      const area = this.#areas[index] as Vma;
      const next = this.#areas[index + 1] as Vma;
      if (area.start > end) break;
      if (!area.canJoin(next)) {
        index++;
        continue;
      }
      area.end = next.end;
      this.#areas.splice(index + 1, 1);
      next.backing?.cache.detach(next);
      next.backing?.file?.release();
    }
  }

  /** Lowest free room of `length` bytes at or above the mmap base, else below it, else high; undefined when there is none. */
  freeRoom(length: number, mmapBase: number): number | undefined {
    let from = Math.max(mmapBase, this.#searchFrom);
    if (length <= this.#knownHole) {
      from = mmapBase;
      this.#knownHole = 0;
    }
    const found = this.#search(length, from, LOW_LIMIT, true);
    if (found !== undefined) {
      this.#searchFrom = found + length;
      return found;
    }
    this.#searchFrom = 0;
    this.#knownHole = 0;
    return (
      this.#search(length, mmapBase, LOW_LIMIT, false) ??
      this.#search(length, MMAP_MIN_ADDRESS, mmapBase, false) ??
      this.#searchDown(length)
    );
  }

  /** Lowest free room of `length` bytes between `from` and the end of the low addresses. */
  lowRoomFrom(length: number, from: number): number | undefined {
    return this.#search(length, from, LOW_LIMIT, false);
  }

  /** Highest free room above the low addresses, as Linux looks for all room (vm_unmapped_area, topdown). */
  #searchDown(length: number): number | undefined {
    let end = TASK_SIZE;
    for (let i = this.#areas.length - 1; end - length >= LOW_LIMIT; i--) {
      const area = this.#areas[i];
      const start = end - length;
      if (area === undefined || area.end <= start) return start;
      end = Math.min(end, roomBelow(area));
    }
    return undefined;
  }

  #search(length: number, from: number, limit: number, note: boolean): number | undefined {
    let address = from;
    for (let i = this.#indexAfter(from); ; i++) {
      const area = this.#areas[i];
      const end = area === undefined ? limit : Math.min(limit, roomBelow(area));
      if (address + length <= end) return address;
      if (area === undefined || area.start >= limit) return undefined;
      if (note && end - address > this.#knownHole) this.#knownHole = end - address;
      address = Math.max(address, area.end);
    }
  }

  #forgetSearch(address: number): void {
    if (address < this.#searchFrom) {
      this.#searchFrom = address;
      this.#knownHole = 0;
    }
  }
}

/** Where room below an area ends: a stack keeps its guard gap free (vm_start_gap). */
function roomBelow(area: Vma): number {
  return area.has(VmaFlag.GrowsDown) ? Math.max(0, area.start - STACK_GUARD_GAP) : area.start;
}
