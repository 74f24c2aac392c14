// One program under the debugger: runs it forward to the next stop, and back by running it again from the start.
// The command engine (debugger/commands) and `replay` drive it; it prints nothing.
// Machines under it are deterministic, so a position names a moment; looking never changes the run.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { upcomingCall } from '../../kernel/dispatch.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import { AT_CALL, comparePositions, type Position, Stepper } from '../../kernel/stepper.ts';
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

/** A change that the person made: done again whenever the run passes. */
interface Change {
  readonly position: Position;
  apply(session: Session): void;
}

const FAR = Number.MAX_SAFE_INTEGER;

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
  #changes: Change[] = [];
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

  /** To the start of the program, as it was first. */
  restart(): void {
    this.#machine = this.#make((stream, bytes) => {
      if (!this.#isSilent) this.#output(stream, bytes);
    });
    this.#stepper = new Stepper(this.kernel);
    this.#watch = new CallWatch(this.kernel);
    this.#event = undefined;
    this.log.rewind();
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

  /** Changes the machine here; later positions of an earlier run are forgotten. */
  change(apply: (session: Session) => void): void {
    const { position } = this;
    this.#changes = this.#changes.filter((other) => comparePositions(other.position, position) <= 0);
    this.#changes.push({ position, apply });
    this.log.cut(position);
    apply(this);
  }

  /** The call that the thread is about to make becomes `result`, and the kernel never sees it. */
  overrideCall(result: number): void {
    this.#watch.override = result;
  }

  // Time travel

  /** Runs again from the start to `position`, which must have been passed; without output. */
  goTo(position: Position): void {
    this.#isSilent = true;
    try {
      if (comparePositions(position, this.position) < 0) this.restart();
      for (const { position: at, apply } of this.#changes) {
        if (comparePositions(at, position) > 0) break;
        if (comparePositions(at, this.position) < 0) continue;
        this.#runTo(at);
        apply(this);
      }
      this.#runTo(position);
    } finally {
      this.#isSilent = false;
    }
  }

  /** Before the last instruction or kernel event; undefined at the start. */
  stepBack(): Position | undefined {
    return this.#lastBefore(this.position, (candidate) => candidate);
  }

  /** The last hit of a stop point before the present; undefined when there was none. */
  lastHitBefore(): { position: Position; stop: Stop } | undefined {
    const end = this.position;
    let found: { position: Position; stop: Stop } | undefined;
    this.#isSilent = true;
    try {
      this.#replayFromStart((session) => {
        for (;;) {
          const stop = session.#turn({ kind: 'continue' }, end.tick);
          if (comparePositions(session.position, end) >= 0) return;
          if (stop?.kind === 'finished' || stop?.kind === 'idle') return;
          if (stop !== undefined) found = { position: session.position, stop };
        }
      });
    } finally {
      this.#isSilent = false;
    }
    this.goTo(end);
    return found;
  }

  #replayFromStart(run: (session: Session) => void): void {
    this.restart();
    run(this);
  }

  /** The last position before `end`: steps towards it from ever farther back. */
  #lastBefore<T>(end: Position, take: (candidate: Position) => T | undefined): T | undefined {
    for (let distance = 1; ; distance *= 4) {
      const from = Math.max(1, end.tick - distance);
      let found: T | undefined;
      this.goTo({ tick: from, instruction: 0 });
      this.#isSilent = true;
      try {
        while (comparePositions(this.position, end) < 0) {
          if (this.thread !== undefined) found = take(this.position) ?? found;
          this.#stepper.step();
        }
      } finally {
        this.#isSilent = false;
      }
      if (found !== undefined || from === 1) return found;
    }
  }

  /** Forward to `position`, past everything. */
  #runTo(position: Position): void {
    while (comparePositions(this.position, position) < 0) {
      const { tick } = this.position;
      let progress: string;
      if (tick < position.tick) progress = this.#stepper.advance(position.tick);
      else if (position.instruction === AT_CALL) progress = this.#stepper.advance(tick + 1);
      else progress = this.#stepper.step();
      this.#noteCall();
      if (progress === 'finished' || progress === 'idle') return;
    }
  }

  // Going forward

  #turn(plan: Plan, untilTick = FAR): Stop | undefined {
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
    const progress =
      isStepping && before === plan.thread
        ? stepper.step()
        : stepper.advance(Math.max(untilTick, this.position.tick + 1));
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
      const thread = this.kernel.pids.process(point.pid)?.leader;
      if (thread === undefined) continue;
      const now = glanceAt(thread.mm, () => watchedBytes(thread, point));
      const was = point.bytes;
      if (sameBytes(was, now)) continue;
      point.bytes = now;
      this.#hit(point);
      return { kind: 'watch', thread: this.thread ?? thread, point, was };
    }
    return undefined;
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
