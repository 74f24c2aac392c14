// Where threads give way to others: the moments of a schedule, named so that they mean the same in every run.
// The scheduler and slices ask at each moment while a plan is set (`--schedule`, `explore`, a debugger repeating one).
// A moment is counted in the thread's own calls and ticks, so leaving out one does not move the others.
import type { Thread } from './task/thread.ts';

/** A point in the life of a thread at which it can be put at the end of the run queue. */
export type Moment =
  /** Before its call number `call` (from 1) begins. */
  | { readonly kind: 'entry'; readonly tid: number; readonly call: number; readonly isLate?: true }
  /** Woken for the `wake`th time (from 1) inside its call number `call`. */
  | {
      readonly kind: 'woken';
      readonly tid: number;
      readonly call: number;
      readonly wake: number;
      /** Nobody else can run: the thread gives way to the next timer. */
      readonly isLate?: true;
    }
  /** `ticks` after its call number `call` ended, 0 for the start of the thread. */
  | { readonly kind: 'code'; readonly tid: number; readonly call: number; readonly ticks: number };

/** Decides at which moments threads give way. What it answers must depend on the run alone. */
export interface TurnPlan {
  /** Called when `thread` could run on, or be chosen to; `others` threads are runnable beside it. */
  givesWay(moment: Moment, thread: Thread, others: number): boolean;
  /** How many ticks after the present one the thread is to give way in code that follows call `call`; Infinity: none. */
  codeTicks(thread: Thread, call: number, ticks: number): number;
  /**
   * The thread could run on, nobody else can, and a timer runs: true when the timer is to fire first, as if the computer
   * had been busy with other things. Absent: never.
   */
  waitsForTimer?(moment: Moment, thread: Thread): boolean;
  /** The thread gives way here, where codeTicks said. */
  gaveWay(moment: Moment): void;
  /** The thread has used up its time slice. */
  ranOut?(thread: Thread): void;
}

/** What is remembered of a thread. */
interface Standing {
  /** Its count of calls when `base` was taken. */
  calls: number;
  /** Its ticks when the last call ended. */
  base: number;
  /** Times it got its turn inside the present call. */
  wakes: number;
  /** The call before which it gave way or was let through, 0 for none. */
  asked: number;
  /** Its ticks then: when they have gone on, a signal handler ran instead. */
  askedTicks: number;
  /** It gave way to the next timer, which has not fired yet. */
  isLate: boolean;
}

export class Turns {
  readonly #plan: TurnPlan;
  readonly #threads = new WeakMap<Thread, Standing>();

  constructor(plan: TurnPlan) {
    this.#plan = plan;
  }

  /** The scheduler is about to choose `thread` before `others` that are runnable too. True: it goes to the end. */
  passes(thread: Thread, others: number): boolean {
    return this.#plan.givesWay(this.#moment(thread), thread, others);
  }

  /** The scheduler is about to choose `thread`, the only one that is runnable, while a timer runs. True: the timer first. */
  letsTimerFire(thread: Thread): boolean {
    const standing = this.#standing(thread);
    if (standing.isLate) {
      standing.isLate = false;
      return true;
    }
    const moment = this.#moment(thread);
    if (moment.kind === 'code') return false;
    return this.#plan.waitsForTimer?.({ ...moment, isLate: true }, thread) === true;
  }

  /** The thread stands on an ecall. True: its slice ends before the call begins. */
  holdsCall(thread: Thread, others: number, hasTimer: boolean): boolean {
    const mayBeLate = others === 0 && hasTimer && this.#plan.waitsForTimer !== undefined;
    if (others === 0 && !mayBeLate) return false;
    const standing = this.#standing(thread);
    const call = thread.syscallCount + 1;
    if (standing.asked === call && standing.askedTicks === thread.hart.ticks) return false;
    standing.asked = call;
    standing.askedTicks = thread.hart.ticks;
    if (mayBeLate) {
      const moment: Moment = { kind: 'entry', tid: thread.tid, call, isLate: true };
      standing.isLate = this.#plan.waitsForTimer?.(moment, thread) === true;
      return standing.isLate;
    }
    return this.#plan.givesWay({ kind: 'entry', tid: thread.tid, call }, thread, others);
  }

  /** The thread gets its turn, or is about to run code after a call: its tick count at which it must give way. */
  codeEnd(thread: Thread): number {
    const standing = this.#standing(thread);
    if (thread.call !== undefined) return Number.POSITIVE_INFINITY;
    const { ticks } = thread.hart;
    return ticks + this.#plan.codeTicks(thread, standing.calls, ticks - standing.base);
  }

  /** The thread's turn begins. */
  opened(thread: Thread): void {
    const standing = this.#standing(thread);
    standing.isLate = false;
    if (thread.call !== undefined) standing.wakes++;
  }

  /** The turn of a runnable thread is over: because of the plan, or because its time is used up. */
  closed(thread: Thread, isPlanned: boolean): void {
    const moment = this.#moment(thread);
    if (isPlanned) this.#plan.gaveWay(moment);
    else if (moment.kind === 'code') this.#plan.ranOut?.(thread);
  }

  #moment(thread: Thread): Moment {
    const { tid } = thread;
    const standing = this.#standing(thread);
    const { calls, wakes, asked, askedTicks } = standing;
    if (thread.call !== undefined) return { kind: 'woken', tid, call: calls, wake: wakes + 1 };
    if (asked > calls && askedTicks === thread.hart.ticks) return { kind: 'entry', tid, call: asked };
    return { kind: 'code', tid, call: calls, ticks: thread.hart.ticks - standing.base };
  }

  #standing(thread: Thread): Standing {
    let standing = this.#threads.get(thread);
    if (standing === undefined) {
      standing = {
        calls: thread.syscallCount,
        base: thread.hart.ticks,
        wakes: 0,
        asked: 0,
        askedTicks: 0,
        isLate: false,
      };
      this.#threads.set(thread, standing);
    } else if (standing.calls !== thread.syscallCount) {
      standing.calls = thread.syscallCount;
      standing.base = thread.hart.ticks;
      standing.wakes = 0;
      standing.asked = 0;
    }
    return standing;
  }
}
