// The processor: runs harts in address spaces and says why they stopped.
// Called by the kernel, one per machine; everything below it is generated code and its tables.
// Nothing here is global but the interpreter's bytes: two machines share no state.

import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { late } from '../late.ts';
import { GuestMemory } from '../memory/guest-memory.ts';
import { AddressSpace, type Jit, NO_BREAKPOINTS } from './address-space.ts';
import type { Hart } from './hart.ts';
import { InternalReason } from './record.ts';
import { RecordStore } from './record-store.ts';
import type { BeforeAccess } from './step.ts';
import { TrapCause } from './trap.ts';

export interface CpuOptions {
  /** The `time` CSR at this tick count of the hart, in the unit the kernel told programs about. */
  readonly time?: (ticks: number) => bigint;
  readonly jit?: Jit;
  /** The second tier is told where a program is whenever so many ticks were run. */
  readonly sampleTicks?: number;
  /** The interpreter's module, compiled by whoever has it from build time; undefined = emit and compile it now. */
  readonly prebuiltInterpreter?: (fusesMultiplyAdd: boolean) => WebAssembly.Module | undefined;
}

/** The largest budget: the counter is an i32. */
const MAX_BUDGET = 0x7fff_ffff;
/** About as often as the kernel's time slices end; a prime, or of a loop with a few jumps it would always be the same one. */
const SAMPLE_TICKS = 99_991;
const POOL_LIMIT = 8;
/** An answer of serveCall; no budget is that small. */
export const LEAVE_WITH_ECALL = Number.NEGATIVE_INFINITY;

/** Emitted here: with and without fused multiply-adds, and windows. */
const emitted = new Map<string, Uint8Array>();

function interpreterBytes(fusesMultiplyAdd: boolean, windowed: boolean): Uint8Array {
  const key = `${fusesMultiplyAdd} ${windowed}`;
  const bytes = emitted.get(key) ?? interpreterModule(fusesMultiplyAdd, windowed);
  emitted.set(key, bytes);
  return bytes;
}

export class Cpu {
  /** The faulting guest address after a fault; exact below 2^53. */
  trapAddress = 0;
  trapAddressBig = 0n;
  /** Ticks that the last run used, without those that serveCall was told. */
  ticksUsed = 0;
  /** What the `time` CSR reads; the kernel may set it after construction. */
  time: (ticks: number) => bigint;
  /**
   * Serves system calls in the middle of compiled code. It gets the ticks run since the last account, and gives the
   * budget to go on with; 0 or less to come back with TickBudget; LEAVE_WITH_ECALL to come back with Ecall instead.
   * When it lets the code go on, only a0 and pc may have changed, and the address space must be the same.
   * undefined: every ecall comes back.
   */
  serveCall: ((ticks: number) => number) | undefined;
  /**
   * Addresses before which a run comes back with TickBudget, whatever is left of its budget; the instruction that a run
   * begins with is executed. To change it, put another set here: each address space follows when it runs next.
   */
  breakpoints: ReadonlySet<number> = NO_BREAKPOINTS;
  /** Told of what `step` writes, for whoever wants to undo it. */
  beforeStore: BeforeAccess | undefined;
  /** The same of loads. */
  beforeLoad: BeforeAccess | undefined;
  #hart: Hart | null = null;
  /** Of all harts, until the last account. */
  #ticks = 0;
  /** The budget that ticks were last accounted against. */
  #granted = 0;
  /** What of the budget is kept until the next sample. */
  #heldBack = 0;
  /** When the next sample is due, counted as #ticks are. */
  #nextSample: number;
  readonly #sampleTicks: number;
  readonly #jit: Jit | null;
  readonly #prebuilt: CpuOptions['prebuiltInterpreter'];
  #interpreter: WebAssembly.Module | null = null;
  /** For spaces with windows. */
  #windowedInterpreter: WebAssembly.Module | null = null;
  readonly #spaces = new WeakMap<GuestMemory, AddressSpace>();
  /** What ran last, and most often runs next. */
  #lastMemory: GuestMemory | null = null;
  #lastSpace: AddressSpace | null = null;
  /** What programs that are over had decoded. */
  readonly #records = new RecordStore();
  /** Of address spaces that are gone. */
  readonly #pool: GuestMemory[] = [];

  constructor(options: CpuOptions = {}) {
    this.time = options.time ?? ((ticks) => BigInt(ticks));
    this.#jit = options.jit ?? null;
    this.#prebuilt = options.prebuiltInterpreter;
    this.#sampleTicks = options.sampleTicks ?? SAMPLE_TICKS;
    this.#nextSample = this.#sampleTicks; // here: docs/decisions/0025
  }

