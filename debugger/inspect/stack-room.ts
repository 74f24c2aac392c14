// Has a thread used up its stack? Said where a signal that a bad address raised is going to end it.
// stop-text.ts asks. Of the first thread the stack ends at RLIMIT_STACK, of others at the guard page that pthread_create made.
import { PROT_WRITE } from '../../kernel/mm/vma.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { mappingsOf } from '../mappings.ts';

const SP = 2;
/** A frame that does not fit is hardly larger; what lies further from the stack has to do with something else. */
const LARGEST_FRAME = 1024 * 1024;

/** The lowest address of the stack that `sp` has left downwards, when an access to `address`, at or above `sp`, failed; else undefined. */
export function endOfFullStack(thread: Thread, address: number): number | undefined {
  const sp = Number(thread.hart.x(SP));
  for (const { start, end, prot } of mappingsOf(thread)) {
    if (end <= sp || (prot & PROT_WRITE) === 0) continue;
    const isFull = sp < start && start - sp <= LARGEST_FRAME;
    return isFull && address >= sp - LARGEST_FRAME && address < start ? start : undefined;
  }
  return undefined;
}
