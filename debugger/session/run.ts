// One machine on its way through the run that a session looks at, with the person's changes made where they belong.
// The session has one as the present, and spares (spares.ts) behind it, which are the same run at an earlier moment.
// All of them are alike: at one position, with the same changes, none can be told from another.
import type { Kernel } from '../../kernel/kernel.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import { AT_CALL, comparePositions, type Position, type Progress, Stepper } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Machine } from '../../machine/machine.ts';
import { type CallLog, CallTrail } from './call-log.ts';
import { CallWatch } from './call-watch.ts';

/** What a change may do to a run. */
export interface Changeable {
  readonly kernel: Kernel;
  readonly machine: Machine;
  /** The call that the thread is about to make becomes `result`, and the kernel never sees it. */
  overrideCall(result: number): void;
}

/** A change that the person made. It belongs to the run: done again when that is repeated, undone by going back before it. */
export interface Change {
  readonly position: Position;
  apply(run: Changeable): void;
}

/** Instructions that can be undone one by one; each keeps about a kilobyte. */
const STEPS_KEPT = 4096;
/** Moves in which a machine that was killed must be at its end. */
const DYING_MOVES = 10_000;
const NONE: ReadonlySet<number> = new Set();

interface Step {
  readonly position: Position;
  readonly undo: () => void;
  readonly trail: { readonly count: number; readonly hash: number };
}

export class Run implements Changeable {
  readonly machine: Machine;
  readonly stepper: Stepper;
  readonly watch: CallWatch;
  readonly trail: CallTrail;
  /** How many of the person's changes it has come past. */
  applied = 0;
  /** Others that look at calls have been told of this machine. */
  isAttached = false;
  /** The one that the person looks at: what happens in others is nobody's business. */
  isPresent = false;
  /** The machine's observers without those of who watches the present. */
  own: KernelObserver | undefined;
  /** Those that the machine came with: what they do to calls is part of the run. */
  readonly #inherent: KernelObserver | undefined;
  /** Asked when a call could be served without a stop, and when that was done. */
  mayServe: ((thread: Thread) => boolean) | undefined;
  mayGoOn: (() => boolean) | undefined;
  #quietOf: KernelObserver | undefined;
  #quiet: KernelObserver | undefined;
  /** The last instructions, when it is they that led here. */
  #steps: Step[] = [];

  constructor(machine: Machine, log: CallLog) {
    this.machine = machine;
    this.#inherent = machine.kernel.observer;
    this.stepper = new Stepper(machine.kernel);
    this.watch = new CallWatch(machine.kernel);
    this.trail = new CallTrail(log);
    this.stepper.listener = {
      reached: (thread) => {
        this.trail.enter(thread, this.stepper);
        return this.mayServe?.(thread) !== false;
      },
      ended: () => {
        this.trail.exit(this.stepper);
        return this.mayGoOn?.() !== false;
      },
    };
  }

  /** The first thread gets its turn. */
  start(): void {
    this.stepper.step();
  }

  get kernel(): Kernel {
    return this.machine.kernel;
  }

  get position(): Position {
    return this.stepper.position;
  }

  get thread(): Thread | undefined {
    return this.stepper.thread;
  }

  overrideCall(result: number): void {
    this.watch.override = result;
  }

  /** The observer of all that is not about calls. */
  get quiet(): KernelObserver | undefined {
    const { observer } = this.kernel;
    if (observer !== this.#quietOf) {
      this.#quietOf = observer;
      this.#quiet = observer && withoutCalls(observer, this.#inherent);
    }
    return this.#quiet;
  }

  /** Makes `change` here. */
  make(change: Change): void {
    const { thread } = this;
    const pc = thread?.hart.pc;
    this.forgetSteps();
    this.applied++;
    change.apply(this);
    // code goes to higher addresses only, and now it may not: what follows gets positions of its own
    if (thread !== this.thread || thread?.hart.pc !== pc) this.stepper.moved();
  }

