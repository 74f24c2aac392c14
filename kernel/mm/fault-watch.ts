// What the page fault needs of userfaultfd(2): whom to ask about a page that is missing, and how a call waits for it.
// userfault.ts has the rest, which the build loads at the first use.
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import type { Vma } from './vma.ts';

/** Answers for pages of areas that are not present. */
export interface FaultWatch {
  /** Is `page`, which is not present, one of those that he answers for? */
  catches(vma: Vma, page: number): boolean;
  /** `thread` touched it: what it waits for before it tries again; undefined: it gets SIGBUS, a system call EFAULT. */
  caught(thread: Thread, touch: Touch): Wait | undefined;
  /** As /proc/PID/smaps shows it: um, ui. */
  readonly words: readonly string[];
}

export interface Touch {
  readonly vma: Vma;
  readonly address: number;
  readonly write: boolean;
  readonly byKernel: boolean;
}

/** Thrown in a system call that touches such a page. The call is tried again once the page is there. */
export class PageWait {
  readonly wait: Wait;

  constructor(wait: Wait) {
    this.wait = wait;
  }
}
