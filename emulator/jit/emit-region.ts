// Emits a region as one WebAssembly function, several as one module: nested blocks and loops after the dominator tree, calls as nested calls,
// jumps to other regions as tail calls. code-cache.ts calls it; region-backend.ts fills in what single instructions do.
// The function is f(entry, depth) → pc; REGION_REASON says why it returned, and all state is in memory then.

import { FP_HELPERS, type HelperName, type HelperType } from '../fp/helpers.ts';
import { semanticsOf } from '../isa/semantics/table.ts';
import { PC, REGION_ENTRIES, REGION_ENTRY_SIZE, REGION_REASON } from '../memory/layout.ts';
import type { CodeBuilder } from '../wasm/code-builder.ts';
import { ModuleWriter } from '../wasm/module-writer.ts';
import { Mem, Op, ValueType } from '../wasm/opcodes.ts';
import { type AccessGroup, groupAccesses, type LiveGroups } from './access-groups.ts';
import { emitCellLookup } from './cell-lookup.ts';
import { analyseFlow, DISPATCHER, type FlowGraph } from './flow-graph.ts';
import { naturalLoops } from './natural-loops.ts';
import { findPageLocality, type PageLocality } from './page-locality.ts';
import { type Block, type Ending, isBranch, isLink, type Region } from './region.ts';
import { RegionBackend } from './region-backend.ts';
import { DEPTH, ENTRY, RegionFrame } from './region-frame.ts';
import { dirtyAtEnd, registersOf, writesInteger } from './register-use.ts';
import { emitRounds } from './strip-rounds.ts';
import { findStrips, type Strip } from './strips.ts';

/** Nested guest calls deeper than this return to the interpreter's loop, which bounds the host's stack. */
const MAX_DEPTH = 150;
/** Bytes of code. */
const MAX_TABLE_SPAN = 16384;
const NO_REGISTERS: ReadonlySet<number> = new Set();
/** Of accesses that the check before a strip has passed. */
const PASSED: AccessGroup = { base: 0, low: 0, high: 0, writes: false, checked: true };
/** Rounds of a loop before it is taken for a long one, at most; and with checks after a strip could not be had. */
const ROUNDS_BEFORE_STRIP = 16;
const ROUNDS_BETWEEN_STRIPS = 64;
const SHORTEST_STRIP = 8;

export interface EmittedRegions {
  readonly bytes: Uint8Array;
  /** Guest addresses by entry number, of each region. */
  readonly entries: readonly (readonly number[])[];
}

export interface RegionOptions {
  readonly fusesMultiplyAdd: boolean;
  /** For spaces with windows. */
  readonly windowed?: boolean;
  /** Visits after which an address is hot; a loop is taken for a long one after as many rounds, or fewer. */
  readonly threshold?: number;
}

/** Gives the number of the entry cell (see REGION_ENTRIES) that stands for a guest address. */
export type CellOf = (pc: number) => number;

/** Emits `regions` as one module that exports f0, f1 and so on. They call each other directly. */
export function emitRegions(
  regions: readonly Region[],
  cellOf: CellOf,
  options: RegionOptions,
): EmittedRegions {
  const linkage = new Linkage(cellOf);
  const emitters = regions.map((region) => new RegionEmitter(region, linkage, options));
  // what they import has to be known before the first function is added
  const bodies = emitters.map((emitter) => emitter.emit());
  return { bytes: linkage.link(bodies), entries: emitters.map((emitter) => emitter.entries) };
}

/** An entry of a region in the same module. */
interface OwnEntry {
  readonly region: number;
  readonly entry: number;
}

/** What the regions of a module share: its imports, and where each can be entered. */
class Linkage {
  readonly #module = new ModuleWriter();
  readonly functionType: number;
  readonly cellOf: CellOf;
  readonly #helpers = new Map<HelperName, number>();
  readonly #entries = new Map<number, OwnEntry>();
  #regionCount = 0;
  /** V8 copies the whole table for each instance that imports it, so only modules whose regions call others do. */
  #hasTable = false;
  #serveCall: number | undefined;

