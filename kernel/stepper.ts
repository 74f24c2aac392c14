// Runs a kernel one event at a time, for debuggers and recordings: the same run as Kernel.run's, to be stopped anywhere.
// debugger/session drives it. Either this or Kernel.run drives a kernel, never both by turns.
// Positions are the same however one gets there: stepping, running, in the interpreter or compiled.
import { TrapCause } from '../emulator/cpu/trap.ts';
import type { GuestMemory } from '../emulator/memory/guest-memory.ts';
import { PAGE_SIZE } from '../emulator/memory/layout.ts';
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
 * two of them code runs straight ahead, and `instruction` counts there. Before a system call it is AT_CALL.
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
const PERM_WRITE = 2;
const PERM_EXECUTE = 4;
/** Pages of an address space. */
const PAGE_LIMIT = 2 ** 20;

/** Pages where code is to be single-stepped, by number: those with breakpoints, and those with watched bytes. */
export interface Guards {
  readonly execute: ReadonlySet<number>;
  readonly write: ReadonlySet<number>;
}

const NO_GUARDS: Guards = { execute: new Set(), write: new Set() };

export class Stepper {
  readonly kernel: Kernel;
  guards: Guards = NO_GUARDS;
  #slice: Slice | undefined;
  #tick = 0;
  #instruction = 0;
  #isAtCall = false;
  /** Of the present run, as Kernel.run counts them. */
  #slicesLeft = 0;
  /** The time when the last slice ended, or the run began. */
  #now = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  get position(): Position {
    return { tick: this.#tick, instruction: this.#isAtCall ? AT_CALL : this.#instruction };
  }

  /** Whose slice it is. */
  get thread(): Thread | undefined {
    return this.#slice?.thread;
  }

  /** The thread stands on an ecall that has not begun. */
  get isAtCall(): boolean {
    return this.#isAtCall;
  }

  /** Does the least that can be done, or runs code until `untilTick` at most; `untilTick` must lie ahead. */
  advance(untilTick: number): Progress {
    const slice = this.#slice;
    if (slice === undefined) return this.#chooseThread();
    if (this.#takeEvent(slice)) return 'event';
    const { thread } = slice;
    const { kernel, guards } = this;
    if (guards.execute.has(Math.floor(thread.hart.pc / PAGE_SIZE))) return this.#step(slice);
    const { memory } = thread.mm;
    const undo = this.#guard(memory);
    const cause = kernel.cpu.run(thread.hart, memory, Math.min(codeBudget(slice), untilTick - this.#tick));
    const { ticksUsed, trapAddress } = kernel.cpu;
    for (const [page, permission] of undo) memory.setPermission(page, 1, permission);
    this.#count(slice, ticksUsed);
    // a jump into a guarded page: whoever set the guard looks before its first instruction
    if (cause === TrapCause.FetchFault && guards.execute.has(Math.floor(thread.hart.pc / PAGE_SIZE)))
      return this.#after(slice, TrapCause.TickBudget);
    if (cause === TrapCause.FetchFault || cause === TrapCause.StoreFault) {
      const guarded = cause === TrapCause.FetchFault ? guards.execute : guards.write;
      const page = Math.floor(trapAddress / PAGE_SIZE);
      if (guarded.has(page) || guarded.has(page + 1)) return this.#step(slice);
    }
    return this.#after(slice, cause);
  }

  /** As `advance`, but of guest code one instruction. */
  step(): Progress {
    const slice = this.#slice;
    if (slice === undefined) return this.#chooseThread();
    return this.#takeEvent(slice) ? 'event' : this.#step(slice);
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
    if (slice.thread.isHeld) {
      this.#isAtCall = false;
      this.#slice = undefined;
      this.#now = closeSlice(kernel, slice);
    } else if (this.#isAtCall) {
      this.#isAtCall = false;
      enterCall(kernel, slice);
    } else if (!isOpen(slice)) {
      this.#slice = undefined;
      this.#now = closeSlice(kernel, slice);
    } else if (!takeKernelTurn(kernel, slice)) return false;
    this.#event();
    return true;
  }

  #step(slice: Slice): Progress {
    const { thread } = slice;
    const cause = this.kernel.cpu.step(thread.hart, thread.mm.memory);
    const { ticksUsed } = this.kernel.cpu;
    if (cause === TrapCause.Stepped && ticksUsed === 0) this.#instruction++;
    this.#count(slice, ticksUsed);
    return this.#after(slice, cause);
  }

  #after(slice: Slice, cause: TrapCause): Progress {
    if (cause === TrapCause.Ecall) {
      this.#isAtCall = true;
      return 'ran';
    }
    if (cause === TrapCause.TickBudget || cause === TrapCause.Stepped) {
      this.#isAtCall = this.#standsOnCall(slice);
      return 'ran';
    }
    takeTrap(slice, cause);
    this.#event();
    return 'event';
  }

  #count(slice: Slice, ticks: number): void {
    if (ticks === 0) return;
    slice.budget -= ticks;
    this.kernel.clock.advance(ticks, 0);
    this.#tick += ticks;
    this.#instruction = 0;
  }

  #event(): void {
    this.#tick++;
    this.#instruction = 0;
    if (this.#slice !== undefined) this.#isAtCall = this.#standsOnCall(this.#slice);
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

  /** Withholds what must be single-stepped; returns what the pages had. */
  #guard(memory: GuestMemory): (readonly [page: number, permission: number])[] {
    const undo: (readonly [number, number])[] = [];
    const withhold = (pages: ReadonlySet<number>, bit: number): void => {
      for (const page of pages) {
        const granted = memory.granted(page);
        if ((granted & bit) === 0) continue;
        undo.unshift([page, granted]);
        memory.setPermission(page, 1, granted & ~bit);
      }
    };
    withhold(this.guards.execute, PERM_EXECUTE);
    withhold(this.guards.write, PERM_WRITE);
    return undo;
  }
}
