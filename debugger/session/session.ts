// One program under the debugger: runs it forward to the next stop, and back by running it again from the start.
// The command engine (debugger/commands) and `replay` drive it; it prints nothing.
// Machines under it are deterministic, so a position names a moment; looking never changes the run.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { upcomingCall } from '../../kernel/dispatch.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import { AT_CALL, comparePositions, type Position, type Progress, Stepper } from '../../kernel/stepper.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { Machine } from '../../machine/machine.ts';
import { Symbols } from '../symbols.ts';
import { type Breakpoint, StopPoints, type Watchpoint, watchedBytes } from './breakpoints.ts';
import { CallLog, type Difference } from './call-log.ts';
import { CallWatch } from './call-watch.ts';

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

/** A change that the person made. It belongs to the run: done again when that is repeated, undone by going back before it. */
interface Change {
  readonly position: Position;
  apply(session: Session): void;
}

const FAR = Number.MAX_SAFE_INTEGER;
const START: Position = { tick: 0, instruction: 0 };
const END: Position = { tick: FAR, instruction: 0 };
/** Ticks that a step back first tries to go back. */
const SHORT_WAY = 16;

export class Session {
  readonly points = new StopPoints();
  readonly symbols = new Symbols();
  readonly log = new CallLog();
  /** Says whether a breakpoint's condition holds; the engine sets it. */
  evaluateCondition: ((thread: Thread, condition: string) => boolean) | undefined;
  /** Set when a run over known ground went another way: the machine was not deterministic. */
  difference: Difference | undefined;
  readonly #make: MakeTarget;
  readonly #output: (stream: 1 | 2, bytes: Uint8Array) => void;
  #machine!: Machine;
  #stepper!: Stepper;
  #watch!: CallWatch;
  /** In order; the present run has come past the first `#applied` of them. */
  #changes: Change[] = [];
  #applied = 0;
  /** How far the run has come before it was repeated: output up to there has been shown. */
  #shown: Position = START;
  #isSilent = false;
  #event: Stop | undefined;
  #lastHit: Position | undefined;

  constructor(make: MakeTarget, output: (stream: 1 | 2, bytes: Uint8Array) => void) {
    this.#make = make;
    this.#output = output;
    this.restart();
  }

  get kernel(): Kernel {
    return this.#machine.kernel;
  }

  get machine(): Machine {
    return this.#machine;
  }

  get position(): Position {
    return this.#stepper.position;
  }

  /** The thread whose turn it is. */
  get thread(): Thread | undefined {
    return this.#stepper.thread;
  }

  get isAtCall(): boolean {
    return this.#stepper.isAtCall;
  }

  /** To the start of the program, as it was first, without the changes made since. */
  restart(): void {
    this.#changes = [];
    this.#shown = START;
    this.log.cut(START);
    this.#rewind();
  }

