import { describe, expect, it } from 'vitest';
import { ADDRESS_LIMIT } from '../../emulator/memory/layout.ts';
import { Random } from '../../emulator/testing/random.ts';
import { MADV_DONTNEED, madvise } from './advise.ts';
import { forcedWrite } from './forced-access.ts';
import { glanceAt } from './glance.ts';
import { unmapRange } from './mapping.ts';
import { MemoryLab, PAGE, RW } from './memory-lab.test-support.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE } from './mmap.ts';
import { PageState } from './page-states.ts';
import { protectRange } from './protect.ts';
import { MREMAP_FIXED, MREMAP_MAYMOVE, mremap } from './remap.ts';
import { PROT_READ } from './vma.ts';

const FIXED = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
/** Enough for a run to be lent. */
const MANY = 512;

/** A process with `pages` written ones: page n holds n & 255. */
function filled(pages = MANY): { lab: MemoryLab; at: number } {
  const lab = new MemoryLab();
  const at = lab.map(pages * PAGE, { address: 0x3000_0000, flags: FIXED });
  for (let page = 0; page < pages; page++) lab.store(at + page * PAGE, page & 255);
  return { lab, at };
}

function borrowed(lab: MemoryLab, at: number): number {
  let count = 0;
  for (const run of lab.mm.states.runs(at / PAGE, at / PAGE + MANY))
    if (run.state >= PageState.Borrowed) count += run.count;
  return count;
}

describe('what fork lends', () => {
  it('is copied a block at a time, when either side needs it to be', () => {
    const { lab, at } = filled();
    const child = lab.fork();
    expect(borrowed(child, at)).toBe(MANY);
    expect(child.mm.rss).toBe(lab.mm.rss);
    expect(child.load(at + 100 * PAGE)).toBe(100);
    expect(borrowed(child, at)).toBe(MANY - 16);
    lab.store(at + 200 * PAGE, 7);
    expect(borrowed(child, at)).toBe(MANY - 32);
    expect(child.load(at + 200 * PAGE)).toBe(200);
    expect(lab.load(at + 200 * PAGE)).toBe(7);
    child.store(at + 300 * PAGE, 8);
    expect(lab.load(at + 300 * PAGE)).toBe(300 & 255);
  });

  it('stays with the first lender when the borrower forks, and comes when the lender ends', () => {
    const { lab, at } = filled();
    const child = lab.fork();
    child.store(at, 50);
    const grandchild = child.fork();
    child.mm.release();
    expect(borrowed(grandchild, at)).toBe(MANY - 16);
    expect(grandchild.load(at)).toBe(50);
    lab.mm.release();
    expect(borrowed(grandchild, at)).toBe(0);
    for (let page = 1; page < MANY; page++) expect(grandchild.load(at + page * PAGE)).toBe(page & 255);
  });

  it('survives that the lender drops, replaces and moves it', () => {
    const { lab, at } = filled();
    const child = lab.fork();
    madvise(lab.thread, at, 16 * PAGE, MADV_DONTNEED);
    unmapRange(lab.mm, at + 16 * PAGE, at + 32 * PAGE);
    lab.map(16 * PAGE, { address: at + 32 * PAGE, flags: FIXED });
    const move = {
      address: at + 48 * PAGE,
      oldLength: 16 * PAGE,
      newLength: 16 * PAGE,
      flags: MREMAP_MAYMOVE | MREMAP_FIXED,
      newAddress: 0x4000_0000,
    };
    mremap(lab.thread, move);
    mremap(child.thread, { ...move, address: at + 64 * PAGE });
    for (const page of [0, 32]) lab.store(at + page * PAGE, 99);
    expect(lab.load(0x4000_0000)).toBe(48);
    expect(child.load(0x4000_0000)).toBe(64);
    for (let page = 0; page < 64; page++) expect(child.load(at + page * PAGE)).toBe(page);
  });

  it('obeys the protection that either side has given it since', () => {
    const { lab, at } = filled();
    const child = lab.fork();
    protectRange(child.mm, at + 10 * PAGE, PAGE, PROT_READ);
    protectRange(lab.mm, at + 20 * PAGE, PAGE, 0);
    expect(child.store(at + 10 * PAGE, 1)).toMatchObject({ signo: 11 });
    expect(child.load(at + 10 * PAGE)).toBe(10);
    expect(child.load(at + 20 * PAGE)).toBe(20);
    expect(lab.load(at + 20 * PAGE)).toMatchObject({ signo: 11 });
    expect(lab.store(at + 21 * PAGE, 1)).toBeUndefined();
    forcedWrite(child.mm, at + 10 * PAGE, Uint8Array.of(77));
    expect(child.load(at + 10 * PAGE)).toBe(77);
    expect(child.store(at + 10 * PAGE, 1)).toMatchObject({ signo: 11 });
    expect(lab.load(at + 10 * PAGE)).toBe(10);
  });

  it('is shown to a debugger without being copied', () => {
    const { lab, at } = filled();
    const child = lab.fork();
    const seen = glanceAt(child.mm, () => child.mm.user.readU32(at + 9 * PAGE));
    expect(seen).toBe(9);
    expect(borrowed(child, at)).toBe(MANY);
    expect(child.load(at + 9 * PAGE)).toBe(9);
  });

  it('is given back whole, and costs the lender nothing for ever', () => {
    const { lab, at } = filled();
    const used = lab.thread.kernel.memory.usedPages;
    for (let round = 0; round < 3; round++) {
      const child = lab.fork();
      child.store(at, 1);
      child.mm.release();
    }
    expect(lab.thread.kernel.memory.usedPages).toBe(used);
    expect(lab.store(at, 9)).toBeUndefined();
    expect(lab.mm.states.get(at / PAGE)).toBe(PageState.Private);
    expect(lab.load(at)).toBe(9);
  });

  it('can come from more lenders than a page can name', () => {
    const generations = 270;
    const pages = 128;
    let lab = new MemoryLab(undefined, generations + 10);
    const start = lab.map((generations + pages) * PAGE, { address: 0x20_0000, flags: FIXED });
    for (let generation = 0; generation < generations; generation++) {
      const at = start + generation * PAGE;
      for (let page = 0; page < pages; page++) lab.store(at + page * PAGE, 1 + (generation & 127));
      const child = lab.fork();
      // Only the first page stays on loan; what the lender borrowed itself it need not keep.
      unmapRange(lab.mm, start, at);
      unmapRange(lab.mm, at + PAGE, at + pages * PAGE);
      madvise(child.thread, at + PAGE, (pages - 1) * PAGE, MADV_DONTNEED);
      lab = child;
    }
    const firstPages = Array.from({ length: generations }, (_, i) => lab.load(start + i * PAGE));
    expect(firstPages).toEqual(Array.from({ length: generations }, (_, i) => 1 + (i & 127)));
  });
});

