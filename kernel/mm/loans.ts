// Copy-on-write at fork: long runs of a process's own pages stay where they are, with the lender, and the child borrows them.
// Faults settle them a block at a time: a borrower that touches one gets a copy, a lender that stores to one hands copies
// out before. Mm.fork lends; whatever drops or moves pages of a lender, or ends it, comes here first.
// A borrowed page's bytes are at the same address of its lender, where the page is Lent: docs/decisions/0023.
import { ADDRESS_LIMIT, PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { permissionOf } from './fault.ts';
import type { Mm } from './mm.ts';
import { type PageRun, PageState } from './page-states.ts';
import { PROT_EXEC, type Vma } from './vma.ts';

/** A shorter run is copied in less time than its faults would take. */
const LEAST_LENT = 128;
/** Pages that one fault settles, aligned; a walk through memory settles ever more at once, up to MAX_WINDOW. */
const BLOCK = 16;
const MAX_WINDOW = 64;
/** A page's state is a byte, and says which lender it is. */
const MAX_LENDERS = 0x100 - PageState.Borrowed;
const END_PAGE = ADDRESS_LIMIT / PAGE_SIZE;

export class Loans {
  readonly #mm: Mm;
  /** From whom this address space borrows pages of state PageState.Borrowed + index. */
  readonly #lenders: (Mm | undefined)[] = [];
  /** Who may have borrowed some of its own. */
  readonly #borrowers = new Set<Mm>();

  constructor(mm: Mm) {
    this.#mm = mm;
  }

  /**
   * Lends a run of pages of `vma` to `child`, whose Memory reaches as far. What is borrowed itself, the child borrows from
   * the same lender. False when the child needs a copy of the bytes, which are here.
   */
  lend(vma: Vma, run: PageRun, child: Mm): boolean {
    const { first, count, state } = run;
    if (state >= PageState.Borrowed) {
      const lender = this.#lender(state);
      if (child.loans.#borrow(lender, first, count)) return true;
      this.#take(lender, first, count);
      return false;
    }
    const isOwn = state === PageState.Private || state === PageState.Lent;
    // With the permission of code goes what was compiled from it.
    if (!isOwn || count < LEAST_LENT || (vma.prot & PROT_EXEC) !== 0) return false;
    if (!child.loans.#borrow(this.#mm, first, count)) return false;
    if (state === PageState.Private) this.#set(vma, first, count, PageState.Lent);
    return true;
  }

  /** False when there are too many lenders. */
  #borrow(lender: Mm, first: number, count: number): boolean {
    let slot = this.#lenders.indexOf(lender);
    if (slot < 0) {
      const free = this.#lenders.indexOf(undefined);
      slot = free < 0 ? this.#lenders.length : free;
      if (slot >= MAX_LENDERS) return false;
      this.#lenders[slot] = lender;
      lender.loans.#borrowers.add(this.#mm);
    }
    this.#mm.states.setRun(first, count, PageState.Borrowed + slot);
    return true;
  }

  #lender(state: number): Mm {
    return this.#lenders[state - PageState.Borrowed] as Mm;
  }

  /** What a borrowed page holds: a view, to be used at once. */
  peek(page: number): Uint8Array {
    return this.#lender(this.#mm.states.get(page)).memory.bytes(page * PAGE_SIZE, PAGE_SIZE);
  }

  /** A fault at `page` of `vma`, which is Lent and stored to or Borrowed and touched: it becomes the process's own, and its neighbours do. */
  resolve(vma: Vma, page: number): void {
    const mm = this.#mm;
    const state = mm.states.get(page);
    const first = Math.max(page - (page % BLOCK), vma.firstPage);
    const window = mm.sequentialWindow(page, MAX_WINDOW);
    const end = Math.min(Math.max(page - (page % BLOCK) + BLOCK, page + window), vma.endPage);
    for (const run of mm.states.runs(first, end)) if (run.state === state) this.#settle(vma, run);
    mm.faultedTo(end);
  }

  /** All pages of [first, end) in `vma` are the process's own afterwards, and nobody borrows them. */
  settle(vma: Vma, first: number, end: number): void {
    for (const run of this.#mm.states.runs(first, end)) this.#settle(vma, run);
  }

  #settle(vma: Vma, { first, count, state }: PageRun): void {
    if (state >= PageState.Borrowed) this.#take(this.#lender(state), first, count);
    else if (state === PageState.Lent) {
      this.handOut(first, first + count);
      this.#set(vma, first, count, PageState.Private);
    }
  }

  /** Whoever still borrows pages of [first, end) gets a copy: they are about to change, move or go. */
  handOut(first: number, end: number): void {
    if (this.#borrowers.size === 0) return;
    for (const run of this.#mm.states.runs(first, end)) {
      if (run.state !== PageState.Lent) continue;
      for (const borrower of this.#borrowers)
        borrower.loans.#takeAll(this.#mm, run.first, run.first + run.count);
    }
  }

  #takeAll(lender: Mm, first: number, end: number): void {
    const state = PageState.Borrowed + this.#lenders.indexOf(lender);
    for (const run of this.#mm.states.runs(first, end)) {
      if (run.state === state) this.#take(lender, run.first, run.count);
    }
  }

  #take(lender: Mm, first: number, count: number): void {
    const { memory, vmas } = this.#mm;
    memory.copyPagesFrom(lender.memory, first, first, count);
    for (const vma of vmas.overlapping(first * PAGE_SIZE, (first + count) * PAGE_SIZE)) {
      const from = Math.max(first, vma.firstPage);
      this.#set(vma, from, Math.min(first + count, vma.endPage) - from, PageState.Private);
    }
  }

  #set(vma: Vma, first: number, count: number, state: number): void {
    this.#mm.states.setRun(first, count, state);
    this.#mm.memory.setPermission(first, count, permissionOf(vma, state));
  }

  /** The address space ends: it owes nobody anything, and nobody owes it. */
  end(): void {
    this.handOut(0, END_PAGE);
    for (const borrower of this.#borrowers) borrower.loans.#forget(this.#mm);
    this.#borrowers.clear();
    for (const lender of this.#lenders) if (lender !== undefined) lender.loans.#borrowers.delete(this.#mm);
    this.#lenders.length = 0;
  }

  #forget(lender: Mm): void {
    this.#lenders[this.#lenders.indexOf(lender)] = undefined;
  }
}
