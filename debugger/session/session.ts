// One program under the debugger: runs it forward to the next stop, and back by undoing steps or by repeating the run.
// The command engine (debugger/prompt), gdb's server and `replay` drive it; it prints nothing.
// Machines under it are deterministic, so a position names a moment; looking never changes the run.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DebugHost } from '../debug-host.ts';
import { Symbols } from '../symbols.ts';
import { StopPoints } from './breakpoints.ts';
import { CallLog, type CallTrail, type Difference } from './call-log.ts';
import { type Hit, hitBefore, KnownHits, Stretch } from './known-hits.ts';
import { type Change, type Changeable, Run } from './run.ts';
import { Spares } from './spares.ts';
import type { Plan, Stop } from './stop.ts';
import { StopFinder } from './stop-finder.ts';

/** A fresh machine with the program in it that has not run. Each must be the same as the one before. */
export type MakeTarget = (output: (stream: 1 | 2, bytes: Uint8Array) => void) => Machine;

export interface SessionOptions {
  /** Watches a machine that becomes the present one; called once for each. */
  readonly attach?: (machine: Machine) => void;
  /** Memory that machines kept behind the present one may take, in bytes; 0 = none are kept. */
  readonly spareBytes?: number | undefined;
  /** How far behind the present the nearest of them is to be, as Stepper counts work. */
  readonly spareDistance?: number;
  /** For debug information that is not in the guest's files. */
  readonly debugHost?: DebugHost | undefined;
}

const FAR = Number.MAX_SAFE_INTEGER;
const START: Position = { tick: 0, instruction: 0 };
const END: Position = { tick: FAR, instruction: 0 };
/** Ticks that a step back goes back, to come forward in steps that can be undone. */
const SHORT_WAY = 32;
/** Calls before a moment one went back to that are told to those who watch. */
const CALLS_TOLD = 16;
/** Calls after a stop of which those who watch are told of each. */
const CALLS_TOLD_OF_ALL = 4_000;
/** Work (see Stepper) between two moments at which a run can be interrupted: less than a millisecond. */
const WORK_AT_ONCE = 150_000;

export class Session {
  readonly points = new StopPoints();
  readonly stops = new StopFinder(this.points);
  readonly symbols: Symbols;
  /** Set when a run over known ground went another way: the machine was not deterministic. */
  difference: Difference | undefined;
  /** Calls that nothing stops at are served without a turn of their own. */
  servesCalls = false;
  /** Those who watch have missed the last calls: see `recall`. */
  hasUntold = false;
  readonly #make: MakeTarget;
  readonly #output: (stream: 1 | 2, bytes: Uint8Array) => void;
  readonly #options: SessionOptions;
  readonly #spares: Spares;
  #log = new CallLog();
  #run!: Run;
  /** In order; the present run has come past the first `#run.applied` of them. */
  #changes: Change[] = [];
  /** How far the run has come before it was repeated: its calls are known, and what it wrote has been shown. */
  #shown: Position = START;
  #callsAtStop = 0;
  readonly #known = new KnownHits();
  /** Of the stop points whose hits are known. */
  #revision = 0;

  constructor(
    make: MakeTarget,
    output: (stream: 1 | 2, bytes: Uint8Array) => void,
    options: SessionOptions = {},
  ) {
    this.#make = make;
    this.#output = output;
    this.#options = options;
    this.symbols = new Symbols(options.debugHost);
    this.#spares = new Spares(() => this.#makeRun(), options.spareBytes, options.spareDistance);
    this.restart();
  }

  get kernel(): Kernel {
    return this.#run.kernel;
  }

  get machine(): Machine {
    return this.#run.machine;
  }

  get position(): Position {
    return this.#run.position;
  }

  /** The calls up to here. */
  get log(): CallTrail {
    return this.#run.trail;
  }

  /** The thread whose turn it is. */
  get thread(): Thread | undefined {
    return this.#run.thread;
  }

  get isAtCall(): boolean {
    return this.#run.stepper.isAtCall;
  }

  /** To the start of the program, as it was first, without the changes made since. */
  restart(): void {
    this.#changes = [];
    this.#shown = START;
    this.#log = new CallLog();
    this.#known.forget();
    this.#spares.clear();
    this.#run?.discard();
    this.#become(this.#makeRun());
  }

