// Reading a process's memory without leaving a trace: pages that are not present are shown, then taken away again.
// The debugger decodes calls and prints memory inside `glanceAt`; the guest runs on exactly as one that is not looked at.
// A fault would charge memory, count against the slice and move shared pages, and the next run would differ.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { isFailure } from '../errno.ts';
import type { Mm } from './mm.ts';
import { PageState } from './page-states.ts';
import { PROT_READ } from './vma.ts';

export class Glance {
  readonly #mm: Mm;
  readonly #shown: number[] = [];

  constructor(mm: Mm) {
    this.#mm = mm;
  }

  /** Makes an absent page readable for now; false when nothing readable is mapped there. */
  show(page: number): boolean {
    const { vmas, states, memory } = this.#mm;
    const vma = vmas.find(page * PAGE_SIZE);
    const state = states.get(page);
    if (vma === undefined || (state >= PageState.Private && state < PageState.Borrowed)) return false;
    if (!memory.back(page, 1)) return false;
    const bytes = memory.bytes(page * PAGE_SIZE, PAGE_SIZE);
    if (state >= PageState.Borrowed) bytes.set(this.#mm.loans.peek(page));
    else if (vma.backing === undefined) bytes.fill(0);
    else {
      try {
        const content = vma.backing.cache.peek(vma.objectPage(page));
        if (content === undefined) return false;
        bytes.set(content);
      } catch (thrown) {
        if (!isFailure(thrown)) throw thrown;
        return false;
      }
    }
    memory.setPermission(page, 1, PROT_READ);
    this.#shown.push(page);
    return true;
  }

  /** Everything as it was. */
  end(): void {
    const { memory } = this.#mm;
    for (const page of this.#shown) {
      memory.setPermission(page, 1, 0);
      memory.fill(page * PAGE_SIZE, PAGE_SIZE, 0);
    }
  }
}

/** Runs `look`, in which copyin of `mm` changes nothing. */
export function glanceAt<T>(mm: Mm, look: () => T): T {
  if (mm.glance !== undefined) return look();
  const glance = new Glance(mm);
  mm.glance = glance;
  try {
    return look();
  } finally {
    mm.glance = undefined;
    glance.end();
  }
}
