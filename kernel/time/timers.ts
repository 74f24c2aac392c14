// Deadlines of the whole machine in one heap: timeouts of blocked calls, itimers, timerfds, POSIX timers.
// The scheduler fires what is due between slices and tells the embedder how long the machine may sleep.
// Equal deadlines fire in the order they were set, so that virtual time is repeatable.

export interface Timer {
  readonly deadlineNs: number;
  readonly sequence: number;
  /** Undefined once fired or cancelled. */
  fire: (() => void) | undefined;
}

export class Timers {
  #heap: Timer[] = [];
  #sequence = 0;
  /** Cancelled timers still in the heap. */
  #dead = 0;

  /** Calls `fire` once when the kernel's monotonic clock has reached `deadlineNs`. */
  at(deadlineNs: number, fire: () => void): Timer {
    const timer: Timer = { deadlineNs, sequence: this.#sequence++, fire };
    if (deadlineNs > Number.MAX_SAFE_INTEGER) return timer; // 104 days: no machine runs so long, so never
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    return timer;
  }

  cancel(timer: Timer): void {
    if (timer.fire === undefined) return;
    timer.fire = undefined; // it leaves the heap when it reaches the top, or when half of the heap is dead
    if (++this.#dead > 64 && this.#dead * 2 > this.#heap.length) this.#sweep();
  }

  /** A program may set and cancel far deadlines for ever, so dead timers must not pile up. */
  #sweep(): void {
    const alive = this.#heap.filter((timer) => timer.fire !== undefined);
    this.#heap = [];
    this.#dead = 0;
    for (const timer of alive) {
      this.#heap.push(timer);
      this.#up(this.#heap.length - 1);
    }
  }

  /** The earliest deadline still to come. */
  get nextNs(): number | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || top.fire !== undefined) return top?.deadlineNs;
      this.#pop();
      if (this.#dead > 0) this.#dead--;
    }
  }

  /** Fires everything due at `nowNs`; returns how many. */
  fireDue(nowNs: number): number {
    let fired = 0;
    for (;;) {
      const next = this.nextNs;
      if (next === undefined || next > nowNs) return fired;
      const timer = this.#pop();
      const { fire } = timer;
      timer.fire = undefined;
      fire?.();
      fired++;
    }
  }

  #pop(): Timer {
    const top = this.#heap[0] as Timer;
    const last = this.#heap.pop() as Timer;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return top;
  }

  #before(a: Timer, b: Timer): boolean {
    return a.deadlineNs < b.deadlineNs || (a.deadlineNs === b.deadlineNs && a.sequence < b.sequence);
  }

  #up(start: number): void {
    const heap = this.#heap;
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const a = heap[at] as Timer;
      const b = heap[parent] as Timer;
      if (!this.#before(a, b)) return;
      heap[at] = b;
      heap[parent] = a;
      at = parent;
    }
  }

  #down(start: number): void {
    const heap = this.#heap;
    let at = start;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const candidate = heap[child];
        if (candidate !== undefined && this.#before(candidate, heap[least] as Timer)) least = child;
      }
      if (least === at) return;
      const a = heap[at] as Timer;
      heap[at] = heap[least] as Timer;
      heap[least] = a;
      at = least;
    }
  }
}
