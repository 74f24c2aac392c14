// The machine as gdb sees it: held processes whose threads are resumed, stepped and stopped all together.
// The server (server.ts) translates packets into these calls, and what they return into replies.
// Threads that gdb does not resume are held back in the scheduler, only when their turn comes: most never are.

import { SIGINT, SIGKILL, SIGTRAP } from '../../kernel/abi/signal.ts';
import type { Position } from '../../kernel/stepper.ts';
import type { Process } from '../../kernel/task/process.ts';
import { sendToThread } from '../../kernel/task/send-signal.ts';
import { discardUpcoming, needsAttention, upcomingSignal } from '../../kernel/task/signal-delivery.ts';
import { kernelSignal, type SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { WatchedFor } from '../session/breakpoints.ts';
import type { Session } from '../session/session.ts';
import type { Plan, Stop, WatchHit } from '../session/stop.ts';
import { GdbPoints } from './points.ts';
import { type ProcessEvent, ProcessWatch } from './process-watch.ts';
import { idCovers, type ThreadId } from './thread-ids.ts';

/** What a vCont packet says of the threads that `id` covers; the first that covers a thread counts. */
export interface ResumeAction {
  readonly kind: 'continue' | 'step' | 'stay';
  /** Delivered first; 0 = none. */
  readonly signo: number;
  /** Steps go on while pc is in here. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly id: ThreadId;
}

/** Why all threads of held processes stand still. */
export type TargetStop =
  | { readonly kind: 'break' | 'stepped' | 'interrupted' | 'begin'; readonly thread: Thread }
  | {
      readonly kind: 'watch';
      readonly thread: Thread;
      readonly address: number;
      readonly watchedFor: WatchedFor;
    }
  | { readonly kind: 'entry' | 'exit'; readonly thread: Thread; readonly text: string }
  | { readonly kind: 'signal'; readonly thread: Thread; readonly info: SignalInfo }
  | ProcessEvent;

/** In which a killed process must be gone. */
const KILL_TURNS = 10_000;

/** A signal that was shown to gdb and waits to be delivered or thrown away. */
interface Shown {
  readonly tid: number;
  readonly signo: number;
}

export class GdbTarget {
  readonly session: Session;
  readonly points: GdbPoints;
  readonly watch = new ProcessWatch();
  /** Signals that gdb does not want to hear of (QPassSignals). */
  passSignals: ReadonlySet<number> = new Set();
  #actions: readonly ResumeAction[] = [];
  #stepping: { readonly tid: number; readonly range: ResumeAction['range'] } | undefined;
  #events: ProcessEvent[] = [];
  #shown: Shown | undefined;
  #passed: Shown | undefined;
  #isInterrupted = false;
  #last: number | undefined;
  readonly #start: Position;

  constructor(session: Session) {
    this.session = session;
    this.points = new GdbPoints(session);
    this.watch.reset(session.kernel);
    this.#start = session.position;
  }

  /** The thread of the last stop, or another one that is there; undefined when no held process is left. */
  get current(): Thread | undefined {
    const { threads } = this.watch;
    const { session } = this;
    return (
      threads.find(({ tid }) => tid === this.#last) ?? threads.find((t) => t === session.thread) ?? threads[0]
    );
  }

  /** Lets threads go; `pump` then runs them. */
  resume(actions: readonly ResumeAction[]): void {
    this.#actions = actions;
    this.#isInterrupted = false;
    this.#settleSignals();
    const { current } = this;
    const steps = (thread: Thread): boolean => this.#actionOf(thread)?.kind === 'step';
    const stepper = current !== undefined && steps(current) ? current : this.watch.threads.find(steps);
    this.#stepping = stepper && { tid: stepper.tid, range: this.#actionOf(stepper)?.range };
    const freed = this.watch.threads.filter((thread) => thread.isHeld && this.#mayRun(thread));
    if (freed.length > 0) this.#setHeld(freed, false);
  }

  /** Runs for at most `turns` steps of the machine. undefined: nothing has happened yet. */
  pump(turns: number): TargetStop | 'idle' | 'finished' | undefined {
    for (let done = 0; done < turns; done++) {
      const event = this.#events.shift();
      if (event !== undefined) return this.#noted(event);
      const stop = this.#turn();
      if (typeof stop === 'object') this.#last = this.#threadOf(stop)?.tid;
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  /** Ctrl-C: the next pump stops. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** gdb lets go of a process; false when it does not hold it. */
  detach(pid: number): boolean {
    const held = [...(this.session.kernel.pids.process(pid)?.threads.values() ?? [])].filter((t) => t.isHeld);
    if (held.length > 0) this.#setHeld(held, false);
    this.points.removeAll(pid);
    this.#events = this.#events.filter(
      (event) => event.kind === 'exited' || event.thread.process.pid !== pid,
    );
    return this.watch.detach(pid);
  }

  // Time travel

  /** Before the last instruction of `thread`. */
  reverseStep(thread: Thread): TargetStop {
    const { session } = this;
    const { tid, hart } = thread;
    const { pc, ticks } = hart;
    for (;;) {
      const position = session.stepBack();
      if (position === undefined) return this.#atBeginning();
      session.goTo(position);
      const now = session.kernel.pids.thread(tid);
      if (now === undefined) return this.#atBeginning();
      if (session.thread !== now || now.call !== undefined) continue;
      if (now.hart.pc !== pc || now.hart.ticks !== ticks)
        return this.#travelled({ kind: 'stepped', thread: now });
    }
  }

  /** To the last hit of a breakpoint, watchpoint or catchpoint. */
  reverseContinue(): TargetStop {
    const { session } = this;
    const found = session.lastHitBefore();
    if (found === undefined) return this.#atBeginning();
    session.goTo(found.position);
    // what a watchpoint saw is undone by going before the store
    if (found.stop.kind === 'watch') session.goTo(session.stepBack() ?? found.position);
    const told = this.#told(found.stop);
    if (told === undefined || !('thread' in told)) return this.#atBeginning();
    const thread = session.kernel.pids.thread(told.thread.tid);
    return thread === undefined ? this.#atBeginning() : this.#travelled({ ...told, thread } as TargetStop);
  }

  /** To a moment; false when it is in the future. */
  goTo(position: Position): TargetStop {
    this.session.goTo(position);
    const thread = this.session.thread ?? this.current;
    return thread === undefined ? this.#atBeginning() : this.#travelled({ kind: 'stepped', thread });
  }

  /** The program once more, from its start, without what was changed since. */
  restart(): TargetStop {
    this.points.removeAll();
    this.watch.forgetDetached();
    this.session.restart();
    return this.#travelled({ kind: 'stepped', thread: this.session.thread as Thread });
  }

  #atBeginning(): TargetStop {
    this.session.goTo(this.#start);
    return this.#travelled({ kind: 'begin', thread: this.session.thread as Thread });
  }

  #travelled(stop: TargetStop): TargetStop {
    this.watch.reset(this.session.kernel);
    this.#events = [];
    this.#shown = undefined;
    this.#passed = undefined;
    this.#last = this.#threadOf(stop)?.tid;
    return stop;
  }

  // Going forward

  #turn(): TargetStop | 'idle' | 'finished' | undefined {
    const { session } = this;
    const { thread } = session;
    if (this.#isInterrupted) {
      this.#isInterrupted = false;
      const { current } = this;
      if (current !== undefined) return { kind: 'interrupted', thread: current };
    }
    if (thread !== undefined && !this.#mayRun(thread)) this.#setHeld([thread], true);
    else if (thread !== undefined) {
      const info = this.#signalFor(thread);
      if (info !== undefined) {
        this.#shown = { tid: thread.tid, signo: info.signo };
        return { kind: 'signal', thread, info };
      }
    }
    const stop = session.pump(this.#plan(), 1);
    this.#events = this.watch.poll(session.kernel, thread);
    if (stop === undefined) return undefined;
    if (stop.kind === 'idle' || stop.kind === 'finished')
      return this.#events.length > 0 ? undefined : stop.kind;
    if (stop.kind === 'stepped' && (this.#events.length > 0 || this.#isInRange())) return undefined;
    return this.#told(stop);
  }

  #plan(): Plan {
    const thread = this.#stepping && this.session.kernel.pids.thread(this.#stepping.tid);
    return thread === undefined ? { kind: 'continue' } : { kind: 'step', thread };
  }

  #isInRange(): boolean {
    const { tid, range } = this.#stepping ?? {};
    const thread = tid === undefined ? undefined : this.session.kernel.pids.thread(tid);
    if (thread === undefined || range === undefined) return false;
    const { pc } = thread.hart;
    return pc >= range.start && pc < range.end;
  }

  /** A stop of the session in gdb's terms; undefined for what gdb does not hear of. */
  #told(stop: Stop): TargetStop | undefined {
    switch (stop.kind) {
      case 'break':
        return { kind: 'break', thread: stop.thread };
      case 'watch':
        return {
          kind: 'watch',
          thread: this.#heldOr(stop.thread),
          address: stop.point.address + firstChange(stop),
          watchedFor: stop.point.watchedFor,
        };
      case 'entry':
      case 'exit':
        return { kind: stop.kind, thread: stop.thread, text: stop.text };
      case 'stepped':
        return stop.thread === undefined ? undefined : { kind: 'stepped', thread: this.#heldOr(stop.thread) };
      default:
        return undefined;
    }
  }

  /** A thread that gdb knows. */
  #heldOr(thread: Thread): Thread {
    return this.watch.holds(thread.process.pid) ? thread : (this.current ?? thread);
  }

  #noted(event: ProcessEvent): ProcessEvent {
    if (event.kind === 'exited') this.points.removeAll(event.process.pid);
    else {
      if (event.kind === 'exec') this.points.removeAll(event.thread.process.pid);
      if (event.kind === 'fork' || event.kind === 'vfork')
        this.points.copy(event.thread.process, event.child.process);
      this.#last = event.thread.tid;
    }
    return event;
  }

  #threadOf(stop: TargetStop): Thread | undefined {
    return stop.kind === 'exited' ? undefined : stop.thread;
  }

  #actionOf(thread: Thread): ResumeAction | undefined {
    return this.#actions.find(({ id }) => idCovers(id, thread));
  }

  /** Detached processes always run. */
  #mayRun(thread: Thread): boolean {
    if (!this.watch.holds(thread.process.pid)) return true;
    const action = this.#actionOf(thread);
    return action !== undefined && action.kind !== 'stay';
  }

  #setHeld(threads: readonly Thread[], isHeld: boolean): void {
    const tids = threads.map(({ tid }) => tid);
    this.session.change(({ kernel }) => {
      for (const tid of tids) {
        const thread = kernel.pids.thread(tid);
        if (thread !== undefined) thread.isHeld = isHeld;
      }
    });
  }

  // Signals

  /** What is about to be delivered and has to be shown first. */
  #signalFor(thread: Thread): SignalInfo | undefined {
    const passed = this.#passed;
    if (!needsAttention(thread)) {
      if (passed?.tid === thread.tid) this.#passed = undefined;
      return undefined;
    }
    const info = upcomingSignal(thread);
    if (info === undefined || info.signo === SIGKILL || this.passSignals.has(info.signo)) return undefined;
    if (!this.watch.holds(thread.process.pid)) return undefined;
    return passed?.tid === thread.tid && passed.signo === info.signo ? undefined : info;
  }

  /** The signal that was shown last is delivered, replaced or thrown away, as the actions say. */
  #settleSignals(): void {
    const shown = this.#shown;
    this.#shown = undefined;
    for (const thread of this.watch.threads) {
      const isShown = thread.tid === shown?.tid;
      const signo = this.#actionOf(thread)?.signo ?? 0;
      if (!isShown && (signo === 0 || thread !== this.current)) continue;
      if (!isShown || signo !== shown.signo) this.#replaceSignal(thread, isShown, signo);
      this.#passed = signo === 0 ? undefined : { tid: thread.tid, signo };
    }
  }

  #replaceSignal(of: Thread, discards: boolean, signo: number): void {
    const { tid } = of;
    this.session.change(({ kernel }) => {
      const thread = kernel.pids.thread(tid);
      if (thread === undefined) return;
      if (discards) discardUpcoming(thread);
      if (signo !== 0) sendToThread(thread, kernelSignal(signo));
    });
  }

  /** Ends a process; the others stand still meanwhile. False when it would not end. */
  kill(process: Process): boolean {
    const { pid } = process;
    this.session.change(({ kernel }) => {
      const leader = kernel.pids.process(pid)?.leader;
      if (leader !== undefined) sendToThread(leader, kernelSignal(SIGKILL));
    });
    this.resume([{ kind: 'continue', signo: 0, id: { pid, tid: -1 } }]);
    for (let turn = 0; turn < KILL_TURNS; turn++) {
      const stop = this.pump(1);
      if (stop === 'idle' || stop === 'finished') break;
      if (typeof stop === 'object' && stop.kind === 'exited' && stop.process === process) break;
    }
    return process.state !== 'alive';
  }

  /** As Linux's signal number of a stop. */
  static signalOf(stop: TargetStop): number {
    if (stop.kind === 'signal') return stop.info.signo;
    return stop.kind === 'interrupted' ? SIGINT : SIGTRAP;
  }
}

/** The first byte that is another one now: gdb asks itself which of its watchpoints that is in. */
function firstChange({ point, was }: WatchHit): number {
  if (point.watchedFor !== 'change' || was === undefined) return 0;
  return Math.max(
    0,
    was.findIndex((byte, at) => byte !== point.bytes?.[at]),
  );
}