/** A process, and what each page of the places must hold; undefined where nothing is mapped. */
interface Modelled {
  readonly lab: MemoryLab;
  readonly pages: (number | undefined)[];
}

const PLACES = [0x3000_0000, 0x4000_0000, ADDRESS_LIMIT / 4] as const;
const LENGTH = 400;

function addressOf(index: number): number {
  return (PLACES[Math.floor(index / LENGTH)] as number) + (index % LENGTH) * PAGE;
}

/** One thing that a program may do with its memory, or its end. */
function act(random: Random, all: Modelled[]): void {
  const one = all[random.below(all.length)] as Modelled;
  const { lab, pages } = one;
  const place = random.below(PLACES.length) * LENGTH;
  const from = place + random.below(LENGTH);
  const count = 1 + random.below(Math.min(random.below(2) === 0 ? 8 : LENGTH, place + LENGTH - from));
  const at = addressOf(from);
  const range = Array.from({ length: count }, (_, i) => from + i);
  const isMapped = range.every((page) => pages[page] !== undefined);
  switch (random.below(12)) {
    case 0:
      if (all.length < 6) all.push({ lab: lab.fork(), pages: [...pages] });
      return;
    case 1:
      if (all.length < 2) return;
      lab.mm.release();
      all.splice(all.indexOf(one), 1);
      return;
    case 2:
      unmapRange(lab.mm, at, at + count * PAGE);
      for (const page of range) pages[page] = undefined;
      return;
    case 3:
      lab.map(count * PAGE, { address: at, flags: FIXED });
      for (const page of range) pages[page] = 0;
      return;
    case 4: {
      const target = ((place + LENGTH) % (PLACES.length * LENGTH)) + (from % LENGTH);
      if (!isMapped) return;
      const length = count * PAGE;
      const flags = MREMAP_MAYMOVE | MREMAP_FIXED;
      mremap(lab.thread, {
        address: at,
        oldLength: length,
        newLength: length,
        flags,
        newAddress: addressOf(target),
      });
      range.forEach((page, i) => {
        pages[target + i] = pages[page];
        pages[page] = undefined;
      });
      return;
    }
    case 5:
      if (!isMapped) return;
      madvise(lab.thread, at, count * PAGE, MADV_DONTNEED);
      for (const page of range) pages[page] = 0;
      return;
    case 6:
      if (!isMapped) return;
      protectRange(lab.mm, at, count * PAGE, PROT_READ);
      expect(lab.store(at, 1)).toMatchObject({ signo: 11 });
      protectRange(lab.mm, at, count * PAGE, RW);
      return;
    default:
      for (const page of range) {
        if (pages[page] === undefined) continue;
        const value = 1 + random.below(255);
        lab.store(addressOf(page), value);
        pages[page] = value;
      }
  }
}

/** What loads of these pages find, as the model says it. */
function look(lab: MemoryLab, pages: readonly number[]): (number | undefined)[] {
  return pages.map((page) => {
    const found = lab.load(addressOf(page));
    return typeof found === 'number' ? found : undefined;
  });
}

describe('a family of processes', () => {
  it.each([1, 2, 3])('sees what copies made at each fork would show (seed %i)', (seed) => {
    const random = new Random(seed);
    const all: Modelled[] = [{ lab: new MemoryLab(), pages: [] }];
    const account = (all[0] as Modelled).lab.thread.kernel.memory;
    for (let round = 0; round < 200; round++) {
      act(random, all);
      const { lab, pages } = all[random.below(all.length)] as Modelled;
      const some = Array.from({ length: 40 }, () => random.below(PLACES.length * LENGTH));
      expect(look(lab, some)).toEqual(some.map((page) => pages[page]));
    }
    const every = Array.from({ length: PLACES.length * LENGTH }, (_, page) => page);
    for (const { lab, pages } of all) expect(look(lab, every)).toEqual(every.map((page) => pages[page]));
    for (const { lab } of all) lab.mm.release();
    expect(account.usedPages).toBe(0);
  });
});