  #makeRun(): Run {
    const holder: { run?: Run } = {};
    const machine = this.#make((stream, bytes) => {
      const { run } = holder;
      if (run !== undefined && run !== this.#run) return;
      if (!this.stops.isSilent || (run !== undefined && comparePositions(run.position, this.#shown) >= 0))
        this.#output(stream, bytes);
    });
    const run = new Run(machine, this.#log);
    holder.run = run;
    machine.observe(this.stops.observer(run, () => run === this.#run));
    run.own = machine.kernel.observer;
    run.start();
    return run;
  }

  /** `run` is the present one. */
  #become(run: Run): void {
    if (this.#run !== undefined) this.#run.isPresent = false;
    this.#run = run;
    run.isPresent = true;
    for (const point of this.points.watches) point.bytes = undefined;
  }

  /** Those who watch are told of what happens in the present run from now on. */
  #attach(): void {
    const run = this.#run;
    if (run.isAttached) return;
    run.isAttached = true;
    this.#options.attach?.(run.machine);
  }

  /** Runs for at most `events` steps of the machine; undefined when nothing has stopped it yet. */
  pump(plan: Plan, events = FAR): Stop | undefined {
    this.#attach();
    for (let done = 0; done < events; done++) {
      const from = this.position;
      const known = this.#knownHits; // as of before a temporary point goes away
      const stop = this.#turn(plan);
      if (plan.kind === 'continue') known.pass(from, this.position, stop && isHit(stop) ? stop : undefined);
      if (stop === undefined) continue;
      this.#callsAtStop = this.log.count;
      return stop;
    }
    return undefined;
  }

  /**
   * In a long run, those who watch are not told of calls that nothing stops at. This tells them of the last ones, by going
   * through them again: the present machine is another one then.
   */
  recall(): void {
    if (!this.hasUntold) return;
    const { position } = this;
    const present = this.#run;
    this.#noteShown();
    this.#become(this.#spares.take({ tick: this.#log.tickBefore(position, CALLS_TOLD), instruction: 0 }));
    this.#forward(position);
    this.#spares.give(present);
    this.stops.seeWatched(this.#run);
  }

  /** Runs until something stops the machine. */
  resume(plan: Plan): Stop {
    return this.pump(plan) as Stop;
  }

  /** Changes the machine here. What an earlier run did later is forgotten; going back to here or before undoes it. */
  change(apply: (run: Changeable) => void): void {
    const run = this.#run;
    const change = { position: run.position, apply };
    this.#changes.length = run.applied;
    this.#spares.dropAhead(run.position);
    this.#changes.push(change);
    this.#cut(change.position);
    this.#shown = run.position;
    run.make(change);
  }

  /** What was known of later no longer holds. */
  #cut(position: Position): void {
    this.#log.cut(position);
    this.#known.cut(position);
  }

  // Time travel

  /**
   * To `position`: back by undoing steps or by repeating the run, or forward past all stop points. Changes that were
   * made there or later are undone. Output that was shown before is not shown again.
   */
  goTo(position: Position): void {
    const kept = this.#changes.findIndex((change) => comparePositions(change.position, position) >= 0);
    const undone = kept < 0 ? undefined : this.#changes[kept];
    if (undone !== undefined) {
      this.#noteShown();
      this.#changes.length = kept;
      this.#cut(undone.position);
      if (comparePositions(undone.position, this.#shown) < 0) this.#shown = undone.position;
      this.#spares.dropChanged(kept);
      if (this.#run.applied > kept) {
        this.#run.discard();
        this.#become(this.#spares.take(position));
      }
    }
    this.#travel(position);
    this.stops.seeWatched(this.#run);
    this.#callsAtStop = this.log.count;
  }

  /** Before the last instruction or kernel event; undefined at the start. The machine stays where it is. */
  stepBack(): Position | undefined {
    const end = this.position;
    let { previous } = this.#run;
    for (let distance = SHORT_WAY; previous === undefined; distance *= 8) {
      const from = Math.max(1, end.tick - distance);
      previous = this.#approachBySteps({ tick: from, instruction: 0 }, end);
      if (from === 1) break;
    }
    return previous;
  }

  /** From `from` to `end` in steps that can be undone; the position before `end`, undefined when `from` is no earlier. */
  #approachBySteps(from: Position, end: Position): Position | undefined {
    let previous: Position | undefined;
    this.#travel(from);
    this.#silently(() => {
      const run = this.#run;
      run.stepper.accessed = undefined;
      for (;;) {
        ({ previous } = run); // a change that was made here has forgotten it
        run.makeDue(this.#changes, end);
        if (comparePositions(this.position, end) >= 0) break;
        const progress = run.stepRecorded();
        if (progress === 'finished' || progress === 'idle') break;
      }
    });
    this.stops.seeWatched(this.#run);
    return this.#run.previous ?? previous;
  }

  /** What is known of the hits of the present stop points. */
  get #knownHits(): KnownHits {
    const { points } = this;
    // what a condition says of the debugger's own variables may change at any time
    if (this.#revision !== points.revision || points.asksForVariables) this.#known.forget();
    this.#revision = points.revision;
    return this.#known;
  }

  /**
   * The last hit of a stop point before the present; undefined when there was none. The machine stays where it is; the
   * thread in the stop is that of another machine, see `here`.
   */
  lastHitBefore(): Hit | undefined {
    const present = this.#run;
    const { hasUntold } = this;
    const known = this.#knownHits;
    let end = this.position;
    let includesEnd = false;
    let found: Hit | undefined;
    this.#noteShown();
    this.#silently(() => {
      do {
        const stretch = known.around(end, includesEnd) ?? this.#search(end, includesEnd);
        found = hitBefore(stretch, end, includesEnd);
        end = stretch.from;
        includesEnd = true;
      } while (found === undefined && end.tick > 1);
    });
    this.#become(present);
    this.hasUntold = hasUntold;
    this.stops.seeWatched(present);
    return found;
  }

  /** Finds the hits between some earlier moment, the nearest that is cheap to come to, and `end`. */
  #search(end: Position, includesEnd: boolean): Stretch {
    const run = this.#spares.take({ ...end, tick: end.tick - 1 });
    const stretch = new Stretch(run.position);
    this.#become(run);
    this.stops.seeWatched(run);
    this.#collect(stretch, end, includesEnd);
    stretch.to = end;
    this.#known.learn(stretch, includesEnd);
    this.#spares.give(run);
    return stretch;
  }

  /** The hits on the way of the present run to `end`. */
  #collect(stretch: Stretch, end: Position, includesEnd: boolean): void {
    const run = this.#run;
    for (;;) {
      run.makeDue(this.#changes, end);
      if (comparePositions(this.position, end) >= 0) return;
      const next = this.#changes[run.applied]?.position;
      const limit = next !== undefined && comparePositions(next, end) < 0 ? next : end;
      const stop = this.#turn({ kind: 'continue' }, limit, run.watch.override === undefined);
      if (stop === undefined) continue;
      const { position } = this;
      const past = comparePositions(position, end);
      if (past > 0 || (past === 0 && !includesEnd)) continue;
      if (!isHit(stop)) return;
      stretch.add({ position, stop });
    }
  }

  /** `stop` with its thread as it is in the present machine. */
  here(stop: Stop): Stop {
    if (!('thread' in stop) || stop.thread === undefined) return stop;
    const thread = this.kernel.pids.thread(stop.thread.tid) ?? this.thread;
    return thread === undefined ? stop : ({ ...stop, thread } as Stop);
  }

  /** To `end` with all changes on the way, without output that was shown before. */
  #travel(end: Position): void {
    this.#noteShown();
    this.#choose(end);
    this.#forward(end);
  }

  /** The same with the present run, which is not past it. */
  #forward(end: Position): void {
    this.#silently(() => {
      const run = this.#run;
      const told = this.#toldFrom(end);
      if (told === undefined) {
        this.hasUntold = true;
        run.forward(end, this.#changes);
      } else {
        if (comparePositions(run.position, told) <= 0) this.hasUntold = false;
        if (comparePositions(told, end) < 0) run.forward(told, this.#changes);
      }
      this.#attach();
      run.forward(end, this.#changes, { isHeard: true });
    });
    this.difference ??= this.#run.trail.difference;
    this.#run.trail.difference = undefined;
  }

  /** What those who watch are told is not needed further back than this; undefined when nobody knows the calls before `end`. */
  #toldFrom(end: Position): Position | undefined {
    if (comparePositions(this.#shown, end) < 0) return this.#options.spareBytes === 0 ? START : undefined;
    return { tick: this.#log.tickBefore(end, CALLS_TOLD), instruction: 0 };
  }

  /** The run that is nearest to `end` becomes the present one. */
  #choose(end: Position): void {
    const present = this.#run;
    const isAhead = comparePositions(present.position, end) > 0;
    if (isAhead && present.undoTo(end)) return;
    const nearest = this.#spares.nearest(end);
    if (!isAhead && (nearest === undefined || comparePositions(nearest.position, present.position) <= 0))
      return;
    this.#become(this.#spares.take(end));
    this.#spares.give(present);
  }

  /**
   * Work ahead for going back, while the person does nothing: about `work` ticks, 10⁶ of which take some milliseconds.
   * False when there is nothing left to do.
   */
  tend(work: number): boolean {
    return this.#spares.tend(this.#run, this.#changes, work);
  }

  /** The same in the middle of a long run, so that the way back never becomes very long. */
  follow(work: number): void {
    this.#spares.follow(this.#run, this.#changes, work);
  }

  #silently(work: () => void): void {
    const before = this.stops.isSilent;
    this.stops.isSilent = true;
    try {
      work();
    } finally {
      this.stops.isSilent = before;
    }
  }

  #noteShown(): void {
    if (comparePositions(this.position, this.#shown) > 0) this.#shown = this.position;
  }

  // Going forward

  #turn(plan: Plan, limit = END, serves = this.servesCalls): Stop | undefined {
    if (plan.kind === 'goto') {
      this.goTo(plan.position);
      return { kind: 'moved', thread: this.thread };
    }
    const run = this.#run;
    const { stops } = this;
    const isStepping = (plan.kind === 'step' || plan.kind === 'until') && this.thread === plan.thread;
    if (!isStepping) run.forgetSteps();
    stops.begin(run, plan);
    const isHasty = serves && plan.kind === 'continue';
    if (!this.#isTold(isHasty)) return this.#goUntold(limit);
    const stop = stops.found(isStepping ? run.stepRecorded() : run.approach(limit, isHasty));
    this.difference ??= run.trail.difference;
    return stop;
  }

  /** Are those who watch to be told of the calls of the next move? */
  #isTold(isHasty: boolean): boolean {
    const run = this.#run;
    if (!isHasty || run.watch.override !== undefined || this.#options.spareBytes === 0) return true;
    if (run.isAttached && this.log.count - this.#callsAtStop < CALLS_TOLD_OF_ALL) return true;
    const { thread } = run;
    if (thread?.call !== undefined) return this.stops.mayCatch(thread.call.syscall.name);
    return thread !== undefined && this.isAtCall && this.stops.mayCatchRequested(thread);
  }

  /** Moves towards `limit` until something is to be stopped at or told, or for a while. */
  #goUntold(limit: Position): Stop | undefined {
    const run = this.#run;
    const { kernel, stepper } = run;
    const { stops } = this;
    const all = kernel.observer;
    const until = stepper.work + WORK_AT_ONCE;
    this.hasUntold = true;
    kernel.observer = run.quiet;
    try {
      for (;;) {
        const stop = stops.found(run.approach(limit, true));
        if (stop !== undefined || stepper.work >= until || stepper.tick >= limit.tick) return stop;
        if (this.#isTold(true)) return undefined;
        stops.beforeMove();
      }
    } finally {
      kernel.observer = all;
      this.difference ??= run.trail.difference;
    }
  }

  /**
   * Reads memory of the thread's process without a trace; undefined where nothing can be read. When the process has
   * ended, what its program's files say was there at the start.
   */
  read(thread: Thread, address: number, length: number): Uint8Array | undefined {
    if (thread.state === 'dead') return this.symbols.fileBytes(thread, address, length);
    return glanceAt(thread.mm, () => {
      const { user } = thread;
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const run = user.accessible(address + done, Math.min(length - done, PAGE_SIZE), false);
        if (run === 0) return undefined;
        bytes.set(user.read(address + done, run), done);
        done += run;
      }
      return bytes;
    });
  }
}

/** One that going back may lead to. */
function isHit({ kind }: Stop): boolean {
  return kind !== 'finished' && kind !== 'idle' && kind !== 'loaded';
}