  constructor(cellOf: CellOf) {
    this.cellOf = cellOf;
    this.#module.importMemory('e', 'm');
    this.functionType = this.#module.type([ValueType.I32, ValueType.I32], [ValueType.I32]);
  }

  /** Gives the number of the region that can be entered at `entries`. What is the first of them is its, whoever else has it. */
  add(entries: readonly number[]): number {
    entries.forEach((pc, entry) => {
      if (entry === 0 || !this.#entries.has(pc)) this.#entries.set(pc, { region: this.#regionCount, entry });
    });
    return this.#regionCount++;
  }

  entryAt(pc: number): OwnEntry | undefined {
    return this.#entries.get(pc);
  }

  helper(name: HelperName): number {
    let index = this.#helpers.get(name);
    if (index === undefined) {
      const type = FP_HELPERS.get(name) as HelperType;
      index = this.#module.importFunction('h', name, type.parameters, type.results);
      this.#helpers.set(name, index);
    }
    return index;
  }

  /** Index of the imported function that serves system calls. */
  serveCall(): number {
    this.#serveCall ??= this.#module.importFunction('e', 'c', [], [ValueType.I32]);
    return this.#serveCall;
  }

  /** The index of the imported table. */
  table(): number {
    if (!this.#hasTable) this.#module.importTable('e', 't');
    this.#hasTable = true;
    return 0;
  }

  link(bodies: readonly CodeBuilder[]): Uint8Array {
    bodies.forEach((code, i) => {
      const index = this.#module.function([ValueType.I32, ValueType.I32], [ValueType.I32], code);
      this.#module.exportFunction(`f${i}`, index);
    });
    return this.#module.bytes();
  }
}

class RegionEmitter {
  readonly #region: Region;
  readonly #flow: FlowGraph;
  readonly #linkage: Linkage;
  /** This region's number in its module. */
  readonly #number: number;
  readonly #frame: RegionFrame;
  readonly #backend: RegionBackend;
  readonly #dirty: ReadonlyMap<number, bigint>;
  readonly #locality: PageLocality;
  readonly #strips: ReadonlyMap<number, Strip>;
  readonly #roundsBeforeStrip: number;
  /** The loop that is being emitted, once with its checks and once without. */
  #strip: { readonly plan: Strip; readonly isChecked: boolean } | undefined;
  /** Some block jumps to other regions, other than by a call or a return. */
  #goesOnward = false;
  /** Checks already made on the only way into a block. */
  readonly #inherited = new Map<number, LiveGroups>();

  constructor(region: Region, linkage: Linkage, options: RegionOptions) {
    const flow = analyseFlow(region.entries, (pc) => region.blocks.get(pc)?.successors ?? []);
    this.#region = region;
    this.#flow = flow;
    this.#linkage = linkage;
    this.#number = linkage.add(flow.entries);
    this.#frame = new RegionFrame(registersOf(region), region.low);
    this.#backend = new RegionBackend(this.#frame, {
      helper: (name) => linkage.helper(name),
      fusesMultiplyAdd: options.fusesMultiplyAdd,
      windowed: options.windowed === true,
    });
    this.#dirty = dirtyAtEnd(region);
    // neither a page that is remembered nor a strip says anything of its place
    const loops = options.windowed === true ? [] : naturalLoops(region, flow);
    this.#locality = findPageLocality(loops);
    this.#strips = findStrips(loops, flow);
    this.#roundsBeforeStrip = Math.min(ROUNDS_BEFORE_STRIP, options.threshold ?? ROUNDS_BEFORE_STRIP);
    for (const register of new Set([...this.#locality.values()].flatMap((each) => [...each]))) {
      this.#frame.rememberPages(register);
    }
  }

  /** Guest addresses by entry number. */
  get entries(): readonly number[] {
    return this.#flow.entries;
  }

  /** The function's body, complete except for the final `end`. */
  emit(): CodeBuilder {
    const frame = this.#frame;
    const { code } = frame;
    frame.loadRegisters();
    code.block();
    frame.open('exit');
    code.block();
    frame.open('onward');
    code.loop();
    frame.open('dispatch');
    this.#within(DISPATCHER);
    frame.close();
    frame.close();
    if (this.#goesOnward) this.#continueElsewhere();
    frame.close();
    frame.spillAll();
    return code.get(frame.target);
  }

  #position(pc: number): number {
    return this.#flow.position.get(pc) as number;
  }

  /** A block and all it dominates, as a loop when something jumps back to it. */
  #tree(pc: number): void {
    if (!this.#flow.loopHeads.has(pc)) {
      this.#within(pc);
      return;
    }
    const strip = this.#strips.get(pc);
    if (strip === undefined) this.#loop(pc);
    else this.#inStrips(strip);
  }

  #loop(head: number): void {
    this.#frame.code.loop();
    this.#frame.open(`loop ${head}`);
    this.#within(head);
    this.#frame.close();
  }