  #rewind(): void {
    this.#machine = this.#make((stream, bytes) => {
      if (!this.#isSilent || comparePositions(this.position, this.#shown) >= 0) this.#output(stream, bytes);
    });
    this.#stepper = new Stepper(this.kernel);
    this.#watch = new CallWatch(this.kernel);
    this.#event = undefined;
    this.#applied = 0;
    this.log.rewind();
    for (const point of this.points.watches) point.bytes = undefined;
    this.#machine.observe(this.#observer());
    this.#stepper.step(); // the first thread gets its turn
  }

  /** Runs for at most `events` steps of the machine; undefined when nothing has stopped it yet. */
  pump(plan: Plan, events = FAR): Stop | undefined {
    for (let done = 0; done < events; done++) {
      const stop = this.#turn(plan);
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  /** Runs until something stops the machine. */
  resume(plan: Plan): Stop {
    return this.pump(plan) as Stop;
  }

  /** Changes the machine here. What an earlier run did later is forgotten; going back to here or before undoes it. */
  change(apply: (session: Session) => void): void {
    const { position } = this;
    this.#changes.length = this.#applied;
    this.#changes.push({ position, apply });
    this.#applied++;
    this.log.cut(position);
    apply(this);
  }

  /** The call that the thread is about to make becomes `result`, and the kernel never sees it. */
  overrideCall(result: number): void {
    this.#watch.override = result;
  }

  // Time travel

  /**
   * To `position`: back by running again from the start, or forward past all stop points. Changes that were made there
   * or later are undone. Output that was shown before is not shown again.
   */
  goTo(position: Position): void {
    const kept = this.#changes.findIndex((change) => comparePositions(change.position, position) >= 0);
    const undone = kept < 0 ? undefined : this.#changes[kept];
    if (undone === undefined) {
      this.#travel(position);
      return;
    }
    const mustRepeat = kept < this.#applied;
    if (mustRepeat && comparePositions(this.position, this.#shown) > 0) this.#shown = this.position;
    this.#changes.length = kept;
    this.log.cut(undone.position);
    if (comparePositions(undone.position, this.#shown) < 0) this.#shown = undone.position;
    if (mustRepeat) this.#rewind();
    this.#travel(position);
  }

  /** Before the last instruction or kernel event; undefined at the start. The machine stays where it is. */
  stepBack(): Position | undefined {
    const end = this.position;
    for (let distance = SHORT_WAY; ; distance *= 4) {
      const from = Math.max(1, end.tick - distance);
      const last = this.#lastPosition(from, end);
      if (last !== undefined || from === 1) return last;
    }
  }

  /** The last hit of a stop point before the present; undefined when there was none. The machine stays where it is. */
  lastHitBefore(): { position: Position; stop: Stop } | undefined {
    const end = this.position;
    let found: { position: Position; stop: Stop } | undefined;
    this.#silently(() => {
      this.#noteShown();
      this.#rewind();
      for (;;) {
        this.#applyDue(end);
        if (comparePositions(this.position, end) >= 0) return;
        const stop = this.#turn({ kind: 'continue' }, this.#nearer(end));
        if (comparePositions(this.position, end) >= 0) continue;
        if (stop?.kind === 'finished' || stop?.kind === 'idle') return;
        if (stop !== undefined) found = { position: this.position, stop };
      }
    });
    this.#travel(end);
    return found;
  }

  /** The last position from the tick `from` on and before `end`, where the machine is left. */
  #lastPosition(from: number, end: Position): Position | undefined {
    let last: Position | undefined;
    this.#travel({ tick: from, instruction: 0 });
    this.#silently(() => {
      while (comparePositions(this.position, end) < 0) {
        if (this.thread !== undefined) last = this.position;
        const progress = this.#stepper.step();
        this.#noteProgress();
        this.#applyDue(end);
        if (progress === 'finished' || progress === 'idle') break;
      }
      this.#seeWatched();
    });
    return last;
  }

  /** To `end` with all changes on the way, without output that was shown before. */
  #travel(end: Position): void {
    this.#silently(() => {
      this.#noteShown();
      if (comparePositions(end, this.position) < 0) this.#rewind();
      for (;;) {
        this.#applyDue(end);
        if (comparePositions(this.position, end) >= 0) break;
        const progress = this.#approach(this.#nearer(end));
        this.#noteProgress();
        if (progress === 'finished' || progress === 'idle') break;
      }
      this.#seeWatched();
    });
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

  /** Makes the changes that the run has come to, none after `end`. */
  #applyDue(end: Position): void {
    for (;;) {
      const next = this.#changes[this.#applied];
      if (next === undefined || comparePositions(next.position, this.position) > 0) return;
      if (comparePositions(next.position, end) > 0) return;
      this.#applied++;
      next.apply(this);
    }
  }

  /** The next change to be made, or `end` when it comes first. */
  #nearer(end: Position): Position {
    const next = this.#changes[this.#applied]?.position;
    return next !== undefined && comparePositions(next, end) < 0 ? next : end;
  }

  /** One move towards `limit`, which lies ahead, and not past it. */
  #approach(limit: Position): Progress {
    const { tick } = this.position;
    if (tick < limit.tick) return this.#stepper.advance(limit.tick);
    if (limit.instruction === AT_CALL) return this.#stepper.advance(tick + 1);
    return this.#stepper.step();
  }

  /** What a move that nobody watches leaves to be known. */
  #noteProgress(): void {
    if (this.#watch.takeEnded() !== undefined) this.log.exit(this.position.tick);
    this.#noteCall();
  }

  /** Watched bytes are compared with what they are now. */
  #seeWatched(): void {
    for (const point of this.points.watches) point.bytes = this.#bytesAt(point);
  }

  // Going forward

  #turn(plan: Plan, limit = END): Stop | undefined {
    const stepper = this.#stepper;
    if (plan.kind === 'goto') {
      this.goTo(plan.position);
      return { kind: 'moved', thread: this.thread };
    }
    this.#event = undefined;
    stepper.guards = this.points.guards;
    const before = this.thread;
    const wasInCall = before !== undefined && (stepper.isAtCall || before.call !== undefined);
    const isStepping = plan.kind === 'step' || plan.kind === 'until';
    const progress = isStepping && before === plan.thread ? stepper.step() : this.#approach(limit);
    if (progress === 'idle' || progress === 'finished') return { kind: progress };
    const entry = this.#noteCall();
    return (
      this.#watched() ??
      this.#caught(plan) ??
      this.#reachedBreak(progress === 'ran' || wasInCall) ??
      this.#entered(plan, entry) ??
      this.#stepped(plan, progress, before, wasInCall)
    );
  }

  /** Logs that a call is about to begin; true when one is. */
  #noteCall(): boolean {
    const { position, thread } = this;
    if (!this.isAtCall || thread === undefined) {
      this.#lastHit = undefined;
      return false;
    }
    if (this.#lastHit !== undefined && comparePositions(this.#lastHit, position) === 0) return false;
    this.#lastHit = position;
    const difference = this.log.enter(thread, position);
    this.difference ??= difference;
    return true;
  }

  #entered(plan: Plan, isEntry: boolean): Stop | undefined {
    const { thread } = this;
    if (!isEntry || thread === undefined) return undefined;
    const call = upcomingCall(this.kernel, thread);
    const point = this.points.catchingCall(thread, call);
    if (point === undefined && plan.kind !== 'call') return undefined;
    if (point !== undefined) this.#hit(point);
    return { kind: 'entry', thread, text: this.#watch.upcoming(thread, call) };
  }

  /** What the observer saw in this turn. */
  #caught(plan: Plan): Stop | undefined {
    const ended = this.#watch.takeEnded();
    if (ended !== undefined) {
      this.log.exit(this.position.tick);
      const point = this.points.catchingCall(ended.thread, ended.call);
      if (point !== undefined || plan.kind === 'call')
        return { kind: 'exit', thread: ended.thread, text: ended.text };
    }
    return this.#event;
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

  #observer(): KernelObserver {
    const watch = this.#watch;
    return {
      syscallEnter: (thread, call) => watch.entered(thread, call),
      syscallExit: (thread, call, result) => watch.exited(thread, call, result),
      signalDelivered: (thread, info) => this.#notice('catch-signal', { kind: 'signal', thread, info }),
      threadStarted: (thread) => {
        if (this.position.tick > 1) this.#notice('catch-fork', { kind: 'fork', thread });
      },
      executed: (thread) => this.#notice('catch-exec', { kind: 'exec', thread }),
    };
  }

  #notice(kind: 'catch-signal' | 'catch-fork' | 'catch-exec', stop: Stop): void {
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
