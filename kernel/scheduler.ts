// Who runs next: one host thread, round robin in wake-up order, unless a plan of turns makes threads give way.
// Threads park on wait queues and cost nothing while blocked; the kernel's loop asks for the next runnable one.
// The order of wake-ups alone decides the order of runs, so a schedule depends on program and seed only.
import type { Thread } from './task/thread.ts';
import type { Timers } from './time/timers.ts';
import type { Turns } from './turns.ts';
import type { Wait, WaitQueue } from './wait.ts';

const NOWHERE: readonly WaitQueue[] = [];

export class Scheduler {
  readonly #timers: Timers;
  // linked through the threads themselves, which a switch touches anyway
  #first: Thread | undefined;
  #last: Thread | undefined;
  #count = 0;
  /** Makes threads give way to others; undefined = first come, first served. */
  turns: Turns | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get runnableCount(): number {
    return this.#count;
  }

  /** Who waits for a turn, in order; those that died or stopped meanwhile are still among them. */
  get waiting(): readonly Thread[] {
    const threads: Thread[] = [];
    for (let thread = this.#first; thread !== undefined; thread = thread.nextQueued) threads.push(thread);
    return threads;
  }

  /** Appends a runnable thread. A thread is in the queue at most once. */
  enqueue(thread: Thread): void {
    if (thread.isQueued) return;
    thread.isQueued = true;
    if (this.#last === undefined) this.#first = thread;
    else this.#last.nextQueued = thread;
    this.#last = thread;
    this.#count++;
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

  /** Takes the next thread off the queue; skips those that died or stopped meanwhile. Held ones go to the end. */
  next(): Thread | undefined {
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
      if (this.runnableCount === 0) {
        if (this.#timers.nextNs === undefined || !this.turns.letsTimerFire(thread)) return thread;
        this.enqueue(thread);
        return undefined; // as if it slept: time goes on to the next deadline
      }
      if (!this.turns.passes(thread, this.runnableCount)) return thread;
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
