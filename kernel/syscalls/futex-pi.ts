// Priority-inheriting futexes (futex(2), kernel/futex/pi.c, requeue.c): locks whose word holds the owner's tid.
// syscalls/futex.ts decodes the operations and calls these; task/rank.ts says what the owner inherits.
import { EAGAIN, EDEADLK, EFAULT, EINVAL, EPERM, ESRCH, ETIMEDOUT, fail } from '../errno.ts';
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_OWNER_DIED,
  FUTEX_TID_MASK,
  FUTEX_WAITERS,
  type FutexQueue,
  FutexWaiter,
  handOver,
  inOrder,
  joinFutex,
  leaveFutex,
  lendRank,
  releaseWaiter,
  tidyFutex,
} from '../task/futex.ts';
import type { Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import {
  checkWord,
  currentCall,
  type FutexArguments,
  isPrivate,
  moveCountOf,
  queueAt,
} from './futex-word.ts';
import type { Answer } from './syscall.ts';

/** futex_lock_pi: the word holds the owner's tid; the kernel hands the lock over at unlock. */
function lockPi(thread: Thread, args: FutexArguments, deadlineNs: number | undefined, tries = false): Answer {
  const call = currentCall(thread);
  const { user, kernel, process, ownTid: tid } = thread;
  const earlier = call.data;
  if (earlier instanceof FutexWaiter) {
    if (earlier.queue === undefined) return 0;
    if (!call.timedOut) return wait(earlier.woken, 'always', deadlineNs);
    leaveFutex(earlier);
    fail(ETIMEDOUT);
  }
  checkWord(thread, args.uaddr, args.op);
  if (user.accessible(args.uaddr, 4, true) < 4) fail(EFAULT, 'the futex cannot be written');
  const word = user.readU32(args.uaddr);
  const owner = word & FUTEX_TID_MASK;
  const queue = queueAt(thread, args.uaddr, args.op);
  const [first] = queue.waiters;
  if (owner === tid || (first !== undefined && !(first.isPi && first.target === undefined))) {
    tidyFutex(kernel.futexes, queue);
    fail(owner === tid ? EDEADLK : EINVAL, 'the caller holds the lock, or who waits does not wait for it');
  }
  if (owner === 0) {
    const kept = (word & FUTEX_OWNER_DIED) | (queue.waiters.size > 0 ? FUTEX_WAITERS : 0);
    user.writeU32(args.uaddr, (tid | kept) >>> 0);
    tidyFutex(kernel.futexes, queue);
    return 0;
  }
  // the bit is set before the owner is looked for (futex_lock_pi_atomic)
  user.writeU32(args.uaddr, (word | FUTEX_WAITERS) >>> 0);
  const holder = kernel.pids.thread(process.kernelPid(owner));
  const isStrange = holder !== undefined && isPrivate(args.op) && holder.mm !== thread.mm;
  if (tries || holder === undefined || isStrange || call.timedOut) {
    tidyFutex(kernel.futexes, queue);
    if (holder === undefined) fail(ESRCH, 'the owner does not exist');
    if (isStrange) fail(EPERM, 'a private lock of a process that does not share the memory');
    fail(tries ? EAGAIN : ETIMEDOUT);
  }
  const waiter = new FutexWaiter(thread, FUTEX_BITSET_MATCH_ANY, { isPi: true });
  joinFutex(waiter, queue);
  lendRank(queue, { owner: holder, mm: thread.mm, address: args.uaddr });
  call.data = waiter;
  return wait(waiter.woken, 'always', deadlineNs);
}

/** FUTEX_UNLOCK_PI. EPERM, EFAULT. */
function unlockPi(thread: Thread, args: FutexArguments): number {
  const { user, ownTid: tid, kernel } = thread;
  const word = user.readU32(args.uaddr);
  if ((word & FUTEX_TID_MASK) !== tid) fail(EPERM, 'the caller does not hold the lock');
  if (user.accessible(args.uaddr, 4, true) < 4) fail(EFAULT, 'the futex cannot be written');
  const queue = queueAt(thread, args.uaddr, args.op);
  if (!handOver(user, queue, args.uaddr, 0)) {
    user.writeU32(args.uaddr, 0);
    tidyFutex(kernel.futexes, queue);
  }
  return 0;
}

/** FUTEX_WAIT_REQUEUE_PI: waits at the first word until FUTEX_CMP_REQUEUE_PI gives it the lock at the second. */
function waitRequeuePi(thread: Thread, args: FutexArguments, deadlineNs: number | undefined): Answer {
  const call = currentCall(thread);
  const earlier = call.data;
  if (earlier instanceof FutexWaiter) {
    if (earlier.queue === undefined) return 0; // the lock is its own
    const isMoved = earlier.target === undefined;
    const isOver = call.timedOut || (call.interrupted && isMoved);
    if (!isOver && !call.interrupted) return wait(earlier.woken, 'always', deadlineNs);
    leaveFutex(earlier);
    if (isOver) fail(call.timedOut ? ETIMEDOUT : EAGAIN);
    call.data = undefined; // should the call go on, it compares the word again
    return wait([], 'always', deadlineNs);
  }
  if (args.uaddr === args.uaddr2) fail(EINVAL, 'the two futexes are one');
  checkWord(thread, args.uaddr2, args.op);
  checkWord(thread, args.uaddr, args.op);
  if (call.interrupted) return wait([], 'always', deadlineNs);
  if (thread.user.readU32(args.uaddr) !== args.val) fail(EAGAIN);
  if (call.timedOut) fail(ETIMEDOUT);
  const target = { address: args.uaddr2, op: args.op };
  const waiter = new FutexWaiter(thread, FUTEX_BITSET_MATCH_ANY, { isPi: true, target });
  joinFutex(waiter, queueAt(thread, args.uaddr, args.op));
  call.data = waiter;
  return wait(waiter.woken, 'always', deadlineNs);
}

/** FUTEX_CMP_REQUEUE_PI: the first waiter gets the lock if it is free; the others wait for it from now on. */
function requeuePi(thread: Thread, args: FutexArguments): number {
  const { kernel, user } = thread;
  const moveCount = moveCountOf(args);
  if (args.uaddr === args.uaddr2) fail(EINVAL, 'the two futexes are one');
  if (args.val !== 1 || moveCount < 0) fail(EINVAL, 'one waiter is woken, no more and no fewer');
  checkWord(thread, args.uaddr, args.op);
  checkWord(thread, args.uaddr2, args.op);
  if (user.accessible(args.uaddr2, 4, true) < 4) fail(EFAULT, 'the lock cannot be written');
  if (user.readU32(args.uaddr) !== args.val3) fail(EAGAIN);
  const from = queueAt(thread, args.uaddr, args.op);
  const to = queueAt(thread, args.uaddr2, args.op);
  try {
    return movePiWaiters(thread, { from, to, address: args.uaddr2, most: 1 + moveCount });
  } finally {
    tidyFutex(kernel.futexes, from);
    tidyFutex(kernel.futexes, to);
  }
}

interface PiMove {
  readonly from: FutexQueue;
  readonly to: FutexQueue;
  /** Of the lock. */
  readonly address: number;
  readonly most: number;
}

function movePiWaiters(thread: Thread, { from, to, address, most }: PiMove): number {
  const { user, kernel, mm, process } = thread;
  let done = 0;
  for (const waiter of inOrder(from)) {
    if (done >= most) break;
    if (!isMeantFor(waiter, to)) fail(EINVAL, 'a waiter does not wait to be moved to this lock');
    const word = user.readU32(address);
    const owner = word & FUTEX_TID_MASK;
    if (owner === waiter.thread.ownTid) fail(EDEADLK, 'a waiter holds the lock');
    done++;
    waiter.target = undefined;
    if (owner === 0 && to.waiters.size === 0) {
      const others = from.waiters.size > 1 ? FUTEX_WAITERS : 0;
      user.writeU32(address, (waiter.thread.ownTid | others | (word & FUTEX_OWNER_DIED)) >>> 0);
      releaseWaiter(waiter);
      continue;
    }
    const holder = kernel.pids.thread(process.kernelPid(owner)) ?? fail(ESRCH, 'the owner does not exist');
    user.writeU32(address, (word | FUTEX_WAITERS) >>> 0);
    leaveFutex(waiter);
    joinFutex(waiter, to);
    lendRank(to, { owner: holder, mm, address });
  }
  return done;
}

function isMeantFor({ thread, target }: FutexWaiter, to: FutexQueue): boolean {
  if (target === undefined) return false;
  const { futexes } = thread.kernel;
  const wanted = queueAt(thread, target.address, target.op);
  if (wanted !== to) tidyFutex(futexes, wanted);
  return wanted === to;
}

/** For futex.ts, through kernel/late.ts. */
export const FUTEX_PI = { lockPi, requeuePi, unlockPi, waitRequeuePi } as const;
