// Was that move of the machine one to stop at? Compares it with the session's stop points and with the plan.
// session.ts asks before and after each move, and gives it to the observers of its runs.
// It looks only: nothing here moves a machine.
import { SIGKILL } from '../../kernel/abi/signal.ts';
import { requestedSyscall, upcomingCall } from '../../kernel/dispatch.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { PROT_EXEC } from '../../kernel/mm/vma.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { Progress } from '../../kernel/stepper.ts';
import { needsAttention, upcomingDeath, upcomingSignal } from '../../kernel/task/signal-delivery.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import {
  type Breakpoint,
  type EventCatch,
  type StopPoint,
  type StopPoints,
  type Watchpoint,
  watchedBytes,
} from './breakpoints.ts';
import type { Run } from './run.ts';
import type { Plan, Stop, WatchHit } from './stop.ts';

type EventStop = { readonly kind: 'fork' | 'exec'; readonly thread: Thread };
type EventKind = Exclude<EventCatch['kind'], 'catch-signal'>;

/** Calls that map code of files. */
const LOADING_CALLS: ReadonlySet<string> = new Set(['mmap', 'execve', 'execveat']);

interface Access {
  readonly kind: 'load' | 'store';
  readonly address: number;
  readonly width: number;
}

export class StopFinder {
  /** Says whether a breakpoint's condition holds. */
  evaluateCondition: ((thread: Thread, condition: string) => boolean) | undefined;
  /** Stops before a signal that ends a process acts, whatever is caught. */
  stopsBeforeDeath = false;
  /** Hits are not counted: this ground was gone over before. */
  isSilent = false;
  readonly #points: StopPoints;
  #run!: Run;
  #plan: Plan = { kind: 'continue' };
  /** Before the move. */
  #thread: Thread | undefined;
  #pc: number | undefined;
  #wasInCall = false;
  /** The signal that waited when the move began: it has been told of. */
  #toldOf: SignalInfo | undefined;
  #event: Stop | undefined;
  /** Of the instruction that was single-stepped, if it was. */
  #accesses: Access[] = [];

  constructor(points: StopPoints) {
    this.#points = points;
  }

  /** The moves to come are of `run`, by `plan`. It will stop where stop points want it. */
  begin(run: Run, plan: Plan): void {
    this.#run = run;
    this.#plan = plan;
    const points = this.#points;
    run.stepper.breakpoints = points.addresses;
    run.stepper.watchedPages = points.watchedPages;
    run.stepper.readPages = points.readPages;
    run.stepper.accessed =
      points.readPages.size === 0
        ? undefined
        : (kind, address, width) => this.#accesses.push({ kind, address, width });
    run.watch.takeEnded(); // seen on the way here
    run.watch.wants = (thread, call) => this.#stopsAt(thread, call);
    run.mayServe = (thread) => !this.mayCatchRequested(thread);
    run.mayGoOn = () => this.#event === undefined;
    this.beforeMove();
  }

  beforeMove(): void {
    const { thread, stepper } = this.#run;
    this.#event = undefined;
    this.#accesses = [];
    this.#thread = thread;
    this.#pc = thread?.hart.pc;
    this.#wasInCall = thread !== undefined && (stepper.isAtCall || thread.call !== undefined);
    this.#toldOf = thread && signalFor(thread);
  }

  /** What the move that made this `progress` is to be stopped for. */
  found(progress: Progress): Stop | undefined {
    if (progress === 'idle' || progress === 'finished') return { kind: progress };
    return (
      this.#watched(progress) ??
      this.#signalled() ??
      this.#caught() ??
      this.#reachedBreak(progress) ??
      this.#entered() ??
      this.#stepped(progress)
    );
  }

  /** May a stop point want the call that `thread` stands before? */
  mayCatchRequested(thread: Thread): boolean {
    return this.mayCatch(requestedSyscall(this.#run.kernel, thread).name);
  }

  /** May a stop at a call of this name be wanted? */
  mayCatch(name: string): boolean {
    return this.#points.mayCatch(name) || (this.#awaitsCode && LOADING_CALLS.has(name));
  }

  /** Are stops to come as soon as code is there for a pending breakpoint? */
  get #awaitsCode(): boolean {
    return this.#plan.kind === 'continue' && !this.isSilent && this.#points.pending.length > 0;
  }

  #stopsAt(thread: Thread, call: Call): boolean {
    return this.#isCaught(thread, call) || (this.#awaitsCode && mayLoadCode(call));
  }