  /**
   * A loop that changes between its two bodies where a strip ends, which is when the budget falls to `stop`: the first
   * rounds, and those for which there is no strip, are run with checks. What follows the loop follows both.
   */
  #inStrips(plan: Strip): void {
    const frame = this.#frame;
    const { code, budget } = frame;
    const { stop, rounds } = frame.strip();
    const children = [...plan.blocks].flatMap((pc) => this.#flow.dominated.get(pc) ?? []);
    this.#before(
      children.filter((child) => !plan.blocks.has(child)),
      () => {
        const body = (isChecked: boolean): void => {
          // no further than to 0, where the budget ends
          code.get(budget).get(stop).op(Op.i32_sub).i32(0);
          code.get(budget).get(stop).op(Op.i32_gt_s, Op.select).set(stop);
          this.#strip = { plan, isChecked };
          this.#loop(plan.head);
          this.#strip = undefined;
        };
        code.i32(-1).set(rounds);
        code.loop();
        frame.open(`strip ${plan.head}`);
        code.get(rounds).i32(0).op(Op.i32_ge_s).if();
        frame.open();
        emitRounds(frame, plan.ranges, rounds, (type) => this.#backend.scratch(type));
        this.#backend.finish();
        code.get(rounds).i32(SHORTEST_STRIP).op(Op.i32_ge_s).if();
        frame.open();
        code.get(rounds).set(stop);
        body(false);
        frame.close();
        frame.close();
        code.i32(this.#roundsBeforeStrip).i32(ROUNDS_BETWEEN_STRIPS);
        code.get(rounds).i32(0).op(Op.i32_lt_s, Op.select).set(stop);
        body(true);
        frame.close();
      },
    );
  }

  /** Merge points that `pc` dominates follow it. */
  #within(pc: number): void {
    const children = this.#flow.dominated.get(pc) ?? [];
    const inside = this.#strip?.plan.blocks;
    this.#before(
      children.filter((child) => this.#flow.merges.has(child) && (inside?.has(child) ?? true)),
      () => {
        if (pc === DISPATCHER) this.#dispatch();
        else this.#block(this.#region.blocks.get(pc) as Block);
      },
    );
  }

  /** What `body` emits, then the `followers`, each behind the end of a block that jumps to it leave. */
  #before(followers: readonly number[], body: () => void): void {
    const frame = this.#frame;
    const ordered = [...followers].sort((a, b) => this.#position(b) - this.#position(a));
    for (const follower of ordered) {
      frame.code.block();
      frame.open(`block ${follower}`);
    }
    body();
    for (const follower of ordered.reverse()) {
      frame.close();
      this.#tree(follower);
    }
  }

