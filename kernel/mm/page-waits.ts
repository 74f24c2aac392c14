// Waiting for pages that a userfaultfd answers for (fault-watch.ts): of a thread that touched one, and of a system call,
// which is tried again once the page is there.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Call, Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { PageWait } from './fault-watch.ts';
import type { Mm } from './mm.ts';
import { PageState } from './page-states.ts';

/** What `thread` waits for, which touched a page that is watched; undefined: it cannot wait. */
function askAbout(thread: Thread, address: number, write: boolean, byKernel: boolean): Wait | undefined {
  const vma = thread.mm.vmas.find(address);
  return vma?.watch?.caught(thread, { vma, address, write, byKernel });
}

/** Throws PageWait where the running call can wait for the page and be tried again. */
function waitForPage(mm: Mm, address: number, write: boolean): void {
  const { running } = mm.kernel;
  const call = running?.call;
  if (running?.mm !== mm || call === undefined || !call.syscall.waitsForPages) return;
  const reason = askAbout(running, address, write, true);
  if (reason !== undefined) throw new PageWait(reason);
}

/**
 * The running call will touch [address, address + length): where a userfaultfd answers for a page of it, that is waited for
 * now, as the call cannot be tried again once it has taken what it copies.
 */
function awaitPages(mm: Mm, address: number, length: number, write: boolean): void {
  for (const vma of mm.vmas.overlapping(address, address + length)) {
    if (vma.watch === undefined) continue;
    const last = Math.floor((Math.min(address + length, vma.end) - 1) / PAGE_SIZE);
    for (let page = Math.floor(Math.max(address, vma.start) / PAGE_SIZE); page <= last; page++)
      if (mm.states.get(page) < PageState.Private && !mm.makeAccessible(page, write)) return; // EFAULT, or less is done
  }
}

/** The same for a buffer that the call fills or empties. */
function awaitBuffer(mm: Mm, address: number, length: number): void {
  const kinds = mm.kernel.running?.call?.syscall.kinds ?? [];
  const isFilled = kinds.some(([, { when }]) => when === 'exit');
  awaitPages(mm, address, length, isFilled);
}

/** Structs that the call fills begin on pages that are there, or are waited for before anything is done. */
function awaitOutputs({ mm }: Thread, { syscall, args }: Call): void {
  for (const [name, { when }] of syscall.kinds) {
    const address = args[name];
    if (when === 'exit' && address !== undefined && address > 0) awaitPages(mm, address, 1, true);
  }
}

export const PAGE_WAITS = { askAbout, waitForPage, awaitBuffer, awaitOutputs } as const;