  /** An empty memory whose addresses below `limit` are backed, if the host has room for them. */
  createMemory(limit = 0): GuestMemory {
    const used = this.#pool.pop();
    if (used !== undefined) {
      this.#keepRecords(used);
      used.wipe(); // not when it was released: the last one never needs it
      this.#forget(used);
    }
    const memory = new GuestMemory(used?.memory, limit);
    // what was made for a space without windows is of no use: it gets new things when it runs next
    memory.onWindows = () => this.#forget(memory);
    memory.onRelease = () => {
      this.#forgetLast(memory);
      if (this.#pool.length < POOL_LIMIT && memory.isReusable) {
        this.#pool.push(memory);
      } else {
        this.#keepRecords(memory);
        this.#forget(memory);
      }
    };
    return memory;
  }

  #keepRecords(memory: GuestMemory): void {
    this.#spaces.get(memory)?.keepRecords();
  }

  #forgetLast(memory: GuestMemory): void {
    if (this.#lastMemory === memory) this.#lastMemory = this.#lastSpace = null;
  }

  #forget(memory: GuestMemory): void {
    this.#forgetLast(memory);
    memory.listener = null;
    this.#spaces.get(memory)?.released();
    this.#spaces.delete(memory);
  }

  #space(memory: GuestMemory): AddressSpace {
    if (memory === this.#lastMemory && this.#lastSpace !== null) return this.#lastSpace;
    const { listener } = memory; // nearly always the space itself, which spares the map
    const isOurs = listener instanceof AddressSpace && listener.owner === this;
    const known = isOurs ? listener : this.#spaces.get(memory);
    if (known) {
      this.#lastMemory = memory;
      this.#lastSpace = known;
      return known;
    }
    const interpreter = this.#interpreterFor(memory);
    const space = new AddressSpace(this, memory, interpreter, this.#jit, this.#records, (caller) =>
      this.#serveCall(caller),
    );
    this.#spaces.set(memory, space);
    return space;
  }

  /** Runs until a trap; see TrapCause. The budget is at least 1. */
  run(hart: Hart, memory: GuestMemory, tickBudget: number): TrapCause {
    const space = this.#space(memory);
    if (space.breakpoints !== this.breakpoints) space.setBreakpoints(this.breakpoints);
    hart.moveTo(memory);
    this.#granted = 0;
    this.#grant(space, tickBudget);
    this.#hart = hart;
    const cause = this.#runToTrap(hart, space);
    this.ticksUsed = this.#granted - space.budget;
    this.#ticks += this.ticksUsed;
    hart.ticks += this.ticksUsed;
    return cause;
  }

  #serveCall(space: AddressSpace): number {
    const { serveCall } = this;
    if (serveCall === undefined) return TrapCause.Ecall;
    const { budget } = space;
    const ticks = this.#granted - budget;
    this.#ticks += ticks;
    (this.#hart as Hart).ticks += ticks;
    this.#granted = budget;
    space.isStale = false;
    const left = serveCall(ticks);
    if (left === LEAVE_WITH_ECALL) return TrapCause.Ecall;
    if (left <= 0 || space.isStale) {
      this.#heldBack = 0;
      return TrapCause.TickBudget;
    }
    this.#granted = 0;
    this.#grant(space, left);
    return 0;
  }

  /** Lets the program run on, at most to the next sample. All ticks granted so far were used. */
  #grant(space: AddressSpace, ticks: number): void {
    const budget = Math.min(ticks, MAX_BUDGET);
    const room = Math.max(1, this.#nextSample - this.#ticks - this.#granted);
    const part = Math.min(budget, room);
    this.#heldBack = budget - part;
    this.#granted += part;
    space.budget = part;
  }

  /** The second tier learns where the program is, if it is time. False when the budget is used up as well. */
  #goOn(space: AddressSpace): boolean {
    const granted = this.#granted;
    if (space.budget > 0) return false;
    const region = space.takeLastRegion();
    if (this.#ticks + granted < this.#nextSample) return false;
    if (region !== undefined) this.#jit?.sample(space.memory, region);
    this.#nextSample = this.#ticks + granted + this.#sampleTicks;
    if (this.#heldBack === 0) return false;
    this.#grant(space, this.#heldBack);
    return true;
  }

  #runToTrap(hart: Hart, space: AddressSpace): TrapCause {
    let bypass = 0;
    let passed = hart.pc; // a breakpoint there was seen before
    for (;;) {
      const { pc } = hart;
      const isBeyond = pc >= space.memory.limit; // code there is never decoded beforehand
      if (isBeyond && !space.memory.hasWindows) return this.#fault(TrapCause.FetchFault, hart.pcBig);
      if ((pc & 1) !== 0) return this.#fault(TrapCause.MisalignedFetch, hart.pcBig);
      const reason = isBeyond ? InternalReason.Alone : space.run(pc, bypass);
      bypass = 0;
      switch (reason) {
        case InternalReason.Decode: {
          const address = space.decodeFrom(hart.pc);
          if (address >= 0) return this.#fault(TrapCause.FetchFault, BigInt(address));
          break;
        }
        case InternalReason.Hot:
          space.hot(hart.pc, this.#ticks + this.#granted - space.budget);
          break;
        case InternalReason.Alone: {
          if (hart.pc !== passed && space.breakpoints.has(hart.pc)) return TrapCause.TickBudget;
          passed = -1;
          const cause = this.#stepOne(hart, space, hart.ticks + this.#granted - space.budget);
          if (cause !== TrapCause.Stepped) return cause;
          if (space.budget === 0 && !this.#goOn(space)) return TrapCause.TickBudget;
          break;
        }
        case TrapCause.TickBudget:
          if (!this.#goOn(space)) return reason;
          break;
        case TrapCause.StoreFault:
          this.#fault(reason, space.trapAddress);
          if (!this.#storeToCode(hart, space, this.trapAddressBig)) return reason;
          break;
        case TrapCause.FetchFault:
          if (space.memory.hasWindows && hart.pc >= space.memory.limit) break; // a jump there; the next round looks
          return this.#fault(reason, space.trapAddress);
        case TrapCause.LoadFault:
        case TrapCause.MisalignedAmo:
          return this.#fault(reason, space.trapAddress);
        default:
          return reason as TrapCause;
      }
    }
  }

  #fault(cause: TrapCause, address: bigint): TrapCause {
    this.trapAddressBig = address;
    this.trapAddress = Number(address);
    return cause;
  }

  /** With regions above it, the interpreter does without fused multiply-adds: hot ones do not stay in it. */
  #interpreterFor({ hasWindows }: GuestMemory): WebAssembly.Module {
    const fuses = this.#jit === null && hostFusesMultiplyAdd();
    if (hasWindows) {
      this.#windowedInterpreter ??= new WebAssembly.Module(interpreterBytes(fuses, true));
      return this.#windowedInterpreter;
    }
    this.#interpreter ??= this.#prebuilt?.(fuses) ?? new WebAssembly.Module(interpreterBytes(fuses, false));
    return this.#interpreter;
  }

  /** Executes exactly one instruction: Stepped, or the trap it raised. */
  step(hart: Hart, memory: GuestMemory): TrapCause {
    const space = this.#space(memory);
    hart.moveTo(memory);
    space.budget = MAX_BUDGET;
    const cause = this.#stepOne(hart, space, hart.ticks);
    this.ticksUsed = MAX_BUDGET - space.budget;
    hart.ticks += this.ticksUsed;
    return cause;
  }

  /** One instruction, also when it stores to a page that holds code. */
  #stepOne(hart: Hart, space: AddressSpace, ticks: number): TrapCause {
    const cause = this.#stepAlone(hart, space, ticks);
    const isDone = cause === TrapCause.StoreFault && this.#storeToCode(hart, space, this.trapAddressBig);
    return isDone ? TrapCause.Stepped : cause;
  }

  #stepAlone(hart: Hart, space: AddressSpace, ticks: number): TrapCause {
    const counters = { ticks, time: () => this.time(ticks) };
    const { beforeStore, beforeLoad } = this;
    const { memory } = space;
    const { cause, address, ticked } = late.stepAlone(hart, memory, counters, beforeStore, beforeLoad);
    if (ticked) space.budget--;
    return cause === TrapCause.Stepped ? cause : this.#fault(cause, address);
  }

  /**
   * A store was refused: if only because its page holds code, does it by itself and forgets the code.
   * False when it is a fault of the guest's; trapAddress may then be on the second page of a crossing store.
   */
  #storeToCode(hart: Hart, space: AddressSpace, address: bigint): boolean {
    const page = space.withheldPage(address);
    if (page < 0) return false;
    const { memory } = space;
    memory.allowWriteOnce(page);
    const cause = this.#stepAlone(hart, space, hart.ticks);
    const done = cause === TrapCause.Stepped || this.#storeToCode(hart, space, this.trapAddressBig);
    memory.invalidateCode(page, 1);
    return done;
  }
}

/** The bytes of the interpreter's module; the build stores them for `prebuiltInterpreter`. */
export function interpreterModule(fusesMultiplyAdd: boolean, windowed = false): Uint8Array {
  return late.emitInterpreter({ countHeat: true, fusesMultiplyAdd, windowed });
}
