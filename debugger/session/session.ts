// One program under the debugger: runs it forward to the next stop, and back by undoing steps or by repeating the run.
// The command engine (debugger/prompt), gdb's server and `replay` drive it; it prints nothing.
// Machines under it are deterministic, so a position names a moment; looking never changes the run.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { requestedSyscall, upcomingCall } from '../../kernel/dispatch.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import { comparePositions, type Position, type Progress } from '../../kernel/stepper.ts';
import { upcomingDeath } from '../../kernel/task/signal-delivery.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import type { Machine } from '../../machine/machine.ts';
import { Symbols } from '../symbols.ts';
import { type Breakpoint, StopPoints, type Watchpoint, watchedBytes } from './breakpoints.ts';
import { CallLog, type CallTrail, type Difference } from './call-log.ts';
import type { Wanted } from './call-watch.ts';
import { type Change, type Changeable, Run } from './run.ts';
import { Spares } from './spares.ts';

/** A fresh machine with the program in it that has not run. Each must be the same as the one before. */
export type MakeTarget = (output: (stream: 1 | 2, bytes: Uint8Array) => void) => Machine;

/** Why the machine stands still. */
export type Stop =
  | { readonly kind: 'entry' | 'exit'; readonly thread: Thread; readonly text: string }
  | { readonly kind: 'break'; readonly thread: Thread; readonly point: Breakpoint }
  | {
      readonly kind: 'watch';
      readonly thread: Thread;
      readonly point: Watchpoint;
      readonly was: Uint8Array | undefined;
    }
  | { readonly kind: 'signal'; readonly thread: Thread; readonly info: SignalInfo }
  | { readonly kind: 'fork' | 'exec' | 'stepped' | 'moved'; readonly thread: Thread | undefined }
  | { readonly kind: 'idle' | 'finished' | 'start' };

type EventKind = 'catch-signal' | 'catch-fork' | 'catch-exec';

/** What `resume` runs for, beside stop points. */
export type Plan =
  | { readonly kind: 'continue' }
  /** The next entry or end of any call. */
  | { readonly kind: 'call' }
  /** One instruction of the thread. */
  | { readonly kind: 'step'; readonly thread: Thread }
  /** Until `address` is reached by the thread. */
  | { readonly kind: 'until'; readonly thread: Thread; readonly address: number }
  /** Exactly there, past all stop points. */
  | { readonly kind: 'goto'; readonly position: Position };

export interface SessionOptions {
  /** Watches a machine that becomes the present one; called once for each. */
  readonly attach?: (machine: Machine) => void;
  /** Memory that machines kept behind the present one may take, in bytes; 0 = none are kept. */
  readonly spareBytes?: number | undefined;
  /** How far behind the present the nearest of them is to be, as Stepper counts work. */
  readonly spareDistance?: number;
}

const FAR = Number.MAX_SAFE_INTEGER;
const START: Position = { tick: 0, instruction: 0 };
const END: Position = { tick: FAR, instruction: 0 };
/** Ticks that a step back goes back, to come forward in steps that can be undone. */
const SHORT_WAY = 32;
/** Calls before a moment one went back to that are told to those who watch. */
const CALLS_TOLD = 16;
/** Calls after a stop of which those who watch are told of each. */
const CALLS_TOLD_OF_ALL = 20_000;

export class Session {
  readonly points = new StopPoints();
  readonly symbols = new Symbols();
  /** Says whether a breakpoint's condition holds; the engine sets it. */
  evaluateCondition: ((thread: Thread, condition: string) => boolean) | undefined;
  /** Set when a run over known ground went another way: the machine was not deterministic. */
  difference: Difference | undefined;
  /** Stops before a signal that ends a process acts, whatever is caught. */
  stopsBeforeDeath = false;
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
  /** How far the run has come before it was repeated: output up to there has been shown. */
  #shown: Position = START;
  #isSilent = false;
  /** The deadly signal that waited when the turn began: it has been told of. */
  #dyingOf: SignalInfo | undefined;
  #event: Stop | undefined;
  #callsAtStop = 0;