  /** Makes the changes that the run has come to, none after `end`. */
  makeDue(changes: readonly Change[], end: Position): void {
    for (;;) {
      const next = changes[this.applied];
      if (next === undefined || this.#isBefore(next.position)) return;
      if (comparePositions(next.position, end) > 0) return;
      this.make(next);
    }
  }

  /**
   * Forward to `end` with the changes on the way, as fast as it goes. Nobody hears of calls, unless `isHeard`. False when
   * `work` (see Stepper) was done before it got there; an end of the program before that counts as there.
   */
  forward(
    end: Position,
    changes: readonly Change[],
    { isHeard = false, work = Number.POSITIVE_INFINITY } = {},
  ): boolean {
    const { stepper, kernel } = this;
    const limit = stepper.work + work;
    const all = kernel.observer;
    const own = this.isPresent ? all : this.own;
    const quiet = this.isPresent ? this.quiet : this.#inherent;
    stepper.breakpoints = stepper.watchedPages = stepper.readPages = NONE;
    stepper.accessed = undefined;
    this.mayServe = this.mayGoOn = undefined;
    stepper.workLimit = limit;
    this.watch.wants = () => true;
    try {
      for (;;) {
        this.makeDue(changes, end);
        if (!this.#isBefore(end)) return true;
        if (stepper.work >= limit) return false;
        this.forgetSteps();
        const hears = isHeard || this.watch.override !== undefined;
        kernel.observer = hears ? own : quiet;
        const next = changes[this.applied]?.position;
        const isNearer = next !== undefined && comparePositions(next, end) < 0;
        const most = stepper.tick + Math.ceil(limit - stepper.work);
        const progress = this.approach(isNearer ? next : end, !hears, most);
        if (progress === 'finished' || progress === 'idle') return true;
      }
    } finally {
      kernel.observer = all;
      stepper.workLimit = Number.POSITIVE_INFINITY;
    }
  }

  #isBefore(position: Position): boolean {
    const { tick } = this.stepper;
    return tick < position.tick || (tick === position.tick && comparePositions(this.position, position) < 0);
  }

  /** One move towards `limit`, which lies ahead, and not past it, nor past the tick `most`. */
  approach(limit: Position, serves: boolean, most = Number.POSITIVE_INFINITY): Progress {
    const { stepper } = this;
    if (stepper.tick < limit.tick)
      return stepper.advance(Math.max(stepper.tick + 1, Math.min(limit.tick, most)), serves);
    if (limit.instruction === AT_CALL) return stepper.advance(stepper.tick + 1);
    return stepper.step();
  }

  // Back by undoing

  /** One move, to be undone if nothing but an instruction was executed. */
  stepRecorded(): Progress {
    const { position } = this;
    const trail = this.trail.save();
    const { progress, undo } = this.stepper.stepRecorded();
    if (undo === undefined) this.#steps = [];
    else {
      this.#steps.push({ position, undo, trail });
      if (this.#steps.length > 2 * STEPS_KEPT) this.#steps = this.#steps.slice(-STEPS_KEPT);
    }
    return progress;
  }

  /** What was done has nothing to do with the steps before. */
  forgetSteps(): void {
    if (this.#steps.length > 0) this.#steps = [];
  }

  /** The position before the last instruction, or before what the kernel did last; undefined when it is not known. */
  get previous(): Position | undefined {
    return this.#steps[this.#steps.length - 1]?.position ?? this.stepper.beforeEvent;
  }

  /** Undoes instructions back to `position`; false, and nothing is done, when they do not reach that far. */
  undoTo(position: Position): boolean {
    const first = this.#steps[0]?.position;
    if (first === undefined || comparePositions(first, position) > 0) return false;
    while (comparePositions(this.position, position) > 0) {
      const step = this.#steps.pop() as Step;
      step.undo();
      this.trail.restore(step.trail);
    }
    return true;
  }

  /** Ends what is left, so that its memories go back to the processor. */
  discard(): void {
    const { kernel } = this;
    kernel.observer = undefined;
    kernel.callHash = undefined;
    kernel.beforeRun = undefined;
    kernel.scheduler.turns = undefined;
    this.stepper.listener = undefined;
    for (const { threads } of kernel.processes) for (const thread of threads.values()) thread.isHeld = false;
    this.machine.killAll();
    for (let moves = 0; moves < DYING_MOVES; moves++) {
      if (['finished', 'idle'].includes(this.stepper.advance(this.stepper.tick + 1))) return;
    }
  }
}

/** The same without what is told of each call, but to those who take part in it. */
function withoutCalls(observer: KernelObserver, inherent: KernelObserver | undefined): KernelObserver {
  const { syscallEnter, syscallExit } = inherent ?? {};
  return {
    ...(syscallEnter && { syscallEnter: syscallEnter.bind(inherent) }),
    ...(syscallExit && { syscallExit: syscallExit.bind(inherent) }),
    signalDelivered: (thread, info) => observer.signalDelivered?.(thread, info),
    signalIgnored: (thread, info) => observer.signalIgnored?.(thread, info),
    threadStarted: (thread) => observer.threadStarted?.(thread),
    threadExited: (thread) => observer.threadExited?.(thread),
    processEnding: (process) => observer.processEnding?.(process),
    processExited: (process) => observer.processExited?.(process),
    executed: (thread) => observer.executed?.(thread),
  };
}
