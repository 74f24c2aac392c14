// Runs a kernel one event at a time, for debuggers and recordings: the same run as Kernel.run's, to be stopped anywhere.
// debugger/session drives it. Either this or Kernel.run drives a kernel, never both by turns.
// Positions are the same however one gets there: stepping, running, in the interpreter or compiled.
import { LEAVE_WITH_ECALL } from '../emulator/cpu/cpu.ts';
import { TrapCause } from '../emulator/cpu/trap.ts';
import type { GuestMemory } from '../emulator/memory/guest-memory.ts';
import { HART_STATE_SIZE, PAGE_SIZE } from '../emulator/memory/layout.ts';
import { requestedSyscall } from './dispatch.ts';
import { type Kernel, RUN_SLICES } from './kernel.ts';
import {
  closeSlice,
  codeBudget,
  enterCall,
  isOpen,
  openSlice,
  type Slice,
  takeKernelTurn,
  takeTrap,
} from './slice.ts';
import { needsAttention } from './task/signal-delivery.ts';
import type { Thread } from './task/thread.ts';

/**
 * Where a run is. `tick` counts ticks of all harts and events of the kernel (slices, tries of calls, traps); between
 * two of them code only goes to higher addresses, so `instruction` is the address of the next one: AT_CALL when that is a
 * system call, 0 when no thread has its turn.
 */
export interface Position {
  readonly tick: number;
  readonly instruction: number;
}

/** `instruction` of a thread whose next instruction is an ecall. */
export const AT_CALL = Number.POSITIVE_INFINITY;

/** Before 0, equal 0, after. */
export function comparePositions(a: Position, b: Position): number {
  if (a.tick !== b.tick) return a.tick - b.tick;
  return a.instruction === b.instruction ? 0 : a.instruction - b.instruction;
}

export type Progress =
  /** Guest code ran. */
  | 'ran'
  /** The kernel did something: a slice, a call, a trap, a signal. */
  | 'event'
  /** All threads sleep and no timer runs. */
  | 'idle'
  /** No process is left. */
  | 'finished';

const ECALL = 0x73;
const PERM_READ = 1;
const PERM_WRITE = 2;
const PERM_EXECUTE = 4;
/** Pages of an address space. */
const PAGE_LIMIT = 2 ** 20;

/** What an event of the kernel costs, in ticks: about a microsecond. */
const EVENT_WORK = 150;

/** Hears of system calls. It may let them be served in the middle of compiled code, which is faster than stopping. */
export interface CallListener {
  /** A thread has come to stand before a call. False: stop here. */
  reached(thread: Thread): boolean;
  /** A thread's call is over. False: stop here. */
  ended(thread: Thread): boolean;
}

/** An instruction loads, or stores, these bytes. */
export type AccessListener = (kind: 'load' | 'store', address: number, width: number) => void;

const NONE: ReadonlySet<number> = new Set();
const NOT_KNOWN = -1;

export class Stepper {
  readonly kernel: Kernel;
  /** Addresses before which code stops; not the one that it begins at. To change it, put another set here. */
  breakpoints = NONE;
  /** Pages, by number, that code is single-stepped to write to. */
  watchedPages = NONE;
  /** Pages that code is single-stepped to read from, or write to. */
  readPages = NONE;
  /** Told of the accesses of instructions that are single-stepped. */
  accessed: AccessListener | undefined;
  listener: CallListener | undefined;
  /** Calls are served in the middle of code until this much work is done. */
  workLimit = Number.POSITIVE_INFINITY;
  #slice: Slice | undefined;
  #tick = 0;
  #isAtCall = false;
  /** Of the present run, as Kernel.run counts them. */
  #slicesLeft = 0;
  /** The time when the last slice ended, or the run began. */
  #now = 0;
  /** Of the present `advance`. */
  #untilTick = 0;
  /** Events of the kernel so far. */
  #events = 0;
  /** As `beforeEvent`: in two numbers, for most events are of no interest to anybody. A tick of NOT_KNOWN is none. */
  #tickBefore = NOT_KNOWN;
  #instructionBefore = 0;
  readonly #serveCall = (ticks: number): number => this.#serve(this.#slice as Slice, ticks);

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  get position(): Position {
    return {
      tick: this.#tick,
      instruction: this.#isAtCall ? AT_CALL : (this.#slice?.thread.hart.pc ?? 0),
    };
  }

  /** As position.tick. */
  get tick(): number {
    return this.#tick;
  }

  /** Roughly what it cost to come here, in ticks: the kernel's doings cost more than one each. */
  get work(): number {
    return this.#tick + this.#events * EVENT_WORK;
  }