  constructor(
    make: MakeTarget,
    output: (stream: 1 | 2, bytes: Uint8Array) => void,
    options: SessionOptions = {},
  ) {
    this.#make = make;
    this.#output = output;
    this.#options = options;
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
    this.#spares.clear();
    this.#run?.discard();
    this.#become(this.#makeRun());
  }

  #makeRun(): Run {
    const holder: { run?: Run } = {};
    const machine = this.#make((stream, bytes) => {
      const { run } = holder;
      if (run !== undefined && run !== this.#run) return;
      if (!this.#isSilent || (run !== undefined && comparePositions(run.position, this.#shown) >= 0))
        this.#output(stream, bytes);
    });
    const run = new Run(machine, this.#log);
    holder.run = run;
    run.own = this.#observer(run);
    machine.observe(run.own);
    run.start();
    return run;
  }

  /** `run` is the present one. */
  #become(run: Run): void {
    if (this.#run !== undefined) this.#run.isPresent = false;
    this.#run = run;
    run.isPresent = true;
    this.#event = undefined;
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
      const stop = this.#turn(plan);
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
    this.#seeWatched();
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
    this.#log.cut(change.position);
    run.make(change);
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
      this.#log.cut(undone.position);
      if (comparePositions(undone.position, this.#shown) < 0) this.#shown = undone.position;
      this.#spares.dropChanged(kept);
      if (this.#run.applied > kept) {
        this.#run.discard();
        this.#become(this.#spares.take(position));
      }
    }
    this.#travel(position);
    this.#seeWatched();
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
      for (;;) {
        ({ previous } = run); // a change that was made here has forgotten it
        run.makeDue(this.#changes, end);
        if (comparePositions(this.position, end) >= 0) break;
        const progress = run.stepRecorded();
        if (progress === 'finished' || progress === 'idle') break;
      }
    });
    this.#seeWatched();
    return this.#run.previous ?? previous;
  }

