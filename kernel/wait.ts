// What a blocked call waits for, and the queues that wake it.
// Every syscall handler that cannot go on returns a Wait; files, sockets and processes own WaitQueues.
// A blocked thread is plain data: no promise, no generator, no closure survives between tries.

import { EAGAIN } from './errno.ts';

/** What becomes of a blocked call when a signal is to be delivered (Linux: include/linux/errno.h). */
export type SignalPolicy =
  /** ERESTARTSYS: restarted after a handler with SA_RESTART, or when no handler runs; else EINTR. */
  | 'restart'
  /** ERESTARTNOHAND: EINTR when a handler runs, restarted otherwise (pause, sigsuspend, poll, select). */
  | 'nohand'
  /** ERESTART_RESTARTBLOCK: as nohand, and the deadline of the first try is kept (nanosleep, futex). */
  | 'restart-block'
  /** Always EINTR (epoll_wait, sockets with a timeout, sigtimedwait; see signal(7)). */
  | 'interrupt'
  /** ERESTARTNOINTR: restarted after any handler (priority-inheriting futexes). */
  | 'always'
  /** Only a fatal signal ends it (vfork). */
  | 'killable';

/** A handler's answer "not ready": try again when one of `queues` wakes, or at `deadlineNs`. */
export interface Wait {
  readonly kind: 'wait';
  readonly queues: readonly WaitQueue[];
  /** Absolute, on the kernel's monotonic clock, in ns. The retry finds `thread.call.timedOut` set. */
  readonly deadlineNs: number | undefined;
  readonly signal: SignalPolicy;
}

/** Makes the answer "not ready". */
export function wait(
  queues: WaitQueue | readonly WaitQueue[],
  signal: SignalPolicy = 'restart',
  deadlineNs?: number,
): Wait {
  if (queues instanceof WaitQueue && signal === 'restart' && deadlineNs === undefined)
    return queues.plainWait;
  return { kind: 'wait', queues: queues instanceof WaitQueue ? [queues] : queues, deadlineNs, signal };
}

/**
 * "Not ready", of a call that does not wait: EAGAIN. It goes up like a Wait and `ended` makes the result of it, because
 * a throw takes V8 up to 2 µs, and event loops read everything until it is empty.
 */
export const WOULD_BLOCK: Wait = { kind: 'wait', queues: [], deadlineNs: undefined, signal: 'restart' };

/** A handler's answer, with the errno in place of WOULD_BLOCK. */
export function ended(answer: number | Wait): number | Wait {
  return answer === WOULD_BLOCK ? -EAGAIN : answer;
}

/** True when a handler's answer is a Wait rather than a number. */
export function isWait(answer: number | Wait): answer is Wait {
  return typeof answer !== 'number';
}

/** Something that a queue can wake: a parked thread, an epoll item, a SIGIO owner. */
export interface Waiter {
  /** Called in arrival order. `events` is a poll mask, 0 where the queue has no poll meaning. */
  wake(queue: WaitQueue, events: number): void;
  /** It wants to hear of every wake, also where only one of those that wait is to go on. */
  readonly hearsAll?: boolean;
  /** Told in place of `wake` that it alone was woken from this queue, and has to pass it on if it cannot go on. */
  wakeAlone?(queue: WaitQueue, events: number): void;
  /** In place of `wake` where something happened: true when it will see to it, and those like it need not hear of it. */
  readonly claim?: ((events: number) => boolean) | undefined;
}

/** Waiters in arrival order. A wake reaches all of them; losers park again in the same order. */
export class WaitQueue {
  /** For `info wait` and traces: what one waits for here, as in "bytes in pipe 12". */
  readonly label: string;
  /** Most queues never have more than one waiter, who is kept apart; `#others` came after it. */
  #first: Waiter | undefined;
  #others: Set<Waiter> | undefined;
  #plainWait: Wait | undefined;

  constructor(label = '') {
    this.label = label;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** The answer of most calls that wait here, made once: a thousand that wait should leave no garbage. */
  get plainWait(): Wait {
    this.#plainWait ??= { kind: 'wait', queues: [this], deadlineNs: undefined, signal: 'restart' };
    return this.#plainWait;
  }

  get waiters(): readonly Waiter[] {
    if (this.#first === undefined) return [];
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others];
  }

  add(waiter: Waiter): void {
    if (this.#first === undefined) this.#first = waiter;
    else if (this.#first !== waiter) {
      this.#others ??= new Set();
      this.#others.add(waiter);
    }
  }

  /** Puts `waiter` before all others, as Linux does with those that do not wait exclusively (epoll items). */
  addFirst(waiter: Waiter): void {
    const old = this.#first;
    if (old === waiter) return;
    this.#first = waiter;
    if (old !== undefined) this.#others = new Set([old, ...(this.#others ?? [])]);
  }

  remove(waiter: Waiter): void {
    if (this.#first !== waiter) {
      this.#others?.delete(waiter);
      return;
    }
    const next = this.#others?.values().next().value;
    this.#first = next;
    if (next !== undefined) this.#others?.delete(next);
  }

  /** Wakes the one who came first, and those who hear of every wake (Linux: exclusive waits). */
  wakeOne(events = 0): void {
    const first = this.#first;
    if (first === undefined) return;
    if (this.#isAlone && first.hearsAll !== true) {
      this.#wakeAlone(first, events);
      return;
    }
    let isWoken = false;
    for (const waiter of this.waiters) {
      if (waiter.hearsAll === true) waiter.wake(this, events);
      else if (!isWoken) {
        isWoken = true;
        this.#wakeAlone(waiter, events);
      }
    }
  }

  /** Wakes the one who came last (Linux: exclusive waits in front of the others, as those in epoll_wait). */
  wakeNewest(events = 0): void {
    const newest = this.#isAlone ? this.#first : this.waiters.at(-1);
    if (newest !== undefined) this.#wakeAlone(newest, events);
  }

  /** There are no others than the first, who may be absent, too. */
  get #isAlone(): boolean {
    return this.#others === undefined || this.#others.size === 0;
  }

  #wakeAlone(waiter: Waiter, events: number): void {
    if (waiter.wakeAlone === undefined) waiter.wake(this, events);
    else waiter.wakeAlone(this, events);
  }

  /** Wakes everyone, the last comer first (Linux: prepare_to_wait puts those who do not wait exclusively in front). */
  wakeNewestFirst(events = 0): void {
    if (this.#isAlone) this.wake(events);
    else for (const waiter of [...this.waiters].reverse()) waiter.wake(this, events);
  }

  /**
   * Wakes everyone who waits now; with events, of those who can claim them only up to the first that does.
   * True when one did.
   */
  wake(events = 0): boolean {
    const first = this.#first;
    if (first === undefined) return false;
    if (this.#isAlone) return this.#tell(first, events, false);
    let isClaimed = false;
    for (const waiter of this.waiters) isClaimed = this.#tell(waiter, events, isClaimed);
    return isClaimed;
  }

  #tell(waiter: Waiter, events: number, isClaimed: boolean): boolean {
    if (events === 0 || waiter.claim === undefined) waiter.wake(this, events);
    else return isClaimed || waiter.claim(events);
    return isClaimed;
  }
}
