// What the emulator keeps beside a guest memory: an interpreter instance, predecoded records, regions.
// Called by cpu/cpu.ts only; made at the first run in that memory.
// Told by the memory when code is invalid, and then drops what was made from it.
import { late } from '../late.ts';
import type { CodeListener, GuestMemory } from '../memory/guest-memory.ts';
import {
  BUDGET,
  FFLAGS,
  FP_FAST,
  FRM,
  LAST_TICK_IN,
  PAGE_COUNT,
  PAGE_SHIFT,
  TRAP_ADDRESS,
} from '../memory/layout.ts';
import { DecodeCache } from './decode-cache.ts';
import type { RecordStore } from './record-store.ts';

/** What the 16-bit counter of visits holds. */
const NEVER = 0xffff;

export const NO_BREAKPOINTS: ReadonlySet<number> = new Set();

/** A region begins at the address; there shall be none yet; there cannot be one. */
export type InstallOutcome = 'installed' | 'postponed' | 'impossible';

/** How often addresses may be visited before they are hot. */
export interface Heat {
  /** The same everywhere on the page, where no region begins; undefined: it depends on the address. */
  ofPage(page: number): number | undefined;
  of(pc: number): number;
}

/** The second tier: jit/code-cache.ts. */
export interface Jit {
  /** Gives what tells how often an address may be visited there before a region is to be asked for. */
  attach(memory: GuestMemory, host: RegionHost): Heat;
  detach(memory: GuestMemory): void;
  /** Makes sure that a region begins at `pc`, if it can. `ticks` is what the Cpu has run so far. */
  install(memory: GuestMemory, pc: number, ticks: number): InstallOutcome;
  /** The program is in the region that begins at `low`: asked again and again, after as many ticks each time. */
  sample(memory: GuestMemory, low: number): void;
  invalidate(memory: GuestMemory, firstPage: number, pageCount: number): void;
  /** No region contains the instruction at one of these addresses. */
  setBreakpoints(memory: GuestMemory, breakpoints: ReadonlySet<number>): void;
}

/** What the second tier may do in an address space. */
export interface RegionHost {
  readonly table: WebAssembly.Table;
  readonly helpers: WebAssembly.Exports;
  markEntry(pc: number, cell: number): void;
  unmarkEntry(pc: number): void;
  /** Has the interpreter come to `pc`, or to code just before it? */
  wasSeen(pc: number): boolean;
  /** What a region calls at an ecall, with all state in memory: 0 to go on behind it, else the TrapCause to leave with. */
  readonly serveCall: () => number;
}

type Run = (pc: number, bypass: number) => number;

export class AddressSpace implements CodeListener {
  /** The Cpu. */
  readonly owner: object;
  readonly memory: GuestMemory;
  readonly run: Run;
  /** Code was invalidated since someone last cleared this: what runs now may be stale. */
  isStale = false;
  /** What the code made here stops at; see Cpu. */
  breakpoints = NO_BREAKPOINTS;
  readonly #cache: DecodeCache;
  readonly #heat: Heat;
  readonly #jit: Jit | null;

  constructor(
    owner: object,
    memory: GuestMemory,
    interpreter: WebAssembly.Module,
    jit: Jit | null,
    records: RecordStore,
    serveCall: (space: AddressSpace) => number,
  ) {
    this.owner = owner;
    this.memory = memory;
    this.#jit = jit;
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
    const instance = new WebAssembly.Instance(interpreter, {
      e: { m: memory.memory, t: table, f: this.#softFloat },
    });
    this.run = instance.exports.run as Run;
    memory.listener = this;
    const heat = jit?.attach(memory, {
      table,
      helpers: instance.exports,
      markEntry: (pc, cell) => this.#cache.markRegion(pc, cell),
      unmarkEntry: (pc) => this.#cache.unmarkRegion(pc),
      wasSeen: (pc) => this.#cache.isDecoded(pc),
      serveCall: () => serveCall(this),
    });
    this.#heat = heat ?? { ofPage: () => NEVER, of: () => NEVER };
    this.#cache = new DecodeCache(memory, this.#heat, records);
  }

  get budget(): number {
    return this.memory.window.words[BUDGET >> 2] ?? 0;
  }

  set budget(ticks: number) {
    this.memory.window.words[BUDGET >> 2] = ticks;
  }

  /** Once the budget is used up: the address of the region that used the last tick, undefined for the interpreter. Asked once. */
  takeLastRegion(): number | undefined {
    const { words } = this.memory.window;
    const low = words[LAST_TICK_IN >> 2] ?? 0;
    words[LAST_TICK_IN >> 2] = 0;
    return low === 0 ? undefined : low >>> 0;
  }

  /** Unsigned. */
  get trapAddress(): bigint {
    const { words } = this.memory.window;
    const low = BigInt((words[TRAP_ADDRESS >> 2] ?? 0) >>> 0);
    return (BigInt((words[(TRAP_ADDRESS >> 2) + 1] ?? 0) >>> 0) << 32n) | low;
  }

  /** The exact form of a floating-point helper; operations are numbered as FP_HELPERS lists them. */
  readonly #softFloat = (operation: number, rm: number, a: bigint, b: bigint, c: bigint): bigint => {
    const { words } = this.memory.window;
    const frm = words[FRM >> 2] ?? 0;
    const environment = { rounding: rm === 7 ? frm : rm, flags: 0 };
    const operands = [a, b, c].map((bits) => BigInt.asUintN(64, bits)) as [bigint, bigint, bigint];
    const result = late.softHelper(operation)(environment, ...operands);
    const flags = (words[FFLAGS >> 2] ?? 0) | environment.flags;
    words[FFLAGS >> 2] = flags;
    words[FP_FAST >> 2] = frm === 0 ? flags & 1 : 0;
    return result;
  };

  /** Records and regions are made anew where it matters. Only while nothing runs here. */
  setBreakpoints(breakpoints: ReadonlySet<number>): void {
    this.breakpoints = breakpoints;
    this.#jit?.setBreakpoints(this.memory, breakpoints);
    this.#cache.setBreakpoints(breakpoints);
  }

  /** Records from `pc` on. Gives the faulting address, or -1. */
  decodeFrom(pc: number): number {
    return this.#cache.decodeFrom(pc);
  }

  /** The address was reached often: a region for it, or quiet for a while. `ticks` is what the Cpu has run so far. */
  hot(pc: number, ticks: number): void {
    if (this.#cache.recordOffset(pc) < 0) this.#cache.decodeFrom(pc);
    const outcome = this.#jit?.install(this.memory, pc, ticks);
    if (outcome !== 'installed') this.#cache.cool(pc, outcome === 'postponed' ? this.#heat.of(pc) : NEVER);
  }

  /** The page of a refused store's address, if only its code keeps the write away; else -1. */
  withheldPage(address: bigint): number {
    const page = Number(address >> BigInt(PAGE_SHIFT));
    return page < PAGE_COUNT && this.memory.isWriteWithheld(page) ? page : -1;
  }

  codeInvalidated(_memory: GuestMemory, firstPage: number, pageCount: number): void {
    this.isStale = true;
    this.#jit?.invalidate(this.memory, firstPage, pageCount);
    this.#cache.drop(firstPage, pageCount);
  }

  /** What was decoded here serves the next program. The memory is as the last one left it. */
  keepRecords(): void {
    this.#cache.keepRecords();
  }

  released(): void {
    this.#jit?.detach(this.memory);
  }
}
