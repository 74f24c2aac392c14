// Who runs next on the one processor (sched(7)): real-time threads by their rank, then the others, round robin in wake-up
// order, unless a plan of turns makes them give way. A slice ends behind the call that lets somebody more urgent run.
// Threads park on wait queues and cost nothing while blocked; the kernel's loop asks for the next runnable one.
// The order of wake-ups alone decides the order of runs, so a schedule depends on program and seed only.
import type { Slice } from './slice.ts';
import { TICKS_PER_MS } from './task/rank.ts';
import type { Thread } from './task/thread.ts';
import type { Timers } from './time/timers.ts';
import type { Turns } from './turns.ts';
import type { Wait, WaitQueue } from './wait.ts';

const NOWHERE: readonly WaitQueue[] = [];
/** What real-time threads may take before the others, if some want to run, get theirs: sched_rt_runtime_us, and the rest of sched_rt_period_us. */
const URGENT_TICKS = 950 * TICKS_PER_MS;
const OTHERS_TICKS = 50 * TICKS_PER_MS;

export class Scheduler {
  readonly #timers: Timers;
  /** Those with a rank, the highest first. */
  readonly #urgent: Thread[] = [];
  /** What they have used since the others had something, and what those had then. */
  #urgentTicks = 0;
  #othersTicks = 0;
  /** Whose turn it is. */
  slice: Slice | undefined;
  // the others: linked through the threads themselves, which a switch touches anyway
  #first: Thread | undefined;
  #last: Thread | undefined;
  #count = 0;
  /** Makes threads give way to others; undefined = first come, first served. */
  turns: Turns | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get runnableCount(): number {
    return this.#count + this.#urgent.length;
  }