  /**
   * The last hit of a stop point before the present; undefined when there was none. The machine stays where it is; the
   * thread in the stop is that of another machine, see `here`.
   */
  lastHitBefore(): { position: Position; stop: Stop } | undefined {
    const present = this.#run;
    const { hasUntold } = this;
    this.#noteShown();
    let end = this.position;
    let includesEnd = false;
    let found: { position: Position; stop: Stop } | undefined;
    this.#silently(() => {
      while (found === undefined) {
        const run = this.#spares.take({ ...end, tick: end.tick - 1 });
        const from = run.position;
        this.#become(run);
        this.#seeWatched();
        found = this.#lastHit(end, includesEnd);
        this.#spares.give(run);
        if (from.tick <= 1) return;
        end = from;
        includesEnd = true;
      }
    });
    this.#become(present);
    this.hasUntold = hasUntold;
    this.#seeWatched();
    return found;
  }

  /** The last hit on the way of the present run to `end`. */
  #lastHit(end: Position, includesEnd: boolean): { position: Position; stop: Stop } | undefined {
    let found: { position: Position; stop: Stop } | undefined;
    const run = this.#run;
    for (;;) {
      run.makeDue(this.#changes, end);
      if (comparePositions(this.position, end) >= 0) return found;
      const next = this.#changes[run.applied]?.position;
      const limit = next !== undefined && comparePositions(next, end) < 0 ? next : end;
      const stop = this.#turn({ kind: 'continue' }, limit, run.watch.override === undefined);
      const past = comparePositions(this.position, end);
      if (past > 0 || (past === 0 && !includesEnd)) continue;
      if (stop?.kind === 'finished' || stop?.kind === 'idle') return found;
      if (stop !== undefined) found = { position: this.position, stop };
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
      // what those who watch are told is not needed further back than this
      const told: Position = { tick: this.#log.tickBefore(end, CALLS_TOLD), instruction: 0 };
      if (comparePositions(run.position, told) <= 0) this.hasUntold = false;
      if (comparePositions(told, end) < 0) run.forward(told, this.#changes);
      this.#attach();
      run.forward(end, this.#changes, { isHeard: true });
    });
    this.difference ??= this.#run.trail.difference;
    this.#run.trail.difference = undefined;
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
    const before = this.#isSilent;
    this.#isSilent = true;
    try {
      work();
    } finally {
      this.#isSilent = before;
    }
  }

  #noteShown(): void {
    if (comparePositions(this.position, this.#shown) > 0) this.#shown = this.position;
  }

  /** Watched bytes are compared with what they are now. */
  #seeWatched(): void {
    for (const point of this.points.watches) point.bytes = this.#bytesAt(point);
  }

  // Going forward

  #turn(plan: Plan, limit = END, serves = this.servesCalls): Stop | undefined {
    if (plan.kind === 'goto') {
      this.goTo(plan.position);
      return { kind: 'moved', thread: this.thread };
    }
    const { points } = this;
    const run = this.#run;
    const { stepper, watch } = run;
    this.#event = undefined;
    stepper.breakpoints = points.addresses;
    stepper.watchedPages = points.watchedPages;
    const stopsAt = (thread: Thread, call: Call): boolean =>
      plan.kind === 'call' || points.catchingCall(thread, call) !== undefined;
    watch.takeEnded(); // seen on the way here
    watch.wants = stopsAt;
    run.mayServe = (thread) => !points.mayCatch(requestedSyscall(run.kernel, thread).name);
    run.mayGoOn = () => this.#event === undefined;
    const before = this.thread;
    this.#dyingOf = this.stopsBeforeDeath && before !== undefined ? upcomingDeath(before) : undefined;
    const pcBefore = before?.hart.pc;
    const wasInCall = before !== undefined && (stepper.isAtCall || before.call !== undefined);
    const isStepping = (plan.kind === 'step' || plan.kind === 'until') && before === plan.thread;
    if (!isStepping) run.forgetSteps();
    const isHasty = serves && plan.kind === 'continue';
    const progress = isStepping
      ? run.stepRecorded()
      : this.#isTold(isHasty)
        ? run.approach(limit, isHasty)
        : this.#approachUntold(limit);
    this.difference ??= run.trail.difference;
    if (progress === 'idle' || progress === 'finished') return { kind: progress };
    const isNew = progress === 'ran' || wasInCall || (before === this.thread && before?.hart.pc !== pcBefore);
    return (
      this.#watched() ??
      this.#dying() ??
      this.#caught(stopsAt) ??
      this.#reachedBreak(isNew) ??
      this.#entered(plan) ??
      this.#stepped(plan, progress, before, wasInCall)
    );
  }

  #entered(plan: Plan): Stop | undefined {
    const { thread } = this;
    if (!this.isAtCall || thread === undefined) return undefined;
    const call = upcomingCall(this.kernel, thread);
    const point = this.points.catchingCall(thread, call);
    if (point === undefined && plan.kind !== 'call') return undefined;
    if (point !== undefined) this.#hit(point);
    return { kind: 'entry', thread, text: this.#run.watch.upcoming(thread, call) };
  }

  /** What the observer saw in this turn. */
  #caught(stopsAt: Wanted): Stop | undefined {
    const ended = this.#run.watch.takeEnded();
    if (ended?.text === undefined || !stopsAt(ended.thread, ended.call)) return this.#event;
    return { kind: 'exit', thread: ended.thread, text: ended.text };
  }

  /** Are those who watch to be told of the calls of the next move? */
  #isTold(isHasty: boolean): boolean {
    const { thread, points } = this;
    const run = this.#run;
    if (!isHasty || run.watch.override !== undefined || this.#options.spareBytes === 0) return true;
    if (run.isAttached && this.log.count - this.#callsAtStop < CALLS_TOLD_OF_ALL) return true;
    if (thread?.call !== undefined) return points.mayCatch(thread.call.syscall.name);
    if (thread === undefined || !this.isAtCall) return false;
    return points.mayCatch(requestedSyscall(run.kernel, thread).name);
  }

  #approachUntold(limit: Position): Progress {
    const run = this.#run;
    const { kernel } = run;
    const all = kernel.observer;
    this.hasUntold = true;
    kernel.observer = run.quiet;
    try {
      return run.approach(limit, true);
    } finally {
      kernel.observer = all;
    }
  }

  #reachedBreak(isNew: boolean): Stop | undefined {
    const { thread } = this;
    if (!isNew || thread === undefined || thread.call !== undefined || thread.state !== 'runnable')
      return undefined;
    for (const point of this.points.breaksAt(thread, thread.hart.pc)) {
      const { condition } = point;
      if (condition !== undefined && this.evaluateCondition?.(thread, condition) === false) continue;
      this.#hit(point);
      return { kind: 'break', thread, point };
    }
    return undefined;
  }

  /** Once for each: what comes next is its death. */
  #dying(): Stop | undefined {
    const { thread } = this;
    if (!this.stopsBeforeDeath || thread === undefined || thread.state === 'dead') return undefined;
    const info = upcomingDeath(thread);
    if (info === undefined || info === this.#dyingOf) return undefined;
    const point = this.points.catching('catch-signal', info.signo);
    if (point !== undefined) this.#hit(point);
    return { kind: 'signal', thread, info };
  }

  #watched(): Stop | undefined {
    for (const point of this.points.watches) {
      const now = this.#bytesAt(point);
      const was = point.bytes;
      if (sameBytes(was, now)) continue;
      point.bytes = now;
      if (was === undefined) continue; // just mapped: nothing has changed
      this.#hit(point);
      const thread = this.thread ?? this.kernel.pids.process(point.pid)?.leader;
      if (thread !== undefined) return { kind: 'watch', thread, point, was };
    }
    return undefined;
  }

  #bytesAt(point: Watchpoint): Uint8Array | undefined {
    const thread = this.kernel.pids.process(point.pid)?.leader;
    return thread && glanceAt(thread.mm, () => watchedBytes(thread, point));
  }

  #stepped(plan: Plan, progress: string, before: Thread | undefined, wasInCall: boolean): Stop | undefined {
    if (plan.kind !== 'step' && plan.kind !== 'until') return undefined;
    const { thread } = plan;
    if (thread.state === 'dead') return { kind: 'stepped', thread: this.thread };
    if (before !== thread) return undefined;
    const isDone = progress === 'ran' || (wasInCall && thread.call === undefined && !this.isAtCall);
    if (!isDone || (plan.kind === 'until' && thread.hart.pc !== plan.address)) return undefined;
    return { kind: 'stepped', thread };
  }

  #hit(point: { id: number; isTemporary: boolean; hits: number }): void {
    if (this.#isSilent) return;
    point.hits++;
    if (point.isTemporary) this.points.delete(point.id);
  }

  #observer(run: Run): KernelObserver {
    const { watch } = run;
    const notice = (kind: EventKind, stop: Stop): void => {
      if (run === this.#run) this.#notice(kind, stop);
    };
    return {
      syscallEnter: (thread, call) => watch.entered(thread, call),
      syscallExit: (thread, call, result) => watch.exited(thread, call, result),
      signalDelivered: (thread, info) => notice('catch-signal', { kind: 'signal', thread, info }),
      threadStarted: (thread) => {
        if (run.position.tick > 1) notice('catch-fork', { kind: 'fork', thread });
      },
      executed: (thread) => notice('catch-exec', { kind: 'exec', thread }),
    };
  }

  #notice(kind: EventKind, stop: Stop): void {
    const isTold = stop.kind === 'signal' && this.#dyingOf !== undefined && stop.info === this.#dyingOf;
    if (isTold) return;
    const point = this.points.catching(kind, stop.kind === 'signal' ? stop.info.signo : undefined);
    if (point === undefined) return;
    this.#hit(point);
    this.#event = stop;
  }

  /** Reads memory of the thread's process without a trace; undefined where nothing can be read. */
  read(thread: Thread, address: number, length: number): Uint8Array | undefined {
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

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.every((byte, index) => byte === b[index]);
}