  /** Jumps to the entry numbered ENTRY; numbers past the entries are halfword offsets of computed jumps. */
  #dispatch(): void {
    const frame = this.#frame;
    const { entries } = this.#flow;
    const depths = entries.map((entry) => frame.depthOf(`block ${entry}`));
    if (this.#learns) {
      const outside = frame.depthOf('onward');
      this.#goesOnward = true;
      const last = Math.max(...entries);
      const byOffset = new Array<number>(((last - this.#region.low) >> 1) + 1).fill(outside);
      entries.forEach((entry, i) => {
        byOffset[(entry - this.#region.low) >> 1] = depths[i] as number;
      });
      frame.code.get(ENTRY).brTable([...depths, ...byOffset], outside);
    } else if (depths.length === 1) frame.code.br(depths[0] as number);
    else frame.code.get(ENTRY).brTable(depths, depths[0] as number);
  }

  /** Computed jumps stay inside where they can; a table over a region that is spread too far would not pay. */
  get #learns(): boolean {
    const { hasIndirectJumps, low, high } = this.#region;
    return hasIndirectJumps && high - low < MAX_TABLE_SPAN;
  }

  #block(block: Block): void {
    const backend = this.#backend;
    backend.beginBlock(this.#locality.get(block.pc) ?? NO_REGISTERS);
    const { groups, live } = groupAccesses(
      block.instructions,
      this.#inherited.get(block.pc) ?? new Map(),
      ({ instruction }) => writesInteger(instruction),
    );
    const passed = this.#strip?.isChecked === false ? this.#strip.plan.covered : NO_REGISTERS;
    block.instructions.forEach((located, i) => {
      backend.begin(located, passed.has(located.pc) ? PASSED : (groups[i] as AccessGroup | undefined));
      if (!isBranch(located.instruction)) semanticsOf(located.instruction.name)(backend);
      backend.finish();
    });
    this.#end(block, live);
  }

  #end(block: Block, live: LiveGroups): void {
    const frame = this.#frame;
    const { code } = frame;
    const { ending } = block;
    const last = block.instructions.at(-1);
    const lastPc = last?.pc ?? block.pc;
    switch (ending.kind) {
      case 'branch': {
        if (last === undefined) return;
        this.#backend.begin(last, undefined);
        semanticsOf(last.instruction.name)(this.#backend); // leaves the condition on the stack
        this.#backend.finish();
        code.if();
        frame.open();
        this.#jump(block, lastPc, ending.taken, live);
        frame.close();
        this.#jump(block, undefined, ending.next, live);
        return;
      }
      case 'goto': {
        const jumps = last !== undefined && last.instruction.name === 'jal';
        this.#jump(block, jumps ? lastPc : undefined, ending.target, live);
        return;
      }
      case 'leave':
        frame.exitTo(ending.at);
        return;
      case 'call':
        if (ending.target <= lastPc) frame.tick(ending.target);
        this.#call(block, ending, () => code.i32(this.#cellAddress(ending.target)));
        return;
      case 'system-call':
        this.#systemCall(block, ending);
        return;
      case 'indirect-call':
        frame.tick();
        this.#call(block, ending, () => emitCellLookup(frame, this.#backend.scratch(ValueType.I32)));
        return;
      case 'tail-call':
        frame.tick();
        this.#onward();
        return;
      case 'indirect':
        frame.tick();
        if (last === undefined || isLink(last.instruction.rs1)) frame.branchTo('exit');
        else if (this.#learns) this.#learnedJump();
        else this.#onward();
        return;
      default:
        ending satisfies never;
    }
  }

  /** Goes to `target`; `from` is the transferring instruction, undefined when control just falls through. */
  #jump(block: Block, from: number | undefined, target: number, live: LiveGroups): void {
    const frame = this.#frame;
    const strip = this.#strip?.plan;
    if (strip?.head === target) {
      frame.tickUntil(frame.strip().stop, target, () => {
        frame.code.i32(0).set(frame.strip().rounds);
        frame.branchTo(`strip ${target}`);
      });
    } else if (from !== undefined && target <= from) frame.tick(target);
    if (!this.#region.blocks.has(target)) {
      if (this.#region.unseen.has(target)) frame.exitTo(target);
      else this.#leaveFor(block, target);
      return;
    }
    const backward = this.#position(target) <= this.#position(block.pc);
    const label = `${backward ? 'loop' : 'block'} ${target}`;
    if (backward || this.#flow.merges.has(target) || strip?.blocks.has(target) === false) {
      if (frame.isOpen(label)) {
        frame.branchTo(label);
      } else {
        const entry = this.#flow.entries.indexOf(target);
        if (entry < 0) throw new Error(`block ${target} cannot be reached from here`);
        frame.code.i32(entry).set(ENTRY);
        frame.branchTo('dispatch');
      }
      return;
    }
    if (!this.#flow.loopHeads.has(target)) this.#inherited.set(target, live);
    this.#tree(target);
  }

  /** Jumps from the end of `block` to `pc`, which another region has; directly where that is one of this module. */
  #leaveFor(block: Block, pc: number): void {
    const frame = this.#frame;
    const { code } = frame;
    const own = this.#linkage.entryAt(pc);
    if (own !== undefined && own.region !== this.#number) {
      code.i32(this.#cellAddress(pc)).mem(Mem.i32_load, 2, REGION_ENTRIES + 4);
      code
        .i32(own.region + 1)
        .op(Op.i32_eq)
        .if();
      frame.open();
      frame.spill(this.#dirty.get(block.pc) ?? 0n);
      code.i32(own.entry).get(DEPTH).returnCallOwn(own.region);
      frame.close();
    }
    code.i32(pc).set(frame.target);
    this.#onward();
  }

  /** Leaves for the region that begins where `frame.target` says. */
  #onward(): void {
    this.#frame.branchTo('onward');
    this.#goesOnward = true;
  }

  #cellAddress(pc: number): number {
    return this.#linkage.cellOf(pc) * REGION_ENTRY_SIZE;
  }

  /**
   * Calls the region whose cell offset `cell` pushes (0: none), and goes on behind the call when it returned there.
   * Anything else, a trap below or a longjmp, unwinds to whoever called this region.
   */
  #call(block: Block, ending: Extract<Ending, { kind: 'call' | 'indirect-call' }>, cell: () => void): void {
    const frame = this.#frame;
    const { code } = frame;
    if (ending.kind === 'call') code.i32(ending.target).set(frame.target);
    const own = ending.kind === 'call' ? this.#ownEntry(ending.target) : undefined;
    code.block();
    frame.open();
    if (own === undefined) this.#enter(block, cell);
    else this.#enterOwn(block, own, cell);
    code.tee(frame.target).i32(ending.returnTo).op(Op.i32_ne).loadI32(REGION_REASON).op(Op.i32_or);
    frame.rarely(() => code.get(frame.target).return());
    this.#backend.finish();
    frame.loadRegisters();
    this.#jump(block, undefined, ending.returnTo, new Map());
    frame.close();
    frame.branchTo('exit');
  }

  /** Where the module has `pc` itself: in this region, or else in another one. */
  #ownEntry(pc: number): OwnEntry | undefined {
    const entry = this.#flow.entries.indexOf(pc);
    return entry < 0 ? this.#linkage.entryAt(pc) : { region: this.#number, entry };
  }

  /**
   * Runs the region of the cell that `cell` pushes, and leaves the pc that it returned on the stack. Branches out of the
   * innermost block when there is none, or calls are nested too deeply.
   */
  #enter(block: Block, cell: () => void): void {
    const { where, index } = this.#find(cell);
    this.#beforeCall(block);
    this.#callByTable(where, index);
  }

  /**
   * The same for an entry of this module, without the table. Recursion needs no more than that the region is valid; of
   * the module's other regions, the cell says whether it is they that have the entry here.
   */
  #enterOwn(block: Block, { region, entry }: OwnEntry, cell: () => void): void {
    const { code } = this.#frame;
    const { where, index } = this.#find(cell);
    this.#beforeCall(block);
    if (region !== this.#number) {
      code
        .get(index)
        .i32(region + 1)
        .op(Op.i32_ne);
      code.if(ValueType.I32).rarely();
      this.#callByTable(where, index);
      code.else();
    }
    code.i32(entry).get(DEPTH).i32(1).op(Op.i32_add).callOwn(region);
    if (region !== this.#number) code.end();
  }

  #callByTable(where: number, index: number): void {
    const { code } = this.#frame;
    code.get(where).mem(Mem.i32_load16_u, 1, REGION_ENTRIES + 2);
    code.get(DEPTH).i32(1).op(Op.i32_add);
    code.get(index).callIndirect(this.#linkage.functionType, this.#linkage.table());
  }

  #beforeCall(block: Block): void {
    this.#frame.code.get(DEPTH).i32(MAX_DEPTH).op(Op.i32_ge_s).brIf(0).rarely();
    this.#frame.spill(this.#dirty.get(block.pc) ?? 0n);
  }