  /** Who waits for a turn, in order; those that died or stopped meanwhile are still among them. */
  get waiting(): readonly Thread[] {
    const threads = [...this.#urgent];
    for (let thread = this.#first; thread !== undefined; thread = thread.nextQueued) threads.push(thread);
    return threads;
  }

  /** Appends a runnable thread to those of its rank, or puts it before them. A thread is in the queue at most once. */
  enqueue(thread: Thread, isFirst = false): void {
    if (thread.isQueued) return;
    thread.isQueued = true;
    if (thread.rank > 0) {
      const least = isFirst ? thread.rank + 1 : thread.rank;
      const index = this.#urgent.findIndex(({ rank }) => rank < least);
      this.#urgent.splice(index < 0 ? this.#urgent.length : index, 0, thread);
      this.#endOutranked();
      return;
    }
    this.#count++;
    if (isFirst) {
      thread.nextQueued = this.#first;
      this.#first = thread;
      this.#last ??= thread;
      return;
    }
    if (this.#last === undefined) this.#first = thread;
    else this.#last.nextQueued = thread;
    this.#last = thread;
  }

  /** The thread's slice is over, and it could go on. `keepsPlace`: it goes before its equals. */
  requeue(thread: Thread, keepsPlace: boolean): void {
    this.enqueue(thread, keepsPlace);
    if ((this.#urgent[0] ?? this.#first) !== thread) thread.usage.involuntarySwitches++;
  }

  /** A slice of the thread took so many ticks. */
  charge(thread: Thread, ticks: number): void {
    if (thread.rank > 0) this.#urgentTicks += ticks;
    else if (this.#isTurnOfOthers) {
      this.#othersTicks += ticks;
      if (this.#othersTicks >= OTHERS_TICKS) this.#urgentTicks = this.#othersTicks = 0;
    }
  }

  /** Gives the thread the rank that rank.ts has found; if it waits for a turn, it goes behind its new equals, or before them when it was lowered. */
  setRank(thread: Thread, rank: number): void {
    const isLowered = rank < thread.rank;
    if (thread.isQueued) {
      this.#remove(thread);
      thread.rank = rank;
      this.enqueue(thread, isLowered);
    } else {
      thread.rank = rank;
      this.#endOutranked();
    }
  }

  /** Somebody more urgent than the running thread can run: its slice ends behind the present call. */
  #endOutranked(): void {
    const { slice } = this;
    const [first] = this.#urgent;
    if (slice === undefined || first === undefined || first.rank <= slice.thread.rank) return;
    if (slice.thread.rank > 0 || !this.#isTurnOfOthers) slice.budget = 0;
  }

  get #isTurnOfOthers(): boolean {
    return this.#urgentTicks >= URGENT_TICKS;
  }

  #remove(thread: Thread): void {
    thread.isQueued = false;
    if (thread.rank > 0) {
      this.#urgent.splice(this.#urgent.indexOf(thread), 1);
      return;
    }
    let before: Thread | undefined;
    for (let at = this.#first; at !== thread; at = at?.nextQueued) before = at;
    if (before === undefined) this.#first = thread.nextQueued;
    else before.nextQueued = thread.nextQueued;
    if (this.#last === thread) this.#last = before;
    thread.nextQueued = undefined;
    this.#count--;
  }

  #take(): Thread | undefined {
    const thread = this.#first;
    if (thread === undefined) return undefined;
    this.#first = thread.nextQueued;
    if (this.#first === undefined) this.#last = undefined;
    thread.nextQueued = undefined;
    thread.isQueued = false;
    this.#count--;
    return thread;
  }

  /** Takes the next thread off the queue; skips those that died or stopped meanwhile. */
  next(): Thread | undefined {
    if (this.#urgent.length === 0) {
      this.#urgentTicks = 0;
      return this.#nextOther();
    }
    return this.#isTurnOfOthers
      ? (this.#nextOther() ?? this.#nextUrgent())
      : (this.#nextUrgent() ?? this.#nextOther());
  }

  /** Held ones keep their place. */
  #nextUrgent(): Thread | undefined {
    for (let i = 0; i < this.#urgent.length; ) {
      const thread = this.#urgent[i] as Thread;
      if (thread.state === 'runnable' && thread.isHeld) {
        i++;
        continue;
      }
      this.#urgent.splice(i, 1);
      thread.isQueued = false;
      if (thread.state === 'runnable') return thread;
    }
    return undefined;
  }

  /** Held ones go to the end. */
  #nextOther(): Thread | undefined {
    let held = 0;
    while (this.#count > held) {
      const thread = this.#take();
      if (thread === undefined) return undefined;
      if (thread.state !== 'runnable') continue;
      if (thread.isHeld) {
        this.enqueue(thread);
        held++;
        continue;
      }
      if (this.turns === undefined) return thread;
      if (this.#count === 0) {
        if (this.#timers.nextNs === undefined || !this.turns.letsTimerFire(thread)) return thread;
        this.enqueue(thread);
        return undefined; // as if it slept: time goes on to the next deadline
      }
      if (!this.turns.passes(thread, this.#count)) return thread;
      this.enqueue(thread);
    }
    return undefined;
  }

  /** Blocks `thread` as its handler's Wait says. */
  park(thread: Thread, reason: Wait): void {
    thread.state = 'blocked';
    thread.usage.voluntarySwitches++;
    thread.parkedOn = reason.queues;
    thread.parkPolicy = reason.signal;
    for (const queue of reason.queues) queue.add(thread);
    if (reason.deadlineNs !== undefined && reason.deadlineNs !== Number.POSITIVE_INFINITY) {
      thread.parkTimer = this.#timers.at(reason.deadlineNs, () => {
        if (thread.call !== undefined) thread.call.timedOut = true;
        this.unpark(thread);
      });
    }
  }

  /** Makes a parked thread runnable: off every queue first, then to the end of the run queue. */
  unpark(thread: Thread): void {
    if (thread.state !== 'blocked') return;
    this.leaveQueues(thread);
    thread.state = 'runnable';
    this.enqueue(thread);
  }

  /** Makes a stopped thread runnable (SIGCONT, SIGKILL). */
  resume(thread: Thread): void {
    if (thread.state !== 'stopped') return;
    thread.state = 'runnable';
    this.enqueue(thread);
  }

  /** Removes a thread from its wait queues and its deadline, whatever becomes of it. */
  leaveQueues(thread: Thread): void {
    for (const queue of thread.parkedOn) queue.remove(thread);
    thread.parkedOn = NOWHERE;
    if (thread.parkTimer !== undefined) this.#timers.cancel(thread.parkTimer);
    thread.parkTimer = undefined;
  }
}
