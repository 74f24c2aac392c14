// The debugger behind the prompt: one session, the thread that is looked at, and how stops are told.
// engine.ts feeds it lines, commands/ work on it, cli/debug.ts gives it a terminal or a script.
// Everything it prints goes through `Surroundings`; the guest runs in short turns, so that Ctrl-C is heard.

import { upcomingCall } from '../../kernel/dispatch.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import { comparePositions, type Position } from '../../kernel/stepper.ts';
import type { Process } from '../../kernel/task/process.ts';
import { sendToThread } from '../../kernel/task/send-signal.ts';
import {
  discardUpcoming,
  needsAttention,
  upcomingDeath,
  upcomingSignal,
} from '../../kernel/task/signal-delivery.ts';
import { kernelSignal, type SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { DebugHost } from '../debug-host.ts';
import type { FilePiece } from '../inspect/core.ts';
import { waitStatusText } from '../inspect/exit-text.ts';
import { reasonText, waitGraph } from '../inspect/wait-graph.ts';
import { keepMappings } from '../mappings.ts';
import { type MakeTarget, Session } from '../session/session.ts';
import type { Plan, Stop } from '../session/stop.ts';
import { evaluate, type Scope, shownValueOf } from '../values/evaluate.ts';
import type { TextContext } from '../values/value-text.ts';
import { integerIn, isTrue, type Value } from '../values/values.ts';
import { BlockCollector } from './block-collector.ts';
import { CallChanges } from './call-changes.ts';
import { CallHistory } from './call-history.ts';
import { Checkpoints } from './checkpoints.ts';
import { Displays } from './displays.ts';
import { ExamineState } from './examine.ts';
import { Frames } from './frames.ts';
import { HandCalls } from './hand-calls.ts';
import { breakAt, findLocation } from './locations.ts';
import { printedText } from './printed-text.ts';
import { Program } from './program.ts';
import { PromptError } from './prompt-error.ts';
import { PromptScope } from './scope.ts';
import { Settings } from './settings.ts';
import { SignalHandling } from './signal-handling.ts';
import { Skips } from './skips.ts';
import { StopCommands } from './stop-commands.ts';
import { receivedLines, stopLines } from './stop-text.ts';
import { UserCommands } from './user-commands.ts';

/** Panels above the prompt, where there is a terminal for them. */
export interface PanelControl {
  isShown(): boolean;
  hide(): void;
  /** Shows them, with that sort of code. Returns why it cannot be done. */
  show(codeKind: CodeKind | undefined): string | undefined;
}

/** Which code the panels show: source where there is some, or always instructions. */
export type CodeKind = 'auto' | 'instructions';

/** What the debugger needs of the program that hosts it. */
export interface Surroundings {
  /** Text for the person, lines complete. */
  print(text: string): void;
  /** What the guest writes, as it comes. */
  guestOutput(stream: 1 | 2, bytes: Uint8Array): void;
  /** Lets the host take its events (Ctrl-C); resolves at once. */
  breathe(): Promise<void>;
  /** A source file or script of the host; undefined when it is not there. */
  readText(path: string): string | undefined;
  /** Makes or replaces a file of the host; what lies between its pieces is zero. Returns why it cannot be done. */
  writeFile?(path: string, size: number, pieces: Iterable<FilePiece>): string | undefined;
  readonly panels?: PanelControl;
  readonly debugHost?: DebugHost;
  /** A question that wants yes or no; undefined when there is nobody to answer it. */
  ask?(question: string): Promise<boolean | undefined>;
}

/** Why the machine stands still, with what the debugger adds to the session's reasons. */
export type PromptStop =
  | Stop
  | { readonly kind: 'interrupted' }
  /** A function that was called by hand has returned, long after. */
  | { readonly kind: 'returned'; readonly thread: Thread | undefined };

/** Work for going back (see Session.tend) at once: some milliseconds while nothing is to be done, more in a long run. */
const IDLE_WORK = 1_000_000;
const FOLLOWING_WORK = 16_000_000;
/** Turns of the machine between two looks at the host's events. */
const TURNS_AT_ONCE = 64;

export class Debugger {
  readonly session: Session;
  readonly surroundings: Surroundings;
  readonly scope: PromptScope;
  readonly program: Program;
  readonly settings = new Settings();
  readonly signals = new SignalHandling();
  readonly history: CallHistory;
  readonly frames: Frames;
  readonly examined = new ExamineState();
  readonly displays = new Displays();
  readonly checkpoints = new Checkpoints();
  readonly skips = new Skips();
  readonly stopCommands = new StopCommands();
  readonly userCommands = new UserCommands();
  /** The lines that a command wants. */
  readonly blocks = new BlockCollector();
  readonly handCalls = new HandCalls(this);
  /** The last stop, until the machine moves. */
  lastStop: PromptStop = { kind: 'start' };
  /** The signal at which the program stands, which has not acted yet. */
  arrived: { readonly tid: number; readonly signo: number; readonly info: SignalInfo } | undefined;
  /** `quit` was said. */
  hasQuit = false;
  /** What we end with, where `quit` said it. */
  quitStatus: number | undefined;
  /** Exit status of the first program, once it has ended: what batch mode ends with. */
  exitCode: number | undefined;
  readonly #changes: CallChanges;
  /** What is printed, while it is not for the person. */
  #gathered: string[] | undefined;
  #tid: number | undefined;
  #firstPid: number | undefined;
  #isInterrupted = false;
  #isTravelling = true;
  #sleeper: Thread | undefined;
  #hasHadSeveral = false;
  #lastEnding: Thread | undefined;
  #isRunning = false;
  /** Over all commands, so that one of many short runs breathes too. */
  #turns = 0;

  constructor(
    make: MakeTarget,
    surroundings: Surroundings,
    options: { readonly spareBytes?: number | undefined } = {},
  ) {
    this.surroundings = Object.create(surroundings, {
      print: {
        value: (text: string) => {
          if (this.#gathered === undefined) surroundings.print(text);
          else this.#gathered.push(text);
        },
      },
    }) as Surroundings;
    this.history = new CallHistory(
      () => this.position,
      () => this.recallCalls(),
    );
    this.session = new Session(make, (stream, bytes) => surroundings.guestOutput(stream, bytes), {
      attach: (machine) => {
        machine.observe(this.#observer());
        this.history.attach(machine);
      },
      spareBytes: options.spareBytes,
      debugHost: surroundings.debugHost,
    });
    this.session.servesCalls = true;
    this.session.stops.stopsBeforeDeath = true;
    this.#isTravelling = false;
    this.#changes = new CallChanges(this.session);
    this.frames = new Frames(this);
    this.program = new Program(this);
    this.scope = new PromptScope(this);
    this.session.stops.evaluateCondition = (thread, condition) => this.#holds(thread, condition);
    this.#firstPid = [...this.kernel.processes].find(({ isInit }) => !isInit)?.pid;
  }

  get kernel(): Kernel {
    return this.session.kernel;
  }

  get position(): Position | undefined {
    // the history asks before the session is there
    return (this as { session?: Session }).session?.position;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  print(line = ''): void {
    this.surroundings.print(`${line}\n`);
  }

  /** Runs `work` and keeps what it prints. */
  async gathering(work: () => Promise<boolean>): Promise<{ isDone: boolean; text: string }> {
    const outer = this.#gathered;
    const gathered: string[] = [];
    this.#gathered = gathered;
    try {
      return { isDone: await work(), text: gathered.join('') };
    } finally {
      this.#gathered = outer;
    }
  }

  /** The thread that is looked at. Throws PromptError when no process is left. */
  get thread(): Thread {
    const found = this.anyThread;
    if (found === undefined) throw new PromptError('The program is not being run.  `run` starts it again.');
    return found;
  }

  /** As `thread`, undefined when there is none. */
  get anyThread(): Thread | undefined {
    const chosen = this.#tid === undefined ? undefined : this.kernel.pids.thread(this.#tid);
    if (chosen !== undefined) return chosen;
    const { thread } = this.session;
    if (thread !== undefined && thread.state !== 'dead') return thread;
    for (const process of this.kernel.processes) {
      const { leader } = process;
      if (leader !== undefined) return leader;
    }
    return undefined;
  }

  /** The thread whose program names and lines are of: the one that is looked at, or one that ended last. */
  get programThread(): Thread {
    const found = this.anyProgramThread;
    if (found === undefined) throw new PromptError('No symbol table is loaded.  Use the "file" command.');
    return found;
  }

  /** As `programThread`, undefined when there has been none. */
  get anyProgramThread(): Thread | undefined {
    return this.anyThread ?? this.#lastEnding;
  }

  /** Looks at another thread. */
  select(thread: Thread): void {
    this.#tid = thread.tid;
    this.frames.reset();
  }

  evaluate(text: string): Value {
    return shownValueOf(text, this.scope);
  }

  /** What names mean where code at `address` runs. */
  scopeAt(address: number): Scope {
    return this.scope.at(address);
  }

  /** The whole number that an expression means. */
  integer(text: string): number {
    return Number(integerIn(this.evaluate(text)));
  }

  /** What values are shown with. */
  get textContext(): TextContext {
    const { settings, session } = this;
    return {
      symbolOf: settings.isOn('print symbol') ? (address) => this.symbolText(address) : () => undefined,
      codeSymbolOf: (address) => this.symbolText(address),
      read: (address, length) => {
        const thread = this.anyProgramThread;
        return thread && session.read(thread, address, length);
      },
      mostElements: settings.number('print elements'),
      isPretty: settings.isOn('print pretty'),
      isPrettyArray: settings.isOn('print array'),
      hasIndexes: settings.isOn('print array-indexes'),
      hidesAddresses: !settings.isOn('print address'),
      hidesUnions: !settings.isOn('print union'),
      stopsAtNull: settings.isOn('print null-stop'),
      repeats: settings.number('print repeats'),
      deepest: settings.number('print max-depth'),
      language: this.anyThread === undefined ? 'c' : this.frames.language,
      variable: (name) => this.program.value(name),
    };
  }

  /** `main+16`, when a symbol is near. */
  symbolText(address: number): string | undefined {
    const thread = this.anyProgramThread;
    const place = thread && this.session.symbols.nameAt(thread, address);
    if (place === undefined) return undefined;
    return place.offset === 0 ? place.symbol : `${place.symbol}+${place.offset}`;
  }

  /** Ctrl-C while a command runs. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** A command begins: a Ctrl-C that came too late for the one before is forgotten. */
  beginCommand(): void {
    this.#isInterrupted = false;
  }

  /** Runs until something stops the machine. Says what becomes of processes on the way. */
  async proceed(plan: Plan): Promise<PromptStop> {
    if (this.anyThread === undefined)
      throw new PromptError('The program is not being run.  `run` starts it again.');
    this.#isRunning = true;
    this.frames.reset();
    const { arrived } = this;
    if (arrived !== undefined && !this.signals.of(arrived.signo).passes) this.keepSignalAway();
    this.arrived = undefined;
    try {
      while (!this.#isInterrupted) {
        this.#changes.beforeTurn(plan);
        const stop = this.session.pump(plan, 1);
        this.#changes.afterTurn(stop);
        if (this.#sleeper !== undefined) this.#tellSleeper(plan);
        if (++this.#turns % TURNS_AT_ONCE === 0) {
          if (stop === undefined) this.session.follow(FOLLOWING_WORK);
          await this.surroundings.breathe();
        }
        if (stop?.kind === 'signal' && this.passesBy(stop)) {
          this.#passBy(stop);
          continue;
        }
        if (stop?.kind === 'break' && stop.point.prints !== undefined) {
          this.#printAt(stop.thread, stop.point.prints);
          continue;
        }
        if (stop?.kind === 'watch' && stop.reached?.prints !== undefined)
          this.#printAt(stop.thread, stop.reached.prints);
        if (stop?.kind === 'signal') this.#arrive(stop);
        if (stop?.kind === 'loaded') this.#placePending(stop.thread);
        else if (stop !== undefined && this.handCalls.ended(stop))
          return { kind: 'returned', thread: this.anyThread };
        else if (stop !== undefined) return stop;
      }
      this.#isInterrupted = false;
      return { kind: 'interrupted' };
    } finally {
      this.#isRunning = false;
    }
  }

  /** What a breakpoint prints instead of stopping. */
  #printAt(thread: Thread, text: string): void {
    try {
      this.surroundings.print(this.#as(thread, () => this.handCalls.without(() => printedText(this, text))));
    } catch (error) {
      if (!(error instanceof PromptError)) throw error;
      this.print(error.message);
    }
  }

  /** Is this no stop for the person, only something to be done on the way? */
  passesBy(stop: PromptStop): boolean {
    if (stop.kind === 'break' && stop.point.prints !== undefined) return true;
    if (stop.kind !== 'signal' || (stop.point?.id ?? 0) >= 0) return false;
    const { signo } = stop.info;
    if (this.session.points.catching('catch-signal', signo, true) !== undefined) return false;
    const isDeadly = upcomingDeath(stop.thread)?.signo === signo;
    return isDeadly ? this.signals.isKeptAway(signo) : !this.signals.stopsAt(signo);
  }

  #passBy(stop: Extract<PromptStop, { kind: 'signal' }>): void {
    const { signo } = stop.info;
    const { prints, passes } = this.signals.of(signo);
    if (prints) for (const line of receivedLines(this, stop.thread, signo)) this.print(line);
    this.#arrive(stop);
    if (!passes) this.keepSignalAway();
  }

  #arrive({ thread: { tid }, info }: Extract<PromptStop, { kind: 'signal' }>): void {
    this.arrived = { tid, signo: info.signo, info };
  }

  /** The signal that the program was stopped at does not act. */
  keepSignalAway(): void {
    const { arrived } = this;
    this.arrived = undefined;
    if (arrived === undefined) return;
    this.session.change(({ kernel }) => {
      const thread = kernel.pids.thread(arrived.tid);
      const isThere = thread !== undefined && needsAttention(thread);
      if (isThere && upcomingSignal(thread)?.signo === arrived.signo) discardUpcoming(thread);
    });
  }

  /** To the thread that is looked at. */
  sendSignal(signo: number): void {
    const { tid } = this.thread;
    this.session.change(({ kernel }) => {
      const thread = kernel.pids.thread(tid);
      if (thread !== undefined) sendToThread(thread, kernelSignal(signo));
    });
  }

  /** Lets the host take its events in a long command; throws PromptError after Ctrl-C. */
  async breathe(): Promise<void> {
    await this.surroundings.breathe();
    if (!this.#isInterrupted) return;
    this.#isInterrupted = false;
    throw new PromptError('Quit');
  }

  /** As `proceed`, then tells why it stopped. */
  async proceedAndTell(plan: Plan): Promise<PromptStop> {
    const stop = await this.proceed(plan);
    await this.tell(stop);
    return stop;
  }

  /**
   * Makes `stop` the present one: its thread is looked at, its lines are printed. A step says which frame it began in
   * (see `frameKey`), and how many of the inlined functions that begin here it has not entered.
   */
  async tell(stop: PromptStop, origin?: string, hidden?: number): Promise<void> {
    this.lastStop = stop;
    if (stop.kind === 'watch-end') this.session.points.delete(stop.point.id);
    const thread = 'thread' in stop ? stop.thread : this.session.thread;
    if (thread !== undefined && thread.state !== 'dead') this.select(thread);
    this.prepare();
    this.#standBefore(stop, hidden);
    const lines = stopLines(this, stop, this.#changes.takeLines(), origin);
    this.tellWarnings();
    if (!this.stopCommands.stopped(stop, this.userCommands.get('hook-stop')?.lines)) {
      for (const line of lines) this.print(line);
      if (this.anyThread !== undefined) await this.displays.show(this);
    }
    const { difference } = this.session;
    if (difference !== undefined) {
      this.session.difference = undefined;
      this.print(
        `warning: the run went another way than before at call ${difference.call}: it is not deterministic`,
      );
    }
  }

  /** Between two steps of one command: the thread is looked at where it stands, nothing is told. */
  standAt(stop: PromptStop, hidden: number | undefined): void {
    this.frames.reset();
    this.#standBefore(stop, hidden);
  }

  /** Inlined functions that begin here count as entered when a breakpoint was meant for them. */
  #standBefore(stop: PromptStop, hidden: number | undefined): void {
    const { frames } = this;
    if (hidden !== undefined || stop.kind !== 'break' || stop.point.id < 0) {
      if (hidden === undefined) frames.hideInlined();
      else frames.hide(hidden);
      return;
    }
    const name = stop.point.text.split(':').pop() ?? '';
    const isPlace = /^\*|^[+-]?\d+$|^here$/.test(name) || stop.point.text.startsWith('*');
    const inlined = frames.inlinedHere();
    const entered = inlined.indexOf(name);
    frames.hide(isPlace ? 0 : entered < 0 ? inlined.length : entered);
  }

  /** Has the program had one thread only, up to now? */
  get isAlone(): boolean {
    const processes = [...this.kernel.processes].filter(({ isInit }) => !isInit);
    this.#hasHadSeveral ||= processes.length > 1 || processes.some(({ threads }) => threads.size > 1);
    return !this.#hasHadSeveral;
  }

  /** Reads the symbols of what the present thread has mapped; breakpoints that waited for them get their places. */
  prepare(): void {
    const thread = this.anyThread;
    if (thread !== undefined) this.#placePending(thread);
  }

  /** What debug information could not be used; each once. */
  tellWarnings(): void {
    for (const line of this.session.symbols.sources.takeWarnings()) this.print(`warning: ${line}`);
  }

  #placePending(thread: Thread): void {
    const { symbols, points } = this.session;
    symbols.load(thread);
    for (const point of points.pending) {
      const { kind: _, ...kept } = point;
      const location = this.#as(thread, () => findLocation(this, point.text));
      if (typeof location !== 'string') points.replace(point.id, { ...kept, ...breakAt(location) });
    }
  }

  /** What `look` sees when `thread` is looked at. */
  #as<T>(thread: Thread, look: () => T): T {
    const chosen = this.#tid;
    this.#tid = thread.tid;
    this.frames.reset();
    try {
      return look();
    } finally {
      this.#tid = chosen;
      this.frames.reset();
    }
  }

  /** After a long run: hears of the last calls. The machine and its threads are other objects then. */
  recallCalls(): void {
    if (!this.session.hasUntold || this.#isRunning) return;
    this.travel(() => this.session.recall());
    const { lastStop } = this;
    if (lastStop.kind !== 'interrupted' && lastStop.kind !== 'returned')
      this.lastStop = this.session.here(lastStop);
  }

  /** Call it while nobody wants anything, so that going back takes less time. False when there is nothing left to do. */
  prepareToGoBack(): boolean {
    return this.session.tend(IDLE_WORK);
  }

  /** Runs `move`, which takes the session to another time, without notices. */
  travel<T>(move: () => T): T {
    this.#isTravelling = true;
    try {
      return move();
    } finally {
      this.#isTravelling = false;
      this.arrived = undefined;
      this.handCalls.wentTo(this.session.position);
      this.#changes.forget();
      this.frames.reset();
    }
  }

  /** To a position, passed or not. */
  goTo(position: Position): void {
    this.travel(() => this.session.goTo(position));
    if (comparePositions(this.session.position, position) < 0) {
      this.print('The program ended before that.');
    }
  }

  /** From the start again. */
  restart(): void {
    this.travel(() => this.session.restart());
    this.#tid = undefined;
    this.exitCode = undefined;
  }

  #holds(thread: Thread, condition: string): boolean {
    return this.#as(thread, () => {
      try {
        return this.handCalls.without(() => isTrue(evaluate(condition, this.scope)));
      } catch (error) {
        if (!(error instanceof PromptError)) throw error;
        this.print(`Error in testing condition \`${condition}': ${error.message}`);
        return true;
      }
    });
  }

  #observer(): KernelObserver {
    return {
      processExited: (process) => this.#processExited(process),
      processEnding: ({ leader, threads }) => {
        this.#lastEnding = leader ?? threads.values().next().value;
        if (this.#lastEnding !== undefined) keepMappings(this.#lastEnding);
      },
      threadStarted: (thread) => {
        if (this.#isTravelling || thread.process.threads.size > 1) return;
        this.print(`[pid ${thread.tid} begins, child of ${thread.process.parent?.pid ?? 0}]`);
      },
      syscallBlocked: (thread) => {
        this.#sleeper = thread;
      },
    };
  }

  #processExited(process: Process): void {
    if (process.pid === this.#firstPid) {
      const status = process.waitStatus;
      this.exitCode = (status & 0x7f) === 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
    }
    if (!this.#isTravelling)
      this.print(`[pid ${process.pid} (${process.name}) ${waitStatusText(process.waitStatus)}]`);
  }

  /** While stepping by calls: one that goes to sleep has no end yet. */
  #tellSleeper(plan: Plan): void {
    const sleeper = this.#sleeper;
    this.#sleeper = undefined;
    if (plan.kind !== 'call' || sleeper?.call === undefined) return;
    const found = waitGraph(this.kernel, this.session.symbols).sleepers.find(
      ({ thread }) => thread === sleeper,
    );
    const reasons = found?.reasons.map(reasonText).join('; or ') ?? '';
    const what = reasons === '' ? '' : `: waits for ${reasons}`;
    this.print(`[pid ${sleeper.tid}] ${sleeper.call.syscall.name} sleeps${what}`);
    for (const line of this.#changes.takeLines()) this.print(`    ${line}`);
  }

  /** The call that a thread is about to make; undefined when it stands elsewhere. */
  upcoming(): { thread: Thread; name: string } | undefined {
    const { session } = this;
    if (!session.isAtCall || session.thread === undefined) return undefined;
    return { thread: session.thread, name: upcomingCall(this.kernel, session.thread).syscall.name };
  }
}
