// The robust futex list (set_robust_list(2), Documentation/locking/robust-futexes.rst): locks a dying thread holds.
// exit walks it: each lock is marked FUTEX_OWNER_DIED and one waiter is woken.
// The list lives in guest memory and may be anything: the walk is bounded and stops at the first bad address.
import { isFailure } from '../errno.ts';
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, wakeFutex, wakePiFutex } from './futex.ts';
import type { Thread } from './thread.ts';

/** ROBUST_LIST_LIMIT. */
const LIMIT = 2048;

/** Marks and wakes what the thread's robust list names, then forgets the list. */
export function walkRobustList(thread: Thread): void {
  const head = thread.robustList;
  thread.robustList = 0;
  if (head === 0) return;
  try {
    walk(thread, head);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown; // a bad pointer ends the walk
  }
}

function walk(thread: Thread, head: number): void {
  const { user } = thread;
  const offset = Number(BigInt.asIntN(64, user.readB64(head + 8)));
  const pending = user.readU64(head + 16);
  let entry = user.readU64(head);
  for (let count = 0; clean(entry) !== head && count < LIMIT; count++) {
    const next = user.readU64(clean(entry));
    if (entry !== pending) markDead(thread, clean(entry) + offset, entry % 2 === 1, false);
    entry = next;
  }
  if (pending !== 0) markDead(thread, clean(pending) + offset, pending % 2 === 1, true);
}

/** Bit 0 of an entry says that the lock is a PI futex. */
function clean(entry: number): number {
  return entry - (entry % 2);
}

/** handle_futex_death. */
function markDead(thread: Thread, address: number, isPi: boolean, isPending: boolean): void {
  const { user } = thread;
  if (address % 4 !== 0) return;
  const word = user.readU32(address);
  if (isPending && !isPi && word === 0) {
    wakeFutex(thread, address, 1); // it died between unlocking and waking
    return;
  }
  if ((word & FUTEX_TID_MASK) !== thread.ownTid) return;
  user.writeU32(address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
  if ((word & FUTEX_WAITERS) === 0) return;
  if (isPi) wakePiFutex(thread, address);
  else wakeFutex(thread, address, 1);
}