  #isCaught(thread: Thread, call: Call): boolean {
    return this.#plan.kind === 'call' || this.#points.catchingCall(thread, call) !== undefined;
  }

  #entered(): Stop | undefined {
    const { thread, stepper, kernel, watch } = this.#run;
    if (!stepper.isAtCall || thread === undefined) return undefined;
    const isAny = this.#plan.kind === 'call';
    if (!isAny && !this.mayCatchRequested(thread)) return undefined;
    const call = upcomingCall(kernel, thread);
    const point = this.#points.catchingCall(thread, call);
    if (point === undefined && !isAny) return undefined;
    if (point !== undefined) this.#hit(point);
    return { kind: 'entry', thread, text: watch.upcoming(thread, call), point };
  }

  /** What the observer saw in this move. */
  #caught(): Stop | undefined {
    const ended = this.#run.watch.takeEnded();
    if (ended?.text === undefined || !this.#stopsAt(ended.thread, ended.call)) return this.#event;
    const { thread, call, text } = ended;
    if (this.#isCaught(thread, call))
      return { kind: 'exit', thread, text, point: this.#points.catchingCall(thread, call) };
    return this.#event ?? { kind: 'loaded', thread };
  }

  #reachedBreak(progress: Progress): Stop | undefined {
    const { thread } = this.#run;
    if (thread === undefined || !this.#points.addresses.has(thread.hart.pc)) return undefined;
    const { pc } = thread.hart;
    const isNew = progress === 'ran' || this.#wasInCall || (this.#thread === thread && this.#pc !== pc);
    if (!isNew || thread.call !== undefined || thread.state !== 'runnable') return undefined;
    for (const point of this.#points.breaksAt(thread, pc)) {
      if (point.endsWatch !== undefined) {
        const ended = this.isSilent ? undefined : this.#points.get(point.endsWatch);
        if (ended?.kind === 'watch') return { kind: 'watch-end', thread, point: ended };
        continue;
      }
      if (!this.#isMeant(thread, point)) continue;
      this.#hit(point);
      return { kind: 'break', thread, point };
    }
    return undefined;
  }

  /** It is counted, but does not stop. */
  #isIgnored(point: Breakpoint | Watchpoint): boolean {
    if (this.isSilent || (point.ignores ?? 0) <= 0) return false;
    point.hits++;
    this.#points.ignored(point);
    return true;
  }

  /** Once for each signal that is caught or deadly: what comes next is that it acts. */
  #signalled(): Stop | undefined {
    const { thread } = this.#run;
    if (thread === undefined || thread.state === 'dead') return undefined;
    const info = signalFor(thread);
    if (info === undefined || info === this.#toldOf) return undefined;
    const point = this.#points.catching('catch-signal', info.signo);
    const isDeadly = this.stopsBeforeDeath && upcomingDeath(thread) === info;
    if (point === undefined && !isDeadly) return undefined;
    if (point !== undefined) this.#hit(point);
    return { kind: 'signal', thread, info, point };
  }

  /** One move may change what several look at. */
  #watched(progress: Progress): Stop | undefined {
    const hits: (WatchHit & { readonly thread: Thread })[] = [];
    let ended: Extract<Stop, { kind: 'watch-end' }> | undefined;
    for (const point of this.#points.watches) {
      const was = point.bytes;
      const thread = this.#watchedBy(point);
      if (thread === undefined) continue;
      if (this.#isFrameGone(point)) ended ??= { kind: 'watch-end', thread, point };
      else if (this.#isMeant(thread, point)) hits.push({ point, was, thread });
    }
    const [first, ...others] = hits;
    if (first === undefined) return ended;
    for (const { point } of hits) this.#hit(point);
    const broken = this.#reachedBreak(progress);
    const reached = broken?.kind === 'break' && broken.point.id > 0 ? broken.point : undefined;
    return { kind: 'watch', ...first, others, reached };
  }

  /** The thread that has done what the watchpoint waits for; its bytes are those of now. */
  #watchedBy(point: Watchpoint): Thread | undefined {
    const now = this.#bytesAt(point);
    const was = point.bytes;
    point.bytes = now;
    const leader = this.#run.kernel.pids.process(point.pid)?.leader;
    // with its process the memory went away: nobody changed it
    if (now === undefined && leader === undefined) return undefined;
    // bytes that are just mapped have not changed
    const isHit =
      point.watchedFor === 'change' ? was !== undefined && !sameBytes(was, now) : this.#isAccessed(point);
    const thread = this.#run.thread ?? leader;
    return isHit && thread !== undefined && (point.tid ?? thread.tid) === thread.tid ? thread : undefined;
  }

  #isFrameGone({ frame }: Watchpoint): boolean {
    const owner = frame && this.#run.kernel.pids.thread(frame.tid);
    return frame !== undefined && (owner === undefined || !frame.isThere(owner));
  }

  /** Its condition holds, and it is not to be passed. */
  #isMeant(thread: Thread, point: Breakpoint | Watchpoint): boolean {
    const { condition } = point;
    if (condition !== undefined && this.evaluateCondition?.(thread, condition) === false) return false;
    return !this.#isIgnored(point);
  }

  #isAccessed(point: Watchpoint): boolean {
    if (this.#thread?.process.pid !== point.pid) return false;
    return this.#accesses.some(
      ({ kind, address, width }) =>
        (kind === 'load' || point.watchedFor === 'access') &&
        address < point.address + point.length &&
        point.address < address + width,
    );
  }

  /** Watched bytes are compared with what they are now in `run`. */
  seeWatched(run: Run): void {
    this.#run = run;
    for (const point of this.#points.watches) point.bytes = this.#bytesAt(point);
  }

  #bytesAt(point: Watchpoint): Uint8Array | undefined {
    const thread = this.#run.kernel.pids.process(point.pid)?.leader;
    return thread && glanceAt(thread.mm, () => watchedBytes(thread, point));
  }

  #stepped(progress: Progress): Stop | undefined {
    const plan = this.#plan;
    if (plan.kind !== 'step' && plan.kind !== 'until') return undefined;
    const { thread } = plan;
    if (thread.state === 'dead') return { kind: 'stepped', thread: this.#run.thread };
    if (this.#thread !== thread) return undefined;
    const hasEnded = this.#wasInCall && thread.call === undefined && !this.#run.stepper.isAtCall;
    const isDone = progress === 'ran' || hasEnded;
    if (!isDone || (plan.kind === 'until' && thread.hart.pc !== plan.address)) return undefined;
    return { kind: 'stepped', thread };
  }

  #hit(point: StopPoint): void {
    if (this.isSilent) return;
    point.hits++;
    if (point.isTemporary) this.#points.delete(point.id);
    else this.#points.counted(point);
  }

  /** Hears for `run`; what happens in a run that is not looked at stops nothing. */
  observer(run: Run, isPresent: () => boolean): KernelObserver {
    const { watch } = run;
    const notice = (kind: EventKind, stop: EventStop): void => {
      if (isPresent()) this.#notice(kind, stop);
    };
    return {
      syscallEnter: (thread, call) => watch.entered(thread, call),
      syscallExit: (thread, call, result) => watch.exited(thread, call, result),
      threadStarted: (thread) => {
        if (run.position.tick > 1) notice(beginningOf(thread), { kind: 'fork', thread });
      },
      executed: (thread) => notice('catch-exec', { kind: 'exec', thread }),
    };
  }

  #notice(kind: EventKind, stop: EventStop): void {
    const point = this.#points.catching(kind);
    if (point === undefined) return;
    this.#hit(point);
    this.#event = { ...stop, point };
  }
}

function beginningOf({ process }: Thread): EventKind {
  if (process.threads.size > 1) return 'catch-thread';
  return process.vforkDone === undefined ? 'catch-fork' : 'catch-vfork';
}

/** What the thread would act upon next. SIGKILL is not to be stopped at. */
function signalFor(thread: Thread): SignalInfo | undefined {
  const info = needsAttention(thread) ? upcomingSignal(thread) : undefined;
  return info?.signo === SIGKILL ? undefined : info;
}

function mayLoadCode({ syscall, args }: Call): boolean {
  return syscall.name !== 'mmap' || ((args.prot ?? 0) & PROT_EXEC) !== 0;
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.every((byte, index) => byte === b[index]);
}
