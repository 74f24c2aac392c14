// The page fault (arch/riscv/mm/fault.c, mm/memory.c): finds the area, checks access, brings the page in.
// Mm calls it for traps of the CPU and for copyin and copyout; it never throws for what a guest does.
// Afterwards the page is accessible as asked, or the answer says which signal is due.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { isFailure } from '../errno.ts';
import { TASK_SIZE } from './layout.ts';
import type { Mm } from './mm.ts';
import type { PageCache } from './page-cache.ts';
import { PageState } from './page-states.ts';
import { growStack } from './stack-growth.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, type Vma, VmaFlag } from './vma.ts';

/** How a fault ended. */
export const Fault = {
  Resolved: 0,
  /** SIGSEGV, SEGV_MAPERR. */
  NotMapped: 1,
  /** SIGSEGV, SEGV_ACCERR. */
  NoAccess: 2,
  /** SIGBUS, BUS_ADRERR: past the end of the file, or it cannot be read. */
  NoPage: 3,
  OutOfMemory: 4,
  /** A userfaultfd answers for the page (fault-watch.ts). */
  Watched: 5,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

/** Pages brought in around a fault on a file, as Linux's fault_around_bytes (64 KiB). */
const FAULT_AROUND = 16;
/** A program that touches fresh memory in order gets ever more at once, up to this. */
const MAX_WINDOW = 64;
/**
 * In an area of so many pages, as heaps and stacks are, a fault brings in the next page as well (Linux brings in up to
 * 2 MiB, transparent_hugepage): compiled code asks of two pages at once, and is slower where the second is not there.
 */
const LARGE_AREA = 32;

/** Makes `address` accessible as `need` (one PROT_ bit) says. */
export function resolveFault(mm: Mm, address: number, need: number): Fault {
  if (!(address >= 0 && address < TASK_SIZE)) return Fault.NotMapped;
  const page = Math.floor(address / PAGE_SIZE);
  const vma = mm.vmas.find(address) ?? growStack(mm, address);
  if (vma === undefined) return Fault.NotMapped;
  if (!allows(vma, need)) return Fault.NoAccess;
  if (mm.guards?.has(page) === true) return Fault.NotMapped; // VM_FAULT_SIGSEGV
  if (mm.poison?.has(page) === true) return Fault.NoPage;
  const { memory } = mm;
  if ((memory.granted(page) & need) !== 0) {
    // Only the fast map refuses: code was made from the page.
    if (need === PROT_WRITE) memory.prepareKernelWrite(page);
    return Fault.Resolved;
  }
  if (mm.states.get(page) >= PageState.Lent) {
    countFaults(mm, 1);
    mm.loans.resolve(vma, page);
    return Fault.Resolved;
  }
  if (vma.watch !== undefined && mm.states.get(page) < PageState.Private && vma.watch.catches(vma, page))
    return Fault.Watched;
  return populate(mm, vma, page, need);
}

/** Brings in a page that is not there, or makes a copy of an object's page the process's own. */
export function populate(mm: Mm, vma: Vma, page: number, need: number): Fault {
  if (vma.backing === undefined) return populateAnonymous(mm, vma, page);
  return populateFromObject(mm, vma, vma.backing.cache, page, need === PROT_WRITE);
}

/** On riscv write implies read, execute does not (protection_map, access_error). */
function allows(vma: Vma, need: number): boolean {
  return (vma.prot & (need === PROT_READ ? PROT_READ | PROT_WRITE : need)) !== 0;
}

/** The Perm bits of a present page: its area's, but nothing is written in place that is only a copy, or that others borrow. */
export function permissionOf(vma: Vma, state: number): number {
  if (state >= PageState.Borrowed) return 0;
  let { prot } = vma;
  if ((prot & PROT_WRITE) !== 0) prot |= PROT_READ;
  const isReadOnly = state === PageState.Copy || state === PageState.Lent;
  return isReadOnly ? prot & ~PROT_WRITE : prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
}

/** Pages that come together count as if each had been asked for. */
function countFaults(mm: Mm, pages: number): void {
  const { running } = mm.kernel;
  if (running !== undefined) running.usage.minorFaults += pages;
}

function populateAnonymous(mm: Mm, vma: Vma, page: number): Fault {
  const { states, memory, account } = mm;
  const state = states.get(page);
  if (state === PageState.Private) {
    memory.setPermission(page, 1, permissionOf(vma, state));
    return Fault.Resolved;
  }
  const least = vma.endPage - vma.firstPage >= LARGE_AREA ? 2 : 1;
  const guard = mm.guards?.firstFrom(page) ?? Number.POSITIVE_INFINITY;
  const window = Math.min(Math.max(least, mm.sequentialWindow(page, MAX_WINDOW)), guard - page);
  let count = 1;
  while (count < window && page + count < vma.endPage && states.get(page + count) === state) count++;
  if (!account.charge(count)) {
    count = 1;
    if (!account.charge(1)) return Fault.OutOfMemory;
  }
  if (!memory.back(page, count)) {
    account.release(count);
    return Fault.OutOfMemory;
  }
  if (state === PageState.Stale) memory.fill(page * PAGE_SIZE, count * PAGE_SIZE, 0);
  states.setRun(page, count, PageState.Private);
  memory.setPermission(page, count, permissionOf(vma, PageState.Private));
  countFaults(mm, count);
  mm.faultedTo(page + count);
  return Fault.Resolved;
}

function populateFromObject(mm: Mm, vma: Vma, cache: PageCache, page: number, write: boolean): Fault {
  const { states } = mm;
  const index = vma.objectPage(page);
  if (index >= cache.pageCount) return Fault.NoPage;
  countFaults(mm, 1);
  if (states.get(page) < PageState.Private) {
    const fault = bringIn(mm, cache, page, index);
    if (fault !== Fault.Resolved) return fault;
    if (!write && vma.watch === undefined) bringInNeighbours(mm, vma, cache, page);
  }
  if (write && states.get(page) === PageState.Copy) {
    if (vma.has(VmaFlag.Shared)) {
      cache.own(index, mm, page);
      states.set(page, PageState.Owned);
    } else {
      states.set(page, PageState.Private);
    }
  }
  mm.memory.setPermission(page, 1, permissionOf(vma, states.get(page)));
  return Fault.Resolved;
}

/** Copies an object's page to `page`; no access is granted yet. */
function bringIn(mm: Mm, cache: PageCache, page: number, index: number): Fault {
  const { memory, account } = mm;
  if (!account.charge(1)) return Fault.OutOfMemory;
  let fault: Fault = memory.back(page, 1) ? Fault.Resolved : Fault.OutOfMemory;
  if (fault === Fault.Resolved) {
    try {
      const bytes = cache.fetch(index);
      if (bytes === undefined) fault = Fault.NoPage;
      else memory.bytes(page * PAGE_SIZE, PAGE_SIZE).set(bytes);
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      fault = Fault.NoPage;
    }
  }
  if (fault === Fault.Resolved) mm.states.set(page, PageState.Copy);
  else account.release(1);
  return fault;
}

/** Maps the pages around a read fault too, so that a program's text takes few faults (do_fault_around). */
function bringInNeighbours(mm: Mm, vma: Vma, cache: PageCache, page: number): void {
  const { states, memory } = mm;
  const window = page - (page % FAULT_AROUND);
  const first = Math.max(window, vma.firstPage);
  const last = Math.min(window + FAULT_AROUND, vma.endPage, page + cache.pageCount - vma.objectPage(page));
  const permission = permissionOf(vma, PageState.Copy);
  for (let other = first; other < last; other++) {
    const index = vma.objectPage(other);
    if (states.get(other) >= PageState.Private || cache.isOwned(index) || mm.guards?.has(other) === true)
      continue;
    if (bringIn(mm, cache, other, index) !== Fault.Resolved) return;
    memory.setPermission(other, 1, permission);
  }
}