  /** Where the run was before the kernel's doing that led here; undefined when code did, or when that is not known. */
  get beforeEvent(): Position | undefined {
    return this.#tickBefore === NOT_KNOWN
      ? undefined
      : { tick: this.#tickBefore, instruction: this.#instructionBefore };
  }

  /** Whose slice it is. */
  get thread(): Thread | undefined {
    return this.#slice?.thread;
  }

  /** The thread stands on an ecall that has not begun. */
  get isAtCall(): boolean {
    return this.#isAtCall;
  }

  /**
   * Does the least that can be done, or runs code until `untilTick` at most, which must lie ahead. With `serves`, code
   * goes on behind system calls for as long as the listener lets it.
   */
  advance(untilTick: number, serves = false): Progress {
    const slice = this.#slice;
    if (slice === undefined) return this.#chooseThread();
    if (this.#takeEvent(slice)) return 'event';
    const { thread } = slice;
    const { kernel, breakpoints, watchedPages, readPages } = this;
    const { cpu } = kernel;
    const { memory } = thread.mm;
    const { pc } = thread.hart;
    const undo = this.#guard(memory);
    this.#untilTick = untilTick;
    this.#tickBefore = NOT_KNOWN;
    cpu.breakpoints = breakpoints;
    if (serves && undo.length === 0 && kernel.scheduler.turns === undefined) cpu.serveCall = this.#serveCall;
    const cause = cpu.run(thread.hart, memory, Math.min(codeBudget(slice), untilTick - this.#tick));
    cpu.serveCall = undefined;
    for (const [page, permission] of undo) memory.setPermission(page, 1, permission);
    this.#count(slice, cpu.ticksUsed);
    // a jump to a breakpoint on a page that is not there yet: whoever set it looks first
    if (cause === TrapCause.FetchFault && thread.hart.pc !== pc && breakpoints.has(thread.hart.pc))
      return this.#after(slice, TrapCause.TickBudget);
    if (cause === TrapCause.StoreFault || cause === TrapCause.LoadFault) {
      const page = Math.floor(cpu.trapAddress / PAGE_SIZE);
      const isWatched = (each: number): boolean => watchedPages.has(each) || readPages.has(each);
      if (isWatched(page) || isWatched(page + 1)) return this.#step(slice);
    }
    return this.#after(slice, cause);
  }

  /** As `advance`, but of guest code one instruction. */
  step(): Progress {
    const slice = this.#slice;
    if (slice === undefined) return this.#chooseThread();
    return this.#takeEvent(slice) ? 'event' : this.#step(slice);
  }

  /** As `step`, and how to undo it, when it was an instruction of guest code that did not trap. */
  stepRecorded(): { readonly progress: Progress; readonly undo: (() => void) | undefined } {
    const slice = this.#slice;
    if (slice === undefined) return { progress: this.#chooseThread(), undo: undefined };
    if (this.#takeEvent(slice)) return { progress: 'event', undo: undefined };
    const undo = this.#undoOf(slice);
    const progress = this.#step(slice);
    this.kernel.cpu.beforeStore = undefined;
    return { progress, undo: progress === 'ran' ? undo : undefined };
  }

  /** Restores what the next instruction is about to change; good until the kernel does something. */
  #undoOf(slice: Slice): () => void {
    const { cpu, clock } = this.kernel;
    const { thread, budget } = slice;
    const { hart, mm } = thread;
    const { memory } = mm;
    const { ticks } = hart;
    const tick = this.#tick;
    const tickBefore = this.#tickBefore;
    const instructionBefore = this.#instructionBefore;
    const state = new Uint8Array(HART_STATE_SIZE);
    hart.saveTo(state);
    const stores: { readonly address: number; readonly bytes: Uint8Array }[] = [];
    cpu.beforeStore = (address, width) =>
      stores.push({ address, bytes: memory.bytes(address, width).slice() });
    return () => {
      for (const { address, bytes } of stores.reverse()) {
        memory.prepareKernelWrite(Math.floor(address / PAGE_SIZE));
        memory.prepareKernelWrite(Math.floor((address + bytes.length - 1) / PAGE_SIZE));
        memory.copyIn(address, bytes, 0, bytes.length);
      }
      clock.advance(ticks - hart.ticks, 0);
      hart.loadFrom(state);
      hart.ticks = ticks;
      slice.budget = budget;
      this.#tick = tick;
      this.#isAtCall = false;
      this.#tickBefore = tickBefore;
      this.#instructionBefore = instructionBefore;
    };
  }

  /** Someone else has moved the present thread: what comes is no longer ahead of what was. */
  moved(): void {
    this.#event();
  }

  #chooseThread(): Progress {
    const { kernel } = this;
    if (this.#slicesLeft === 0) {
      // as Kernel.run begins
      kernel.beforeRun?.();
      this.#now = kernel.clock.monotonicNs();
      this.#slicesLeft = RUN_SLICES;
    }
    this.#slicesLeft--;
    kernel.timers.fireDue(this.#now);
    const thread = kernel.scheduler.next();
    if (thread === undefined) {
      if (kernel.pids.isEmpty) return 'finished';
      const untilNs = kernel.timers.nextNs;
      if (untilNs === undefined || !kernel.clock.isVirtual) {
        this.#slicesLeft = 0;
        if (!kernel.awaitsOutside) return 'idle';
      } else {
        kernel.clock.jumpTo(untilNs);
        this.#now = untilNs;
      }
    } else this.#slice = openSlice(kernel, thread, this.#now);
    this.#event();
    return 'event';
  }

  /** True when something other than guest code was due. */
  #takeEvent(slice: Slice): boolean {
    const { kernel } = this;
    const { thread } = slice;
    const tickBefore = this.#tick;
    const instructionBefore = this.#isAtCall ? AT_CALL : thread.hart.pc;
    const wasInCall = thread.call !== undefined;
    const callsBefore = thread.syscallCount;
    if (thread.isHeld) {
      this.#isAtCall = false;
      this.#slice = undefined;
      this.#now = closeSlice(kernel, slice);
    } else if (this.#isAtCall) enterCall(kernel, slice);
    else if (!isOpen(slice)) {
      this.#slice = undefined;
      this.#now = closeSlice(kernel, slice);
    } else if (!takeKernelTurn(kernel, slice)) return false;
    this.#tickBefore = tickBefore;
    this.#instructionBefore = instructionBefore;
    const hasEnded = thread.call === undefined && (wasInCall || thread.syscallCount !== callsBefore);
    this.#event(hasEnded ? thread : undefined);
    return true;
  }

  /** A call in the middle of compiled code: as enterCall, and the budget to go on with. */
  #serve(slice: Slice, ticks: number): number {
    const { kernel, listener } = this;
    const { thread } = slice;
    this.#count(slice, ticks);
    this.#isAtCall = true;
    const mayGoOn = listener === undefined || listener.reached(thread);
    if (!mayGoOn || requestedSyscall(kernel, thread).replacesContext) return LEAVE_WITH_ECALL;
    enterCall(kernel, slice);
    const goesOn = thread.state === 'runnable' && !thread.isHeld && !needsAttention(thread);
    this.#tickBefore = goesOn ? NOT_KNOWN : this.#tick;
    this.#instructionBefore = AT_CALL;
    this.#tick++;
    this.#events++;
    this.#isAtCall = false;
    if (thread.call !== undefined || listener?.ended(thread) === false) return 0;
    if (this.work >= this.workLimit) return 0;
    return goesOn ? Math.min(slice.budget, this.#untilTick - this.#tick) : 0;
  }

  #step(slice: Slice): Progress {
    const { thread } = slice;
    const { cpu } = this.kernel;
    this.#tickBefore = NOT_KNOWN;
    const { accessed } = this;
    const { beforeStore } = cpu;
    if (accessed !== undefined) {
      cpu.beforeLoad = (address, width) => accessed('load', address, width);
      cpu.beforeStore = (address, width) => {
        beforeStore?.(address, width);
        accessed('store', address, width);
      };
    }
    const cause = cpu.step(thread.hart, thread.mm.memory);
    cpu.beforeLoad = undefined;
    cpu.beforeStore = beforeStore;
    this.#count(slice, cpu.ticksUsed);
    return this.#after(slice, cause);
  }

  #after(slice: Slice, cause: TrapCause): Progress {
    if (cause === TrapCause.Ecall || cause === TrapCause.TickBudget || cause === TrapCause.Stepped) {
      if (cause === TrapCause.Ecall || this.#standsOnCall(slice)) this.#reach(slice.thread);
      return 'ran';
    }
    this.#tickBefore = this.#tick;
    this.#instructionBefore = this.#slice?.thread.hart.pc ?? 0;
    takeTrap(slice, cause);
    this.#event();
    return 'event';
  }

  #count(slice: Slice, ticks: number): void {
    if (ticks === 0) return;
    slice.budget -= ticks;
    this.kernel.clock.advance(ticks, 0);
    this.#tick += ticks;
  }

  /** The kernel did something, which ended a call of `ended`. */
  #event(ended?: Thread): void {
    this.#tick++;
    this.#events++;
    this.#isAtCall = false;
    if (ended !== undefined) this.listener?.ended(ended);
    if (this.#slice !== undefined && this.#standsOnCall(this.#slice)) this.#reach(this.#slice.thread);
  }

  #reach(thread: Thread): void {
    if (this.#isAtCall) return;
    this.#isAtCall = true;
    this.listener?.reached(thread);
  }

  /** Nothing but an ecall can come next. */
  #standsOnCall(slice: Slice): boolean {
    const { thread } = slice;
    if (!isOpen(slice) || thread.call !== undefined || needsAttention(thread)) return false;
    const { pc } = thread.hart;
    const { memory } = thread.mm;
    const page = Math.floor(pc / PAGE_SIZE);
    if (pc % 2 !== 0 || page >= PAGE_LIMIT || pc % PAGE_SIZE > PAGE_SIZE - 4) return false;
    return (memory.fast(page) & PERM_EXECUTE) !== 0 && memory.u32(pc) === ECALL;
  }

  /** Withholds access where it must be single-stepped; returns what the pages had. */
  #guard(memory: GuestMemory): (readonly [page: number, permission: number])[] {
    const undo: (readonly [number, number])[] = [];
    const withhold = (page: number, permission: number): void => {
      const granted = memory.granted(page);
      if ((granted & permission) === 0) return;
      undo.unshift([page, granted]);
      memory.setPermission(page, 1, granted & ~permission);
    };
    for (const page of this.watchedPages) withhold(page, PERM_WRITE);
    for (const page of this.readPages) withhold(page, PERM_READ | PERM_WRITE);
    return undo;
  }
}