  /**
   * Jumps to the region of the pc in `frame.target`, which takes this one's place: what called this one gets what that
   * returns. So a loop may go through any number of regions. Branches out of the innermost block when there is none.
   */
  #continueElsewhere(): void {
    const frame = this.#frame;
    const { code } = frame;
    const { where, index } = this.#find(() => emitCellLookup(frame, this.#backend.scratch(ValueType.I32)));
    frame.spillAll();
    code
      .get(where)
      .mem(Mem.i32_load16_u, 1, REGION_ENTRIES + 2)
      .get(DEPTH);
    code.get(index).returnCallIndirect(this.#linkage.functionType, this.#linkage.table());
    this.#backend.finish();
  }

  /** Locals (i32) of the cell that `cell` pushes and of its region's index. Branches out of the innermost block when there is none. */
  #find(cell: () => void): { where: number; index: number } {
    const where = this.#backend.scratch(ValueType.I32);
    const index = this.#backend.scratch(ValueType.I32);
    cell();
    this.#frame.code
      .tee(where)
      .mem(Mem.i32_load, 2, REGION_ENTRIES + 4)
      .tee(index)
      .op(Op.i32_eqz)
      .brIf(0);
    return { where, index };
  }

  /**
   * Asks the kernel to serve the call while the region waits. 0: only a0 and the budget have changed, and the region
   * goes on. Anything else is a TrapCause for whoever runs the hart; registers and pc are in memory.
   */
  #systemCall(block: Block, ending: Extract<Ending, { kind: 'system-call' }>): void {
    const frame = this.#frame;
    const { code } = frame;
    frame.spill(this.#dirty.get(block.pc) ?? 0n);
    code.storeI64(PC, () => code.i64(BigInt(ending.at)));
    const cause = this.#backend.scratch(ValueType.I32);
    code.call(this.#linkage.serveCall()).tee(cause);
    frame.rarely(() => {
      code.storeI32(REGION_REASON, () => code.get(cause));
      code.loadI32(PC).return();
    });
    this.#backend.finish();
    frame.reloadAfterCall();
    this.#jump(block, undefined, ending.returnTo, new Map());
  }

  /** A computed jump: the dispatcher's table knows the entries by their offset, and leaves for everything else. */
  #learnedJump(): void {
    const { code, target } = this.#frame;
    code.get(target).i32(this.#region.low).op(Op.i32_sub).i32(1).op(Op.i32_shr_u);
    code.i32(this.#flow.entries.length).op(Op.i32_add).set(ENTRY);
    this.#frame.branchTo('dispatch');
  }
}
